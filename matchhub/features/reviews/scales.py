"""The scale of each judge (评分尺度体检): shown first to the judge, then to the street; it never changes a score."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import intake, lifecycle, panels, reference
from matchhub.domain.models import (
    Application,
    Panelist,
    ReviewRound,
    RoundState,
    ScaleReading,
    ScoreLine,
    ScoreSheet,
    SubjectKind,
    User,
)
from matchhub.domain.scoring import calibration

OVER = (RoundState.DECIDING, RoundState.PROPOSED, RoundState.DECIDED)


@dataclass(frozen=True, slots=True)
class Judged:
    """One judge of a round: `scale` is None for somebody without a sheet that counts."""

    judge: User
    scale: calibration.Scale | None
    minutes: int | None
    reading: ScaleReading | None
    shown: bool
    from_day: Any = None


def table(round_: ReviewRound, kind: SubjectKind) -> dict[Hashable, dict[int, Decimal]]:
    """The totals that count in one stage: application id -> judge id -> total."""
    kept = panels.counting(round_, panels.applications(round_))
    return dict(intake.table(kept, kind))


def of_judge(round_: ReviewRound, judge: User) -> tuple[calibration.Scale | None, int | None]:
    """The scale of one judge in one round, over both stages, and the middle time per sheet in minutes when known."""
    kept = panels.counting(round_, panels.applications(round_))
    sheets = _own(kept, judge)
    return _scale(judge, kept, _lines([line for sheet in sheets for line in sheet.lines])), _minutes(sheets)


def _own(kept: panels.Counted, judge: User) -> list[ScoreSheet]:
    return [sheet for found in kept.values() for sheet in found if sheet.judge_id == judge.id]


def _scale(judge: User, kept: panels.Counted, lines: Sequence[calibration.Line]) -> calibration.Scale | None:
    rows: dict[Hashable, dict[int, Decimal]] = {}
    for kind in {kind: None for kind, _entry in kept}:
        for entry_id, totals in intake.table(kept, kind).items():
            rows[kind, entry_id] = totals
    low, high = (Decimal(reference.setting(name)) for name in ("remark_low", "remark_high"))
    return calibration.scale(judge.id, rows, lines, low, high)


def _lines(found: Iterable[ScoreLine]) -> list[calibration.Line]:
    return [
        calibration.Line(Decimal(line.points), Decimal(line.item.maximum))
        for line in found
        if line.points is not None and line.item.how == "observed" and line.item.kind == "score"
    ]


def _minutes(found: Sequence[ScoreSheet]) -> int | None:
    spent = sorted(sheet.spent_seconds for sheet in found if sheet.spent_seconds)
    return max(1, round(spent[len(spent) // 2] / 60)) if spent else None


# --- who may see it --------------------------------------------------------------------------------------------------


def readings(round_: ReviewRound) -> dict[int, ScaleReading]:
    found = sa.select(ScaleReading).where(ScaleReading.round_id == round_.id)
    return {row.user_id: row for row in db.session.scalars(found)}


def over_since(round_: ReviewRound) -> datetime | None:
    """When scoring ended; None while it has not."""
    found = sa.select(LedgerEntry.at).where(
        LedgerEntry.subject == f"review_round:{round_.ref}", LedgerEntry.deed == "review_round.finish"
    )
    return db.session.scalar(found.order_by(LedgerEntry.seq).limit(1)) if round_.state in OVER else None


def street_from(round_: ReviewRound) -> Any:
    """The day from which the street may see scales that their judges have not looked at; None while scoring goes on."""
    at = over_since(round_)
    if at is None:
        return None
    return reference.calendar().add(clock.local(at).date(), int(reference.setting("scale_wait_days")))


def panel(round_: ReviewRound) -> list[Judged]:
    """The judges of a finished round for the street; what must first be shown to its judge is left out."""
    known, day = readings(round_), street_from(round_)
    rows = []
    for judge in panels.judges(round_):
        reading = known.get(judge.id)
        shown = reading is not None or (day is not None and clock.today() >= day)
        scale, minutes = of_judge(round_, judge) if shown else (None, None)
        rows.append(Judged(judge, scale, minutes, reading, shown, day))
    return rows


def own(judge: User) -> list[tuple[ReviewRound, Judged]]:
    """The finished rounds of a judge, the newest first, with the own scale in each: a constant number of statements."""
    found = (
        sa.select(ReviewRound)
        .join(Panelist)
        .where(Panelist.user_id == judge.id, ReviewRound.state.in_(OVER))
        .options(
            joinedload(ReviewRound.need),
            selectinload(ReviewRound.panel).joinedload(Panelist.user).lazyload(User.grants),
        )
        .order_by(ReviewRound.id.desc())
        .limit(12)
    )
    rounds = list(db.session.scalars(found))
    seen = _readings_of(judge, rounds)
    sheets = {round_id: (kept, _own(kept, judge)) for round_id, kept in panels.counting_in(rounds).items()}
    lines = _lines_of([sheet for _kept, mine in sheets.values() for sheet in mine])
    rows = []
    for round_ in rounds:
        kept, mine = sheets[round_.id]
        if mine:
            scale = _scale(judge, kept, _lines(line for sheet in mine for line in lines[sheet.id]))
            rows.append((round_, Judged(judge, scale, _minutes(mine), seen.get(round_.id), True)))
    return rows


def _readings_of(judge: User, rounds: Sequence[ReviewRound]) -> dict[int, ScaleReading]:
    found = sa.select(ScaleReading).where(
        ScaleReading.user_id == judge.id, ScaleReading.round_id.in_([round_.id for round_ in rounds])
    )
    return {row.round_id: row for row in db.session.scalars(found)}


def _lines_of(found: Sequence[ScoreSheet]) -> dict[int, list[ScoreLine]]:
    """By the sheet's id its lines, of many sheets at once."""
    wanted = sa.select(ScoreLine).where(ScoreLine.sheet_id.in_([sheet.id for sheet in found])).order_by(ScoreLine.id)
    lines: dict[int, list[ScoreLine]] = {sheet.id: [] for sheet in found}
    for line in db.session.scalars(wanted):
        lines[line.sheet_id].append(line)
    return lines


@command
def read(judge: User, round_: ReviewRound, note: str = "") -> None:
    """The judge has looked at the own scale, perhaps with a word on it; from now on the street may see it."""
    if panels.seat(round_, judge) is None:
        raise NotYours(_("您不是这次评审的评审人。"))
    if round_.state not in OVER:
        raise NotNow(_("打分结束后才有评分尺度。"))
    if judge.id in readings(round_):
        raise NotNow(_("您已经看过，说明不能再改。"))
    db.session.add(ScaleReading(round_id=round_.id, user_id=judge.id, note=note.strip()))
    lifecycle.record(judge, round_, "read_scale")


# --- for discussion only ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """One application by z-scores: `z` is the mean of what the judges gave in their own measure, None without any."""

    entry: Application
    z: Decimal | None
    by_judge: dict[int, Decimal]
    place: int
    place_by_z: int | None


def by_z(round_: ReviewRound, kind: SubjectKind) -> list[Standing]:
    """The applications with their z-scores, in the order of the result."""
    entries = {entry.id: entry for entry in panels.applications(round_)}
    found = calibration.z_scores(table(round_, kind))
    means = {key: calibration.round_to(calibration.mean(row.values())) for key, row in found.items() if row}
    order = sorted(means, key=lambda key: -means[key])
    return [
        Standing(
            entries[row["id"]], means.get(row["id"]), found.get(row["id"], {}), row["place"],
            order.index(row["id"]) + 1 if row["id"] in means else None,
        )
        for row in round_.result.get("applications", [])
        if row["id"] in entries
    ]  # fmt: skip
