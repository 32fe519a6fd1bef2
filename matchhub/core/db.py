"""The database handle, and the one place where a transaction that writes begins and ends.

Everything outside a `@command` during a request runs in a read-only transaction, on SQLite and on PostgreSQL, so no
page can change anything by being looked at. A command opens its own transaction: `BEGIN IMMEDIATE` on SQLite, an
advisory lock on PostgreSQL. Writers therefore queue on both databases, and what a command has checked is still true
when it writes (docs/decisions/0002-one-writer.md).
"""

from __future__ import annotations

import enum
import random
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from matchhub.core.errors import Stale
from matchhub.core.i18n import _

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
WRITER_LOCK = 7201
ATTEMPTS = 4

P = ParamSpec("P")
R = TypeVar("R")

# A `Mapped[SomeEnum]` column holds the member's value, and the database refuses any other.
VALUES = sa.Enum(
    enum.Enum,
    values_callable=lambda members: [member.value for member in members],
    native_enum=False,
    create_constraint=True,
    length=32,
)


class Base(DeclarativeBase):
    registry = registry(
        type_annotation_map={enum.Enum: VALUES, dict[str, Any]: sa.JSON, list[Any]: sa.JSON},
        metadata=MetaData(naming_convention=NAMES),
    )


db = SQLAlchemy(model_class=Base)

# "read": transactions may not write. "write": they may, and wait for their turn at once.
tx_mode: ContextVar[str] = ContextVar("tx_mode", default="write")
commands_allowed: ContextVar[bool] = ContextVar("commands_allowed", default=True)

SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "recursive_triggers=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "secure_delete=ON",
)


def listen(engine: Engine, synchronous: str = "FULL") -> None:
    """Give every connection of `engine` the settings and every transaction the kind that this module promises."""
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def on_connect(connection: Any, _record: Any) -> None:
            connection.isolation_level = None  # the driver must not send BEGIN by itself
            cursor = connection.cursor()
            for pragma in (*SQLITE_PRAGMAS, f"synchronous={synchronous}"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    event.listen(engine, "begin", _begin)


def _begin(connection: Connection) -> None:
    writing = tx_mode.get() == "write"
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
    elif writing:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
    else:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def after_commit(step: Callable[[], None]) -> None:
    """Run `step` once the present command has been committed; never when it was undone."""
    db.session.info.setdefault("after_commit", []).append(step)


def before_commit(step: Callable[[list[Any]], None], given: Any) -> None:
    """Call `step` once with all that was given to it, in the present command, right before its commit.

    An error in it undoes the command.
    """
    db.session.info.setdefault("before_commit", {}).setdefault(step, []).append(given)


_answers: WeakKeyDictionary[Any, dict[Hashable, Any]] = WeakKeyDictionary()


def once(key: Hashable, read: Callable[[], R]) -> R:
    """`read()`, asked once in a read-only transaction, in which nothing can change; a command always asks anew.

    Whoever is given the answer must not change it.
    """
    transaction = db.session().get_transaction() if tx_mode.get() == "read" else None
    if transaction is None:
        return read()
    known = _answers.setdefault(transaction, {})
    if key not in known:
        known[key] = read()
    return known[key]


@contextmanager
def writing() -> Iterator[None]:
    """Transactions that begin inside may write."""
    token = tx_mode.set("write")
    try:
        yield
    finally:
        tx_mode.reset(token)


_queue = threading.Lock()


def _turn() -> AbstractContextManager[Any]:
    """Held while a command writes to SQLite, whose own waiting is a lottery: under load some never draw their turn.

    The lock queues the threads of a process; between processes SQLite's busy timeout decides. PostgreSQL queues itself.
    """
    return _queue if db.engine.dialect.name == "sqlite" else nullcontext()


def _must_wait(error: OperationalError) -> bool:
    words = str(error.orig).lower()
    return "locked" in words or "deadlock" in words or "serialize" in words


def command(deed: Callable[P, R]) -> Callable[P, R]:
    """Make `deed` one transaction: commit on return, undo on any error, then run what `after_commit` queued.

    Rows that the caller has loaded are read again inside the transaction before the first use. A command never calls
    another command; they share plain functions. Raises `Stale` when somebody else changed the same row meanwhile.
    """

    @wraps(deed)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        info = db.session.info
        if not commands_allowed.get():
            raise RuntimeError(f"{deed.__name__} was called while only looking (GET)")
        if info.get("command"):
            raise RuntimeError(f"{deed.__name__} was called inside {info['command']}")
        db.session.rollback()  # end the read-only transaction: whoever waits for a turn holds no connection meanwhile
        with writing(), _turn():
            result, steps = _attempt(deed, args, kwargs)
        for step in steps:
            step()
        return result

    return run


def _attempt(deed: Callable[..., R], args: Any, kwargs: Any) -> tuple[R, list[Callable[[], None]]]:
    info = db.session.info
    for attempt in range(1, ATTEMPTS + 1):
        db.session.rollback()  # all that follows sees the newest rows
        info["command"], info["after_commit"], info["before_commit"] = deed.__name__, [], {}
        try:
            result = deed(*args, **kwargs)
            for step, given in info["before_commit"].items():
                step(given)
            _commit()
            return result, info["after_commit"]
        except StaleDataError as error:
            db.session.rollback()
            raise Stale(_("别人刚刚改过这条记录，请刷新页面后再试。")) from error
        except OperationalError as error:
            db.session.rollback()
            if attempt == ATTEMPTS or not _must_wait(error):
                raise
            time.sleep(0.05 * attempt + random.random() * 0.05)  # noqa: S311 - only spreads waiting writers
        except BaseException:
            db.session.rollback()
            raise
        finally:
            info["command"] = None
    raise AssertionError("unreachable")


def _commit() -> None:
    """Commit; every row is read again at its next use, but for its reference, which never changes.

    Most deeds end in the address of what they were done to, and need nothing else of it.
    """
    named = [(row, row.__dict__["ref"]) for row in db.session if "ref" in row.__dict__]
    db.session.commit()
    for row, ref in named:
        set_committed_value(row, "ref", ref)
