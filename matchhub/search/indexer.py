"""What the indexer process does with an index: bounded batches, a rebuild, and the nightly comparison."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from matchhub.search.engine import Docs, IndexHealth, SearchDoc, SearchIndex, digest

# A batch holds the writer's lock for a fraction of a second; a larger one would let others starve.
BATCH = 200


@dataclass(frozen=True, slots=True)
class Drift:
    """How the index differed from the truth: keys that it lacked, had in an old state, or had too many."""

    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale or self.extra)


def apply(index: SearchIndex, upserts: Sequence[SearchDoc], deletes: Sequence[str] = ()) -> None:
    """Write in batches, deletions first (what must not be found comes before what may be)."""
    for start in range(0, len(deletes), BATCH):
        index.apply((), deletes[start : start + BATCH])
    gone = frozenset(deletes)
    wanted = [doc for doc in upserts if doc.key not in gone]
    for start in range(0, len(wanted), BATCH):
        index.apply(wanted[start : start + BATCH])


def rebuild(index: SearchIndex, docs: Docs) -> int:
    """Build the index anew beside the old one and swap; return the number of documents."""
    return index.rebuild(docs)


def health(index: SearchIndex) -> IndexHealth:
    """Return what state the index is in."""
    return index.health()


def reconcile(index: SearchIndex, docs: Iterable[SearchDoc]) -> Drift:
    """Compare the index with the truth, repair what differs, and return what it was.

    Deletions and changes that happen meanwhile are in the outbox and come after this, so nothing is lost.
    """
    known = index.digests()
    missing: list[str] = []
    stale: list[str] = []
    source = iter(docs)
    while batch := list(islice(source, BATCH)):
        differing = []
        for doc in batch:
            old = known.pop(doc.key, None)
            if old != digest(doc):
                differing.append(doc)
                (missing if old is None else stale).append(doc.key)
        apply(index, differing)
    extra = sorted(known)
    apply(index, (), extra)
    index.tidy()
    return Drift(tuple(missing), tuple(stale), tuple(extra))
