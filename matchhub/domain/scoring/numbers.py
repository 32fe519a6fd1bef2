"""Exact numbers for scores, and the steps by which a number came about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

ZERO = Decimal(0)
HUNDRED = Decimal(100)
HUNDREDTH = Decimal("0.01")
HALF_POINT = Decimal("0.5")

Exact = Decimal | Fraction | int


def round_to(value: Exact, step: Decimal = HUNDREDTH) -> Decimal:
    """Round half up (away from zero) to a multiple of `step`, exactly: fractions are never cut before."""
    ratio = Fraction(value) / Fraction(step)
    whole = (2 * abs(ratio.numerator) + ratio.denominator) // (2 * ratio.denominator)
    result = step * (whole if ratio >= 0 else -whole)
    return result.quantize(step) if result else ZERO.quantize(step)


def percent(part: Exact, whole: Exact) -> Decimal:
    """`part` as a percentage of `whole`, to two places. Raises ZeroDivisionError when `whole` is zero."""
    return round_to(Fraction(part) * 100 / Fraction(whole))


def mean(values: Iterable[Exact]) -> Fraction:
    """The exact mean. Raises ZeroDivisionError without values."""
    numbers = [Fraction(v) for v in values]
    return sum(numbers, Fraction(0)) / len(numbers)


def root(value: Fraction) -> Decimal:
    """The square root of an exact number, to two places half up. Raises ValueError below zero."""
    if value < 0:
        raise ValueError("no square root below zero")
    with_guard = (Decimal(value.numerator) / Decimal(value.denominator)).sqrt()
    return with_guard.quantize(HUNDREDTH, ROUND_HALF_UP)


@dataclass(frozen=True)
class Step:
    """One line of "how this number came about": a named rule, the numbers that went in, and the result.

    A page looks up the words for `rule` and for each name; nothing here is meant to be read by people as it is.
    """

    rule: str
    values: tuple[tuple[str, Decimal], ...]
    result: Decimal
