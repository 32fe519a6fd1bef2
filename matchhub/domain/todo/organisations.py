"""What waits for the people of a social organisation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.i18n import _, _l
from matchhub.core.standing import standing
from matchhub.domain import deadlines, reference
from matchhub.domain.models import (
    Agreement,
    Application,
    ApplicationState,
    Assessment,
    AssessmentState,
    ClosingReport,
    ClosingState,
    Hearing,
    Need,
    NeedState,
    Notice,
    Objection,
    Project,
    ProjectState,
    Rectification,
    RectificationState,
    Report,
    ReportState,
    Role,
    ScoreSheet,
    SheetState,
    SubjectKind,
    Suggestion,
    User,
    Visit,
    VisitState,
)
from matchhub.domain.paths import MY
from matchhub.domain.todo.base import (
    MY_ORGANISATION,
    THIS_MONTH,
    Area,
    Asking,
    Todo,
    joined,
    month_words,
    path,
    this_month,
)

STREET = _l("街道")
SUPERVISOR = _l("督导")
OWN_ADMIN = _l("本机构负责人")
RUNNING = (ProjectState.ACTIVE, ProjectState.PAUSED, ProjectState.CLOSING)


def applications(user: User) -> Asking:
    """Drafts of open calls, corrections with their clock, and what the street is looking at."""
    return [todo for row in (yield _applications()) for todo in _application(row)]


@standing
def _applications() -> Any:
    state = ApplicationState
    return (
        sa.select(
            Application.ref, Application.state, Application.submitted_at, Application.correction_due_at, Need.title,
            Need.closes_at, Need.state.label("need_state"),
        )
        .join(Need, Application.need_id == Need.id)
        .where(
            Application.organisation_id == MY_ORGANISATION,
            Application.state.in_((state.DRAFT, state.SUBMITTED, state.CORRECTION, state.QUALIFIED, state.PROPOSED)),
        )
    )  # fmt: skip


def _application(row: Any) -> Iterator[Todo]:
    url, now = path("application", MY, row.ref), clock.now()
    if row.state is ApplicationState.DRAFT:
        if row.need_state is NeedState.OPEN and row.closes_at and row.closes_at > now:
            yield Todo(
                _l("填写申报书"), row.title, url, _l("继续填写"), row.ref, Area.MY_APPLICATIONS, due_at=row.closes_at
            )
    elif row.state is ApplicationState.CORRECTION and row.correction_due_at and row.correction_due_at > now:
        yield Todo(
            _l("补正申报书"), row.title, url, _l("去补正"), row.ref, Area.MY_APPLICATIONS, due_at=row.correction_due_at
        )
    else:
        kind = _l("等待公示") if row.state is ApplicationState.PROPOSED else _l("等待申报结果")
        yield Todo(
            kind, row.title, url, _l("去查看"), row.ref, Area.MY_APPLICATIONS, since=row.submitted_at, waits_for=STREET
        )


def hearings(user: User) -> Asking:
    """What the street asks about objections; who objected is not part of it."""
    return [
        Todo(_l("说明情况"), row.title, path("hearing", MY, row.ref), _l("去说明"), row.ref, Area.MY_HEARINGS,
             due_on=row.due_on, since=row.asked_at)
        for row in (yield _hearings())
    ]  # fmt: skip


@standing
def _hearings() -> Any:
    return (
        sa.select(Hearing.ref, Hearing.due_on, Hearing.asked_at, Notice.title)
        .join(Notice, Hearing.notice_id == Notice.id)
        .join(Objection, Hearing.objection_id == Objection.id)
        .where(
            Hearing.organisation_id == MY_ORGANISATION,
            Hearing.replied_at.is_(None),
            Objection.answered_at.is_(None),
        )
    )


def projects(user: User) -> Asking:
    """An award to be signed, a project at its end, and the steps of its closing."""
    is_admin = Role.ORG_ADMIN in user.roles
    return [todo for row in (yield _own_projects()) for todo in _project(row, is_admin)]


@standing
def _own_projects() -> Any:
    own_score = (
        sa.select(ScoreSheet.id)
        .where(
            ScoreSheet.subject_kind == SubjectKind.SELF,
            ScoreSheet.subject_id == Assessment.id,
            ScoreSheet.state == SheetState.SUBMITTED,
        )
        .exists()
    )
    return (
        sa.select(
            Project.ref, Project.title, Project.state, Project.created_at, Project.signed_on, Project.starts_on,
            Project.ends_on, ClosingReport.ref.label("report_ref"), ClosingReport.state.label("report_state"),
            ClosingReport.submitted_at, Assessment.ref.label("assessment_ref"),
            Assessment.state.label("assessment_state"), Assessment.presentation_on, own_score.label("scored"),
            Agreement.id.label("agreement"),
        )
        .outerjoin(Agreement, Agreement.project_id == Project.id)
        .outerjoin(ClosingReport, ClosingReport.project_id == Project.id)
        .outerjoin(Assessment, Assessment.project_id == Project.id)
        .where(
            Project.organisation_id == MY_ORGANISATION,
            Project.state.in_((ProjectState.PREPARING, ProjectState.ACTIVE, ProjectState.CLOSING)),
        )
    )  # fmt: skip


def _project(row: Any, is_admin: bool) -> Iterator[Todo]:
    url = path("project", MY, row.ref)
    if row.state is ProjectState.PREPARING:
        if row.signed_on is None and row.agreement is None:
            yield Todo(
                _l("等待协议文本"), row.title, url, _l("去查看"), row.ref, Area.MY_PROJECTS, waits_for=STREET,
                since=row.created_at,
            )  # fmt: skip
        elif row.signed_on is None:
            due_at = deadlines.award_confirm_due_at(row.created_at, reference.terms(), reference.calendar())
            yield Todo(_l("签订协议"), row.title, url, _l("去查看"), row.ref, Area.MY_PROJECTS, due_at=due_at)
        else:
            yield Todo(
                _l("等待启动"), row.title, url, _l("去查看"), row.ref, Area.MY_PROJECTS, due_on=row.starts_on,
                waits_for=STREET,
            )  # fmt: skip
    elif row.state is ProjectState.CLOSING:
        yield from _closing(row)
    elif row.ends_on and row.ends_on <= clock.today():
        waits_for = "" if is_admin else OWN_ADMIN
        yield Todo(
            _l("申请结项"),
            row.title,
            url,
            _l("去申请"),
            row.ref,
            Area.MY_PROJECTS,
            due_on=row.ends_on,
            waits_for=waits_for,
        )


def _closing(row: Any) -> Iterator[Todo]:
    url = path("closing_report", MY, row.report_ref) if row.report_ref else "/my/closings"
    if row.report_state in (None, ClosingState.DRAFT):
        yield Todo(_l("写结项报告"), row.title, url, _l("去填写"), row.ref, Area.MY_CLOSING)
    elif row.report_state is ClosingState.RETURNED:
        yield Todo(_l("修改结项报告"), row.title, url, _l("去修改"), row.ref, Area.MY_CLOSING, since=row.submitted_at)
    elif row.report_state is ClosingState.SUBMITTED:
        yield Todo(
            _l("审核结项报告"), row.title, url, _l("去查看"), row.ref, Area.MY_CLOSING, since=row.submitted_at,
            waits_for=STREET,
        )  # fmt: skip
    if row.assessment_state is AssessmentState.COLLECTING and not row.scored:
        own = f"{url}/self-score" if row.report_ref else url
        yield Todo(
            _l("结项自评"),
            row.title,
            own,
            _l("去自评"),
            row.assessment_ref,
            Area.MY_CLOSING,
            due_on=row.presentation_on,
        )
    elif row.assessment_state is not None and row.report_state is ClosingState.ACCEPTED:
        yield Todo(_l("活跃度测评"), row.title, url, _l("去查看"), row.ref, Area.MY_CLOSING, waits_for=STREET)


def reports(user: User) -> Asking:
    """Monthly reports that are due, overdue, sent back or being read, and the one of the present month as the next."""
    return [_report(row) for row in (yield _own_reports())]


@standing
def _own_reports() -> Any:
    return (
        sa.select(
            Report.ref, Report.state, Report.month, Report.due_on, Report.submitted_at, Report.replied_at,
            Project.title, Project.ends_on,
        )
        .join(Project, Report.project_id == Project.id)
        .where(
            Project.organisation_id == MY_ORGANISATION,
            Project.state.in_(RUNNING),
            Report.state.in_((ReportState.AWAITED, ReportState.RETURNED, ReportState.SUBMITTED)),
            Report.month <= THIS_MONTH,
        )
    )  # fmt: skip


def _report(row: Any) -> Todo:
    url, title = path("report", MY, row.ref), joined(row.title, month_words(row.month))
    if row.state is ReportState.RETURNED:
        return Todo(_l("修改月报"), title, url, _l("去修改"), row.ref, Area.MY_PROJECTS, since=row.replied_at)
    if row.state is ReportState.SUBMITTED:
        return Todo(
            _l("审核月报"),
            title,
            url,
            _l("去查看"),
            row.ref,
            Area.MY_PROJECTS,
            since=row.submitted_at,
            waits_for=STREET,
        )
    month_is_over = row.month < this_month() or (row.ends_on is not None and row.ends_on <= clock.today())
    return Todo(
        _l("填报月报"),
        title,
        url,
        _l("去填报"),
        row.ref,
        Area.MY_PROJECTS,
        due_on=row.due_on,
        is_next=not month_is_over,
    )


def visits(user: User) -> Asking:
    """Visit records to confirm before their clock runs out, suggestions to answer, and visits that are coming."""
    is_admin = Role.ORG_ADMIN in user.roles
    return [todo for row in (yield _own_visits()) for todo in _visit(row, is_admin)]


@standing
def _own_visits() -> Any:
    unanswered = (
        sa.select(sa.func.count())
        .where(Suggestion.visit_id == Visit.id, Suggestion.answer == "")
        .scalar_subquery()
        .label("unanswered")
    )
    return (
        sa.select(
            Visit.ref,
            Visit.state,
            Visit.planned_on,
            Visit.confirm_due_at,
            Visit.submitted_at,
            Project.title,
            unanswered,
        )
        .join(Project, Visit.project_id == Project.id)
        .where(
            Project.organisation_id == MY_ORGANISATION,
            Project.state.in_((*RUNNING, ProjectState.ASSESSED)),
            Visit.state != VisitState.CANCELLED,
        )
        .where(sa.or_(Visit.state.in_((VisitState.PLANNED, VisitState.SUBMITTED)), unanswered > 0))
    )


def _visit(row: Any, is_admin: bool) -> Iterator[Todo]:
    url, now = path("visit", MY, row.ref), clock.now()
    if row.state is VisitState.PLANNED:
        if row.planned_on >= clock.today():
            yield Todo(
                _l("督导来访"), row.title, url, _l("去查看"), row.ref, Area.MY_VISITS, due_on=row.planned_on,
                waits_for=SUPERVISOR,
            )  # fmt: skip
        return
    if row.state is VisitState.SUBMITTED and row.confirm_due_at and row.confirm_due_at > now:
        waits_for = "" if is_admin else OWN_ADMIN
        yield Todo(
            _l("确认督导记录"), row.title, url, _l("去确认"), row.ref, Area.MY_VISITS, due_at=row.confirm_due_at,
            waits_for=waits_for,
        )  # fmt: skip
    if row.unanswered:
        title = joined(row.title, _("%(n)s 条建议", n=row.unanswered))
        yield Todo(_l("答复督导建议"), title, url, _l("去答复"), row.ref, Area.MY_VISITS, since=row.submitted_at)


def rectifications(user: User) -> Asking:
    """Rectification orders to acknowledge and to answer."""
    words = {
        RectificationState.ISSUED: (_l("签收整改单"), _l("去签收"), ""),
        RectificationState.ACKNOWLEDGED: (_l("回复整改"), _l("去回复"), ""),
        RectificationState.ESCALATED: (_l("回复整改（已上报街道）"), _l("去回复"), ""),
        RectificationState.REPORTED: (_l("核验整改"), _l("去查看"), SUPERVISOR),
    }
    return [
        Todo(kind, row.title, path("rectification", MY, row.ref), verb, row.ref, Area.MY_VISITS,
             due_on=None if waits_for else row.due_on, since=row.reported_at, waits_for=waits_for)
        for row in (yield _own_orders())
        for kind, verb, waits_for in [words[row.state]]
    ]  # fmt: skip


@standing
def _own_orders() -> Any:
    return (
        sa.select(
            Rectification.ref, Rectification.state, Rectification.due_on, Rectification.reported_at, Project.title
        )
        .join(Project, Rectification.project_id == Project.id)
        .where(Project.organisation_id == MY_ORGANISATION, Rectification.state != RectificationState.CLOSED)
    )
