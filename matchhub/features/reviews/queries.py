"""What the street's pages of a review show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, selectinload

from matchhub.core.db import db
from matchhub.core.i18n import _l, pick
from matchhub.domain import drawing, panels, policy, reference
from matchhub.domain.models import (
    Application,
    Panelist,
    ReviewRound,
    RoundState,
    ScoreSheet,
    SheetState,
    SubjectKind,
    User,
)


@dataclass(frozen=True, slots=True)
class RoundRow:
    round: ReviewRound
    reviewers: int
    applications: int
    submitted: int


def listed(viewer: User, state: str = "") -> sa.Select[Any]:
    """The rounds this person may see, newest first; of one state when it is named."""
    query = (
        sa.select(ReviewRound)
        .join(ReviewRound.need)
        .options(contains_eager(ReviewRound.need), selectinload(ReviewRound.panel))
        .where(policy.visible(viewer, ReviewRound))
        .order_by(ReviewRound.id.desc())
    )
    if state in set(RoundState):
        query = query.where(ReviewRound.state == RoundState(state))
    return query


def with_counts(rounds: Sequence[ReviewRound]) -> list[RoundRow]:
    """These rounds with how far each has come: one statement."""
    counts = _counts([round_.need_id for round_ in rounds])
    return [RoundRow(r, len(r.panel), *counts.get(r.need_id, (0, 0))) for r in rounds]


def _counts(need_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """By need: how many applications are reviewed and how many sheets are in."""
    sheet = sa.and_(
        ScoreSheet.subject_id == Application.id,
        ScoreSheet.subject_kind.in_((SubjectKind.APPLICATION, SubjectKind.ROADSHOW)),
        ScoreSheet.state == SheetState.SUBMITTED,
    )
    found = (
        sa.select(
            Application.need_id,
            sa.func.count(sa.distinct(Application.id)),
            sa.func.count(sa.distinct(ScoreSheet.id)),
        )
        .outerjoin(ScoreSheet, sheet)
        .where(Application.need_id.in_(need_ids), Application.state.in_(panels.REVIEWED))
        .group_by(Application.need_id)
    )
    return {need_id: (entries, submitted) for need_id, entries, submitted in db.session.execute(found)}


# --- candidates for the panel ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could review: `tied` holds (organisation, words of the ties), `matches` shared fields."""

    user: User
    expertise: list[str]
    matches: int
    load: int
    tied: list[tuple[str, str]]
    blocked: bool
    tier: int


def candidates(round_: ReviewRound, entries: Sequence[Application]) -> list[Candidate]:
    """Reviewers who are not on the panel: fewest ties first, then nearest expertise, then least load."""
    names, limit = {entry.id: entry.organisation.name for entry in entries}, drawing.load_limit()
    found = [
        Candidate(
            one.user, reference.words("field", list(one.fields)), len(one.matches), one.load,
            [(names[entry_id], tie_words(kinds)) for entry_id, kinds in one.tied.items()], one.blocked,
            one.tier(limit),
        )
        for one in drawing.candidates(round_, entries)
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.blocked, len(one.tied), -one.matches, one.load, one.user.id))


def tie_words(kinds: Iterable[str]) -> str:
    """The words of several kinds of tie, joined as a list."""
    return "、".join(reference.word("tie_kind", kind) for kind in dict.fromkeys(kinds))


# --- progress --------------------------------------------------------------------------------------------------------

# code -> (word, tone) of where a reviewer stands with an application; never a score.
PROGRESS: dict[str, tuple[str, str]] = {
    "waiting": (_l("未开始"), "muted"),
    "undeclared": (_l("未声明"), "warn"),
    "none": (_l("未评"), "warn"),
    "draft": (_l("草稿"), "info"),
    "submitted": (_l("已提交"), "ok"),
    "recused": (_l("回避"), "purple"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """`stage` is empty where a need has one kind of sheet only; `sheet_id` names a submitted sheet."""

    status: str
    stage: str = ""
    sheet_id: int | None = None


@dataclass(frozen=True, slots=True)
class PanelRow:
    panelist: Panelist
    cells: list[list[Cell]]


def progress(round_: ReviewRound, entries: Sequence[Application]) -> list[PanelRow]:
    """One row per reviewer, in each row one list of cells per application, in the order of `entries`."""
    barred = panels.bars(panels.judges(round_), entries)
    found = panels.sheets(round_, entries)
    kinds = panels.stages(round_.need)
    rows = []
    for panelist in round_.panel:
        cells = []
        for entry in entries:
            tied = bool(barred.of(panelist.user_id, entry))
            if (whole := _before(round_, panelist, tied)) is not None:
                cells.append([whole])
                continue
            cells.append([_cell(k, found.get((k, entry.id, panelist.user_id)), len(kinds) > 1) for k in kinds])
        rows.append(PanelRow(panelist, cells))
    return rows


def _before(round_: ReviewRound, panelist: Panelist, tied: bool) -> Cell | None:
    """What is true of an application as a whole, before any sheet of it."""
    if tied:
        return Cell("recused")
    if round_.state is RoundState.PREPARING:
        return Cell("waiting")
    return Cell("undeclared") if panelist.declared_at is None else None


def _cell(kind: SubjectKind, sheet: ScoreSheet | None, several: bool) -> Cell:
    stage = kind.value if several else ""
    if sheet is None:
        return Cell("none", stage)
    return Cell(sheet.state.value, stage, sheet.id if sheet.state is SheetState.SUBMITTED else None)


# --- the result ------------------------------------------------------------------------------------------------------


def group_names(round_: ReviewRound) -> dict[str, str]:
    """The words of the rubric's groups in the language in use."""
    return {item.group_code: pick(item.group_zh, item.group_en) for item in round_.rubric.items}


def judge_names(round_: ReviewRound) -> dict[int, str]:
    return {judge.id: judge.name for judge in panels.judges(round_)}


def sheet_of(round_: ReviewRound, sheet_id: int) -> tuple[ScoreSheet, Application] | None:
    """A sheet of this round that was submitted, also one replaced since, with its application; None for any other."""
    sheet = db.session.get(ScoreSheet, sheet_id)
    if sheet is None or sheet.state is SheetState.DRAFT or sheet.subject_kind not in panels.stages(round_.need):
        return None
    entry = next((entry for entry in panels.applications(round_) if entry.id == sheet.subject_id), None)
    return (sheet, entry) if entry is not None and panels.seat(round_, sheet.judge) else None


def name_of(user_id: int | None) -> str:
    user = db.session.get(User, user_id) if user_id else None
    return user.name if user else ""
