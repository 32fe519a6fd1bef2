"""Office hours: how much working time lies between two moments, and when so much of it has passed.

A clock that is measured in office hours stands still at night, at weekends and on holidays (on the working-day calendar).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from matchhub.core import clock
from matchhub.core.workdays import ONE_DAY, Calendar

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class OfficeHours:
    """One span of wall-clock time on each working day; a lunch break is not taken out. Raises ValueError when empty."""

    opens: time
    closes: time
    calendar: Calendar

    def __post_init__(self) -> None:
        if self.opens >= self.closes:
            raise ValueError("an office opens before it closes")

    def _span(self, day: date) -> tuple[datetime, datetime]:
        return clock.utc(day, self.opens), clock.utc(day, self.closes)

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Whole office minutes from `start` to `end`; 0 when no office was open between them."""
        worked, day, last = timedelta(), clock.local(start).date(), clock.local(end).date()
        while day <= last:
            if self.calendar.is_working(day):
                opens, closes = self._span(day)
                worked += max(timedelta(), min(end, closes) - max(start, opens))
            day += ONE_DAY
        return worked // MINUTE

    def after(self, start: datetime, minutes: int) -> datetime:
        """The moment at which so many office minutes have passed since `start`. Raises ValueError below one minute."""
        if minutes < 1:
            raise ValueError("a clock runs at least one minute")
        left, day = minutes * MINUTE, clock.local(start).date()
        while True:
            if self.calendar.is_working(day):
                opens, closes = self._span(day)
                begins = max(start, opens)
                if closes - begins >= left:
                    return begins + left
                left -= max(timedelta(), closes - begins)
            day += ONE_DAY

    def minutes_of_a_day(self) -> int:
        """How many office minutes one working day has."""
        return (self.closes.hour - self.opens.hour) * 60 + self.closes.minute - self.opens.minute
