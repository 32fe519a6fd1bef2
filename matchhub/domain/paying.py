"""When the instalments of an agreement may be paid: after signing, after a good middle score, after a good grade."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from matchhub.domain import reference, supervising
from matchhub.domain.models import AssessmentState, VisitStage
from matchhub.domain.scoring.numbers import mean, round_to


def middle_scores(project_ids: Collection[int]) -> dict[int, Decimal]:
    """The mean of the middle visits that count, for the projects that have one: at most two statements."""
    if not project_ids:
        return {}
    visits = [visit for visit in supervising.recorded(project_ids) if visit.counts and visit.stage is VisitStage.MIDDLE]
    sheets = supervising.sheets_of(visits)
    totals: dict[int, list[Decimal]] = {}
    for visit in visits:
        sheet = sheets.get(visit.id)
        if sheet is not None and sheet.total is not None:
            totals.setdefault(visit.project_id, []).append(sheet.total)
    return {project_id: round_to(mean(scores)) for project_id, scores in totals.items()}


def middle_allows(score: Decimal | None) -> bool:
    """Whether this middle score is enough for the second instalment."""
    return score is not None and score >= reference.setting("pay_middle_score")


def grade_allows(state: AssessmentState | None, score: Decimal | None) -> bool:
    """Whether the assessment is final and good enough for the last instalment."""
    return state is AssessmentState.FINAL and score is not None and score >= reference.setting("pay_last_score")
