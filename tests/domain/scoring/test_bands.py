"""Laws of the computed items of the supervision rubric."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.domain.scoring import bands
from matchhub.domain.scoring.bands import Formality, Light, Match


@pytest.mark.parametrize(
    ("done", "b1", "b4", "b5"),
    [
        (1200, "10", "8", "7"),
        (1000, "10", "8", "7"),
        (999, "8", "5.5", "4.5"),
        (800, "8", "5.5", "4.5"),
        (799, "6", "2.5", "2.5"),
        (600, "6", "2.5", "2.5"),
        (599, "0", "0", "0"),
        (0, "0", "0", "0"),
    ],
)
def test_a_border_belongs_to_the_better_band(done, b1, b4, b5):
    assert bands.progress(1000, done).points == D(b1)
    assert bands.visits(1000, done).points == D(b4)
    assert bands.sessions(1000, done).points == D(b5)


def test_a_ratio_that_only_rounds_to_a_border_stays_below_it():
    # 79,999 of 100,000 is 79.999 %, shown as 80.00 but not 80 %.
    result = bands.visits(100_000, 79_999)
    assert result.ratio == D("80.00")
    assert (result.points, result.band) == (D("2.5"), "over_60")


def test_nothing_planned_does_not_apply_and_the_facts_are_kept():
    result = bands.sessions(0, 3)
    assert result.not_applicable
    assert (result.band, result.done, result.maximum) == ("nothing_planned", 3, 7)


def test_the_explanation_carries_plan_done_ratio_and_band():
    # 68 of 80 = 85 %.
    result = bands.visits(80, 68)
    assert (result.planned, result.done, result.ratio, result.band) == (80, 68, D("85.00"), "over_80")


@given(st.integers(1, 500), st.integers(0, 1000))
def test_doing_more_never_lowers_the_points(planned, done):
    for rule in (bands.progress, bands.visits, bands.sessions):
        assert rule(planned, done).points <= rule(planned, done + 1).points


def test_counts_below_zero_are_an_error():
    with pytest.raises(ValueError, match="not negative"):
        bands.visits(10, -1)


def test_matching_the_plan_gives_5_3_or_0():
    assert [bands.match(m) for m in (Match.same, Match.mostly, Match.different)] == [5, 3, 0]


@pytest.mark.parametrize(
    ("due", "on_time", "points"),
    [
        (6, 6, "5"),
        (6, 5, "4"),  # 25/6 = 4.17 -> 4.0
        (4, 3, "4"),  # 3.75 -> 4.0, the nearest half, halves up
        (12, 11, "4.5"),  # 4.58 -> 4.5
        (3, 0, "0"),
    ],
)
def test_on_time_points_are_the_share_to_the_nearest_half_point(due, on_time, points):
    assert bands.on_time(due, on_time).points == D(points)


def test_the_band_says_whether_all_came_on_time():
    assert bands.on_time(6, 6).band == "all_on_time"
    assert bands.on_time(6, 5).band == "share_on_time"


def test_nothing_due_does_not_apply_and_more_on_time_than_due_is_an_error():
    assert bands.on_time(0, 0).not_applicable
    with pytest.raises(ValueError, match="than were due"):
        bands.on_time(2, 3)


@pytest.mark.parametrize(
    ("spent", "points"),
    [
        (100_000, "4"),
        (115_000, "4"),
        (85_000, "4"),
        (115_001, "3"),
        (84_999, "3"),
        (75_000, "3"),
        (74_999, "2"),
        (140_000, "2"),
        (140_001, "0"),
        (0, "0"),
    ],
)
def test_spending_exactly_15_percent_off_is_within_the_plan_on_both_sides(spent, points):
    assert bands.spending(100_000, spent).points == D(points)


def test_spending_without_a_plan_earns_nothing_and_no_spending_does_not_apply():
    assert bands.spending(0, 5).points == 0
    assert bands.spending(0, 0).not_applicable


@pytest.mark.parametrize(
    ("moved", "needed"),
    [
        (0, Formality.none),
        (5_000, Formality.none),
        (5_001, Formality.filed),
        (10_000, Formality.filed),
        (10_001, Formality.approved),
    ],
)
def test_budget_changes_need_more_the_larger_they_are(moved, needed):
    strength = [Formality.none, Formality.filed, Formality.approved]
    for cleared in strength:
        enough = strength.index(cleared) >= strength.index(needed)
        result = bands.budget_change(100_000, moved, cleared)
        assert result.points == (2 if enough else 0)
        assert result.band == f"needs_{needed.value}"


def test_a_budget_change_without_a_budget_is_an_error():
    with pytest.raises(ValueError, match="needs a budget"):
        bands.budget_change(0, 0, Formality.none)


@pytest.mark.parametrize(
    ("cleared", "partly", "left", "points", "band"),
    [
        (0, 0, 0, "5", "none_open"),
        (3, 0, 0, "5", "all_cleared"),
        (1, 1, 1, "2.5", "partly_cleared"),  # 1.5 of 3
        (2, 1, 1, "3", "partly_cleared"),  # 5 * 2.5/4 = 3.125 -> 3.0
        (0, 0, 2, "0", "none_cleared"),
    ],
)
def test_a_partly_cleared_item_counts_half(cleared, partly, left, points, band):
    result = bands.rectified(cleared, partly, left)
    assert (result.points, result.band) == (D(points), band)


def test_the_light_changes_exactly_on_its_lines():
    lights = [bands.light(D(s)) for s in ("80", "79.99", "65", "64.99")]
    assert lights == [Light.green, Light.yellow, Light.yellow, Light.red]
