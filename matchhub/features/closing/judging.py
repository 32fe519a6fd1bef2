"""Sheets of the closing: the ledger inspection (C1), the panel of the presentation and the organisation itself (C2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import evidence, lifecycle, reference, sheets
from matchhub.domain.models import Assessment, AssessmentState, ScoreSheet, SheetState, SubjectKind, User
from matchhub.domain.parties import Party, parties
from matchhub.domain.sheets import Entry

RUBRICS = {SubjectKind.LEDGER_INSPECTION: "C1", SubjectKind.PRESENTATION: "C2", SubjectKind.SELF: "C2"}
SCORERS = {
    SubjectKind.LEDGER_INSPECTION: Party.INSPECTOR,
    SubjectKind.PRESENTATION: Party.JUDGE,
    SubjectKind.SELF: Party.OWNER_ADMIN,
}


class Count(NamedTuple):
    """What the inspector found for one sampled activity."""

    people: int | None
    complete: bool | None
    note: str = ""


def collecting(assessment: Assessment) -> None:
    """Raises NotNow once the assessment was computed."""
    if assessment.state is not AssessmentState.COLLECTING:
        raise NotNow(_("测评已经计算，内容都已冻结；需要更改时请审批人退回重算。"))


def _scorer(actor: User, assessment: Assessment, kind: SubjectKind) -> None:
    if SCORERS[kind] not in parties(actor, assessment):
        raise NotYours(_("只有被指派的人能给这一项打分。"))
    collecting(assessment)


def _open(actor: User, assessment: Assessment, kind: SubjectKind) -> ScoreSheet:
    """The actor's sheet; one that follows a sheet set aside names it."""
    sheet = sheets.open_sheet(kind, assessment.id, actor, sheets.newest_rubric(RUBRICS[kind]))
    if sheet.state is SheetState.SUBMITTED:
        raise NotNow(_("评分表已经提交，不能再改。"))
    if kind is SubjectKind.SELF and evidence.own_sheet(assessment) is not None:
        raise NotNow(_("本机构已经提交过自评分。"))
    if sheet.replaces_id is None:
        sheet.replaces_id = db.session.scalar(
            sa.select(sa.func.max(ScoreSheet.id)).where(
                ScoreSheet.subject_kind == kind,
                ScoreSheet.subject_id == assessment.id,
                ScoreSheet.judge_id == actor.id,
                ScoreSheet.state == SheetState.SUPERSEDED,
            )
        )
    return sheet


def _fill(
    actor: User,
    assessment: Assessment,
    kind: SubjectKind,
    entries: Mapping[str, Entry],
    comment: str,
    vetoes: Iterable[str],
) -> ScoreSheet:
    _scorer(actor, assessment, kind)
    sheet = _open(actor, assessment, kind)
    sheets.fill(sheet, entries)
    sheet.comment = comment.strip()
    known = reference.codes("veto")
    sheet.vetoes = [code for code in dict.fromkeys(vetoes) if code in known]
    db.session.flush()
    return sheet


@command
def save_sheet(
    actor: User,
    assessment: Assessment,
    kind: SubjectKind,
    entries: Mapping[str, Entry],
    comment: str = "",
    vetoes: Iterable[str] = (),
) -> ScoreSheet:
    """Keep a draft of the actor's sheet; numbers that are not allowed are left out."""
    return _fill(actor, assessment, kind, entries, comment, vetoes)


@command
def count_sample(actor: User, assessment: Assessment, rows: Mapping[int, Count]) -> None:
    """Keep what was counted, by the id of the sampled activity; an activity that is not named stays as it was."""
    _scorer(actor, assessment, SubjectKind.LEDGER_INSPECTION)
    if evidence.inspection(assessment) is not None:
        raise NotNow(_("台账督察已经提交，复点结果不能再改。"))
    by_id = {row.id: row for row in assessment.sample}
    for row_id, count in rows.items():
        row = by_id.get(row_id)
        if row is None:
            raise NotNow(_("这场活动不在抽查名单里。"))
        if count.people is not None and count.people < 0:
            raise NotNow(_("复点人次不能小于 0。"))
        row.counted_people, row.evidence_complete, row.note = count.people, count.complete, count.note.strip()
    db.session.flush()
    found = evidence.sample(assessment)
    lifecycle.record(actor, assessment, "count", {"counted": found["counted"], "drawn": found["drawn"]})


def uncounted(assessment: Assessment) -> int:
    """How many sampled activities still lack a count or the word on their evidence."""
    return sum(row.counted_people is None or row.evidence_complete is None for row in assessment.sample)


@command
def inspect(
    actor: User,
    assessment: Assessment,
    entries: Mapping[str, Entry],
    comment: str = "",
    vetoes: Iterable[str] = (),
) -> ScoreSheet:
    """Submit the ledger inspection (C1), after every sampled activity was counted. A veto needs its reason."""
    sheet = _fill(actor, assessment, SubjectKind.LEDGER_INSPECTION, entries, comment, vetoes)
    if not assessment.sample:
        raise NotNow(_("请先由街道抽取样本，再提交台账督察。"))
    if left := uncounted(assessment):
        raise NotNow(_("还有 %(n)s 场抽查活动没有复点完，请先复点。", n=left))
    if sheet.vetoes and not sheet.comment:
        raise NotNow(_("提出一票否决时，请在总体意见里写明事实和依据。"))
    found = evidence.sample(assessment)
    for line in sheet.lines:
        if line.item.code == "L2":
            line.explanation = {name: str(found[name]) for name in ("claimed_people", "difference", "error_rate")}
    db.session.flush()  # the lines before the sheet: once it is submitted they are fixed
    sheets.submit(sheet, actor)
    _tell_deed(actor, assessment, "inspect", sheet, _counts(assessment))
    return sheet


def _counts(assessment: Assessment) -> dict[str, Any]:
    """The recount for the ledger: activity, claimed, counted."""
    return {"sample": [[row.activity_id, row.claimed_people, row.counted_people] for row in assessment.sample]}


def _tell_deed(actor: User, assessment: Assessment, deed: str, sheet: ScoreSheet, more: dict[str, Any]) -> None:
    data = {"digest": sheet.digest, "vetoes": list(sheet.vetoes), "no_tie": True}
    lifecycle.record(actor, assessment, deed, data | more)


@command
def present(actor: User, assessment: Assessment, entries: Mapping[str, Entry], comment: str = "") -> ScoreSheet:
    """Submit one judge's sheet on the presentation (C2), from the day of the presentation on."""
    if assessment.presentation_on is None or clock.today() < assessment.presentation_on:
        raise NotNow(_("现场汇报当天才能提交打分。"))
    sheet = _fill(actor, assessment, SubjectKind.PRESENTATION, entries, comment, ())
    sheets.submit(sheet, actor)
    if assessment.presented_at is None:
        assessment.presented_at = clock.now()
    _tell_deed(actor, assessment, "present", sheet, {})
    return sheet


@command
def self_score(actor: User, assessment: Assessment, entries: Mapping[str, Entry], comment: str = "") -> ScoreSheet:
    """Submit the organisation's own scores against rubric C2: shown beside the panel's, never part of the result."""
    sheet = _fill(actor, assessment, SubjectKind.SELF, entries, comment, ())
    sheets.submit(sheet, actor)
    lifecycle.record(actor, assessment, "self_score", {"digest": sheet.digest})
    return sheet
