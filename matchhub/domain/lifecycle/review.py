"""The life of a review round (评审)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain import discussing, panels, reference
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import Decision, NeedState, ReviewRound
from matchhub.domain.models import RoundState as S
from matchhub.domain.parties import Party as P
from matchhub.domain.scoring.aggregate import Verdict


def _least() -> int:
    return int(reference.setting("panel_minimum"))


def panel_large_enough(round_: ReviewRound, _now: datetime) -> str | None:
    left = _least() - len(round_.panel)
    return _("评审人不能少于 %(least)s 位，还差 %(n)s 位。", least=_least(), n=left) if left > 0 else None


def panel_covers_all(round_: ReviewRound, _now: datetime) -> str | None:
    """Every application needs enough reviewers without a tie to its organisation."""
    entries = panels.applications(round_)
    barred = panels.bars(panels.judges(round_), entries)
    short = [
        entry.organisation.name
        for entry in entries
        if sum(not barred.of(judge.id, entry) for judge in panels.judges(round_)) < _least()
    ]
    if not short or len(round_.panel) < _least():
        return None
    return _(
        "因为要回避，这些机构的评审人不足 %(least)s 位，请增补：%(names)s。", least=_least(), names="、".join(short)
    )


def enough_scores(round_: ReviewRound, _now: datetime) -> str | None:
    kept = panels.counting(round_, panels.applications(round_))
    short = len({entry_id for (_kind, entry_id), rows in kept.items() if len(rows) < _least()})
    return _("还有 %(n)s 份申报不足 %(least)s 份有效评分。", n=short, least=_least()) if short else None


def result_current(round_: ReviewRound, _now: datetime) -> str | None:
    """A tie declared after the end of scoring takes a sheet out: then the result is computed anew."""
    if round_.result.get("digests") == panels.digests(round_):
        return None
    return _("汇总之后计入的评分表有变化，请先重新汇总。")


def discussed(round_: ReviewRound, _now: datetime) -> str | None:
    """Where the panel disagrees beyond the limit, a discussion is on record and everybody in it has settled."""
    rows = {row["id"]: row for row in round_.result.get("applications", [])}
    records = discussing.of_round(round_)
    missing = [row["organisation"] for row in rows.values() if row["must_discuss"] and not records.get(row["id"])]
    if missing:
        return _("评审人分歧超过限度，请先合议并登记：%(names)s。", names="、".join(missing))
    open_ = sum(one.is_open for found in records.values() for one in found)
    return _("合议后还有 %(n)s 位评审人没有重新评分或表示不改。", n=open_) if open_ else None


def result_outdated(round_: ReviewRound, now: datetime) -> str | None:
    return None if result_current(round_, now) else _("汇总结果是最新的，不需要重新汇总。")


def need_under_review(round_: ReviewRound, _now: datetime) -> str | None:
    return None if round_.need.state is NeedState.REVIEWING else _("需求已不在评审中，不能再作立项决定。")


def _decisions(round_: ReviewRound) -> list[Decision]:
    return list(db.session.scalars(sa.select(Decision).where(Decision.round_id == round_.id)))


def reasons_given(round_: ReviewRound, _now: datetime) -> str | None:
    decisions = _decisions(round_)
    reasoned = {decision.application_id for decision in decisions if decision.reason}
    if any(entry.id not in reasoned for entry in panels.applications(round_)):
        return _("每份申报都要写明理由。")
    if sum(decision.proposed for decision in decisions) != 1:
        return _("请选定一家拟立项机构；都不合适时请按流标处理。")
    return None


def chosen_allowed(round_: ReviewRound, _now: datetime) -> str | None:
    """Below the line nobody is proposed; what needs a written note has one."""
    chosen = next((decision for decision in _decisions(round_) if decision.proposed), None)
    rows = round_.result.get("applications", [])
    row = next((row for row in rows if chosen and row["id"] == chosen.application_id), None)
    if row is None:
        return None
    if row["verdict"] == Verdict.below_line:
        return _("总分 %(total)s 低于合格线 %(line)s，不能拟立项。", total=row["total"], line=row["line"])
    if row["needs_necessity_note"] and not round_.necessity_note:
        return _("只有一份申报，请写明立项的必要性和可行性。")
    if row["verdict"] == Verdict.reconsider and not round_.memo:
        return _("有分组得分低于底线，请在会议记录里写明复议情况。")
    return None


def two_people(round_: ReviewRound, _now: datetime) -> str | None:
    """Who proposes an award never approves it; `decided_by_id` is set before the move (the database holds this too)."""
    if round_.decided_by_id is not None and round_.decided_by_id == round_.proposed_by_id:
        return _("提出意见的人不能自己审批，请由另一位审批人办理。")
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
        Move("open", (S.PREPARING,), S.SCORING, (P.OFFICE,), _l("开始打分"), (panel_large_enough, panel_covers_all),
             consequence=_l("开始后评审人会收到消息，名单只能增补，不能减少。"), tells=(P.REVIEWER,)),
        Move("finish", (S.SCORING,), S.DECIDING, (P.OFFICE,), _l("结束打分并汇总"), (enough_scores,),
             consequence=_l("结束后评审人不能再打分，汇总结果会保存下来。"), tells=(P.OFFICE,)),
        # A tie that came to light only afterwards (回避): the same sheets without the barred ones.
        Move("recompute", (S.DECIDING,), S.DECIDING, (P.OFFICE,), _l("重新汇总"), (result_outdated, enough_scores)),
        # Its page gathers reasons and notes; the service holds them against `reasons_given` and `chosen_allowed`.
        Move("propose", (S.DECIDING,), S.PROPOSED, (P.OFFICE,), _l("提出拟立项意见"),
             (need_under_review, result_current, discussed), page="reviews.propose", tells=(P.APPROVER,)),
        Move("approve", (S.PROPOSED,), S.DECIDED, (P.APPROVER,), _l("批准拟立项"),
             (need_under_review, result_current, discussed, reasons_given, chosen_allowed, two_people),
             page="reviews.approve",
             tells=(P.OFFICE,)),
        Move("send_back", (S.PROPOSED,), S.DECIDING, (P.APPROVER,), _l("退回重新研究"), page="reviews.approve",
             tells=(P.OFFICE,)),
        # After an upheld objection (复议): the decision is taken anew on the same scores.
        Move("reopen", (S.DECIDED,), S.DECIDING, (P.OFFICE, P.APPROVER)),
    ),
)  # fmt: skip
