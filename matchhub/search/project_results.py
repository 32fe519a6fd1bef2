"""What everybody may read of how a project ended: its grade's remarks and its experience card, once the grade stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain.models import Assessment, AssessmentState, ClosingReport

# Also typed by people who look for experience cards as such.
CARD = "经验卡"


def asked(project_ids: Iterable[int]) -> sa.Select[*tuple[Any, ...]]:
    """Asks for the results of these projects; a row says more through `text`."""
    return (
        sa.select(
            Assessment.project_id,
            Assessment.strengths,
            ClosingReport.goals,
            ClosingReport.card_practice,
            ClosingReport.card_conditions,
            ClosingReport.card_steps,
            ClosingReport.card_pitfalls,
            ClosingReport.card_copying,
        )
        .outerjoin(ClosingReport, ClosingReport.project_id == Assessment.project_id)
        .where(Assessment.project_id.in_(list(project_ids)), Assessment.state == AssessmentState.FINAL)
    )


def told(project_ids: Iterable[int]) -> dict[int, str]:
    """By project the text of its results, as its public page shows them; only of projects that have an end."""
    return {row.project_id: text(row) for row in db.session.execute(asked(project_ids))}


def text(row: Any) -> str:
    """What one row says."""
    card = [part for part in row[3:] if part]
    actual = [str(goal["actual"]) for goal in row.goals or () if goal and goal.get("actual")]
    return " ".join([*([CARD, *card] if card else []), *([row.strengths] if row.strengths else []), *actual])
