"""The life of a need (需求): from a section's draft to a match, or to a public reason why not."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain import coding, excluding, opening, reference
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Need,
    NeedPhase,
    Notice,
    NoticeState,
    Rubric,
)
from matchhub.domain.models import NeedState as S
from matchhub.domain.parties import Party as P


def fields_complete(need: Need, _now: datetime) -> str | None:
    """Everything that domain.md §2.6.1 marks as required."""
    codes = coding.codes_of(need)
    required = (
        (_("一句话概要"), need.summary), (_("背景与问题"), need.background), (_("涉及社区"), codes.get("community")),
        (_("服务对象"), codes.get("target_group")), (_("预计服务人数"), need.target_count), (_("期望成效"), need.outcomes),
        (_("服务内容要求"), need.requirements), (_("服务领域"), codes.get("field")),
        (_("实施开始日期"), need.starts_on), (_("实施结束日期"), need.ends_on),
        (_("预算上限"), need.budget_fen), (_("资金来源"), need.funding), (_("评审量表"), need.rubric_id),
        (_("联系人"), need.contact_name), (_("联系电话"), need.contact_phone),
    )  # fmt: skip
    missing = "、".join(word for word, value in required if not value)
    return _("还没有填完，请补充：%(missing)s。", missing=missing) if missing else None


def period_sensible(need: Need, _now: datetime) -> str | None:
    if need.starts_on and need.ends_on and need.ends_on <= need.starts_on:
        return _("实施周期的结束日期要晚于开始日期。")
    return None


def rubric_sums_to_100(need: Need, _now: datetime) -> str | None:
    """Bonus and deduction items stand beside the hundred."""
    rubric = db.session.get(Rubric, need.rubric_id) if need.rubric_id else None
    total = sum(item.maximum for item in rubric.items if item.kind == "score") if rubric else 0
    if total == 100:
        return None
    return _("评审量表各项满分合计应为 100 分，现在是 %(total)s 分。", total=f"{total:.2f}".rstrip("0").rstrip("."))


def weights_sum_to_100(need: Need, _now: datetime) -> str | None:
    """Where a need is judged twice, both weights together make the whole."""
    if need.review_mode != "both":
        return None
    written, roadshow = (Decimal(reference.setting(f"weight_{stage}")) for stage in ("written", "roadshow"))
    if written + roadshow == 100:
        return None
    return _(
        "书面评审和路演的权重合计应为 100%%，现在是 %(total)s%%，请管理员先改好参数设置。", total=written + roadshow
    )


def call_long_enough(need: Need, _now: datetime) -> str | None:
    least = reference.terms().minimum_call_days
    return None if need.collect_days >= least else _("征集期不能少于 %(least)s 天，请改长后再提交。", least=least)


PUBLISHABLE = (fields_complete, period_sensible, rubric_sums_to_100, weights_sum_to_100, call_long_enough)


def still_open(need: Need, _now: datetime) -> str | None:
    return None if need.phase is NeedPhase.OPEN else _("征集已经截止，不能撤回；如需停止，请取消并公开理由。")


def call_closed(need: Need, _now: datetime) -> str | None:
    return _("征集还没有截止。") if need.phase is NeedPhase.OPEN else None


def call_opened(need: Need, _now: datetime) -> str | None:
    if need.phase is NeedPhase.OPEN or need.opened_at is not None:
        return None  # before the deadline `call_closed` refuses
    return _("申报还没有开启，请先开启；没有收到申报也要开启，以便公开证明。")


def key_can_be_made(_need: Need, _now: datetime) -> str | None:
    return opening.why_no_key()


def no_running_notice(need: Need, _now: datetime) -> str | None:
    running = sa.select(Notice.ref).where(Notice.need_id == need.id, Notice.state == NoticeState.PUBLISHED)
    ref = db.session.scalar(running.limit(1))
    return _("公示 %(ref)s 还没有结束，请先撤销公示，再取消需求。", ref=ref) if ref else None


def _count(need: Need, *states: ApplicationState) -> int:
    found = sa.select(sa.func.count()).where(Application.need_id == need.id, Application.state.in_(states))
    return db.session.scalar(found) or 0


def eligibility_done(need: Need, _now: datetime) -> str | None:
    if need.phase is NeedPhase.OPEN or need.opened_at is None:
        return None  # before the opening nobody may learn how many applications there are: other guards refuse
    left = _count(need, ApplicationState.SUBMITTED, ApplicationState.CORRECTION)
    return _("还有 %(n)s 份申报没有完成资格审查。", n=left) if left else None


def has_qualified(need: Need, _now: datetime) -> str | None:
    if need.phase is NeedPhase.OPEN or need.opened_at is None:
        return None
    none = not _count(need, ApplicationState.QUALIFIED)
    return _("没有通过资格审查的申报，不能开始评审；请按流标处理。") if none else None


NEED = Life(
    kind="need",
    title=_l("需求"),
    states=S,
    start=S.DRAFT,
    final=frozenset({S.MATCHED, S.FAILED, S.CANCELLED, S.WITHDRAWN, S.DECLINED}),
    words={
        S.DRAFT: _l("草稿"), S.INTERNAL_REVIEW: _l("内部审核"), S.OPEN: _l("征集中"), S.REVIEWING: _l("评审中"),
        S.NOTICE: _l("拟立项公示"), S.MATCHED: _l("已对接"), S.FAILED: _l("流标"), S.CANCELLED: _l("已取消"),
        S.WITHDRAWN: _l("已撤回"), S.DECLINED: _l("未采纳"),
    },
    tones={
        S.DRAFT: "muted", S.INTERNAL_REVIEW: "info", S.OPEN: "primary", S.REVIEWING: "purple", S.NOTICE: "warn",
        S.MATCHED: "ok", S.FAILED: "muted", S.CANCELLED: "muted", S.WITHDRAWN: "muted", S.DECLINED: "muted",
    },
    phases={NeedPhase.CLOSED: (_l("已截止"), "info")},
    moves=(
        Move("submit", (S.DRAFT,), S.INTERNAL_REVIEW, (P.OFFICE,), _l("提交审核"),
             PUBLISHABLE, tells=(P.APPROVER,)),
        # Whoever raised it is told by the deed itself: other committees of the same community never saw it.
        Move("decline", (S.DRAFT,), S.DECLINED, (P.OFFICE,), _l("不予采纳"), page="needs.decline", danger=True),
        Move("publish", (S.INTERNAL_REVIEW,), S.OPEN, (P.APPROVER,), _l("发布需求"),
             (*PUBLISHABLE, key_can_be_made), tells=(P.OFFICE, P.NEIGHBOURHOOD),
             consequence=_l("发布后内容和时间公开，不能再修改；符合条件的机构会收到消息。")),
        Move("send_back", (S.INTERNAL_REVIEW,), S.DRAFT, (P.APPROVER,), _l("退回修改"), tells=(P.OFFICE,),
             page="needs.send_back"),
        Move("start_review", (S.OPEN,), S.REVIEWING, (P.OFFICE,), _l("开始评审"),
             (call_closed, call_opened, eligibility_done, excluding.exclusions_settled, has_qualified), page="reviews.set_up"),
        Move("withdraw", (S.OPEN,), S.WITHDRAWN, (P.OFFICE, P.APPROVER), _l("撤回需求"), (still_open,),
             tells=(P.NEIGHBOURHOOD,), page="needs.withdraw", danger=True),
        Move("announce", (S.REVIEWING,), S.NOTICE, (P.OFFICE, P.APPROVER)),
        Move("match", (S.NOTICE,), S.MATCHED, (P.OFFICE, P.APPROVER), tells=(P.NEIGHBOURHOOD,)),
        Move("reconsider", (S.NOTICE,), S.REVIEWING, (P.OFFICE, P.APPROVER)),
        Move("fail", (S.OPEN, S.REVIEWING), S.FAILED, (P.APPROVER,), _l("按流标处理"), (call_closed, call_opened),
             tells=(P.OFFICE, P.NEIGHBOURHOOD), page="needs.fail", danger=True),
        Move("cancel", (S.OPEN, S.REVIEWING, S.NOTICE), S.CANCELLED, (P.APPROVER,), _l("取消需求"),
             (call_closed, no_running_notice), tells=(P.OFFICE, P.NEIGHBOURHOOD), page="needs.cancel", danger=True),
    ),
)  # fmt: skip
