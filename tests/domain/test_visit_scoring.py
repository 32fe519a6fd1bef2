"""Rubric B from the facts: worked examples, every border on its better side."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from matchhub.core import clock
from matchhub.domain import sheets, visit_scoring
from matchhub.domain.measuring import Facts, RowFacts
from matchhub.domain.models import Rectification, RectificationItem, RectificationState, ReportState, Role, VisitState
from matchhub.domain.scoring.bands import Light
from matchhub.domain.visit_scoring import Repairs, computed, levels, words
from tests import factories as make

D = Decimal


def row(due, done, people_due=0, people_done=0, seq=1):
    month = date(2026, 3, 1)
    return RowFacts(
        seq, seq, "协商会", "community_event", month, month, due, people_due, due, people_due, done, people_done
    )


def facts(rows=(), **over):
    nothing = {
        "until": date(2026, 9, 15), "rows": tuple(rows), "sessions": 0, "people": 0, "new_people": 0, "volunteers": 0,
        "volunteer_hours": 0, "spending": (), "budget_fen": 0, "spent_fen": 0, "due_fen": 0, "records_late": 0,
        "reports_due": 0, "reports_on_time": 0,
    }  # fmt: skip
    return Facts(**nothing | over)


def points(code, of, repairs=None):
    return computed(of, repairs or Repairs())[code].points


@pytest.mark.parametrize(
    ("on_time", "of", "expected"), [(5, 5, "10"), (4, 5, "8"), (3, 5, "6"), (7, 12, "0"), (2, 5, "0")]
)
def test_progress_is_the_share_of_plan_rows_that_are_on_time(on_time, of, expected):
    """4 of 5 rows is exactly 80 %, 3 of 5 exactly 60 %, 7 of 12 is 58.33 %."""
    rows = [row(2, 2 if n < on_time else 1, seq=n + 1) for n in range(of)]
    assert points("B1", facts(rows)) == D(expected)


@pytest.mark.parametrize(
    ("done", "expected"), [(1000, "8"), (999, "5.5"), (800, "5.5"), (799, "2.5"), (600, "2.5"), (599, "0"), (0, "0")]
)
def test_people_served_against_one_thousand_due(done, expected):
    assert points("B4", facts([row(50, 40, 1000, done)])) == D(expected)


@pytest.mark.parametrize(
    ("done", "expected"), [(11, "7"), (10, "7"), (9, "4.5"), (8, "4.5"), (7, "2.5"), (6, "2.5"), (5, "0")]
)
def test_sessions_held_against_ten_due(done, expected):
    assert points("B5", facts([row(10, done)])) == D(expected)


@pytest.mark.parametrize(
    ("held", "late", "expected"), [(8, 0, "4"), (8, 1, "3.5"), (8, 4, "2"), (7, 3, "2.5"), (8, 8, "0")]
)
def test_activities_in_the_ledger_in_time_earn_their_share_of_four(held, late, expected):
    """7 of 8 are 3.5 points; 4 of 7 are 2.29 points, to the nearest half 2.5."""
    assert points("B12", facts(sessions=held, records_late=late)) == D(expected)


@pytest.mark.parametrize(
    ("spent", "expected"),
    [(1_000_00, "4"), (1_150_00, "4"), (850_00, "4"), (1_150_01, "3"), (849_99, "3"), (1_250_00, "3"), (750_00, "3"),
     (1_250_01, "2"), (1_400_00, "2"), (600_00, "2"), (1_400_01, "0"), (0, "0")],
)  # fmt: skip
def test_spending_against_one_thousand_yuan_due(spent, expected):
    """Exactly 15 % more or less is still within 15 %; one fen further is not."""
    assert points("B15", facts(due_fen=1_000_00, spent_fen=spent)) == D(expected)


@pytest.mark.parametrize(
    ("due", "on_time", "expected"), [(6, 6, "5"), (6, 5, "4"), (6, 3, "2.5"), (10, 9, "4.5"), (3, 0, "0")]
)
def test_monthly_reports_on_time_earn_their_share_of_five(due, on_time, expected):
    """5 of 6 are 4.17 points, to the nearest half 4."""
    assert points("B17", facts(reports_due=due, reports_on_time=on_time)) == D(expected)


@pytest.mark.parametrize(
    ("repairs", "expected"),
    [(Repairs(), "5"), (Repairs(2, 0, 0), "5"), (Repairs(1, 1, 0), "4"), (Repairs(1, 0, 1), "2.5"), (Repairs(0, 1, 1), "1.5"),
     (Repairs(0, 0, 3), "0")],
)  # fmt: skip
def test_repairs_count_full_half_or_not_at_all(repairs, expected):
    """One cleared and one partly: 1.5 of 2 is 75 % of 5, 3.75, to the nearest half 4. One partly of two: 1.25, so 1.5."""
    assert points("B18", facts(), repairs) == D(expected)


def test_where_nothing_was_due_the_item_does_not_apply():
    found = computed(facts(), Repairs())
    assert {code for code, result in found.items() if result.not_applicable} == {"B1", "B4", "B5", "B12", "B15", "B17"}
    assert found["B18"].points == 5


def test_every_computed_item_of_the_rubric_is_computed(app):
    rubric = sheets.newest_rubric("B")
    assert tuple(item.code for item in rubric.items if item.how == "computed") == visit_scoring.COMPUTED
    found = computed(facts(), Repairs())
    assert {item.code: item.maximum for item in rubric.items if item.code in found} == {
        code: result.maximum for code, result in found.items()
    }


def test_the_five_levels_are_half_points_and_all_different(app):
    assert [value for value, _word in levels(D(8))] == [D("3.0"), D("5.0"), D("6.0"), D("7.0"), D("8.0")]
    assert [value for value, _word in levels(D(3))] == [D("1.0"), D("1.5"), D("2.0"), D("2.5"), D("3.0")]
    assert [value for value, _word in levels(D(2))] == [D("0"), D("0.5"), D("1.0"), D("1.5"), D("2.0")]
    for item in sheets.newest_rubric("B").items:
        found = [value for value, _word in levels(item.maximum)]
        assert sorted(set(found)) == found
        assert found[-1] == item.maximum


@pytest.mark.parametrize(
    ("total", "light"), [("80", Light.green), ("79.99", Light.yellow), ("65", Light.yellow), ("64.99", Light.red)]
)
def test_the_light_on_a_border_is_the_better_one(app, total, light):
    assert visit_scoring.light(D(total)) is light


def test_the_words_say_planned_done_ratio_and_band(app):
    """July and August are over: of 10 sessions in five months 4 are due, of 4 in four months 2."""
    project = make.project()
    visit = make.visit(project=project)
    found = visit_scoring.entries(visit, date(2026, 9, 15))
    assert words("B5", found["B5"].explanation) == "到 2026-09-15，计划开展 6 场，实际 0 场，达成 0%（不足 60%）。"
    assert "计划支出" in words("B15", found["B15"].explanation)
    assert words("B17", found["B17"].explanation) == "到 2026-09-15，还没有应报的月报，这一项不适用，不计入总分。"
    assert found["B17"].not_applicable
    assert words("B18", found["B18"].explanation) == "上次督导以来没有到期的整改项，得满分。"
    assert words("B6", {"band": "full"}) == ""


def test_a_report_and_an_activity_change_the_items(app):
    """One report in time of one due; one activity recorded the day after and one nine days after."""
    project = make.project()
    make.report(ReportState.ACCEPTED, project=project, first_submitted_at=clock.now() - timedelta(days=12))
    held = clock.today() - timedelta(days=20)
    for late in (1, 9):
        make.activity(project, held_on=held, recorded_at=clock.utc(held + timedelta(days=late)))
    found = visit_scoring.entries(make.visit(project=project))
    assert found["B17"].points == 5
    assert found["B12"].points == 2
    assert words("B12", found["B12"].explanation).startswith(
        "到 2026-09-15，共 2 场活动，1 场在规定天数内记入台账，占 50%"
    )


def order(project, result="", **over):
    fields = {"ref": f"ZG-2026-{next(make.n)}", "project": project, "issued_by_id": make.user(Role.SUPERVISOR).id,
              "due_on": clock.today() + timedelta(days=14)}  # fmt: skip
    item = RectificationItem(issue="签到表缺页", requirement="补齐", result=result)
    return make.add(Rectification(**fields | over, items=[item]))


def repairs(visit):
    return visit_scoring.repairs_before(visit, clock.today())


def test_an_item_still_in_its_period_or_waiting_for_verification_is_not_judged(app):
    project = make.project()
    order(project, issued_at=clock.now() - timedelta(days=3))
    order(project, state=RectificationState.REPORTED, due_on=clock.today() - timedelta(days=5),
          issued_at=clock.now() - timedelta(days=20))  # fmt: skip
    assert repairs(make.visit(project=project)) == Repairs()


def test_an_overdue_item_without_a_reply_is_not_cleared(app):
    project = make.project()
    order(project, issued_at=clock.now() - timedelta(days=20), due_on=clock.today() - timedelta(days=1))
    assert repairs(make.visit(project=project)) == Repairs(left=1)


def test_on_its_last_day_an_item_is_still_in_time(app):
    project = make.project()
    order(project, issued_at=clock.now() - timedelta(days=20), due_on=clock.today())
    assert repairs(make.visit(project=project)) == Repairs()


def test_verified_items_count_by_their_result(app):
    project = make.project()
    long_ago = clock.now() - timedelta(days=20)
    for result in ("fixed", "partly", "not_fixed"):
        order(project, result, issued_at=long_ago)
    assert repairs(make.visit(project=project)) == Repairs(1, 1, 1)


def test_what_was_closed_before_the_last_visit_has_been_counted_there(app):
    project = make.project()
    long_ago = clock.now() - timedelta(days=40)
    order(
        project,
        "fixed",
        state=RectificationState.CLOSED,
        issued_at=long_ago,
        verified_at=clock.now() - timedelta(days=15),
    )
    visit = make.visit(project=project)
    assert repairs(visit) == Repairs(cleared=1)
    make.visit(VisitState.CONFIRMED, project=project, submitted_at=clock.now() - timedelta(days=10))
    assert repairs(visit) == Repairs()


def test_the_order_of_the_visit_itself_is_not_its_own_past(app):
    project = make.project()
    visit = make.visit(project=project)
    order(project, "not_fixed", visit=visit, issued_at=clock.now())
    assert repairs(visit) == Repairs()


def test_facts_are_plain_numbers():
    """A change of one number changes only its own items."""
    base = facts([row(10, 10, 100, 100)], due_fen=100, spent_fen=100)
    before, after = computed(base, Repairs()), computed(replace(base, spent_fen=0), Repairs())
    assert {code for code in before if before[code] != after[code]} == {"B15"}
