"""Law 8: the migrations build exactly the models with all their guards, up and down, on both databases."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy.exc import IntegrityError

from matchhub import create_app
from matchhub.core import checks, guards
from matchhub.core.db import db
from matchhub.domain.models import Need, NeedState


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


def test_a_filled_site_keeps_every_row(empty):
    """An installation of the first release, with a row in every table, is brought up to date without a loss."""
    upgrade(revision="0001")
    before = fill()
    upgrade()
    assert differences() == []
    with db.engine.connect() as connection:
        assert guards.missing(connection) == []
        assert checks.outdated(connection) == []
        for table, rows in before.items():
            kept = connection.execute(sa.text(f'SELECT {", ".join(rows[0])} FROM "{table}"')).mappings().all()
            assert [dict(row) for row in kept] == rows, table


def test_a_column_of_words_takes_the_words_of_today(empty):
    """An older table knew fewer states; after the upgrade it takes all of them, and still no other."""
    upgrade()
    with db.engine.begin() as connection:
        guards.drop(connection)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE need DROP CONSTRAINT ck_need_needstate")
            connection.exec_driver_sql("ALTER TABLE need ADD CONSTRAINT ck_need_needstate CHECK (state IN ('draft'))")
        else:
            found = next(c for c in checks._checks(connection) if c.name == "ck_need_needstate")
            old = checks.Check("need", found.name, found.text, "state", ("draft",))
            checks._in_schema(connection, old)
        assert [check.name for check in checks.outdated(connection)] == ["ck_need_needstate"]
        checks.ensure(connection)
        assert checks.outdated(connection) == []
        guards.ensure(connection)
    db.engine.dispose()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO section (code, name_zh, name_en, sort) VALUES ('zzb', 'x', 'x', 0)")
    for state in NeedState:
        put(state.value)
    with pytest.raises(IntegrityError):
        put("nonsense")


def put(state):
    need = {c.name: value_for(c) for c in Need.__table__.columns if not c.nullable}
    need |= {"ref": f"XQ-{state}", "section_code": "zzb", "state": state}
    need.pop("id")
    names = ", ".join(need)
    with db.engine.begin() as connection:
        connection.execute(
            sa.text(f"INSERT INTO need ({names}) VALUES ({', '.join(':' + name for name in need)})"),
            {name: "{}" if value == {} else value for name, value in need.items()},
        )


def fill():
    """One row in every table as the database describes it; what was stored, by table."""
    found = sa.MetaData()
    found.reflect(db.engine)
    stored = {}
    with db.engine.begin() as connection:
        guards.drop(connection)
        for table in found.sorted_tables:
            if table.name == "alembic_version":
                continue
            allowed = words_of(connection, table)
            wanted = (column for column in table.columns if not column.nullable)
            connection.execute(table.insert().values({c.name: allowed.get(c.name) or value_for(c) for c in wanted}))
            names = ", ".join(c.name for c in table.columns)
            rows = connection.execute(sa.text(f'SELECT {names} FROM "{table.name}"')).mappings().all()
            stored[table.name] = [dict(row) for row in rows]
        guards.ensure(connection)
    return stored


def words_of(connection, table):
    """By column the first word of those that its check allows: the start of its life, where it has one."""
    found = {}
    for check in sa.inspect(connection).get_check_constraints(table.name):
        # SQLite: state IN ('draft', …); PostgreSQL: ((state)::text = ANY (… 'draft'::character varying …
        if listed := re.match(r"\W*(\w+)\)?(?:::text)? (?:IN|= ANY)\W.*?'(\w+)'", check["sqltext"]):
            found[listed[1]] = listed[2]
    return found


def value_for(column):
    """A value that the column takes; 1 and "1" fit every reference between the rows."""
    kinds = {sa.Boolean: False, sa.DateTime: datetime(2026, 1, 5, 4, 0), sa.Date: date(2026, 1, 5), sa.JSON: {}}
    for kind, value in kinds.items():
        if isinstance(column.type, kind):
            return value
    return 1 if isinstance(column.type, sa.Integer | sa.Numeric) else "1"
