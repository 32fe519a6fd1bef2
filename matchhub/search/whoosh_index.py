"""The embedded engine: Whoosh 2.7.4 as the store of postings, opened anew for every request.

Whoosh's own searcher is not used: shared between threads it returns wrong totals, and after a refresh its forks keep
showing deleted documents. Each request opens a reader (half a millisecond), and never refreshes one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from whoosh.writing import NO_MERGE

from matchhub.search.asking import ask, every_key
from matchhub.search.columns import facts
from matchhub.search.engine import (
    Docs,
    IndexBusy,
    IndexHealth,
    IndexUnusable,
    SearchDoc,
    SearchPage,
    SearchQuery,
)
from matchhub.search.segments import Segment, SegmentCache, merge_small
from matchhub.search.store import TERMS_FILE, VERSION, Store, append_line, make_durable, replace_file
from matchhub.search.suggest import MAX_LINES, Learner, SuggesterCache, merged, stamp_of, terms_json
from matchhub.search.text import Analyzer, parse_query
from matchhub.search.vocabulary import Vocabulary
from matchhub.search.weights import folded_parts, spine_of, term_weights

log = logging.getLogger(__name__)
T = TypeVar("T")

_WRITER_MEMORY_MB = 64
_REBUILD_MEMORY_MB = 128
# With more segments than MANY `tidy` merges them, with MOST a write does it itself, whatever that takes.
MANY_SEGMENTS, MOST_SEGMENTS = 6, 24
# A commit may remove the files that a reader was about to open; looking again finds the new ones.
_ATTEMPTS = 4


class WhooshIndex:
    """A `SearchIndex` in the directory `path`; safe to share between threads and between processes."""

    def __init__(self, path: Path, analyzer: Analyzer, *, lock_timeout_seconds: float = 10.0) -> None:
        self.store = Store(path)
        self.analyzer = analyzer
        self.lock_timeout_seconds = lock_timeout_seconds
        self._cache = SegmentCache()
        self._suggesters = SuggesterCache()
        self._learner = Learner()
        self._lines = 0

    # Reading

    def search(self, query: SearchQuery) -> SearchPage:
        """Answer a question; raises `IndexUnusable` when the caller must ask the database instead."""
        return self._read(
            lambda segments, directory: ask(
                query, self.analyzer, segments, lambda: self._suggesters.of_file(directory / TERMS_FILE)
            )
        )

    def keys(self, query: SearchQuery) -> list[str]:
        """Return the keys of everything that answers a question, the newest first."""
        return self._read(lambda segments, _directory: every_key(query, self.analyzer, segments))

    def marks(self, text: str) -> tuple[str, ...]:
        """Return the folded words and synonyms that the question `text` marks in a result."""
        return self.analyzer.marks(parse_query(text))

    def digests(self) -> dict[str, str]:
        """Return every indexed key with the digest of what was indexed."""
        return self._read(lambda segments, _directory: _digests(segments))

    def health(self) -> IndexHealth:
        """Return what state the index is in; never raises."""
        try:
            return self._read(_health)
        except IndexUnusable as error:
            return IndexHealth(False, reason=str(error))

    def _read(self, job: Callable[[list[Segment], Path], T]) -> T:
        for attempt in range(_ATTEMPTS):
            try:
                with self._segments() as (segments, directory):
                    return job(segments, directory)
            except IndexUnusable:
                if attempt == _ATTEMPTS - 1:
                    raise
            except Exception as error:
                # Damaged files show as almost any exception, from struct.error to KeyError.
                if attempt == _ATTEMPTS - 1:
                    log.exception("search index cannot be read")
                    raise IndexUnusable(f"search index cannot be read: {error!r}") from error
        raise AssertionError("unreachable")

    @contextmanager
    def _segments(self) -> Iterator[tuple[list[Segment], Path]]:
        with self.store.reading() as (reader, directory):
            yield self._cache.attach(str(directory), reader), directory

    # Writing

    def apply(self, upserts: Sequence[SearchDoc], deletes: Sequence[str] = ()) -> None:
        """Write and delete in one durable commit; raises `IndexBusy` or `IndexUnusable`, then nothing has changed."""
        latest = {doc.key: doc for doc in upserts if doc.key not in set(deletes)}
        gone = [*dict.fromkeys(deletes), *latest]
        if not gone:
            return
        with self.store.writing(self.lock_timeout_seconds):
            directory = self.store.current()
            before = frozenset(each.name for each in directory.iterdir())
            try:
                with self.store.opened(directory) as index:
                    _commit(
                        index,
                        _WRITER_MEMORY_MB,
                        latest.values(),
                        gone,
                        merges=merge_small if _segments(index) >= MOST_SEGMENTS else NO_MERGE,
                    )
            except Exception as error:
                raise IndexUnusable(f"search index cannot be written: {error!r}") from error
            make_durable(directory, before)
            self._learn(directory / TERMS_FILE, latest.values())

    def tidy(self) -> None:
        """Merge small segments when there are many: every write leaves one, and every question pays for each.

        It takes longer than the write itself, so it comes after the write can be seen. May raise like `apply`.
        """
        with self.store.writing(self.lock_timeout_seconds):
            directory = self.store.current()
            before = frozenset(each.name for each in directory.iterdir())
            try:
                with self.store.opened(directory) as index:
                    if _segments(index) <= MANY_SEGMENTS:
                        return
                    _commit(index, _WRITER_MEMORY_MB, merges=merge_small)
            except Exception as error:
                raise IndexUnusable(f"search index cannot be written: {error!r}") from error
            make_durable(directory, before)

    def rebuild(self, docs: Docs) -> int:
        """Build a new generation and swap to it; return the number of documents.

        Pass a function (or a generator) that opens its database snapshot when it is first asked, which happens after
        the lock is held: a snapshot taken earlier could undo a write that was applied in between.
        """
        with self.store.writing(self.lock_timeout_seconds):
            directory, index = self.store.create()
            vocabulary = Vocabulary(self.analyzer)
            source = docs() if callable(docs) else docs
            count = _commit(index, _REBUILD_MEMORY_MB, _unique(vocabulary.reading(source)))
            replace_file(directory / TERMS_FILE, terms_json(vocabulary.words()))
            self.store.point_to(directory)
            return count

    def _learn(self, path: Path, docs: Iterable[SearchDoc]) -> None:
        vocabulary = Vocabulary(self.analyzer)
        for _doc in vocabulary.reading(docs):
            pass
        try:
            line = self._learner.line(stamp_of(path), path.read_bytes, vocabulary.words())
            if line is not None:
                append_line(path, line)
                self._learner.appended(stamp_of(path))
                self._lines += 1
            if self._lines >= MAX_LINES:
                replace_file(path, merged(path.read_bytes()))
                self._lines = 0
        except (OSError, ValueError, KeyError, TypeError):
            log.exception("the vocabulary for corrections cannot be read; the next rebuild makes it anew")


def _segments(index: Any) -> int:
    return len(index._segments())


def _commit(
    index: Any, memory_mb: int, docs: Iterable[SearchDoc] = (), gone: Sequence[str] = (), *, merges: Any = NO_MERGE
) -> int:
    writer = index.writer(limitmb=memory_mb)
    count = 0
    try:
        for key in gone:
            writer.delete_by_term("key", key)
        for doc in docs:
            parts = folded_parts(doc)
            spine = spine_of(parts).encode("utf-8")
            writer.add_document(key=doc.key, text=term_weights(parts), facts=facts(doc), spine=spine)
            count += 1
        writer.commit(mergetype=merges)
    except BaseException:
        _cancel(writer)
        raise
    return count


def _cancel(writer: Any) -> None:
    """Give up a write; without this a failed commit keeps Whoosh's own lock for as long as the process lives."""
    try:
        writer.cancel()
    except Exception:
        log.exception("a failed write could not be cancelled cleanly")
        if writer.writelock:
            writer.writelock.release()


def _unique(docs: Iterable[SearchDoc]) -> Iterator[SearchDoc]:
    seen: set[str] = set()
    for doc in docs:
        if doc.key not in seen:
            seen.add(doc.key)
            yield doc


def _digests(segments: list[Segment]) -> dict[str, str]:
    return {
        key: segment.columns.digests[number]
        for segment in segments
        for number, key in segment.columns.keys.items()
        if number not in segment.deleted
    }


def _health(segments: list[Segment], directory: Path) -> IndexHealth:
    documents = sum(len(segment.columns.keys) - len(segment.deleted) for segment in segments)
    size = sum(each.stat().st_size for each in directory.iterdir())
    return IndexHealth(True, documents, directory.name, VERSION, len(segments), size)


__all__ = ["IndexBusy", "IndexUnusable", "WhooshIndex"]
