"""Laws of due dates, on the announced working days of 2026. Shanghai is 8 hours ahead of the stored UTC moments."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.core import clock
from matchhub.core.workdays import Calendar, seed_rows
from matchhub.domain.deadlines import (
    CallProblem,
    NeedDeadlines,
    Terms,
    award_confirm_due_at,
    call_problems,
    correction_due_at,
    ledger_due_on,
    need_deadlines,
    notice_window,
    objection_answer_due_at,
    rectification_due_on,
    report_due_on,
    report_is_on_time,
    report_reminders_on,
    visit_confirmation_due_at,
    welfare_notice_window,
    working_clock,
)

TERMS = Terms()
CALENDAR = Calendar.from_rows(seed_rows(2025, 2026))
DAYS = st.dates(date(2025, 1, 1), date(2026, 11, 30))


def at(month, day, hour, minute=0):
    """A stored moment of 2026."""
    return datetime(2026, month, day, hour, minute)


def test_a_call_without_holidays_closes_on_days_9_12_and_15_at_17():
    # Published Mon 2 Nov 2026: day 9 = Wed 11, day 12 = Sat 14 -> Mon 16, day 15 = Tue 17. 17:00 is 09:00 UTC.
    assert need_deadlines(date(2026, 11, 2), TERMS, CALENDAR) == NeedDeadlines(
        at(11, 11, 9), at(11, 16, 9), at(11, 17, 9)
    )


def test_deadlines_that_a_holiday_pushes_together_are_set_a_working_day_apart():
    # Published Tue 22 Sept 2026: day 9 = 1 Oct, day 12 = 4 Oct, day 15 = 7 Oct, all off until Thu 8 Oct.
    # Questions close Thu 8, answers are due Fri 9, applications close Sat 10, which is worked.
    assert need_deadlines(date(2026, 9, 22), TERMS, CALENDAR) == NeedDeadlines(
        at(10, 8, 9), at(10, 9, 9), at(10, 10, 9)
    )


def test_a_shorter_call_keeps_the_proportions():
    # 7 days: 9*7//15 = 4, 12*7//15 = 5. From Mon 2 Nov: Fri 6, Sat 7 -> Mon 9, then day 7 = Mon 9 -> Tue 10.
    short = need_deadlines(date(2026, 11, 2), TERMS, CALENDAR, call_days=7)
    assert short == NeedDeadlines(at(11, 6, 9), at(11, 9, 9), at(11, 10, 9))


def test_a_call_below_the_minimum_is_refused():
    with pytest.raises(ValueError, match="at least 7 days"):
        need_deadlines(date(2026, 11, 2), TERMS, CALENDAR, call_days=6)


@given(DAYS, st.integers(7, 90))
def test_every_call_is_in_order_long_enough_and_ends_on_working_days(day, length):
    due = need_deadlines(day, TERMS, CALENDAR, length)
    assert call_problems(clock.utc(day), due, TERMS) == ()
    for moment in (due.questions_close_at, due.answers_due_at, due.closes_at):
        assert CALENDAR.is_working(clock.local(moment).date())
        assert clock.local(moment).time() == TERMS.close_time


def test_hand_set_deadlines_say_what_is_wrong():
    published = at(11, 2, 2)
    good = NeedDeadlines(at(11, 5, 9), at(11, 6, 9), at(11, 9, 9))
    assert call_problems(published, good, TERMS) == ()
    assert call_problems(published, replace(good, closes_at=at(11, 8, 9)), TERMS) == (CallProblem.too_short,)
    assert call_problems(published, replace(good, answers_due_at=at(11, 5, 9)), TERMS) == (
        CallProblem.questions_not_before_answers,
    )
    assert call_problems(published, replace(good, answers_due_at=at(11, 9, 9)), TERMS) == (
        CallProblem.answers_not_before_close,
    )
    assert call_problems(published, replace(good, questions_close_at=published), TERMS) == (
        CallProblem.questions_close_in_the_past,
    )


def test_the_length_of_a_call_is_counted_in_shanghai_days():
    # 16:30 UTC on 1 Nov is 00:30 on 2 Nov in Shanghai: until 8 Nov these are 6 days, not 7.
    due = NeedDeadlines(at(11, 5, 9), at(11, 6, 9), at(11, 8, 9))
    assert call_problems(at(11, 1, 16, 30), due, TERMS) == (CallProblem.too_short,)
    assert call_problems(at(11, 1, 15, 30), due, TERMS) == ()


def test_a_correction_has_three_full_working_days_and_ends_at_17():
    # Asked Wed 30 Sept 2026 10:00: Thu 8 Oct (1), Fri 9 (2), Sat 10 worked (3).
    assert correction_due_at(at(9, 30, 2), TERMS, CALENDAR) == at(10, 10, 9)


def test_a_clock_starts_on_the_shanghai_day_of_the_event():
    # 17:00 UTC on Tue 3 Nov is 01:00 on Wed 4 Nov: the first working day after is Thu 5.
    assert working_clock(at(11, 3, 17), 1, TERMS, CALENDAR) == at(11, 5, 9)
    assert working_clock(at(11, 3, 15), 1, TERMS, CALENDAR) == at(11, 4, 9)


def test_the_other_clocks_run_for_their_own_settings():
    # From Mon 2 Nov 2026: 3 working days end Thu 5; 5 end Mon 9.
    started = at(11, 2, 2)
    assert visit_confirmation_due_at(started, TERMS, CALENDAR) == at(11, 5, 9)
    assert objection_answer_due_at(started, TERMS, CALENDAR) == at(11, 9, 9)
    assert award_confirm_due_at(started, TERMS, CALENDAR) == at(11, 9, 9)
    assert visit_confirmation_due_at(started, replace(TERMS, visit_confirm_days=5), CALENDAR) == at(11, 9, 9)


def test_a_clock_of_no_days_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        working_clock(at(11, 2, 2), 0, TERMS, CALENDAR)


def test_rectifications_have_ten_working_days_and_severe_ones_three():
    # From Mon 2 Nov: ten working days end Mon 16; three end Thu 5.
    assert rectification_due_on(date(2026, 11, 2), TERMS, CALENDAR) == date(2026, 11, 16)
    assert rectification_due_on(date(2026, 11, 2), TERMS, CALENDAR, severe=True) == date(2026, 11, 5)


def test_a_notice_runs_five_full_working_days_from_midnight_to_midnight():
    # From Sat 3 Oct 2026: Thu 8, Fri 9, Sat 10 (worked), Mon 12, Tue 13. Midnight in Shanghai is 16:00 UTC before.
    window = notice_window(date(2026, 10, 3), 5, CALENDAR)
    assert (window.first_day, window.last_day) == (date(2026, 10, 8), date(2026, 10, 13))
    assert (window.starts_at, window.ends_at) == (at(10, 7, 16), at(10, 13, 16))


def test_a_notice_runs_from_its_first_instant_up_to_but_not_at_its_end():
    window = notice_window(date(2026, 10, 3), 5, CALENDAR)
    blink = timedelta(microseconds=1)
    assert window.is_running(window.starts_at)
    assert not window.is_running(window.starts_at - blink)
    assert window.is_running(window.ends_at - blink)
    assert not window.is_running(window.ends_at)


@given(DAYS, st.integers(1, 20))
def test_a_notice_holds_exactly_its_working_days(day, n):
    window = notice_window(day, n, CALENDAR)
    assert CALENDAR.between(window.first_day - timedelta(days=1), window.last_day) == n
    assert window.first_day >= day


def test_a_welfare_notice_counts_calendar_days_and_moves_an_end_that_is_off():
    # 15 days from Mon 2 Nov end Mon 16 Nov; from Sat 19 Sept they end Sat 3 Oct -> Thu 8 Oct.
    plain = welfare_notice_window(date(2026, 11, 2), 15, CALENDAR)
    assert (plain.first_day, plain.last_day) == (date(2026, 11, 2), date(2026, 11, 16))
    assert welfare_notice_window(date(2026, 9, 19), 15, CALENDAR).last_day == date(2026, 10, 8)
    assert welfare_notice_window(date(2026, 11, 2), 1, CALENDAR).last_day == date(2026, 11, 2)
    with pytest.raises(ValueError, match="at least one day"):
        welfare_notice_window(date(2026, 9, 19), 0, CALENDAR)


def test_a_report_is_due_on_the_5th_of_the_next_month_and_holidays_do_not_move_it():
    assert report_due_on(2026, 10, TERMS) == date(2026, 11, 5)
    assert report_due_on(2026, 12, TERMS) == date(2027, 1, 5)
    # 5 Oct 2026 lies in the national holiday and stays.
    assert report_due_on(2026, 9, TERMS) == date(2026, 10, 5)


def test_a_due_day_that_a_month_lacks_is_its_last_day():
    late = replace(TERMS, report_due_day=31)
    assert report_due_on(2026, 1, late) == date(2026, 2, 28)
    assert report_due_on(2028, 1, late) == date(2028, 2, 29)


def test_a_report_is_on_time_until_midnight_in_shanghai():
    # Midnight at the end of 5 Nov in Shanghai is 16:00 UTC.
    assert report_is_on_time(at(11, 5, 15, 59), date(2026, 11, 5))
    assert not report_is_on_time(at(11, 5, 16), date(2026, 11, 5))


def test_report_reminders_lie_around_the_due_day():
    days = [date(2026, 10, 31), date(2026, 11, 4), date(2026, 11, 6), date(2026, 11, 10)]
    assert list(report_reminders_on(date(2026, 11, 5), TERMS)) == days


def test_the_papers_of_an_activity_are_due_seven_calendar_days_later():
    assert ledger_due_on(date(2026, 9, 28), TERMS) == date(2026, 10, 5)
