"""The engine `database`: the index in the site's own database, written in the transaction of the record itself.

For sites with several machines or more than 30,000 documents. Ranking, facets and corrections are those of the other
engine; only where the documents with a term are kept differs.
"""

from __future__ import annotations

import json
import logging
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from matchhub.search import database_tables as tables
from matchhub.search.asking import ask, every_key
from matchhub.search.columns import Columns
from matchhub.search.engine import Docs, IndexHealth, IndexUnusable, SearchDoc, SearchPage, SearchQuery
from matchhub.search.suggest import Learner, SuggesterCache, terms_json
from matchhub.search.text import Analyzer, parse_query
from matchhub.search.vocabulary import Vocabulary
from matchhub.search.weights import SUMMARY

log = logging.getLogger(__name__)
Place = Callable[[], AbstractContextManager[Connection]]
# A batch of a rebuild holds the writers' turn for a fraction of a second.
BATCH = 200


@dataclass(frozen=True, slots=True)
class _Memory:
    """The columns of a generation up to a change, and what a term weighs in title and body of each document."""

    generation: int = 0
    change: int = 0
    columns: Columns = field(default_factory=Columns)
    in_title: Mapping[int, int] = field(default_factory=dict)
    in_body: Mapping[int, int] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)

    def later(self, rows: Sequence[tables.Row]) -> _Memory:
        """What is known after these changes."""
        gone = {self.numbers[row.key] for row in rows if row.key in self.numbers}
        added = {row.number: row.facts for row in rows if row.facts is not None}
        columns = self.columns.changed(added, gone)
        return _Memory(
            self.generation,
            max((row.changed for row in rows), default=self.change),
            columns,
            {**self.in_title, **{row.number: row.in_title for row in rows}},
            {**self.in_body, **{row.number: row.in_body for row in rows}},
            {key: number for number, key in columns.keys.items()},
        )


class _Segment:
    """The whole index as one segment, for the length of one request."""

    def __init__(self, generation: tables.Generation, memory: _Memory) -> None:
        self._generation = generation
        self._memory = memory
        self.columns = memory.columns

    def visible(self, labels: frozenset[str]) -> set[int]:
        return self.columns.visible(labels)

    def all_of(self, grams: Sequence[str]) -> dict[int, float]:
        if not grams:
            return {}
        title, summary, anywhere = self._generation.having(grams)
        known = anywhere & self.columns.keys.keys()
        found: dict[int, float] = dict(zip(known, map(self._memory.in_body.__getitem__, known), strict=True))
        for number in summary & known:
            found[number] += SUMMARY
        for number in title & known:
            found[number] += self._memory.in_title[number]
        return found

    def spines(self, numbers: Iterable[int]) -> Iterator[tuple[int, str]]:
        return self._generation.spines(list(numbers))


class DatabaseIndex:
    """A `SearchIndex` in a database. `reading` gives a connection, `writing` one whose transaction holds what it does.

    Called inside a deed, `writing` gives the deed's own connection: then the index changes with the record or not at all.
    """

    def __init__(self, reading: Place, writing: Place, analyzer: Analyzer) -> None:
        self._reading, self._writing = reading, writing
        self.analyzer = analyzer
        self._memory = _Memory()
        self._suggesters = SuggesterCache()
        self._learner = Learner()
        self._lock = threading.Lock()

    # Reading

    def search(self, query: SearchQuery) -> SearchPage:
        """Answer a question; raises `IndexUnusable` when the caller must ask otherwise."""
        with self._reading() as connection:
            generation = self._current(connection)
            segment = _Segment(generation, self._remembered(generation))
            return ask(
                query,
                self.analyzer,
                [segment],
                lambda: self._suggesters.get((generation.number, generation.terms_stamp()), generation.read_terms),
            )

    def keys(self, query: SearchQuery) -> list[str]:
        """Return the keys of everything that answers a question, the newest first."""
        with self._reading() as connection:
            generation = self._current(connection)
            return every_key(query, self.analyzer, [_Segment(generation, self._remembered(generation))])

    def marks(self, text: str) -> tuple[str, ...]:
        """Return the folded words and synonyms that the question `text` marks in a result."""
        return self.analyzer.marks(parse_query(text))

    def digests(self) -> dict[str, str]:
        """Return every indexed key with the digest of what was indexed."""
        with self._reading() as connection:
            columns = self._remembered(self._current(connection)).columns
        return {key: columns.digests[number] for number, key in columns.keys.items()}

    def health(self) -> IndexHealth:
        """Return what state the index is in; never raises."""
        try:
            with self._reading() as connection:
                generation = self._current(connection)
                documents = len(self._remembered(generation).columns.keys)
                return IndexHealth(True, documents, str(generation.number), tables.VERSION, 1, generation.size_bytes())
        except (IndexUnusable, SQLAlchemyError) as error:
            return IndexHealth(False, reason=str(error))

    def _current(self, connection: Connection) -> tables.Generation:
        number = tables.generations(connection).get(tables.CURRENT) if tables.exists(connection) else None
        if number is None:
            raise IndexUnusable("the database has no search tables that this program reads")
        return tables.generation(connection, number)

    def _remembered(self, generation: tables.Generation) -> _Memory:
        """The columns as this connection sees them, or newer: then what it does not see yet is not found either."""
        with self._lock:
            known = self._memory
            if known.generation != generation.number:
                known = _Memory(generation.number)
            if known.change < generation.newest_change():
                known = known.later(generation.changes_since(known.change))
            self._memory = known
            return known

    # Writing

    def write(self, upserts: Sequence[SearchDoc], deletes: Sequence[str] = ()) -> None:
        """Write and delete in the present deed, in every generation; nothing when there is none yet."""
        with self._writing() as connection:
            if tables.exists(connection):
                for number in tables.generations(connection).values():
                    tables.generation(connection, number).write(_living(upserts, deletes), deletes)

    def apply(self, upserts: Sequence[SearchDoc], deletes: Sequence[str] = ()) -> None:
        """Write and delete in one commit, and learn the words; what the deed has written itself is left alone."""
        with self._reading() as connection:
            self._current(connection)
        self.write(upserts, deletes)
        self._learn(_living(upserts, deletes))

    def tidy(self) -> None:
        """FTS5 merges by itself, a little with every write, and so does PostgreSQL."""

    def rebuild(self, docs: Docs) -> int:
        """Build a new generation and swap to it; return the number of documents.

        Deeds go on meanwhile and write into both generations, so what they wrote is never overwritten here.
        """
        number = self._begin()
        vocabulary = Vocabulary(self.analyzer)
        source = iter(vocabulary.reading(docs() if callable(docs) else docs))
        count = 0
        while batch := list(islice(source, BATCH)):
            with self._writing() as connection:
                count += tables.generation(connection, number).write(batch, only_new=True)
        content = terms_json(vocabulary.words()).decode()
        with self._writing() as connection:
            generation = tables.generation(connection, number)
            generation.set_terms(content)
            for other in tables.listed(connection):
                if other != number:
                    tables.generation(connection, other).drop()
            generation.take_over()
        return count

    def _begin(self) -> int:
        """An empty generation beside the current one; what an interrupted rebuild left is thrown away."""
        with self._writing() as connection:
            tables.prepare(connection)
            kept = tables.generations(connection).get(tables.CURRENT)
            for other in tables.listed(connection):
                if other != kept:
                    tables.generation(connection, other).drop()
            # By chance, not the next one: a number must never come twice, not even in a database that was put back.
            number = secrets.randbits(31)
            tables.generation(connection, number).create()
            return number

    def _learn(self, docs: Iterable[SearchDoc]) -> None:
        """Take new words into the vocabulary for corrections; a damaged one is made anew by the next rebuild."""
        vocabulary = Vocabulary(self.analyzer)
        for _doc in vocabulary.reading(docs):
            pass
        try:
            with self._reading() as connection:
                generation = self._current(connection)
                stamp = (generation.number, generation.terms_stamp())
                line = self._learner.line(stamp, generation.read_terms, vocabulary.words())
        except (json.JSONDecodeError, KeyError, TypeError):
            log.exception("the vocabulary for corrections cannot be read; the next rebuild makes it anew")
            return
        if line is not None:
            with self._writing() as connection:
                generation = self._current(connection)
                stamp = (generation.number, generation.add_terms(line.decode()))
            self._learner.appended(stamp)


def _living(upserts: Iterable[SearchDoc], deletes: Iterable[str]) -> list[SearchDoc]:
    """Deletes win over writing."""
    gone = set(deletes)
    return [doc for doc in upserts if doc.key not in gone]
