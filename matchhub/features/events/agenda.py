"""The agenda: who presents, in which order, and the draw."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchhub.core import clock, ids, ledger
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.domain import attachments, eventing, intake, lifecycle, messages, panels
from matchhub.domain.models import (
    Application,
    Event,
    EventKind,
    EventState,
    Organisation,
    Presentation,
    Project,
    Signup,
    SignupStatus,
    Stage,
    User,
)
from matchhub.domain.parties import Party, parties
from matchhub.features.events.hosting import mail_signups, must_host, tell_presenter, when_and_where

CHANGING = (EventState.PLANNED, EventState.OPEN, EventState.RUNNING)


def _must_change(actor: User, event: Event) -> None:
    must_host(actor, event)
    if event.state not in CHANGING:
        raise NotNow(_("活动已经结束或取消，议程不能再改。"))


def _add(event: Event, **fields: Any) -> Presentation:
    item = Presentation(code=ids.public_code(10), added_at=clock.now(), **fields)
    event.presentations.append(item)
    if event.kind is not EventKind.ROADSHOW or event.drawn_at is not None:
        item.position = max((p.position or 0 for p in event.presentations if p is not item), default=0) + 1
    db.session.flush()
    return item


def take_up(event: Event, actor: User) -> int:
    """Put every reviewed application of the need on the agenda, inside the present command; how many were new."""
    if event.need is None:
        return 0
    round_ = panels.of_need(event.need)
    entries = panels.applications(round_) if round_ is not None else []
    known = {p.application_id for p in event.presentations}
    fresh = [entry for entry in entries if entry.id not in known]
    titles = intake.titles(fresh)
    for entry in fresh:
        _add(event, application=entry, organisation=entry.organisation, title=titles[entry.id][:200])
    if fresh:
        lifecycle.record(actor, event, "take_up", {"applications": len(fresh)})
    return len(fresh)


@command
def take_up_applications(actor: User, event: Event, seen: int | None = None) -> int:
    """Put the applications on a roadshow's agenda that are not there yet."""
    lifecycle.same_version(event, seen)
    _must_change(actor, event)
    if event.drawn_at is not None:
        raise NotNow(_("顺序已经抽签，不能再加入申报。"))
    if (added := take_up(event, actor)) == 0:
        raise NotNow(_("没有可以加入的申报：合格的申报都已在议程里，或评审还没有开始。"))
    return added


@command
def add(
    actor: User,
    event: Event,
    title: str,
    organisation: Organisation | None = None,
    project: Project | None = None,
    seen: int | None = None,
) -> Presentation:
    """Put a project or a subject of its own on the agenda of an event that is no roadshow."""
    lifecycle.same_version(event, seen)
    _must_change(actor, event)
    if event.kind is EventKind.ROADSHOW:
        raise NotNow(_("路演只列入这条需求的合格申报。"))
    if event.drawn_at is not None:
        raise NotNow(_("顺序已经抽签，不能再加入。"))
    if project is not None and any(p.project_id == project.id and not p.withdrawn_at for p in event.presentations):
        raise NotNow(_("这个项目已经在议程里。"))
    owner = project.organisation if project is not None else organisation
    words = title.strip() or (project.title if project is not None else "")
    if not words:
        raise NotNow(_("请填写议题，或选择一个项目。"))
    item = _add(event, project=project, organisation=owner, title=words[:200])
    lifecycle.record(actor, event, "add_item", {"item": item.code, "project": project.ref if project else ""})
    if event.state is EventState.OPEN:
        tell_presenter(item, actor, "event.present", when_and_where(event))
    return item


@command
def withdraw(actor: User, item: Presentation, reason: str, seen: int | None = None) -> None:
    """Take an item off the agenda; the order of the others stays. Raises NotNow once it has begun."""
    event = item.event
    lifecycle.same_version(event, seen)
    _must_change(actor, event)
    if item.withdrawn_at is not None:
        raise NotNow(_("这一项已经撤下了。"))
    if item.began_at is not None:
        raise NotNow(_("已经开始陈述，不能再撤下。"))
    if not reason.strip():
        raise NotNow(_("请写明撤下的理由。"))
    item.withdrawn_at, item.withdrawn_reason = clock.now(), reason.strip()[:200]
    lifecycle.record(actor, event, "withdraw_item", {"item": item.code})


@command
def shift(actor: User, item: Presentation, up: bool, seen: int | None = None) -> None:
    """Move an item one place up or down; never in an order that was drawn."""
    event = item.event
    lifecycle.same_version(event, seen)
    _must_change(actor, event)
    if event.kind is EventKind.ROADSHOW or event.drawn_at is not None:
        raise NotNow(_("路演和抽过签的顺序不能人工调整。"))
    items = eventing.agenda(event)
    at = items.index(item)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(items):
        return
    items[at], items[to] = items[to], items[at]
    for place, one in enumerate(items, 1):
        one.position = place
    lifecycle.record(actor, event, "order_items", {"order": [one.code for one in items]})


@command
def draw(actor: User, event: Event, seen: int | None = None) -> list[Presentation]:
    """Draw the order by lot, once. The seed comes from the ledger's last row before the draw, so nobody chooses it."""
    lifecycle.same_version(event, seen)
    _must_change(actor, event)
    if event.drawn_at is not None:
        raise NotNow(_("顺序已经抽签，不能重抽。"))
    items = eventing.agenda(event)
    if len(items) < 2:
        raise NotNow(_("至少要有两家才需要抽签。"))
    if any(item.began_at for item in items):
        raise NotNow(_("已经开始陈述，不能再抽签。"))
    seq, head = ledger.head()
    order = eventing.order_by_lot(eventing.seed(head, event.ref), [item.code for item in items])
    for item in event.presentations:
        item.position = order.index(item.code) + 1 if item.code in order else None
    event.drawn_at, event.draw_head, event.draw_seq = clock.now(), head, seq
    for item in items:  # anything added at the very moment of the draw was drawn as well
        item.added_at = min(item.added_at, event.drawn_at)
    lifecycle.record(actor, event, "draw", {"head": head, "seq": seq, "order": order})
    for item in items:
        tell_presenter(item, actor, "event.drawn", _("第 %(n)s 位，共 %(all)s 家", n=item.position, all=len(items)))
    return sorted(items, key=lambda one: one.position or 0)


@command
def confirm(actor: User, item: Presentation) -> None:
    """The presenter says that it will come."""
    _must_own(actor, item)
    if item.confirmed_at is not None:
        raise NotNow(_("已经确认过了。"))
    item.confirmed_at = clock.now()
    lifecycle.record(actor, item.event, "confirm_item", {"item": item.code})


def _must_own(actor: User, item: Presentation) -> None:
    if item.organisation is None or Party.OWNER not in parties(actor, item.organisation):
        raise NotYours(_("只有参加陈述的机构可以办理。"))
    if item.withdrawn_at is not None or item.event.state not in CHANGING:
        raise NotNow(_("活动已经结束，或这一项已经撤下。"))


@command
def keep_slides(actor: User, item: Presentation, stored: list[Stored]) -> None:
    """The presenter's material: for the host and the panel, and for everybody once the minutes are published."""
    _must_own(actor, item)
    if item.stage is Stage.DONE:
        raise NotNow(_("陈述已经结束，不能再换材料。"))
    for one in stored:
        attachments.attach(item, "event_slides", one, actor)
    lifecycle.record(actor, item.event, "keep_slides", {"item": item.code, "files": len(stored)})


@command
def remove_slides(actor: User, item: Presentation, file_code: str) -> None:
    """Take one of the own files back before the presentation is over."""
    _must_own(actor, item)
    found = next((row for row in attachments.of(item, "event_slides") if row.code == file_code), None)
    if found is None or item.stage is Stage.DONE:
        raise NotNow(_("这个文件已经不能删除。"))
    attachments.remove(found)
    lifecycle.record(actor, item.event, "remove_slides", {"item": item.code})


# --- the waiting list (候补) --------------------------------------------------------------------------------------------


def promote_waiting(event: Event) -> list[Signup]:
    """Give free seats to those who wait, in the order in which they came, inside the present command.

    Who comes with more people than there are seats keeps the place in the line; nobody behind passes by.
    """
    promoted = []
    waiting = sa.select(Signup).where(Signup.event_id == event.id, Signup.status == SignupStatus.WAITING)
    for signup in db.session.scalars(waiting.order_by(Signup.id)):
        left = eventing.seats_left(event)
        if left is not None and left < signup.people:
            break
        signup.status, signup.promoted_at = SignupStatus.REGISTERED, clock.now()
        db.session.flush()
        promoted.append(signup)
    mail_signups(promoted, messages.EVENTS["event.promoted"], event)
    return promoted


def reviewed(event: Event) -> list[Application]:
    """The applications that could still be taken up."""
    round_ = panels.of_need(event.need) if event.need is not None else None
    known = {p.application_id for p in event.presentations}
    return [e for e in panels.applications(round_) if e.id not in known] if round_ is not None else []
