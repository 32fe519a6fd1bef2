"""From the hits of an index to what a page shows: read again from the database with the asker's rights, words marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from markupsafe import Markup

from matchhub.core import markdown
from matchhub.core.db import db
from matchhub.domain import paths, policy
from matchhub.domain.models import LibraryEntry, User
from matchhub.search import file_texts
from matchhub.search.documents import KINDS, key_of
from matchhub.search.engine import SearchPage
from matchhub.search.highlight import highlight, snippet
from matchhub.search.text import fold

SNIPPET = 80
MOST_FILES = 3


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


def of(user: User | None, found: SearchPage, marks: Sequence[str]) -> list[Result]:
    """The hits of a page that `user` may still see, in their order."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for hit in found.hits:
        kind, _, row_id = hit.key.partition(":")
        wanted[kind].append(int(row_id))
    rows = {key_of(kind, row.id): (kind, row) for kind, ids in wanted.items() for row in _readable(user, kind, ids)}
    shown = {hit.key: result(*rows[hit.key], marks, hit.score) for hit in found.hits if hit.key in rows}
    files = _files(shown, marks)
    return [replace(one, files=files[key]) if key in files else one for key, one in shown.items()]


def _readable(user: User | None, kind: str, ids: Sequence[int]) -> list[Any]:
    model = KINDS[kind][0]
    return list(db.session.scalars(sa.select(model).where(model.id.in_(ids), policy.visible(user, model))))  # type: ignore[attr-defined]


def result(kind: str, row: Any, marks: Sequence[str], score: float) -> Result:
    """One record with the words marked."""
    text = snippet(_prose(row), marks, SNIPPET)
    return Result(kind, row.ref, paths.path(row), highlight(_title(row), marks), text, row, score)


def _title(row: Any) -> str:
    return str(getattr(row, "title", None) or row.name)


def _prose(row: Any) -> str:
    """The text from which the lines under a title are cut."""
    if isinstance(row, LibraryEntry):
        return markdown.plain(row.text)
    names = ("summary", "intro", "background", "requirements", "body", "brand_project")
    return " ".join(str(getattr(row, name)) for name in names if getattr(row, name, ""))


def _files(shown: Mapping[str, Result], marks: Sequence[str]) -> dict[str, tuple[FileHit, ...]]:
    """By key the files that say what the record itself does not: only those are looked into."""
    lacking: dict[str, dict[int, list[str]]] = defaultdict(dict)
    for one in shown.values():
        own = fold(f"{_title(one.row)} {_prose(one.row)} {one.ref}")
        if absent := [mark for mark in marks if mark not in own]:
            lacking[one.kind][one.row.id] = absent
    found: dict[str, list[FileHit]] = defaultdict(list)
    for kind, by_id in lacking.items():
        words = sorted({word for absent in by_id.values() for word in absent})
        for file in file_texts.having(kind, by_id, words):
            hits = found[key_of(kind, file.record_id)]
            wanted = by_id[file.record_id]
            if len(hits) < MOST_FILES and any(word in fold(f"{file.name} {file.text}") for word in wanted):
                text = snippet(file.text, wanted, SNIPPET)
                hits.append(FileHit(highlight(file.name, wanted), file.url, text))
    return {key: tuple(hits) for key, hits in found.items() if hits}


__all__ = ["FileHit", "Result", "of", "result"]
