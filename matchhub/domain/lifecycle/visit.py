"""The lives of a supervision visit (督导) and of a rectification order (整改单)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import (
    ProjectState,
    Rectification,
    RectificationPhase,
    ScoreSheet,
    SheetState,
    SubjectKind,
    Visit,
    VisitPhase,
)
from matchhub.domain.models import RectificationState as R
from matchhub.domain.models import VisitState as S
from matchhub.domain.parties import Party as P


def project_running(visit: Visit, _now: datetime) -> str | None:
    running = visit.project.state in (ProjectState.ACTIVE, ProjectState.PAUSED, ProjectState.CLOSING)
    return None if running else _("项目不在实施期，不能提交督导记录。")


def record_complete(visit: Visit, _now: datetime) -> str | None:
    if not visit.no_tie_declared:
        return _("请先声明与该机构没有利益关系。")
    if not visit.visited_on or not visit.observation or not visit.suggestions:
        return _("请填写走访日期、观察记录和至少一条改进建议。")
    return None


def sheet_submitted(visit: Visit, _now: datetime) -> str | None:
    found = sa.select(ScoreSheet.id).where(
        ScoreSheet.subject_kind == SubjectKind.VISIT,
        ScoreSheet.subject_id == visit.id,
        ScoreSheet.state == SheetState.SUBMITTED,
    )
    return None if db.session.scalar(found) else _("评分表还没有打完。")


def within_confirmation(visit: Visit, now: datetime) -> str | None:
    due = visit.confirm_due_at
    return None if due is None or now < due else _("确认期限已过，这份记录已视为确认。")


VISIT = Life(
    kind="visit",
    title=_l("督导走访"),
    states=S,
    start=S.PLANNED,
    final=frozenset({S.CONFIRMED, S.FINAL, S.CANCELLED}),
    words={
        S.PLANNED: _l("已安排"), S.SUBMITTED: _l("待机构确认"), S.CONFIRMED: _l("已确认"), S.CONTESTED: _l("有异议"),
        S.FINAL: _l("异议已处理"), S.CANCELLED: _l("已取消"),
    },
    tones={
        S.PLANNED: "info", S.SUBMITTED: "warn", S.CONFIRMED: "ok", S.CONTESTED: "danger", S.FINAL: "ok",
        S.CANCELLED: "muted",
    },
    phases={
        VisitPhase.MISSED: (_l("过期未记录"), "danger"),
        VisitPhase.SILENT: (_l("视为已确认"), "ok"),
    },
    moves=(
        Move("submit", (S.PLANNED,), S.SUBMITTED, (P.SUPERVISOR,), _l("提交督导记录"),
             (project_running, record_complete, sheet_submitted), page="supervision.score", tells=(P.OWNER,)),
        Move("confirm", (S.SUBMITTED,), S.CONFIRMED, (P.OWNER_ADMIN,), _l("确认记录"), (within_confirmation,),
             tells=(P.SUPERVISOR,)),
        Move("contest", (S.SUBMITTED,), S.CONTESTED, (P.OWNER_ADMIN,), _l("提出异议"), (within_confirmation,),
             page="supervision.contest", tells=(P.SUPERVISOR, P.OFFICE)),
        Move("settle", (S.CONTESTED,), S.FINAL, (P.OFFICE, P.APPROVER), _l("处理异议"), page="supervision.settle",
             tells=(P.OWNER, P.SUPERVISOR)),
        Move("cancel", (S.PLANNED,), S.CANCELLED, (P.SUPERVISOR, P.OFFICE), _l("取消走访"), page="supervision.cancel",
             tells=(P.OWNER,)),
    ),
)  # fmt: skip


def all_answered(order: Rectification, _now: datetime) -> str | None:
    left = sum(not item.reply for item in order.items)
    return _("还有 %(n)s 个问题没有回复。", n=left) if left else None


def all_fixed(order: Rectification, _now: datetime) -> str | None:
    left = sum(item.result != "fixed" for item in order.items)
    return _("还有 %(n)s 个问题没有整改到位。", n=left) if left else None


def some_not_fixed(order: Rectification, _now: datetime) -> str | None:
    if any(not item.result for item in order.items):
        return _("请先逐项核验。")
    return None if any(item.result != "fixed" for item in order.items) else _("各项都已到位，请直接通过。")


def overdue(order: Rectification, _now: datetime) -> str | None:
    return None if clock.today() > order.due_on else _("整改期限还没有到。")


RECTIFICATION = Life(
    kind="rectification",
    title=_l("整改"),
    states=R,
    start=R.ISSUED,
    final=frozenset({R.CLOSED}),
    words={
        R.ISSUED: _l("待签收"), R.ACKNOWLEDGED: _l("整改中"), R.REPORTED: _l("待核验"), R.CLOSED: _l("已完成"),
        R.ESCALATED: _l("已上报街道"),
    },
    tones={
        R.ISSUED: "warn", R.ACKNOWLEDGED: "warn", R.REPORTED: "info", R.CLOSED: "ok", R.ESCALATED: "danger",
    },
    phases={RectificationPhase.OVERDUE: (_l("逾期未改"), "danger")},
    moves=(
        Move("acknowledge", (R.ISSUED,), R.ACKNOWLEDGED, (P.OWNER,), _l("签收整改单"), tells=(P.SUPERVISOR,)),
        Move("report", (R.ISSUED, R.ACKNOWLEDGED, R.ESCALATED), R.REPORTED, (P.OWNER,), _l("回复整改"), (all_answered,),
             page="supervision.reply", tells=(P.SUPERVISOR, P.OFFICE)),
        Move("close", (R.REPORTED,), R.CLOSED, (P.SUPERVISOR, P.OFFICE), _l("核验通过"), (all_fixed,),
             page="supervision.verify", tells=(P.OWNER,)),
        Move("reissue", (R.REPORTED,), R.ACKNOWLEDGED, (P.SUPERVISOR, P.OFFICE), _l("继续整改"), (some_not_fixed,),
             page="supervision.verify", tells=(P.OWNER,)),
        Move("escalate", (R.ISSUED, R.ACKNOWLEDGED), R.ESCALATED, (P.SUPERVISOR, P.OFFICE), _l("上报街道"), (overdue,),
             tells=(P.OFFICE, P.APPROVER, P.OWNER), danger=True),
    ),
)  # fmt: skip
