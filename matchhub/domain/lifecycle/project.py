"""The lives of a project (项目) and of a monthly report (月报)."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import (
    Assessment,
    AssessmentState,
    Project,
    Rectification,
    RectificationState,
    Report,
    ReportPhase,
    ReportState,
    Suggestion,
    SupervisionLine,
    Visit,
    VisitState,
)
from matchhub.domain.models import ProjectState as S
from matchhub.domain.models import ReportState as R
from matchhub.domain.parties import Party as P


def agreement_signed(project: Project, _now: datetime) -> str | None:
    if project.signed_on and project.starts_on and project.ends_on and project.instalments:
        return None
    return _("请先登记协议：签订日期、起止日期、金额和付款安排。")


def both_lines_named(project: Project, _now: datetime) -> str | None:
    named = {seat.line for seat in project.supervisors}
    return None if named == set(SupervisionLine) else _("请先指派引导人和辅导人，两条督导线都要有人。")


def open_rectifications(project: Project) -> int:
    found = sa.select(sa.func.count()).where(
        Rectification.project_id == project.id, Rectification.state != RectificationState.CLOSED
    )
    return db.session.scalar(found) or 0


def no_open_rectification(project: Project, _now: datetime) -> str | None:
    left = open_rectifications(project)
    return _("还有 %(n)s 份整改单没有完成，不能结项。", n=left) if left else None


def reports_complete(project: Project, _now: datetime) -> str | None:
    """Every month that is over must be reported and accepted, or exempt with a reason."""
    this_month = clock.today().replace(day=1)
    found = sa.select(sa.func.count()).where(
        Report.project_id == project.id,
        Report.month < this_month,
        Report.state.not_in((ReportState.ACCEPTED, ReportState.EXEMPT)),
    )
    left = db.session.scalar(found) or 0
    return _("还有 %(n)s 份月报没有通过，不能结项；确无活动的月份请先申请免报。", n=left) if left else None


def assessment_final(project: Project, _now: datetime) -> str | None:
    state = db.session.scalar(sa.select(Assessment.state).where(Assessment.project_id == project.id))
    return None if state is AssessmentState.FINAL else _("活跃度测评还没有定级。")


PROJECT = Life(
    kind="project",
    title=_l("项目"),
    states=S,
    start=S.PREPARING,
    final=frozenset({S.CLOSED, S.TERMINATED}),
    words={
        S.PREPARING: _l("待启动"), S.ACTIVE: _l("实施中"), S.PAUSED: _l("已暂停"), S.CLOSING: _l("结项中"),
        S.ASSESSED: _l("已测评"), S.CLOSED: _l("已结项"), S.TERMINATED: _l("已终止"),
    },
    tones={
        S.PREPARING: "muted", S.ACTIVE: "primary", S.PAUSED: "warn", S.CLOSING: "purple", S.ASSESSED: "info",
        S.CLOSED: "ok", S.TERMINATED: "danger",
    },
    moves=(
        Move("start", (S.PREPARING,), S.ACTIVE, (P.OFFICE,), _l("启动项目"), (agreement_signed, both_lines_named),
             consequence=_l("启动后按月生成月报任务，机构开始记录活动。"), tells=(P.OWNER, P.SUPERVISOR)),
        Move("close_up", (S.ACTIVE,), S.CLOSING, (P.OWNER_ADMIN, P.OFFICE), _l("申请结项"),
             (no_open_rectification, reports_complete), tells=(P.OFFICE, P.OWNER, P.SUPERVISOR),
             consequence=_l("进入结项后不能再记录活动；接下来由机构提交结项报告。")),
        Move("pause", (S.ACTIVE,), S.PAUSED, (P.OFFICE, P.APPROVER), _l("暂停项目"), page="projects.pause",
             tells=(P.OWNER, P.SUPERVISOR)),
        Move("resume", (S.PAUSED,), S.ACTIVE, (P.OFFICE, P.APPROVER), _l("恢复项目"), tells=(P.OWNER, P.SUPERVISOR)),
        Move("assess", (S.CLOSING,), S.ASSESSED, (P.OFFICE, P.APPROVER), guards=(no_open_rectification, assessment_final)),
        Move("finish", (S.ASSESSED,), S.CLOSED, (P.OFFICE,), _l("归档结项"), tells=(P.OWNER,),
             consequence=_l("归档以后，除了登记尾款，项目不再变动。")),
        Move("terminate", (S.PREPARING, S.ACTIVE, S.PAUSED), S.TERMINATED, (P.APPROVER,), _l("终止项目"),
             page="projects.terminate", tells=(P.OWNER, P.OFFICE, P.SUPERVISOR), danger=True),
    ),
)  # fmt: skip


def month_over(report: Report, _now: datetime) -> str | None:
    if report.month < clock.today().replace(day=1) or clock.today() >= (report.project.ends_on or clock.today()):
        return None
    return _("这个月还没有结束，请在月末之后提交。")


def says_something(report: Report, _now: datetime) -> str | None:
    if not report.summary or not report.next_month:
        return _("请填写本月概述和下月计划。")
    if not report.figures.get("activities") and not report.no_activity_reason:
        return _("本月没有活动记录，请说明原因，或先补记活动。")
    return None


def suggestions_of(report: Report) -> list[Suggestion]:
    """What visits of the reported month suggested: the report says what became of it."""
    following = (report.month + timedelta(days=31)).replace(day=1)
    found = (
        sa.select(Suggestion)
        .join(Visit)
        .where(Visit.project_id == report.project_id, Visit.visited_on >= report.month, Visit.visited_on < following)
        .where(Visit.state.not_in((VisitState.PLANNED, VisitState.CANCELLED)))
        .order_by(Suggestion.id)
    )
    return list(db.session.scalars(found))


def suggestions_answered(report: Report, _now: datetime) -> str | None:
    open_ones = 0 if report.suggestions_done else len(suggestions_of(report))
    return _("本月有 %(n)s 条督导建议，请写明落实情况。", n=open_ones) if open_ones else None


def needed_no_more(report: Report, _now: datetime) -> str | None:
    """A month that begins after its project went into closing or was ended needs no report."""
    going_on = report.project.state in (S.PREPARING, S.ACTIVE, S.PAUSED)
    if going_on or report.month <= clock.today():
        return _("项目在这个月仍在实施，月报不能免。")
    return None


REPORT = Life(
    kind="report",
    title=_l("月报"),
    states=R,
    start=R.AWAITED,
    final=frozenset({R.ACCEPTED, R.EXEMPT}),
    words={
        R.AWAITED: _l("待报"), R.SUBMITTED: _l("已报待审"), R.RETURNED: _l("退回修改"), R.ACCEPTED: _l("已通过"),
        R.EXEMPT: _l("免报"),
    },
    tones={R.AWAITED: "muted", R.SUBMITTED: "info", R.RETURNED: "warn", R.ACCEPTED: "ok", R.EXEMPT: "muted"},
    phases={
        ReportPhase.UPCOMING: (_l("未到期"), "muted"),
        ReportPhase.DUE: (_l("待报"), "warn"),
        ReportPhase.OVERDUE: (_l("逾期未报"), "danger"),
    },
    moves=(
        Move("submit", (R.AWAITED, R.RETURNED), R.SUBMITTED, (P.OWNER,), _l("提交月报"),
             (month_over, says_something, suggestions_answered), page="projects.report", tells=(P.OFFICE,)),
        Move("accept", (R.SUBMITTED,), R.ACCEPTED, (P.OFFICE,), _l("通过"), page="projects.reply", tells=(P.OWNER,)),
        Move("return", (R.SUBMITTED,), R.RETURNED, (P.OFFICE,), _l("退回修改"), page="projects.reply", tells=(P.OWNER,)),
        Move("exempt", (R.AWAITED, R.RETURNED), R.EXEMPT, (P.OFFICE,), _l("免报"), page="projects.exempt",
             tells=(P.OWNER,)),
        Move("lapse", (R.AWAITED,), R.EXEMPT, (P.OFFICE, P.APPROVER, P.OWNER_ADMIN), guards=(needed_no_more,)),
    ),
)  # fmt: skip
