"""The segments of a Whoosh index with the columns of their documents.

A segment's files never change (only its list of deleted documents does), so the columns are read once per segment
and shared by all requests.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.matching.wrappers import FilterMatcher
from whoosh.reading import SegmentReader, TermNotFound

from matchhub.search.columns import Columns

# So many documents are always worth merging.
_SMALL = 8


def read_columns(reader: SegmentReader) -> Columns:
    """Read the facts of a segment; costs about 5 µs per document, once."""
    columns = Columns()
    for number, raw in enumerate(reader.column_reader("facts", translate=False)):
        columns.add(number, bytes(raw))
    return columns


class Segment:
    """One segment of an open index, for the length of one request."""

    def __init__(self, reader: SegmentReader, columns: Columns) -> None:
        self._reader = reader
        self.columns = columns
        self.deleted: frozenset[int] = frozenset(reader.segment().deleted_docs())

    def postings(self, term: str) -> dict[int, float]:
        """Return the weight of `term` in each document that has it (deleted ones may be among them)."""
        try:
            matcher = self._reader.postings("text", term)
        except TermNotFound:
            return {}
        if isinstance(matcher, FilterMatcher):
            matcher = matcher.child
        return _read_blocks(matcher)

    def all_of(self, grams: Sequence[str]) -> dict[int, float]:
        """Return the documents that have all `grams`, with the weight of the weakest one."""
        found: dict[int, float] | None = None
        for gram in grams:
            postings = self.postings(gram)
            if found is None:
                found = postings
            else:
                found = {number: min(found[number], postings[number]) for number in found.keys() & postings.keys()}
            if not found:
                break
        return found or {}

    def spines(self, numbers: Iterable[int]) -> Iterator[tuple[int, str]]:
        """Return the text of documents in which quoted phrases are looked up."""
        column = self._reader.column_reader("spine", translate=False)
        return ((number, bytes(column[number]).decode("utf-8", "replace")) for number in numbers)

    def visible(self, labels: frozenset[str]) -> set[int]:
        """Return the living documents that somebody with `labels` may see."""
        found = self.columns.visible(labels)
        return found - self.deleted if self.deleted else found


def _read_blocks(matcher: Any) -> dict[int, float]:
    found: dict[int, float] = {}
    while matcher.is_active():
        if isinstance(matcher, W3LeafMatcher):
            # Whole blocks of 128 postings at a time: ten times faster than asking for one after the other.
            matcher._read_ids()
            matcher._read_weights()
            found.update(zip(matcher._ids, matcher._weights, strict=True))
            matcher._next_block()
        else:
            found[matcher.id()] = matcher.weight()
            matcher.next()
    return found


def merge_small(writer: Any, segments: Sequence[Any]) -> list[Any]:
    """Merge small segments into the one that `writer` makes, larger ones as they are outgrown; return the rest.

    So each document is copied about as often as the index doubles.
    """
    kept, together = [], 0
    for segment in sorted(segments, key=lambda each: each.doc_count_all()):
        if segment.doc_count_all() <= max(_SMALL, 2 * together):
            together += segment.doc_count_all()
            with SegmentReader(writer.storage, writer.schema, segment) as reader:
                writer.add_reader(reader)
        else:
            kept.append(segment)
    return kept


class SegmentCache:
    """The columns of the segments that were last seen; segments that are gone are forgotten."""

    def __init__(self) -> None:
        self._known: Mapping[str, Columns] = {}
        self._lock = threading.Lock()

    def attach(self, directory: str, reader: Any) -> list[Segment]:
        """Return the segments of an open reader with their columns."""
        leaves = [leaf for leaf, _base in reader.leaf_readers() if isinstance(leaf, SegmentReader)]
        names = [f"{directory}/{leaf.segment().segment_id()}" for leaf in leaves]
        known = self._known
        if any(name not in known for name in names):
            with self._lock:
                known = self._known
                known = {name: known.get(name) or read_columns(leaf) for name, leaf in zip(names, leaves, strict=True)}
                self._known = known
        return [Segment(leaf, known[name]) for name, leaf in zip(names, leaves, strict=True)]
