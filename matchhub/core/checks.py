"""The words that a column may hold, as the models name them, in a database that an older release has made.

Alembic compares no CHECK: a life with a new state would be refused by a table that is already there. So every migration
ends with `ensure()`, which gives each check of a column of words the words of today.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from matchhub.core.db import Base

WORDS = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Check:
    """The check of one column: its name and text in the database, and the words that it should list."""

    table: str
    name: str
    text: str
    column: str
    words: tuple[str, ...]

    @property
    def wanted(self) -> str:
        listed = ", ".join(f"'{word}'" for word in self.words)
        return f"{self.column} IN ({listed})"


def outdated(connection: Connection) -> list[Check]:
    """The checks whose words are not those of the models."""
    return [check for check in _checks(connection) if set(WORDS.findall(check.text)) != set(check.words)]


def _checks(connection: Connection) -> Iterator[Check]:
    inspector = sa.inspect(connection)
    present = set(inspector.get_table_names())
    for table in Base.metadata.tables.values():
        if table.name not in present:
            continue
        known = {str(found["name"]): found["sqltext"] for found in inspector.get_check_constraints(table.name)}
        for column in table.columns:
            kind = column.type
            name = f"ck_{table.name}_{str(getattr(kind, 'name', '') or '').lower()}"
            if isinstance(kind, sa.Enum) and name in known:
                yield Check(table.name, name, known[name], column.name, tuple(kind.enums))


def ensure(connection: Connection) -> None:
    """Renew every outdated check. Run at the end of each migration, outside of an open cursor."""
    for check in outdated(connection):
        if connection.dialect.name == "sqlite":
            _in_schema(connection, check)
        else:
            connection.exec_driver_sql(
                f'ALTER TABLE "{check.table}" DROP CONSTRAINT "{check.name}", '
                f'ADD CONSTRAINT "{check.name}" CHECK ({check.wanted})'
            )


def _in_schema(connection: Connection, check: Check) -> None:
    """SQLite keeps a table's definition as text; a check may be changed there without building the table anew.

    That is the procedure of https://www.sqlite.org/lang_altertable.html#otheralter for changes that leave the rows alone.
    """
    number = connection.exec_driver_sql("PRAGMA schema_version").scalar_one()
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    try:
        changed = connection.exec_driver_sql(
            "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ? AND instr(sql, ?) > 0",
            (check.text, check.wanted, check.table, check.text),
        )
        if changed.rowcount != 1:
            raise RuntimeError(f"the check {check.name} of {check.table} is not written as it is read: {check.text}")
        connection.exec_driver_sql(f"PRAGMA schema_version={number + 1}")
    finally:
        connection.exec_driver_sql("PRAGMA writable_schema=OFF")
