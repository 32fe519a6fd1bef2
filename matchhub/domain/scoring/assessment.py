"""活跃度测评: the closing assessment of a project, computed so that anyone can recompute it from the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from matchhub.domain.scoring.canonical import canonical, digest
from matchhub.domain.scoring.numbers import HUNDRED, ZERO, Step, percent, round_to

DEFAULT_VISIT_WEIGHTS: Mapping[str, Decimal] = {
    "on_site": Decimal("1.0"),
    "attend": Decimal("0.8"),
    "ledger": Decimal("0.8"),
    "remote": Decimal("0.4"),
}


class Grade(StrEnum):
    """The grades, best first: 优秀, 良好, 合格, 待提升, 不合格."""

    excellent = "excellent"
    good = "good"
    acceptable = "acceptable"
    to_improve = "to_improve"
    failed = "failed"


@dataclass(frozen=True)
class Rules:
    """The settings of the assessment. Weights are percentages and sum to 100; grades are points, included."""

    weight_c1: Decimal = Decimal(30)
    weight_c2: Decimal = Decimal(30)
    weight_c3: Decimal = Decimal(40)
    visit_weights: Mapping[str, Decimal] = field(default_factory=lambda: dict(DEFAULT_VISIT_WEIGHTS))
    extra_points_cap: Decimal = Decimal(5)
    satisfaction_floor: Decimal = Decimal(80)
    satisfaction_minimum_n: int = 10
    grade_excellent: Decimal = Decimal(90)
    grade_good: Decimal = Decimal(80)
    grade_pass: Decimal = Decimal(70)
    grade_improve: Decimal = Decimal(60)

    def __post_init__(self) -> None:
        """A wrong setting must not silently change a grade."""
        if self.weight_c1 + self.weight_c2 + self.weight_c3 != HUNDRED:
            raise ValueError("the three weights sum to 100")
        if not self.grade_excellent > self.grade_good > self.grade_pass > self.grade_improve:
            raise ValueError("the grades descend")


@dataclass(frozen=True)
class VisitScore:
    """The final score of one supervision visit; `kind` is a key of the visit weights."""

    reference: str
    kind: str
    score: Decimal


@dataclass(frozen=True)
class Extra:
    """Verified extra points for one reason."""

    code: str
    points: Decimal


@dataclass(frozen=True)
class Satisfaction:
    """How many of the valid answers were satisfied."""

    satisfied: int
    valid: int


@dataclass(frozen=True)
class Inputs:
    """Everything an assessment is computed from. C1 and C2 are totals of 100; vetoes are the codes of breaches."""

    c1: Decimal | None
    c2: Decimal | None
    visits: tuple[VisitScore, ...]
    extras: tuple[Extra, ...] = ()
    satisfaction: Satisfaction | None = None
    vetoes: tuple[str, ...] = ()


class Missing(StrEnum):
    """What an assessment still waits for."""

    c1 = "c1"
    c2 = "c2"
    visits = "visits"


@dataclass(frozen=True)
class Result:
    """The assessment with every number in it, to two places.

    `score` is never lowered by the satisfaction cap, only `grade` is; `grade_by_score` is the grade before it.
    `satisfaction_rate` is None when fewer than the minimum answered: then no percentage is shown and none caps.
    After a veto the score is 0, the grade is failed, and components that were never scored are None.
    `canonical` is the exact text of inputs and rules, and `digest` its SHA-256: recompute it to check both.
    """

    c1: Decimal | None
    c2: Decimal | None
    c3: Decimal | None
    weighted: Decimal | None
    extra_points: Decimal
    score: Decimal
    satisfaction_rate: Decimal | None
    is_capped: bool
    vetoes: tuple[str, ...]
    grade_by_score: Grade
    grade: Grade
    steps: tuple[Step, ...]
    canonical: str
    digest: str


def missing(inputs: Inputs) -> tuple[Missing, ...]:
    """What is still needed before `assess` may be called; nothing after a veto."""
    if inputs.vetoes:
        return ()
    absent = ((Missing.c1, inputs.c1 is None), (Missing.c2, inputs.c2 is None), (Missing.visits, not inputs.visits))
    return tuple(code for code, is_absent in absent if is_absent)


def daily_score(visits: tuple[VisitScore, ...], weights: Mapping[str, Decimal]) -> Decimal | None:
    """C3: the mean of visit scores weighted by kind of visit, to two places; None when no visit has weight.

    Raises KeyError for a kind without a weight.
    """
    total_weight = sum((Fraction(weights[v.kind]) for v in visits), Fraction(0))
    if not total_weight:
        return None
    return round_to(sum((Fraction(weights[v.kind]) * Fraction(v.score) for v in visits), Fraction(0)) / total_weight)


def grade_of(score: Decimal, rules: Rules) -> Grade:
    """The grade of a score; a score exactly on a threshold has the grade of that threshold."""
    thresholds = (
        (rules.grade_excellent, Grade.excellent),
        (rules.grade_good, Grade.good),
        (rules.grade_pass, Grade.acceptable),
        (rules.grade_improve, Grade.to_improve),
    )
    return next((grade for least, grade in thresholds if score >= least), Grade.failed)


def assess(inputs: Inputs, rules: Rules) -> Result:
    """Compute the assessment. Raises ValueError when something is missing or a number is out of range.

    C3 is rounded to two places before it is weighted, because that is the number people see and recompute with.
    """
    if missing(inputs):
        raise ValueError(f"not ready: {missing(inputs)}")
    _check(inputs)
    c3 = daily_score(inputs.visits, rules.visit_weights)
    weighted = _weighted(inputs.c1, inputs.c2, c3, rules)
    if weighted is None and not inputs.vetoes:
        raise ValueError("no visit carries weight")
    extra = min(sum((e.points for e in inputs.extras), ZERO), rules.extra_points_cap)
    score = _score(weighted, extra, bool(inputs.vetoes))
    grade_by_score = Grade.failed if inputs.vetoes else grade_of(score, rules)
    rate, is_low = _satisfaction(inputs.satisfaction, rules)
    is_capped = is_low and grade_by_score in (Grade.excellent, Grade.good)
    text = canonical({"inputs": _in_order(inputs), "rules": rules})
    return Result(
        c1=inputs.c1,
        c2=inputs.c2,
        c3=c3,
        weighted=weighted,
        extra_points=extra,
        score=score,
        satisfaction_rate=rate,
        is_capped=is_capped,
        vetoes=tuple(sorted(inputs.vetoes)),
        grade_by_score=grade_by_score,
        grade=Grade.acceptable if is_capped else grade_by_score,
        steps=_steps(inputs, rules, c3, weighted, extra, score, rate),
        canonical=text,
        digest=digest(text),
    )


def _check(inputs: Inputs) -> None:
    """Scores lie between 0 and 100, extras are not negative, and answers are possible."""
    scores = [s for s in (inputs.c1, inputs.c2) if s is not None] + [v.score for v in inputs.visits]
    if not all(s.is_finite() and ZERO <= s <= HUNDRED for s in scores):
        raise ValueError("scores lie between 0 and 100")
    if not all(e.points.is_finite() and e.points >= 0 for e in inputs.extras):
        raise ValueError("extra points are not negative")
    answers = inputs.satisfaction
    if answers and not 0 <= answers.satisfied <= answers.valid:
        raise ValueError("more satisfied answers than valid ones")


def _weighted(c1: Decimal | None, c2: Decimal | None, c3: Decimal | None, rules: Rules) -> Decimal | None:
    """The weighted sum of the three components, when all are there."""
    if c1 is None or c2 is None or c3 is None:
        return None
    parts = ((c1, rules.weight_c1), (c2, rules.weight_c2), (c3, rules.weight_c3))
    return round_to(sum((Fraction(c) * Fraction(w) for c, w in parts), Fraction(0)) / 100)


def _score(weighted: Decimal | None, extra: Decimal, has_veto: bool) -> Decimal:
    """The final score: 0 after a veto, otherwise with extras and never above 100."""
    if has_veto or weighted is None:
        return Decimal("0.00")
    return round_to(min(weighted + extra, HUNDRED))


def _satisfaction(answers: Satisfaction | None, rules: Rules) -> tuple[Decimal | None, bool]:
    """The rate to show and whether it is below the floor, compared exactly; too few answers say nothing."""
    if answers is None or answers.valid < max(rules.satisfaction_minimum_n, 1):
        return None, False
    is_low = answers.satisfied * 100 < Fraction(rules.satisfaction_floor) * answers.valid
    return percent(answers.satisfied, answers.valid), is_low


def _steps(
    inputs: Inputs,
    rules: Rules,
    c3: Decimal | None,
    weighted: Decimal | None,
    extra: Decimal,
    score: Decimal,
    rate: Decimal | None,
) -> tuple[Step, ...]:
    """The story of the score, in the order in which a person would compute it."""
    steps = []
    if c3 is not None:
        pairs = ((v.reference, v.score) for v in inputs.visits)
        weights = ((f"{v.reference}:weight", rules.visit_weights[v.kind]) for v in inputs.visits)
        steps.append(Step("daily", tuple(p for both in zip(pairs, weights, strict=True) for p in both), c3))
    if weighted is not None and inputs.c1 is not None and inputs.c2 is not None and c3 is not None:
        parts = (("c1", inputs.c1), ("c2", inputs.c2), ("c3", c3))
        shares = (("weight_c1", rules.weight_c1), ("weight_c2", rules.weight_c2), ("weight_c3", rules.weight_c3))
        steps.append(Step("weighted", (*parts, *shares), weighted))
    if inputs.extras:
        values = tuple((e.code, e.points) for e in inputs.extras)
        steps.append(Step("extras", (*values, ("cap", rules.extra_points_cap)), extra))
    if rate is not None:
        steps.append(Step("satisfaction", (("floor", rules.satisfaction_floor),), rate))
    if inputs.vetoes:
        steps.append(Step("veto", tuple((code, ZERO) for code in sorted(inputs.vetoes)), score))
    else:
        steps.append(Step("score", (("weighted", weighted or ZERO), ("extras", extra), ("cap", HUNDRED)), score))
    return tuple(steps)


def _in_order(inputs: Inputs) -> Inputs:
    """The same inputs in one order, so that the order of reading never changes the digest."""
    return Inputs(
        inputs.c1,
        inputs.c2,
        tuple(sorted(inputs.visits, key=lambda v: (v.reference, v.kind, v.score))),
        tuple(sorted(inputs.extras, key=lambda e: (e.code, e.points))),
        inputs.satisfaction,
        tuple(sorted(inputs.vetoes)),
    )
