"""What the pages of supervision show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.domain import attachments, policy, supervising, ties
from matchhub.domain.models import (
    Activity,
    Attachment,
    Need,
    Organisation,
    Project,
    ProjectState,
    Rectification,
    RectificationState,
    Report,
    Role,
    ScoreSheet,
    SheetState,
    SubjectKind,
    Supervision,
    User,
    Visit,
    VisitState,
)
from matchhub.domain.supervising import DailyScores, daily_scores
from matchhub.features.supervision.planning import RUNNING

__all__ = ["DailyScores", "daily_scores"]


def of_visits() -> sa.Select[tuple[Visit]]:
    """Visits with all that a row of a list prints."""
    return (
        sa.select(Visit)
        .join(Visit.project)
        .options(contains_eager(Visit.project).joinedload(Project.organisation), joinedload(Visit.supervisor))
    )


def of_orders() -> sa.Select[tuple[Rectification]]:
    """Rectifications with all that a row of a list prints."""
    return (
        sa.select(Rectification)
        .join(Rectification.project)
        .options(
            contains_eager(Rectification.project).joinedload(Project.organisation), selectinload(Rectification.items)
        )
    )


@dataclass(frozen=True, slots=True)
class Agenda:
    """A supervisor's visits: what to finish first, then by time; and what was submitted last."""

    unfinished: list[Visit]
    today: list[Visit]
    week: list[Visit]
    later: list[Visit]
    recent: list[Visit]


def agenda(user: User) -> Agenda:
    """The visits of one supervisor, by when they are: two statements."""
    today = clock.today()
    sunday = today + timedelta(days=6 - today.weekday())
    mine = of_visits().where(Visit.supervisor_id == user.id, policy.visible(user, Visit))
    planned = list(
        db.session.scalars(mine.where(Visit.state == VisitState.PLANNED).order_by(Visit.planned_on, Visit.planned_time))
    )
    done = mine.where(Visit.state.not_in((VisitState.PLANNED, VisitState.CANCELLED)))
    return Agenda(
        unfinished=[v for v in planned if v.planned_on < today],
        today=[v for v in planned if v.planned_on == today],
        week=[v for v in planned if today < v.planned_on <= sunday],
        later=[v for v in planned if v.planned_on > sunday],
        recent=list(db.session.scalars(done.order_by(Visit.submitted_at.desc()).limit(8))),
    )


@dataclass(frozen=True, slots=True)
class Supervised:
    """A project that somebody supervises, on which line, and what is still missing before its closing."""

    project: Project
    line: str
    missing: str | None


def supervised(user: User) -> list[Supervised]:
    """The running projects that this person supervises and is not tied to."""
    found = (
        sa.select(Supervision, Project)
        .join(Project, Supervision.project_id == Project.id)
        .where(Supervision.user_id == user.id, Project.state.in_((ProjectState.PREPARING, *RUNNING)))
        .options(joinedload(Project.organisation), selectinload(Project.partners))
        .order_by(Project.ends_on, Project.id)
    )
    seats = list(db.session.execute(found))
    barred = barred_from(user, [one for _seat, project in seats for one in project.organisations])
    free = [(seat, project) for seat, project in seats if barred.isdisjoint(one.id for one in project.organisations)]
    missing = supervising.shortfalls([project.id for _seat, project in free])
    return [Supervised(project, seat.line.value, missing[project.id]) for seat, project in free]


def barred_from(user: User, organisations: Iterable[Organisation]) -> set[int]:
    """The ids of the organisations from which ties bar this person as a supervisor."""
    rows = {row.id: row for row in organisations}
    found = {pair[1] for pair in ties.between([user], list(rows.values()))}
    standing = ties.standing([user], list(rows.values()))
    return found | {row.organisation_id for row in standing if row.kind != ties.SUPERVISION}


def seats(project: Project) -> list[Supervision]:
    """The supervisors of a project that no tie bars."""
    found = sa.select(Supervision).where(Supervision.project_id == project.id).order_by(Supervision.id)
    return [seat for seat in db.session.scalars(found) if not ties.bars_from_project(seat.user, project)]


@dataclass(frozen=True, slots=True)
class Inside:
    """A project as its supervisors see it."""

    activities: list[Activity]
    evidence: dict[int, list[Attachment]]
    reports: list[Report]
    visits: list[Visit]
    scores: DailyScores
    orders: list[Rectification]
    missing: str | None


def inside(project: Project, newest: int = 30) -> Inside:
    """What happened in a project, newest first: a constant number of statements."""
    held = (
        sa.select(Activity)
        .where(Activity.project_id == project.id, Activity.struck_at.is_(None))
        .order_by(Activity.held_on.desc(), Activity.id.desc())
        .limit(newest)
    )
    activities = list(db.session.scalars(held))
    reports = sa.select(Report).where(Report.project_id == project.id).order_by(Report.month.desc())
    visits = of_visits().where(Visit.project_id == project.id, Visit.state != VisitState.CANCELLED)
    orders = of_orders().where(Rectification.project_id == project.id)
    return Inside(
        activities=activities,
        evidence=attachments.of_all(activities),
        reports=list(db.session.scalars(reports)),
        visits=list(db.session.scalars(visits.order_by(Visit.planned_on.desc(), Visit.id.desc()))),
        scores=daily_scores(project),
        orders=list(db.session.scalars(orders.order_by(Rectification.id.desc()))),
        missing=supervising.shortfall(project),
    )


@dataclass(frozen=True, slots=True)
class Record:
    """A visit with its sheet that counts, the sheets it replaced (newest first), its files and its deeds."""

    visit: Visit
    sheet: ScoreSheet | None
    replaced: list[ScoreSheet]
    photos: dict[str, list[Attachment]]
    orders: list[Rectification]
    deeds: list[ledger.LedgerEntry]
    corrected_by: User | None


def record(visit: Visit) -> Record:
    """All that the page of one visit shows. A draft sheet is nobody's but its author's and is left out."""
    found = (
        sa.select(ScoreSheet)
        .where(
            ScoreSheet.subject_kind == SubjectKind.VISIT,
            ScoreSheet.subject_id == visit.id,
            ScoreSheet.state != SheetState.DRAFT,
        )
        .order_by(ScoreSheet.id.desc())
    )
    sheets = list(db.session.scalars(found))
    counting = next((sheet for sheet in sheets if sheet.state is SheetState.SUBMITTED), None)
    by = counting.entered_by_id if counting else None
    orders = of_orders().where(Rectification.visit_id == visit.id).order_by(Rectification.id)
    return Record(
        visit=visit,
        sheet=counting,
        replaced=[sheet for sheet in sheets if sheet.state is SheetState.SUPERSEDED],
        photos=photos(visit),
        orders=list(db.session.scalars(orders)),
        deeds=ledger.history(f"visit:{visit.ref}"),
        corrected_by=db.session.get(User, by) if by else None,
    )


def photos(visit: Visit) -> dict[str, list[Attachment]]:
    """A visit's files by their purpose."""
    found: dict[str, list[Attachment]] = {}
    for row in attachments.of(visit):
        found.setdefault(row.purpose, []).append(row)
    return found


def draft_sheet(visit: Visit) -> ScoreSheet | None:
    """The sheet that the supervisor has begun."""
    return db.session.scalar(
        sa.select(ScoreSheet).where(
            ScoreSheet.subject_kind == SubjectKind.VISIT,
            ScoreSheet.subject_id == visit.id,
            ScoreSheet.judge_id == visit.supervisor_id,
            ScoreSheet.state == SheetState.DRAFT,
        )
    )


def my_visits(user: User) -> sa.Select[tuple[Visit]]:
    """The visits to an organisation's own projects, the coming ones first."""
    return (
        of_visits()
        .where(Project.organisation_id == user.organisation_id, Visit.state != VisitState.CANCELLED)
        .order_by(sa.func.coalesce(Visit.visited_on, Visit.planned_on).desc(), Visit.id.desc())
    )


def my_orders(user: User) -> list[Rectification]:
    """The rectifications of an organisation that are not closed, the most urgent first."""
    found = of_orders().where(
        Project.organisation_id == user.organisation_id, Rectification.state != RectificationState.CLOSED
    )
    return list(db.session.scalars(found.order_by(Rectification.due_on, Rectification.id)))


def plannable(user: User) -> list[Project]:
    """The running projects for which this person may plan visits: those one supervises, and the street's own."""
    found = sa.select(Project).where(Project.state.in_(RUNNING)).options(joinedload(Project.organisation))
    if not user.has(Role.STREET_APPROVER):
        mine = sa.select(Supervision.project_id).where(Supervision.user_id == user.id)
        ways = [Project.id.in_(mine)]
        if user.has(Role.STREET_STAFF):
            ways.append(Project.need_id.in_(sa.select(Need.id).where(Need.section_code.in_(user.sections()))))
        found = found.where(sa.or_(*ways))
    return list(db.session.scalars(found.order_by(Project.title, Project.id)))


def missing(project: Project) -> str | None:
    """What supervision still lacks before closing, as a sentence."""
    return supervising.shortfall(project)
