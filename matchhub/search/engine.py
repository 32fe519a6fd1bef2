"""The small interface behind which every search engine of the site stands, and the plain records that cross it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from matchhub.core import clock

Sort = Literal["relevance", "date", "deadline"]
Docs = Iterable["SearchDoc"] | Callable[[], Iterable["SearchDoc"]]

# Documents longer than this are indexed up to here: about 100 printed pages.
MAX_BODY_CHARACTERS = 100_000
MAX_PAGE_SIZE = 100


class IndexUnusable(Exception):
    """The index is missing, torn or of another version: answer from the database and rebuild."""


class IndexBusy(Exception):
    """Another process has been writing for longer than the timeout: keep the marks and try later."""


@dataclass(frozen=True, slots=True)
class SearchDoc:
    """One thing that can be found.

    `visibility` holds the labels of those who may find it ("public", "staff", "org:12"); without a label nobody does.
    `attached` is the text of its files: found like the body, a word of it counting as if it stood there once.
    `date` and `deadline` are naive UTC moments; a plain date is a day in Shanghai: its first (date) or last
    (deadline) second.
    """

    key: str
    kind: str
    ref: str = ""
    title: str = ""
    summary: str = ""
    body: str = ""
    attached: str = ""
    visibility: str | tuple[str, ...] = ()
    facets: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    url: str = ""
    date: dt.date | dt.datetime | None = None
    deadline: dt.date | dt.datetime | None = None
    open: bool = False


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """One question. `labels` says what the asker may see: an empty set sees nothing.

    `filters` maps a facet to its wanted values (any of them); different facets must all agree.
    `match` "some" asks for documents with only some of the words, for when nothing has them all.
    `now` (naive UTC, the clock's when left out) closes calls whose deadline has passed since they were indexed.
    """

    text: str = ""
    labels: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()
    filters: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    sort: Sort = "relevance"
    page: int = 1
    size: int = 20
    match: Literal["all", "some"] = "all"
    now: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """The key of a found document and its score (only comparable within one answer)."""

    key: str
    score: float


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of an answer.

    `facets` counts what each value of each facet would leave, the facet's own filter set aside; "kind" is one of them.
    `corrected` is another spelling that finds something, when this one finds nothing.
    `ignored` are the pieces of the question that could not be used (only signs, or past 200 characters): show them.
    `partial` says that only some of `words` are in each hit; `unknown` are those that nothing the asker may see has.
    `total_exact` is False when a quoted phrase had too many candidates to read them all.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    corrected: str | None = None
    ignored: tuple[str, ...] = ()
    total_exact: bool = True
    page: int = 1
    size: int = 20
    partial: bool = False
    words: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """Whether the index can be read; `reason` says why not, in English, for the operator's log."""

    usable: bool
    documents: int = 0
    generation: str = ""
    version: int = 0
    segments: int = 0
    size_bytes: int = 0
    reason: str = ""


class SearchIndex(Protocol):
    """What every engine does; `IndexUnusable` and `IndexBusy` are the only errors it raises."""

    def search(self, query: SearchQuery) -> SearchPage: ...

    def keys(self, query: SearchQuery) -> list[str]:
        """Return the keys of everything that answers `query`, the newest first; its page and order do not matter."""

    def marks(self, text: str) -> tuple[str, ...]:
        """Return the folded words and synonyms that the question `text` marks in a result."""

    def apply(self, upserts: Sequence[SearchDoc], deletes: Sequence[str] = ()) -> None:
        """Write and delete in one commit; doing it twice changes nothing; durable on return. Deletes win."""

    def tidy(self) -> None:
        """Put in order what writes have left, where an engine needs that; asked for after a batch of them."""

    def rebuild(self, docs: Docs) -> int:
        """Build a new generation beside the old one and swap; return the number of documents."""

    def digests(self) -> dict[str, str]:
        """Return every indexed key with the digest of what was indexed, for the nightly comparison."""

    def health(self) -> IndexHealth: ...


def labels_of(doc: SearchDoc) -> tuple[str, ...]:
    """Return the visibility labels of `doc` as a tuple."""
    value = doc.visibility
    return ((value,) if value else ()) if isinstance(value, str) else tuple(value)


def facet_values(doc: SearchDoc) -> dict[str, tuple[str, ...]]:
    """Return the facets of `doc`, each value as a tuple, the kind among them, empty ones left out."""
    found: dict[str, tuple[str, ...]] = {"kind": (doc.kind,)}
    for name, value in doc.facets.items():
        values = (value,) if isinstance(value, str) else tuple(value)
        values = tuple(dict.fromkeys(str(each) for each in values if each))
        if values and name != "kind":
            found[name] = values
    return found


def seconds(moment: dt.date | dt.datetime | None, *, end_of_day: bool = False) -> float | None:
    """Return a naive UTC moment as seconds since 1970; a plain date is a day in Shanghai, its first or last second."""
    if moment is None:
        return None
    if not isinstance(moment, dt.datetime):
        moment = clock.utc(moment, dt.time(23, 59, 59) if end_of_day else dt.time())
    return moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp()


def digest(doc: SearchDoc) -> str:
    """Return a short fingerprint of everything that the index keeps of `doc`."""
    kept = (
        doc.kind, doc.title, doc.summary, doc.body[:MAX_BODY_CHARACTERS], doc.attached[:MAX_BODY_CHARACTERS],
        sorted(labels_of(doc)), sorted(facet_values(doc).items()), seconds(doc.date), seconds(doc.deadline, end_of_day=True), doc.open,
    )  # fmt: skip
    text = json.dumps(kept, ensure_ascii=True)
    return hashlib.blake2b(text.encode("ascii"), digest_size=10).hexdigest()
