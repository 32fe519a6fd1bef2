"""How a judge scores beside the panel (评分尺度): offset, spread, correlation, extremes, always the same, and agreement.

All of it is for people to talk about. Nothing here ever changes a score.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from matchhub.domain.scoring.numbers import HUNDRED, mean, percent, root, round_to

# Below this many subjects a correlation says nothing.
LEAST_FOR_CORRELATION = 3
# From this many subjects on, totals that hardly differ are worth a question.
LEAST_FOR_SAMENESS = 3
SAME_WITHIN = Decimal(1)
# From this share of lines with one and the same percentage on, the sheets look ticked down.
SAME_LINES_PERCENT = Decimal(80)

# subject -> judge -> total out of 100
Table = Mapping[Any, Mapping[int, Decimal]]


@dataclass(frozen=True)
class Line:
    """One scored item: points of a maximum."""

    points: Decimal
    maximum: Decimal


@dataclass(frozen=True)
class Scale:
    """One judge beside the others, to two places. None where there are too few numbers to say anything.

    `offset` is the mean difference between the judge's totals and the mean of the others on the same subjects: above
    0 the judge is milder. `spread` and `panel_spread` are standard deviations over the subjects, `extremes` is the
    share of items below the low or above the high limit in percent.
    """

    subjects: int
    mean: Decimal
    offset: Decimal | None
    spread: Decimal
    panel_spread: Decimal | None
    correlation: Decimal | None
    extremes: Decimal | None
    same_totals: bool
    same_lines: Decimal | None

    @property
    def is_monotonous(self) -> bool:
        """Whether this judge seems always to give the same score."""
        return self.same_totals or (self.same_lines is not None and self.same_lines >= SAME_LINES_PERCENT)


def scale(judge: int, table: Table, lines: Sequence[Line], low: Decimal, high: Decimal) -> Scale | None:
    """The scale of one judge; None for somebody who scored nothing. `low` and `high` are percentages of an item."""
    pairs = [(row[judge], [t for other, t in row.items() if other != judge]) for row in table.values() if judge in row]
    if not pairs:
        return None
    own = [total for total, _others in pairs]
    beside = [(total, mean(others)) for total, others in pairs if others]
    panel = [panel_mean for _total, panel_mean in beside]
    return Scale(
        subjects=len(own),
        mean=round_to(mean(own)),
        offset=round_to(mean(Fraction(t) - p for t, p in beside)) if beside else None,
        spread=deviation(own),
        panel_spread=deviation(panel) if panel else None,
        correlation=correlation([Fraction(t) for t, _p in beside], panel),
        extremes=_extremes(lines, low, high),
        same_totals=len(own) >= LEAST_FOR_SAMENESS and max(own) - min(own) <= SAME_WITHIN,
        same_lines=_same_lines(lines),
    )


def deviation(values: Sequence[Decimal | Fraction]) -> Decimal:
    """The population standard deviation, to two places."""
    exact = mean(values)
    return root(mean((Fraction(value) - exact) ** 2 for value in values))


def correlation(first: Sequence[Fraction], second: Sequence[Fraction]) -> Decimal | None:
    """Pearson's r to two places; None with fewer than three pairs or when one side never varies."""
    if len(first) < LEAST_FOR_CORRELATION:
        return None
    a, b = mean(first), mean(second)
    together = sum(((x - a) * (y - b) for x, y in zip(first, second, strict=True)), Fraction(0))
    both = sum(((x - a) ** 2 for x in first), Fraction(0)) * sum(((y - b) ** 2 for y in second), Fraction(0))
    if not both:
        return None
    # The root is taken of the exact square, so that 1 comes out as 1.
    square = together * together / both
    size = (Decimal(square.numerator) / Decimal(square.denominator)).sqrt()
    return round_to(Fraction(size if together >= 0 else -size))


def _extremes(lines: Sequence[Line], low: Decimal, high: Decimal) -> Decimal | None:
    if not lines:
        return None
    shares = [line.points * HUNDRED / line.maximum for line in lines]
    return percent(sum(share < low or share > high for share in shares), len(shares))


def _same_lines(lines: Sequence[Line]) -> Decimal | None:
    """The share of items that carry the commonest percentage, rounded to tens, in percent."""
    if not lines:
        return None
    counted = Counter(round_to(line.points * 100 / line.maximum, Decimal(10)) for line in lines)
    return percent(counted.most_common(1)[0][1], len(lines))


def z_scores(table: Table) -> dict[Hashable, dict[int, Decimal]]:
    """Each total as its distance from the judge's own mean, in the judge's own standard deviations.

    Judges with fewer than two subjects, or who never vary, are left out. For discussion only: nothing is computed on.
    """
    by_judge: dict[int, dict[Hashable, Decimal]] = defaultdict(dict)
    for subject, row in table.items():
        for judge, total in row.items():
            by_judge[judge][subject] = total
    found: dict[Hashable, dict[int, Decimal]] = {subject: {} for subject in table}
    for judge, totals in by_judge.items():
        sigma = deviation(list(totals.values())) if len(totals) > 1 else Decimal(0)
        if sigma:
            middle = mean(totals.values())
            for subject, total in totals.items():
                found[subject][judge] = round_to((Fraction(total) - middle) / Fraction(sigma))
    return found


@dataclass(frozen=True)
class Agreement:
    """Kendall's coefficient of concordance W over the judges who scored every subject: 0 none, 1 complete."""

    w: Decimal
    judges: int
    subjects: int


def agreement(table: Table) -> Agreement | None:
    """W with the correction for ties, to two places; None with fewer than two judges or subjects, or only ties.

    W = 12 S / (m² (n³ - n) - m T): S is the sum of squared differences of the rank sums from their mean, m the number
    of judges, n that of subjects, T the sum of t³ - t over all groups of t equal ranks.
    """
    rows = list(table.values())
    judges = sorted(set.intersection(*(set(row) for row in rows))) if rows else []
    n, m = len(rows), len(judges)
    if n < 2 or m < 2:
        return None
    ranks = {judge: _ranks([row[judge] for row in rows]) for judge in judges}
    sums = [sum((ranks[judge][i] for judge in judges), Fraction(0)) for i in range(n)]
    middle = mean(sums)
    s = sum((one - middle) ** 2 for one in sums)
    ties = sum(t**3 - t for judge in judges for t in Counter(ranks[judge]).values())
    below = Fraction(m * m * (n**3 - n) - m * ties)
    return Agreement(round_to(12 * s / below), m, n) if below else None


def _ranks(values: Sequence[Decimal]) -> list[Fraction]:
    """Ranks from 1 for the highest; equal values share the mean of their places."""
    return [
        Fraction(sum(other > value for other in values)) + Fraction(sum(other == value for other in values) + 1, 2)
        for value in values
    ]
