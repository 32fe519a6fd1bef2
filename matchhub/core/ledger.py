"""The append-only record of every deed: each row carries the hash of the row before it.

A row's hash is the SHA-256 of its canonical JSON (UTF-8, sorted keys, no spaces) with these members:
`actor, actor_id, at, data, deed, on_behalf_of, prev, seq, subject`; `at` in ISO 8601 UTC to the microsecond,
`prev` 64 zeros for the first row. Triggers refuse every UPDATE, DELETE, gap and wrong `prev` (guards.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core import clock
from matchhub.core.db import Base, db
from matchhub.core.i18n import _l

START = "0" * 64
# The deed of recomputing the whole chain, itself on record.
VERIFIED = "ledger.verify"


class Actor(Protocol):
    """Whoever does a deed: an account, or the system itself (id None)."""

    id: Any
    name: Any


@dataclass(frozen=True)
class _Visitor:
    id: None = None
    name: str = _l("公众")


# Stands for somebody without an account: no number, no name.
VISITOR: Any = _Visitor()


class LedgerEntry(Base):
    __tablename__ = "ledger"

    seq: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(sa.String(80))
    on_behalf_of: Mapped[str | None] = mapped_column(sa.String(160))
    deed: Mapped[str] = mapped_column(sa.String(60), index=True)
    subject: Mapped[str] = mapped_column(sa.String(60), index=True)
    data: Mapped[str] = mapped_column(sa.Text)
    prev: Mapped[str] = mapped_column(sa.String(64), unique=True)
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)

    @property
    def details(self) -> dict[str, Any]:
        return json.loads(self.data)


def canonical(value: Any) -> str:
    """The one JSON text that stands for `value`: sorted keys, no spaces; moments and decimals as strings."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


ROWS: Any = LedgerEntry.__table__
# Asked with every deed, so built once and read and written as plain columns.
_HEAD = sa.select(ROWS.c.seq, ROWS.c.hash).order_by(ROWS.c.seq.desc()).limit(1)
_APPEND = ROWS.insert()


def _digest(row: Mapping[str, Any]) -> str:
    members = {name: value for name, value in row.items() if name != "hash"}
    members["at"] = row["at"].isoformat(timespec="microseconds")
    return hashlib.sha256(canonical(members).encode()).hexdigest()


def head() -> tuple[int, str]:
    """Number and hash of the newest row; (0, 64 zeros) for an empty ledger."""
    row = db.session.connection().execute(_HEAD).one_or_none()
    return (row.seq, row.hash) if row else (0, START)


def record(
    actor: Actor, deed: str, subject: str, data: Mapping[str, Any] | None = None, on_behalf_of: str | None = None
) -> int:
    """Append one row inside the present command: `deed` like "need.publish", `subject` like "need:XQ-2026-007".

    Gives the row's number. `data` holds what changed, never personal data and never the text of an application.
    """
    db.session.flush()  # what the deed changed is refused before it is put on record
    seq, prev = head()
    row = {
        "seq": seq + 1,
        "at": clock.now(),
        "actor_id": actor.id,
        "actor": actor.name,
        "on_behalf_of": on_behalf_of,
        "deed": deed,
        "subject": subject,
        "data": canonical(data or {}),
        "prev": prev,
    }
    db.session.connection().execute(_APPEND, row | {"hash": _digest(row)})
    return seq + 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: `broken_at` is the number of the first row that does not fit, None when all do."""

    rows: int
    head: str
    broken_at: int | None


def _rows() -> Iterator[Any]:
    asked = sa.select(ROWS).order_by(ROWS.c.seq).execution_options(yield_per=1000)
    return iter(db.session.execute(asked).mappings())


def verify() -> Verdict:
    """Recompute the whole chain from its first row."""
    count, prev = 0, START
    for row in _rows():
        if row["seq"] != count + 1 or row["prev"] != prev or row["hash"] != _digest(row):
            return Verdict(count, prev, count + 1)
        count, prev = row["seq"], row["hash"]
    return Verdict(count, prev, None)


def history(subject: str, limit: int = 200) -> list[LedgerEntry]:
    """The deeds done to one subject, newest first."""
    found = sa.select(LedgerEntry).where(LedgerEntry.subject == subject).order_by(LedgerEntry.seq.desc()).limit(limit)
    return list(db.session.scalars(found))
