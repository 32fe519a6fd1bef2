"""The site's search: its index under INSTANCE/index, kept fresh by the outbox, asked with the asker's rights.

The index is a copy. Every hit that is shown is read again from the database through `policy`, so a stale index can
never show what its page would hide.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from matchhub.core import outbox
from matchhub.core.db import db, writing
from matchhub.domain import policy, reference
from matchhub.domain.models import Organisation, Role, User
from matchhub.search import (
    Hit,
    IndexUnusable,
    SearchDoc,
    SearchIndex,
    SearchPage,
    SearchQuery,
    file_texts,
    open_index,
    results,
)
from matchhub.search import indexer as indexing
from matchhub.search.database_index import DatabaseIndex
from matchhub.search.documents import KINDS, everything, key_of, made
from matchhub.search.engine import IndexHealth, Sort
from matchhub.search.results import Result
from matchhub.search.text import Analyzer

_place: dict[str, Path] = {}
_engine: list[str] = ["whoosh"]


def configure(instance: Path, reference_folder: Path, engine: str = "whoosh") -> None:
    """Called once at start-up: where the index lies, where the site's words and synonyms are, and which engine it is."""
    _place.update(instance=instance, index=instance / "index", words=reference_folder)
    _engine[:] = [engine]
    _words.cache_clear()


def instance() -> Path:
    """The folder of this installation."""
    return _place["instance"]


@lru_cache(maxsize=1)
def _words() -> tuple[str, ...]:
    """The words that the segmenter keeps whole."""
    with (_place["words"] / "words.csv").open(encoding="utf-8-sig", newline="") as file:
        return tuple(row[0] for row in csv.reader(file) if row and row[0])


def index() -> SearchIndex:
    """The site's index, with the words of the site, its communities' names among them."""
    words, synonyms = _words(), reference.synonyms()
    names = tuple(name.zh for name in reference.codes("community").values())
    if _engine == ["database"]:
        return in_database(words + names, synonyms)
    return open_index(_place["index"], words + names, synonyms)


@lru_cache(maxsize=1)
def in_database(words: tuple[str, ...], synonyms: tuple[tuple[str, ...], ...]) -> DatabaseIndex:
    """The index in the site's own database; the same object for the same words."""
    return DatabaseIndex(_reading, _writing, Analyzer(words, synonyms))


@contextmanager
def _reading() -> Iterator[Connection]:
    yield db.session.connection()


@contextmanager
def _writing() -> Iterator[Connection]:
    """The present deed's connection; outside of a deed a transaction of its own."""
    if db.session.info.get("command"):
        yield db.session.connection()
        return
    db.session.rollback()
    with writing():
        try:
            yield db.session.connection()
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


def labels(user: User | None) -> frozenset[str]:
    """What an asker may find: the twin of `policy.visible` in the index."""
    found = {"public"}
    if user is not None and user.active:
        if user.roles & policy.INSIDE_ROLES:
            found.add("inside")
        if user.organisation_id and user.roles & {Role.ORG_ADMIN, Role.ORG_MEMBER}:
            found.add(f"org:{user.organisation_id}")
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Answer:
    results: list[Result] = field(default_factory=list)
    total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    corrected: str | None = None
    ignored: tuple[str, ...] = ()
    total_exact: bool = True
    degraded: bool = False
    # The names of the organisations that most of the results belong to, by their references, most first.
    organisations: Mapping[str, str] = field(default_factory=dict)
    # Nothing has all of `words`; the results have some of them. Nothing that the asker may see has one of `unknown`.
    partial: bool = False
    words: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def search(
    user: User | None,
    text: str,
    kinds: Sequence[str] = (),
    filters: Mapping[str, Sequence[str]] | None = None,
    sort: Sort = "relevance",
    page: int = 1,
    size: int = 20,
) -> Answer:
    """What `user` (None: a visitor) finds. Without a usable index titles are searched in the database instead."""
    query = SearchQuery(
        text=text,
        labels=labels(user),
        kinds=tuple(kinds),
        filters=filters or {},
        sort=sort,
        page=page,
        size=size,
    )
    try:
        site_index = index()
        found, marks = _asked(site_index, query), site_index.marks(text)
    except IndexUnusable:
        return _from_database(user, text, kinds, page, size)
    shown = results.of(user, found, marks)
    return Answer(
        shown.results,
        found.total,
        found.facets,
        found.corrected,
        found.ignored,
        found.total_exact,
        organisations=shown.organisations,
        partial=found.partial and found.total > 0,
        words=found.words,
        unknown=found.unknown,
    )


def _asked(site_index: SearchIndex, query: SearchQuery) -> SearchPage:
    """The answer; where nothing has all the words, what has some of them, with the spelling that would find more."""
    found = site_index.search(query)
    is_misspelt = found.corrected and len(query.text.split()) == 1
    if found.total or not query.text or is_misspelt:
        return found
    some = site_index.search(replace(query, match="some"))
    return replace(some, corrected=found.corrected)


def keys(text: str, kinds: Sequence[str], filters: Mapping[str, Sequence[str]]) -> list[str]:
    """The keys of everything that a visitor finds, the newest first. Raises IndexUnusable."""
    return index().keys(SearchQuery(text=text, labels=labels(None), kinds=tuple(kinds), filters=filters))


def records(keys: Sequence[str]) -> list[Result]:
    """What these keys stand for, in their order: only what a visitor may see now."""
    return results.of(None, SearchPage(hits=tuple(Hit(key, 0.0) for key in keys)), ()).results


def _from_database(user: User | None, text: str, kinds: Sequence[str], page: int, size: int) -> Answer:
    rows: list[Result] = []
    words = text.split()[:5]
    for kind, (model, _maker, _loads) in KINDS.items():
        if kinds and kind not in kinds:
            continue
        name = Organisation.name if model is Organisation else model.title  # type: ignore[attr-defined]
        found: sa.Select[Any] = sa.select(model).where(
            policy.visible(user, model), *(name.contains(word, autoescape=True) for word in words)
        )
        some = db.session.scalars(found.order_by(model.id.desc()).limit(page * size))  # type: ignore[attr-defined]
        rows += [results.result(kind, row, words, 0.0) for row in some]
    start = (page - 1) * size
    return Answer(rows[start : start + size], len(rows), degraded=True)


@outbox.handles("index")
def freshen(payloads: list[dict[str, Any]]) -> None:
    """Bring the marked records into the index, their files read first; an unusable index is built anew."""
    for kind, ids in _wanted(payloads).items():
        file_texts.take_in(_place["instance"], kind, ids)
    docs, gone = _marked(payloads)
    try:
        indexing.apply(index(), docs, gone)
        index().tidy()
    except IndexUnusable:
        _rebuild()


@outbox.at_once("index")
def write_with_the_deed(payloads: list[dict[str, Any]]) -> None:
    """With the engine `database` what is found changes together with the record, in its own transaction."""
    found = index()
    if isinstance(found, DatabaseIndex):
        found.write(*_marked(payloads))


def _wanted(payloads: list[dict[str, Any]]) -> dict[str, set[int]]:
    """The ids of the marked records by their kind."""
    wanted: dict[str, set[int]] = {}
    for payload in payloads:
        if payload["kind"] in KINDS:
            wanted.setdefault(payload["kind"], set()).add(payload["id"])
    return wanted


def _marked(payloads: list[dict[str, Any]]) -> tuple[list[SearchDoc], list[str]]:
    """The documents of the marked records, and the keys of those that no longer exist."""
    wanted = _wanted(payloads)
    docs = [doc for kind, ids in wanted.items() for doc in made(kind, sorted(ids))]
    known = {doc.key for doc in docs}
    keys = [key_of(kind, row_id) for kind, ids in wanted.items() for row_id in sorted(ids)]
    return docs, [key for key in keys if key not in known]


def reindex() -> int:
    """Build the index anew beside the old one and swap; the number of documents. Marks set before are then done."""
    marked = outbox.newest()
    count = _rebuild()
    outbox.covered("index", marked)
    return count


def _rebuild() -> int:
    file_texts.take_in_all(_place["instance"])
    return indexing.rebuild(index(), everything)


def reconcile() -> indexing.Drift:
    """Compare the index with the database, repair what differs, and say what it was: for every night."""
    file_texts.take_in_all(_place["instance"])
    return indexing.reconcile(index(), everything())


def health() -> IndexHealth:
    return index().health()
