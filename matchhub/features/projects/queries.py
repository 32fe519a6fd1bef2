"""What the desk pages of projects show. Lists cost the same number of statements whatever their length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer, joinedload, selectinload

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _l
from matchhub.core.together import together
from matchhub.domain import attachments, measuring, policy, reference, roles, ties
from matchhub.domain.models import (
    Activity,
    Assessment,
    ClosingReport,
    Grant,
    Need,
    Organisation,
    PlanRow,
    Project,
    ProjectPartner,
    ProjectState,
    Rectification,
    RectificationState,
    Report,
    ReportState,
    Role,
    User,
    Visit,
    VisitState,
)
from matchhub.domain.parties import Party, parties
from matchhub.features.projects.rules import PHOTO, SIGN_IN

# What an entry of the ledger should hold, and its words.
MISSING = {"sign_in": _l("签到表"), "photos": _l("照片"), "summary": _l("活动记录")}
RUNNING = (ProjectState.ACTIVE, ProjectState.PAUSED, ProjectState.CLOSING)


def may_look_inside(user: User | None, project: Project) -> bool:
    """Evidence is for the street's people, the project's organisation, and those who supervise or judge it."""
    if user is None or not user.active:
        return False
    if user.role_codes & roles.INSIDE:
        return True
    return bool(parties(user, project) & {Party.OWNER, Party.SUPERVISOR, Party.INSPECTOR, Party.JUDGE})


# ---- lists ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lights:
    """What asks for attention in one project; `behind` compares sessions held with the plan to date."""

    overdue_reports: int
    open_rectifications: int
    due_sessions: int
    done_sessions: int

    @property
    def behind(self) -> bool:
        return measuring.is_behind(self.due_sessions, self.done_sessions)

    @property
    def all_green(self) -> bool:
        return not (self.overdue_reports or self.open_rectifications or self.behind)


def listed(user: User, states: Sequence[str], sections: Sequence[str], organisations: Sequence[str], query: str) -> Any:
    """The projects of the staff list, newest first."""
    found = (
        sa.select(Project)
        .join(Need, Need.id == Project.need_id)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(policy.visible(user, Project))
        .options(
            defer(Project.goals, raiseload=True),
            defer(Project.budget, raiseload=True),
            joinedload(Project.organisation).load_only(Organisation.ref, Organisation.name, raiseload=True),
            joinedload(Project.need).load_only(Need.ref, Need.title, Need.section_code, raiseload=True),
        )
        .order_by(Project.created_at.desc(), Project.id.desc())
    )
    if states:
        found = found.where(Project.state.in_([ProjectState(code) for code in states]))
    if sections:
        found = found.where(Need.section_code.in_(sections))
    if organisations:
        found = found.where(Organisation.ref.in_(organisations))
    if query:
        found = found.where(sa.or_(Project.title.icontains(query, autoescape=True), Project.ref == query.upper()))
    return found


def organisations_with_projects() -> dict[str, str]:
    """Reference and name of every organisation that has a project."""
    return {row.ref: row.name for row in db.session.execute(having_projects().order_by(Organisation.name))}


def having_projects() -> sa.Select[Any]:
    return sa.select(Organisation.ref, Organisation.name).where(Organisation.id.in_(sa.select(Project.organisation_id)))


def own_projects(user: User) -> list[Project]:
    """The projects of the user's organisation, those that run first."""
    order = list(ProjectState)
    found = (
        sa.select(Project)
        .where(Project.organisation_id == user.organisation_id)
        .options(joinedload(Project.need), selectinload(Project.plan))
        .order_by(Project.created_at.desc(), Project.id.desc())
    )
    return sorted(
        db.session.scalars(found), key=lambda project: (project.state not in RUNNING, order.index(project.state))
    )


def joint_projects(user: User) -> list[Project]:
    """The projects that others lead and in which the user's organisation takes part, newest first: to be read only."""
    taking_part = sa.select(ProjectPartner.project_id).where(ProjectPartner.organisation_id == user.organisation_id)
    found = sa.select(Project).where(Project.id.in_(taking_part)).options(joinedload(Project.organisation))
    return list(db.session.scalars(found.order_by(Project.created_at.desc(), Project.id.desc())))


def lights(projects: Sequence[Project]) -> dict[int, Lights]:
    """The lights of a page of projects: one statement."""
    ids, today = [project.id for project in projects], clock.today()
    plan = sa.select(PlanRow.project_id, PlanRow.times, PlanRow.from_month, PlanRow.to_month)
    rows, *counted = together(
        plan.where(PlanRow.project_id.in_(ids)),
        _counts(Report, ids, Report.state == ReportState.AWAITED, Report.due_on < today),
        _counts(Rectification, ids, Rectification.state != RectificationState.CLOSED),
        _counts(
            Activity, ids, Activity.struck_at.is_(None), Activity.plan_row_id.is_not(None), Activity.held_on <= today
        ),
    )
    overdue, open_ones, held = ({row[0]: row[1] for row in found} for found in counted)
    planned = _planned(rows, today)
    return {
        project.id: Lights(
            overdue.get(project.id, 0),
            open_ones.get(project.id, 0),
            planned.get(project.id, 0) if project.state in RUNNING else 0,
            held.get(project.id, 0),
        )
        for project in projects
    }


def _planned(rows: Iterable[Any], today: date) -> Counter[int]:
    """How many sessions each plan foresees until today."""
    found: Counter[int] = Counter()
    for project_id, times, first, last in rows:
        found[project_id] += measuring.due_times(times, first, last, today)
    return found


def _counts(model: Any, project_ids: Sequence[int], *where: Any) -> sa.Select[Any]:
    found = sa.select(model.project_id, sa.func.count().label("n")).where(model.project_id.in_(project_ids), *where)
    return found.group_by(model.project_id)


# ---- one project ---------------------------------------------------------------------------------------------------


def reports_of(project: Project) -> list[Report]:
    found = sa.select(Report).where(Report.project_id == project.id).order_by(Report.month)
    reports = list(db.session.scalars(found))
    for report in reports:
        sa.orm.attributes.set_committed_value(report, "project", project)
    return reports


def rectifications_of(project: Project) -> list[Rectification]:
    found = sa.select(Rectification).where(Rectification.project_id == project.id)
    return list(db.session.scalars(found.order_by(Rectification.issued_at.desc(), Rectification.id.desc())))


def visits_of(project: Project) -> list[Visit]:
    found = sa.select(Visit).where(Visit.project_id == project.id, Visit.state != VisitState.CANCELLED)
    return list(db.session.scalars(found.order_by(Visit.planned_on.desc(), Visit.id.desc())))


def closing_of(project: Project) -> tuple[ClosingReport | None, Assessment | None]:
    report = db.session.scalar(sa.select(ClosingReport).where(ClosingReport.project_id == project.id))
    return report, db.session.scalar(sa.select(Assessment).where(Assessment.project_id == project.id))


@dataclass(frozen=True, slots=True)
class Entry:
    """An activity of the ledger with its evidence. `missing` names what it lacks (codes of EVIDENCE)."""

    activity: Activity
    photos: tuple[Any, ...]
    sign_in: tuple[Any, ...]
    is_late: bool
    missing: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return not self.missing


def ledger(project: Project) -> list[Entry]:
    """All activities of a project with their evidence, newest first, struck ones as well: two statements."""
    found = (
        sa.select(Activity)
        .where(Activity.project_id == project.id)
        .options(joinedload(Activity.plan_row))
        .order_by(Activity.held_on.desc(), Activity.id.desc())
    )
    return entries(db.session.scalars(found))


def entries(activities: Iterable[Activity]) -> list[Entry]:
    """These activities with their files: one statement."""
    rows = list(activities)
    files = attachments.of_all(rows)
    days, least = reference.terms().ledger_days, int(reference.setting("evidence_photos_min"))
    return [_entry(row, files.get(row.id, []), days, least) for row in rows]


def _entry(activity: Activity, files: Sequence[Any], ledger_days: int, least: int) -> Entry:
    photos = tuple(file for file in files if file.purpose == PHOTO)
    sign_in = tuple(file for file in files if file.purpose == SIGN_IN)
    found = {"sign_in": bool(sign_in), "photos": len(photos) >= least, "summary": bool(activity.summary)}
    missing = tuple(name for name, there in found.items() if not there)
    return Entry(activity, photos, sign_in, measuring.was_recorded_late(activity, ledger_days), missing)


def completeness(rows: Sequence[Entry]) -> tuple[int, int]:
    """(with all evidence, all) of the activities that count."""
    counting = [row for row in rows if row.activity.struck_at is None]
    return sum(row.complete for row in counting), len(counting)


def candidates(project: Project, communities: Collection[str]) -> dict[str, list[tuple[User, bool]]]:
    """Who may be named, by line: (account, belongs to a community of the need). Tied people are left out."""
    having = sa.select(Grant.user_id).where(Grant.role.in_((Role.STREET_STAFF, Role.SUPERVISOR)))
    people = list(db.session.scalars(sa.select(User).where(User.active, User.id.in_(having)).order_by(User.name)))
    barred = _barred(people, project)
    free = [user for user in people if user.id not in barred]

    def able(role: Role) -> list[tuple[User, bool]]:
        near = [(user, bool(user.communities() & set(communities))) for user in free if role in user.roles]
        return sorted(near, key=lambda pair: pair[1])

    return {"guidance": able(Role.STREET_STAFF), "coaching": able(Role.SUPERVISOR)}


def _barred(people: Sequence[User], project: Project) -> set[int]:
    """Whoever is named already or has a tie; supervising another project of the organisation is none."""
    own = project.organisations
    tied = {judge_id for judge_id, _organisation_id in ties.between(people, own)}
    standing = {row.user_id for row in ties.standing(people, own) if row.kind != ties.SUPERVISION}
    return tied | standing | {seat.user_id for seat in project.supervisors}


# ---- reports -------------------------------------------------------------------------------------------------------

QUEUES: Mapping[str, tuple[Any, ...]] = {
    "submitted": (Report.state == ReportState.SUBMITTED,),
    "returned": (Report.state == ReportState.RETURNED,),
    "accepted": (Report.state == ReportState.ACCEPTED,),
}


def queue(user: User, name: str, sections: Sequence[str]) -> Any:
    """The reports of one queue: what waits longest first; accepted ones newest first."""
    found = (
        sa.select(Report)
        .join(Project, Project.id == Report.project_id)
        .join(Need, Need.id == Project.need_id)
        .where(policy.visible(user, Report), *in_queue(name))
        .options(joinedload(Report.project).joinedload(Project.organisation))
    )
    if sections:
        found = found.where(Need.section_code.in_(sections))
    order = Report.due_on.desc() if name == "accepted" else Report.due_on
    return found.order_by(order, Report.id)


def in_queue(name: str) -> tuple[Any, ...]:
    if name == "overdue":
        return Report.state == ReportState.AWAITED, Report.due_on < clock.today()
    return QUEUES[name]


def queue_sizes(user: User, sections: Sequence[str]) -> dict[str, int]:
    """How many reports wait in each queue."""
    sizes = {}
    for name in ("submitted", "overdue", "returned"):
        found = queue(user, name, sections).with_only_columns(Report.id).order_by(None)
        sizes[name] = db.session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    return sizes


def month_of(report: Report) -> list[Activity]:
    """The activities of a report's month that count; of a submitted report those that its figures name."""
    held = sa.select(Activity).where(Activity.project_id == report.project_id).options(joinedload(Activity.plan_row))
    named = (
        report.figures.get("activities") if report.state not in (ReportState.AWAITED, ReportState.RETURNED) else None
    )
    if named is not None:
        held = held.where(Activity.id.in_(named))
    else:
        end = measuring.last_of_month(report.month)
        held = held.where(Activity.struck_at.is_(None), Activity.held_on.between(report.month, end))
    return list(db.session.scalars(held.order_by(Activity.held_on, Activity.id)))


def figures_of(report: Report) -> dict[str, Any]:
    """The frozen figures of a report that was handed in, else what they would be today."""
    if report.state in (ReportState.SUBMITTED, ReportState.ACCEPTED):
        return report.figures
    return measuring.month_figures(report.project, report, report.figures.get("other", {}), reports_of(report.project))
