"""Office hours: the clock of a first answer stands still at night, at weekends and on holidays."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.core import clock
from matchhub.core.workdays import Calendar
from matchhub.core.workhours import OfficeHours

# National day 2026: 1 to 7 October off, Saturday 10 October worked.
CALENDAR = Calendar.from_rows([(date(2026, 10, n), False) for n in range(1, 8)] + [(date(2026, 10, 10), True)])
HOURS = OfficeHours(time(9), time(17), CALENDAR)


def at(day: str, wall: str = "00:00") -> datetime:
    return clock.utc(date.fromisoformat(day), time.fromisoformat(wall))


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        (("2026-09-15", "10:00"), ("2026-09-15", "11:30"), 90),
        (("2026-09-15", "16:30"), ("2026-09-16", "09:30"), 60),
        (("2026-09-18", "16:00"), ("2026-09-21", "10:00"), 120),  # Friday to Monday
        (("2026-09-15", "20:00"), ("2026-09-16", "08:59"), 0),
        (("2026-09-30", "16:00"), ("2026-10-08", "09:10"), 70),  # over the whole holiday
        (("2026-10-10", "09:00"), ("2026-10-11", "17:00"), 480),  # a Saturday that is worked
        (("2026-09-15", "11:00"), ("2026-09-15", "10:00"), 0),
    ],
)
def test_only_office_time_counts(start, end, minutes):
    assert HOURS.minutes_between(at(*start), at(*end)) == minutes


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        (("2026-09-15", "10:00"), 240, ("2026-09-15", "14:00")),
        (("2026-09-15", "15:00"), 240, ("2026-09-16", "11:00")),
        (("2026-09-15", "09:00"), 480, ("2026-09-15", "17:00")),
        (("2026-09-18", "18:00"), 60, ("2026-09-21", "10:00")),
        (("2026-09-30", "17:00"), 1, ("2026-10-08", "09:01")),
    ],
)
def test_the_clock_runs_out_in_office_time(start, minutes, end):
    assert HOURS.after(at(*start), minutes) == at(*end)


@given(st.datetimes(datetime(2026, 9, 1), datetime(2026, 11, 1)), st.integers(1, 5000))
def test_after_and_between_agree(start, minutes):
    start = start.replace(second=0, microsecond=0)
    assert HOURS.minutes_between(start, HOURS.after(start, minutes)) == minutes


@given(st.datetimes(datetime(2026, 9, 1), datetime(2026, 11, 1)), st.integers(0, 20000), st.integers(0, 20000))
def test_two_spans_are_as_long_as_the_whole(start, first, second):
    start = start.replace(second=0, microsecond=0)
    middle, end = start + timedelta(minutes=first), start + timedelta(minutes=first + second)
    whole = HOURS.minutes_between(start, middle) + HOURS.minutes_between(middle, end)
    assert whole == HOURS.minutes_between(start, end)


def test_an_office_that_closes_before_it_opens_is_refused():
    with pytest.raises(ValueError, match="opens before"):
        OfficeHours(time(17), time(9), CALENDAR)
    with pytest.raises(ValueError, match="at least one minute"):
        HOURS.after(at("2026-09-15"), 0)
