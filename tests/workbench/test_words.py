"""Due dates are told in words, and grouped as people plan: overdue, today, this week, later."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from matchhub.core import clock
from matchhub.domain.todo import Area, Todo
from matchhub.features.workbench import words

# The tests' clock stands on Tuesday, 15 September 2026, 10:00 in Shanghai.
TODAY = date(2026, 9, 15)


def todo(**due):
    return Todo("审核月报", "月报", "/", "去审核", "YB-2026-001", Area.REPORTS, **due)


def at(day: date, hour: int = 17) -> datetime:
    return clock.utc(day, time(hour))


@pytest.mark.parametrize(
    ("due", "group", "told"),
    [
        ({"due_on": TODAY - timedelta(days=2)}, "overdue", "逾期 2 天"),
        ({"due_at": at(TODAY, 9)}, "overdue", "今天 09:00 已到期"),
        ({"due_at": at(TODAY)}, "today", "今天 17:00 前"),
        ({"due_on": TODAY}, "today", "今天"),
        ({"due_on": TODAY + timedelta(days=1)}, "week", "明天"),
        ({"due_at": at(TODAY + timedelta(days=1))}, "week", "明天 17:00 前"),
        ({"due_at": at(date(2026, 9, 18))}, "week", "周五 17:00 前"),
        ({"due_on": date(2026, 9, 20)}, "week", "周日"),
        ({"due_on": date(2026, 9, 21)}, "later", "9 月 21 日"),
        ({"due_on": date(2027, 1, 5)}, "later", "2027 年 1 月 5 日"),
        ({"since": at(date(2026, 9, 10))}, "none", "9 月 10 日起"),
        ({}, "none", ""),
    ],
)
def test_a_due_date_in_words(app, due, group, told):
    assert (words.group_of(todo(**due)), words.due_words(todo(**due))) == (group, told)


def test_what_ends_at_midnight_is_due_on_the_day_before(app):
    """A notice runs to 24:00 of its last day, which is stored as 00:00 of the next."""
    found = todo(due_at=clock.utc(TODAY + timedelta(days=1)))
    assert (words.group_of(found), words.due_words(found)) == ("today", "今天")


def test_late_and_pressing_things_are_marked_and_what_waits_for_others_is_not(app):
    assert words.tone(todo(due_on=TODAY - timedelta(days=1))) == "danger"
    assert words.tone(todo(due_on=TODAY)) == "warn"
    assert words.tone(todo(due_on=TODAY + timedelta(days=1))) == ""
    assert words.tone(todo(due_on=TODAY - timedelta(days=1), waits_for="街道")) == ""
