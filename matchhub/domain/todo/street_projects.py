"""What waits for the street while a project runs and when it closes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchhub.core.i18n import _, _l
from matchhub.core.standing import NOW, TODAY, standing
from matchhub.domain import deadlines, paying, reference
from matchhub.domain.models import (
    Assessment,
    AssessmentState,
    ClosingReport,
    ClosingState,
    Instalment,
    Need,
    Notice,
    NoticeKind,
    NoticeState,
    Organisation,
    PresentationJudge,
    Project,
    ProjectState,
    Rectification,
    RectificationState,
    Report,
    ReportState,
    ScoreSheet,
    SheetState,
    SubjectKind,
    Supervision,
    SupervisionLine,
    User,
    Visit,
    VisitState,
)
from matchhub.domain.paths import STAFF
from matchhub.domain.todo.base import Area, Asking, Todo, has_section, in_sections, joined, month_words, path

ORGANISATION = _l("承接机构")
SUPERVISOR = _l("督导")
JUDGES = _l("督察人、评分人和机构自评")
APPROVER = _l("街道审批人")


def _count(column: Any, *where: Any) -> Any:
    return sa.select(sa.func.count(sa.distinct(column))).where(*where).scalar_subquery()


def projects(user: User) -> Asking:
    """Agreements to register, supervisors to name, projects to start and to file away."""
    return [todo for row in (yield _to_run(has_section(user))) for todo in _project(row)]


@standing
def _to_run(own: bool) -> Any:
    lines = _count(Supervision.line, Supervision.project_id == Project.id)
    instalments = _count(Instalment.id, Instalment.project_id == Project.id)
    return (
        sa.select(
            Project.ref, Project.title, Project.state, Project.created_at, Project.signed_on, Project.starts_on,
            Project.ends_on, lines.label("lines"), instalments.label("instalments"),
        )
        .join(Need, Project.need_id == Need.id)
        .where(Project.state.in_((ProjectState.PREPARING, ProjectState.ASSESSED)), in_sections(own))
    )  # fmt: skip


def _project(row: Any) -> Iterator[Todo]:
    url = path("project", STAFF, row.ref)
    if row.state is ProjectState.ASSESSED:
        yield Todo(_l("归档结项"), row.title, url, _l("去归档"), row.ref, Area.PROJECTS)
        return
    signed = bool(row.signed_on and row.starts_on and row.ends_on and row.instalments)
    if not signed:
        due_at = deadlines.award_confirm_due_at(row.created_at, reference.terms(), reference.calendar())
        yield Todo(_l("登记协议"), row.title, url, _l("去登记"), row.ref, Area.PROJECTS, due_at=due_at)
    if row.lines < len(SupervisionLine):
        yield Todo(_l("指派督导"), row.title, url, _l("去指派"), row.ref, Area.PROJECTS, due_on=row.starts_on)
    elif signed:
        yield Todo(_l("启动项目"), row.title, url, _l("去启动"), row.ref, Area.PROJECTS, due_on=row.starts_on)


def payments(user: User) -> Asking:
    """The next instalment of each agreement, once its condition is met: three statements."""
    waiting = yield _unpaid(has_section(user))
    middle = paying.middle_scores([row.id for row in waiting if row.condition == "middle"])
    return [_payment(row) for row in waiting if _payable(row, middle)]


@standing
def _unpaid(own: bool) -> Any:
    unpaid = sa.select(Instalment.project_id, sa.func.min(Instalment.seq).label("seq"))
    due = unpaid.where(Instalment.paid_on.is_(None)).group_by(Instalment.project_id).subquery()
    return (
        sa.select(
            Project.id, Project.ref, Project.title, Instalment.seq, Instalment.condition,
            Assessment.state.label("graded"), Assessment.score,
        )
        .join(Need, Project.need_id == Need.id)
        .join(due, due.c.project_id == Project.id)
        .join(Instalment, sa.and_(Instalment.project_id == Project.id, Instalment.seq == due.c.seq))
        .outerjoin(Assessment, Assessment.project_id == Project.id)
        .where(Project.signed_on.is_not(None), Project.state != ProjectState.TERMINATED, in_sections(own))
    )  # fmt: skip


def _payable(row: Any, middle: Mapping[int, Decimal]) -> bool:
    match row.condition:
        case "middle":
            return paying.middle_allows(middle.get(row.id))
        case "closing":
            return paying.grade_allows(row.graded, row.score)
    return True


def _payment(row: Any) -> Todo:
    title = joined(row.title, _("第 %(n)s 期", n=row.seq))
    url = path("project", STAFF, row.ref)
    return Todo(_l("登记拨款"), title, url, _l("去登记"), row.ref, Area.PROJECTS)


def reports(user: User) -> Asking:
    """Monthly reports to read, and those that organisations owe."""
    return [_report(row) for row in (yield _reports(has_section(user)))]


@standing
def _reports(own: bool) -> Any:
    awaited = sa.and_(Report.state == ReportState.AWAITED, Report.due_on < TODAY)
    return (
        sa.select(
            Report.ref, Report.state, Report.month, Report.due_on, Report.submitted_at, Report.replied_at,
            Organisation.name,
        )
        .join(Project, Report.project_id == Project.id)
        .join(Need, Project.need_id == Need.id)
        .join(Organisation, Project.organisation_id == Organisation.id)
        .where(
            sa.or_(Report.state.in_((ReportState.SUBMITTED, ReportState.RETURNED)), awaited),
            Project.state.in_((ProjectState.ACTIVE, ProjectState.PAUSED, ProjectState.CLOSING)),
            in_sections(own),
        )
    )  # fmt: skip


def _report(row: Any) -> Todo:
    url, title = path("report", STAFF, row.ref), joined(row.name, month_words(row.month))
    if row.state is ReportState.SUBMITTED:
        return Todo(_l("审核月报"), title, url, _l("去审核"), row.ref, Area.REPORTS, since=row.submitted_at)
    if row.state is ReportState.RETURNED:
        return Todo(_l("修改月报"), title, url, _l("去查看"), row.ref, Area.REPORTS, since=row.replied_at,
                    waits_for=ORGANISATION)  # fmt: skip
    return Todo(
        _l("逾期未报月报"), title, url, _l("去查看"), row.ref, Area.REPORTS, due_on=row.due_on, waits_for=ORGANISATION
    )


def visits(user: User) -> Asking:
    """Contested visit records to settle, and records that organisations still may confirm."""
    return [_visit(row) for row in (yield _visits(has_section(user)))]


@standing
def _visits(own: bool) -> Any:
    return (
        sa.select(Visit.ref, Visit.state, Visit.answered_at, Visit.confirm_due_at, Project.title)
        .join(Project, Visit.project_id == Project.id)
        .join(Need, Project.need_id == Need.id)
        .where(
            sa.or_(
                Visit.state == VisitState.CONTESTED,
                sa.and_(Visit.state == VisitState.SUBMITTED, Visit.confirm_due_at > NOW),
            ),
            in_sections(own),
        )
    )


def _visit(row: Any) -> Todo:
    url = path("visit", STAFF, row.ref)
    if row.state is VisitState.CONTESTED:
        return Todo(_l("处理督导异议"), row.title, url, _l("去处理"), row.ref, Area.SUPERVISION, since=row.answered_at)
    return Todo(
        _l("确认督导记录"), row.title, url, _l("去查看"), row.ref, Area.SUPERVISION, due_at=row.confirm_due_at,
        waits_for=ORGANISATION,
    )  # fmt: skip


def rectifications(user: User) -> Asking:
    """Orders that were brought before the street, and those that run late."""
    return [_rectification(row) for row in (yield _rectifications(has_section(user)))]


@standing
def _rectifications(own: bool) -> Any:
    late = sa.and_(
        Rectification.state.in_((RectificationState.ISSUED, RectificationState.ACKNOWLEDGED)),
        Rectification.due_on < TODAY,
    )
    return (
        sa.select(
            Rectification.ref, Rectification.state, Rectification.due_on, Rectification.reported_at, Project.title
        )
        .join(Project, Rectification.project_id == Project.id)
        .join(Need, Project.need_id == Need.id)
        .where(
            sa.or_(Rectification.state.in_((RectificationState.ESCALATED, RectificationState.REPORTED)), late),
            in_sections(own),
        )
    )


def _rectification(row: Any) -> Todo:
    url = path("rectification", STAFF, row.ref)
    if row.state is RectificationState.ESCALATED:
        return Todo(_l("督办逾期整改"), row.title, url, _l("去处理"), row.ref, Area.SUPERVISION, due_on=row.due_on)
    if row.state is RectificationState.REPORTED:
        return Todo(
            _l("核验整改"), row.title, url, _l("去查看"), row.ref, Area.SUPERVISION, since=row.reported_at,
            waits_for=SUPERVISOR,
        )  # fmt: skip
    return Todo(
        _l("整改逾期"),
        row.title,
        url,
        _l("去查看"),
        row.ref,
        Area.SUPERVISION,
        due_on=row.due_on,
        waits_for=ORGANISATION,
    )


def closings(user: User) -> Asking:
    """Closing reports to read, and those still to be written."""
    return [_closing(row) for row in (yield _to_close(has_section(user)))]


@standing
def _to_close(own: bool) -> Any:
    return (
        sa.select(
            Project.ref, Project.title, ClosingReport.ref.label("report_ref"), ClosingReport.state,
            ClosingReport.submitted_at,
        )
        .join(Need, Project.need_id == Need.id)
        .outerjoin(ClosingReport, ClosingReport.project_id == Project.id)
        .where(
            Project.state == ProjectState.CLOSING,
            sa.or_(ClosingReport.id.is_(None), ClosingReport.state != ClosingState.ACCEPTED),
            in_sections(own),
        )
    )  # fmt: skip


def _closing(row: Any) -> Todo:
    if row.state is ClosingState.SUBMITTED:
        return Todo(
            _l("审核结项报告"), row.title, path("closing_report", STAFF, row.report_ref), _l("去审核"), row.ref,
            Area.CLOSING, since=row.submitted_at,
        )  # fmt: skip
    return Todo(
        _l("写结项报告"), row.title, path("project", STAFF, row.ref), _l("去查看"), row.ref, Area.CLOSING,
        waits_for=ORGANISATION,
    )  # fmt: skip


def _sheets(kind: SubjectKind) -> Any:
    return _count(
        ScoreSheet.id,
        ScoreSheet.subject_kind == kind,
        ScoreSheet.subject_id == Assessment.id,
        ScoreSheet.state == SheetState.SUBMITTED,
    )


def assessments(user: User) -> Asking:
    """Assessments to organise, to compute and to put on notice."""
    return [todo for row in (yield _assessments(has_section(user))) for todo in _assessment(row)]


@standing
def _assessments(own: bool) -> Any:
    announced = sa.exists().where(
        Notice.project_id == Assessment.project_id,
        Notice.kind == NoticeKind.ASSESSMENT,
        Notice.state.in_((NoticeState.DRAFT, NoticeState.PUBLISHED)),
    )
    unrepaired = _count(
        Rectification.id,
        Rectification.project_id == Assessment.project_id,
        Rectification.state != RectificationState.CLOSED,
    )
    return (
        sa.select(
            Assessment.ref, Assessment.state, Assessment.inspector_id, Assessment.presentation_on, Assessment.vetoes,
            Assessment.absent_reason, Assessment.computed_at, Project.title, announced.label("announced"),
            _count(PresentationJudge.id, PresentationJudge.assessment_id == Assessment.id).label("judges"),
            _sheets(SubjectKind.LEDGER_INSPECTION).label("inspected"), _sheets(SubjectKind.PRESENTATION).label("heard"),
            _sheets(SubjectKind.SELF).label("own"), unrepaired.label("unrepaired"),
        )
        .join(Project, Assessment.project_id == Project.id)
        .join(Need, Project.need_id == Need.id)
        .where(
            Assessment.state.in_((AssessmentState.COLLECTING, AssessmentState.COMPUTED, AssessmentState.REVIEWED)),
            in_sections(own),
        )
    )  # fmt: skip


def _assessment(row: Any) -> Iterator[Todo]:
    url = path("assessment", STAFF, row.ref)
    if row.state is AssessmentState.COMPUTED:
        yield Todo(_l("审核测评"), row.title, url, _l("去查看"), row.ref, Area.CLOSING, since=row.computed_at,
                   waits_for=APPROVER)  # fmt: skip
    elif row.state is AssessmentState.REVIEWED:
        if not row.announced:
            yield Todo(_l("拟写测评公示"), row.title, url, _l("去公示"), row.ref, Area.CLOSING)
    elif not (row.inspector_id and row.judges and row.presentation_on) and not row.vetoes:
        yield Todo(_l("安排测评"), row.title, url, _l("去安排"), row.ref, Area.CLOSING)
    elif _all_in(row):
        yield Todo(_l("计算活跃度"), row.title, url, _l("去计算"), row.ref, Area.CLOSING, due_on=row.presentation_on)
    else:
        waits_for = ORGANISATION if row.unrepaired else JUDGES
        yield Todo(
            _l("收集测评评分"), row.title, url, _l("去查看"), row.ref, Area.CLOSING, due_on=row.presentation_on,
            waits_for=waits_for,
        )  # fmt: skip


def _all_in(row: Any) -> bool:
    """Whether nothing more is to be waited for; the guards of the move decide when it is made."""
    if row.vetoes:
        return not row.unrepaired
    own = row.own or row.absent_reason
    return bool(row.inspected and own and row.heard >= row.judges and not row.unrepaired)
