"""The life of a score sheet (评分表): submitted once; a correction is a new sheet that replaces it."""

from __future__ import annotations

from datetime import datetime

from matchhub.core.i18n import _, _l
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import ScoreSheet
from matchhub.domain.models import SheetState as S
from matchhub.domain.parties import Party as P


def whole(sheet: ScoreSheet, _now: datetime) -> str | None:
    return None if sheet.total is not None and sheet.digest else _("还有指标没有打分。")


def replaces_another(sheet: ScoreSheet, _now: datetime) -> str | None:
    if sheet.replaces_id is not None and sheet.replaced_reason:
        return None
    return _("代替原评分表时，要写明理由。")


SHEET = Life(
    kind="score_sheet",
    title=_l("评分表"),
    states=S,
    start=S.DRAFT,
    final=frozenset({S.SUPERSEDED}),
    words={S.DRAFT: _l("草稿"), S.SUBMITTED: _l("已提交"), S.SUPERSEDED: _l("已被更正")},
    tones={S.DRAFT: "muted", S.SUBMITTED: "ok", S.SUPERSEDED: "muted"},
    moves=(
        Move("submit", (S.DRAFT,), S.SUBMITTED, (P.AUTHOR,), guards=(whole,)),
        # A correction after a contest: it keeps the judge and names whoever decided it.
        Move("correct", (S.DRAFT,), S.SUBMITTED, (P.APPROVER,), guards=(whole, replaces_another)),
        # After a recorded discussion (合议) a reviewer may score anew: the old sheet is kept, the new one says why.
        Move("revise", (S.DRAFT,), S.SUBMITTED, (P.AUTHOR,), guards=(whole, replaces_another)),
        Move("supersede", (S.SUBMITTED,), S.SUPERSEDED, (P.APPROVER, P.AUTHOR)),
    ),
)
