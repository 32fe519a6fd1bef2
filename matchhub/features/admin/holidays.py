"""The calendar of working days: what each year adds to the plain week, entered as the government announces it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from matchhub.core import clock, ledger
from matchhub.core.db import after_commit, command, db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _, _l
from matchhub.core.ledger import Actor
from matchhub.domain import reference
from matchhub.domain.models import CalendarYear, Holiday

# What people write for a free day and for a working one, whatever language they read.
FREE = (_l("放假"), _l("休"), "off", "holiday")
WORKING = (_l("上班"), _l("班"), "work", "working")
LINE = re.compile(r"(\d{4})[^\d\s,](\d{1,2})[^\d\s,](\d{1,2})[^\d\s,]?[\s,]+([^\s,]+)(?:[\s,]+(.+))?")


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    is_working: bool
    name: str


def years() -> list[int]:
    """The years to show: all that have a row, and this year and the next in any case."""
    known = {day.year for day in db.session.scalars(sa.select(Holiday.day))}
    this = clock.today().year
    return sorted(known | {this, this + 1}, reverse=True)


def of_year(year: int) -> list[Holiday]:
    found = sa.select(Holiday).where(Holiday.day >= date(year, 1, 1), Holiday.day <= date(year, 12, 31))
    return list(db.session.scalars(found.order_by(Holiday.day)))


def uncovered() -> list[int]:
    """Of this year and the next those that nobody has marked as complete."""
    this = clock.today().year
    return [year for year in (this, this + 1) if not reference.calendar().covers(year)]


def parse(text: str) -> tuple[list[Day], list[str]]:
    """Days from lines like "2027-02-06 放假 春节", and a sentence for each line that cannot be read."""
    days, problems = [], []
    for number, line in enumerate(unicodedata.normalize("NFKC", text).splitlines(), 1):
        if not line.strip():
            continue
        day = _day(line.strip())
        if day is None:
            problems.append(
                _("第 %(n)s 行读不懂，请写成“2027-02-06 放假 春节”或“2027-02-14 上班 春节调休”。", n=number)
            )
        else:
            days.append(day)
    return days, problems


def _day(line: str) -> Day | None:
    found = LINE.fullmatch(line)
    if found is None or found[4].lower() not in FREE + WORKING:
        return None
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
    return Day(day, found[4].lower() in WORKING, (found[5] or "").strip()[:200])


@command
def save(actor: Actor, days: Sequence[Day]) -> int:
    """Add or correct days; how many differ now. Periods already computed stay as they are."""
    changed = 0
    for wanted in days:
        row = db.session.get(Holiday, wanted.day)
        if row is not None and (row.is_working, row.name) == (wanted.is_working, wanted.name):
            continue
        data = {"working": wanted.is_working, "name": wanted.name}
        if row is None:
            db.session.add(Holiday(day=wanted.day, is_working=wanted.is_working, name=wanted.name))
        else:
            data |= {"old_working": row.is_working, "old_name": row.name}
            row.is_working, row.name = wanted.is_working, wanted.name
        ledger.record(actor, "holiday.save", f"holiday:{wanted.day}", data)
        changed += 1
    after_commit(reference.forget)
    return changed


@command
def complete(actor: Actor, year: int) -> None:
    """Mark a year as complete: from now on its periods count as certain. Raises NotNow where it has no row at all."""
    if not of_year(year):
        raise NotNow(_("%(year)s 年还没有录入任何一天，请先录入放假和调休的日子。", year=year))
    if db.session.get(CalendarYear, year) is None:
        db.session.add(CalendarYear(year=year))
        ledger.record(actor, "calendar_year.complete", f"calendar_year:{year}", {"days": len(of_year(year))})
    after_commit(reference.forget)


@command
def reopen(actor: Actor, year: int) -> None:
    """Take the mark away again: something of that year is still open."""
    row = db.session.get(CalendarYear, year)
    if row is not None:
        db.session.delete(row)
        ledger.record(actor, "calendar_year.delete", f"calendar_year:{year}")
    after_commit(reference.forget)


@command
def delete(actor: Actor, day: date) -> None:
    """Take a day out of the table: it is then as its weekday says. Raises NotNow when it is not there."""
    row = db.session.get(Holiday, day)
    if row is None:
        raise NotNow(_("这一天已经不在表里了，请刷新页面。"))
    ledger.record(actor, "holiday.delete", f"holiday:{day}", {"working": row.is_working, "name": row.name})
    db.session.delete(row)
    after_commit(reference.forget)
