"""Lists of accounts and of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core import clock, ledger
from matchhub.core.contact import plain_phone
from matchhub.core.db import db
from matchhub.core.errors import Missing
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import policy
from matchhub.domain.models import Grant, User


def like(words: str) -> str:
    """A LIKE pattern that finds `words` anywhere and takes nothing in them for a wildcard (escape character \\)."""
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def accounts(query: str = "", roles: Sequence[str] = (), states: Sequence[str] = ()) -> sa.Select[Any]:
    """Accounts whose name, e-mail, phone or employer holds the words, with one of the roles, active or closed."""
    found = sa.select(User).options(joinedload(User.organisation))
    if query:
        pattern = like(query)
        phone = like(plain_phone(query) or query)
        wanted = [User.name.like(pattern, escape="\\"), User.email.like(like(query.lower()), escape="\\"),
                  User.phone.like(phone, escape="\\"), User.employer.like(pattern, escape="\\")]  # fmt: skip
        found = found.where(sa.or_(*wanted))
    if roles:
        today = clock.today()
        in_force = sa.or_(Grant.ends_on.is_(None), Grant.ends_on >= today)
        found = found.where(User.id.in_(sa.select(Grant.user_id).where(Grant.role.in_(roles), in_force)))
    if len(states) == 1:
        found = found.where(User.active.is_(states[0] == "active"))
    return found.order_by(User.id.desc())


def account(account_id: int) -> User:
    """One account. Raises Missing."""
    row = db.session.get(User, account_id)
    if row is None:
        raise Missing(str(account_id))
    return row


def entries(
    kind: str = "", subject: str = "", who: str = "", first: date | None = None, last: date | None = None
) -> sa.Select[Any]:
    """Rows of the ledger, newest first: of one kind of record, one subject, one actor, one period (days in Shanghai).

    Deeds on applications that are still sealed are left out; they stay in the chain and show after the deadline.
    """
    found = sa.select(LedgerEntry).where(LedgerEntry.subject.not_in(policy.sealed_subjects()))
    if kind:
        found = found.where(LedgerEntry.deed.like(f"{like(kind)[1:-1]}.%", escape="\\"))
    if subject:
        found = found.where(
            sa.or_(LedgerEntry.subject == subject, LedgerEntry.subject.endswith(f":{subject}", autoescape=True))
        )
    if who:
        found = found.where(LedgerEntry.actor == who)
    if first:
        found = found.where(LedgerEntry.at >= clock.utc(first))
    if last:
        found = found.where(LedgerEntry.at < clock.utc(last + timedelta(days=1)))
    return found.order_by(LedgerEntry.seq.desc())


def last_verified() -> LedgerEntry | None:
    """The newest verification of the ledger."""
    found = sa.select(LedgerEntry).where(LedgerEntry.deed == ledger.VERIFIED).order_by(LedgerEntry.seq.desc())
    return db.session.scalars(found.limit(1)).first()
