"""Chinese working days: plain weekdays, overridden day by day from an editable table (调休).

The government announces each year's arrangement late in the year before, so a weekday rule alone is wrong in both
directions: some weekdays are holidays and some weekends are worked.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

ONE_DAY = timedelta(days=1)

Row = tuple[date, bool] | tuple[date, bool, str]


@dataclass(frozen=True)
class Calendar:
    """Working days as one unchanging value: build it with `Calendar.from_rows`."""

    exceptions: Mapping[date, bool]
    complete_years: frozenset[int]

    @classmethod
    def from_rows(cls, rows: Iterable[Row], complete_years: Iterable[int] = ()) -> Calendar:
        """Build from rows (date, is_working) or (date, is_working, name); the last row for a day wins.

        A year is complete when somebody has said so, never by its rows: the first of January is known early.
        """
        exceptions = {row[0]: row[1] for row in rows}
        return cls(MappingProxyType(exceptions), frozenset(complete_years))

    def covers(self, year: int) -> bool:
        """Whether the whole arrangement of this year is in the table; if not, a day in it is only a guess."""
        return year in self.complete_years

    def uncovered(self, *days: date) -> list[int]:
        """The years of these days that are not complete, each once, the earliest first."""
        return sorted({day.year for day in days} - self.complete_years)

    def is_working(self, day: date) -> bool:
        """Whether offices work on this day."""
        return self.exceptions.get(day, day.weekday() < 5)

    def next_working(self, day: date) -> date:
        """The first working day on or after `day`."""
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def add(self, day: date, n: int) -> date:
        """The n-th working day after `day` (before it, if n is negative); n = 0 gives `day` itself, unmoved."""
        step = ONE_DAY if n > 0 else -ONE_DAY
        left = abs(n)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def between(self, a: date, b: date) -> int:
        """How many working days lie after `a` up to and including `b`; negative when b is before a."""
        if b < a:
            return -self.between(b, a)
        return sum(self.is_working(a + timedelta(days=n)) for n in range(1, (b - a).days + 1))

    def window(self, start_day: date, n: int) -> tuple[date, date]:
        """First and last day of n full working days beginning on the first working day on or after `start_day`.

        Raises ValueError when n is below 1.
        """
        if n < 1:
            raise ValueError("a window has at least one working day")
        first_day = self.next_working(start_day)
        return first_day, self.add(first_day, n - 1)


def months_later(day: date, months: int) -> date:
    """The same day some months later (earlier, if negative); the last day of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def seed_rows(first_year: int, last_year: int) -> Iterator[tuple[date, bool, str]]:
    """Yield (date, is_working, name) for each day of these years that differs from a plain weekday rule.

    The years come from chinesecalendar (2004-2026). Raises NotImplementedError for a year it does not know.
    """
    import chinese_calendar

    day = date(first_year, 1, 1)
    while day.year <= last_year:
        works = bool(chinese_calendar.is_workday(day))
        if works != (day.weekday() < 5):
            yield day, works, _holiday_name(day, works)
        day += ONE_DAY


def _holiday_name(day: date, works: bool) -> str:
    """The Chinese name of the holiday that moves this day."""
    import chinese_calendar

    _, english = chinese_calendar.get_holiday_detail(day)
    name = str(chinese_calendar.Holiday(english).chinese)
    return f"{name}调休上班" if works else name
