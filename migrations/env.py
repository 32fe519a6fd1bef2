"""Runs the migrations on the application's own engine, and puts every guard back at the end."""

from __future__ import annotations

from alembic import context

import matchhub.domain.models  # noqa: F401 - every table must be known
from matchhub.core import guards
from matchhub.core.db import db

engine = db.engine
# A pooled connection may still hold a statement or an old schema.
engine.dispose()
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
        guards.ensure(connection)
    connection.commit()
