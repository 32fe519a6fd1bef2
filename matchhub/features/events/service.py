"""Planning an event and moving it through its life."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _
from matchhub.domain import eventing, lifecycle, numbering, reference
from matchhub.domain.models import (
    Audience,
    Event,
    EventKind,
    EventState,
    Need,
    User,
)
from matchhub.features.events import agenda
from matchhub.features.events.hosting import (
    erase_later,
    must_host,
    tell_everybody,
    tell_panel,
    tell_presenters,
    when_and_where,
)

EDITABLE = (EventState.PLANNED, EventState.OPEN)


@dataclass(frozen=True, slots=True)
class Plan:
    """What the host fills in. Moments in UTC; `capacity` None: no limit; `signup_closes_at` None: until the start."""

    kind: EventKind
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    summary: str = ""
    audience: Audience = Audience.PUBLIC
    capacity: int | None = None
    signup_closes_at: datetime | None = None
    need: Need | None = None
    talk_minutes: int | None = None
    answer_minutes: int | None = None
    ballots: bool = False
    contact: str = ""


def _check(plan: Plan, taken: int = 0) -> None:
    if plan.ends_at <= plan.starts_at:
        raise NotNow(_("结束时间要晚于开始时间。"))
    if plan.signup_closes_at is not None and plan.signup_closes_at > plan.starts_at:
        raise NotNow(_("报名截止不能晚于活动开始。"))
    if plan.kind is EventKind.ROADSHOW and plan.need is None:
        raise NotNow(_("路演要对应一条评审中的需求，请选择需求。"))
    if plan.capacity is not None and plan.capacity < taken:
        raise NotNow(_("已经有 %(n)s 人报名，容量不能低于这个人数。", n=taken))


def _write(event: Event, plan: Plan) -> None:
    for name in ("kind", "title", "place", "summary", "starts_at", "ends_at", "audience", "capacity",
                 "signup_closes_at", "need", "ballots", "contact"):  # fmt: skip
        setattr(event, name, getattr(plan, name))
    setting = reference.setting
    event.talk_minutes = setting("roadshow_talk_minutes") if plan.talk_minutes is None else plan.talk_minutes
    event.answer_minutes = setting("roadshow_answer_minutes") if plan.answer_minutes is None else plan.answer_minutes


@command
def plan(actor: User, wanted: Plan) -> Event:
    """Plan an event; a roadshow takes up the applications that are reviewed. Raises NotNow for a plan that cannot be."""
    _check(wanted)
    event = Event(ref=numbering.next_ref(numbering.EVENT), secret=secrets.token_hex(32), planned_by_id=actor.id)
    _write(event, wanted)
    must_host(actor, event)
    db.session.add(event)
    lifecycle.record(actor, event, "plan", {"kind": event.kind.value, "need": wanted.need.ref if wanted.need else ""})
    if event.kind is EventKind.ROADSHOW:
        agenda.take_up(event, actor)
    erase_later(event)
    return event


@command
def edit(actor: User, event: Event, wanted: Plan, seen: int | None = None) -> None:
    """Change the plan; people who signed up and who present are told when time or place changed."""
    lifecycle.same_version(event, seen)
    must_host(actor, event)
    if event.state not in EDITABLE:
        raise NotNow(_("活动已经开始，不能再修改安排。"))
    if event.presentations and (wanted.kind is not event.kind or wanted.need is not event.need):
        raise NotNow(_("议程里已经有内容，不能再改活动类型和对应的需求。"))
    _check(wanted, eventing.seats_taken(event))
    before = (event.starts_at, event.ends_at, event.place)
    _write(event, wanted)
    moved = before != (event.starts_at, event.ends_at, event.place)
    lifecycle.record(actor, event, "edit", {"moved": moved})
    erase_later(event)
    agenda.promote_waiting(event)
    if moved and event.state is EventState.OPEN:
        tell_everybody(event, actor, "event.moved", when_and_where(event))


@command
def move(actor: User, event: Event, action: str, seen: int | None = None) -> None:
    """announce, start or end."""
    lifecycle.same_version(event, seen)
    now = clock.now()
    lifecycle.advance(event, action, actor)
    if action == "announce":
        event.announced_at = now
        tell_presenters(event, actor, "event.present", when_and_where(event))
        tell_panel(event, actor)
    elif action == "start":
        event.started_at = now
    elif action == "end":
        event.ended_at = now


@command
def cancel(actor: User, event: Event, reason: str, seen: int | None = None) -> None:
    """Call an event off; everybody who signed up or presents is told why."""
    lifecycle.same_version(event, seen)
    if not reason.strip():
        raise NotNow(_("请写明取消的理由，会告诉已经报名的人。"))
    event.cancel_reason = reason.strip()
    was_open = event.state is EventState.OPEN
    lifecycle.advance(event, "cancel", actor, reason=reason.strip())
    if was_open:
        tell_everybody(event, actor, "event.cancel", reason.strip())
