"""The only source of the present moment.

Storage holds moments in UTC without tzinfo and days as they are in Shanghai; people read Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, timezone

# China has had one zone and no summer time since 1991, so a fixed offset is exact and needs no zone files.
OFFSET = timedelta(hours=8)
SHANGHAI = timezone(OFFSET, "Asia/Shanghai")

_stopped: list[datetime] = []


def now() -> datetime:
    """The present moment in UTC, without tzinfo."""
    return _stopped[-1] if _stopped else datetime.now(UTC).replace(tzinfo=None)


def today() -> date:
    """The present day in Shanghai."""
    return (now() + OFFSET).date()


def local(moment: datetime) -> datetime:
    """A stored moment as people in Shanghai read it (aware)."""
    return moment.replace(tzinfo=UTC).astimezone(SHANGHAI)


def utc(day: date, at: time = time()) -> datetime:
    """The stored moment of a wall-clock time in Shanghai."""
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC).replace(tzinfo=None)


@contextmanager
def stopped(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` (UTC without tzinfo) for this whole process: for tests and the demonstration."""
    _stopped.append(moment)
    try:
        yield
    finally:
        _stopped.pop()
