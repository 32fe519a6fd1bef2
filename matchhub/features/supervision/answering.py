"""What follows a submitted record: the organisation confirms, contests and answers; the street settles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.domain import attachments, lifecycle, messages, paths, sheets, supervising, ties, visit_scoring
from matchhub.domain.models import Rectification, ScoreSheet, Suggestion, User, Visit, VisitState
from matchhub.domain.parties import Party, parties
from matchhub.domain.scoring.bands import Light

CONTEST_PAPER = "contest"


def must_be_possible(subject: Any, action: str, actor: User) -> None:
    """Raise what stands against the move before anything is written: a settled record refuses every change."""
    if why := lifecycle.refusal(subject, action, actor, clock.now()):
        raise why


@command
def confirm(actor: User, visit: Visit, seen: int | None = None) -> None:
    """The organisation agrees with the record; its score counts from now on."""
    lifecycle.same_version(visit, seen)
    must_be_possible(visit, "confirm", actor)
    visit.answered_at = clock.now()
    lifecycle.advance(visit, "confirm", actor)


@command
def contest(actor: User, visit: Visit, reason: str, stored: Iterable[Stored] = (), seen: int | None = None) -> None:
    """The organisation disagrees, with its reason and papers, before the clock runs out."""
    lifecycle.same_version(visit, seen)
    must_be_possible(visit, "contest", actor)
    if not reason.strip():
        raise NotNow(_("请写明异议理由：哪一项、为什么。"))
    visit.contest_reason, visit.answered_at = reason.strip(), clock.now()
    lifecycle.advance(visit, "contest", actor)
    for file in stored:
        attachments.attach(visit, CONTEST_PAPER, file, actor)


@command
def answer_suggestion(actor: User, suggestion: Suggestion, answer: str) -> None:
    """The organisation says what it makes of one suggestion."""
    visit = suggestion.visit
    if Party.OWNER not in parties(actor, visit):
        raise NotYours(_("只有承接机构可以答复改进建议。"))
    if visit.state in (VisitState.PLANNED, VisitState.CANCELLED):
        raise NotNow(_("督导记录还没有提交，暂不能答复。"))
    if not answer.strip():
        raise NotNow(_("请写明答复：打算怎么做、什么时候做；不采纳的写明原因。"))
    suggestion.answer, suggestion.answered_at = answer.strip(), clock.now()
    number = [row.id for row in visit.suggestions].index(suggestion.id) + 1
    lifecycle.record(actor, visit, "answer_suggestion", {"number": number})
    url = paths.path(visit, paths.JUDGE)
    messages.send("visit.answer_suggestion", [visit.supervisor], visit.project.title, url)


@command
def settle(
    actor: User,
    visit: Visit,
    answer: str,
    corrections: Mapping[str, sheets.Entry] | None = None,
    seen: int | None = None,
) -> None:
    """Answer a contest for good: the score stays, or named items are corrected by a new sheet.

    `corrections` has the items to change by code; a computed item is computed anew from today's records, whatever its
    entry says. Corrections take an approver. Raises NotYours, NotNow and Stale.
    """
    lifecycle.same_version(visit, seen)
    must_be_possible(visit, "settle", actor)
    if actor.id == visit.supervisor_id or ties.bars_from_project(actor, visit.project):
        raise NotYours(_("督导本人和与机构有利益关系的人，不能处理这份记录的异议。"))
    if not answer.strip():
        raise NotNow(_("请写明处理意见和理由，机构会看到。"))
    visit.contest_answer = answer.strip()
    changed = _correct(actor, visit, corrections, answer.strip()) if corrections else {}
    lifecycle.advance(visit, "settle", actor, corrected=sorted(changed))


def _correct(
    actor: User, visit: Visit, corrections: Mapping[str, sheets.Entry], reason: str
) -> dict[str, list[str | None]]:
    """Replace the visit's sheet; gives [before, after] by item code, as the ledger keeps it."""
    if Party.APPROVER not in parties(actor, visit):
        raise NotYours(_("更正分数要由街道审批人决定；您可以维持原分，或请审批人处理。"))
    old = supervising.sheet_of(visit)
    assert old is not None  # a contested visit has a submitted sheet
    made = _corrected(visit, old, corrections, reason)
    changed = {
        line.item.code: [_text(line.points), _text(made[line.item.code].points)]
        for line in old.lines
        if made[line.item.code].points != line.points
    }
    if not changed:
        raise NotNow(_("更正后的分数和原来一样。请填写要改的分数，或选“维持原分”。"))
    lifecycle.advance(old, "supersede", actor)
    new = ScoreSheet(
        subject_kind=old.subject_kind, subject_id=old.subject_id, judge=old.judge, rubric=old.rubric,
        comment=old.comment, replaces_id=old.id, replaced_reason=reason, entered_by_id=actor.id,
        vetoes=[visit_scoring.VETOES[code] for code in visit_scoring.VETOES if made[code].points == 0],
    )  # fmt: skip
    db.session.add(new)
    db.session.flush()
    sheets.fill(new, made)
    total = sheets.submit(new, actor, "correct", visit=visit.ref, replaces=old.id, changed=changed)
    if visit_scoring.light(total) is Light.red and not _has_order(visit):
        raise NotNow(_("更正后是红灯，必须整改：请先给这个项目开整改单，再来处理异议。"))
    return changed


def _has_order(visit: Visit) -> bool:
    """Whether a rectification was issued with this visit or after it."""
    found = sa.select(Rectification.id).where(
        Rectification.project_id == visit.project_id, Rectification.issued_at >= visit.submitted_at
    )
    return db.session.scalar(found.limit(1)) is not None


def _corrected(
    visit: Visit, old: ScoreSheet, corrections: Mapping[str, sheets.Entry], reason: str
) -> dict[str, sheets.Entry]:
    """All entries of the new sheet: the old ones, with the corrections in their place."""
    wrong = sheets.problems(old.rubric, {c: e for c, e in corrections.items() if c not in visit_scoring.COMPUTED})
    if wrong:
        raise NotNow(next(iter(wrong.values())))
    anew = visit_scoring.entries(visit) if set(corrections) & set(visit_scoring.COMPUTED) else {}
    made: dict[str, sheets.Entry] = {}
    for line in old.lines:
        code = line.item.code
        kept = sheets.Entry(_decimal(line.points), line.not_applicable, line.remark, dict(line.explanation))
        if code not in corrections:
            made[code] = kept
        elif code in visit_scoring.COMPUTED:
            made[code] = anew[code]
        else:
            made[code] = replace(corrections[code], remark=corrections[code].remark or reason)
    return made


def _decimal(points: Any) -> Decimal | None:
    return None if points is None else Decimal(points)


def _text(points: Any) -> str | None:
    return None if points is None else f"{Decimal(points):f}"
