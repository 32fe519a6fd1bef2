"""Due dates in words, and the groups of the workbench."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from matchhub.core import clock
from matchhub.core.i18n import _, _l, day_in_words
from matchhub.domain.todo import Todo

WEEKDAYS = (_l("周一"), _l("周二"), _l("周三"), _l("周四"), _l("周五"), _l("周六"), _l("周日"))


@dataclass(slots=True)
class Group:
    """A heading of the workbench with its rows; `anchor` is where the number on top leads."""

    anchor: str
    title: str
    todos: list[Todo] = field(default_factory=list)


def end_of_week() -> date:
    today = clock.today()
    return today + timedelta(days=6 - today.weekday())


def group_of(todo: Todo) -> str:
    """`overdue`, `today`, `week` (to Sunday), `later` or `none`."""
    day = todo.due_day
    if todo.is_overdue:
        return "overdue"
    if day is None:
        return "none"
    if day == clock.today():
        return "today"
    return "week" if day <= end_of_week() else "later"


def grouped(todos: Iterable[Todo]) -> list[Group]:
    """All five groups in their order; the empty ones too, because the numbers on top need them."""
    groups = {
        "overdue": Group("overdue", _l("已逾期")),
        "today": Group("today", _l("今天")),
        "week": Group("week", _l("本周")),
        "later": Group("later", _l("以后")),
        "none": Group("undated", _l("没有期限")),
    }
    for todo in todos:
        groups[group_of(todo)].todos.append(todo)
    return list(groups.values())


def day_words(day: date) -> str:
    """A day as people say it: with its year only when it is another one."""
    return day_in_words(day, with_year=day.year != clock.today().year)


def _hour(due_at: datetime | None) -> str:
    """ "17:00"; empty for the end of a day."""
    local = clock.local(due_at).time() if due_at else time()
    return "" if local == time() else f"{local:%H:%M}"


def due_words(todo: Todo) -> str:
    """When it is due, in words; since when it waits where nothing is due; empty where neither is known."""
    day, hour = todo.due_day, _hour(todo.due_at)
    if day is None:
        return _("%(day)s起", day=day_words(clock.local(todo.since).date())) if todo.since else ""
    late = (clock.today() - day).days
    if todo.is_overdue:
        return _("逾期 %(n)s 天", n=late) if late else _("今天 %(hour)s 已到期", hour=hour)
    if late == 0:
        return _("今天 %(hour)s 前", hour=hour) if hour else _("今天")
    if late == -1:
        return _("明天 %(hour)s 前", hour=hour) if hour else _("明天")
    if day <= end_of_week():
        word = _(WEEKDAYS[day.weekday()])
        return _("%(weekday)s %(hour)s 前", weekday=word, hour=hour) if hour else word
    return day_words(day)


def tone(todo: Todo) -> str:
    """`danger` for overdue, `warn` for today, empty else: always beside the words, never instead of them."""
    if todo.waits_for:
        return ""
    return {"overdue": "danger", "today": "warn"}.get(group_of(todo), "")
