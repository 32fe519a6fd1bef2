"""The street's view of supervision: all visits with filters, all running projects, all rectifications."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters, words
from matchhub.domain import lifecycle, policy, reference, supervising
from matchhub.domain.models import (
    Project,
    Rectification,
    RectificationState,
    Role,
    ScoreSheet,
    SheetState,
    SubjectKind,
    SupervisionLine,
    User,
    Visit,
    VisitPhase,
    VisitState,
)
from matchhub.domain.parties import is_office
from matchhub.domain.scoring.bands import Light
from matchhub.domain.supervising import DailyScores
from matchhub.domain.visit_scoring import LIGHT_WORDS
from matchhub.features.supervision.planning import RUNNING
from matchhub.features.supervision.queries import of_orders, of_visits

Clause = sa.ColumnElement[bool]
LINES: dict[str, str] = {SupervisionLine.GUIDANCE.value: _l("引导"), SupervisionLine.COACHING.value: _l("辅导")}


def visit_filters() -> dict[str, dict[str, str]]:
    """The filters of the list of visits with their words."""
    life = lifecycle.LIVES[Visit]
    phases = {phase.value: _(word) for phase, (word, _tone) in life.phases.items()}
    return {
        "state": {state.value: _(word) for state, word in life.words.items()} | phases,
        "light": {light.value: _(word) for light, word in LIGHT_WORDS.items()},
        "line": {code: _(word) for code, word in LINES.items()},
        "stage": words(reference.codes("visit_phase").values()),
        "kind": words(reference.codes("visit_kind").values()),
    }


def order_filters() -> dict[str, dict[str, str]]:
    life = lifecycle.LIVES[Rectification]
    phases = {phase.value: _(word) for phase, (word, _tone) in life.phases.items()}
    return {"state": {state.value: _(word) for state, word in life.words.items()} | phases}


def silent(now: datetime) -> Clause:
    """The SQL twin of `Visit.is_confirmed_by_silence`."""
    return sa.and_(Visit.state == VisitState.SUBMITTED, Visit.confirm_due_at <= now)


def in_phases(codes: Iterable[str]) -> Clause:
    """Visits that people see in one of these phases: the SQL twin of `Visit.phase`."""
    return sa.or_(sa.false(), *(_in_phase(code) for code in codes))


def _in_phase(code: str) -> Clause:
    missed = sa.and_(Visit.state == VisitState.PLANNED, Visit.planned_on < clock.today())
    if code == VisitPhase.SILENT:
        return silent(clock.now())
    if code == VisitPhase.MISSED:
        return missed
    if code == VisitState.PLANNED:
        return sa.and_(Visit.state == VisitState.PLANNED, Visit.planned_on >= clock.today())
    if code == VisitState.SUBMITTED:
        return sa.and_(Visit.state == VisitState.SUBMITTED, Visit.confirm_due_at > clock.now())
    return Visit.state == VisitState(code)


def in_lights(codes: Iterable[str]) -> Clause:
    """Visits whose counting sheet shows one of these lights: the SQL twin of `visit_scoring.light`."""
    green, yellow = Decimal(reference.setting("light_green")), Decimal(reference.setting("light_yellow"))
    ranges = {
        Light.green.value: ScoreSheet.total >= green,
        Light.yellow.value: sa.and_(ScoreSheet.total >= yellow, ScoreSheet.total < green),
        Light.red.value: ScoreSheet.total < yellow,
    }
    scored = sa.select(ScoreSheet.subject_id).where(
        ScoreSheet.subject_kind == SubjectKind.VISIT,
        ScoreSheet.state == SheetState.SUBMITTED,
        sa.or_(sa.false(), *(ranges[code] for code in codes)),
    )
    return Visit.id.in_(scored)


def visits(user: User, filters: Filters) -> sa.Select[tuple[Visit]]:
    """All visits that fit the filters, newest day first."""
    found = of_visits().where(policy.visible(user, Visit))
    if filters["state"]:
        found = found.where(in_phases(filters["state"]))
    if filters["light"]:
        found = found.where(in_lights(filters["light"]))
    for name, column in (("line", Visit.line), ("stage", Visit.stage), ("kind", Visit.kind)):
        if filters[name]:
            found = found.where(column.in_(filters[name]))
    if filters.query:
        found = found.where(
            Project.title.contains(filters.query, autoescape=True) | (Project.ref == filters.query.upper())
        )
    return found.order_by(sa.func.coalesce(Visit.visited_on, Visit.planned_on).desc(), Visit.id.desc())


def orders(user: User, filters: Filters) -> sa.Select[tuple[Rectification]]:
    """All rectifications that fit the filters, the most urgent first."""
    found = of_orders().where(policy.visible(user, Rectification))
    if filters["state"]:
        found = found.where(sa.or_(sa.false(), *(_order_in(code) for code in filters["state"])))
    is_closed = sa.case((Rectification.state == RectificationState.CLOSED, 1), else_=0)
    return found.order_by(is_closed, Rectification.due_on, Rectification.id)


def _order_in(code: str) -> Clause:
    waiting = Rectification.state.in_((RectificationState.ISSUED, RectificationState.ACKNOWLEDGED))
    if code == "overdue":
        return sa.and_(waiting, Rectification.due_on < clock.today())
    state = RectificationState(code)
    if state in (RectificationState.ISSUED, RectificationState.ACKNOWLEDGED):
        return sa.and_(Rectification.state == state, Rectification.due_on >= clock.today())
    return Rectification.state == state


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers on top of the street's page."""

    planned: int
    missed: int
    waiting: int
    contested: int
    red: int
    open_orders: int
    overdue_orders: int


def counts() -> Counts:
    """Two statements, whatever there is."""
    visit = db.session.execute(
        sa.select(
            *(
                sa.func.count().filter(clause)
                for clause in (
                    _in_phase("planned"), _in_phase("missed"), _in_phase("submitted"), _in_phase("contested"),
                    in_lights(["red"]),
                )
            )
        ).select_from(Visit)
    ).one()  # fmt: skip
    order = db.session.execute(
        sa.select(
            sa.func.count().filter(Rectification.state != RectificationState.CLOSED),
            sa.func.count().filter(_order_in("overdue")),
        ).select_from(Rectification)
    ).one()
    return Counts(*visit, *order)


@dataclass(frozen=True, slots=True)
class Watched:
    """A running project on the street's page: its lines, its score so far, and what is missing."""

    project: Project
    scores: DailyScores
    missing: str | None
    open_orders: int


def may_plan(user: User, project: Project) -> bool:
    """Whether the street's page offers to plan a visit of this project: without a statement of its own."""
    return user.has(Role.STREET_APPROVER) or (user.has(Role.STREET_STAFF) and is_office(user, project))


def running() -> sa.Select[tuple[Project]]:
    """The running projects, those that end first on top."""
    return (
        sa.select(Project)
        .where(Project.state.in_(RUNNING))
        .options(joinedload(Project.organisation), joinedload(Project.need), selectinload(Project.supervisors))
        .order_by(Project.ends_on, Project.id)
    )


def watched(projects: Iterable[Project]) -> list[Watched]:
    """The projects of one page with what supervision says of them: five statements."""
    rows = list(projects)
    ids = [project.id for project in rows]
    recorded: dict[int, list[Visit]] = {project_id: [] for project_id in ids}
    for visit in supervising.recorded(ids):
        recorded[visit.project_id].append(visit)
    sheets = supervising.sheets_of([visit for visits_ in recorded.values() for visit in visits_])
    missing = supervising.shortfalls(ids)
    found = (
        sa.select(Rectification.project_id, sa.func.count())
        .where(Rectification.project_id.in_(ids), Rectification.state != RectificationState.CLOSED)
        .group_by(Rectification.project_id)
    )
    left: dict[int, int] = dict(db.session.execute(found).all())
    return [
        Watched(project, supervising.daily(recorded[project.id], sheets), missing[project.id], left.get(project.id, 0))
        for project in rows
    ]
