"""Reminders of clocks that run against somebody: drafts, corrections, reviews, reports, rectifications, objections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import deadlines, reference
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Grant,
    Hearing,
    Need,
    NeedState,
    Notice,
    Objection,
    ObjectionState,
    Panelist,
    Project,
    ProjectState,
    Rectification,
    RectificationState,
    Report,
    ReportState,
    ReviewRound,
    Role,
    RoundState,
    User,
    Visit,
    VisitState,
)
from matchhub.domain.paths import JUDGE, MY, STAFF
from matchhub.domain.reminding import CATCH_UP, Due, source
from matchhub.domain.todo import judging
from matchhub.domain.todo.base import answered, path

MORNING = time(9)  # reminders that go by days are sent at this wall-clock time
HOURS_6, HOURS_48 = timedelta(hours=6), timedelta(hours=48)
ONE_DAY = timedelta(days=1)
ORG_ROLES = (Role.ORG_ADMIN, Role.ORG_MEMBER)
RUNNING = (ProjectState.ACTIVE, ProjectState.PAUSED, ProjectState.CLOSING)


def team(organisation_id: Any) -> sa.ColumnElement[bool]:
    """Joins the active people of an organisation who work in it."""
    works = sa.select(Grant.user_id).where(Grant.role.in_(ORG_ROLES))
    return sa.and_(User.organisation_id == organisation_id, User.active, User.id.in_(works))


def words_of(moment: datetime) -> str:
    """A moment in figures, the same in every language: messages are stored before anybody chooses one."""
    return clock.local(moment).strftime("%Y-%m-%d %H:%M")


def morning(day: date) -> datetime:
    return clock.utc(day, MORNING)


def _applicants(ends_at: Any) -> sa.Select[Any]:
    """The team of every applicant, with the application and the moment at which something of it ends."""
    return (
        sa.select(Application.ref, Need.title, ends_at, User.id)
        .join(Need, Application.need_id == Need.id)
        .join(User, team(Application.organisation_id))
    )


def _carriers(model: Any, *columns: Any) -> sa.Select[Any]:
    """The team that carries the project of each of these records, with the project's title and the columns asked for."""
    return (
        sa.select(*columns, Project.title, User.id)
        .join(Project, model.project_id == Project.id)
        .join(User, team(Project.organisation_id))
    )


@source("drafts")
def drafts(now: datetime) -> Iterator[Due]:
    """48 and 6 hours before the end of a call: whoever has a draft that is not handed in."""
    found = _applicants(Need.closes_at).where(
        Application.state == ApplicationState.DRAFT, Need.state == NeedState.OPEN, Need.closes_at > now,
        Need.closes_at <= now + HOURS_48,
    )  # fmt: skip
    for row in db.session.execute(found):
        for step, ahead in (("48h", HOURS_48), ("6h", HOURS_6)):
            yield Due(
                f"draft:{row.ref}", step, row.id, row.closes_at - ahead, f"application.closes_in_{step}", row.title,
                path("application", MY, row.ref), words_of(row.closes_at), until=row.closes_at,
            )  # fmt: skip


@source("corrections")
def corrections(now: datetime) -> Iterator[Due]:
    """A day before the clock of a correction runs out."""
    found = _applicants(Application.correction_due_at).where(
        Application.state == ApplicationState.CORRECTION, Application.correction_due_at > now
    )
    for row in db.session.execute(found):
        due_at = row.correction_due_at
        yield Due(
            f"correction:{row.ref}", "1d", row.id, due_at - ONE_DAY, "application.correction_due", row.title,
            path("application", MY, row.ref), words_of(due_at), until=due_at,
        )  # fmt: skip


@source("reviews")
def reviews(now: datetime) -> Iterator[Due]:
    """Three days and one day before a review is due: whoever has a declaration or a sheet left to do."""
    found = (
        sa.select(User)
        .join(Panelist, Panelist.user_id == User.id)
        .join(ReviewRound, Panelist.round_id == ReviewRound.id)
        .where(
            User.active, ReviewRound.state == RoundState.SCORING, ReviewRound.due_at > now,
            ReviewRound.due_at <= now + 3 * ONE_DAY,
        )
        .distinct()
    )  # fmt: skip
    for user in db.session.scalars(found).all():
        for todo in answered(user, [judging.reviews(user)]):
            if todo.due_at is None or todo.due_at <= now:
                continue
            for step, days in (("3d", 3), ("1d", 1)):
                yield Due(
                    f"review:{todo.subject_ref}", step, user.id, todo.due_at - days * ONE_DAY,
                    f"review_round.due_in_{step}", todo.title, path("review_round", JUDGE, todo.subject_ref),
                    words_of(todo.due_at), until=todo.due_at,
                )  # fmt: skip


@source("reports")
def reports(now: datetime) -> Iterator[Due]:
    """Monthly reports that are not handed in, on the days around their due day that the settings name."""
    steps, today = reference.terms().report_reminders, clock.local(now).date()
    first, last = today - CATCH_UP - timedelta(days=max(steps)), today - timedelta(days=min(steps))
    found = _carriers(Report, Report.ref, Report.month, Report.due_on).where(
        Report.state == ReportState.AWAITED, Report.due_on.between(first, last), Project.state.in_(RUNNING)
    )
    for row in db.session.execute(found):
        for step, day in zip(sorted(steps), deadlines.report_reminders_on(row.due_on, reference.terms()), strict=True):
            yield Due(
                f"report:{row.ref}", f"{step:+d}", row.id, morning(day),
                "report.overdue" if step > 0 else "report.due_soon", f"{row.title} · {row.month:%Y-%m}",
                path("report", MY, row.ref), row.due_on.isoformat(),
                until=clock.utc(row.due_on + ONE_DAY) if step <= 0 else None,
            )  # fmt: skip


@source("rectifications")
def rectifications(now: datetime) -> Iterator[Due]:
    """Three days before a rectification is due, and on the first day after: the organisation, then also its supervisor."""
    today = clock.local(now).date()
    found = _carriers(Rectification, Rectification.ref, Rectification.due_on, Rectification.issued_by_id).where(
        Rectification.state.in_((RectificationState.ISSUED, RectificationState.ACKNOWLEDGED)),
        Rectification.due_on.between(today - CATCH_UP, today + 3 * ONE_DAY),
    )
    for row in db.session.execute(found):
        late_at, over = morning(row.due_on + ONE_DAY), clock.utc(row.due_on + ONE_DAY)
        thing, mine = f"rectification:{row.ref}", path("rectification", MY, row.ref)
        yield Due(thing, "-3", row.id, morning(row.due_on - 3 * ONE_DAY), "rectification.due_soon", row.title, mine,
                  row.due_on.isoformat(), until=over)  # fmt: skip
        yield Due(thing, "+1", row.id, late_at, "rectification.overdue", row.title, mine, row.due_on.isoformat())
        yield Due(thing, "+1", row.issued_by_id, late_at, "rectification.overdue_issuer", row.title,
                  path("rectification", JUDGE, row.ref), row.due_on.isoformat())  # fmt: skip


@source("visits")
def visits(now: datetime) -> Iterator[Due]:
    """A day before the silence of an organisation counts as its confirmation of a visit's record."""
    found = _carriers(Visit, Visit.ref, Visit.confirm_due_at).where(
        Visit.state == VisitState.SUBMITTED, Visit.confirm_due_at > now, Visit.confirm_due_at <= now + ONE_DAY
    )
    for row in db.session.execute(found):
        yield Due(
            f"visit:{row.ref}", "1d", row.id, row.confirm_due_at - ONE_DAY, "visit.confirm_due", row.title,
            path("visit", MY, row.ref), words_of(row.confirm_due_at), until=row.confirm_due_at,
        )  # fmt: skip


@source("objections")
def objections(now: datetime) -> Iterator[Due]:
    """On the working day before the street must say whether it takes an objection up, and before its answer is due."""
    found = (
        sa.select(Objection.ref, Objection.state, Objection.check_due_on, Objection.answer_due_on, Notice.title)
        .join(Notice, Objection.notice_id == Notice.id)
        .where(Objection.state.in_((ObjectionState.RECEIVED, ObjectionState.INVESTIGATING)))
    )
    open_ones = db.session.execute(found).all()
    for user_id in _street() if open_ones else ():
        for row in open_ones:
            checking = row.state is ObjectionState.RECEIVED and row.check_due_on is not None
            day = row.check_due_on if checking else row.answer_due_on
            step = "check" if checking else "answer"
            yield Due(
                f"objection:{row.ref}:{step}", "-1", user_id, morning(reference.calendar().add(day, -1)),
                f"objection.{step}_due", row.title, path("objection", STAFF, row.ref), day.isoformat(),
            )  # fmt: skip


def _street() -> list[int]:
    """The accounts that handle objections."""
    grants = sa.select(Grant.user_id).where(Grant.role.in_((Role.STREET_STAFF, Role.STREET_APPROVER)))
    return list(db.session.scalars(sa.select(User.id).where(User.active, User.id.in_(grants))))


@source("hearings")
def hearings(now: datetime) -> Iterator[Due]:
    """On the day before an organisation's answer about an objection is due."""
    found = (
        sa.select(Hearing.ref, Hearing.due_on, Notice.title, User.id)
        .join(Objection, Hearing.objection_id == Objection.id)
        .join(Notice, Hearing.notice_id == Notice.id)
        .join(User, team(Hearing.organisation_id))
        .where(Hearing.replied_at.is_(None), Objection.answered_at.is_(None))
    )
    for row in db.session.execute(found):
        yield Due(
            f"hearing:{row.ref}", "-1", row.id, morning(row.due_on - ONE_DAY), "hearing.due", row.title,
            path("hearing", MY, row.ref), row.due_on.isoformat(), until=clock.utc(row.due_on + ONE_DAY),
        )  # fmt: skip
