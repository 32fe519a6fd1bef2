"""Laws of the scale of a judge and of the agreement of a panel; every number is worked out by hand beside it."""

from decimal import Decimal as D

from hypothesis import given
from hypothesis import strategies as st

from matchhub.domain.scoring import calibration as c

# Three applications, three judges: 1 is strict, 2 mild, 3 between.
TABLE = {
    "x": {1: D(70), 2: D(84), 3: D(80)},
    "y": {1: D(60), 2: D(80), 3: D(72)},
    "z": {1: D(50), 2: D(70), 3: D(61)},
}
LOW, HIGH = D(60), D(95)


def test_the_offset_is_the_mean_distance_from_the_mean_of_the_others():
    # Others of judge 1: x (84+80)/2 = 82, y 76, z 65.5. 70-82 = -12, 60-76 = -16, 50-65.5 = -15.5; mean -14.5.
    one = c.scale(1, TABLE, [], LOW, HIGH)
    assert one.offset == D("-14.50")
    assert (one.subjects, one.mean) == (3, D("60.00"))


def test_the_spread_is_the_population_deviation_of_the_own_totals():
    # 70, 60, 50 around 60: root of (100 + 0 + 100) / 3 = root of 66.67 = 8.16.
    assert c.scale(1, TABLE, [], LOW, HIGH).spread == D("8.16")
    # The others' means 82, 76, 65.5 around 74.5: squares 56.25, 2.25, 81; root of 46.5 = 6.82.
    assert c.scale(1, TABLE, [], LOW, HIGH).panel_spread == D("6.82")


def test_the_correlation_is_pearsons_r_and_needs_three_subjects():
    # x 10, 0, -10 against 7.5, 1.5, -9: sum 75 + 0 + 90 = 165; squares 200 and 139.5; 165 / root(27900) = 0.9878.
    assert c.scale(1, TABLE, [], LOW, HIGH).correlation == D("0.99")
    two = {key: TABLE[key] for key in ("x", "y")}
    assert c.scale(1, two, [], LOW, HIGH).correlation is None
    turned = {"x": {1: D(50), 2: D(90)}, "y": {1: D(60), 2: D(80)}, "z": {1: D(70), 2: D(70)}}
    assert c.scale(1, turned, [], LOW, HIGH).correlation == D("-1.00")
    flat = {"x": {1: D(50), 2: D(90)}, "y": {1: D(50), 2: D(80)}, "z": {1: D(50), 2: D(70)}}
    assert c.scale(1, flat, [], LOW, HIGH).correlation is None, "whoever never varies correlates with nothing"


def test_extremes_are_items_below_the_low_or_above_the_high_limit():
    # 3/8 = 37.5 % (low), 8/8 = 100 % (high), 6/8 = 75 %, 4.8/8 = 60 % exactly on the limit: 2 of 4.
    lines = [c.Line(D(p), D(8)) for p in ("3", "8", "6", "4.8")]
    assert c.scale(1, TABLE, lines, LOW, HIGH).extremes == D("50.00")


def test_whoever_always_gives_the_same_score_is_warned():
    same = {"x": {1: D(80), 2: D(60)}, "y": {1: D("80.5"), 2: D(90)}, "z": {1: D(81), 2: D(70)}}
    assert c.scale(1, same, [], LOW, HIGH).is_monotonous
    assert not c.scale(2, same, [], LOW, HIGH).is_monotonous
    # Four of five items at 75 %, which is 80 % of them.
    ticked = [c.Line(D("7.5"), D(10))] * 4 + [c.Line(D(5), D(10))]
    assert c.scale(2, same, ticked, LOW, HIGH).is_monotonous


def test_somebody_without_a_score_has_no_scale():
    assert c.scale(9, TABLE, [], LOW, HIGH) is None


def test_z_scores_take_out_how_mild_or_strict_each_judge_is():
    # Judge 1: 70, 60, 50, sigma 8.16: 10 / 8.16 = 1.23 (1.2255), 0, -1.23.
    found = c.z_scores(TABLE)
    assert [found[key][1] for key in "xyz"] == [D("1.23"), D("0.00"), D("-1.23")]
    one = {"x": {1: D(70), 2: D(70)}, "y": {2: D(70)}}
    assert c.z_scores(one) == {"x": {}, "y": {}}, "one subject, or no difference, has no measure"


def test_agreement_is_1_where_all_order_alike_and_0_where_they_cancel_out():
    assert c.agreement(TABLE) == c.Agreement(D("1.00"), 3, 3)
    against = {"x": {1: D(90), 2: D(70)}, "y": {1: D(80), 2: D(80)}, "z": {1: D(70), 2: D(90)}}
    assert c.agreement(against).w == D("0.00")


def test_agreement_by_hand_with_a_tie():
    # Judge 1 ranks x 1, y 2, z 3; judge 2 ranks x and y 1.5, z 3. Sums 2.5, 3.5, 6; mean 4; S = 2.25 + 0.25 + 4 = 6.5.
    # m = 2, n = 3, T = 2^3 - 2 = 6: W = 12 * 6.5 / (4 * 24 - 2 * 6) = 78 / 84 = 0.93.
    tied = {"x": {1: D(90), 2: D(80)}, "y": {1: D(85), 2: D(80)}, "z": {1: D(70), 2: D(60)}}
    assert c.agreement(tied) == c.Agreement(D("0.93"), 2, 3)


def test_agreement_counts_only_judges_who_scored_everything():
    holes = {"x": {1: D(90), 2: D(80), 3: D(1)}, "y": {1: D(85), 2: D(70)}}
    assert c.agreement(holes).judges == 2
    assert c.agreement({"x": {1: D(90), 2: D(80)}}) is None
    assert c.agreement({"x": {1: D(9), 2: D(8)}, "y": {1: D(9), 2: D(8)}}) is None, "only ties say nothing"


totals = st.decimals(0, 100, places=1)


@given(st.lists(st.lists(totals, min_size=3, max_size=3), min_size=2, max_size=6))
def test_agreement_lies_between_0_and_1_and_does_not_know_the_names_of_judges(rows):
    table = {n: dict(enumerate(row)) for n, row in enumerate(rows)}
    turned = {n: {2 - judge: total for judge, total in row.items()} for n, row in table.items()}
    one, other = c.agreement(table), c.agreement(turned)
    assert one == other
    assert one is None or 0 <= one.w <= 1


@given(st.lists(st.lists(totals, min_size=2, max_size=4), min_size=1, max_size=5), totals)
def test_a_panel_that_is_milder_by_the_same_points_moves_the_mean_and_nothing_else(rows, more):
    table = {n: dict(enumerate(row)) for n, row in enumerate(rows)}
    moved = {n: {judge: total + more for judge, total in row.items()} for n, row in table.items()}
    one, other = c.scale(0, table, [], LOW, HIGH), c.scale(0, moved, [], LOW, HIGH)
    assert (one.offset, one.spread, one.correlation) == (other.offset, other.spread, other.correlation)
