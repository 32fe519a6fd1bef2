"""What the search keeps in memory of its documents: their facts as plain columns.

Facets are counted and filters applied on them in C, without touching the disk.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from matchhub.search.engine import SearchDoc, digest, facet_values, labels_of, seconds

Values = tuple[str, ...]
_NO_DATE = float("-inf")
_shared: dict[Values, Values] = {}


def facts(doc: SearchDoc) -> bytes:
    """Return the row of facts that is kept in the index for `doc`."""
    row = (
        doc.key, digest(doc), sorted(labels_of(doc)), facet_values(doc),
        seconds(doc.date), seconds(doc.deadline, end_of_day=True), int(doc.open),
    )  # fmt: skip
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


@dataclass(slots=True)
class Columns:
    """The facts of documents, each column by the document's number in its segment."""

    keys: dict[int, str] = field(default_factory=dict)
    digests: dict[int, str] = field(default_factory=dict)
    labels: dict[int, Values] = field(default_factory=dict)
    facets: dict[str, dict[int, Values]] = field(default_factory=dict)
    dates: dict[int, float] = field(default_factory=dict)
    deadlines: dict[int, float | None] = field(default_factory=dict)
    open: dict[int, bool] = field(default_factory=dict)
    _by_label: dict[str, set[int]] = field(default_factory=dict)
    _holders: dict[str, dict[str, set[int]]] = field(default_factory=dict)

    def add(self, number: int, raw: bytes | str) -> None:
        """Take in the facts of a document; costs about 5 µs."""
        key, fingerprint, labels, facets, date, deadline, is_open = json.loads(raw)
        self.keys[number] = key
        self.digests[number] = fingerprint
        self.labels[number] = _one(tuple(map(intern, labels)))
        self.dates[number] = _NO_DATE if date is None else date
        self.deadlines[number] = deadline
        self.open[number] = bool(is_open)
        for name, values in facets.items():
            self.facets.setdefault(intern(name), {})[number] = _one(tuple(values))

    def changed(self, added: Mapping[int, bytes | str], gone: Iterable[int]) -> Columns:
        """Return columns with other documents; these stay as they are, since others may be reading them."""
        columns = Columns(
            dict(self.keys), dict(self.digests), dict(self.labels),
            {name: dict(column) for name, column in self.facets.items()},
            dict(self.dates), dict(self.deadlines), dict(self.open),
        )  # fmt: skip
        every: list[dict[int, Any]] = [
            columns.keys, columns.digests, columns.labels, columns.dates, columns.deadlines, columns.open,
            *columns.facets.values(),
        ]  # fmt: skip
        for number in gone:
            for column in every:
                column.pop(number, None)
        for number, raw in added.items():
            columns.add(number, raw)
        return columns

    def visible(self, labels: frozenset[str]) -> set[int]:
        """Return the numbers of the documents that somebody with `labels` may see."""
        if not self._by_label:
            table: dict[str, set[int]] = {}
            for number, own in self.labels.items():
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


def _one(values: Values) -> Values:
    """The same tuple for equal values: there are few different ones."""
    return _shared.setdefault(values, values)
