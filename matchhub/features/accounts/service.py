"""Signing in and out, and what people change about their own account."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.contact import plain_email, plain_phone
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, Refused
from matchhub.core.i18n import _
from matchhub.domain import accounts, journal, logins, passwords, telling, throttle
from matchhub.domain.models import Message, User


class WrongLogin(Refused):
    """Unknown account, wrong password or a closed account: the sentence never says which."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that has been counted and may now be checked."""

    account_id: int | None
    stored: str
    key: str
    counted: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Entrance:
    """A login that was started; the token goes into the cookie."""

    user: User
    token: str


def sign_in(login: str, password: str, address: str, device: str = "") -> Entrance:
    """Check a password and start a login.

    Three steps: count the attempt (a short command), hash (no transaction is open meanwhile), start the login (a
    command). Raises throttle.TooMany, WrongLogin, and NotNow for an initial password that has run out.
    """
    try:
        attempt = count_attempt(login, address)
    except throttle.TooMany:
        journal.write("refused", reason="too_many")
        raise
    right = passwords.matches(attempt.stored, password)
    if not right or attempt.account_id is None:
        journal.write("refused", attempt.account_id, "wrong_password" if attempt.account_id else "unknown_account")
        raise WrongLogin(_("账号或密码不对。请核对后再试，密码区分大小写。"))
    fresh = passwords.hashed(password) if passwords.is_outdated(attempt.stored) else attempt.stored
    try:
        entrance = _enter(attempt, fresh, device)
    except Refused as no:
        journal.write("refused", attempt.account_id, "closed" if isinstance(no, WrongLogin) else "initial_expired")
        raise
    journal.write("sign_in", attempt.account_id)
    return entrance


@command
def count_attempt(login: str, address: str) -> Attempt:
    """Count one attempt for the account and for the address, before anything expensive. Raises throttle.TooMany."""
    user = accounts.by_login(login)
    key = throttle.account_key(user.id) if user else throttle.unknown_key(login.strip().lower())
    counted = throttle.reserve({key: throttle.PER_ACCOUNT, throttle.address_key(address): throttle.PER_ADDRESS})
    return Attempt(user.id if user else None, user.password_hash if user else "", key, counted)


@command
def _enter(attempt: Attempt, fresh: str, device: str) -> Entrance:
    user = db.session.get(User, attempt.account_id)
    # The account may have been closed or given another password while the hash was computed.
    if user is None or not user.active or user.password_hash != attempt.stored:
        raise WrongLogin(_("账号或密码不对。请核对后再试，密码区分大小写。"))
    if user.must_set_password and user.initial_until is not None and user.initial_until <= clock.now():
        raise NotNow(_("初始密码已经过期，请联系发放账号的人重新发放。"))
    user.password_hash = fresh
    throttle.clear(attempt.key)
    for key, attempt_id in attempt.counted.items():
        if key != attempt.key:
            throttle.release(attempt_id)
    return Entrance(user, logins.start(user, device))


@command
def _end(token: str) -> None:
    logins.end(token)


def sign_out(account_id: int | None, token: str) -> None:
    """End the login of this token; copies of its cookie are dead from now on."""
    if token:
        _end(token)
        journal.write("sign_out", account_id)


@command
def _count_check(user: User) -> None:
    throttle.reserve({throttle.account_key(user.id): throttle.PER_ACCOUNT})


def confirm(user: User, password: str) -> None:
    """Make sure that it is really this person: their own password, counted like a sign-in.

    Raises throttle.TooMany and WrongLogin.
    """
    account_id, stored = user.id, user.password_hash
    _count_check(user)
    if not passwords.matches(stored, password):
        journal.write("refused", account_id, "wrong_current_password")
        raise WrongLogin(_("当前密码不对，请重新填写。"))


def choose_password(user: User, new: str, token: str) -> None:
    """Replace the password by one that its owner chose; every other login ends. Raises Refused for a poor one."""
    about = [user.name, user.email or "", user.phone or ""]
    if problem := passwords.problem(new, about):
        raise Refused(problem)
    if passwords.matches(user.password_hash, new):
        raise Refused(_("新密码和原来的一样，请换一个。"))
    account_id, hashed = user.id, passwords.hashed(new)
    _choose(user, hashed, token)
    journal.write("password_changed", account_id)


@command
def _choose(user: User, hashed: str, token: str) -> None:
    throttle.clear(throttle.account_key(user.id))
    accounts.set_password(user, hashed, initial=False)
    logins.end_others(user, token)
    accounts.note(user, "choose_password", user)


@command
def change_contact(user: User, email: str | None, phone: str | None) -> None:
    """Change what one signs in with. Raises accounts.Taken, and Refused when both are empty."""
    email, phone = plain_email(email), plain_phone(phone)
    if email is None and phone is None:
        raise Refused(_("邮箱和手机号至少留一个，用来登录。"))
    accounts.check_free(email, phone, but=user)
    changed = [name for name, old, new in (("email", user.email, email), ("phone", user.phone, phone)) if old != new]
    user.email, user.phone = email, phone
    throttle.clear(throttle.account_key(user.id))
    if changed:
        accounts.note(user, "change_contact", user, fields=changed)


@command
def end_login(user: User, mark: str) -> None:
    """End one of one's own logins. Raises NotNow when it has ended already."""
    if not logins.end_marked(user, mark):
        raise NotNow(_("这次登录已经结束了。"))


@command
def end_other_logins(user: User, token: str) -> None:
    """End every login of one's own but the present one."""
    logins.end_others(user, token)


@command
def read_message(user: User, message_id: int) -> str:
    """Mark one message as read; where it leads, empty for nowhere. Raises NotNow when it is not one's own."""
    row = db.session.get(Message, message_id)
    if row is None or row.user_id != user.id:
        raise NotNow(_("没有这条消息。"))
    row.read_at = row.read_at or clock.now()
    return row.url


@command
def read_all_messages(user: User) -> None:
    """Mark every message of one's own as read."""
    unread = sa.update(Message).where(Message.user_id == user.id, Message.read_at.is_(None))
    db.session.execute(unread.values(read_at=clock.now()))


@command
def choose_messages(
    user: User, events: Collection[str], on_site: Collection[str], by_mail: Collection[str], daily: bool
) -> None:
    """Keep how somebody wants to be told of each of `events`; what the law asks for is told in any case."""
    ways = {event: telling.Way(event in on_site, event in by_mail) for event in events}
    telling.choose(user, ways, daily)
