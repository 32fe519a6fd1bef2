"""The deeds of the street in a closing; those of the organisation and of judges are imported to stand beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import assessing, evidence, final_account, lifecycle, messages, paths, reference, ties
from matchhub.domain.models import (
    Activity,
    Assessment,
    AssessmentState,
    ClosingState,
    PresentationJudge,
    Role,
    SampledActivity,
    ScoreSheet,
    SheetState,
    SubjectKind,
    User,
)
from matchhub.domain.parties import Party, parties
from matchhub.domain.scoring import assessment_words, sampling
from matchhub.features.closing.announcing import draft_notice
from matchhub.features.closing.judging import (
    Count,
    collecting,
    count_sample,
    inspect,
    present,
    save_sheet,
    self_score,
    uncounted,
)
from matchhub.features.closing.reporting import (
    accept_report,
    begin,
    drop_file,
    refresh_facts,
    return_report,
    save_report,
    submit_report,
)

__all__ = [
    "Count", "accept_report", "advise", "assign_inspector", "begin", "compute", "count_sample", "draft_notice",
    "draw_sample", "drop_file", "inspect", "move", "present", "proceed_without", "refresh_facts", "reopen",
    "report_stands", "rescore", "return_report", "review", "save_report", "save_sheet", "self_score", "set_extras",
    "set_presentation", "submit_report", "uncounted",
]  # fmt: skip

INSPECTOR_ROLES = {Role.SUPERVISOR, Role.STREET_STAFF}
JUDGE_ROLES = {Role.REVIEWER, Role.SUPERVISOR, Role.STREET_STAFF, Role.STREET_APPROVER}


def _office(actor: User, assessment: Assessment, *more: Party) -> None:
    if not parties(actor, assessment) & {Party.OFFICE, *more}:
        raise NotYours(_("只有主办科室能进行这一步。"))
    collecting(assessment)


def _free(person: User, assessment: Assessment, roles: set[Role]) -> None:
    """Raises NotNow for somebody without the right role or with a tie to the organisation (回避)."""
    if not person.active or not person.roles & roles:
        raise NotNow(_("%(name)s没有相应的身份，不能指派。", name=person.name))
    if ties.bars_from_project(person, assessment.project):
        raise NotNow(_("%(name)s与该机构有利益关系，按回避规定不能指派。", name=person.name))


@command
def assign_inspector(actor: User, assessment: Assessment, inspector: User, seen: int | None = None) -> None:
    """Name who inspects the ledger: a supervisor or street staff without a tie; until the sheet is submitted."""
    lifecycle.same_version(assessment, seen)
    _office(actor, assessment)
    _free(inspector, assessment, INSPECTOR_ROLES)
    if evidence.inspection(assessment) is not None:
        raise NotNow(_("台账督察已经提交，不能再换人。"))
    assessment.inspector_id = inspector.id
    lifecycle.record(actor, assessment, "assign", {"inspector": inspector.id})
    _tell(assessment, [inspector])


def _tell(assessment: Assessment, people: Sequence[User], path: str = "") -> None:
    url = paths.path(assessment, paths.JUDGE) + path
    messages.send("assessment.assign", people, assessment.project.title, url)


@command
def draw_sample(actor: User, assessment: Assessment, seen: int | None = None) -> None:
    """Draw the activities to be recounted, once: the seed is stored with the sample, so anyone can draw it again."""
    lifecycle.same_version(assessment, seen)
    _office(actor, assessment)
    if assessment.sampled_at is not None:
        raise NotNow(_("样本已经抽取，不能重抽。"))
    if not report_stands(assessment):
        raise NotNow(_("结项报告通过后才能抽样，此前机构还可能补记活动。"))
    activities = {str(row.id): row for row in assessment.project.activities if row.struck_at is None}
    if not activities:
        raise NotNow(_("项目没有活动记录，无样可抽。"))
    seed = sampling.new_seed()
    drawn = sampling.draw(activities, sample_size(len(activities)), seed)
    for position, activity_id in enumerate(drawn, 1):
        db.session.add(_sampled(assessment, position, activities[activity_id]))
    db.session.flush()
    assessment.sample_seed, assessment.sampled_at = seed, clock.now()
    lifecycle.record(
        actor, assessment, "draw_sample",
        {"seed": seed, "of": sorted(int(one) for one in activities), "drawn": [int(one) for one in drawn]},
    )  # fmt: skip


def _sampled(assessment: Assessment, position: int, activity: Activity) -> SampledActivity:
    return SampledActivity(
        assessment_id=assessment.id, activity_id=activity.id, position=position, claimed_people=activity.people
    )


def report_stands(assessment: Assessment) -> bool:
    """Whether the organisation can no longer change its ledger by way of its report."""
    report = final_account.report_of(assessment.project)
    return bool(assessment.absent_reason) or (report is not None and report.state is ClosingState.ACCEPTED)


def sample_size(count: int) -> int:
    """How many of `count` activities are drawn by today's settings."""
    rate, least = reference.setting("ledger_sample_rate"), reference.setting("ledger_sample_minimum")
    return sampling.sample_size(count, int(rate), int(least))


@command
def set_presentation(
    actor: User,
    assessment: Assessment,
    on: date,
    place: str,
    judges: Sequence[User],
    seen: int | None = None,
) -> None:
    """Set day, place and panel of the presentation. A judge who has submitted stays; the day may not lie in the past."""
    lifecycle.same_version(assessment, seen)
    _office(actor, assessment)
    people = {judge.id: judge for judge in judges}
    least = int(reference.setting("panel_minimum"))
    if len(people) < least:
        raise NotNow(_("现场汇报的评分人不能少于 %(least)s 位。", least=least))
    if not place.strip():
        raise NotNow(_("请填写汇报地点。"))
    submitted = {sheet.judge_id for sheet in evidence.panel_sheets(assessment)}
    if submitted - set(people):
        raise NotNow(_("已经提交打分的评分人不能换下。"))
    if not submitted and on < clock.today():
        raise NotNow(_("汇报日期不能早于今天。"))
    if submitted and on != assessment.presentation_on:
        raise NotNow(_("已有评分人提交打分，汇报日期不能再改。"))
    moved = (assessment.presentation_on, assessment.presentation_place) != (on, place.strip())
    new = _seat(assessment, people)
    assessment.presentation_on, assessment.presentation_place = on, place.strip()
    lifecycle.record(actor, assessment, "set_presentation", {"on": on.isoformat(), "judges": sorted(people)})
    _tell(assessment, [*people.values()] if moved else new, "/presentation")
    if moved:
        _invite(assessment)


def _invite(assessment: Assessment) -> None:
    """Tell the organisation when and where it presents."""
    report = final_account.report_of(assessment.project)
    url = paths.path(report, paths.MY) if report is not None else "/my/closings"
    note = f"{assessment.presentation_on}，{assessment.presentation_place}"
    people = [user for user in assessment.project.organisation.people if user.active]
    messages.send("assessment.set_presentation", people, assessment.project.title, url, note)


def _seat(assessment: Assessment, people: Mapping[int, User]) -> list[User]:
    """Make the panel these people; who of them is new."""
    seated = {seat.user_id: seat for seat in assessment.judges}
    new = [person for person in people.values() if person.id not in seated]
    for person in new:
        _free(person, assessment, JUDGE_ROLES)
        db.session.add(PresentationJudge(assessment_id=assessment.id, user_id=person.id))
    for user_id, seat in seated.items():
        if user_id not in people:
            db.session.delete(seat)
    db.session.flush()
    db.session.expire(assessment, ["judges"])
    return new


@command
def set_extras(
    actor: User,
    assessment: Assessment,
    extras: Iterable[Mapping[str, Any]],
    vetoes: Iterable[Mapping[str, str]] = (),
    seen: int | None = None,
) -> None:
    """Enter verified extras ({"kind", "points", "evidence"}) and confirmed vetoes ({"code", "reason"}).

    Their sum is capped when the score is computed. A confirmed veto ends the scoring: nothing more is waited for.
    """
    lifecycle.same_version(assessment, seen)
    _office(actor, assessment, Party.APPROVER)
    given = [_extra(row) for row in extras]
    confirmed = [_veto(row) for row in vetoes]
    if len({row["code"] for row in confirmed}) < len(confirmed):
        raise NotNow(_("同一种一票否决情形只填一次。"))
    assessment.extras, assessment.vetoes = given, confirmed
    data = {
        "extras": [[row["kind"], row["points"]] for row in given],
        "vetoes": [row["code"] for row in confirmed],
    }
    lifecycle.record(actor, assessment, "set_extras", data)


def _extra(row: Mapping[str, Any]) -> dict[str, str]:
    points, most = Decimal(str(row["points"])), Decimal(reference.setting("extra_points_cap"))
    if row["kind"] not in assessment_words.EXTRAS:
        raise NotNow(_("请从列出的附加分事由里选择。"))
    if not points.is_finite() or not 0 < points <= most or points % Decimal("0.5"):
        raise NotNow(_("附加分请填 0.5 到 %(most)s 之间的分数，每 0.5 分一档。", most=assessment_words.number(most)))
    if not str(row["evidence"]).strip():
        raise NotNow(_("每项附加分都要写明核实的依据。"))
    return {"kind": row["kind"], "points": assessment_words.number(points), "evidence": str(row["evidence"]).strip()}


def _veto(row: Mapping[str, str]) -> dict[str, str]:
    if row["code"] not in reference.codes("veto"):
        raise NotNow(_("请从列出的一票否决情形里选择。"))
    if not row["reason"].strip():
        raise NotNow(_("确认一票否决时，请写明查证的事实和依据。"))
    return {"code": row["code"], "reason": row["reason"].strip()}


@command
def proceed_without(actor: User, assessment: Assessment, reason: str, seen: int | None = None) -> None:
    """Go on without the organisation's report or self-score, which it has not handed in; the reason is public."""
    lifecycle.same_version(assessment, seen)
    _office(actor, assessment)
    if not reason.strip():
        raise NotNow(_("请写明机构何时被催告、为什么不再等待。"))
    assessment.absent_reason = reason.strip()
    lifecycle.record(actor, assessment, "proceed_without", {})


@command
def rescore(actor: User, assessment: Assessment, sheet: ScoreSheet, reason: str, seen: int | None = None) -> None:
    """Set a submitted sheet aside, so that its judge scores anew: after an upheld objection or a mistake."""
    lifecycle.same_version(assessment, seen)
    if Party.APPROVER not in parties(actor, assessment):
        raise NotYours(_("只有街道审批人能让评分人重新打分。"))
    collecting(assessment)
    if not reason.strip():
        raise NotNow(_("请写明为什么要重新打分。"))
    kinds = (SubjectKind.LEDGER_INSPECTION, SubjectKind.PRESENTATION)
    if sheet.subject_kind not in kinds or sheet.subject_id != assessment.id or sheet.state is not SheetState.SUBMITTED:
        raise NotNow(_("这份评分表不能重新打分。"))
    lifecycle.advance(sheet, "supersede", actor, reason=reason.strip())
    lifecycle.record(actor, assessment, "rescore", {"digest": sheet.digest, "reason": reason.strip()})
    presentation = sheet.subject_kind is SubjectKind.PRESENTATION
    _tell(assessment, [sheet.judge], "/presentation" if presentation else "")


@command
def compute(actor: User, assessment: Assessment, seen: int | None = None) -> None:
    """Compute the score and freeze its inputs. Raises Refused with everything that is still missing."""
    lifecycle.same_version(assessment, seen)
    assessing.compute(assessment, actor)


def move(actor: User, assessment: Assessment, action: str, seen: int | None = None) -> None:
    """The plain moves of the table: today only `compute`."""
    {"compute": compute}[action](actor, assessment, seen)


@command
def advise(actor: User, assessment: Assessment, strengths: str, next_steps: str, seen: int | None = None) -> None:
    """Put strengths and next steps into the street's words, between computing and review."""
    lifecycle.same_version(assessment, seen)
    if not parties(actor, assessment) & {Party.OFFICE, Party.APPROVER}:
        raise NotYours(_("只有主办科室和审批人能修改评语。"))
    if assessment.state is not AssessmentState.COMPUTED:
        raise NotNow(_("算出得分之后、审核之前才能修改评语。"))
    assessment.strengths, assessment.next_steps = strengths.strip(), next_steps.strip()
    lifecycle.record(actor, assessment, "advise", {})


@command
def review(actor: User, assessment: Assessment, reason: str = "", seen: int | None = None) -> None:
    """The approver stands by the result; the notice may be drafted."""
    lifecycle.same_version(assessment, seen)
    if not assessment.strengths and not assessment.next_steps:
        raise NotNow(_("请先写好评语：机构要先读到做得好的和下一步，再看等级。"))
    lifecycle.advance(assessment, "review", actor, reason=reason)


@command
def reopen(actor: User, assessment: Assessment, reason: str, seen: int | None = None) -> None:
    """Back to collecting: the numbers are taken away, the ledger keeps that they were there."""
    lifecycle.same_version(assessment, seen)
    if not reason.strip():
        raise NotNow(_("退回重算时请写明理由。"))
    digest = assessment.digest
    lifecycle.advance(assessment, "reopen", actor, reason=reason.strip(), digest=digest)
    assessing.empty(assessment)
