"""What a project has done against what it planned, until a day. Struck activities never count.

The plan until a day: the times of a plan row are spread evenly over its months, first and last month included. A
month counts once it is over (from its last day on), so nobody is behind in a month that still runs, and a part of a
session is not due yet (rounded down): 10 times in 6 months are 1 after one month, 3 after two, 5 after three and all
10 after the last. People due are sessions due times people each. Money due is the amount spread in the same way over
the months of the project period.

Done towards the plan is what was held under its rows; what was held beside the plan is counted apart and in the sums
of everything held. More than planned in one row does make up for another row in the sums, not in `rows_done`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import deadlines, reference
from matchhub.domain.models import Activity, PlanRow, Project, Report, ReportState
from matchhub.domain.scoring.numbers import percent

# Below this share of the sessions due a project is shown as behind its plan: the border of item B5.
BEHIND_BELOW_PERCENT = 80
# A match counts once its agreement is signed and its first day is set (有效对接).
AGREED = sa.and_(Project.signed_on.is_not(None), Project.starts_on.is_not(None))


@dataclass(frozen=True, slots=True)
class RowFacts:
    """One row of the plan: all that is planned, what of it is due until the day, and what was done."""

    row_id: int
    seq: int
    name: str
    form: str
    from_month: date
    to_month: date
    planned_sessions: int
    planned_people: int
    due_sessions: int
    due_people: int
    done_sessions: int
    done_people: int

    @property
    def is_done(self) -> bool:
        """Whether all sessions due until the day were held."""
        return self.done_sessions >= self.due_sessions


@dataclass(frozen=True, slots=True)
class CategoryFacts:
    """A budget category: what the award has for it and what was spent, in fen."""

    category: str
    budget_fen: int
    spent_fen: int

    @property
    def is_over(self) -> bool:
        """Whether more was spent than the budget holds."""
        return self.spent_fen > self.budget_fen

    @property
    def rate(self) -> Decimal | None:
        """Percent of the budget that was spent; None where nothing was planned."""
        return percent(self.spent_fen, self.budget_fen) if self.budget_fen else None


@dataclass(frozen=True, slots=True)
class Facts:
    """A project until a day (included). `sessions` and `people` (人次) count everything held, beside the plan as well."""

    until: date
    rows: tuple[RowFacts, ...]
    sessions: int
    people: int
    new_people: int
    volunteers: int
    volunteer_hours: int
    spending: tuple[CategoryFacts, ...]
    budget_fen: int
    spent_fen: int
    due_fen: int
    records_late: int
    reports_due: int
    reports_on_time: int

    @property
    def planned_sessions(self) -> int:
        return sum(row.planned_sessions for row in self.rows)

    @property
    def planned_people(self) -> int:
        return sum(row.planned_people for row in self.rows)

    @property
    def due_sessions(self) -> int:
        return sum(row.due_sessions for row in self.rows)

    @property
    def due_people(self) -> int:
        return sum(row.due_people for row in self.rows)

    @property
    def done_sessions(self) -> int:
        """Sessions held under a row of the plan."""
        return sum(row.done_sessions for row in self.rows)

    @property
    def done_people(self) -> int:
        """People served (人次) under a row of the plan."""
        return sum(row.done_people for row in self.rows)

    @property
    def extra_sessions(self) -> int:
        """Sessions held beside the plan."""
        return self.sessions - self.done_sessions

    @property
    def extra_people(self) -> int:
        return self.people - self.done_people

    @property
    def rows_due(self) -> int:
        """Rows of which something is due until the day."""
        return sum(row.due_sessions > 0 for row in self.rows)

    @property
    def rows_done(self) -> int:
        """Of the rows due those that are on time."""
        return sum(row.due_sessions > 0 and row.is_done for row in self.rows)

    @property
    def execution_rate(self) -> Decimal | None:
        """Percent of the award that was spent, to two places; None for an award of zero."""
        return percent(self.spent_fen, self.budget_fen) if self.budget_fen else None

    @property
    def is_behind(self) -> bool:
        return is_behind(self.due_sessions, self.done_sessions)


def facts(project: Project, until: date | None = None) -> Facts:
    """Plan against fact of one project until a day in Shanghai, today when none is given."""
    reports = db.session.scalars(sa.select(Report).where(Report.project_id == project.id).order_by(Report.month))
    days = reference.terms().ledger_days
    return measure(project, project.plan, project.activities, list(reports), until or clock.today(), days)


def measure(
    project: Project,
    plan: Sequence[PlanRow],
    activities: Iterable[Activity],
    reports: Sequence[Report],
    until: date,
    ledger_days: int,
) -> Facts:
    """`facts` over rows that are already loaded."""
    held = counted(activities, until=until)
    spent = spent_by_category(held, (r for r in reports if r.month <= until and has_been_submitted(r)))
    spending = _spending(agreed_budget(project.budget, project.amount_fen), spent)
    on_time = punctuality(reports, until)
    return Facts(
        until=until,
        rows=tuple(_row(row, held, until) for row in plan),
        sessions=len(held),
        people=sum(a.people for a in held),
        new_people=sum(a.new_people for a in held),
        volunteers=sum(a.volunteers for a in held),
        volunteer_hours=sum(a.volunteer_hours for a in held),
        spending=spending,
        budget_fen=project.amount_fen,
        spent_fen=sum(part.spent_fen for part in spending),
        due_fen=_money_due(project, until),
        records_late=sum(was_recorded_late(a, ledger_days) for a in held),
        reports_due=on_time[0],
        reports_on_time=on_time[1],
    )


def counted(activities: Iterable[Activity], since: date | None = None, until: date | None = None) -> list[Activity]:
    """The activities that count: not struck, and held from `since` to `until` (both included)."""
    return [
        a
        for a in activities
        if a.struck_at is None and (since is None or since <= a.held_on) and (until is None or a.held_on <= until)
    ]


def _row(row: PlanRow, held: Sequence[Activity], until: date) -> RowFacts:
    mine = [a for a in held if a.plan_row_id == row.id]
    due = due_times(row.times, row.from_month, row.to_month, until)
    return RowFacts(
        row_id=row.id,
        seq=row.seq,
        name=row.name,
        form=row.form,
        from_month=row.from_month,
        to_month=row.to_month,
        planned_sessions=row.times,
        planned_people=row.times * row.people_each,
        due_sessions=due,
        due_people=due * row.people_each,
        done_sessions=len(mine),
        done_people=sum(a.people for a in mine),
    )


def next_month(day: date) -> date:
    """The first day of the month after that of `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def last_of_month(day: date) -> date:
    return next_month(day) - timedelta(days=1)


def months(first: date, last: date) -> list[date]:
    """The first days of the months from that of `first` to that of `last`."""
    found, month = [], first.replace(day=1)
    while month <= last:
        found.append(month)
        month = next_month(month)
    return found


def due_times(times: int, first: date, last: date, until: date) -> int:
    """How many of `times`, spread evenly over the months from `first` to `last`, are due until a day (rounded down)."""
    all_months = months(first, last)
    over = sum(last_of_month(month) <= until for month in all_months)
    return times * over // len(all_months) if all_months else 0


def is_behind(due_sessions: int, done_sessions: int) -> bool:
    """Whether less than 80 % of what is due was done."""
    return done_sessions * 100 < due_sessions * BEHIND_BELOW_PERCENT


def was_recorded_late(activity: Activity, ledger_days: int) -> bool:
    """Whether it entered the ledger later than `ledger_days` calendar days after the day it was held."""
    return clock.local(activity.recorded_at).date() > activity.held_on + timedelta(days=ledger_days)


def has_been_submitted(report: Report) -> bool:
    """Whether its figures stand: it was submitted and has not been returned."""
    return report.state in (ReportState.SUBMITTED, ReportState.ACCEPTED)


def punctuality(reports: Iterable[Report], until: date) -> tuple[int, int]:
    """(due, on time) of monthly reports until a day: due is a report whose day is past or that was handed in by then.

    A report counts as handed in when it first was, even if it was returned later. Exempt months do not count.
    """
    due = on_time = 0
    for report in reports:
        if report.state is ReportState.EXEMPT:
            continue
        first = report.first_submitted_at
        handed_in = first is not None and clock.local(first).date() <= until
        if not handed_in and report.due_on >= until:
            continue
        due += 1
        on_time += handed_in and first is not None and deadlines.report_is_on_time(first, report.due_on)
    return due, on_time


def spent_by_category(activities: Iterable[Activity], reports: Iterable[Report] = ()) -> dict[str, int]:
    """Spending in fen by category: of these activities, and what these reports add that belongs to no activity."""
    spent: dict[str, int] = {}
    for activity in activities:
        if activity.expense_fen:
            spent[activity.expense_category] = spent.get(activity.expense_category, 0) + activity.expense_fen
    for report in reports:
        for category, fen in (report.figures or {}).get("other", {}).items():
            spent[category] = spent.get(category, 0) + int(fen)
    return spent


def agreed_budget(rows: Iterable[Mapping[str, Any]], amount_fen: int) -> dict[str, int]:
    """The award by budget category, in fen.

    Only rows paid from the award (`source` applied) count. Where the award is not the sum applied for, every category
    is cut (or raised) in the same proportion; the fen that rounding leaves go to the largest remainders, so that the
    categories add up to the award exactly.
    """
    wanted: dict[str, int] = {}
    for row in rows:
        if row.get("source", "applied") == "applied":
            wanted[row["category"]] = wanted.get(row["category"], 0) + int(row["amount_fen"])
    total = sum(wanted.values())
    if not total:
        return {}
    shares = {category: divmod(fen * amount_fen, total) for category, fen in wanted.items()}
    left = amount_fen - sum(whole for whole, _rest in shares.values())
    first = sorted(shares, key=lambda category: -shares[category][1])[:left]
    return {category: whole + (category in first) for category, (whole, _rest) in shares.items()}


def _spending(budget: Mapping[str, int], spent: Mapping[str, int]) -> tuple[CategoryFacts, ...]:
    categories = dict.fromkeys([*budget, *spent])
    return tuple(CategoryFacts(c, budget.get(c, 0), spent.get(c, 0)) for c in categories)


def _money_due(project: Project, until: date) -> int:
    if project.starts_on is None or project.ends_on is None:
        return 0
    return due_times(project.amount_fen, project.starts_on, project.ends_on, until)


def month_figures(
    project: Project, report: Report, other: Mapping[str, int], reports: Sequence[Report]
) -> dict[str, Any]:
    """The numbers of one monthly report as they are frozen at its submission.

    `other` is the month's spending in fen by category that belongs to no activity. `total` is cumulative to the end of
    the month: the plan until then, what was done, and the money.
    """
    end = last_of_month(report.month)
    held = counted(project.activities, report.month, end)
    earlier = [r for r in reports if r.month < report.month and has_been_submitted(r)]
    so_far = measure(project, project.plan, project.activities, earlier, end, reference.terms().ledger_days)
    spending = spent_by_category(held)
    for category, fen in other.items():
        spending[category] = spending.get(category, 0) + fen
    return {
        "activities": [a.id for a in held],
        "sessions": len(held),
        "people": sum(a.people for a in held),
        "new_people": sum(a.new_people for a in held),
        "volunteers": sum(a.volunteers for a in held),
        "volunteer_hours": sum(a.volunteer_hours for a in held),
        "other": dict(other),
        "spending": spending,
        "spent_fen": sum(spending.values()),
        "total": _totals(so_far) | {"spent_fen": so_far.spent_fen + sum(other.values())},
    }


def _totals(so_far: Facts) -> dict[str, int]:
    names = ("sessions", "people", "done_sessions", "done_people", "due_sessions", "due_people", "planned_sessions",
             "planned_people", "budget_fen", "due_fen")  # fmt: skip
    return {name: getattr(so_far, name) for name in names}
