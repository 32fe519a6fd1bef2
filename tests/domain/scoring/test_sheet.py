"""Laws of one score sheet."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.domain.scoring.sheet import Item, Kind, Line, SheetProblem, line_problems, rubric_problems, total

ITEMS = [
    Item("A1", "fit", D(40)),
    Item("A2", "fit", D(20)),
    Item("A3", "budget", D(30), veto=True),
    Item("A4", "budget", D(10), step=None),
]


def lines(a1="32", a2="15", a3="24", a4="7.25"):
    """A sheet; None leaves an item empty, "n/a" makes it not applicable."""
    entered = {"A1": a1, "A2": a2, "A3": a3, "A4": a4}
    return [Line(code, None if value in (None, "n/a") else D(value), value == "n/a") for code, value in entered.items()]


def test_a_full_sheet_is_the_sum_of_its_points():
    # 32 + 15 + 24 + 7.25 = 78.25 of 100.
    result = total(ITEMS, lines())
    assert result.total == D("78.25")
    assert result.is_complete
    assert result.missing == ()


def test_not_applicable_leaves_the_denominator_and_is_not_a_zero():
    # Without A2: 32 + 24 + 7.25 = 63.25 of 80; 63.25 / 80 = 79.0625 % -> 79.06.
    result = total(ITEMS, lines(a2="n/a"))
    assert result.total == D("79.06")
    assert (result.points, result.maximum) == (D("63.25"), D(80))
    assert result.not_applicable == ("A2",)
    assert result.total > total(ITEMS, lines(a2="0")).total


def test_the_scaled_total_is_rounded_half_up():
    # Without A1: 0 + 0.5 + 6.75 = 7.25 of 60 = 12.0833 % -> 12.08.
    assert total(ITEMS, lines(a1="n/a", a2="0", a3="0.5", a4="6.75")).total == D("12.08")
    odd = [Item("X", "g", D(16)), Item("Y", "g", D(84))]
    # 0.5 of 16 = 3.125 % -> 3.13.
    assert total(odd, [Line("X", D("0.5")), Line("Y", None, not_applicable=True)]).total == D("3.13")


def test_groups_show_their_points_and_percentage():
    # fit: 32 + 15 = 47 of 60 = 78.333 %; budget: 24 + 7.25 = 31.25 of 40 = 78.125 % -> 78.13.
    result = total(ITEMS, lines())
    assert (result.group("fit").points, result.group("fit").percentage) == (D(47), D("78.33"))
    assert (result.group("budget").points, result.group("budget").percentage) == (D("31.25"), D("78.13"))
    with pytest.raises(KeyError):
        result.group("other")


def test_a_group_in_which_nothing_applies_has_no_percentage():
    result = total(ITEMS, lines(a1="n/a", a2="n/a"))
    assert result.group("fit").percentage is None
    # 31.25 of 40.
    assert result.total == D("78.13")


def test_a_sheet_with_an_empty_item_names_it_and_has_no_total_but_a_running_sum():
    result = total(ITEMS, lines(a2=None, a4=None))
    assert result.total is None
    assert not result.is_complete
    assert result.missing == ("A2", "A4")
    assert (result.points, result.maximum) == (D(56), D(100))


def test_an_item_without_a_line_is_missing_like_an_empty_line():
    assert total(ITEMS, lines()[:3]).missing == ("A4",)


def test_a_sheet_on_which_nothing_applies_has_no_total():
    result = total(ITEMS, lines("n/a", "n/a", "n/a", "n/a"))
    assert result.total is None
    assert not result.is_complete


def test_zero_on_a_veto_item_stops_the_score_even_when_others_are_empty():
    result = total(ITEMS, lines(a1=None, a3="0"))
    assert result.vetoed == ("A3",)
    assert result.total == 0
    assert result.is_complete


def test_a_veto_item_that_does_not_apply_or_has_points_stops_nothing():
    assert total(ITEMS, lines(a3="n/a")).vetoed == ()
    assert total(ITEMS, lines(a3="0.5")).vetoed == ()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (Line("Z9", D(1)), SheetProblem.unknown_item),
        (Line("A1", D(1), not_applicable=True), SheetProblem.points_and_not_applicable),
        (Line("A1", D("NaN")), SheetProblem.not_a_number),
        (Line("A1", D("Infinity")), SheetProblem.not_a_number),
        (Line("A1", D("-0.5")), SheetProblem.below_zero),
        (Line("A1", D("40.5")), SheetProblem.above_maximum),
        (Line("A1", D("3.25")), SheetProblem.not_a_step),
    ],
)
def test_a_line_that_is_not_allowed_says_why_and_is_never_added_up(line, code):
    assert line_problems(ITEMS, [line]) == [(line.item_code, code)]
    with pytest.raises(ValueError, match="not allowed"):
        total(ITEMS, [line])


def test_two_lines_for_one_item_are_a_duplicate():
    assert line_problems(ITEMS, [Line("A1", D(1)), Line("A1", D(2))]) == [("A1", SheetProblem.duplicate)]


def test_borders_computed_points_and_empty_lines_are_allowed():
    assert line_problems(ITEMS, [Line("A1", D(40)), Line("A2", D(0)), Line("A3"), Line("A4", D("7.31"))]) == []


def test_a_rubric_must_sum_to_100_without_repeats_in_whole_steps():
    assert rubric_problems(ITEMS) == []
    wrong = [Item("X", "g", D("50.25")), Item("X", "g", D(50)), Item("Y", "g", D(0))]
    assert rubric_problems(wrong) == [
        ("X", SheetProblem.duplicate),
        ("Y", SheetProblem.maximum_not_positive),
        ("X", SheetProblem.not_a_step),
        ("", SheetProblem.total_should_be_100),
    ]


HALVES = st.integers(0, 80).map(lambda n: D(n) / 2)


@given(HALVES, st.integers(1, 40).map(lambda n: D(n) / 2), HALVES, st.booleans())
def test_a_total_lies_between_0_and_100_and_full_marks_are_100(a1, a2, a3, leave_out):
    entered = [Line("A1", a1), Line("A2", min(a2, D(20))), Line("A3", min(a3 + D("0.5"), D(30)))]
    entered.append(Line("A4", None, not_applicable=True) if leave_out else Line("A4", D(5)))
    assert 0 <= total(ITEMS, entered).total <= 100
    full = [Line(item.code, item.maximum) for item in ITEMS]
    assert total(ITEMS, full).total == 100


# --- bonus and deduction ---------------------------------------------------------------------------------------------

BESIDE = [*ITEMS, Item("P1", "bonus", D(3), kind=Kind.bonus), Item("P2", "bonus", D(5), kind=Kind.bonus),
          Item("M1", "deduction", D(5), kind=Kind.deduction)]  # fmt: skip


def beside(p1=None, p2=None, m1=None, **over):
    extra = {"P1": p1, "P2": p2, "M1": m1}
    return [*lines(**over), *(Line(code, D(points)) for code, points in extra.items() if points is not None)]


def test_bonus_adds_and_deduction_takes_points_of_the_total():
    # 78.25 + 3 + 1.5 - 4 = 78.75.
    result = total(BESIDE, beside("3", "1.5", "4"))
    assert result.total == D("78.75")
    assert (result.bonus, result.deduction, result.uncapped) == (D("4.5"), D(4), D("78.75"))


def test_an_empty_bonus_is_nothing_given_and_never_missing():
    assert total(BESIDE, beside()).total == total(ITEMS, lines()).total
    assert total(BESIDE, beside()).is_complete


def test_a_total_may_pass_100_before_its_cap():
    # 40 + 20 + 30 + 10 = 100, and 8 more: 108, cut to 100; with a cap of 95 cut to 95.
    full = beside("3", "5", a1="40", a2="20", a3="30", a4="10")
    result = total(BESIDE, full)
    assert (result.uncapped, result.total) == (D(108), D(100))
    assert total(BESIDE, full, D(95)).total == D(95)
    # The deduction is taken before the cut: 108 - 5 = 103 -> 100, not 95.
    assert total(BESIDE, [*full, Line("M1", D(5))]).total == D(100)


def test_a_total_never_falls_below_0():
    low = beside(m1="5", a1="1", a2="0", a3="1", a4="0")
    assert total(BESIDE, low).total == D("0.00")
    assert total(BESIDE, low).uncapped == D(-3)


def test_not_applicable_scales_the_100_and_leaves_bonus_points_as_they_are():
    # 63.25 / 80 = 79.06; + 3 = 82.06.
    assert total(BESIDE, beside("3", a2="n/a")).total == D("82.06")


def test_a_veto_stops_the_score_whatever_bonus_was_given():
    assert total(BESIDE, beside("3", "5", a3="0")).total == 0


def test_groups_know_nothing_of_what_stands_beside_the_100():
    groups = {group.group for group in total(BESIDE, beside("3")).groups}
    assert groups == {"fit", "budget"}


def test_the_100_is_made_of_scored_items_alone():
    assert rubric_problems(BESIDE) == []


def test_what_stands_beside_the_100_cannot_be_not_applicable():
    assert line_problems(BESIDE, [Line("P1", None, True)]) == [("P1", SheetProblem.not_applicable_makes_no_sense)]


half_points = st.integers(0, 20).map(lambda n: D(n) / 2)


@given(
    st.integers(0, 40),
    half_points.filter(lambda p: p <= 3),
    half_points.filter(lambda p: p <= 5),
    half_points.filter(lambda p: p <= 5),
)
def test_more_bonus_never_lowers_and_more_deduction_never_raises_a_total(a1, p1, p2, m1):
    plain = total(BESIDE, beside(a1=str(a1))).total
    raised = total(BESIDE, beside(p1, p2, a1=str(a1))).total
    lowered = total(BESIDE, beside(p1, p2, m1, a1=str(a1))).total
    assert plain <= raised <= 100
    assert 0 <= lowered <= raised
