"""What people hear about a need by the clock: answers that are due, the half-way of what grew from it, and its news."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _
from matchhub.domain import following, measuring
from matchhub.domain.models import Need, NeedFollow, Project, ProjectState, User
from matchhub.domain.parties import Party, parties, people
from matchhub.domain.paths import PUBLIC, STAFF
from matchhub.domain.reminders.deadlines import ONE_DAY, morning, words_of
from matchhub.domain.reminding import CATCH_UP, Due, source
from matchhub.domain.todo.base import path
from matchhub.domain.todo.street_needs import open_questions

RUNNING = (ProjectState.ACTIVE, ProjectState.PAUSED, ProjectState.CLOSING)
# Of the other news whoever follows with an account is told by the deed itself.
TOLD_BY_THE_CLOCK = {
    "closed": "need.closed", "notice": "need.notice", "matched": "need.match", "started": "need.started",
    "finished": "need.finished", "terminated": "need.finished",
}  # fmt: skip


@source("answers")
def answers(now: datetime) -> Iterator[Due]:
    """A day before answers are due: the section, while a question has no published answer."""
    soon = Need.answers_due_at.between(now, now + ONE_DAY)
    for row in db.session.execute(open_questions().where(soon)).all():
        need = db.session.scalars(sa.select(Need).where(Need.ref == row.ref)).one()
        for user in people(need, Party.OFFICE):
            yield Due(
                f"answers:{row.ref}", "1d", user.id, row.answers_due_at - ONE_DAY, "need.answers_due", row.title,
                path("need", STAFF, row.ref), words_of(row.answers_due_at), until=row.answers_due_at,
            )  # fmt: skip


def half_way_on(project: Project) -> date | None:
    """The day in the middle of a project's period; None while its period is not agreed."""
    if project.starts_on is None or project.ends_on is None:
        return None
    return project.starts_on + (project.ends_on - project.starts_on) / 2


@source("raised_needs")
def raised(now: datetime) -> Iterator[Due]:
    """Half-way and at the end: the residents' committees that raised the need or whose community it names."""
    today = clock.local(now).date()
    ended = sa.and_(Project.state == ProjectState.CLOSED, Project.ended_at > now - CATCH_UP)
    running = sa.and_(Project.state.in_(RUNNING), Project.starts_on <= today, Project.ends_on >= today - CATCH_UP)
    found = sa.select(Project).where(sa.or_(running, ended)).options(joinedload(Project.need))
    for project in db.session.scalars(found).all():
        url, thing = path("project", PUBLIC, project.ref), f"raised:{project.need.ref}"
        if project.state is ProjectState.CLOSED and project.ended_at is not None:
            for user in people(project.need, Party.NEIGHBOURHOOD):
                yield Due(thing, "end", user.id, project.ended_at, "need.closed_out", project.need.title, url)
        elif (middle := half_way_on(project)) and today - CATCH_UP <= middle <= today:
            note = _so_far(project)
            for user in people(project.need, Party.NEIGHBOURHOOD):
                yield Due(thing, "half", user.id, morning(middle), "need.half_way", project.need.title, url, note)


def _so_far(project: Project) -> str:
    facts = measuring.facts(project)
    return _("到今天办了 %(n)s 场活动，服务 %(people)s 人次", n=facts.sessions, people=facts.people)


@source("followed_needs")
def followed(now: datetime) -> Iterator[Due]:
    """News of a need for the accounts that follow it, from the day on which they began."""
    follows = following.by_accounts()
    news = following.news_of([follow.need for follow in follows])
    users = _users(follows)
    for follow in follows:
        user, need = users.get(follow.user_id or 0), follow.need
        for one in news.get(need.id, []):
            if user is None or one.kind not in TOLD_BY_THE_CLOCK or one.at <= max(follow.created_at, now - CATCH_UP):
                continue
            if one.kind == "matched" and Party.NEIGHBOURHOOD in parties(user, need):
                continue  # the deed itself has told them
            event = TOLD_BY_THE_CLOCK[one.kind]
            yield Due(f"follow:{need.ref}:{one.key}", "news", user.id, one.at, event, need.title, one.path, one.text)


def _users(follows: list[NeedFollow]) -> dict[int, User]:
    ids = {follow.user_id for follow in follows}
    return {user.id: user for user in db.session.scalars(sa.select(User).where(User.id.in_(ids), User.active))}
