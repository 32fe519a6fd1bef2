"""The result as its applicant reads it: reason, own scores beside the field's means, comments without names.

A mean of the field is shown only when it is made of at least three applications, and a number of the panel only when at
least three reviewers stand behind it: otherwise one could count back to a single competitor or a single reviewer.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from matchhub.core.i18n import pick
from matchhub.domain import panels
from matchhub.domain.models import Application, ApplicationState, RoundState
from matchhub.domain.scoring.numbers import mean, round_to
from matchhub.features.reviews import feedback

LEAST = 3
TOLD = (ApplicationState.PROPOSED, ApplicationState.AWARDED, ApplicationState.NOT_SELECTED)


@dataclass(frozen=True, slots=True)
class Group:
    """One group of the rubric in percent; `field` is the mean of all applications, None where it is kept back."""

    name: str
    own: Decimal
    field: Decimal | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is told. `row` is the own row of the frozen result, None when the numbers are kept back."""

    reason: str
    row: dict[str, Any] | None
    applications: int
    field_total: Decimal | None
    groups: list[Group]
    comments: list[str]


def of(application: Application) -> Outcome | None:
    """The result of a reviewed application; None before it was told."""
    round_ = panels.of_need(application.need)
    if round_ is None or round_.state is not RoundState.DECIDED or application.state not in TOLD:
        return None
    rows = round_.result.get("applications", [])
    own = next((row for row in rows if row["id"] == application.id), None)
    if own is None:
        return None
    enough = all(stage["count"] >= LEAST for stage in own["stages"].values())
    names = {item.group_code: pick(item.group_zh, item.group_en) for item in round_.rubric.items}
    groups = [Group(names.get(code, code), Decimal(value), _field(rows, code)) for code, value in own["groups"].items()]
    field_total = round_to(mean(Decimal(row["total"]) for row in rows)) if len(rows) >= LEAST else None
    comments = feedback.released(round_, application)
    return Outcome(
        application.result_reason, own if enough else None, len(rows), field_total if enough else None,
        groups if enough else [], comments if enough else [],
    )  # fmt: skip


def _field(rows: list[dict[str, Any]], code: str) -> Decimal | None:
    values = [Decimal(row["groups"][code]) for row in rows if code in row["groups"]]
    return round_to(mean(values)) if len(values) >= LEAST else None
