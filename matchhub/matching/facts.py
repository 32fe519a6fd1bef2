"""What matching reads of needs and organisations: a fixed number of statements, however many there are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain import coding, past, reference
from matchhub.domain.models import Need, Organisation, OrganisationState, Project, ProjectState
from matchhub.matching.scoring import Candidate, Done, Part, Ranking, Wanted

SETTINGS = {
    Part.FIELD: "match_field",
    Part.TARGET: "match_target",
    Part.COMMUNITY: "match_community",
    Part.TEXT: "match_text",
    Part.CAPACITY: "match_capacity",
    Part.RECORD: "match_record",
    Part.ABILITY: "match_ability",
    Part.NEWCOMER: "match_new_bonus",
}
OVER = (ProjectState.ASSESSED, ProjectState.CLOSED, ProjectState.TERMINATED)


def weights() -> dict[Part, Decimal]:
    """The street's weights as they are now; together 100."""
    return {part: Decimal(reference.setting(key)) for part, key in SETTINGS.items()}


def neutral() -> Decimal:
    """The record, of 100, that a newcomer counts with."""
    return Decimal(reference.setting("track_neutral"))


def ranking(before: datetime | None = None) -> Ranking:
    """Every organisation that may apply, weighed by the street's settings."""
    return Ranking(candidates(before), weights(), neutral())


def wanted(need: Need) -> Wanted:
    return wanted_of([need])[need.id]


def wanted_of(needs: Iterable[Need]) -> dict[int, Wanted]:
    """What each need asks for, by its id; one statement."""
    listed = list(needs)
    codes = coding.codes_for(Need, [need.id for need in listed])
    return {need.id: Wanted(*_sets(codes[need.id]), text=_words_of(need)) for need in listed}


def _words_of(need: Need) -> str:
    rows = [*need.essential, *need.preferred]
    return " ".join([need.title, need.summary, need.background, need.requirements, *(str(row) for row in rows)])


def _sets(codes: dict[str, list[str]]) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    field, target, community = (frozenset(codes.get(kind, ())) for kind in ("field", "target_group", "community"))
    return field, target, community


def candidates(before: datetime | None = None) -> list[Candidate]:
    """Every admitted organisation that may apply, in the order of names; with `before` as things stood at that moment.

    A foundation supports projects and does none, so it is left out.
    """
    admitted = (
        sa.select(Organisation)
        .where(Organisation.state == OrganisationState.ADMITTED, Organisation.type != "foundation")
        .order_by(Organisation.name)
    )
    rows = list(db.session.scalars(admitted))
    codes = coding.codes_for(Organisation, [row.id for row in rows])
    done, running = _projects(before)
    records = past.track_records() if before is None else {}
    return [
        Candidate(
            row.id,
            row.name,
            *_sets(codes[row.id]),
            text=f"{row.intro} {row.brand_project}",
            abilities=tuple(str(word) for word in row.abilities),
            done=tuple(done.get(row.id, ())),
            running=running.get(row.id, 0),
            capacity=row.capacity or 0,
            record=records[row.id].score if row.id in records else None,
        )
        for row in rows
    ]


def _projects(before: datetime | None) -> tuple[dict[int, list[Done]], dict[int, int]]:
    """By organisation its projects with the codes of their needs, and how many of them are running."""
    listed = sa.select(
        Project.organisation_id, Project.need_id, Project.title, Project.summary, Project.state, Project.created_at
    )
    if before is not None:
        listed = listed.where(Project.created_at < before)
    rows = db.session.execute(listed.order_by(Project.id)).all()
    codes = coding.codes_for(Need, {row.need_id for row in rows})
    done: dict[int, list[Done]] = {}
    running: dict[int, int] = {}
    for row in rows:
        done.setdefault(row.organisation_id, []).append(
            Done(*_sets(codes[row.need_id]), text=f"{row.title} {row.summary}")
        )
        if row.state not in OVER:
            running[row.organisation_id] = running.get(row.organisation_id, 0) + 1
    return done, running
