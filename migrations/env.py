"""Runs the migrations on the application's own engine, without the guards; checks and guards are put right at the end."""

from __future__ import annotations

from alembic import context

import matchhub.domain.models  # noqa: F401 - every table must be known
from matchhub.core import checks, guards
from matchhub.core.db import db
from matchhub.core.vault import AtRest


def ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Not the tables of the search engine `database`: they are a copy that a rebuild makes."""
    return not (kind == "table" and (name or "").startswith("search_"))


def as_stored(kind: str, item: object, _context: object) -> str | bool:
    """What is encrypted by the program is plain JSON to the database; a migration must not depend on the program."""
    return "sa.JSON()" if kind == "type" and isinstance(item, AtRest) else False


engine = db.engine
# A pooled connection may still hold a statement or an old schema.
engine.dispose()
with engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        # Batch mode builds a table anew and drops the old one, which others may point to. The driver itself is asked,
        # since inside a transaction the setting would change nothing.
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        include_object=ours,
        render_item=as_stored,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        guards.drop(connection)
        context.run_migrations()
        checks.ensure(connection)
        guards.ensure(connection)
        if connection.dialect.name == "sqlite" and (
            lost := connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        ):
            raise RuntimeError(f"the migration would leave rows that point nowhere: {lost[:5]}")
    connection.commit()
    connection.invalidate()
