"""The lives of a closing report (结项报告) and of an activity assessment (活跃度测评)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from matchhub.core import money
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain import reference, supervising
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.lifecycle.project import open_rectifications
from matchhub.domain.models import (
    Assessment,
    Attachment,
    ClosingReport,
    Notice,
    NoticeKind,
    NoticeState,
    ProjectState,
    ScoreSheet,
    SheetState,
    SubjectKind,
)
from matchhub.domain.models import AssessmentState as S
from matchhub.domain.models import ClosingState as C
from matchhub.domain.parties import Party as P


def project_closing(report: ClosingReport, _now: datetime) -> str | None:
    return None if report.project.state is ProjectState.CLOSING else _("项目还没有进入结项。")


def report_complete(report: ClosingReport, _now: datetime) -> str | None:
    needed = (
        (_("每个目标的实际完成情况"), all(goal.get("actual") for goal in report.goals)), (_("成效"), report.outcomes),
        (_("测量方法"), report.method), (_("经费结余处理"), report.balance_handling),
        (_("做法"), report.card_practice), (_("条件"), report.card_conditions), (_("步骤"), report.card_steps),
        (_("踩过的坑"), report.card_pitfalls), (_("可复制条件"), report.card_copying),
        (_("不足与建议"), report.shortcomings),
    )  # fmt: skip
    missing = "、".join(word for word, value in needed if not value)
    return _("结项报告还没有填完，请补充：%(missing)s。", missing=missing) if missing else None


def satisfaction_explained(report: ClosingReport, _now: datetime) -> str | None:
    if report.satisfaction_satisfied > report.satisfaction_valid:
        return _("满意份数不能多于有效份数。")
    if report.satisfaction_valid and not report.satisfaction_sampling:
        return _("请说明满意度是怎样抽样的。")
    return None


def audit_attached(report: ClosingReport, _now: datetime) -> str | None:
    least_fen = int(reference.setting("audit_threshold_yuan"))
    if report.project.amount_fen < least_fen:
        return None
    found = sa.select(Attachment.id).where(
        Attachment.subject_kind == "closing_report", Attachment.subject_id == report.id, Attachment.purpose == "audit"
    )
    if db.session.scalar(found.limit(1)) is not None:
        return None
    return _("项目金额达到 %(yuan)s 元，请附审计报告。", yuan=money.yuan(least_fen))


CLOSING = Life(
    kind="closing_report",
    title=_l("结项报告"),
    states=C,
    start=C.DRAFT,
    final=frozenset({C.ACCEPTED}),
    words={
        C.DRAFT: _l("填写中"), C.SUBMITTED: _l("已提交"), C.RETURNED: _l("退回修改"), C.ACCEPTED: _l("已通过"),
    },
    tones={C.DRAFT: "muted", C.SUBMITTED: "info", C.RETURNED: "warn", C.ACCEPTED: "ok"},
    moves=(
        Move("submit", (C.DRAFT, C.RETURNED), C.SUBMITTED, (P.OWNER_ADMIN,), _l("提交结项报告"),
             (project_closing, report_complete, satisfaction_explained, audit_attached), page="closing.report",
             tells=(P.OFFICE,)),
        Move("accept", (C.SUBMITTED,), C.ACCEPTED, (P.OFFICE,), _l("通过并进入测评"), page="closing.reply",
             tells=(P.OWNER,)),
        Move("return", (C.SUBMITTED,), C.RETURNED, (P.OFFICE,), _l("退回修改"), page="closing.reply", tells=(P.OWNER,)),
    ),
)  # fmt: skip


def _submitted(assessment: Assessment, kind: SubjectKind) -> int:
    found = sa.select(sa.func.count()).where(
        ScoreSheet.subject_kind == kind,
        ScoreSheet.subject_id == assessment.id,
        ScoreSheet.state == SheetState.SUBMITTED,
    )
    return db.session.scalar(found) or 0


def report_accepted(assessment: Assessment, _now: datetime) -> str | None:
    """The report must stand, unless a confirmed veto ends the scoring or the street goes on without it for a reason."""
    if assessment.vetoes or assessment.absent_reason:
        return None
    state = db.session.scalar(sa.select(ClosingReport.state).where(ClosingReport.project_id == assessment.project_id))
    return None if state is C.ACCEPTED else _("结项报告还没有通过。")


def ledger_inspected(assessment: Assessment, _now: datetime) -> str | None:
    if assessment.vetoes:
        return None
    if _submitted(assessment, SubjectKind.LEDGER_INSPECTION):
        return None
    return _("台账督察还没有打分。")


def presentation_scored(assessment: Assessment, _now: datetime) -> str | None:
    if assessment.vetoes:
        return None
    left = len(assessment.judges) - _submitted(assessment, SubjectKind.PRESENTATION)
    if not assessment.judges:
        return _("还没有安排现场汇报的评分人。")
    return _("现场汇报还有 %(n)s 位评分人没有提交。", n=left) if left > 0 else None


def self_scored(assessment: Assessment, _now: datetime) -> str | None:
    if assessment.vetoes or assessment.absent_reason:
        return None
    return None if _submitted(assessment, SubjectKind.SELF) else _("机构还没有提交自评分。")


def visits_sufficient(assessment: Assessment, _now: datetime) -> str | None:
    return supervising.shortfall(assessment.project)


def nothing_to_rectify(assessment: Assessment, _now: datetime) -> str | None:
    left = open_rectifications(assessment.project)
    return _("还有 %(n)s 份整改单没有完成。", n=left) if left else None


def notice_concluded(assessment: Assessment, _now: datetime) -> str | None:
    state = db.session.scalar(
        sa.select(Notice.state)
        .where(Notice.project_id == assessment.project_id, Notice.kind == NoticeKind.ASSESSMENT)
        .order_by(Notice.id.desc())
        .limit(1)
    )
    return None if state is NoticeState.CONCLUDED else _("测评结果的公示还没有结束。")


ASSESSMENT = Life(
    kind="assessment",
    title=_l("活跃度测评"),
    states=S,
    start=S.COLLECTING,
    final=frozenset({S.FINAL}),
    words={
        S.COLLECTING: _l("测评中"), S.COMPUTED: _l("已算出"), S.REVIEWED: _l("已审核"), S.NOTICE: _l("公示中"),
        S.FINAL: _l("已定级"),
    },
    tones={S.COLLECTING: "muted", S.COMPUTED: "info", S.REVIEWED: "purple", S.NOTICE: "warn", S.FINAL: "ok"},
    moves=(
        Move("compute", (S.COLLECTING,), S.COMPUTED, (P.OFFICE,), _l("计算并冻结"),
             (report_accepted, ledger_inspected, presentation_scored, self_scored, visits_sufficient, nothing_to_rectify),
             consequence=_l("计算后输入和结果都会冻结，只有审批人能退回重算。"), tells=(P.APPROVER,)),
        Move("review", (S.COMPUTED,), S.REVIEWED, (P.APPROVER,), _l("审核通过"), page="closing.review",
             tells=(P.OFFICE,)),
        Move("reopen", (S.COMPUTED, S.REVIEWED), S.COLLECTING, (P.APPROVER,), _l("退回重算"), page="closing.review",
             tells=(P.OFFICE,), danger=True),
        Move("announce", (S.REVIEWED,), S.NOTICE, (P.OFFICE, P.APPROVER), tells=(P.OWNER,)),
        Move("reconsider", (S.NOTICE,), S.COLLECTING, (P.APPROVER,)),
        Move("finalise", (S.NOTICE,), S.FINAL, (P.OFFICE, P.APPROVER), guards=(notice_concluded,), tells=(P.OWNER,)),
    ),
)  # fmt: skip
