"""How often something may be tried: attempts are counted before the expensive step, so parallel tries cannot pass."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.domain.models import LoginAttempt

WINDOW = timedelta(minutes=5)
PER_ACCOUNT, PER_ADDRESS = 10, 50


class TooMany(Refused):
    """The limit is reached; `until` is the moment (UTC) from which one more try is allowed."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        # Rounded up: at the minute that is named it works.
        at = clock.local(until + timedelta(seconds=59)).strftime("%H:%M")
        super().__init__(_("尝试次数太多，请在 %(at)s 之后再试。", at=at))


def account_key(account_id: int) -> str:
    return f"account:{account_id}"


def unknown_key(typed: str) -> str:
    """For a name that no account has. People type passwords into the wrong field, so only its hash is kept."""
    return f"unknown:{hashlib.sha256(typed.encode()).hexdigest()[:40]}"


def address_key(address: str, purpose: str = "address") -> str:
    """For where a request comes from; of an IPv6 address the network (/64), which belongs to one household."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return f"{purpose}:unknown"
    network = ipaddress.ip_network(f"{ip}/64", strict=False) if ip.version == 6 else ip
    return f"{purpose}:{network}"


def reserve(limits: Mapping[str, int]) -> dict[str, int]:
    """Count one attempt under every key, inside the present command; the ids of the attempts by key.

    Raises TooMany, and then counts nothing, when a key has reached its limit within WINDOW. Writers queue
    (core/db.py), so the limit is exact however many try at once.
    """
    now = clock.now()
    db.session.execute(sa.delete(LoginAttempt).where(LoginAttempt.at <= now - WINDOW))
    found = sa.select(LoginAttempt.key, LoginAttempt.at).where(LoginAttempt.key.in_(limits)).order_by(LoginAttempt.at)
    times: dict[str, list[datetime]] = {key: [] for key in limits}
    for row in db.session.execute(found):
        times[row.key].append(row.at)
    full = [tried[-limits[key]] + WINDOW for key, tried in times.items() if len(tried) >= limits[key]]
    if full:
        raise TooMany(max(full))
    rows = {key: LoginAttempt(key=key, at=now) for key in limits}
    db.session.add_all(rows.values())
    db.session.flush()
    return {key: row.id for key, row in rows.items()}


def clear(key: str) -> None:
    """Forget all attempts under a key, inside the present command: the right person came in."""
    db.session.execute(sa.delete(LoginAttempt).where(LoginAttempt.key == key))


def release(attempt_id: int) -> None:
    """Take one attempt back, inside the present command: success does not use up what others at this address have."""
    db.session.execute(sa.delete(LoginAttempt).where(LoginAttempt.id == attempt_id))
