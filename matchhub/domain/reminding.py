"""Reminders: what falls due, who is reminded when, and the ledger that lets nothing be sent twice or forgotten.

A module that reminds names a source:

    @reminding.source("drafts")
    def drafts(now: datetime) -> Iterator[Due]:
        yield Due("draft:SB-1", "48h", user.id, due_at, "application.closing_soon", title, url, until=closes_at)

`tick` asks every source, every few minutes. A run that was missed is made up for: of several steps of one thing that
have passed meanwhile only the newest is sent, the older ones are recorded as left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from matchhub.core import clock, outbox
from matchhub.core.db import command, db
from matchhub.domain import messages, telling
from matchhub.domain.models import Reminder, User

# A reminder that nobody could send for so long is history, not a reminder.
CATCH_UP = timedelta(days=14)
TICK_SECONDS = 300.0
CHUNK = 400


@dataclass(frozen=True, slots=True)
class Due:
    """One reminder to one person. `thing` and `step` are stable words: with the person they are its key.

    `due_at`: when it is to be sent; sources may give it before that moment. `until`: the moment from which it would
    only confuse (the deadline itself). `event` is a key of messages.EVENTS.
    """

    thing: str
    step: str
    user_id: int
    due_at: datetime
    event: str
    title: str
    url: str
    note: str = ""
    until: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.thing}:{self.step}:{self.user_id}"


Source = Callable[[datetime], Iterable[Due]]
SOURCES: dict[str, Source] = {}


def source(name: str) -> Callable[[Source], Source]:
    """Name a function that gives the reminders of one kind: all that are or soon will be due, sent or not."""

    def mark(give: Source) -> Source:
        SOURCES[name] = give
        return give

    return mark


def waiting(now: datetime) -> list[Due]:
    """What is due by `now` and not in the ledger yet, oldest first."""
    due = {one.key: one for give in SOURCES.values() for one in give(now) if one.due_at <= now}
    sent = known(list(due))
    return sorted((one for key, one in due.items() if key not in sent), key=lambda one: one.due_at)


def known(keys: Sequence[str]) -> set[str]:
    """Which of these keys, each with its person at the end, are in the ledger of reminders."""
    found: set[str] = set()
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        found |= set(db.session.scalars(sa.select(Reminder.key).where(Reminder.key.in_(part))))
    return found


@outbox.every(TICK_SECONDS)
def tick() -> int:
    """Send what is due; how many were sent. Only looks, and takes no turn among the writers, when nothing is due."""
    import_sources()
    due = waiting(clock.now())
    sent = _send(due) if due else 0
    if telling.waiting(clock.now()):
        send_daily()
    return sent


@command
def send_daily() -> int:
    """The daily mails that are due; how many."""
    return telling.send_daily(messages.EVENTS)


@command
def _send(due: Sequence[Due]) -> int:
    sent_before = known([one.key for one in due])
    fresh = [one for one in due if one.key not in sent_before]
    last = {(one.thing, one.user_id): one.key for one in fresh}  # oldest first: the newest step stays
    people = _people({one.user_id for one in fresh})
    sent = 0
    for one in fresh:
        user = people.get(one.user_id)
        wanted = last[one.thing, one.user_id] == one.key and _still_helps(one) and user is not None
        _record(one.key, one.user_id, one.due_at, wanted)
        if wanted and user is not None:
            messages.send(one.event, [user], one.title, one.url, one.note)
            sent += 1
    return sent


def _people(ids: set[int]) -> dict[int, User]:
    return {user.id: user for user in db.session.scalars(sa.select(User).where(User.id.in_(ids), User.active))}


def _still_helps(one: Due) -> bool:
    now = clock.now()
    return (one.until is None or now < one.until) and now - one.due_at <= CATCH_UP


def remind(key: str, user: User, due_at: datetime, build: Callable[[], object]) -> bool:
    """Inside a command: `build()` once for this key and person, from `due_at` on. Whether it was done now."""
    own = f"{key}:{user.id}"
    if clock.now() < due_at or known([own]):
        return False
    _record(own, user.id, due_at, True)
    build()
    return True


def _record(key: str, user_id: int, due_at: datetime, sent: bool) -> None:
    now = clock.now()
    db.session.add(Reminder(key=key, user_id=user_id, due_at=due_at, sent_at=now if sent else None))
    db.session.flush()


def import_sources() -> None:
    """Load the modules whose sources are to be asked."""
    from matchhub.domain import reminders  # noqa: F401 - importing registers its sources
