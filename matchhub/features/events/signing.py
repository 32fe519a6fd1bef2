"""Sign-up and check-in: by anybody, without an account, with as little personal data as possible."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock, ids, mail, outbox
from matchhub.core.db import command, db
from matchhub.core.errors import Missing, NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.core.ledger import VISITOR
from matchhub.domain import eventing, lifecycle, throttle
from matchhub.domain.models import (
    Audience,
    Ballot,
    Event,
    EventPhase,
    EventState,
    Presentation,
    Signup,
    SignupKind,
    SignupStatus,
    User,
)
from matchhub.features.events.agenda import promote_waiting
from matchhub.features.events.hosting import erase_later, must_host, when_and_where

# A whole room may sit behind one address.
SIGNUPS_PER_ADDRESS, CHECK_INS_PER_ADDRESS = 20, 150
MOST_PEOPLE = 10
AT_THE_DOOR = (EventState.RUNNING, EventState.ENDED)


@dataclass(frozen=True, slots=True)
class Person:
    """Who comes: a name and one way to reach them; `user` when somebody of an organisation is signed in."""

    name: str
    kind: SignupKind = SignupKind.RESIDENT
    phone: str = ""
    email: str = ""
    people: int = 1
    user: User | None = None

    @property
    def organisation_id(self) -> int | None:
        return self.user.organisation_id if self.user is not None and self.kind is SignupKind.ORGANISATION else None


def _signup(event: Event, person: Person, **more: Any) -> Signup:
    return Signup(
        event=event, code=ids.public_code(16), kind=person.kind, name=person.name, phone=person.phone,
        email=person.email, people=person.people, organisation_id=person.organisation_id, created_at=clock.now(), **more,
    )  # fmt: skip


def _known(event: Event, person: Person) -> Signup | None:
    """The sign-up that already carries this phone or address."""
    ways = []
    if person.phone:
        ways.append(Signup.phone == person.phone)
    if person.email:
        ways.append(Signup.email == person.email)
    if not ways:
        return None
    found = sa.select(Signup).where(Signup.event_id == event.id, Signup.status != SignupStatus.CANCELLED, sa.or_(*ways))
    return db.session.scalars(found.order_by(Signup.id)).first()


def signup_problem(event: Event, user: User | None) -> str | None:
    """Why nobody, or not this person, can sign up now; None when it is possible."""
    if event.state is not EventState.OPEN or event.phase is EventPhase.CLOSED:
        return _("这场活动现在不接受报名。")
    if event.audience is Audience.ORGANISATIONS and (user is None or user.organisation_id is None):
        return _("这场活动只接受入驻机构报名，请先用机构账号登录。")
    return None


@command
def sign_up(event: Event, person: Person, address: str = "") -> Signup:
    """Register, or put on the waiting list when there are not enough seats. Raises NotNow; TooMany for a crowd of tries."""
    if address:
        throttle.reserve({throttle.address_key(address, "signup"): SIGNUPS_PER_ADDRESS})
    if sentence := signup_problem(event, person.user):
        raise NotNow(sentence)
    if not 1 <= person.people <= MOST_PEOPLE:
        raise NotNow(_("一次最多报名 %(n)s 人。", n=MOST_PEOPLE))
    if _known(event, person) is not None:
        raise NotNow(_("这个手机号或邮箱已经报过名了。要修改请打开报名时得到的链接，或联系主办方。"))
    left = eventing.seats_left(event)
    fits = (left is None or left >= person.people) and not _somebody_waits(event)
    status = SignupStatus.REGISTERED if fits else SignupStatus.WAITING
    signup = _signup(event, person, status=status, by_id=person.user.id if person.user else None)
    db.session.add(signup)
    db.session.flush()
    _record(person.user, event, "sign_up", signup, {"people": person.people, "status": status.value})
    if signup.email:
        word = _("报名成功") if fits else _("已进入候补")
        mail.post(signup.email, f"{word}：{event.title}", f"{word}\n{event.title}\n{when_and_where(event)}",
                  f"/signups/{signup.code}")  # fmt: skip
    return signup


def _somebody_waits(event: Event) -> bool:
    found = sa.select(Signup.id).where(Signup.event_id == event.id, Signup.status == SignupStatus.WAITING).limit(1)
    return db.session.scalar(found) is not None


def _record(actor: User | None, event: Event, deed: str, signup: Signup, data: dict[str, Any] | None = None) -> None:
    """The ledger knows a sign-up by its number alone, never by name or contact."""
    lifecycle.record(actor or VISITOR, event, deed, {"signup": signup.id} | (data or {}))


def by_code(code: str) -> Signup:
    """The sign-up with this key. Raises Missing."""
    found = db.session.scalar(sa.select(Signup).where(Signup.code == code))
    if found is None:
        raise Missing(code)
    return found


@command
def cancel_sign_up(signup: Signup) -> list[Signup]:
    """Give the seats back; those who wait move up. The name and contact are deleted at once."""
    event = signup.event
    if signup.status is SignupStatus.CANCELLED:
        raise NotNow(_("这份报名已经取消。"))
    if signup.checked_in_at is not None or event.state not in (EventState.PLANNED, EventState.OPEN):
        raise NotNow(_("活动已经开始，不能再取消报名。"))
    signup.status, signup.cancelled_at = SignupStatus.CANCELLED, clock.now()
    _blank(signup)
    db.session.flush()
    _record(None, event, "cancel_sign_up", signup)
    return promote_waiting(event)


def _blank(signup: Signup) -> None:
    signup.name = signup.phone = signup.email = ""
    signup.device = None
    signup.erased_at = clock.now()


# --- at the door ------------------------------------------------------------------------------------------------------


def device_mark(cookie: str) -> str:
    """What is kept of a phone's own number: its hash."""
    return hashlib.sha256(cookie.encode()).hexdigest()


@command
def check_in(
    event: Event, ticket: str, device: str, person: Person, signup_code: str = "", address: str = ""
) -> Signup:
    """Check in by a ticket from the venue's QR: once per ticket, once per phone, once per sign-up.

    `signup_code` or the phone number of a sign-up finds it; everybody else takes a free seat. A repeated call with the
    same ticket gives the same check-in, so a phone may send again after its network failed.
    """
    if address:
        throttle.reserve({throttle.address_key(address, "check_in"): CHECK_INS_PER_ADDRESS})
    number = eventing.ticket_number(event, ticket, clock.now())
    if number is None or event.state not in AT_THE_DOOR:
        raise NotNow(_("签到码已失效，请重新扫现场屏幕上的二维码，或请工作人员代签。"))
    used = sa.select(Signup).where(Signup.event_id == event.id, Signup.ticket == number)
    if (same := db.session.scalars(used).first()) is not None:
        if same.device == device_mark(device):
            return same
        raise NotNow(_("这个签到码已经用过，请重新扫现场屏幕上的二维码。"))
    if by_device(event, device) is not None:
        raise NotNow(_("这部手机已经签过到。同来的人请用自己的手机，或请工作人员代签。"))
    signup = _at_the_door(event, person, signup_code)
    signup.ticket, signup.device = number, device_mark(device)
    _let_in(signup)
    _record(person.user, event, "check_in", signup, {"by": "qr"})
    return signup


def by_device(event: Event, device: str) -> Signup | None:
    """The check-in that this phone has made already."""
    found = sa.select(Signup).where(Signup.event_id == event.id, Signup.device == device_mark(device))
    return db.session.scalars(found).first()


def _at_the_door(event: Event, person: Person, signup_code: str) -> Signup:
    """The sign-up of whoever stands at the door, made new for those who have none."""
    if signup_code:
        found = db.session.scalar(sa.select(Signup).where(Signup.event_id == event.id, Signup.code == signup_code))
    else:
        found = _known(event, person)
    if found is not None and found.status is not SignupStatus.CANCELLED:
        if found.checked_in_at is not None:
            raise NotNow(_("这份报名已经签到过了。"))
        if found.status is SignupStatus.WAITING:
            _must_fit(event, found.people)
            found.status, found.promoted_at = SignupStatus.REGISTERED, clock.now()
        return found
    if event.audience is Audience.INVITED or (event.audience is Audience.ORGANISATIONS and not person.organisation_id):
        raise NotNow(_("名单里没有找到您的报名，请联系现场工作人员。"))
    if not person.name:
        raise NotNow(_("请填写姓名。"))
    _must_fit(event, person.people)
    made = _signup(event, person, at_the_door=True, by_id=person.user.id if person.user else None)
    db.session.add(made)
    return made


def _must_fit(event: Event, people: int) -> None:
    left = eventing.seats_left(event)
    if left is not None and left < people:
        raise NotNow(_("座位已满，请联系现场工作人员。"))


def _let_in(signup: Signup, actor: User | None = None, paper: bool = False) -> None:
    """Mark as present; residents get the key of their ballots, except those who vote on paper."""
    signup.checked_in_at = clock.now()
    signup.checked_in_by_id = actor.id if actor is not None else None
    event = signup.event
    votes = event.ballots and signup.kind is SignupKind.RESIDENT and event.state is EventState.RUNNING
    if votes and not paper:
        signup.ballot_code = ids.public_code(12)
    db.session.flush()


@command
def check_in_by_staff(actor: User, signup: Signup) -> None:
    """The host ticks somebody who signed up off a list; shown as done by staff (代填)."""
    event = signup.event
    must_host(actor, event)
    if event.state not in AT_THE_DOOR:
        raise NotNow(_("活动没有在进行，现在不能签到。"))
    if signup.status is SignupStatus.CANCELLED:
        raise NotNow(_("这份报名已经取消。"))
    if signup.checked_in_at is not None:
        raise NotNow(_("这份报名已经签到过了。"))
    signup.status = SignupStatus.REGISTERED
    _let_in(signup, actor)
    _record(actor, event, "check_in", signup, {"by": "staff"})


@command
def key_in(actor: User, event: Event, names: Sequence[str], kind: SignupKind = SignupKind.RESIDENT) -> int:
    """Enter the names of a paper list as people who were there, whatever the capacity; how many were new."""
    must_host(actor, event)
    if event.state not in AT_THE_DOOR:
        raise NotNow(_("活动没有在进行，现在不能签到。"))
    wanted = [name.strip()[:60] for name in names if name.strip()]
    if not wanted:
        raise NotNow(_("请填写至少一个姓名，每行一位。"))
    for name in wanted:
        signup = _signup(event, Person(name, kind), at_the_door=True, by_id=actor.id)
        db.session.add(signup)
        _let_in(signup, actor, paper=True)
        _record(actor, event, "check_in", signup, {"by": "paper"})
    return len(wanted)


# --- ballots (居民投票) -------------------------------------------------------------------------------------------------


def by_ballot_code(code: str) -> Signup:
    """The check-in that holds this ballot. Raises Missing."""
    found = db.session.scalar(sa.select(Signup).where(Signup.ballot_code == code)) if code else None
    if found is None or found.checked_in_at is None:
        raise Missing(code)
    return found


def votable(item: Presentation) -> bool:
    """Whether ballots on this item are taken: from the beginning of its talk until they are closed."""
    open_now = item.began_at is not None and item.ballots_closed_at is None and item.withdrawn_at is None
    return open_now and item.event.state is EventState.RUNNING


@command
def vote(signup: Signup, item: Presentation, points: int) -> Ballot:
    """Cast the one ballot of a checked-in resident on one presentation, 1 to 10. It cannot be changed.

    The same points sent again are the same ballot: a phone may repeat what it could not deliver.
    """
    if item.event_id != signup.event_id or not item.event.ballots or signup.ballot_code is None:
        raise NotYours(_("这张选票不属于这场活动。"))
    if not 1 <= points <= 10:
        raise NotNow(_("请选 1 到 10 分。"))
    cast_before = db.session.scalar(
        sa.select(Ballot).where(Ballot.presentation_id == item.id, Ballot.signup_id == signup.id)
    )
    if cast_before is not None:
        if cast_before.points == points:
            return cast_before
        raise NotNow(_("您已经给这一家投过票，不能再改。"))
    if item.ballots_closed_at is not None:
        raise NotNow(_("这一家的投票已经截止。"))
    if not votable(item):
        raise NotNow(_("这一家的投票还没有开始。"))
    ballot = Ballot(presentation_id=item.id, signup_id=signup.id, points=points, at=clock.now())
    db.session.add(ballot)
    db.session.flush()
    # The ledger proves how many ballots there were, not what any of them said.
    lifecycle.record(VISITOR, item.event, "vote", {"item": item.code, "ballot": ballot.id})
    return ballot


def cast_by(holder: Signup) -> dict[int, int]:
    """By presentation the points that this resident has given."""
    found = sa.select(Ballot.presentation_id, Ballot.points).where(Ballot.signup_id == holder.id)
    return {row[0]: int(row[1]) for row in db.session.execute(found)}


# --- afterwards -------------------------------------------------------------------------------------------------------


@command
def _erase(event_id: int) -> int:
    """Delete names, contacts and phone marks of one event, and part ballots from people; how many rows."""
    event = db.session.get(Event, event_id)
    if event is None:
        return 0
    if eventing.erase_at(event) > clock.now():
        erase_later(event)
        return 0
    rows = list(db.session.scalars(sa.select(Signup).where(Signup.event_id == event.id, Signup.erased_at.is_(None))))
    for signup in rows:
        _blank(signup)
        signup.ballot_code = None
    if rows:
        numbers = [signup.id for signup in rows]
        db.session.execute(sa.update(Ballot).where(Ballot.signup_id.in_(numbers)).values(signup_id=None))
        lifecycle.record(VISITOR, event, "erase", {"people": len(rows)})
    return len(rows)


@outbox.handles("event_erase")
def erase(payloads: list[dict[str, Any]]) -> None:
    """Called by the outbox when the time of an event's personal data has come."""
    for payload in payloads:
        _erase(int(payload["id"]))
