"""Calendar files: `calendar.write(events) -> bytes` (iCalendar, RFC 5545), read by every phone and desktop calendar.

    calendar.write([
        Event(uid="need-XQ-2026-007-closes@matchhub", title="申报截止：楼道议事", starts_at=need.closes_at, url="https://…"),
        Event(uid="…", title="公示", first_day=date(2026, 11, 25), last_day=date(2026, 12, 1)),
    ], name="曹杨益家")

A moment (`starts_at`, UTC without tzinfo, as stored) is written in UTC, which every calendar shows in its reader's zone:
a file without time zone tables cannot be read wrongly. A day (`first_day`) is written as a day, which has no zone.
`uid` must stay the same for the same date, so that a calendar moves it instead of showing it twice; `uid()` makes one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from matchhub.core import clock
from matchhub.documents.paper import plain

MIMETYPE = "text/calendar"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Event:
    """One date. Either `starts_at` (and `ends_at`; without it a deadline of no length) or `first_day` (and `last_day`).

    `remind` are the hours before the start at which the calendar rings; `cancelled` takes a known date out again;
    `sequence` must grow when a date that was handed out is changed (the record's version serves).
    """

    uid: str
    title: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    first_day: date | None = None
    last_day: date | None = None
    place: str = ""
    text: str = ""
    url: str = ""
    remind: tuple[int, ...] = ()
    cancelled: bool = False
    sequence: int = 0


def uid(kind: str, ref: str, what: str) -> str:
    """The lasting identifier of a date of a record: uid("need", "XQ-2026-007", "closes")."""
    return f"{kind}-{ref}-{what}@matchhub"


def write(events: Iterable[Event], name: str) -> bytes:
    """The events as one calendar called `name`. Raises ValueError for an event without a start."""
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//matchhub//matchhub//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", plain(name))
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    for event in events:
        calendar.add_component(_component(event))
    return calendar.to_ical()


def _component(event: Event):  # type: ignore[no-untyped-def]  # icalendar is imported only when it is needed
    from icalendar import Event as Component

    written = Component()
    written.add("uid", event.uid)
    written.add("dtstamp", clock.now().replace(tzinfo=UTC))
    written.add("summary", plain(event.title))
    for key, value in _when(event):
        written.add(key, value)
    for key, text in (("location", event.place), ("description", event.text), ("url", event.url)):
        if text:
            written.add(key, plain(text))
    written.add("sequence", event.sequence)
    written.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    # A deadline or a notice does not make its reader busy.
    written.add("transp", "OPAQUE" if event.ends_at else "TRANSPARENT")
    for hours in event.remind:
        written.add_component(_alarm(event, hours))
    return written


def _when(event: Event) -> list[tuple[str, date | datetime]]:
    if event.starts_at is not None:
        start = event.starts_at.replace(tzinfo=UTC)
        return [("dtstart", start), ("dtend", event.ends_at.replace(tzinfo=UTC) if event.ends_at else start)]
    if event.first_day is not None:
        # The end of a whole-day event is the day after its last one.
        return [("dtstart", event.first_day), ("dtend", (event.last_day or event.first_day) + ONE_DAY)]
    raise ValueError(f"the event {event.uid} has no start")


def _alarm(event: Event, hours: int):  # type: ignore[no-untyped-def]
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", plain(event.title))
    alarm.add("trigger", timedelta(hours=-hours))
    return alarm
