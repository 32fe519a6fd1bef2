"""The life of a review round (评审)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain import reference
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Decision,
    ReviewRound,
    ScoreSheet,
    SheetState,
    SubjectKind,
)
from matchhub.domain.models import RoundState as S
from matchhub.domain.parties import Party as P


def panel_large_enough(round_: ReviewRound, _now: datetime) -> str | None:
    least = int(reference.setting("panel_minimum"))
    return None if len(round_.panel) >= least else _("评审人不能少于 %(least)s 位。", least=least)


def _applications(round_: ReviewRound) -> list[int]:
    found = sa.select(Application.id).where(
        Application.need_id == round_.need_id, Application.state == ApplicationState.QUALIFIED
    )
    return list(db.session.scalars(found))


def scored(application_id: int) -> int:
    """How many submitted sheets an application has."""
    found = sa.select(sa.func.count()).where(
        ScoreSheet.subject_kind == SubjectKind.APPLICATION,
        ScoreSheet.subject_id == application_id,
        ScoreSheet.state == SheetState.SUBMITTED,
    )
    return db.session.scalar(found) or 0


def enough_scores(round_: ReviewRound, _now: datetime) -> str | None:
    least = int(reference.setting("panel_minimum"))
    short = sum(scored(application) < least for application in _applications(round_))
    return _("还有 %(n)s 份申报不足 %(least)s 份有效评分。", n=short, least=least) if short else None


def reasons_given(round_: ReviewRound, _now: datetime) -> str | None:
    decisions = list(db.session.scalars(sa.select(Decision).where(Decision.round_id == round_.id)))
    if not decisions or any(not decision.reason for decision in decisions):
        return _("每份申报都要写明理由。")
    if sum(decision.proposed for decision in decisions) != 1:
        return _("请选定一家拟立项机构；都不合适时请按流标处理。")
    return None


ROUND = Life(
    kind="review_round",
    title=_l("评审"),
    states=S,
    start=S.PREPARING,
    final=frozenset(),
    words={
        S.PREPARING: _l("筹备中"), S.SCORING: _l("打分中"), S.DECIDING: _l("汇总中"), S.PROPOSED: _l("待审批"),
        S.DECIDED: _l("已决定"),
    },
    tones={S.PREPARING: "muted", S.SCORING: "purple", S.DECIDING: "info", S.PROPOSED: "warn", S.DECIDED: "ok"},
    moves=(
        Move("open", (S.PREPARING,), S.SCORING, (P.OFFICE,), _l("开始打分"), (panel_large_enough,), tells=(P.REVIEWER,)),
        Move("finish", (S.SCORING,), S.DECIDING, (P.OFFICE,), _l("结束打分并汇总"), (enough_scores,),
             consequence=_l("结束后评审人不能再打分，汇总结果会保存下来。"), tells=(P.OFFICE,)),
        Move("propose", (S.DECIDING,), S.PROPOSED, (P.OFFICE,), _l("提出拟立项意见"), (reasons_given,),
             page="reviews.propose", tells=(P.APPROVER,)),
        Move("approve", (S.PROPOSED,), S.DECIDED, (P.APPROVER,), _l("批准拟立项"), page="reviews.approve",
             tells=(P.OFFICE,)),
        Move("send_back", (S.PROPOSED,), S.DECIDING, (P.APPROVER,), _l("退回重新研究"), page="reviews.approve",
             tells=(P.OFFICE,)),
        # After an upheld objection (复议): the decision is taken anew on the same scores.
        Move("reopen", (S.DECIDED,), S.DECIDING, (P.APPROVER,)),
    ),
)  # fmt: skip
