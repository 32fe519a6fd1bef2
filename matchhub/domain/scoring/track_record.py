"""The track record of an organisation: what its last projects say, for item A12 of the intake review."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from matchhub.domain.scoring.numbers import HALF_POINT, HUNDRED, mean, percent, round_to


@dataclass(frozen=True)
class TrackRules:
    """The settings of the track record.

    `yearly_decay` 0.8: a project closed three years ago would count half as much as one closed now (0.8³ = 0.51).
    Teams of this size change about that fast, and a bad year must be able to fade while its evidence stays visible.
    `neutral` is the percentage a newcomer gets: neither praise nor blame.
    """

    years: int = 3
    weight_closing: Decimal = Decimal("0.5")
    weight_reports: Decimal = Decimal("0.3")
    weight_rectify: Decimal = Decimal("0.2")
    shrink_below: int = 3
    yearly_decay: Decimal = Decimal("0.8")
    neutral: Decimal = Decimal(60)


@dataclass(frozen=True)
class PastProject:
    """A closed project: its closing score of 100 and how much of what was due came on time."""

    reference: str
    closed_on: date
    closing_score: Decimal
    reports_due: int
    reports_on_time: int
    rectifications_due: int
    rectifications_on_time: int


@dataclass(frozen=True)
class Evidence:
    """One project's part in a record: its own value of 100, its age in full years, and its weight."""

    project: PastProject
    reports_percent: Decimal | None
    rectify_percent: Decimal
    value: Decimal
    age_years: int
    weight: Decimal


@dataclass(frozen=True)
class TrackRecord:
    """An organisation's record, 0 to 100 to two places, with the evidence (newest first).

    `own` is the weighted mean before shrinking and None without projects; then `score` is None as well.
    `drawn_to` is the street mean that was mixed in, or None when there were enough projects.
    """

    score: Decimal | None
    own: Decimal | None
    drawn_to: Decimal | None
    evidence: tuple[Evidence, ...]

    @property
    def is_newcomer(self) -> bool:
        """Whether there is no project to judge by."""
        return self.score is None


def age_in_years(closed_on: date, today: date) -> int:
    """Full years from closing to today; a 29 February has its birthday on 1 March in other years."""
    before_birthday = (today.month, today.day) < (closed_on.month, closed_on.day)
    return today.year - closed_on.year - before_birthday


def project_value(project: PastProject, rules: TrackRules) -> Decimal:
    """One project of 100: 0.5 × closing score + 0.3 × reports on time + 0.2 × rectifications on time.

    A project without a rectification counts as fully on time; one without any report due leaves that part out and
    the other weights are scaled up.
    """
    reports, rectify = _reports_percent(project), _rectify_percent(project)
    parts = [(project.closing_score, rules.weight_closing), (rectify, rules.weight_rectify)]
    if reports is not None:
        parts.append((reports, rules.weight_reports))
    weights = sum((Fraction(weight) for _, weight in parts), Fraction(0))
    return round_to(sum((Fraction(part) * Fraction(weight) for part, weight in parts), Fraction(0)) / weights)


def _reports_percent(project: PastProject) -> Decimal | None:
    """Monthly reports on time in percent, or None when none was due."""
    return percent(project.reports_on_time, project.reports_due) if project.reports_due else None


def _rectify_percent(project: PastProject) -> Decimal:
    """Rectifications on time in percent; nothing to rectify is as good as all on time."""
    if not project.rectifications_due:
        return HUNDRED
    return percent(project.rectifications_on_time, project.rectifications_due)


def track_record(
    projects: Iterable[PastProject], street_mean: Decimal | None, today: date, rules: TrackRules
) -> TrackRecord:
    """The record of one organisation from its closed projects.

    Projects closed less than `years` full years ago count, each with weight decay^age:
        own   = Σ(decay^age × value) / Σ decay^age
    With n < shrink_below projects the result is drawn to the street mean, so that one project is not destiny:
        score = (n × own + (shrink_below − n) × street mean) / shrink_below
    Without a street mean yet, `neutral` takes its place. Projects closed after `today` are left out.
    """
    evidence = tuple(sorted(_evidence(projects, today, rules), key=lambda e: e.project.closed_on, reverse=True))
    if not evidence:
        return TrackRecord(None, None, None, ())
    weights = sum((Fraction(e.weight) for e in evidence), Fraction(0))
    exact = sum((Fraction(e.weight) * Fraction(e.value) for e in evidence), Fraction(0)) / weights
    own = round_to(exact)
    lacking = rules.shrink_below - len(evidence)
    if lacking <= 0:
        return TrackRecord(own, own, None, evidence)
    target = rules.neutral if street_mean is None else street_mean
    score = (len(evidence) * Fraction(own) + lacking * Fraction(target)) / rules.shrink_below
    return TrackRecord(round_to(score), own, target, evidence)


def _evidence(projects: Iterable[PastProject], today: date, rules: TrackRules) -> Iterable[Evidence]:
    """The projects that count, each with its value and weight."""
    for project in projects:
        age = age_in_years(project.closed_on, today)
        if project.closed_on <= today and age < rules.years:
            value = project_value(project, rules)
            weight = rules.yearly_decay**age
            yield Evidence(project, _reports_percent(project), _rectify_percent(project), value, age, weight)


def street_mean(records: Sequence[TrackRecord]) -> Decimal | None:
    """The mean of the organisations' own values (before shrinking), each counted once; None without any."""
    own = [record.own for record in records if record.own is not None]
    return round_to(mean(own)) if own else None


def a12_points(
    record: TrackRecord, maximum: Decimal, rules: TrackRules | None = None, *, full_marks: bool = False
) -> Decimal:
    """Points proposed for item A12, to the nearest half point; a newcomer gets the neutral share.

    `full_marks` is for organisations whose last grade was 优秀, when the street rewards that.
    """
    if full_marks:
        return maximum
    neutral = (rules or TrackRules()).neutral
    share = neutral if record.score is None else record.score
    return min(round_to(Fraction(maximum) * Fraction(share) / 100, HALF_POINT), maximum)
