"""Helpers: an index that belongs to this test, and counting statements."""

from __future__ import annotations

import shutil

import pytest
import sqlalchemy as sa

from matchhub.core import outbox
from matchhub.core.db import command, db
from matchhub.domain import lifecycle, reference
from matchhub.search import site


@command
def _mark(rows):
    for row in rows:
        lifecycle.touch(row)


@pytest.fixture
def index(app):
    """`index(*rows)` brings rows into a fresh index."""
    shutil.rmtree(app.config["INSTANCE"] / "index", ignore_errors=True)
    site.reindex()

    def bring(*rows):
        _mark(rows)
        outbox.drain()

    yield bring
    shutil.rmtree(app.config["INSTANCE"] / "index", ignore_errors=True)


@pytest.fixture
def count(app):
    """`count(deed)` is the number of SQL statements that `deed` sends, reference data aside."""

    def run(deed):
        sent = []

        def note(_connection, _cursor, statement, *_more):
            sent.append(statement)

        reference.codes("field")
        sa.event.listen(db.engine, "before_cursor_execute", note)
        try:
            deed()
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", note)
        return len([one for one in sent if not one.startswith(("PRAGMA", "BEGIN", "SET TRANSACTION"))])

    return run


@pytest.fixture
def page(client_as):
    """`page(address)` is the text of a page as a visitor sees it, found words unmarked."""
    visitor = client_as(None)

    def read(address, **more):
        answer = visitor.get(address, **more)
        assert answer.status_code == 200, answer.status_code
        return answer.get_data(as_text=True).replace("<mark>", "").replace("</mark>", "")

    return read
