"""How the work of the public list of needs grows with the number of needs: steps of the database's machine.

Steps are the same in every run, whatever else the machine does. The slope is that of a line through the logarithms: 0 means
that a list of a hundred times as many needs costs the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pysqlite3
import sqlalchemy as sa
from flask import Flask

from bench import instance
from bench.table import Row

SIZES = (1_000, 10_000, 100_000)
MOST_SLOPE = 0.05
PAGES = {"first page": "/needs", "the newest first": "/needs?sort=newest", "tenth page": "/needs?page=10"}


def run(folder: Path) -> list[Row]:
    """Fills the database of `folder` with needs: call it last."""
    app = instance.make_app(folder, KEEP_PAGES=False)
    steps: dict[str, list[int]] = {name: [] for name in PAGES}
    for size in SIZES:
        _fill(app, folder / "matchhub.sqlite", size)
        for name, url in PAGES.items():
            steps[name].append(_steps(app, url))
    return [row for name, found in steps.items() for row in _rows(name, found)]


def _rows(name: str, found: list[int]) -> Iterator[Row]:
    slope = math.log(found[-1] / found[0]) / math.log(SIZES[-1] / SIZES[0])
    told = " / ".join(f"{count:,}" for count in found)
    yield Row(f"{name}: slope", slope, "", f"{told} steps", most=MOST_SLOPE)


def _fill(app: Flask, path: Path, size: int) -> None:
    """Copies of one open need until there are `size`, each published a minute before the last."""
    from matchhub.core.db import db
    from matchhub.domain.models import Need, NeedState

    with app.app_context():
        model = db.session.execute(
            sa.select(Need.__table__).where(Need.state == NeedState.OPEN).order_by(Need.closes_at.desc())
        ).first()
        assert model is not None
        pattern, there = dict(model._mapping), db.session.scalar(sa.select(sa.func.count(Need.id))) or 0
        db.session.remove()
        insert = Need.__table__.insert()  # type: ignore[attr-defined]
        with db.engine.begin() as connection:
            rows = (_copy(pattern, number) for number in range(there, size))
            while batch := list(islice(rows, 5_000)):
                connection.execute(insert, batch)
    with closing(pysqlite3.connect(str(path))) as bare:
        bare.execute("ANALYZE")


def _copy(pattern: dict[str, Any], number: int) -> dict[str, Any]:
    earlier = pattern["published_at"] - timedelta(minutes=number)
    mine = {"ref": f"XQ-2000-{number:06d}", "published_at": earlier}
    return {name: value for name, value in pattern.items() if name != "id"} | mine


def _steps(app: Flask, url: str) -> int:
    """Steps of all statements of one page."""
    from matchhub.core.db import db

    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    def watch(_connection: Any, cursor: Any, *_more: Any) -> None:
        cursor.connection.set_progress_handler(count, 1)

    with app.app_context():
        engine = db.engine
    client = app.test_client()
    client.get(url)
    sa.event.listen(engine, "before_cursor_execute", watch)
    try:
        counted[0] = 0
        assert client.get(url).status_code == 200
    finally:
        sa.event.remove(engine, "before_cursor_execute", watch)
        engine.dispose()
    return counted[0]
