"""Triggers that keep what must never change, on both databases.

Alembic's batch mode drops triggers on SQLite without a word, so every migration ends with `ensure()` and start-up
compares `missing()`. `INSERT OR REPLACE` walks past delete triggers unless `recursive_triggers` is on and the
insert trigger accepts nothing but the next number: hence all three.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

_PG_REFUSE = """
CREATE OR REPLACE FUNCTION {name}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  {condition}
  RAISE EXCEPTION USING MESSAGE = '{message}', ERRCODE = '23001';
END $$
"""


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuses `events` on `table` when `condition` (SQL over OLD/NEW, empty for always) holds."""

    name: str
    table: str
    events: tuple[str, ...]
    message: str
    condition: str = ""

    def sqlite(self) -> list[str]:
        when = f" WHEN {self.condition}" if self.condition else ""
        return [
            f"CREATE TRIGGER IF NOT EXISTS {self.name}_{event.lower()} BEFORE {event} ON {self.table}{when} "
            f"BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
            for event in self.events
        ]

    def postgresql(self) -> list[str]:
        back = "RETURN OLD;" if self.events == ("DELETE",) else "RETURN NEW;"
        mixed = "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;" if "DELETE" in self.events else back
        condition = f"IF ({self.condition}) IS NOT TRUE THEN {mixed} END IF;" if self.condition else ""
        create = _PG_REFUSE.format(name=self.name, condition=condition, message=self.message)
        return [create] + [
            f"CREATE OR REPLACE TRIGGER {self.name}_{event.lower()} BEFORE {event} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}_refuse()"
            for event in self.events
        ]

    def names(self) -> set[str]:
        return {f"{self.name}_{event.lower()}" for event in self.events}


LEDGER_NEXT = (
    "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM ledger) OR NEW.prev <> "
    "coalesce((SELECT hash FROM ledger ORDER BY seq DESC LIMIT 1), "
    "'0000000000000000000000000000000000000000000000000000000000000000')"
)
GUARDS: list[Guard] = [
    Guard("ledger_fixed", "ledger", ("UPDATE", "DELETE"), "the ledger is append-only"),
    Guard("ledger_next", "ledger", ("INSERT",), "the ledger takes only its next row", LEDGER_NEXT),
]


def register(*guards: Guard) -> None:
    """Add guards of an upper floor; called while its models are imported."""
    known = {guard.name for guard in GUARDS}
    GUARDS.extend(guard for guard in guards if guard.name not in known)


def ensure(connection: Connection) -> None:
    """Create every guard that is not there. Run at the end of each migration."""
    tables = set(sa.inspect(connection).get_table_names())
    for guard in GUARDS:
        if guard.table in tables:
            for statement in getattr(guard, connection.dialect.name)():
                connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Take every guard away: for migrations that rebuild a guarded table, which then call `ensure`."""
    for guard in GUARDS:
        for name in guard.names():
            on = f" ON {guard.table}" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}{on}")
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {guard.name}_refuse()")


def missing(connection: Connection) -> list[str]:
    """Names of the triggers that should be in the database and are not."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    )
    present = {row[0] for row in connection.exec_driver_sql(query)}
    return sorted(name for guard in GUARDS for name in guard.names() if name not in present)
