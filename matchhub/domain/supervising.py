"""What supervision of a project must contain before its closing, and what its confirmed visits weigh."""

from __future__ import annotations

from decimal import Decimal

import sqlalchemy as sa

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


def weight(kind: VisitKind) -> Decimal:
    """How much a visit of this kind counts in C3."""
    return Decimal(reference.setting(f"visit_weight_{kind.value}"))


def counting(project: Project) -> list[Visit]:
    """The visits whose scores enter C3, in the order of their days."""
    found = (
        sa.select(Visit)
        .where(Visit.project_id == project.id, Visit.state.not_in((VisitState.PLANNED, VisitState.CANCELLED)))
        .order_by(Visit.visited_on, Visit.id)
    )
    return [visit for visit in db.session.scalars(found) if visit.counts]


def sheet_of(visit: Visit) -> ScoreSheet | None:
    """The sheet of a visit that counts: the newest submitted one."""
    found = (
        sa.select(ScoreSheet)
        .where(
            ScoreSheet.subject_kind == SubjectKind.VISIT,
            ScoreSheet.subject_id == visit.id,
            ScoreSheet.state == SheetState.SUBMITTED,
        )
        .order_by(ScoreSheet.id.desc())
    )
    return db.session.scalars(found).first()


def by_backbone(visit: Visit) -> bool:
    """Whether a resident of the self-governance backbone made this visit."""
    found = sa.select(Grant.id).where(
        Grant.user_id == visit.supervisor_id, Grant.role == Role.SUPERVISOR, Grant.variety == "backbone"
    )
    return db.session.scalar(found.limit(1)) is not None


def shortfall(project: Project) -> str | None:
    """The sentence that says which visits are still missing before closing; None when there are enough."""
    visits = counting(project)
    wanted = [
        (_("启动阶段走访"), "visit_min_start", sum(v.stage is VisitStage.START for v in visits)),
        (_("中期走访"), "visit_min_middle", sum(v.stage is VisitStage.MIDDLE for v in visits)),
        (_("末期走访"), "visit_min_end", sum(v.stage is VisitStage.END for v in visits)),
        (_("现场走访"), "visit_min_on_site", sum(v.kind is VisitKind.ON_SITE for v in visits)),
        (_("自治骨干走访"), "visit_min_backbone", sum(by_backbone(v) for v in visits)),
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
