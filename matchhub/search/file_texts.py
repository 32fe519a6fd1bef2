"""The texts of public PDF, Word and Excel files: read by the indexer, never in a request, and kept by content.

Only files that a visitor may fetch are ever opened; encrypted ones (those of applications) cannot be.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matchhub.core import files
from matchhub.core.db import db, writing
from matchhub.domain import attachments
from matchhub.domain.models import Attachment, Event, FileText, Presentation
from matchhub.search.text import fold

log = logging.getLogger(__name__)

READER = Path(__file__).with_name("file_reader.py")
WALL_SECONDS = 20
ENDINGS = {files.PDF: "pdf"} | {files.OFFICE[ending][1]: ending for ending in ("docx", "xlsx")}
# The kinds of records that may have files for everybody; what the files of others show is inside.
EVENT = "event"
HOLDERS = ("need", "notice", EVENT)
# So much of the files of one record goes into the index.
MAX_CHARACTERS = 100_000
TRY_AGAIN = ("missing", "too_slow")


# Which files


def _public(wanted: Mapping[str, Iterable[int]] | None = None) -> sa.Select[*tuple[Any, ...]]:
    """The files with text that everybody may fetch, each with the record in which it is found; of all records for None.

    Slides are found in their event. At a roadshow of a need who presented may become secret again: left out.
    """
    is_slide = Attachment.subject_kind == Presentation.__tablename__
    of_events = Presentation.event_id.in_(sa.select(Event.id).where(Event.need_id.is_(None)))
    kind = sa.case((is_slide, EVENT), else_=Attachment.subject_kind).label("kind")
    number = sa.case((is_slide, Presentation.event_id), else_=Attachment.subject_id).label("record_id")
    found = (
        sa.select(kind, number, Attachment.id, Attachment.plain_name.label("name"), Attachment.place,
                  Attachment.code, Attachment.media_type)
        .outerjoin(Presentation, sa.and_(is_slide, Presentation.id == Attachment.subject_id))
        .where(attachments.for_everybody(), sa.or_(sa.not_(is_slide), of_events))
        .where(Attachment.media_type.in_(ENDINGS), Attachment.secret.is_(None))
    )  # fmt: skip
    if wanted is None:
        return found
    return found.where(sa.or_(sa.false(), *(sa.and_(kind == each, number.in_(ids)) for each, ids in wanted.items())))


# Reading them


def take_in(folder: Path, kind: str, ids: Iterable[int]) -> int:
    """Read the files of these records that have not been read yet; how many. Outside of any transaction."""
    return _read_new(folder, db.session.execute(_public({kind: list(ids)})).all())


def take_in_all(folder: Path) -> int:
    """Read every public file of the site that has not been read yet, and forget the texts that nobody needs."""
    found = db.session.execute(_public()).all()
    _forget({row.place for row in found})
    return _read_new(folder, found)


def _read_new(folder: Path, found: Iterable[Any]) -> int:
    names = {row.place: (row.name, ENDINGS[row.media_type]) for row in found}
    for place in set(_problems(names)):
        del names[place]
    db.session.rollback()  # reading takes its time; nobody shall wait for this transaction
    for place, (name, ending) in names.items():
        _keep(place, *_read(folder, place, name, ending))
    return len(names)


def _problems(places: Iterable[str]) -> dict[str, str]:
    """By place the problem (or "") of the files that were read already."""
    query = sa.select(FileText.place, FileText.problem).where(FileText.place.in_(list(places)))
    return {row.place: row.problem for row in db.session.execute(query)}


def _read(folder: Path, place: str, name: str, ending: str) -> tuple[str, str]:
    """The text of one file and its problem, read by a child that can be stopped."""
    try:
        with files.path_of(folder, place).open("rb") as file:
            child = subprocess.run(  # noqa: S603 - our own program, without a shell
                [sys.executable, "-I", str(READER), ending], stdin=file, capture_output=True, timeout=WALL_SECONDS
            )
        answer = json.loads(child.stdout) if child.returncode == 0 else {"text": "", "problem": "too_slow"}
    except FileNotFoundError:
        answer = {"text": "", "problem": "missing"}
    except subprocess.TimeoutExpired:
        answer = {"text": "", "problem": "too_slow"}
    except ValueError:
        answer = {"text": "", "problem": "broken"}
    if answer["problem"]:
        log.warning("the text of the file %r (%s) is not searched as a whole: %s", name, place[:12], answer["problem"])
    return answer["text"], answer["problem"]


def _keep(place: str, text: str, problem: str) -> None:
    with writing():
        if db.session.get(FileText, place) is None:
            db.session.add(FileText(place=place, text=text, folded=fold(text), problem=problem))
        db.session.commit()


def _forget(kept: set[str]) -> None:
    known = {row.place: row.problem for row in db.session.execute(sa.select(FileText.place, FileText.problem))}
    gone = [place for place, problem in known.items() if place not in kept or problem in TRY_AGAIN]
    db.session.rollback()
    if gone:
        with writing():
            db.session.execute(sa.delete(FileText).where(FileText.place.in_(gone)))
            db.session.commit()


# What is known of them


def texts(kind: str, ids: Iterable[int]) -> dict[int, str]:
    """By record the names and texts of its public files, as far as they have been read."""
    if kind not in HOLDERS:
        return {}
    query = _public({kind: list(ids)}).add_columns(FileText.text)
    rows = db.session.execute(_with_text(query).order_by(Attachment.id)).all()
    by_record: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        by_record[row.record_id].append(f"{row.name} {row.text or ''}")
    return {number: " ".join(parts)[:MAX_CHARACTERS] for number, parts in by_record.items()}


def _with_text(query: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    return query.outerjoin(FileText, FileText.place == Attachment.place)


def having(wanted: Mapping[str, Iterable[int]], words: Sequence[str]) -> sa.Select[*tuple[Any, ...]]:
    """Asks for the public files of these records in whose text or name one of `words` (folded) stands."""
    holders = {kind: list(ids) for kind, ids in wanted.items() if kind in HOLDERS}
    query = _with_text(_public(holders).add_columns(FileText.text))
    named = [column.contains(word, autoescape=True) for word in words for column in (FileText.folded,)]
    named += [Attachment.plain_name.icontains(word, autoescape=True) for word in words]
    return query.where(sa.or_(sa.false(), *named))


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that the search knows not at all or not as a whole, with its record's kind and id."""

    name: str
    url: str
    kind: str
    record_id: int
    problem: str


def unread() -> list[Unread]:
    """Every public file with a problem, for administrators; by name."""
    query = _public().add_columns(FileText.problem).join(FileText, FileText.place == Attachment.place)
    rows = db.session.execute(query.where(FileText.problem != ""))
    found = [
        Unread(row.name, attachments.url_of(row.code), row.kind, row.record_id, row.problem) for row in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.name)
