"""The closing report (结项报告): how it begins, what the system fills in, and the figures that follow from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain import coding, measuring, numbering, reference, surveying
from matchhub.domain.models import ClosingReport, Project
from matchhub.domain.scoring.numbers import HUNDRED, ZERO, percent

# The forms of activity that the report counts by themselves.
CASEWORK, GROUPWORK = "casework", "groupwork"


def report_of(project: Project) -> ClosingReport | None:
    return db.session.scalar(sa.select(ClosingReport).where(ClosingReport.project_id == project.id))


def new_report(project: Project) -> ClosingReport:
    """An empty report with the goals of the agreement, the system's facts and the spending so far filled in."""
    row = ClosingReport(
        ref=numbering.next_ref(numbering.CLOSING),
        project=project,
        goals=[_goal(goal) for goal in project.goals],
        facts=facts(project),
        account=account(project),
    )
    count_answers(row)
    db.session.add(row)
    db.session.flush()
    return row


def _goal(goal: Mapping[str, Any]) -> dict[str, str]:
    kept = {name: str(goal.get(name, "")) for name in ("indicator", "baseline", "target", "measure")}
    return kept | {"actual": "", "explanation": ""}


def facts(project: Project) -> dict[str, Any]:
    """What the records of the project say: sessions, people, hours, cases, groups, communities, first and last day."""
    found = measuring.facts(project)
    held = measuring.counted(project.activities)
    return {
        "sessions": found.sessions,
        "planned_sessions": found.planned_sessions,
        "people": found.people,
        "planned_people": found.planned_people,
        "new_people": found.new_people,
        "volunteers": found.volunteers,
        "volunteer_hours": found.volunteer_hours,
        "cases": sum(a.form == CASEWORK for a in held),
        "groups": sum(a.form == GROUPWORK for a in held),
        "communities": coding.codes_of(project.need).get("community", []),
        "first_on": held[0].held_on.isoformat() if held else "",
        "last_on": held[-1].held_on.isoformat() if held else "",
        "reports_due": found.reports_due,
        "reports_on_time": found.reports_on_time,
        "survey": {channel.value: count for channel, count in surveying.tally(project).by_channel.items()},
    }


def count_answers(report: ClosingReport) -> None:
    """Take the numbers of the questionnaire where residents answered it: nobody types those. Else what was typed stays."""
    found = surveying.tally(report.project)
    if found.valid:
        report.satisfaction_valid, report.satisfaction_satisfied = found.valid, found.satisfied


def account(project: Project) -> list[dict[str, Any]]:
    """The final account to begin with: budget and recorded spending by category, in fen."""
    return [
        {"category": part.category, "budget_fen": part.budget_fen, "spent_fen": part.spent_fen, "explanation": ""}
        for part in measuring.facts(project).spending
    ]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A category of the final account; `variance_fen` is what is left (negative: overspent)."""

    category: str
    budget_fen: int
    spent_fen: int
    explanation: str

    @property
    def variance_fen(self) -> int:
        return self.budget_fen - self.spent_fen

    @property
    def rate(self) -> Decimal | None:
        return percent(self.spent_fen, self.budget_fen) if self.budget_fen else None


def account_rows(report: ClosingReport) -> list[AccountRow]:
    return [AccountRow(**row) for row in report.account]


def account_total(report: ClosingReport) -> AccountRow:
    rows = account_rows(report)
    return AccountRow("", sum(r.budget_fen for r in rows), sum(r.spent_fen for r in rows), "")


_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")


def number_in(text: str) -> Decimal | None:
    """The one number that a text holds ("征询 12 个楼组" is 12); None for none, for several and for a sentence of them."""
    found = _NUMBER.findall(_THOUSANDS.sub("", text))
    return Decimal(found[0]) if len(found) == 1 else None


def goal_rate(goal: Mapping[str, Any]) -> Decimal | None:
    """How much of the way from baseline to target was gone, in percent: (actual − baseline) ÷ (target − baseline).

    A text without a number counts as a baseline of 0 only when it is empty; where a number cannot be read there is no
    rate. Never below 0; above 100 when more was done than promised. It works downwards as well (complaints 17 → 4).
    """
    target, actual = number_in(goal["target"]), number_in(goal["actual"])
    baseline = number_in(goal["baseline"]) if goal["baseline"] else ZERO
    if target is None or actual is None or baseline is None or target == baseline:
        return None
    return max(ZERO, percent(actual - baseline, target - baseline))


def satisfaction_rate(report: ClosingReport) -> Decimal | None:
    """Percent of the valid answers that were satisfied; None when fewer answered than may be shown as a percentage."""
    least = max(1, int(reference.setting("satisfaction_minimum_n")))
    if report.satisfaction_valid < least:
        return None
    return min(HUNDRED, percent(report.satisfaction_satisfied, report.satisfaction_valid))
