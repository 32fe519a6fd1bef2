"""Who hosts an event, and how the people around it are told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock, mail, outbox
from matchhub.core.db import db
from matchhub.core.errors import NotYours
from matchhub.core.i18n import _
from matchhub.domain import eventing, messages, panels, paths
from matchhub.domain.lifecycle.event import HOSTS
from matchhub.domain.models import Event, EventKind, Presentation, Signup, SignupStatus, User
from matchhub.domain.parties import parties


def must_host(actor: User, event: Event) -> None:
    """Raises NotYours for everybody but the service centre, the section (any staff without a need) and approvers."""
    if not parties(actor, event) & set(HOSTS):
        raise NotYours(_("只有主办科室和服务中心可以办理这场活动。"))


def when_and_where(event: Event) -> str:
    return f"{clock.local(event.starts_at):%Y-%m-%d %H:%M}，{event.place}"


def erase_later(event: Event) -> None:
    """Names and contacts go by themselves: `signing.erase` looks at the event when their time has come."""
    db.session.flush()
    due_at = eventing.erase_at(event)
    outbox.put("event_erase", {"id": event.id}, dedupe=f"event_erase:{event.id}:{due_at.isoformat()}", due_at=due_at)


def tell_presenter(item: Presentation, actor: User, deed: str, note: str) -> None:
    """A message to the people of the organisation of one item, leading to that item."""
    if item.organisation is not None:
        people = [user for user in item.organisation.people if user.active and user.id != actor.id]
        messages.send(deed, people, item.event.title, paths.path(item, paths.MY), note)


def tell_presenters(event: Event, actor: User, deed: str, note: str) -> None:
    """A message to the people of every organisation on the agenda, leading to its own item."""
    for item in eventing.agenda(event):
        tell_presenter(item, actor, deed, note)


def tell_panel(event: Event, actor: User) -> None:
    """A message to the reviewers of a roadshow's need, leading to their sheets."""
    if event.kind is not EventKind.ROADSHOW or event.need is None:
        return
    round_ = panels.of_need(event.need)
    if round_ is not None:
        judges = [judge for judge in panels.judges(round_) if judge.id != actor.id]
        messages.send("event.judge", judges, event.title, paths.path(event, paths.JUDGE), when_and_where(event))


def tell_everybody(event: Event, actor: User, deed: str, note: str) -> None:
    """Presenters by message, people who signed up by mail where they left an address."""
    tell_presenters(event, actor, deed, note)
    mail_signups(_coming(event), messages.EVENTS[deed], event, note)


def _coming(event: Event) -> Iterable[Signup]:
    found = sa.select(Signup).where(Signup.event_id == event.id, Signup.status != SignupStatus.CANCELLED)
    return db.session.scalars(found)


def mail_signups(signups: Iterable[Any], sentence: str, event: Event, note: str = "") -> None:
    """One mail to each of these people; those without an address see it on the page of their sign-up."""
    for signup in signups:
        if signup.email:
            text = f"{sentence}\n{event.title}\n{note}".strip()
            mail.post(signup.email, f"{sentence}：{event.title}", text, f"/signups/{signup.code}")
