"""One person's score sheet: are the lines allowed, what is missing, and what is the total of 100."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from matchhub.domain.scoring.numbers import HALF_POINT, HUNDRED, ZERO, percent


class Kind(StrEnum):
    """What the points of an item do to the total."""

    score = "score"
    bonus = "bonus"
    deduction = "deduction"


@dataclass(frozen=True)
class Item:
    """One item of a rubric. `step` is None for items whose points are computed and need not be half points.

    Items of the kind `score` make up the 100. What is a `bonus` adds to the total and a `deduction` takes from it, in
    points of the total; either may stay empty, which counts as nothing given or taken.
    """

    code: str
    group: str
    maximum: Decimal
    veto: bool = False
    step: Decimal | None = HALF_POINT
    kind: Kind = Kind.score


@dataclass(frozen=True)
class Line:
    """What was entered for an item: points, or "not applicable", or nothing yet (points None)."""

    item_code: str
    points: Decimal | None = None
    not_applicable: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the line still has to be filled."""
        return self.points is None and not self.not_applicable


class SheetProblem(StrEnum):
    """Why a line or a rubric is not allowed."""

    unknown_item = "unknown_item"
    duplicate = "duplicate"
    points_and_not_applicable = "points_and_not_applicable"
    not_a_number = "not_a_number"
    below_zero = "below_zero"
    above_maximum = "above_maximum"
    not_a_step = "not_a_step"
    maximum_not_positive = "maximum_not_positive"
    total_should_be_100 = "total_should_be_100"
    not_applicable_makes_no_sense = "not_applicable_makes_no_sense"


@dataclass(frozen=True)
class GroupSubtotal:
    """The points of a group; `percentage` is None when nothing in it applies."""

    group: str
    points: Decimal
    maximum: Decimal
    percentage: Decimal | None


@dataclass(frozen=True)
class SheetTotal:
    """A sheet added up.

    `total` is out of 100 to two places, and None until every item is filled. `points` of `maximum` is the sum
    so far, without bonus and deduction. When a veto item was scored 0 the sheet is stopped: it is complete and its
    total is 0. `uncapped` is the total before the cap was applied: it may pass 100, and may lie below 0.
    """

    total: Decimal | None
    points: Decimal
    maximum: Decimal
    missing: tuple[str, ...]
    not_applicable: tuple[str, ...]
    vetoed: tuple[str, ...]
    groups: tuple[GroupSubtotal, ...]
    bonus: Decimal = ZERO
    deduction: Decimal = ZERO
    uncapped: Decimal | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the sheet has a total and may be submitted."""
        return self.total is not None

    def group(self, code: str) -> GroupSubtotal:
        """One group by its code. Raises KeyError for a group that the rubric does not have."""
        for subtotal in self.groups:
            if subtotal.group == code:
                return subtotal
        raise KeyError(code)


def rubric_problems(items: Sequence[Item]) -> list[tuple[str, SheetProblem]]:
    """What keeps a rubric from being used, as (item code, problem); the code is "" for the rubric as a whole."""
    counts = Counter(item.code for item in items)
    found = [(code, SheetProblem.duplicate) for code, n in counts.items() if n > 1]
    found += [(i.code, SheetProblem.maximum_not_positive) for i in items if i.maximum <= 0]
    found += [(i.code, SheetProblem.not_a_step) for i in items if i.step and i.maximum % i.step]
    if sum((i.maximum for i in items if i.kind is Kind.score), ZERO) != HUNDRED:
        found.append(("", SheetProblem.total_should_be_100))
    return found


def line_problems(items: Sequence[Item], lines: Iterable[Line]) -> list[tuple[str, SheetProblem]]:
    """What is wrong with the lines, as (item code, problem); empty lines are not wrong, only missing."""
    by_code = {item.code: item for item in items}
    found: list[tuple[str, SheetProblem]] = []
    seen: set[str] = set()
    for line in lines:
        item = by_code.get(line.item_code)
        code = SheetProblem.duplicate if line.item_code in seen else _line_problem(item, line)
        if code:
            found.append((line.item_code, code))
        seen.add(line.item_code)
    return found


def _line_problem(item: Item | None, line: Line) -> SheetProblem | None:
    """The first rule that a line breaks."""
    if item is None:
        return SheetProblem.unknown_item
    points = line.points
    if line.not_applicable and item.kind is not Kind.score:
        return SheetProblem.not_applicable_makes_no_sense
    if points is None:
        return None
    if line.not_applicable:
        return SheetProblem.points_and_not_applicable
    if not points.is_finite():
        return SheetProblem.not_a_number
    if points < 0:
        return SheetProblem.below_zero
    if points > item.maximum:
        return SheetProblem.above_maximum
    # The maximum itself is always allowed, even when it is not a multiple of the step.
    if item.step and points != item.maximum and points % item.step:
        return SheetProblem.not_a_step
    return None


def total(items: Sequence[Item], lines: Iterable[Line], cap: Decimal = HUNDRED) -> SheetTotal:
    """Add up a sheet: "not applicable" leaves the denominator, and the rest is scaled to 100 (half up, two places).

    Then bonus points are added and deductions taken, and the result is cut to between 0 and `cap`. A veto item scored
    0 is a breach and stops the score. A sheet on which nothing applies has no total. Raises ValueError when
    `line_problems` finds any.
    """
    entered = list(lines)
    problems = line_problems(items, entered)
    if problems:
        raise ValueError(f"lines not allowed: {problems}")
    by_code = {line.item_code: line for line in entered}
    scored = [item for item in items if item.kind is Kind.score]
    pairs = [(item, by_code.get(item.code, Line(item.code))) for item in scored]
    counted = [(i, line.points) for i, line in pairs if line.points is not None]
    missing = tuple(i.code for i, line in pairs if line.is_empty)
    vetoed = tuple(i.code for i, points in counted if i.veto and points == 0)
    points = sum((p for _, p in counted), ZERO)
    applicable = [i for i, line in pairs if not line.not_applicable]
    maximum = sum((i.maximum for i in applicable), ZERO)
    bonus, deduction = (_beside(items, by_code, kind) for kind in (Kind.bonus, Kind.deduction))
    base = _base(points, maximum, bool(missing), bool(vetoed))
    uncapped = None if base is None else base if vetoed else base + bonus - deduction
    return SheetTotal(
        total=None if uncapped is None else max(Decimal("0.00"), min(uncapped, cap)),
        points=points,
        maximum=maximum,
        missing=missing,
        not_applicable=tuple(i.code for i, line in pairs if line.not_applicable),
        vetoed=vetoed,
        groups=_groups(scored, applicable, counted),
        bonus=bonus,
        deduction=deduction,
        uncapped=uncapped,
    )


def _beside(items: Sequence[Item], by_code: dict[str, Line], kind: Kind) -> Decimal:
    """The points given in the items of a kind that stand beside the 100."""
    given = (by_code[item.code].points for item in items if item.kind is kind and item.code in by_code)
    return sum((points for points in given if points is not None), ZERO)


def _base(points: Decimal, maximum: Decimal, has_missing: bool, has_veto: bool) -> Decimal | None:
    """The share of the 100, when there is one."""
    if has_veto:
        return Decimal("0.00")
    if has_missing or not maximum:
        return None
    return percent(points, maximum)


def _groups(
    items: Sequence[Item], applicable: Sequence[Item], counted: Sequence[tuple[Item, Decimal]]
) -> tuple[GroupSubtotal, ...]:
    """Subtotals in the order in which groups appear in the rubric."""
    result = []
    for group in dict.fromkeys(item.group for item in items):
        points = sum((p for i, p in counted if i.group == group), ZERO)
        maximum = sum((i.maximum for i in applicable if i.group == group), ZERO)
        result.append(GroupSubtotal(group, points, maximum, percent(points, maximum) if maximum else None))
    return tuple(result)
