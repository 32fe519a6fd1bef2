"""What a search costs on generated documents, in the process that asks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3
import sqlalchemy as sa

from bench import generate
from bench.table import Row, percentile
from matchhub.core.db import listen
from matchhub.search import SearchIndex, SearchQuery, open_index
from matchhub.search.database_index import DatabaseIndex
from matchhub.search.text import Analyzer

WORDS = (("曹杨新村",), (("加梯", "加装电梯"),))
# p95 by engine; at 1,000 documents the same as at 10,000.
P95_MS = {"whoosh": 20.0, "database": 8.0}
HOSTILE_MS = 500.0


def run(folder: Path, sizes: Iterable[int]) -> Iterator[tuple[str, list[Row]]]:
    """One table per number of documents and engine; CPU of this process."""
    for size in sizes:
        place = folder / f"index-{size}"
        whoosh = open_index(place / "whoosh", *WORDS)
        yield f"Search: {size:,} generated documents, whoosh", list(_measured(whoosh, "whoosh", size))
        with _in_sqlite(place / "search.sqlite") as database:
            yield f"Search: {size:,} generated documents, database", list(_measured(database, "database", size))


@contextmanager
def _in_sqlite(path: Path) -> Iterator[SearchIndex]:
    """An index in a database of its own, with the settings of the site's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{path}", module=pysqlite3)
    listen(engine)
    yield DatabaseIndex(engine.begin, engine.begin, Analyzer(*WORDS))
    engine.dispose()


def _measured(index: SearchIndex, engine: str, size: int) -> Iterator[Row]:
    before = time.process_time()
    index.rebuild(generate.documents(size))
    yield Row("building the index", time.process_time() - before, "s")
    index.search(SearchQuery("预热", frozenset({"public"})))
    plain = [_cost(index, text) for text in generate.questions()]
    filtered = [_cost(index, text, filters={"field": ["A", "B"]}) for text in generate.questions()]
    asked = plain + filtered
    yield Row(f"{len(asked)} questions, p50", percentile(asked, 0.5), "ms")
    yield Row(f"{len(asked)} questions, p95", percentile(asked, 0.95), "ms", most=P95_MS[engine])
    yield Row(f"{len(asked)} questions, slowest", max(asked), "ms")
    hostile = [_cost(index, text) for text in generate.HOSTILE]
    yield Row(f"{len(hostile)} hostile questions, slowest", max(hostile), "ms", most=HOSTILE_MS)
    yield Row("one changed document, written and durable, p95", percentile(_writes(index), 0.95), "ms")


def _cost(index: SearchIndex, text: str, **more: Any) -> float:
    before = time.process_time()
    index.search(SearchQuery(text, frozenset({"public"}), **more))
    index.marks(text)
    return (time.process_time() - before) * 1000


def _writes(index: SearchIndex) -> list[float]:
    costs = []
    for doc in generate.documents(20, seed=9):
        before = time.process_time()
        index.apply([doc])
        costs.append((time.process_time() - before) * 1000)
    return costs
