"""What the pages of matching read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core.db import db
from matchhub.domain import coding, policy
from matchhub.domain.models import (
    Application,
    Community,
    Invitation,
    MatchRun,
    Need,
    NeedPhase,
    NeedState,
    Organisation,
    Project,
    User,
)
from matchhub.matching import fitting, scoring, words

FIRST = 20
LOOKING = (NeedState.DRAFT, NeedState.INTERNAL_REVIEW, NeedState.OPEN)


@dataclass(frozen=True, slots=True)
class Line:
    """One organisation in a ranking as a page shows it: each part is (title, points, most, sentence)."""

    place: int
    organisation: Organisation
    score: Decimal
    parts: fitting.Parts


def lines(matches: Sequence[scoring.Match]) -> list[Line]:
    """A ranking with its sentences; one statement for the organisations."""
    known = organisations(match.candidate.key for match in matches)
    return [
        Line(place, known[match.candidate.key], match.score, fitting.parts_of(match))
        for place, match in enumerate(matches, 1)
    ]


def organisations(ids: Iterable[int]) -> dict[int, Organisation]:
    found = sa.select(Organisation).where(Organisation.id.in_(list(ids)))
    return {row.id: row for row in db.session.scalars(found)}


def kept_lines(run: MatchRun) -> list[Line]:
    """A ranking as a run has kept it."""
    known = organisations(row["organisation"] for row in run.rows)
    return [
        Line(
            place,
            known[row["organisation"]],
            Decimal(row["score"]),
            [(words.title(p["part"]), Decimal(p["points"]), Decimal(p["most"]), words.why(p["part"], p["facts"]))
             for p in row["parts"]],
        )
        for place, row in enumerate(run.rows, 1)
    ]  # fmt: skip


def runs(need: Need) -> list[MatchRun]:
    found = sa.select(MatchRun).where(MatchRun.need_id == need.id).options(joinedload(MatchRun.made_by))
    return list(db.session.scalars(found.order_by(MatchRun.id.desc())))


def run_of(need: Need, number: int) -> MatchRun | None:
    return db.session.scalar(sa.select(MatchRun).where(MatchRun.need_id == need.id, MatchRun.id == number))


def invitations(need: Need) -> list[Invitation]:
    found = sa.select(Invitation).where(Invitation.need_id == need.id).options(joinedload(Invitation.organisation))
    return list(db.session.scalars(found.order_by(Invitation.place, Invitation.id)))


def outcomes(user: User, need: Need, invited: Sequence[Invitation]) -> dict[int, Application]:
    """By organisation what became of an invitation: its application, as far as this reader may know of it."""
    found = sa.select(Application).where(
        Application.need_id == need.id,
        Application.organisation_id.in_([row.organisation_id for row in invited]),
        policy.visible(user, Application),
    )
    return {row.organisation_id: row for row in db.session.scalars(found)}


def current(user: User) -> list[Need]:
    """Needs for which organisations can still be found, the ones that close first at the top."""
    found = sa.select(Need).where(Need.state.in_(LOOKING), policy.visible(user, Need))
    rows = db.session.scalars(found.order_by(Need.closes_at.is_(None), Need.closes_at, Need.id))
    return [need for need in rows if need.phase is not NeedPhase.CLOSED]


def invited_counts(needs: Iterable[Need]) -> dict[int, int]:
    """How many organisations were invited to each need."""
    found = sa.select(Invitation.need_id, sa.func.count()).where(Invitation.need_id.in_([need.id for need in needs]))
    return {row[0]: row[1] for row in db.session.execute(found.group_by(Invitation.need_id))}


# --- from the organisation's side ------------------------------------------------------------------------------------


def communities_for(organisation: Organisation, many: int = 5) -> list[tuple[Community, int]]:
    """Communities that had needs in the organisation's fields and where it has not worked yet, most needs first."""
    own = coding.codes_of(organisation)
    worked = _worked_in(organisation) | set(own.get("community", ()))
    needs = list(db.session.scalars(sa.select(Need.id).where(Need.state.in_(policy.NEED_PUBLIC))))
    counted: Counter[str] = Counter()
    for found in coding.codes_for(Need, needs).values():
        if set(found.get("field", ())) & set(own.get("field", ())):
            counted.update(set(found.get("community", ())) - worked)
    rows = {row.code: row for row in db.session.scalars(sa.select(Community).where(Community.code.in_(counted)))}
    best = sorted(counted, key=lambda code: (-counted[code], code))[:many]
    return [(rows[code], counted[code]) for code in best if code in rows]


def _worked_in(organisation: Organisation) -> set[str]:
    needs = db.session.scalars(sa.select(Project.need_id).where(Project.organisation_id == organisation.id))
    codes = coding.codes_for(Need, set(needs))
    return {code for found in codes.values() for code in found.get("community", ())}


def my_invitations(organisation: Organisation) -> list[Invitation]:
    found = sa.select(Invitation).where(Invitation.organisation_id == organisation.id)
    newest = found.options(joinedload(Invitation.need)).order_by(Invitation.invited_at.desc(), Invitation.id.desc())
    return list(db.session.scalars(newest.limit(50)))
