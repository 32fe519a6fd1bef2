"""Whether this installation is ready to serve: database, migrations, triggers, index and outbox."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from matchhub.core import clock, guards, outbox
from matchhub.core.db import db
from matchhub.core.outbox import TRIES, OutboxRow
from matchhub.search import site

OK, UNMANAGED = "ok", "unmanaged"


@dataclass(slots=True)
class Health:
    """What /healthz answers. `index.lag` and `outbox.waiting` are rows, `lag_seconds` how late the oldest is."""

    status: str = "not_ready"
    database: str = "unreachable"
    migrations: str = "unknown"
    triggers: list[str] = field(default_factory=list)
    index: dict[str, Any] = field(default_factory=lambda: {"usable": False, "documents": 0, "lag": 0, "lag_seconds": 0})
    outbox: dict[str, int] = field(default_factory=lambda: {"waiting": 0, "given_up": 0})

    @property
    def is_ready(self) -> bool:
        return self.status == OK

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@lru_cache(maxsize=4)
def head(folder: str) -> str | None:
    """The newest migration of this program: it cannot change while the program runs."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory(folder).get_current_head()


def _migrations(connection: sa.Connection, folder: str) -> str:
    """`ok`, `unmanaged` (a database that no migration has made) or what is there instead of what should be."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return UNMANAGED
    present = [row[0] for row in connection.exec_driver_sql("SELECT version_num FROM alembic_version")]
    wanted = head(folder)
    return OK if present == [wanted] else f"at {','.join(present) or 'nothing'}, should be {wanted}"


def look(migrations_folder: str) -> Health:
    """Look at everything once; never raises. `triggers` names those that are missing."""
    found = Health()
    try:
        connection = db.session.connection()
        found.migrations = _migrations(connection, migrations_folder)
        found.triggers = guards.missing(connection)
        waiting, given_up = outbox.waiting()
        found.index = _index()
        found.database = OK
    except SQLAlchemyError:
        db.session.rollback()
        return found
    found.outbox = {"waiting": waiting, "given_up": given_up}
    migrated = found.migrations in (OK, UNMANAGED)
    if migrated and not found.triggers and found.index["usable"]:
        found.status = OK
    return found


def _index() -> dict[str, Any]:
    """How far the index is behind: changes that are due and not delivered yet."""
    due = sa.select(sa.func.count(), sa.func.min(OutboxRow.due_at)).where(
        OutboxRow.kind == "index", OutboxRow.tries < TRIES, OutboxRow.due_at <= clock.now()
    )
    lag, oldest = db.session.execute(due).one()
    state = site.health()
    seconds = int((clock.now() - oldest).total_seconds()) if oldest else 0
    return {"usable": state.usable, "documents": state.documents, "lag": lag, "lag_seconds": seconds}
