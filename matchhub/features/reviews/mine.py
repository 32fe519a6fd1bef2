"""What a reviewer's pages show: the own work, and of other people's nothing before it may be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core.db import db
from matchhub.core.i18n import _l
from matchhub.domain import application_form, blind, discussing, intake, panels
from matchhub.domain.models import (
    Application,
    Panelist,
    ReviewRound,
    RoundState,
    ScoreLine,
    ScoreSheet,
    SheetState,
    SubjectKind,
    User,
)
from matchhub.domain.sheet_items import plain
from matchhub.domain.sheets import Entry

STATUS: dict[str, tuple[str, str]] = {
    "none": (_l("未评"), "warn"),
    "draft": (_l("草稿"), "info"),
    "submitted": (_l("已评"), "ok"),
    "recused": (_l("回避"), "purple"),
}


@dataclass(frozen=True, slots=True)
class Seat:
    """One round of a reviewer: `done` of `todo` sheets are in, `drafts` are begun."""

    round: ReviewRound
    panelist: Panelist
    done: int
    todo: int
    drafts: int


def seats(reviewer: User) -> list[Seat]:
    """The rounds this person reviews, those that wait for the person first."""
    found = (
        sa.select(Panelist)
        .join(Panelist.round)
        .options(joinedload(Panelist.round).joinedload(ReviewRound.need))
        .where(Panelist.user_id == reviewer.id, ReviewRound.state != RoundState.PREPARING)
        .order_by(sa.case((ReviewRound.state == RoundState.SCORING, 0), else_=1), ReviewRound.due_at, ReviewRound.id)
    )
    panelists = list(db.session.scalars(found))
    by_need = _entries([panelist.round.need_id for panelist in panelists])
    everything = [entry for entries in by_need.values() for entry in entries]
    barred = panels.bars([reviewer], everything)
    states = _states(reviewer, everything)
    rows = []
    for panelist in panelists:
        kinds = panels.stages(panelist.round.need)
        mine = [e for e in by_need.get(panelist.round.need_id, []) if not barred.of(reviewer.id, e)]
        found_ = [states.get((kind, entry.id)) for kind in kinds for entry in mine]
        done, drafts = found_.count(SheetState.SUBMITTED), found_.count(SheetState.DRAFT)
        rows.append(Seat(panelist.round, panelist, done, len(found_), drafts))
    return rows


def _entries(need_ids: Sequence[int]) -> dict[int, list[Application]]:
    found = (
        sa.select(Application)
        .where(Application.need_id.in_(need_ids), Application.state.in_(panels.REVIEWED))
        .options(joinedload(Application.organisation))
    )
    by_need: dict[int, list[Application]] = {}
    for entry in db.session.scalars(found):
        by_need.setdefault(entry.need_id, []).append(entry)
    return by_need


def _states(reviewer: User, entries: Sequence[Application]) -> dict[tuple[SubjectKind, int], SheetState]:
    found = sa.select(ScoreSheet.subject_kind, ScoreSheet.subject_id, ScoreSheet.state).where(
        ScoreSheet.judge_id == reviewer.id,
        ScoreSheet.subject_kind.in_((SubjectKind.APPLICATION, SubjectKind.ROADSHOW)),
        ScoreSheet.subject_id.in_([entry.id for entry in entries]),
        ScoreSheet.state != SheetState.SUPERSEDED,
    )
    return {(kind, entry_id): state for kind, entry_id, state in db.session.execute(found)}


@dataclass(frozen=True, slots=True)
class Work:
    """One application before one reviewer. A barred one keeps everything but the organisation's name hidden.

    `label` is the organisation's name, or in a name-blind review the number. `revise`: a discussion lets the reviewer
    score anew.
    """

    entry: Application
    label: str
    status: str
    title: str
    total: Decimal | None
    sheets: dict[SubjectKind, ScoreSheet]
    distribution: dict[str, Any] | None
    revise: bool = False


def work(round_: ReviewRound, reviewer: User) -> list[Work]:
    """The reviewer's applications, by the own score (highest first); those still to be scored come first."""
    entries, codes = panels.applications(round_), blind.hidden(round_)
    barred, texts = panels.bars([reviewer], entries), intake.documents(entries)
    own = {(kind, entry_id): row for (kind, entry_id, judge), row in panels.sheets(round_, entries).items()
           if judge == reviewer.id}  # fmt: skip
    kinds, anew = panels.stages(round_.need), discussing.waiting(reviewer, entries)
    rows = []
    for entry in entries:
        if barred.of(reviewer.id, entry):
            rows.append(Work(entry, blind.label(entry, codes), "recused", "", None, {}, None))
            continue
        title = application_form.part_of(blind.veiled(texts[entry.id], entry, codes), "project")["title"]
        mine = {kind: own[kind, entry.id] for kind in kinds if (kind, entry.id) in own}
        rows.append(
            _work(round_, entry, blind.label(entry, codes), title or round_.need.title, mine, kinds, entry.id in anew)
        )
    order = {"draft": 0, "none": 1, "submitted": 2, "recused": 3}
    return sorted(rows, key=lambda row: (order[row.status], -(row.total or 0), row.entry.ref))


def _work(
    round_: ReviewRound,
    entry: Application,
    label: str,
    title: str,
    own: dict[SubjectKind, ScoreSheet],
    kinds: Sequence[SubjectKind],
    anew: bool,
) -> Work:
    done = [kind for kind in kinds if kind in own and own[kind].state is SheetState.SUBMITTED]
    status = "submitted" if len(done) == len(kinds) else "draft" if own else "none"
    first = own.get(kinds[0])
    total = Decimal(first.total) if first is not None and first.total is not None else None
    revise = anew and round_.state is RoundState.DECIDING
    shown = intake.distribution(round_, entry, own)
    return Work(entry, label, status, title, total, own, shown, revise)


# --- the sheet as components/sheet.html wants it -----------------------------------------------------------------------


def line_of(line: ScoreLine | None) -> dict[str, Any]:
    """A kept line for `S.score_item`."""
    if line is None:
        return {"value": None, "na": False, "remark": "", "errors": [], "explanation": ""}
    value = None if line.points is None else plain(Decimal(line.points))
    return {"value": value, "na": line.not_applicable, "remark": line.remark, "errors": [], "explanation": ""}


def typed_line(raw: str, entry: Entry) -> dict[str, Any]:
    """What was just typed: a refused page shows it again, letter by letter."""
    return {"value": raw, "na": entry.not_applicable, "remark": entry.remark, "errors": [], "explanation": ""}
