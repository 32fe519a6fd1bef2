"""Plan against fact, worked by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from matchhub.domain import measuring
from matchhub.domain.models import Activity, PlanRow, Project, Report, ReportState

OCT, NOV, DEC = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)


def plan_row(row_id=1, times=10, people_each=20, first=OCT, last=date(2027, 3, 1)):
    return PlanRow(
        id=row_id, seq=row_id, name="协商会", form="mediation", times=times, people_each=people_each, from_month=first,
        to_month=last,
    )  # fmt: skip


def activity(day, people=20, row=1, **over):
    fields = {"new_people": 0, "volunteers": 0, "volunteer_hours": 0, "expense_fen": 0, "expense_category": "",
              "recorded_at": datetime(day.year, day.month, day.day, 8)}  # fmt: skip
    return Activity(held_on=day, people=people, plan_row_id=row, **fields | over)


def report(month, state=ReportState.AWAITED, due=None, first=None, other=None):
    return Report(month=month, state=state, due_on=due or date(2027, 1, 5), first_submitted_at=first,
                  figures={"other": other} if other else {})  # fmt: skip


def project(**over):
    fields = {"amount_fen": 90_000_00, "budget": [], "starts_on": OCT, "ends_on": date(2027, 6, 30)}
    return Project(**fields | over)


def measure(activities=(), plan=None, reports=(), until=date(2026, 11, 30), own=None):
    rows = [plan_row()] if plan is None else plan
    return measuring.measure(own or project(), rows, activities, reports, until, 7)


@pytest.mark.parametrize(
    ("until", "due"),
    [
        (date(2026, 9, 30), 0),
        (date(2026, 10, 30), 0),  # October still runs
        (date(2026, 10, 31), 1),  # 10 * 1 / 6 = 1.67
        (date(2026, 11, 29), 1),
        (date(2026, 11, 30), 3),  # 10 * 2 / 6 = 3.33
        (date(2026, 12, 31), 5),
        (date(2027, 1, 31), 6),
        (date(2027, 2, 28), 8),
        (date(2027, 3, 31), 10),
        (date(2028, 1, 1), 10),
    ],
)
def test_ten_times_in_six_months_are_due_month_by_month(until, due):
    assert measuring.due_times(10, OCT, date(2027, 3, 1), until) == due


def test_a_row_of_one_month_is_due_on_its_last_day():
    assert measuring.due_times(4, NOV, NOV, date(2026, 11, 29)) == 0
    assert measuring.due_times(4, NOV, NOV, date(2026, 11, 30)) == 4


def test_months_go_over_the_turn_of_the_year():
    assert measuring.months(date(2026, 11, 15), date(2027, 2, 3)) == [NOV, DEC, date(2027, 1, 1), date(2027, 2, 1)]
    assert measuring.months(DEC, NOV) == []
    assert measuring.last_of_month(date(2028, 2, 10)) == date(2028, 2, 29)


def test_plan_and_fact_by_row_and_in_total():
    plan = [plan_row(), plan_row(2, times=4, people_each=50, first=OCT, last=NOV)]
    held = [
        activity(date(2026, 10, 12), 18, new_people=18, volunteers=2, volunteer_hours=6),
        activity(date(2026, 11, 3), 25, new_people=4, volunteers=1, volunteer_hours=2),
        activity(date(2026, 11, 20), 60, row=2),
        activity(date(2026, 11, 21), 9, row=None),
        activity(date(2026, 12, 1), 99),  # after the day
    ]
    facts = measure(held, plan)
    first, second = facts.rows
    assert (first.planned_sessions, first.planned_people) == (10, 200)
    assert (first.due_sessions, first.due_people) == (3, 60)
    assert (first.done_sessions, first.done_people) == (2, 43)
    assert (second.due_sessions, second.due_people) == (4, 200)
    assert (second.done_sessions, second.done_people) == (1, 60)
    assert (facts.planned_sessions, facts.planned_people) == (14, 400)
    assert (facts.due_sessions, facts.due_people) == (7, 260)
    assert (facts.done_sessions, facts.done_people) == (3, 103)
    assert (facts.sessions, facts.people) == (4, 112)
    assert (facts.extra_sessions, facts.extra_people) == (1, 9)
    assert (facts.new_people, facts.volunteers, facts.volunteer_hours) == (22, 3, 8)
    assert (facts.rows_due, facts.rows_done) == (2, 0)
    assert facts.is_behind  # 3 of 7


def test_a_row_of_which_nothing_is_due_yet_is_neither_due_nor_done():
    facts = measure([], [plan_row(), plan_row(2, first=DEC, last=DEC)])
    assert (facts.rows_due, facts.rows_done) == (1, 0)


def test_struck_activities_never_count():
    struck = activity(date(2026, 10, 12), 500, expense_fen=900_00, expense_category="activity", volunteers=3,
                      volunteer_hours=9, struck_at=datetime(2026, 10, 20))  # fmt: skip
    struck.recorded_at = datetime(2026, 12, 1)
    facts = measure([struck])
    assert (facts.sessions, facts.people, facts.done_sessions, facts.volunteer_hours) == (0, 0, 0, 0)
    assert (facts.spent_fen, facts.records_late) == (0, 0)


@pytest.mark.parametrize(("done", "behind"), [(4, False), (3, True), (0, True)])
def test_behind_is_less_than_four_fifths_of_what_is_due(done, behind):
    assert measuring.is_behind(5, done) is behind
    assert not measuring.is_behind(0, 0)


BUDGET = [
    {"category": "activity", "amount_fen": 60_000_00, "source": "applied"},
    {"category": "activity", "amount_fen": 5_000_00, "source": "own"},
    {"category": "personnel", "amount_fen": 30_000_00, "source": "applied"},
]


def test_spending_by_category_and_rate():
    own = project(budget=BUDGET)
    held = [
        activity(date(2026, 10, 12), expense_fen=1_200_00, expense_category="activity"),
        activity(date(2026, 11, 3), expense_fen=300_00, expense_category="activity"),
        activity(date(2026, 11, 9), expense_fen=80_00, expense_category="transport"),
    ]
    reports = [
        report(OCT, ReportState.ACCEPTED, other={"personnel": 4_000_00}),
        report(NOV, ReportState.SUBMITTED, other={"personnel": 3_500_00}),
        report(NOV, ReportState.RETURNED, other={"personnel": 999_00}),
        report(DEC, ReportState.ACCEPTED, other={"personnel": 999_00}),
    ]
    facts = measure(held, own=own, reports=reports)
    by_category = {part.category: (part.budget_fen, part.spent_fen, part.rate) for part in facts.spending}
    assert by_category == {
        "activity": (60_000_00, 1_500_00, Decimal("2.50")),
        "personnel": (30_000_00, 7_500_00, Decimal("25.00")),
        "transport": (0, 80_00, None),
    }
    assert facts.spent_fen == 9_080_00
    assert facts.execution_rate == Decimal("10.09")  # 9,080 of 90,000
    # Two of nine months are over: 90,000 * 2 / 9.
    assert facts.due_fen == 20_000_00


def test_a_smaller_award_cuts_every_category_alike_and_adds_up():
    # 60,000 and 30,000 applied for, 1.00 yuan awarded: 66.67 and 33.33 fen; the larger remainder takes the odd one.
    assert measuring.agreed_budget(BUDGET, 100) == {"activity": 67, "personnel": 33}
    assert measuring.agreed_budget(BUDGET, 80_000_01) == {"activity": 5_333_334, "personnel": 2_666_667}
    assert measuring.agreed_budget(BUDGET, 90_000_00) == {"activity": 60_000_00, "personnel": 30_000_00}
    assert measuring.agreed_budget([], 100) == {}


def test_a_record_is_late_when_more_than_seven_days_have_passed():
    # 15:59 UTC on the 19th is 23:59 in Shanghai, the seventh day after the 12th; a minute later is the eighth.
    in_time = activity(date(2026, 10, 12), recorded_at=datetime(2026, 10, 19, 15, 59))
    late = activity(date(2026, 10, 12), recorded_at=datetime(2026, 10, 19, 16, 0))
    assert not measuring.was_recorded_late(in_time, 7)
    assert measuring.was_recorded_late(late, 7)
    assert measure([in_time, late]).records_late == 1


def test_reports_that_are_due_and_that_came_on_time():
    nov5, dec5 = date(2026, 11, 5), date(2026, 12, 5)
    on_time = report(OCT, ReportState.ACCEPTED, nov5, datetime(2026, 11, 5, 15, 59))
    late = report(OCT, ReportState.RETURNED, nov5, datetime(2026, 11, 5, 16, 0))  # the 6th in Shanghai
    missing = report(OCT, ReportState.AWAITED, nov5)
    exempt = report(OCT, ReportState.EXEMPT, nov5)
    early = report(NOV, ReportState.SUBMITTED, dec5, datetime(2026, 12, 1, 2))
    not_yet = report(NOV, ReportState.AWAITED, dec5)
    rows = [on_time, late, missing, exempt, early, not_yet]
    assert measuring.punctuality(rows, date(2026, 11, 4)) == (0, 0)
    assert measuring.punctuality(rows, nov5) == (1, 1)  # the last day still runs for those who have not sent theirs
    assert measuring.punctuality(rows, date(2026, 11, 6)) == (3, 1)
    assert measuring.punctuality(rows, dec5) == (4, 2)
    assert measuring.punctuality(rows, date(2026, 12, 6)) == (5, 2)


def test_the_figures_of_a_month(app):
    own = project(budget=BUDGET)
    own.plan = [plan_row()]
    own.activities = [
        activity(date(2026, 10, 31), 11, expense_fen=100_00, expense_category="activity"),
        activity(date(2026, 11, 1), 20, id=5, new_people=3, expense_fen=50_00, expense_category="activity"),
        activity(date(2026, 11, 30), 7, id=6, volunteers=2, volunteer_hours=4),
        activity(date(2026, 11, 15), 500, id=7, struck_at=datetime(2026, 11, 20)),
        activity(date(2026, 12, 1), 500, id=8),
    ]
    october = report(OCT, ReportState.ACCEPTED, other={"personnel": 4_000_00})
    november = report(NOV)
    figures = measuring.month_figures(own, november, {"personnel": 1_000_00}, [october, november])
    assert figures["activities"] == [5, 6]
    assert (figures["sessions"], figures["people"], figures["new_people"]) == (2, 27, 3)
    assert (figures["volunteers"], figures["volunteer_hours"]) == (2, 4)
    assert figures["spending"] == {"activity": 50_00, "personnel": 1_000_00}
    assert figures["spent_fen"] == 1_050_00
    assert figures["total"]["sessions"] == 3
    assert figures["total"]["due_sessions"] == 3
    assert figures["total"]["spent_fen"] == 5_150_00
