"""The record of a visit and its score sheet: drafts, and the submission that fixes both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matchhub.core import clock
from matchhub.core.db import command
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.domain import attachments, deadlines, lifecycle, reference, sheets, visit_scoring
from matchhub.domain.models import (
    Attachment,
    Rubric,
    ScoreLine,
    ScoreSheet,
    SubjectKind,
    Suggestion,
    User,
    Visit,
    VisitState,
)
from matchhub.domain.parties import Party, parties
from matchhub.domain.scoring.bands import Light
from matchhub.features.supervision import rectifying

RECORD = ("visited_on", "minutes", "place", "present", "materials", "observation", "interviewed",
          "interview_notes", "highlights", "problems", "no_tie_declared")  # fmt: skip
PHOTO = "visit_photo"


def item_photo(code: str) -> str:
    """The purpose of a photo that belongs to one item of the sheet."""
    return f"{PHOTO}_{code}"


@command
def save_draft(
    actor: User,
    visit: Visit,
    record: Mapping[str, Any],
    entries: Mapping[str, sheets.Entry],
    suggestions: Iterable[str],
    orders: Iterable[Mapping[str, str]] = (),
    seen: int | None = None,
) -> None:
    """Keep what was typed so far; nothing has to be complete. Raises NotYours, NotNow and Stale."""
    lifecycle.same_version(visit, seen)
    _only_recorder(actor, visit)
    _write(visit, record, suggestions)
    visit.orders_draft = [dict(order) for order in orders]
    _sheet(visit, entries)


@command
def submit(
    actor: User,
    visit: Visit,
    record: Mapping[str, Any],
    entries: Mapping[str, sheets.Entry],
    suggestions: Iterable[str],
    orders: Sequence[Mapping[str, str]] = (),
    seen: int | None = None,
) -> None:
    """Fix record and sheet for good, start the organisation's clock, and issue the rectification in the same deed.

    `record` has the fields of RECORD, `entries` the observed and matched items; computed ones are computed here.
    `orders` are the items of a rectification ({"issue", "basis", "requirement", "severity"}): a must under a red light.
    Raises NotYours, NotNow and Stale, and then has changed nothing.
    """
    lifecycle.same_version(visit, seen)
    _only_recorder(actor, visit)
    _write(visit, record, suggestions)
    _dates_possible(visit)
    sheet = _sheet(visit, entries)
    sheets.fill(sheet, visit_scoring.entries(visit))
    if left := gaps(sheet):
        raise NotNow(_("评分表还有 %(n)s 项没有完成，请补齐后提交。", n=len(left)))
    _raise_vetoes(sheet)
    total = sheets.submit(sheet, actor, visit=visit.ref)
    light = visit_scoring.light(total)
    if light is Light.red and not orders:
        raise NotNow(order_needed(sheet))
    now = clock.now()
    visit.orders_draft, visit.submitted_at = [], now
    visit.confirm_due_at = deadlines.visit_confirmation_due_at(now, reference.terms(), reference.calendar())
    lifecycle.advance(visit, "submit", actor, total=str(sheet.total), light=light.value)
    if orders:
        rectifying.make_order(actor, visit.project, orders, visit=visit)


def order_needed(sheet: ScoreSheet) -> str:
    """The sentence for a red light without a rectification."""
    return _(
        "总分 %(total)s 分，低于 %(limit)s 分，是红灯：必须同时开整改单，请写明至少一个问题和整改要求。",
        total=sheet.total,
        limit=reference.setting("light_yellow"),
    )


def _only_recorder(actor: User, visit: Visit) -> None:
    if Party.SUPERVISOR not in parties(actor, visit):
        raise NotYours(_("只有这次走访的督导本人可以填写记录和打分；有利益关系的须回避。"))
    if visit.state is not VisitState.PLANNED:
        raise NotNow(_("这次走访的记录已经提交或已取消，不能再改。"))


def _write(visit: Visit, record: Mapping[str, Any], suggestions: Iterable[str]) -> None:
    for name in RECORD:
        if name in record:
            setattr(visit, name, record[name])
    wanted = [text.strip() for text in suggestions if text.strip()]
    if [row.text for row in visit.suggestions] != wanted:
        visit.suggestions = [Suggestion(text=text) for text in wanted]


def _dates_possible(visit: Visit) -> None:
    if visit.visited_on is None:
        return  # the life-cycle's own guard speaks of it
    if visit.visited_on > clock.today():
        raise NotNow(_("走访日期不能晚于今天。"))
    if visit.project.starts_on and visit.visited_on < visit.project.starts_on:
        raise NotNow(_("走访日期不能早于项目开始日 %(day)s。", day=visit.project.starts_on))


def _sheet(visit: Visit, entries: Mapping[str, sheets.Entry]) -> ScoreSheet:
    sheet = sheets.open_sheet(SubjectKind.VISIT, visit.id, visit.supervisor, sheets.newest_rubric("B"))
    sheets.fill(sheet, {code: made for code, made in entries.items() if code not in visit_scoring.COMPUTED})
    return sheet


def preview(rubric: Rubric, entries: Mapping[str, sheets.Entry]) -> ScoreSheet:
    """A sheet that is never stored, to see what these entries would amount to; `total` is set when it is complete."""
    sheet = ScoreSheet(rubric=rubric)
    wrong = sheets.problems(rubric, entries)
    for item in rubric.items:
        made = entries.get(item.code, sheets.Entry())
        points = None if item.code in wrong else made.points
        line = ScoreLine(item=item, points=points, not_applicable=made.not_applicable, remark=made.remark)
        line.explanation = dict(made.explanation)
        sheet.lines.append(line)
    sheet.total = sheets.total(sheet).total
    return sheet


def gaps(sheet: ScoreSheet) -> dict[str, str]:
    """What keeps a visit's sheet from being submitted, by item code: also "not applicable" without a reason."""
    found = sheets.gaps(sheet)
    for line in sheet.lines:
        code = line.item.code
        if not line.not_applicable or code in visit_scoring.COMPUTED:
            continue
        if line.item.veto:
            found[code] = _("一票否决项必须打分，不能选“不适用”。")
        elif not line.remark:
            found[code] = _("选“不适用”时，请写明为什么不适用。")
    return found


def _raise_vetoes(sheet: ScoreSheet) -> None:
    """A veto item with 0 points is a breach: its code goes on the sheet, its reason into the sheet's comment."""
    lines = [line for line in sheet.lines if line.item.code in visit_scoring.VETOES and line.points == 0]
    sheet.vetoes = [visit_scoring.VETOES[line.item.code] for line in lines]
    if lines:
        sheet.comment = "\n".join(line.remark for line in lines)


@command
def attach(actor: User, visit: Visit, stored: Iterable[tuple[str, Stored]]) -> list[Attachment]:
    """Keep photos and papers of a visit that is still being recorded: (purpose, file)."""
    _only_recorder(actor, visit)
    return [attachments.attach(visit, purpose, file, actor) for purpose, file in stored]


@command
def detach(actor: User, visit: Visit, code: str) -> None:
    """Take a photo off a visit that is still being recorded; an unknown code changes nothing."""
    _only_recorder(actor, visit)
    for row in attachments.of(visit):
        if row.code == code:
            attachments.remove(row)
