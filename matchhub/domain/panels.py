"""A review round as it stands: what is reviewed, by whom, who is barred from what, and which sheets count."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core.db import db, once
from matchhub.domain import ties
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Need,
    Organisation,
    Panelist,
    ReviewRound,
    ScoreSheet,
    SheetState,
    SubjectKind,
    User,
)

# An application stays part of its round whatever the decision.
REVIEWED = (ApplicationState.QUALIFIED, ApplicationState.PROPOSED, ApplicationState.AWARDED,
            ApplicationState.NOT_SELECTED)  # fmt: skip

# The kinds of sheet that a need's `review_mode` asks of each reviewer.
STAGES: dict[str, tuple[SubjectKind, ...]] = {
    "written": (SubjectKind.APPLICATION,),
    "roadshow": (SubjectKind.ROADSHOW,),
    "both": (SubjectKind.APPLICATION, SubjectKind.ROADSHOW),
}


def stages(need: Need) -> tuple[SubjectKind, ...]:
    """The kinds of sheet that this need asks for, in their order."""
    return STAGES.get(need.review_mode, STAGES["written"])


def of_need(need: Need) -> ReviewRound | None:
    """The round of a need, when there is one."""
    return db.session.scalar(sa.select(ReviewRound).where(ReviewRound.need_id == need.id))


def applications(round_: ReviewRound) -> list[Application]:
    """What is reviewed: the need's applications that passed eligibility, in the order of their references."""
    found = (
        sa.select(Application)
        .where(Application.need_id == round_.need_id, Application.state.in_(REVIEWED))
        .options(joinedload(Application.organisation))
        .order_by(Application.ref)
    )
    return list(once(("reviewed", round_.need_id), lambda: list(db.session.scalars(found))))


def seat(round_: ReviewRound, user: User) -> Panelist | None:
    """The seat of this person on the panel."""
    return next((panelist for panelist in round_.panel if panelist.user_id == user.id), None)


@dataclass(frozen=True, slots=True)
class Bars:
    """Which judges are barred from which organisations, and by what kind of tie."""

    kinds: dict[ties.Pair, list[str]]

    def of(self, user_id: int, organisation_id: int) -> list[str]:
        """The kinds of tie between the two; an empty list when there is none."""
        return self.kinds.get((user_id, organisation_id), [])


def bars(judges: Collection[User], entries: Collection[Application]) -> Bars:
    """The register and the records together, for a whole panel and all applicants: four statements."""
    people, applied = frozenset(judge.id for judge in judges), frozenset(entry.id for entry in entries)
    return once(("bars", people, applied), lambda: _bars(judges, [entry.organisation for entry in entries]))


def _bars(judges: Collection[User], organisations: Collection[Organisation]) -> Bars:
    kinds: dict[ties.Pair, list[str]] = {}
    for row in ties.standing(judges, organisations):
        kinds.setdefault((row.user_id, row.organisation_id), []).append(row.kind)
    for pair, found in ties.for_review(judges, organisations).items():
        known = kinds.setdefault(pair, [])
        known += [kind for kind in dict.fromkeys(tie.kind for tie in found) if kind not in known]
    return Bars(kinds)


def judges(round_: ReviewRound) -> list[User]:
    """The people on the panel."""
    return [panelist.user for panelist in round_.panel]


SheetKey = tuple[SubjectKind, int, int]


def sheets(round_: ReviewRound, entries: Collection[Application]) -> dict[SheetKey, ScoreSheet]:
    """The panel's sheets by (kind, application id, judge id), drafts and submitted ones."""
    found = sa.select(ScoreSheet).where(
        ScoreSheet.subject_kind.in_(stages(round_.need)),
        ScoreSheet.subject_id.in_([entry.id for entry in entries]),
        ScoreSheet.judge_id.in_([panelist.user_id for panelist in round_.panel]),
        ScoreSheet.state != SheetState.SUPERSEDED,
    )
    key = ("sheets", round_.id, frozenset(entry.id for entry in entries))
    return once(
        key, lambda: {(row.subject_kind, row.subject_id, row.judge_id): row for row in db.session.scalars(found)}
    )


def counting(round_: ReviewRound, entries: Collection[Application]) -> dict[tuple[SubjectKind, int], list[ScoreSheet]]:
    """By (kind, application id) the sheets that count: submitted, by people of the panel without a tie."""
    barred = bars(judges(round_), entries)
    owner = {entry.id: entry.organisation_id for entry in entries}
    kept: dict[tuple[SubjectKind, int], list[ScoreSheet]] = {
        (kind, entry.id): [] for entry in entries for kind in stages(round_.need)
    }
    for (kind, entry_id, judge_id), sheet in sheets(round_, entries).items():
        if sheet.state is SheetState.SUBMITTED and not barred.of(judge_id, owner[entry_id]):
            kept[kind, entry_id].append(sheet)
    for rows in kept.values():
        rows.sort(key=lambda sheet: (sheet.submitted_at, sheet.id))
    return kept


def digests(round_: ReviewRound) -> list[str]:
    """The digests of the sheets that count now, sorted: what a frozen result is compared with."""
    return sorted(sheet.digest for rows in counting(round_, applications(round_)).values() for sheet in rows)
