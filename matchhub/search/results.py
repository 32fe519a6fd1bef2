"""From the hits of an index to what a page shows: read again from the database with the asker's rights, words marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup

from matchhub.core import markdown
from matchhub.core.db import db
from matchhub.core.together import together
from matchhub.domain import attachments, paths, policy
from matchhub.domain.models import LibraryEntry, Organisation, User
from matchhub.search import file_texts, project_results
from matchhub.search.documents import KINDS, key_of
from matchhub.search.engine import SearchPage
from matchhub.search.highlight import highlight, snippet
from matchhub.search.text import fold

SNIPPET = 80
MOST_FILES = 3
# So many words are looked for in files, and so many organisations are named.
MOST_WORDS, MOST_NAMES = 20, 12


@dataclass(frozen=True, slots=True)
class FileHit:
    """A public file of a found record in which a word stands; `name` and `text` have the words marked."""

    name: Markup
    url: str
    text: Markup


@dataclass(frozen=True, slots=True)
class Result:
    """One found record as a page shows it; `title` and `text` have the words marked."""

    kind: str
    ref: str
    url: str
    title: Markup
    text: Markup
    row: Any
    score: float
    files: tuple[FileHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """The results of a page, and the names of the organisations that its facets count, as far as `user` knows them."""

    results: list[Result]
    organisations: dict[str, str]


def of(user: User | None, found: SearchPage, marks: Sequence[str]) -> Shown:
    """The hits of a page that `user` may still see, in their order: a statement for each kind, and one for the rest."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for hit in found.hits:
        kind, _, row_id = hit.key.partition(":")
        wanted[kind].append(int(row_id))
    rows = {key_of(kind, row.id): (kind, row) for kind, ids in wanted.items() for row in _readable(user, kind, ids)}
    lacking = _lacking(rows, marks)
    absent = sorted({word for words in lacking.values() for word in words})
    told, files, names = together(
        project_results.asked(wanted["project"] if marks else ()),
        file_texts.having(_by_kind(lacking), absent[:MOST_WORDS]),
        _organisations(user, found),
    )
    more = {key_of("project", row.project_id): project_results.text(row) for row in told}
    hits = _files(files, lacking)
    shown = [
        result(*rows[hit.key], marks, hit.score, more.get(hit.key, ""), hits.get(hit.key, ()))
        for hit in found.hits
        if hit.key in rows
    ]
    known = {row.ref: row.name for row in names}
    return Shown(shown, {ref: known[ref] for ref in _most(found) if ref in known})


def _most(found: SearchPage) -> list[str]:
    """The references of the organisations with most of the results."""
    return list(found.facets.get("organisation", {}))[:MOST_NAMES]


def _organisations(user: User | None, found: SearchPage) -> sa.Select[*tuple[Any, ...]]:
    query = sa.select(Organisation.ref, Organisation.name)
    return query.where(Organisation.ref.in_(_most(found)), policy.visible(user, Organisation))


def _readable(user: User | None, kind: str, ids: Sequence[int]) -> list[Any]:
    model = KINDS[kind][0]
    return list(db.session.scalars(sa.select(model).where(model.id.in_(ids), policy.visible(user, model))))  # type: ignore[attr-defined]


def result(
    kind: str, row: Any, marks: Sequence[str], score: float, more: str = "", files: tuple[FileHit, ...] = ()
) -> Result:
    """One record with the words marked; `more` is text that stands elsewhere than on the row itself."""
    text = snippet(f"{_prose(row)} {more}", marks, SNIPPET)
    return Result(kind, row.ref, paths.path(row), highlight(_title(row), marks), text, row, score, files)


def _title(row: Any) -> str:
    return str(getattr(row, "title", None) or row.name)


def _prose(row: Any) -> str:
    """The text from which the lines under a title are cut."""
    if isinstance(row, LibraryEntry):
        return markdown.plain(row.text)
    names = ("summary", "intro", "background", "requirements", "body", "brand_project")
    return " ".join(str(getattr(row, name)) for name in names if getattr(row, name, ""))


Key = str


def _lacking(rows: Mapping[Key, tuple[str, Any]], marks: Sequence[str]) -> dict[Key, list[str]]:
    """By record the words that it does not say itself: its files may."""
    found = {}
    for key, (_kind, row) in rows.items():
        own = fold(f"{_title(row)} {_prose(row)} {row.ref}")
        if absent := [mark for mark in marks if mark not in own]:
            found[key] = absent
    return found


def _by_kind(keys: Iterable[Key]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for key in keys:
        kind, _, number = key.partition(":")
        found[kind].append(int(number))
    return found


def _files(rows: Iterable[Any], lacking: Mapping[Key, Sequence[str]]) -> dict[Key, tuple[FileHit, ...]]:
    """By record the files that say what the record itself does not, oldest first."""
    found: dict[Key, tuple[FileHit, ...]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        key, text = key_of(row.kind, row.record_id), row.text or ""
        before, words = found.get(key, ()), lacking[key]
        if len(before) < MOST_FILES and any(word in fold(f"{row.name} {text}") for word in words):
            hit = FileHit(highlight(row.name, words), attachments.url_of(row.code), snippet(text, words, SNIPPET))
            found[key] = (*before, hit)
    return found


__all__ = ["FileHit", "Result", "Shown", "of", "result"]
