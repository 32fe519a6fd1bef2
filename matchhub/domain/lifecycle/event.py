"""The life of an event (活动): planned, announced, held, and told in its minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import Event, EventKind, EventPhase, Presentation, Stage
from matchhub.domain.models import EventState as S
from matchhub.domain.parties import Party as P

HOSTS = (P.OFFICE, P.CENTRE, P.APPROVER)
EARLIEST = timedelta(hours=2)


def _on_agenda(event: Event, *more: sa.ColumnElement[bool]) -> int:
    found = sa.select(sa.func.count()).where(
        Presentation.event_id == event.id, Presentation.withdrawn_at.is_(None), *more
    )
    return db.session.scalar(found) or 0


def in_the_future(event: Event, now: datetime) -> str | None:
    return None if event.starts_at > now else _("开始时间已经过了，请先修改时间。")


def roadshow_has_applications(event: Event, _now: datetime) -> str | None:
    if event.kind is not EventKind.ROADSHOW or _on_agenda(event):
        return None
    return _("路演还没有列入申报，请先在议程里加入。")


def not_too_early(event: Event, now: datetime) -> str | None:
    if now >= event.starts_at - EARLIEST:
        return None
    return _("活动开始前 2 小时才能开始签到：%(at)s 起。", at=_hour(event.starts_at - EARLIEST))


def _hour(at: datetime) -> str:
    return clock.local(at).strftime("%Y-%m-%d %H:%M")


def order_drawn(event: Event, _now: datetime) -> str | None:
    if event.kind is not EventKind.ROADSHOW or event.drawn_at is not None or _on_agenda(event) < 2:
        return None
    return _("路演顺序还没有抽签，请先抽签。")


def nobody_presents(event: Event, _now: datetime) -> str | None:
    left = _on_agenda(event, Presentation.stage.in_((Stage.TALK, Stage.ANSWER)))
    return _("还有一家正在陈述或答辩，请先结束。") if left else None


def ballots_closed(event: Event, _now: datetime) -> str | None:
    if not event.ballots:
        return None
    left = _on_agenda(event, Presentation.began_at.is_not(None), Presentation.ballots_closed_at.is_(None))
    return _("还有 %(n)s 家没有截止投票。", n=left) if left else None


def minutes_written(event: Event, _now: datetime) -> str | None:
    return None if event.minutes.strip() else _("活动纪要还没有写。")


EVENT = Life(
    kind="event",
    title=_l("活动"),
    states=S,
    start=S.PLANNED,
    final=frozenset({S.PUBLISHED, S.CANCELLED}),
    words={
        S.PLANNED: _l("筹备中"), S.OPEN: _l("报名中"), S.RUNNING: _l("进行中"), S.ENDED: _l("已结束"),
        S.PUBLISHED: _l("纪要已发布"), S.CANCELLED: _l("活动取消"),
    },
    tones={
        S.PLANNED: "muted", S.OPEN: "primary", S.RUNNING: "warn", S.ENDED: "info", S.PUBLISHED: "ok",
        S.CANCELLED: "danger",
    },
    phases={EventPhase.CLOSED: (_l("即将举行"), "info")},
    moves=(
        Move("announce", (S.PLANNED,), S.OPEN, HOSTS, _l("公布活动"), (in_the_future, roadshow_has_applications),
             consequence=_l("公布后活动出现在公开日历里，可以报名。确定公布吗？")),
        Move("start", (S.OPEN,), S.RUNNING, HOSTS, _l("开始活动和签到"), (not_too_early, order_drawn)),
        Move("end", (S.RUNNING,), S.ENDED, HOSTS, _l("结束活动"), (nobody_presents, ballots_closed),
             consequence=_l("结束后不能再扫码签到和投票。确定结束吗？")),
        Move("publish_minutes", (S.ENDED,), S.PUBLISHED, HOSTS, _l("写纪要并发布"), page="events.minutes"),
        Move("cancel", (S.PLANNED, S.OPEN), S.CANCELLED, HOSTS, _l("取消活动"), page="events.cancel", danger=True),
    ),
)  # fmt: skip
