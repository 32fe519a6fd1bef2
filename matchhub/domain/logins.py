"""Logins: each is a row, so log-out, a new password or a changed role really ends it, copied cookies included."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core import clock, kept, outbox
from matchhub.core.db import command, db
from matchhub.domain.models import LoginSession, User

SEEN_EVERY = timedelta(minutes=1)
# How long the record of a login is kept: long enough to find out who used an account, as the privacy page says.
KEPT_FOR = timedelta(days=30)
# Asked in every request of a signed-in person: built once, and one statement with the account and its roles.
_OPENED = (
    sa.select(LoginSession)
    .where(LoginSession.token_sha256 == sa.bindparam("token"))
    .options(joinedload(LoginSession.user).joinedload(User.grants))
)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def start(user: User, device: str = "") -> str:
    """A new login inside the present command; the token (256 bits) goes into the cookie and is stored nowhere."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    row = LoginSession(
        token_sha256=_hash(token), user_id=user.id, epoch=user.epoch, created_at=now, seen_at=now, device=device[:200]
    )
    db.session.add(row)
    return token


def find(token: str, idle: timedelta, longest: timedelta) -> LoginSession | None:
    """The login that a token opens, unless it was ended, went idle, grew too old or its account changed."""
    row = _opened(_hash(token))
    if row is None or row.ended_at is not None or not row.user.active or row.epoch != row.user.epoch:
        return None
    now = clock.now()
    return None if now - row.seen_at > idle or now - row.created_at > longest else row


def _opened(token_sha256: str) -> LoginSession | None:
    """The row with its account and roles: read once, then put into each session as it was until anything changes."""
    if db.session.identity_map:  # something of it may be in use here already
        return _row(token_sha256)
    found = kept.remember(("login", token_sha256), lambda: _read(token_sha256))
    return None if found is None else db.session.merge(found, load=False)


def _row(token_sha256: str) -> LoginSession | None:
    return db.session.scalars(_OPENED, {"token": token_sha256}).unique().one_or_none()


def _read(token_sha256: str) -> LoginSession | None:
    """A copy that belongs to no session."""
    row = _row(token_sha256)
    if row is not None:
        for part in (*row.user.grants, row.user, row):
            db.session.expunge(part)
    return row


def is_stale(row: LoginSession) -> bool:
    """Whether `seen_at` is old enough to be written again."""
    return clock.now() - row.seen_at > SEEN_EVERY


def end(token: str) -> None:
    """End one login inside the present command."""
    row = db.session.get(LoginSession, _hash(token))
    if row is not None and row.ended_at is None:
        row.ended_at = clock.now()


def mark(row: LoginSession) -> str:
    """What a page calls one login by: the beginning of its hash, which opens nothing."""
    return row.token_sha256[:16]


def current(token: str) -> str:
    """The mark of the login that a token opens."""
    return _hash(token)[:16]


def of(user: User, idle: timedelta, longest: timedelta) -> list[LoginSession]:
    """The logins of an account that still open it, the one used last first."""
    now = clock.now()
    found = sa.select(LoginSession).where(
        LoginSession.user_id == user.id,
        LoginSession.epoch == user.epoch,
        LoginSession.ended_at.is_(None),
        LoginSession.seen_at >= now - idle,
        LoginSession.created_at >= now - longest,
    )
    return list(db.session.scalars(found.order_by(LoginSession.seen_at.desc())))


def end_marked(user: User, wanted: str) -> bool:
    """End the login of this account that a page called `wanted`, inside the present command; whether there was one."""
    found = sa.select(LoginSession).where(LoginSession.user_id == user.id, LoginSession.ended_at.is_(None))
    rows = [row for row in db.session.scalars(found) if mark(row) == wanted]
    for row in rows:
        row.ended_at = clock.now()
    return bool(rows)


def end_others(user: User, token: str | None = None) -> None:
    """End every login of an account but this one, inside the present command."""
    user.epoch += 1
    db.session.flush()
    if token:
        db.session.execute(
            sa.update(LoginSession).where(LoginSession.token_sha256 == _hash(token)).values(epoch=user.epoch)
        )


def forget(user: User) -> None:
    """Delete every login of an account, inside the present command: the account is closed."""
    db.session.execute(sa.delete(LoginSession).where(LoginSession.user_id == user.id))


def outdated() -> sa.ColumnElement[bool]:
    """Logins whose record has been kept long enough."""
    return LoginSession.created_at < clock.now() - KEPT_FOR


@outbox.every(3600.0)
def tidy() -> None:
    """Delete the records of old logins; takes no turn among the writers where there are none."""
    if db.session.scalar(sa.select(LoginSession.token_sha256).where(outdated()).limit(1)) is not None:
        delete_outdated()


@command
def delete_outdated() -> None:
    """Delete the records of logins older than KEPT_FOR."""
    db.session.execute(sa.delete(LoginSession).where(outdated()))
