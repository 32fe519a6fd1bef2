"""When things are due: every clock of the street in one place, counted on the working-day calendar.

Moments (`…_at`) are stored in UTC without tzinfo; days (`…_on`) are days in Shanghai. A due date is computed once
and stored: later changes of settings or calendar do not move deadlines that people were told.

Counting starts on the day after the event (the day of the event is day 0), and a clock of working days ends at
the closing time of its last day.
"""

from __future__ import annotations

import calendar as months
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from matchhub.core import clock
from matchhub.core.workdays import Calendar


@dataclass(frozen=True)
class Terms:
    """The settings that deadlines follow. `*_days` are working days unless the comment says otherwise."""

    call_days: int = 15  # calendar days from publication to the close of applications
    question_close_day: int = 9  # calendar days, of a call of `call_days`
    answer_due_day: int = 12  # calendar days, of a call of `call_days`
    minimum_call_days: int = 7  # calendar days
    close_time: time = time(17)  # wall clock in Shanghai
    correction_days: int = 3
    notice_days: int = 5
    notice_days_welfare: int = 15  # calendar days
    objection_days: int = 5
    objection_check_days: int = 2
    hearing_days: int = 3
    award_confirm_days: int = 5
    report_due_day: int = 5  # day of the next month
    report_reminders: tuple[int, ...] = (-5, -1, 1, 5)  # calendar days from the due day
    ledger_days: int = 7  # calendar days after the activity
    visit_confirm_days: int = 3
    rectify_days: int = 10
    rectify_days_severe: int = 3


@dataclass(frozen=True)
class NeedDeadlines:
    """The three moments of a call, each later than the one before."""

    questions_close_at: datetime
    answers_due_at: datetime
    closes_at: datetime


class CallProblem(StrEnum):
    """Why hand-set deadlines of a call are not allowed."""

    too_short = "too_short"
    questions_not_before_answers = "questions_not_before_answers"
    answers_not_before_close = "answers_not_before_close"
    questions_close_in_the_past = "questions_close_in_the_past"


def need_deadlines(published_on: date, terms: Terms, calendar: Calendar, call_days: int | None = None) -> NeedDeadlines:
    """Questions close, answers are due and applications close, at the closing time of a working day.

    Each is counted in calendar days from publication and moved to the next working day. When a holiday pushes two
    of them onto one day, the later one moves on by a working day: answers need a day after the last question.
    A call of another length keeps the proportions (7 days: questions day 4, answers day 5).
    Raises ValueError below the minimum period.
    """
    length = terms.call_days if call_days is None else call_days
    if length < terms.minimum_call_days:
        raise ValueError(f"a call lasts at least {terms.minimum_call_days} days")
    days = [terms.question_close_day * length // terms.call_days, terms.answer_due_day * length // terms.call_days]
    due: list[date] = []
    for n in (*days, length):
        day = calendar.next_working(published_on + timedelta(days=n))
        due.append(max(day, calendar.add(due[-1], 1)) if due else day)
    questions, answers, close = (clock.utc(day, terms.close_time) for day in due)
    return NeedDeadlines(questions, answers, close)


def call_end(day: date, terms: Terms, calendar: Calendar) -> datetime:
    """The moment at which a call ends that is to end on `day`: the closing time of that or the next working day."""
    return clock.utc(calendar.next_working(day), terms.close_time)


def call_problems(published_at: datetime, deadlines: NeedDeadlines, terms: Terms) -> tuple[CallProblem, ...]:
    """What is wrong with deadlines set by hand; days are counted in Shanghai, exactly the minimum is enough."""
    length = clock.local(deadlines.closes_at).date() - clock.local(published_at).date()
    checks = (
        (CallProblem.too_short, length.days < terms.minimum_call_days),
        (CallProblem.questions_close_in_the_past, deadlines.questions_close_at <= published_at),
        (CallProblem.questions_not_before_answers, deadlines.questions_close_at >= deadlines.answers_due_at),
        (CallProblem.answers_not_before_close, deadlines.answers_due_at >= deadlines.closes_at),
    )
    return tuple(code for code, is_wrong in checks if is_wrong)


def working_clock(started_at: datetime, days: int, terms: Terms, calendar: Calendar) -> datetime:
    """The closing time of the n-th working day after the day (in Shanghai) of an event.

    Raises ValueError when n is below 1.
    """
    if days < 1:
        raise ValueError("a clock runs at least one working day")
    last_day = calendar.add(clock.local(started_at).date(), days)
    return clock.utc(last_day, terms.close_time)


def correction_due_at(asked_at: datetime, terms: Terms, calendar: Calendar) -> datetime:
    """Until when an applicant may repair an application (补正)."""
    return working_clock(asked_at, terms.correction_days, terms, calendar)


def objection_answer_due_at(received_at: datetime, terms: Terms, calendar: Calendar) -> datetime:
    """Until when the street answers an objection."""
    return working_clock(received_at, terms.objection_days, terms, calendar)


def objection_check_due_on(received_at: datetime, terms: Terms, calendar: Calendar) -> date:
    """By when the street says whether it takes an objection up: never later than its answer is due."""
    days = min(terms.objection_check_days, terms.objection_days)
    return clock.local(working_clock(received_at, days, terms, calendar)).date()


def hearing_due_on(asked_at: datetime, answer_due_on: date, terms: Terms, calendar: Calendar) -> date:
    """By when an organisation answers about an objection: its own period, and not after the street's answer is due."""
    own = clock.local(working_clock(asked_at, terms.hearing_days, terms, calendar)).date()
    return max(clock.local(asked_at).date(), min(own, answer_due_on))


def award_confirm_due_at(awarded_at: datetime, terms: Terms, calendar: Calendar) -> datetime:
    """Until when both sides confirm and sign after an award."""
    return working_clock(awarded_at, terms.award_confirm_days, terms, calendar)


def visit_confirmation_due_at(submitted_at: datetime, terms: Terms, calendar: Calendar) -> datetime:
    """Until when the organisation confirms or contests a visit record; after it the record counts as confirmed."""
    return working_clock(submitted_at, terms.visit_confirm_days, terms, calendar)


def rectification_due_on(issued_on: date, terms: Terms, calendar: Calendar, *, severe: bool = False) -> date:
    """The last day for repairing what a rectification names; it ends at the closing time of that day."""
    return calendar.add(issued_on, terms.rectify_days_severe if severe else terms.rectify_days)


@dataclass(frozen=True)
class NoticeWindow:
    """A public notice: days as people read them, and the moments between which it runs (the end excluded)."""

    first_day: date
    last_day: date
    starts_at: datetime
    ends_at: datetime

    def is_running(self, moment: datetime) -> bool:
        """Whether objections are taken at this moment."""
        return self.starts_at <= moment < self.ends_at


def notice_window(start_day: date, days: int, calendar: Calendar) -> NoticeWindow:
    """n full working days from the first working day on or after `start_day`: 00:00 of the first, 24:00 of the last.

    The day on which a notice goes up in the course of the day is not a full day: give the next day as `start_day`.
    """
    return _window(*calendar.window(start_day, days))


def welfare_notice_window(start_day: date, days: int, calendar: Calendar) -> NoticeWindow:
    """n calendar days from `start_day` (projects paid from lottery funds); a last day off moves to a working day.

    Raises ValueError when n is below 1.
    """
    if days < 1:
        raise ValueError("a notice runs at least one day")
    return _window(start_day, calendar.next_working(start_day + timedelta(days=days - 1)))


def _window(first_day: date, last_day: date) -> NoticeWindow:
    """24:00 of the last day is 00:00 of the day after it."""
    return NoticeWindow(first_day, last_day, clock.utc(first_day), clock.utc(last_day + timedelta(days=1)))


def report_due_on(year: int, month: int, terms: Terms) -> date:
    """The day on which the report of this month is due: the due day of the next month.

    It is the same day each month and is not moved for holidays, neither later nor earlier: reports are sent online,
    and a day that never moves is remembered. A month too short for the due day ends with its own last day.
    """
    next_year, next_month = (year + 1, 1) if month == 12 else (year, month + 1)
    last = months.monthrange(next_year, next_month)[1]
    return date(next_year, next_month, min(terms.report_due_day, last))


def report_is_on_time(submitted_at: datetime, due_on: date) -> bool:
    """Whether a report came in by 24:00 (Shanghai) of its due day."""
    return clock.local(submitted_at).date() <= due_on


def report_reminders_on(due_on: date, terms: Terms) -> tuple[date, ...]:
    """The days on which people are reminded of a report, earliest first."""
    return tuple(due_on + timedelta(days=n) for n in sorted(terms.report_reminders))


def ledger_due_on(activity_on: date, terms: Terms) -> date:
    """The last day for uploading the papers of an activity; calendar days, not moved."""
    return activity_on + timedelta(days=terms.ledger_days)
