"""A roadshow beside its review: who must score whom, and that nobody sees a score before all of them are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from matchhub.domain import panels
from matchhub.domain.models import (
    Application,
    Presentation,
    ReviewRound,
    RoundState,
    ScoreSheet,
    SheetState,
    SubjectKind,
)

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Scores:
    """Where the scoring of one presentation stands. `totals` stay empty while it is sealed."""

    submitted: int
    expected: int
    sealed: bool
    totals: tuple[Decimal, ...] = ()

    @property
    def mean(self) -> Decimal | None:
        if not self.totals:
            return None
        return (sum(self.totals, Decimal(0)) / len(self.totals)).quantize(CENT, ROUND_HALF_UP)


def _sheets(
    round_: ReviewRound, application: Application, entries: Sequence[Application]
) -> tuple[int, list[ScoreSheet]]:
    """How many reviewers without a tie must score this application, and their roadshow sheets that are in."""
    barred = panels.bars(panels.judges(round_), entries)
    free = [judge.id for judge in panels.judges(round_) if not barred.of(judge.id, application)]
    found = panels.sheets(round_, entries)
    rows = [found.get((SubjectKind.ROADSHOW, application.id, judge_id)) for judge_id in free]
    return len(free), [row for row in rows if row is not None and row.state is SheetState.SUBMITTED]


def scores(round_: ReviewRound, application: Application) -> Scores:
    """The scoring of one presentation: sealed until every reviewer without a tie has submitted, or scoring has ended."""
    expected, done = _sheets(round_, application, panels.applications(round_))
    sealed = round_.state is RoundState.SCORING and len(done) < expected
    totals = () if sealed else tuple(Decimal(row.total) for row in done if row.total is not None)
    return Scores(len(done), expected, sealed, totals)


def board(round_: ReviewRound, items: Sequence[Presentation]) -> dict[int, Scores]:
    """By presentation where its scoring stands: a fixed number of statements for any number of them."""
    entries = {entry.id: entry for entry in panels.applications(round_)}
    return {p.id: scores(round_, entries[p.application_id]) for p in items if p.application_id in entries}


def told(round_: ReviewRound) -> dict[int, Decimal]:
    """By application the mean of its roadshow sheets as the result froze it: what everybody reads once that is public."""
    rows = {row["id"]: row["stages"].get(SubjectKind.ROADSHOW.value) for row in round_.result.get("applications", [])}
    return {entry_id: Decimal(stage["mean"]) for entry_id, stage in rows.items() if stage is not None}
