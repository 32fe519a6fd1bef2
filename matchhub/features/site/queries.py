"""What the home page and the page of results count and list; each function is one statement unless it says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock, months
from matchhub.core.db import db
from matchhub.core.standing import standing
from matchhub.domain import coding, measuring, phases, policy
from matchhub.domain.models import (
    Activity,
    Assessment,
    AssessmentState,
    Event,
    EventKind,
    EventState,
    LibraryEntry,
    Need,
    NeedPhase,
    Notice,
    NoticePhase,
    NoticeState,
    Organisation,
    OrganisationState,
    Project,
    ProjectState,
    Visit,
    VisitState,
    need_code,
)

# Roadshows and promotion sessions that took place.
HELD = sa.and_(
    Event.kind.in_((EventKind.ROADSHOW, EventKind.PROMOTION)),
    Event.state.in_((EventState.ENDED, EventState.PUBLISHED)),
)
MADE = Visit.state.not_in((VisitState.PLANNED, VisitState.CANCELLED))


@dataclass(frozen=True, slots=True)
class Counters:
    """The street's headline numbers; what each means stands in `views_outcomes.py`."""

    organisations: int
    needs: int
    open_needs: int
    matched: int
    active: int
    visits: int
    assessed: int
    events: int


def counters() -> Counters:
    """All headline numbers in one statement."""
    row = db.session.execute(_counted()).one()
    return Counters(**row._mapping)


@standing
def _counted() -> Any:
    wanted = {
        "organisations": (Organisation, Organisation.state == OrganisationState.ADMITTED),
        "needs": (Need, Need.state.in_(policy.NEED_PUBLIC)),
        "open_needs": (Need, phases.need_in([NeedPhase.OPEN])),
        "matched": (Project, measuring.AGREED),
        "active": (Project, Project.state == ProjectState.ACTIVE),
        "visits": (Visit, MADE),
        "assessed": (Assessment, Assessment.state == AssessmentState.FINAL),
        "events": (Event, HELD),
    }
    counted = (
        sa.select(sa.func.count()).select_from(model).where(condition).scalar_subquery().label(name)
        for name, (model, condition) in wanted.items()
    )
    return sa.select(*counted)


def open_needs(limit: int) -> list[tuple[Need, dict[str, list[str]]]]:
    """The open needs that close first, each with its codes: two statements."""
    found = sa.select(Need).where(phases.need_in([NeedPhase.OPEN])).order_by(Need.closes_at, Need.id).limit(limit)
    needs = list(db.session.scalars(found))
    codes = coding.codes_for(Need, [need.id for need in needs])
    return [(need, codes[need.id]) for need in needs]


def notices(limit: int) -> list[Notice]:
    """Public notices: those that run first, the one that ends next on top, then the newest."""
    runs = phases.notice_in([NoticePhase.ANNOUNCED, NoticePhase.PUBLISHED])
    found = (
        sa.select(Notice)
        .where(policy.visible(None, Notice), Notice.state != NoticeState.AMENDED)
        .order_by(
            sa.case((runs, 0), else_=1), sa.case((runs, Notice.ends_at)), Notice.published_at.desc(), Notice.id.desc()
        )
        .limit(limit)
    )
    return list(db.session.scalars(found))


def coming_events(limit: int) -> list[Event]:
    """Announced events that are not over, the next one first."""
    found = sa.select(Event).where(Event.state.in_((EventState.OPEN, EventState.RUNNING)), Event.ends_at > clock.now())
    return list(db.session.scalars(found.order_by(Event.starts_at, Event.id).limit(limit)))


def projects_by_field() -> list[tuple[str, int]]:
    """(code of the field, number of projects), most first; a project with several fields counts in each."""
    count = sa.func.count()
    found = (
        sa.select(need_code.c.code, count)
        .join(Project, Project.need_id == need_code.c.need_id)
        .where(need_code.c.kind == "field")
        .group_by(need_code.c.code)
        .order_by(count.desc(), need_code.c.code)
    )
    return [(code, n) for code, n in db.session.execute(found)]


def projects_by_state() -> dict[ProjectState, int]:
    """Number of projects in each state, in the order of a project's life; states without any are left out."""
    found = sa.select(Project.state, sa.func.count()).group_by(Project.state)
    counted = {row[0]: int(row[1]) for row in db.session.execute(found)}
    return {state: counted[state] for state in ProjectState if state in counted}


def results_by_grade() -> dict[str, int]:
    """Number of final assessments of each grade."""
    found = sa.select(Assessment.grade, sa.func.count()).where(Assessment.state == AssessmentState.FINAL)
    return {grade: int(n) for grade, n in db.session.execute(found.group_by(Assessment.grade))}


def results(limit: int | None = None) -> list[Any]:
    """Finished assessments, newest first: project, organisation and grade."""
    found = (
        sa.select(
            Assessment.ref,
            Assessment.grade,
            Assessment.score,
            Assessment.final_at,
            Project.ref.label("project_ref"),
            Project.title,
            Organisation.ref.label("organisation_ref"),
            Organisation.name,
        )
        .join(Project, Assessment.project_id == Project.id)
        .join(Organisation, Project.organisation_id == Organisation.id)
        .where(Assessment.state == AssessmentState.FINAL)
        .order_by(Assessment.final_at.desc(), Assessment.id.desc())
    )
    return list(db.session.execute(found.limit(limit) if limit else found).all())


def visits_by_project(limit: int) -> list[Any]:
    """How often each project was visited, and when last; most visited first."""
    count = sa.func.count()
    found = (
        sa.select(Project.ref, Project.title, count.label("n"), sa.func.max(Visit.visited_on).label("last_on"))
        .join(Visit, Visit.project_id == Project.id)
        .where(MADE)
        .group_by(Project.id, Project.ref, Project.title)
        .order_by(count.desc(), Project.ref)
        .limit(limit)
    )
    return list(db.session.execute(found).all())


def within(column: Any, month: date) -> sa.ColumnElement[bool]:
    """Days of one month."""
    return sa.and_(column >= month, column < months.after(month))


def needs_by_month() -> list[tuple[date, int]]:
    """Needs published in each of the last months."""
    wanted = tuple(months.last())
    return list(zip(wanted, db.session.execute(_published(wanted)).one(), strict=True))


# Long selects of which only the months change.
@lru_cache(maxsize=2)
def _published(wanted: tuple[date, ...]) -> Any:
    sums = [
        sa.func.count(
            sa.case((sa.and_(Need.published_at >= clock.utc(m), Need.published_at < clock.utc(months.after(m))), 1))
        )
        for m in wanted
    ]
    return sa.select(*sums).where(Need.state.in_(policy.NEED_PUBLIC), Need.published_at >= clock.utc(wanted[0]))


@dataclass(frozen=True, slots=True)
class Activities:
    """Activities that took place: in all, and by month; `people` counts attendances, not persons."""

    count: int
    people: int
    by_month: list[tuple[date, int, int]]


def activities() -> Activities:
    """Activities on record that were not struck out, with their attendances."""
    wanted = tuple(months.last())
    row = [int(value) for value in db.session.execute(_held(wanted)).one()]
    pairs = list(zip(row[2::2], row[3::2], strict=True))
    return Activities(row[0], row[1], [(m, *pair) for m, pair in zip(wanted, pairs, strict=True)])


@lru_cache(maxsize=2)
def _held(wanted: tuple[date, ...]) -> Any:
    columns: list[Any] = [sa.func.count(), sa.func.coalesce(sa.func.sum(Activity.people), 0)]
    for m in wanted:
        inside = within(Activity.held_on, m)
        columns += [
            sa.func.count(sa.case((inside, 1))),
            sa.func.coalesce(sa.func.sum(sa.case((inside, Activity.people), else_=0)), 0),
        ]
    return sa.select(*columns).where(Activity.struck_at.is_(None))


def addresses(limit: int = 10_000) -> list[tuple[str, str, date | None]]:
    """(kind, reference, last day of change) of everything public, for the map for search engines."""
    parts = [
        sa.select(sa.literal("need").label("kind"), Need.ref, Need.published_at.label("at")).where(
            Need.state.in_(policy.NEED_PUBLIC)
        ),
        sa.select(sa.literal("project"), Project.ref, Project.created_at),
        sa.select(sa.literal("organisation"), Organisation.ref, Organisation.admitted_at).where(
            Organisation.state.in_(policy.ORGANISATION_PUBLIC)
        ),
        sa.select(sa.literal("notice"), Notice.ref, Notice.published_at).where(Notice.state.in_(policy.NOTICE_PUBLIC)),
        sa.select(sa.literal("event"), Event.ref, Event.announced_at).where(policy.visible(None, Event)),
        sa.select(sa.literal("library"), LibraryEntry.ref, LibraryEntry.published_at).where(
            policy.visible(None, LibraryEntry)
        ),
    ]
    found = db.session.execute(sa.union_all(*parts).limit(limit))
    return [(row.kind, row.ref, clock.local(row.at).date() if row.at else None) for row in found]
