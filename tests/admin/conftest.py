"""These tests change reference data, which the other tests take for given: it is put back on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from matchhub.core.db import db, writing
from matchhub.domain.models import AgreementTemplate, Code, Community, Holiday, Rubric, RubricItem, Section, Setting

TABLES = [
    model.__table__ for model in (Section, Community, Code, Setting, Holiday, Rubric, RubricItem, AgreementTemplate)
]


@pytest.fixture(autouse=True)
def reference_data(app: Flask) -> Iterator[None]:
    """On SQLite the whole file is replaced after the test; PostgreSQL keeps these tables from test to test."""
    if db.engine.dialect.name == "sqlite":
        yield
        return
    with db.engine.connect() as connection:
        before = {table: [dict(row._mapping) for row in connection.execute(sa.select(table))] for table in TABLES}
    yield
    db.session.rollback()
    with writing(), db.engine.begin() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        for table, rows in before.items():
            connection.execute(table.delete())
            connection.execute(table.insert(), rows)
        connection.exec_driver_sql("SET session_replication_role = origin")
