"""Needs and projects that a community foundation pays for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core.db import db
from matchhub.domain import policy
from matchhub.domain.models import Instalment, Need, Project, ProjectState, User

# The code of the list `funding` that names this source.
SOURCE = "community_foundation"


def funded(user: User) -> Any:
    """The needs paid for by a foundation that this person may know, newest first."""
    found = sa.select(Need).where(policy.visible(user, Need), Need.funding == SOURCE)
    return found.options(joinedload(Need.section)).order_by(Need.published_at.desc(), Need.id.desc())


def projects_of(needs: Sequence[Need]) -> dict[int, Project]:
    """need id -> its project, for the needs that have one; one statement."""
    found = sa.select(Project).where(Project.need_id.in_([need.id for need in needs]))
    return {row.need_id: row for row in db.session.scalars(found.options(joinedload(Project.organisation)))}


@dataclass(frozen=True, slots=True)
class Sums:
    """How many projects there are and run, and what was awarded and paid for them."""

    projects: int
    active: int
    awarded_fen: int
    paid_fen: int


def sums() -> Sums:
    """Over all funded projects, in two statements."""
    mine = sa.select(Need.id).where(Need.funding == SOURCE)
    counted = sa.select(
        sa.func.count(),
        sa.func.count().filter(Project.state == ProjectState.ACTIVE),
        sa.func.coalesce(sa.func.sum(Project.amount_fen), 0),
    ).where(Project.need_id.in_(mine))
    projects, active, awarded = db.session.execute(counted).one()
    paid = (
        sa.select(sa.func.coalesce(sa.func.sum(Instalment.amount_fen), 0))
        .join(Project)
        .where(Project.need_id.in_(mine), Instalment.paid_on.is_not(None))
    )
    return Sums(projects, active, int(awarded), int(db.session.scalar(paid) or 0))
