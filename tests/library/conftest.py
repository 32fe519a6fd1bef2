"""Helpers of the library's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from matchhub.core.db import db


@pytest.fixture
def client(client_as):
    """A visitor."""
    return client_as(None)


@pytest.fixture
def count(app) -> Iterator[Callable[[Callable[[], object]], int]]:
    """`count(deed)` is the number of SQL statements that `deed` sends."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_rest):
        sent.append(statement)

    def counted(deed: Callable[[], object]) -> int:
        del sent[:]
        deed()
        return len(sent)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    yield counted
    sa.event.remove(engine, "before_cursor_execute", note)
