"""Laws of working days, on the arrangement that China announced for 2025 and 2026."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.core.workdays import Calendar, months_later, seed_rows

HOLIDAYS = Path(__file__).parents[2] / "seed" / "reference" / "holidays.csv"


def read_holidays() -> list[tuple[date, bool, str]]:
    with HOLIDAYS.open(encoding="utf-8", newline="") as file:
        return [(date.fromisoformat(r["date"]), r["is_working"] == "1", r["name"]) for r in csv.DictReader(file)]


def read_complete_years() -> list[int]:
    with HOLIDAYS.with_name("calendar_years.csv").open(encoding="utf-8", newline="") as file:
        return [int(row["year"]) for row in csv.DictReader(file)]


CALENDAR = Calendar.from_rows(read_holidays(), read_complete_years())
DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 9, 30), True),  # Wednesday before the national holiday
        (date(2026, 10, 1), False),  # Thursday, national day
        (date(2026, 10, 7), False),  # Wednesday, last day off
        (date(2026, 10, 8), True),  # Thursday
        (date(2026, 10, 10), True),  # Saturday worked instead
        (date(2026, 10, 11), False),  # plain Sunday
        (date(2026, 9, 20), True),  # Sunday worked before the holiday
    ],
)
def test_an_exception_wins_over_the_weekday_and_other_days_follow_the_week(day, works):
    assert CALENDAR.is_working(day) is works


def test_five_working_days_after_30_september_2026_end_on_the_13th():
    # 1-7 Oct are off. Working: Thu 8 (1), Fri 9 (2), Sat 10 worked (3), Sun 11 off, Mon 12 (4), Tue 13 (5).
    assert CALENDAR.add(date(2026, 9, 30), 5) == date(2026, 10, 13)


def test_counting_back_crosses_the_same_holiday():
    # From Tue 13 Oct back: Mon 12 (1), Sat 10 (2), Fri 9 (3), Thu 8 (4), Wed 30 Sept (5).
    assert CALENDAR.add(date(2026, 10, 13), -5) == date(2026, 9, 30)


def test_zero_working_days_leave_the_day_where_it_is_even_a_holiday():
    assert CALENDAR.add(date(2026, 10, 3), 0) == date(2026, 10, 3)


def test_a_window_begins_on_the_first_working_day_and_both_ends_count():
    # Start on Sat 3 Oct 2026: first working day is Thu 8; 8, 9, 10 (worked Saturday), 12, 13 are the five days.
    assert CALENDAR.window(date(2026, 10, 3), 5) == (date(2026, 10, 8), date(2026, 10, 13))


def test_a_window_of_one_day_is_that_day():
    assert CALENDAR.window(date(2026, 10, 8), 1) == (date(2026, 10, 8), date(2026, 10, 8))


def test_a_window_without_days_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        CALENDAR.window(date(2026, 10, 8), 0)


def test_between_leaves_out_the_first_day_and_counts_the_last():
    assert CALENDAR.between(date(2026, 10, 8), date(2026, 10, 8)) == 0
    assert CALENDAR.between(date(2026, 10, 8), date(2026, 10, 9)) == 1
    assert CALENDAR.between(date(2026, 10, 9), date(2026, 10, 8)) == -1


@given(DAYS, st.integers(1, 60))
def test_the_nth_working_day_after_a_day_is_a_working_day_and_n_working_days_away(day, n):
    end = CALENDAR.add(day, n)
    assert CALENDAR.is_working(end)
    assert CALENDAR.between(day, end) == n


@given(DAYS, st.integers(1, 60))
def test_counting_forward_and_back_returns_to_a_working_day(day, n):
    start = CALENDAR.next_working(day)
    assert CALENDAR.add(CALENDAR.add(start, n), -n) == start


@given(DAYS, DAYS, DAYS)
def test_stretches_of_working_days_add_up(a, b, c):
    assert CALENDAR.between(a, b) + CALENDAR.between(b, c) == CALENDAR.between(a, c)


@given(DAYS, st.integers(1, 30))
def test_a_window_holds_exactly_n_working_days(day, n):
    first, last = CALENDAR.window(day, n)
    assert first >= day
    assert CALENDAR.between(first - timedelta(days=1), last) == n


@given(DAYS)
def test_the_next_working_day_is_never_earlier_and_skips_no_working_day(day):
    found = CALENDAR.next_working(day)
    assert found >= day
    assert CALENDAR.between(day - timedelta(days=1), found) == 1


def test_a_year_that_nobody_marked_complete_is_not_covered_though_its_holidays_count():
    assert CALENDAR.covers(2025)
    assert CALENDAR.covers(2026)
    assert not CALENDAR.covers(2027)
    assert not CALENDAR.is_working(date(2027, 2, 5))  # New Year's eve, a Friday


def test_a_year_is_complete_by_its_mark_alone():
    new_year = [(date(2030, 1, 1), False)]
    assert not Calendar.from_rows(new_year).covers(2030)
    assert Calendar.from_rows(new_year, [2030]).covers(2030)


def test_the_years_that_are_only_guessed_are_named_once():
    assert CALENDAR.uncovered(date(2026, 12, 30), date(2027, 1, 4), date(2027, 2, 8), date(2028, 1, 1)) == [2027, 2028]
    assert CALENDAR.uncovered(date(2026, 1, 1)) == []


def test_the_seed_yields_only_days_that_break_the_weekday_rule():
    assert all(works != (day.weekday() < 5) for day, works, _ in seed_rows(2024, 2026))


def test_the_holiday_table_in_the_repository_is_what_the_seed_yields():
    announced = [row for row in read_holidays() if row[0].year in (2025, 2026)]
    assert announced == list(seed_rows(2025, 2026))


def test_a_year_that_is_not_announced_is_not_guessed():
    with pytest.raises(NotImplementedError):
        list(seed_rows(2027, 2027))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 9, 15), 12, date(2027, 9, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2027, 11, 24), -36, date(2024, 11, 24)),
        (date(2026, 1, 31), -2, date(2025, 11, 30)),
    ],
)
def test_months_are_counted_by_the_calendar_both_ways(day, months, then):
    assert months_later(day, months) == then
