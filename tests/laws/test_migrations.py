"""Law 8: the migrations build exactly the models with all their guards, up and down, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from matchhub import create_app
from matchhub.core import guards
from matchhub.core.db import db


@pytest.fixture
def empty(database_url, tmp_path):
    """An application on an empty database of the same kind."""
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    if database_url.startswith("postgresql"):
        admin = sa.create_engine(database_url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(sa.text("DROP DATABASE IF EXISTS migrated"))
            connection.execute(sa.text("CREATE DATABASE migrated"))
        admin.dispose()
        url = database_url.rsplit("/", 1)[0] + "/migrated"
    app = create_app({"TESTING": True, "DATABASE_URL": url, "INSTANCE": tmp_path, "OUTBOX": "manual"})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def differences():
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, db.metadata)


def test_up_builds_the_models_and_down_removes_them(empty):
    upgrade()
    assert differences() == []
    with db.engine.connect() as connection:
        assert guards.missing(connection) == []
    downgrade(revision="base")
    left = set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}
    assert left == set()
    upgrade()
    assert differences() == []
    with db.engine.connect() as connection:
        assert guards.missing(connection) == []
