"""What the search keeps in memory of each segment: the facts of its documents, as plain columns.

A segment's files never change (only its list of deleted documents does), so the columns are read once per segment
and shared by all requests; facets are counted and filters applied on them in C, without touching the disk.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from whoosh.codec.whoosh3 import W3LeafMatcher
from whoosh.matching.wrappers import FilterMatcher
from whoosh.reading import SegmentReader, TermNotFound

from matchhub.search.engine import SearchDoc, digest, facet_values, labels_of, seconds

Values = tuple[str, ...]
_NO_DATE = float("-inf")


def facts(doc: SearchDoc) -> bytes:
    """Return the row of facts that is kept in the index for `doc`."""
    row = (
        doc.key, digest(doc), sorted(labels_of(doc)), facet_values(doc),
        seconds(doc.date), seconds(doc.deadline, end_of_day=True), int(doc.open),
    )  # fmt: skip
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


@dataclass(slots=True)
class Columns:
    """The facts of a segment's documents, each list indexed by the document's number in the segment."""

    keys: list[str] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    labels: list[Values] = field(default_factory=list)
    facets: dict[str, dict[int, Values]] = field(default_factory=dict)
    dates: list[float] = field(default_factory=list)
    deadlines: list[float | None] = field(default_factory=list)
    open: list[bool] = field(default_factory=list)
    _by_label: dict[str, set[int]] = field(default_factory=dict)
    _holders: dict[str, dict[str, set[int]]] = field(default_factory=dict)

    def visible(self, labels: frozenset[str]) -> set[int]:
        """Return the numbers of the documents that somebody with `labels` may see."""
        if not self._by_label:
            table: dict[str, set[int]] = {}
            for number, own in enumerate(self.labels):
                for label in own:
                    table.setdefault(label, set()).add(number)
            self._by_label = table
        return set().union(*(self._by_label.get(label, ()) for label in labels))

    def holders(self, facet: str, values: Iterable[str]) -> set[int]:
        """Return the numbers of the documents that have one of `values` in `facet`."""
        table = self._holders.get(facet)
        if table is None:
            table = {}
            for number, own in self.facets.get(facet, {}).items():
                for value in own:
                    table.setdefault(value, set()).add(number)
            self._holders[facet] = table
        return set().union(*(table.get(value, ()) for value in values))

    def is_open(self, number: int, now: float) -> bool:
        """Say whether a call is still open at `now` (seconds)."""
        deadline = self.deadlines[number]
        return self.open[number] and (deadline is None or deadline >= now)

    def count(self, facet: str, numbers: set[int]) -> Counter[str]:
        """Count the values of `facet` over the given documents."""
        column = self.facets.get(facet, {})
        counted: Counter[str] = Counter()
        for values, times in Counter(map(column.get, numbers)).items():
            for value in values or ():
                counted[value] += times
        return counted


def read_columns(reader: SegmentReader) -> Columns:
    """Read the facts of a segment; costs about 5 µs per document, once."""
    columns = Columns()
    shared: dict[Values, Values] = {}
    for number, raw in enumerate(reader.column_reader("facts", translate=False)):
        key, fingerprint, labels, facets, date, deadline, is_open = json.loads(raw)
        own = tuple(map(intern, labels))
        columns.keys.append(key)
        columns.digests.append(fingerprint)
        columns.labels.append(shared.setdefault(own, own))
        columns.dates.append(_NO_DATE if date is None else date)
        columns.deadlines.append(deadline)
        columns.open.append(bool(is_open))
        for name, each in facets.items():
            values = tuple(each)
            columns.facets.setdefault(intern(name), {})[number] = shared.setdefault(values, values)
    return columns


class Segment:
    """One segment of an open index, for the length of one request."""

    def __init__(self, reader: SegmentReader, columns: Columns) -> None:
        self._reader = reader
        self.columns = columns
        self.deleted: frozenset[int] = frozenset(reader.segment().deleted_docs())
        self._spines: Any = None

    def postings(self, term: str) -> dict[int, float]:
        """Return the weight of `term` in each document that has it (deleted ones may be among them)."""
        try:
            matcher = self._reader.postings("text", term)
        except TermNotFound:
            return {}
        if isinstance(matcher, FilterMatcher):
            matcher = matcher.child
        return _read_blocks(matcher)

    def spine(self, number: int) -> str:
        """Return the text of a document in which quoted phrases are looked up."""
        if self._spines is None:
            self._spines = self._reader.column_reader("spine", translate=False)
        return bytes(self._spines[number]).decode("utf-8", "replace")

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
