"""What a search costs on generated documents, in the process that asks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pysqlite3
import sqlalchemy as sa

from bench import generate, raw, seeing
from bench.table import Row, percentile
from matchhub.core.db import listen
from matchhub.search import SearchIndex, SearchQuery, open_index
from matchhub.search.database_index import DatabaseIndex
from matchhub.search.text import Analyzer
from matchhub.search.whoosh_index import WhooshIndex
from tests import postgresql

WORDS = (("曹杨新村",), (("加梯", "加装电梯"),))
# p95 by engine, up to 10,000 documents and for 30,000.
P95_MS = {"whoosh": (20.0, 40.0), "database": (8.0, 15.0)}
VISIBLE_MS = 1_000.0
HOSTILE_MS = 500.0


def run(folder: Path, sizes: Iterable[int]) -> Iterator[tuple[str, list[Row]]]:
    """One table per number of documents and engine; CPU of this process (of PostgreSQL's too: the clock on the wall)."""
    sizes = tuple(sizes)
    for size in sizes:
        place = folder / f"index-{size}"
        whoosh = open_index(place / "whoosh", *WORDS)
        another = partial(WhooshIndex, place / "whoosh", Analyzer(*WORDS))
        yield f"Search: {size:,} generated documents, whoosh", list(_measured(whoosh, another, "whoosh", size))
        url = f"sqlite:///{place / 'search.sqlite'}"
        with in_database(url) as database:
            another = partial(_opened, url)
            yield f"Search: {size:,} generated documents, FTS5", list(_measured(database, another, "database", size))
    if postgresql.is_there():
        with postgresql.cluster(folder) as url, in_database(url) as database:
            size = min(sizes)
            rows = list(_measured(database, partial(_opened, url), "PostgreSQL", size))
            yield f"Search: {size:,} generated documents, tsvector", rows


def _opened(url: str) -> SearchIndex:
    """The index in this database, with the settings of the site's."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(url, module=pysqlite3)
    else:
        engine = sa.create_engine(url)
    listen(engine)
    index = DatabaseIndex(engine.begin, engine.begin, Analyzer(*WORDS))
    index.engine = engine  # type: ignore[attr-defined]
    return index


@contextmanager
def in_database(url: str) -> Iterator[SearchIndex]:
    """An index in a database of its own."""
    index = _opened(url)
    yield index
    index.engine.dispose()  # type: ignore[attr-defined]


def _measured(index: SearchIndex, another: Callable[[], SearchIndex], engine: str, size: int) -> Iterator[Row]:
    cost = _clock if engine == "PostgreSQL" else time.process_time
    before = cost()
    index.rebuild(generate.documents(size))
    yield Row("building the index", cost() - before, "s")
    index.search(SearchQuery("预热", frozenset({"public"})))
    plain = [_cost(index, text, cost) for text in generate.questions()]
    filtered = [_cost(index, text, cost, filters={"field": ["A", "B"]}) for text in generate.questions()]
    asked = plain + filtered
    bare = percentile(raw.costs(index, generate.questions(), cost), 0.95)
    p95 = percentile(asked, 0.95)
    yield Row(f"{len(asked)} questions, p50", percentile(asked, 0.5), "ms")
    yield Row(f"{len(asked)} questions, p95", p95, "ms", most=target(engine, size))
    yield Row("the same against the bare engine's first page, p95", p95, "ms", f"{bare:.2f} ms", p95 / bare)
    yield Row(f"{len(asked)} questions, slowest", max(asked), "ms")
    hostile = [_cost(index, text, cost) for text in generate.HOSTILE]
    yield Row(f"{len(hostile)} hostile questions, slowest", max(hostile), "ms", most=HOSTILE_MS)
    yield Row("one changed document, written and durable, p95", percentile(_writes(index, cost), 0.95), "ms")
    if hasattr(index, "engine"):
        index.engine.dispose()  # the process that looks must not share a connection
    seen = percentile(seeing.delays(index, another), 0.95)
    yield Row("until another process finds it (wall), p95", seen, "ms", most=VISIBLE_MS)


def target(engine: str, size: int) -> float | None:
    """The p95 to reach, in ms of CPU; PostgreSQL's is not counted here."""
    return P95_MS[engine][size > 10_000] if engine in P95_MS else None


def _clock() -> float:
    return time.perf_counter()


def _cost(index: SearchIndex, text: str, cost: Callable[[], float], **more: Any) -> float:
    before = cost()
    index.search(SearchQuery(text, frozenset({"public"}), **more))
    index.marks(text)
    return (cost() - before) * 1000


def _writes(index: SearchIndex, cost: Callable[[], float]) -> list[float]:
    costs = []
    for doc in generate.documents(60, seed=9):
        before = cost()
        index.apply([doc])
        costs.append((cost() - before) * 1000)
        index.tidy()
    return costs
