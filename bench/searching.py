"""What a search costs on generated documents, in the process that asks."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench import generate
from bench.table import Row, percentile
from matchhub.search import SearchQuery, open_index

P95_MS = {1_000: 20.0, 10_000: 20.0}
HOSTILE_MS = 500.0


def run(folder: Path, sizes: Iterable[int]) -> Iterator[tuple[str, list[Row]]]:
    """One table per number of documents; CPU of this process."""
    for size in sizes:
        yield f"Search: {size:,} generated documents, Whoosh", list(_measured(folder / f"index-{size}", size))


def _measured(place: Path, size: int) -> Iterator[Row]:
    index = open_index(place, ["曹杨新村"], [["加梯", "加装电梯"]])
    before = time.process_time()
    index.rebuild(generate.documents(size))
    yield Row("building the index", time.process_time() - before, "s")
    index.search(SearchQuery("预热", frozenset({"public"})))
    plain = [_cost(index, text) for text in generate.questions()]
    filtered = [_cost(index, text, filters={"field": ["A", "B"]}) for text in generate.questions()]
    asked = plain + filtered
    yield Row(f"{len(asked)} questions, p50", percentile(asked, 0.5), "ms")
    yield Row(f"{len(asked)} questions, p95", percentile(asked, 0.95), "ms", most=P95_MS[size])
    yield Row(f"{len(asked)} questions, slowest", max(asked), "ms")
    hostile = [_cost(index, text) for text in generate.HOSTILE]
    yield Row(f"{len(hostile)} hostile questions, slowest", max(hostile), "ms", most=HOSTILE_MS)
    yield Row("one changed document, written and durable, p95", percentile(_writes(index, size), 0.95), "ms")


def _cost(index, text: str, **more) -> float:  # type: ignore[no-untyped-def]
    before = time.process_time()
    index.search(SearchQuery(text, frozenset({"public"}), **more))
    index.marks(text)
    return (time.process_time() - before) * 1000


def _writes(index, size: int) -> list[float]:  # type: ignore[no-untyped-def]
    costs = []
    for doc in generate.documents(20, seed=9):
        before = time.process_time()
        index.apply([doc])
        costs.append((time.process_time() - before) * 1000)
    return costs
