"""Items of the supervision rubric (B) that are computed from records instead of being judged.

Borders, for every band here: a border belongs to the better band. Exactly 100 %, exactly 80 % and exactly 60 %
earn the points of "100 % and more", "80-100 %" and "60-80 %"; a deviation of exactly 15 % is still within 15 %.
Ratios are compared as exact fractions, so 799 of 1000 is below 80 % although it is shown rounded as 79.9 or 80 %.
When nothing was planned there is nothing to judge: the item does not apply and leaves the denominator.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from matchhub.domain.scoring.numbers import HALF_POINT, ZERO, Exact, percent, round_to


@dataclass(frozen=True)
class Computed:
    """The points of a computed item and the facts behind them.

    `points` is None when the item does not apply. `ratio` is a percentage to two places, for showing only.
    `band` is the code of the rule that applied. `planned` and `done` are in the unit of the item (visits, fen, ...).
    """

    points: Decimal | None
    maximum: Decimal
    planned: Decimal
    done: Decimal
    ratio: Decimal | None
    band: str

    @property
    def not_applicable(self) -> bool:
        """Whether the item leaves the denominator."""
        return self.points is None


@dataclass(frozen=True)
class Band:
    """A band of a table: from this percentage (included) these points are given."""

    code: str
    from_percent: Decimal
    points: Decimal


def _table(full: str, good: str, fair: str) -> tuple[Band, ...]:
    """The four bands that progress and output items share."""
    return (
        Band("full", Decimal(100), Decimal(full)),
        Band("over_80", Decimal(80), Decimal(good)),
        Band("over_60", Decimal(60), Decimal(fair)),
        Band("below_60", ZERO, ZERO),
    )


# B1 gives the share that its band names: 100 %, 80 % or 60 % of 10 points.
PROGRESS_BANDS = _table("10", "8", "6")
VISITS_BANDS = _table("8", "5.5", "2.5")
SESSIONS_BANDS = _table("7", "4.5", "2.5")

# B15, by the anchors of the rubric: within 15, 25 and 40 % of the plan.
SPENDING_BANDS = (
    Band("within_15", Decimal(15), Decimal(4)),
    Band("within_25", Decimal(25), Decimal(3)),
    Band("within_40", Decimal(40), Decimal(2)),
)


def by_ratio(planned: Exact, done: Exact, bands: tuple[Band, ...]) -> Computed:
    """Points of `done` against `planned` by a table of bands, best first. Raises ValueError below zero."""
    _not_negative(planned, done)
    maximum = bands[0].points
    if not planned:
        return Computed(None, maximum, ZERO, _decimal(done), None, "nothing_planned")
    reached = Fraction(done) * 100 / Fraction(planned)
    band = next(b for b in bands if reached >= Fraction(b.from_percent))
    return Computed(band.points, maximum, _decimal(planned), _decimal(done), percent(done, planned), band.code)


def progress(planned: Exact, done: Exact) -> Computed:
    """B1: plan rows done to date against plan rows due to date."""
    return by_ratio(planned, done, PROGRESS_BANDS)


def visits(planned: Exact, done: Exact) -> Computed:
    """B4: people served (人次) to date against the plan to date."""
    return by_ratio(planned, done, VISITS_BANDS)


def sessions(planned: Exact, done: Exact) -> Computed:
    """B5: sessions held to date against the plan to date."""
    return by_ratio(planned, done, SESSIONS_BANDS)


class Match(StrEnum):
    """How what is delivered fits what was planned (B2, B3)."""

    same = "same"
    mostly = "mostly"
    different = "different"


MATCH_POINTS = {Match.same: Decimal(5), Match.mostly: Decimal(3), Match.different: ZERO}


def match(choice: Match) -> Decimal:
    """B2 and B3: 5 as planned, 3 mostly, 0 not as planned."""
    return MATCH_POINTS[choice]


def on_time(due: int, on_time_count: int, maximum: Decimal = Decimal(5)) -> Computed:
    """B17 (and B12 with maximum 4): the share on time of the maximum, to the nearest half point, half up.

    Raises ValueError when more were on time than were due.
    """
    _not_negative(due, on_time_count)
    if on_time_count > due:
        raise ValueError("more on time than were due")
    if not due:
        return Computed(None, maximum, ZERO, ZERO, None, "nothing_due")
    points = round_to(Fraction(maximum) * on_time_count / due, HALF_POINT)
    band = "all_on_time" if on_time_count == due else "share_on_time"
    return Computed(points, maximum, Decimal(due), Decimal(on_time_count), percent(on_time_count, due), band)


def spending(planned_fen: int, spent_fen: int) -> Computed:
    """B15: money spent against money planned to date; deviation counts the same above and below the plan.

    Spending where nothing was planned earns nothing; nothing spent where nothing was planned does not apply.
    """
    _not_negative(planned_fen, spent_fen)
    maximum = SPENDING_BANDS[0].points
    if not planned_fen:
        points, band = (ZERO, "unplanned") if spent_fen else (None, "nothing_planned")
        return Computed(points, maximum, ZERO, Decimal(spent_fen), None, band)
    deviation = Fraction(abs(spent_fen - planned_fen) * 100, planned_fen)
    found = next((b for b in SPENDING_BANDS if deviation <= Fraction(b.from_percent)), Band("beyond_40", ZERO, ZERO))
    ratio = percent(spent_fen, planned_fen)
    return Computed(found.points, maximum, Decimal(planned_fen), Decimal(spent_fen), ratio, found.code)


class Formality(StrEnum):
    """How far a budget change was cleared."""

    none = "none"
    filed = "filed"
    approved = "approved"


_STRENGTH = (Formality.none, Formality.filed, Formality.approved)


def needed_formality(
    budget_fen: int, moved_fen: int, free: Decimal = Decimal(5), filed: Decimal = Decimal(10)
) -> Formality:
    """What a budget change needs: up to `free` % nothing, up to `filed` % filing, above it approval."""
    if moved_fen * 100 <= Fraction(free) * budget_fen:
        return Formality.none
    return Formality.filed if moved_fen * 100 <= Fraction(filed) * budget_fen else Formality.approved


def budget_change(
    budget_fen: int,
    moved_fen: int,
    formality: Formality,
    free: Decimal = Decimal(5),
    filed: Decimal = Decimal(10),
) -> Computed:
    """B16: 2 points when the money moved between lines was cleared as far as its share needs, else 0.

    `band` names what was needed. Nothing moved earns the 2 points. Raises ValueError for a budget of zero.
    """
    _not_negative(budget_fen, moved_fen)
    if not budget_fen:
        raise ValueError("a budget change needs a budget")
    needed = needed_formality(budget_fen, moved_fen, free, filed)
    maximum = Decimal(2)
    points = maximum if _STRENGTH.index(formality) >= _STRENGTH.index(needed) else ZERO
    ratio = percent(moved_fen, budget_fen)
    return Computed(points, maximum, Decimal(budget_fen), Decimal(moved_fen), ratio, f"needs_{needed}")


def rectified(cleared: int, partly: int, not_cleared: int) -> Computed:
    """B18: items of the last rectification; a cleared item counts in full, a partly cleared one by half.

    To the nearest half point of 5, half up. Full when none was open.
    """
    _not_negative(cleared, partly, not_cleared)
    maximum = Decimal(5)
    items = cleared + partly + not_cleared
    if not items:
        return Computed(maximum, maximum, ZERO, ZERO, None, "none_open")
    done = Fraction(2 * cleared + partly, 2)
    band = "all_cleared" if cleared == items else "none_cleared" if not done else "partly_cleared"
    points = round_to(Fraction(maximum) * done / items, HALF_POINT)
    return Computed(points, maximum, Decimal(items), _decimal(done), percent(done, items), band)


class Light(StrEnum):
    """The traffic light of a visit."""

    green = "green"
    yellow = "yellow"
    red = "red"


def light(score: Decimal, green: Decimal = Decimal(80), yellow: Decimal = Decimal(65)) -> Light:
    """Green from `green`, yellow from `yellow` (both included), else red: a rectification is mandatory."""
    if score >= green:
        return Light.green
    return Light.yellow if score >= yellow else Light.red


def _decimal(value: Exact) -> Decimal:
    """A fact as a decimal number, for showing."""
    return Decimal(value) if isinstance(value, int) else value if isinstance(value, Decimal) else round_to(value)


def _not_negative(*values: Exact) -> None:
    """Counts and sums are never below zero."""
    if any(value < 0 for value in values):
        raise ValueError("counts and sums are not negative")
