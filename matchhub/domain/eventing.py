"""What events are decided by: the draw, the codes at the door, the countdown, who may know whose name, and the counts."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b32encode
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.together import together
from matchhub.domain import blind, panels, policy, reference
from matchhub.domain.models import (
    Application,
    Event,
    EventKind,
    EventState,
    Need,
    NeedState,
    Organisation,
    Presentation,
    Signup,
    SignupStatus,
    Stage,
    User,
)

# A need in one of these states has published who applied and how they were ranked.
TOLD = (NeedState.NOTICE, NeedState.MATCHED)
HELD = (EventState.ENDED, EventState.PUBLISHED)
TICKET_HOURS = 24

# --- the draw (抽签) ---------------------------------------------------------------------------------------------------


def seed(head: str, ref: str) -> str:
    """The seed of a draw: SHA-256 of the ledger's last hash before it, a colon and the event's reference.

    Nobody can choose it: the hash contains the moment of whatever anybody did last on the whole site.
    """
    return hashlib.sha256(f"{head}:{ref}".encode()).hexdigest()


def lot(drawn_seed: str, code: str) -> str:
    """The lot of one item: SHA-256 of seed, colon, code. The smallest lot comes first."""
    return hashlib.sha256(f"{drawn_seed}:{code}".encode()).hexdigest()


def order_by_lot(drawn_seed: str, codes: Iterable[str]) -> list[str]:
    """The codes in the order of their lots: anybody can redo it."""
    return sorted(codes, key=lambda code: lot(drawn_seed, code))


def agrees(event: Event) -> bool:
    """Whether the order on the agenda is the one that the stored seed gives, computed anew."""
    drawn = [p for p in event.presentations if event.drawn_at and p.added_at <= event.drawn_at]
    placed = [p.code for p in sorted(drawn, key=lambda p: p.position or 0)]
    return placed == order_by_lot(seed(event.draw_head, event.ref), placed)


# --- the door (签到) ---------------------------------------------------------------------------------------------------


def step_seconds() -> int:
    return int(reference.setting("check_in_seconds"))


def _epoch(at: datetime) -> int:
    return int(at.replace(tzinfo=UTC).timestamp())


def _mac(event: Event, what: str, length: int = 12) -> str:
    made = hmac.new(event.secret.encode(), f"{event.ref}:{what}".encode(), hashlib.sha256).digest()
    return b32encode(made).decode().lower()[:length]


def door_code(event: Event, at: datetime, ahead: int = 0) -> str:
    """The code that the venue's QR shows at this moment; `ahead` steps later for a screen that may lose its network."""
    return _mac(event, f"door:{_epoch(at) // step_seconds() + ahead}")


def step_begins(at: datetime, ahead: int = 0) -> int:
    """The second (since 1970, UTC) from which that code is shown."""
    return (_epoch(at) // step_seconds() + ahead) * step_seconds()


def door_open(event: Event, code: str, at: datetime) -> bool:
    """Whether a scanned code is the present one or the one before, while the event runs."""
    if event.state is not EventState.RUNNING:
        return False
    return any(hmac.compare_digest(door_code(event, at, -back), code[:40]) for back in (0, 1))


def ticket(event: Event, at: datetime) -> str:
    """What a phone gets that scanned in time: good for one check-in, also when its network comes back hours later."""
    body = f"{_epoch(at):x}-{secrets.token_hex(8)}"
    return f"{body}-{_mac(event, f'ticket:{body}', 20)}"


def ticket_number(event: Event, typed: str, at: datetime) -> str | None:
    """The number of a genuine ticket that is not too old; None for any other text."""
    parts = typed.split("-")
    if len(parts) != 3 or len(typed) > 80 or not typed.isascii():
        return None
    body = f"{parts[0]}-{parts[1]}"
    if not hmac.compare_digest(_mac(event, f"ticket:{body}", 20), parts[2]):
        return None
    age = _epoch(at) - int(parts[0], 16)
    return parts[1] if 0 <= age <= TICKET_HOURS * 3600 else None


# --- seats ------------------------------------------------------------------------------------------------------------


def seats_taken(event: Event) -> int:
    """Seats of people who are registered: signed up or checked in at the door."""
    found = sa.select(sa.func.coalesce(sa.func.sum(Signup.people), 0)).where(
        Signup.event_id == event.id, Signup.status == SignupStatus.REGISTERED
    )
    return int(db.session.scalar(found) or 0)


def seats_left(event: Event) -> int | None:
    """Free seats, never below 0; None without a limit."""
    return None if event.capacity is None else max(0, event.capacity - seats_taken(event))


def erase_at(event: Event) -> datetime:
    """When the names and contacts of those who signed up are deleted."""
    return event.ends_at + timedelta(days=int(reference.setting("event_erase_days")))


# --- the agenda -------------------------------------------------------------------------------------------------------


def agenda(event: Event) -> list[Presentation]:
    """What is presented, in its order; withdrawn items left out."""
    kept = [p for p in event.presentations if p.withdrawn_at is None]
    return sorted(kept, key=lambda p: (p.position is None, p.position or 0, p.id))


def current(items: Iterable[Presentation]) -> Presentation | None:
    """The presentation that is on now."""
    return next((p for p in items if p.stage in (Stage.TALK, Stage.ANSWER)), None)


def countdown(event: Event, at: datetime) -> dict[str, Any]:
    """The clock of an event for every screen: numbers only, no names. Moments in milliseconds since 1970 (UTC)."""
    items = agenda(event)
    on = current(items)
    waiting = next((n for n, p in enumerate(items, 1) if p.stage is Stage.WAITING), None)
    return {
        "now": _epoch(at) * 1000 + at.microsecond // 1000,
        "state": event.state.value,
        "number": items.index(on) + 1 if on else None,
        "of": len(items),
        "stage": on.stage.value if on else "",
        "left": on.left_seconds(at) if on else None,
        "length": on.length_seconds if on else None,
        "running": bool(on and on.since),
        "next": waiting,
        "counted": [p.code for p in items if p.ballots_closed_at is not None],
    }


def names_public(event: Event) -> bool:
    """Whether everybody may know who presented: before the result is published nobody outside knows who applied."""
    return event.need is None or event.need.state in TOLD


def names_told() -> sa.ColumnElement[bool]:
    """`names_public` as a WHERE clause over Event, outer-joined with its Need."""
    return sa.or_(Event.need_id.is_(None), Need.state.in_(TOLD))


def namable(user: User | None, event: Event, items: Sequence[Presentation]) -> set[int]:
    """The ids of the presentations whose organisation and title `user` may know; a fixed number of statements."""
    everything = {p.id for p in items}
    if names_public(event):
        return everything
    open_ones = {p.id for p in items if p.application_id is None}
    if user is None or not user.active:
        return open_ones
    known = sa.select(Application.id, Application.organisation_id).where(
        Application.id.in_([p.application_id for p in items if p.application_id]), policy.visible(user, Application)
    )
    seen = {row[0]: row[1] for row in db.session.execute(known)}
    if not user.roles & policy.INSIDE_ROLES and _is_blind(event):
        seen = {found: owner for found, owner in seen.items() if owner == user.organisation_id}
    return open_ones | {p.id for p in items if p.application_id in seen}


def _is_blind(event: Event) -> bool:
    """Whether reviewers must not know the names yet: a name-blind review, until the roadshow itself begins."""
    if event.state not in (EventState.PLANNED, EventState.OPEN) or event.need is None:
        return False
    return blind.ORGANISATION in blind.hidden(panels.of_need(event.need))


# --- what an organisation took part in ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counts:
    """How often an organisation presented, by kind of event, and how many events its people came to."""

    roadshows: int = 0
    promotions: int = 0
    closings: int = 0
    others: int = 0
    attended: int = 0

    @property
    def presented(self) -> int:
        return self.roadshows + self.promotions + self.closings + self.others


def _presented(organisation: Organisation, told_only: bool) -> sa.Select[Any]:
    found = (
        sa.select(Presentation)
        .select_from(Presentation)
        .join(Event, Presentation.event_id == Event.id)
        .outerjoin(Need, Event.need_id == Need.id)
        .where(
            Presentation.organisation_id == organisation.id,
            Presentation.withdrawn_at.is_(None),
            Event.state.in_(HELD),
        )
    )
    return found.where(sa.or_(Event.need_id.is_(None), Need.state.in_(TOLD))) if told_only else found


def presented(organisation: Organisation, limit: int = 10) -> list[Presentation]:
    """What an organisation presented at events that were held, newest first; only what everybody may know."""
    found = _presented(organisation, told_only=True).options(joinedload(Presentation.event))
    return list(db.session.scalars(found.order_by(Event.starts_at.desc(), Presentation.id.desc()).limit(limit)))


def counts(organisation: Organisation, year: int | None = None, told_only: bool = False) -> Counts:
    """The figures of `presented` and of attendance, of one year (by the event's start in Shanghai) or of all.

    `told_only`: roadshows count only once their result has been published, as on public pages.
    """
    held = (
        _presented(organisation, told_only)
        .with_only_columns(Event.kind, sa.func.count().label("n"))
        .group_by(Event.kind)
    )
    came = (
        sa.select(sa.func.count(sa.distinct(Signup.event_id)).label("attended"))
        .join(Event, Signup.event_id == Event.id)
        .where(Signup.organisation_id == organisation.id, Signup.checked_in_at.is_not(None), Event.state.in_(HELD))
    )
    if year is not None:
        inside = _of_year(year)
        held, came = held.where(*inside), came.where(*inside)
    kinds, attended = together(held, came)
    by_kind = {row[0]: int(row[1]) for row in kinds}
    return Counts(
        by_kind.pop(EventKind.ROADSHOW, 0),
        by_kind.pop(EventKind.PROMOTION, 0),
        by_kind.pop(EventKind.CLOSING, 0),
        sum(by_kind.values()),
        int(attended[0].attended),
    )


def of_need(need: Need, user: User | None) -> sa.Select[Any]:
    """The events of a need that this person may see, in the order of time: columns, so that they can be asked together."""
    columns: tuple[Any, ...] = (Event.ref, Event.kind, Event.title, Event.state, Event.starts_at, Event.place)
    return sa.select(*columns).where(Event.need_id == need.id, policy.visible(user, Event)).order_by(Event.starts_at)


def listed(need: Need, user: User) -> Sequence[Any]:
    """The rows of `of_need`: one statement."""
    return db.session.execute(of_need(need, user)).all()


def _of_year(year: int) -> Collection[sa.ColumnElement[bool]]:
    first, after = datetime(year, 1, 1).date(), datetime(year + 1, 1, 1).date()
    return (Event.starts_at >= clock.utc(first), Event.starts_at < clock.utc(after))
