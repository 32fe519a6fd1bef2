"""What one thing to do is, and helpers that the tables of duties share."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _
from matchhub.core.together import Asked, together
from matchhub.domain import paths, reference, ties
from matchhub.domain.models import Need, Role, User

Clause = sa.ColumnElement[bool]


class Area(StrEnum):
    """The part of the desk that a thing to do belongs to: its count is shown there in the navigation."""

    OWN = "own"
    MY_APPLICATIONS = "my_applications"
    MY_MATCHES = "my_matches"
    MY_PROJECTS = "my_projects"
    MY_VISITS = "my_visits"
    MY_CLOSING = "my_closing"
    MY_HEARINGS = "my_hearings"
    MY_SUPPORT = "my_support"
    SUPPORT = "support"
    MY_CHANNEL = "my_channel"
    CHANNEL = "channel"
    NEEDS = "needs"
    APPLICATIONS = "applications"
    REVIEWS = "reviews"
    NOTICES = "notices"
    OBJECTIONS = "objections"
    PROJECTS = "projects"
    REPORTS = "reports"
    SUPERVISION = "supervision"
    CLOSING = "closing"
    ORGANISATIONS = "organisations"
    REVIEW = "review"
    SUPERVISE = "supervise"
    ASSESS = "assess"
    COMMUNITY = "community"
    EVENTS = "events"
    MY_EVENTS = "my_events"
    LEDGER = "ledger"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits: for this person, or with `waits_for` for somebody else.

    `kind`, `verb` and `waits_for` are constants to be translated; `title` is for the eye. It is due at a moment
    (`due_at`) or by the end of a day (`due_on`), or has no date; `since` is when it began to wait.
    `is_next` marks what is not yet to be done but comes next.
    """

    kind: str
    title: str
    url: str
    verb: str
    subject_ref: str
    area: Area
    due_at: datetime | None = None
    due_on: date | None = None
    since: datetime | None = None
    waits_for: str = ""
    is_next: bool = False

    @property
    def due_day(self) -> date | None:
        """The day in Shanghai on which it is due; what ends at 24:00 is due on the day that ends."""
        return clock.local(self.due_at - timedelta(seconds=1)).date() if self.due_at else self.due_on

    @property
    def is_overdue(self) -> bool:
        if self.due_at is not None:
            return self.due_at <= clock.now()
        return self.due_on is not None and self.due_on < clock.today()


# How a duty asks: it yields a select of columns and is sent its rows, so that all duties of a person ask together.
Asking = Generator[Asked, list[Any], list[Todo]]


@dataclass(frozen=True, slots=True)
class Duty:
    """Who looks for what: `find` reads everything of its kind that waits for a holder of `roles`."""

    roles: frozenset[Role]
    find: Callable[[User], list[Todo] | Asking]


def answered(user: User, duties: Iterable[list[Todo] | Asking]) -> list[Todo]:
    """What all duties found: their questions are one statement, and one more for those who ask twice."""
    given = {
        "me": user.id,
        "my_organisation": user.organisation_id,
        "sections": list(user.sections()),
        **ties.asked_of(user),
    }
    found: list[list[Todo]] = []
    asking: list[tuple[int, Asking, Any]] = []
    for n, duty in enumerate(duties):
        found.append(duty if isinstance(duty, list) else [])
        if not isinstance(duty, list):
            asking.append((n, duty, None))
    while asking:
        going, selects = [], []
        for n, asker, answer in asking:
            try:
                selects.append(asker.send(answer))
                going.append((n, asker))
            except StopIteration as done:
                found[n] = done.value
        asking = [(n, asker, answer) for (n, asker), answer in zip(going, together(*selects, **given), strict=True)]
    return [todo for one in found for todo in one]


def rows(found: sa.Executable) -> Sequence[Any]:
    return db.session.execute(found).all()


def path(kind: str, side: str, ref: str) -> str:
    """The address of a record of which only the reference is known."""
    return paths.PATHS[kind, side].format(SimpleNamespace(ref=ref))


def joined(*parts: str | None) -> str:
    """The parts of a title, the empty ones left out."""
    return " · ".join(part for part in parts if part)


ME = sa.bindparam("me", type_=sa.Integer)
MY_ORGANISATION = sa.bindparam("my_organisation", type_=sa.Integer)
_SECTIONS = Need.section_code.in_(sa.bindparam("sections", expanding=True))


def of_section(user: User) -> Clause:
    """Needs that this person's section answers for; people of the street without a section answer for all of them."""
    return Need.section_code.in_(user.sections()) if has_section(user) else sa.true()


def has_section(user: User) -> bool:
    """Whether this person answers for the needs of their own sections alone."""
    return bool(user.sections()) and Role.STREET_APPROVER not in user.roles


def in_sections(own: bool) -> Clause:
    """`of_section` in a standing select: `own` is what `has_section` says."""
    return _SECTIONS if own else sa.true()


def month_words(month: date) -> str:
    return _("%(y)s 年 %(m)s 月月报", y=month.year, m=month.month)


def this_month() -> date:
    return clock.today().replace(day=1)


THIS_MONTH = sa.bindparam("this_month", callable_=this_month, type_=sa.Date)


def _expires_by() -> date:
    """Papers that end by this day are to be renewed: the first reminder period, counted from today."""
    return clock.today() + timedelta(days=max(int(days) for days in reference.setting("document_expiry_reminders")))


EXPIRES_BY = sa.bindparam("expires_by", callable_=_expires_by, type_=sa.Date)


def end_of_month() -> date:
    return (this_month() + timedelta(days=32)).replace(day=1) - timedelta(days=1)
