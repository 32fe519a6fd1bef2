"""From reviewers' totals to one result per application, and from results to an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from matchhub.domain.scoring.numbers import Step, mean, root, round_to


@dataclass(frozen=True)
class Policy:
    """The settings of aggregation. Weights, floors and lines are percentages and points out of 100."""

    weight_written: Decimal = Decimal(70)
    weight_roadshow: Decimal = Decimal(30)
    pass_line: Decimal = Decimal(70)
    single_bid_pass_line: Decimal = Decimal(75)
    group_floor: Decimal = Decimal(60)
    floor_groups: tuple[str, ...] = ("org", "budget")
    trim_from: int = 5
    panel_minimum: int = 3
    disagreement_limit: Decimal = Decimal(10)


class TooFewScores(ValueError):
    """Fewer valid scores than the panel minimum: no number may be shown."""


@dataclass(frozen=True)
class Summary:
    """The panel's scores of one stage. All numbers to two places; `trimmed` is None when nothing is dropped.

    `final` is the trimmed mean when there are enough scores to drop two, else the plain mean.
    """

    count: int
    mean: Decimal
    median: Decimal
    deviation: Decimal
    lowest: Decimal
    highest: Decimal
    trimmed: Decimal | None
    final: Decimal
    must_discuss: bool
    steps: tuple[Step, ...]


def summarise(totals: Sequence[Decimal], policy: Policy) -> Summary:
    """Mean, median, population standard deviation and final score of the valid totals of one stage.

    From `trim_from` scores on, one highest and one lowest are dropped (one each, also when several are equal).
    Raises TooFewScores below `panel_minimum`.
    """
    if len(totals) < max(policy.panel_minimum, 1):
        raise TooFewScores(f"{len(totals)} valid scores")
    ordered = sorted(totals)
    exact = mean(ordered)
    deviation = root(mean((Fraction(t) - exact) ** 2 for t in ordered))
    kept = ordered[1:-1] if len(ordered) >= max(policy.trim_from, 3) else None
    trimmed = round_to(mean(kept)) if kept else None
    plain = round_to(exact)
    return Summary(
        count=len(ordered),
        mean=plain,
        median=_median(ordered),
        deviation=deviation,
        lowest=ordered[0],
        highest=ordered[-1],
        trimmed=trimmed,
        final=plain if trimmed is None else trimmed,
        must_discuss=deviation > policy.disagreement_limit,
        steps=_summary_steps(ordered, plain, kept, trimmed),
    )


def _median(ordered: Sequence[Decimal]) -> Decimal:
    """The middle value, or the mean of the two middle values, to two places."""
    middle = len(ordered) // 2
    return round_to(ordered[middle] if len(ordered) % 2 else mean(ordered[middle - 1 : middle + 1]))


def _summary_steps(
    ordered: Sequence[Decimal], plain: Decimal, kept: Sequence[Decimal] | None, trimmed: Decimal | None
) -> tuple[Step, ...]:
    """How the final score of a stage came about."""
    if kept is None or trimmed is None:
        return (Step("plain_mean", tuple(("score", t) for t in ordered), plain),)
    return (
        Step("drop_lowest", (("score", ordered[0]),), ordered[0]),
        Step("drop_highest", (("score", ordered[-1]),), ordered[-1]),
        Step("trimmed_mean", tuple(("score", t) for t in kept), trimmed),
    )


def group_means(sheets: Sequence[Mapping[str, Decimal | None]]) -> dict[str, Decimal]:
    """The panel's mean percentage of each group, from one mapping of group to percentage per reviewer.

    A reviewer for whom nothing in the group applied (None) does not count; a group nobody scored is left out.
    """
    groups = dict.fromkeys(group for sheet in sheets for group in sheet)
    result = {}
    for group in groups:
        values = [v for sheet in sheets if (v := sheet.get(group)) is not None]
        if values:
            result[group] = round_to(mean(values))
    return result


def combine(written: Decimal | None, roadshow: Decimal | None, policy: Policy) -> tuple[Decimal, Step]:
    """The total of both stages by their weights; a need reviewed in one stage only counts that stage in full.

    Raises ValueError when there is neither.
    """
    parts = [("written", written, policy.weight_written), ("roadshow", roadshow, policy.weight_roadshow)]
    present = [(name, score, weight) for name, score, weight in parts if score is not None]
    weights = sum(Fraction(weight) for _, _, weight in present)
    if not weights:
        raise ValueError("neither a written nor a roadshow score")
    total = round_to(sum(Fraction(score) * Fraction(weight) for _, score, weight in present) / weights)
    values = tuple(pair for name, score, weight in present for pair in ((name, score), (f"weight_{name}", weight)))
    return total, Step("combined" if len(present) == 2 else "one_stage", values, total)


class Verdict(StrEnum):
    """What the numbers say; people decide."""

    passed = "passed"
    reconsider = "reconsider"
    below_line = "below_line"


@dataclass(frozen=True)
class Judgement:
    """The verdict of one application, with the groups under their floor and the line that applied."""

    verdict: Verdict
    total: Decimal
    line: Decimal
    low_groups: tuple[str, ...]
    needs_necessity_note: bool
    steps: tuple[Step, ...]


def judge(total: Decimal, groups: Mapping[str, Decimal], applicants: int, policy: Policy) -> Judgement:
    """Hold a total against the pass line and the group floors; exactly on the line or floor is enough.

    `applicants` counts the applications under review for the need: a single one faces the higher line and needs
    a written note. Below the line wins over reconsider. Raises KeyError when a floor group has no percentage.
    """
    single = applicants == 1
    line = policy.single_bid_pass_line if single else policy.pass_line
    low = tuple(group for group in policy.floor_groups if groups[group] < policy.group_floor)
    verdict = Verdict.passed if not low else Verdict.reconsider
    if total < line:
        verdict = Verdict.below_line
    steps = [Step("single_bid_line" if single else "pass_line", (("total", total), ("line", line)), total - line)]
    for group in policy.floor_groups:
        values = ((group, groups[group]), ("floor", policy.group_floor))
        steps.append(Step("group_floor", values, groups[group] - policy.group_floor))
    return Judgement(verdict, total, line, low, single, tuple(steps))


@dataclass(frozen=True)
class Candidate:
    """What ranking needs of an application. `fit` is the mean percentage of the group 需求契合."""

    key: str
    total: Decimal
    fit: Decimal
    amount_fen: int
    submitted_at: datetime


class TieBreak(StrEnum):
    """The rule that put a candidate below the one above it; `equal` means that they share the place."""

    total = "total"
    fit = "fit"
    amount = "amount"
    submitted = "submitted"
    equal = "equal"


@dataclass(frozen=True)
class Ranked:
    """A candidate with its place; `decided_by` is None for the first."""

    place: int
    candidate: Candidate
    decided_by: TieBreak | None


def rank(candidates: Sequence[Candidate]) -> tuple[Ranked, ...]:
    """Order by total; ties by higher fit, then lower amount, then earlier submission.

    Candidates equal in all four share a place (and the next place is left empty). The order given does not matter.
    """
    result: list[Ranked] = []
    for n, candidate in enumerate(sorted(candidates, key=lambda c: (*_order(c), c.key)), 1):
        if not result:
            result.append(Ranked(1, candidate, None))
            continue
        decided_by = _decided_by(result[-1].candidate, candidate)
        place = result[-1].place if decided_by is TieBreak.equal else n
        result.append(Ranked(place, candidate, decided_by))
    return tuple(result)


def _order(c: Candidate) -> tuple[Decimal, Decimal, int, datetime]:
    """Smaller is better."""
    return -c.total, -c.fit, c.amount_fen, c.submitted_at


def _decided_by(above: Candidate, below: Candidate) -> TieBreak:
    """The first rule in which two neighbours differ."""
    rules = (TieBreak.total, TieBreak.fit, TieBreak.amount, TieBreak.submitted)
    for rule, better, worse in zip(rules, _order(above), _order(below), strict=True):
        if better != worse:
            return rule
    return TieBreak.equal
