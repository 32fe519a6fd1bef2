"""The last twelve months: what charts count by and lists filter by."""

from __future__ import annotations

from datetime import date, timedelta

from matchhub.core import clock
from matchhub.core.i18n import _

COUNT = 12


def last() -> list[date]:
    """The first days of the last twelve months in Shanghai, the present one last."""
    months = [clock.today().replace(day=1)]
    while len(months) < COUNT:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months[::-1]


def after(month: date) -> date:
    """The first day of the next month."""
    return (month + timedelta(days=31)).replace(day=1)


def code(month: date) -> str:
    """A month as an address names it."""
    return f"{month:%Y-%m}"


def known() -> dict[str, date]:
    """The last twelve months by their codes, the present one first."""
    return {code(month): month for month in reversed(last())}


def words() -> dict[str, str]:
    """The last twelve months by their codes in words, for a filter."""
    return {key: _("%(year)s 年 %(month)s 月", year=month.year, month=month.month) for key, month in known().items()}
