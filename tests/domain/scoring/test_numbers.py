"""Laws of rounding and roots in scores."""

from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.domain.scoring.numbers import HALF_POINT, mean, percent, root, round_to

FRACTIONS = st.fractions(-1000, 1000, max_denominator=997)


def test_halves_are_rounded_up_not_to_even():
    assert round_to(D("0.125")) == D("0.13")
    assert round_to(D("0.135")) == D("0.14")
    assert round_to(D("-0.125")) == D("-0.13")


def test_a_third_is_never_cut_before_it_is_rounded():
    # 2/3 of 100 is 66.666..., and 1/3 + 1/3 + 1/3 stays 1.
    assert percent(2, 3) == D("66.67")
    assert mean([Fraction(1, 3)] * 3) * 3 == 1


def test_half_points_round_to_the_nearest_half():
    assert round_to(Fraction(25, 6), HALF_POINT) == D("4.0")  # 4.1666
    assert round_to(D("4.25"), HALF_POINT) == D("4.5")


@given(FRACTIONS)
def test_rounding_moves_a_number_by_at_most_half_a_step_and_is_stable(value):
    rounded = round_to(value)
    assert abs(Fraction(rounded) - value) <= Fraction(1, 200)
    assert round_to(rounded) == rounded


def test_roots_have_two_places_and_none_exists_below_zero():
    assert root(Fraction(2)) == D("1.41")
    with pytest.raises(ValueError, match="below zero"):
        root(Fraction(-1))
