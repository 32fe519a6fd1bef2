"""On the demonstration the organisation that was really chosen stands among the first five, more often than by experience."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain.models import Project
from matchhub.matching import facts

FIRST = 5


def test_the_chosen_organisation_is_among_the_first_five_of_the_demonstration(demo_app):
    found = plain = 0
    projects = db.session.scalars(sa.select(Project).order_by(Project.id)).all()
    for project in projects:
        need = project.need
        wanted, known = facts.wanted(need), facts.candidates(before=need.published_at)
        first = facts.ranking(before=need.published_at).of(wanted)[:FIRST]
        by_experience = sorted(known, key=lambda one: (not one.fields & wanted.fields, -len(one.done), one.name))
        found += project.organisation_id in [match.candidate.key for match in first]
        plain += project.organisation_id in [one.key for one in by_experience[:FIRST]]
    assert len(projects) == 17
    assert found > plain
    assert found >= 15
