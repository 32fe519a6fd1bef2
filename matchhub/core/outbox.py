"""What must happen after a deed (mail, search index) is a row of the deed's own transaction, delivered afterwards.

Delivery is at least once and in order within a kind; handlers must bear repetition. A row that fails is tried again
after a growing pause and given up after `TRIES`, visible to administrators. One drainer per installation holds a file
lock; web processes only wake it and never wait for it. The same thread runs the chores of `every` (reminders).
"""

from __future__ import annotations

import fcntl
import logging
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core import clock
from matchhub.core.db import Base, after_commit, before_commit, db, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

log = logging.getLogger(__name__)

Handler = Callable[[list[dict[str, Any]]], None]
C = TypeVar("C", bound=Callable[[], Any])
TRIES = 10
BATCH = 200
_handlers: dict[str, Handler] = {}
_at_once: dict[str, Handler] = {}
_chores: list[tuple[float, Callable[[], Any]]] = []
_done_at: dict[Callable[[], Any], float] = {}
_wake = threading.Event()


class OutboxRow(Base):
    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    payload: Mapped[dict[str, Any]]
    dedupe: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(sa.Text)


_QUEUE = sa.insert(OutboxRow.__table__)  # type: ignore[arg-type]


def handles(kind: str) -> Callable[[Handler], Handler]:
    """Name the function that delivers rows of `kind`; it gets the payloads of a batch."""

    def mark(handler: Handler) -> Handler:
        _handlers[kind] = handler
        return handler

    return mark


def at_once(kind: str) -> Callable[[Handler], Handler]:
    """Name a function that also gets the payloads of `kind`, in the deed's own transaction, right before its commit."""

    def mark(handler: Handler) -> Handler:
        _at_once[kind] = handler
        return handler

    return mark


def every(seconds: float) -> Callable[[C], C]:
    """Let the drainer's thread call a function now and then, alone in the installation; it must bear repetition."""

    def mark(chore: C) -> C:
        _chores.append((seconds, chore))
        return chore

    return mark


def run_chores(anyway: bool = False) -> None:
    """Call each chore whose pause is over (with `anyway` all of them); one that fails does not keep the others."""
    for seconds, chore in _chores:
        if anyway or time.monotonic() - _done_at.get(chore, -1e9) >= seconds:
            _done_at[chore] = time.monotonic()
            try:
                chore()
            except Exception:
                db.session.rollback()
                log.exception("%s failed; it is tried again later", chore.__name__)


def put(kind: str, payload: Mapping[str, Any], dedupe: str | None = None, due_at: datetime | None = None) -> None:
    """Queue one row in the present command, to be delivered from `due_at` on (now, when left out).

    A second row with the same `dedupe` is not queued while the first waits.
    """
    if dedupe and db.session.scalar(sa.select(OutboxRow.id).where(OutboxRow.dedupe == dedupe)):
        return
    now = clock.now()
    row = {"kind": kind, "payload": dict(payload), "dedupe": dedupe, "created_at": now, "due_at": due_at or now}
    db.session.connection().execute(_QUEUE, row | {"tries": 0, "error": None})
    if kind in _at_once and due_at is None:
        before_commit(_at_once[kind], dict(payload))
    after_commit(_wake.set)


def waiting() -> tuple[int, int]:
    """(rows still to be delivered, rows given up): for /healthz and administrators."""
    given_up = sa.func.coalesce(sa.func.sum(sa.case((OutboxRow.tries >= TRIES, 1), else_=0)), 0)
    total, dead = db.session.execute(sa.select(sa.func.count(), given_up)).one()
    return int(total) - int(dead), int(dead)


def deliver() -> int:
    """Deliver one batch of what is due, oldest first; how many rows were tried."""
    due = (
        sa.select(OutboxRow)
        .where(OutboxRow.due_at <= clock.now(), OutboxRow.tries < TRIES)
        .order_by(OutboxRow.id)
        .limit(BATCH)
    )
    rows = list(db.session.scalars(due))
    by_kind: dict[str, list[OutboxRow]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    outcome = [(kind, group, _hand_over(kind, group)) for kind, group in by_kind.items()]
    db.session.rollback()
    with writing():
        for _kind, group, error in outcome:
            for row in group:
                _settle(row, error)
        db.session.commit()
    return len(rows)


def _hand_over(kind: str, rows: list[OutboxRow]) -> str | None:
    try:
        _handlers[kind]([row.payload for row in rows])
    except Exception as error:
        log.exception("delivery of %s failed", kind)
        return f"{type(error).__name__}: {error}"[:500]
    return None


def _settle(row: OutboxRow, error: str | None) -> None:
    if error is None:
        db.session.delete(row)
        return
    row.tries += 1
    row.error = error
    row.due_at = clock.now() + timedelta(seconds=min(3600, 2**row.tries))


def drain() -> int:
    """Deliver everything that is due now; how many rows were tried. For commands and tests."""
    total = 0
    while count := deliver():
        total += count
    return total


def newest() -> int:
    """The number of the newest row; 0 for an empty outbox."""
    return db.session.scalar(sa.select(sa.func.max(OutboxRow.id))) or 0


def covered(kind: str, up_to: int) -> None:
    """Drop the due rows of `kind` up to a number: something larger has done their work (a rebuilt index)."""
    db.session.rollback()
    due = sa.delete(OutboxRow).where(OutboxRow.kind == kind, OutboxRow.id <= up_to, OutboxRow.due_at <= clock.now())
    with writing():
        db.session.execute(due)
        db.session.commit()


@contextmanager
def _only_one(path: Path) -> Iterator[IO[str] | None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield None
            return
        yield file


def _work(app: Flask) -> None:
    lock = Path(app.config["INSTANCE"]) / "outbox.lock"
    while True:
        _wake.wait(timeout=app.config["OUTBOX_PAUSE_SECONDS"])
        _wake.clear()
        try:
            with app.app_context(), _only_one(lock) as mine:
                if mine:
                    run_chores()
                while mine and deliver():
                    pass
        except Exception:
            log.exception("the outbox could not be read; trying again")


def start(app: Flask) -> None:
    """Start this process's drainer on its first request, once, unless OUTBOX is `manual`."""
    started = threading.Lock()

    def begin() -> None:
        if app.config["OUTBOX"] == "thread" and started.acquire(blocking=False):
            threading.Thread(target=_work, args=(app,), daemon=True, name="outbox").start()
            _wake.set()

    app.before_request(begin)
