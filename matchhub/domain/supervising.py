"""What supervision of a project must contain before its closing, and what its confirmed visits weigh (C3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core.db import db
from matchhub.core.i18n import _
from matchhub.domain import reference
from matchhub.domain.models import (
    Grant,
    Project,
    Role,
    ScoreSheet,
    SheetState,
    SubjectKind,
    SupervisionLine,
    Visit,
    VisitKind,
    VisitStage,
    VisitState,
)
from matchhub.domain.scoring import assessment, bands


def weight(kind: VisitKind) -> Decimal:
    """How much a visit of this kind counts in C3."""
    return Decimal(reference.setting(f"visit_weight_{kind.value}"))


def recorded(project_ids: Collection[int]) -> list[Visit]:
    """The visits of these projects whose record is submitted, in the order of their days: one statement."""
    found = (
        sa.select(Visit)
        .where(Visit.project_id.in_(project_ids), Visit.state.not_in((VisitState.PLANNED, VisitState.CANCELLED)))
        .order_by(Visit.visited_on, Visit.id)
        .options(joinedload(Visit.supervisor))
    )
    return list(db.session.scalars(found))


def counting(project: Project) -> list[Visit]:
    """The visits whose scores enter C3, in the order of their days."""
    return [visit for visit in recorded([project.id]) if visit.counts]


def sheets_of(visits: Iterable[Visit]) -> dict[int, ScoreSheet]:
    """By visit id the sheet that counts, the newest submitted one: one statement for a whole list."""
    found = (
        sa.select(ScoreSheet)
        .where(
            ScoreSheet.subject_kind == SubjectKind.VISIT,
            ScoreSheet.subject_id.in_([visit.id for visit in visits]),
            ScoreSheet.state == SheetState.SUBMITTED,
        )
        .order_by(ScoreSheet.id)
    )
    return {sheet.subject_id: sheet for sheet in db.session.scalars(found)}


def sheet_of(visit: Visit) -> ScoreSheet | None:
    """The sheet of a visit that counts: the newest submitted one."""
    return sheets_of([visit]).get(visit.id)


def backbone_among(user_ids: Collection[int]) -> set[int]:
    """Which of these supervisors are residents of the self-governance backbone."""
    found = sa.select(Grant.user_id).where(
        Grant.user_id.in_(user_ids), Grant.role == Role.SUPERVISOR, Grant.variety == "backbone"
    )
    return set(db.session.scalars(found))


def shortfall(project: Project) -> str | None:
    """The sentence that says which visits are still missing before closing; None when there are enough."""
    return shortfalls([project.id])[project.id]


def shortfalls(project_ids: Collection[int]) -> dict[int, str | None]:
    """`shortfall` of many projects in two statements."""
    visits: dict[int, list[Visit]] = {project_id: [] for project_id in project_ids}
    for visit in recorded(list(visits)):
        if visit.counts:
            visits[visit.project_id].append(visit)
    residents = backbone_among({visit.supervisor_id for rows in visits.values() for visit in rows})
    return {project_id: _missing(rows, residents) for project_id, rows in visits.items()}


def _missing(visits: list[Visit], residents: set[int]) -> str | None:
    wanted = [
        (_("启动阶段走访"), "visit_min_start", sum(v.stage is VisitStage.START for v in visits)),
        (_("中期走访"), "visit_min_middle", sum(v.stage is VisitStage.MIDDLE for v in visits)),
        (_("末期走访"), "visit_min_end", sum(v.stage is VisitStage.END for v in visits)),
        (_("现场走访"), "visit_min_on_site", sum(v.kind is VisitKind.ON_SITE for v in visits)),
        (_("自治骨干走访"), "visit_min_backbone", sum(v.supervisor_id in residents for v in visits)),
    ]
    missing = [
        _("%(what)s还差 %(n)s 次", what=what, n=int(reference.setting(key)) - have)
        for what, key, have in wanted
        if have < int(reference.setting(key))
    ]
    missing += [
        _("%(line)s线没有走访", line=word)
        for line, word in ((SupervisionLine.GUIDANCE, _("引导")), (SupervisionLine.COACHING, _("辅导")))
        if not any(v.line is line for v in visits)
    ]
    return _("督导次数不够：%(missing)s。", missing="；".join(missing)) if missing else None


@dataclass(frozen=True, slots=True)
class ScoredVisit:
    """A submitted visit with its total and what it weighs in C3; it enters C3 only when `visit.counts`."""

    visit: Visit
    total: Decimal
    weight: Decimal

    @property
    def light(self) -> bands.Light:
        """The traffic light of this score."""
        green, yellow = (Decimal(reference.setting(f"light_{name}")) for name in ("green", "yellow"))
        return bands.light(self.total, green, yellow)


@dataclass(frozen=True, slots=True)
class DailyScores:
    """C3 as it stands: the visits with their scores, and their weighted mean of 100 (None while none counts)."""

    rows: tuple[ScoredVisit, ...]
    mean: Decimal | None

    @property
    def counted(self) -> int:
        return sum(row.visit.counts for row in self.rows)

    @property
    def formula(self) -> str:
        """The sum as anybody can recompute it: "(85 × 1 + 70 × 0.8) ÷ 1.8"; empty while no visit counts."""
        rows = [row for row in self.rows if row.visit.counts]
        weights = sum((row.weight for row in rows), Decimal(0))
        if not weights:
            return ""
        parts = " + ".join(f"{_plain(row.total)} × {_plain(row.weight)}" for row in rows)
        return f"({parts}) ÷ {_plain(weights)}"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def daily_scores(project: Project) -> DailyScores:
    """The scores of a project's submitted visits and their weighted mean so far: three statements."""
    visits = recorded([project.id])
    return daily(visits, sheets_of(visits))


def daily(visits: Iterable[Visit], sheets: Mapping[int, ScoreSheet]) -> DailyScores:
    """`daily_scores` over rows that are already loaded."""
    rows = tuple(
        ScoredVisit(visit, Decimal(sheet.total), weight(visit.kind))
        for visit in visits
        if (sheet := sheets.get(visit.id)) is not None and sheet.total is not None
    )
    scores = tuple(
        assessment.VisitScore(row.visit.ref, row.visit.kind.value, row.total) for row in rows if row.visit.counts
    )
    weights = {kind.value: weight(kind) for kind in VisitKind}
    return DailyScores(rows, assessment.daily_score(scores, weights))
