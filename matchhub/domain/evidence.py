"""What an assessment is computed from: the sheets, visits and answers, and a frozen copy of what they were.

The copy holds no names: sheets appear by their digest, the panel's totals in ascending order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _
from matchhub.domain import final_account, reference, sheets, supervising
from matchhub.domain.models import (
    Assessment,
    ClosingState,
    Notice,
    NoticeKind,
    Rubric,
    RubricItem,
    ScoreSheet,
    SubjectKind,
    Visit,
)
from matchhub.domain.scoring.aggregate import Policy, Summary, summarise
from matchhub.domain.scoring.assessment import Extra, Inputs, Satisfaction, VisitScore
from matchhub.domain.scoring.canonical import canonical
from matchhub.domain.scoring.numbers import mean, percent, round_to


@dataclass(frozen=True, slots=True)
class Gathered:
    """The inputs of the arithmetic, and the evidence behind them as JSON for the page."""

    inputs: Inputs
    details: dict[str, Any]


def gather(assessment: Assessment) -> Gathered:
    """Everything that enters the assessment as it stands now. Raises NotNow when a record contradicts itself."""
    ledger, panel = inspection(assessment), panel_sheets(assessment)
    visits = scored_visits(assessment)
    _every_visit_scored(assessment, visits)
    summary = summarise_panel(panel) if panel else None
    answers = satisfaction(assessment)
    inputs = Inputs(
        c1=None if ledger is None else Decimal(ledger.total or 0),
        c2=None if summary is None else summary.final,
        visits=tuple(VisitScore(visit.ref, visit.kind.value, Decimal(sheet.total or 0)) for visit, sheet in visits),
        extras=tuple(Extra(row["kind"], Decimal(row["points"])) for row in assessment.extras),
        satisfaction=answers,
        vetoes=tuple(row["code"] for row in assessment.vetoes),
    )
    details = {
        "c1": _one(ledger) if ledger else None,
        "c2": _panel(panel, summary) if summary else None,
        "self": _one(own) if (own := own_sheet(assessment)) else None,
        "visits": [_visit(visit, sheet) for visit, sheet in visits],
        "sample": sample(assessment),
        "satisfaction": answers,
        "absent_reason": assessment.absent_reason,
    }
    return Gathered(inputs, dict(json.loads(canonical(details))))


def inspection(assessment: Assessment) -> ScoreSheet | None:
    """The submitted sheet of the ledger inspection (C1)."""
    found = sheets.submitted(SubjectKind.LEDGER_INSPECTION, assessment.id)
    return found[-1] if found else None


def own_sheet(assessment: Assessment) -> ScoreSheet | None:
    """The organisation's submitted self-score."""
    found = sheets.submitted(SubjectKind.SELF, assessment.id)
    return found[-1] if found else None


def panel_sheets(assessment: Assessment) -> list[ScoreSheet]:
    """The submitted sheets of those who sit on the panel (C2)."""
    seated = {seat.user_id for seat in assessment.judges}
    return [s for s in sheets.submitted(SubjectKind.PRESENTATION, assessment.id) if s.judge_id in seated]


def summarise_panel(panel: Iterable[ScoreSheet]) -> Summary:
    """C2 of the panel: the mean, without one highest and one lowest once there are enough sheets."""
    policy = Policy(trim_from=int(reference.setting("trim_from")), panel_minimum=1)
    return summarise([Decimal(sheet.total or 0) for sheet in panel], policy)


def satisfaction(assessment: Assessment) -> Satisfaction | None:
    """The answers of the accepted closing report; None when nobody was asked or no report stands."""
    report = final_account.report_of(assessment.project)
    if report is None or report.state is not ClosingState.ACCEPTED or not report.satisfaction_valid:
        return None
    return Satisfaction(report.satisfaction_satisfied, report.satisfaction_valid)


def scored_visits(assessment: Assessment) -> list[tuple[Visit, ScoreSheet]]:
    """The visits that enter C3, each with its sheet, in the order of their days."""
    visits = supervising.counting(assessment.project)
    found = supervising.sheets_of(visits)
    return [(visit, found[visit.id]) for visit in visits if visit.id in found]


def _every_visit_scored(assessment: Assessment, scored: list[tuple[Visit, ScoreSheet]]) -> None:
    """Raises NotNow when a visit that counts has no sheet: leaving it out would change C3 without a word."""
    known = {visit.id for visit, _sheet in scored}
    for visit in supervising.counting(assessment.project):
        if visit.id not in known:
            raise NotNow(_("督导记录 %(ref)s 没有评分表，算不出日常督导得分。", ref=visit.ref))


def _one(sheet: ScoreSheet) -> dict[str, Any]:
    return {
        "rubric": f"{sheet.rubric.code}/{sheet.rubric.number}",
        "total": Decimal(sheet.total or 0),
        "digest": sheet.digest,
        "vetoes": list(sheet.vetoes),
        "lines": [
            {
                "code": line.item.code,
                "points": None if line.points is None else Decimal(line.points),
                "maximum": Decimal(line.item.maximum),
            }
            for line in sorted(sheet.lines, key=lambda line: line.item.sort)
        ],
    }


def _panel(panel: list[ScoreSheet], summary: Summary) -> dict[str, Any]:
    rubric = panel[0].rubric
    return {
        "rubric": f"{rubric.code}/{rubric.number}",
        "total": summary.final,
        "totals": sorted(Decimal(sheet.total or 0) for sheet in panel),
        "trimmed": summary.trimmed is not None,
        "deviation": summary.deviation,
        "digests": sorted(sheet.digest for sheet in panel),
        "lines": item_means(panel, rubric),
    }


def item_means(panel: Iterable[ScoreSheet], rubric: Rubric) -> list[dict[str, Any]]:
    """The panel's mean points of each item, over the judges to whom it applied."""
    given: dict[str, list[Decimal]] = {}
    for sheet in panel:
        for line in sheet.lines:
            if line.points is not None:
                given.setdefault(line.item.code, []).append(Decimal(line.points))
    return [
        {
            "code": item.code,
            "points": round_to(mean(given[item.code])) if item.code in given else None,
            "maximum": Decimal(item.maximum),
        }
        for item in rubric.items
    ]


def _visit(visit: Visit, sheet: ScoreSheet) -> dict[str, Any]:
    return {
        "ref": visit.ref,
        "on": visit.visited_on,
        "kind": visit.kind,
        "stage": visit.stage,
        "line": visit.line,
        "weight": supervising.weight(visit.kind),
        "score": Decimal(sheet.total or 0),
        "digest": sheet.digest,
    }


def error_rate(rows: Iterable[tuple[int, int]]) -> Decimal | None:
    """Of (claimed, counted) pairs: the sum of the differences in percent of what was claimed; None without claims."""
    pairs = list(rows)
    claimed = sum(pair[0] for pair in pairs)
    return percent(sum(abs(a - b) for a, b in pairs), claimed) if claimed else None


def sample(assessment: Assessment) -> dict[str, Any]:
    """What the recount of the sampled activities found so far."""
    rows = list(assessment.sample)
    counted = [(row.claimed_people, row.counted_people) for row in rows if row.counted_people is not None]
    pairs = [(claimed, found) for claimed, found in counted if found is not None]
    return {
        "seed": assessment.sample_seed,
        "drawn": len(rows),
        "counted": len(pairs),
        "claimed_people": sum(claimed for claimed, _found in pairs),
        "counted_people": sum(found for _claimed, found in pairs),
        "difference": sum(abs(claimed - found) for claimed, found in pairs),
        "error_rate": error_rate(pairs),
        "complete": sum(bool(row.evidence_complete) for row in rows),
    }


def rubric_of(name: str) -> Rubric:
    """The rubric of a stored name like "C1/1"."""
    code, _slash, version = name.partition("/")
    return db.session.scalars(sa.select(Rubric).where(Rubric.code == code, Rubric.number == int(version))).one()


def item_of(rubric: str, code: str) -> RubricItem:
    """An item of the rubric with this stored name."""
    return next(item for item in rubric_of(rubric).items if item.code == code)


def notice_of(assessment: Assessment) -> Notice | None:
    """The newest notice of this assessment's result, in whatever state."""
    found = (
        sa.select(Notice)
        .where(Notice.project_id == assessment.project_id, Notice.kind == NoticeKind.ASSESSMENT)
        .order_by(Notice.id.desc())
    )
    return db.session.scalars(found).first()
