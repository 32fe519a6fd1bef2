"""The texts of public PDF, Word and Excel files: read by the indexer, never in a request, and kept by content.

Only files that a visitor may fetch are ever opened; encrypted ones (those of applications) cannot be.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from matchhub.core import files
from matchhub.core.db import db, writing
from matchhub.domain import attachments
from matchhub.domain.models import Attachment, Event, FileText, Need, Notice, Presentation
from matchhub.search.text import fold

log = logging.getLogger(__name__)

READER = Path(__file__).with_name("file_reader.py")
WALL_SECONDS = 20
ENDINGS = {files.PDF: "pdf"} | {files.OFFICE[ending][1]: ending for ending in ("docx", "xlsx")}
# The kinds of records that may have files for everybody; what the files of others show is inside.
HOLDERS: dict[str, type] = {"need": Need, "notice": Notice, "event": Event}
# So much of the files of one record goes into the index.
MAX_CHARACTERS = 100_000
TRY_AGAIN = ("missing", "too_slow")


# Which files


def public(kind: str, ids: Iterable[int]) -> dict[int, list[Attachment]]:
    """The files with text that everybody may fetch, by the record in which they are found."""
    wanted = list(ids)
    if kind not in HOLDERS or not wanted:
        return {}
    subjects = sa.and_(Attachment.subject_kind == kind, Attachment.subject_id.in_(wanted))
    of_event = _slides(wanted) if kind == "event" else {}
    if of_event:
        slides = Attachment.subject_kind == Presentation.__tablename__
        subjects = sa.or_(subjects, sa.and_(slides, Attachment.subject_id.in_(of_event)))
    readable = sa.select(Attachment).where(
        subjects, Attachment.media_type.in_(ENDINGS), Attachment.secret.is_(None)
    )  # fmt: skip
    found = defaultdict(list)
    for row in db.session.scalars(readable.order_by(Attachment.id)):
        if attachments.can_fetch(None, row):
            found[row.subject_id if row.subject_kind == kind else of_event[row.subject_id]].append(row)
    return dict(found)


def _slides(event_ids: Sequence[int]) -> dict[int, int]:
    """The event of each presentation. At a roadshow of a need who presented may become secret again: left out."""
    shown = sa.select(Presentation.id, Presentation.event_id).join(Event)
    rows = db.session.execute(shown.where(Event.id.in_(event_ids), Event.need_id.is_(None)))
    return {row.id: row.event_id for row in rows}


# Reading them


def take_in(folder: Path, kind: str, ids: Iterable[int]) -> int:
    """Read the files of these records that have not been read yet; how many. Outside of any transaction."""
    found = [row for rows in public(kind, ids).values() for row in rows]
    return _read_new(folder, found)


def take_in_all(folder: Path) -> int:
    """Read every public file of the site that has not been read yet, and forget the texts that nobody needs."""
    found = [row for kind in HOLDERS for rows in public(kind, _holding(kind)).values() for row in rows]
    places = {row.place for row in found}
    _forget(places)
    return _read_new(folder, found)


def _holding(kind: str) -> list[int]:
    if kind == "event":
        return list(db.session.scalars(sa.select(Event.id)))
    query = sa.select(Attachment.subject_id).where(Attachment.subject_kind == kind).distinct()
    return list(db.session.scalars(query))


def _read_new(folder: Path, found: Sequence[Attachment]) -> int:
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
            db.session.add(FileText(place=place, text=text, problem=problem))
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
    by_record = public(kind, ids)
    places = {row.place for rows in by_record.values() for row in rows}
    if not places:
        return {}
    query = sa.select(FileText.place, FileText.text).where(FileText.place.in_(places))
    known = {row.place: row.text for row in db.session.execute(query)}
    return {
        number: " ".join(f"{row.name} {known.get(row.place, '')}" for row in rows)[:MAX_CHARACTERS]
        for number, rows in by_record.items()
    }


@dataclass(frozen=True, slots=True)
class Found:
    """A file in which one of the words stands."""

    record_id: int
    name: str
    url: str
    text: str


def having(kind: str, ids: Iterable[int], words: Sequence[str]) -> list[Found]:
    """The public files of these records in whose text or name one of `words` (folded) stands."""
    by_place: dict[str, list[tuple[int, Attachment]]] = defaultdict(list)
    for number, rows in public(kind, ids).items():
        for row in rows:
            by_place[row.place].append((number, row))
    if not by_place or not words:
        return []
    known = sa.select(FileText.place, FileText.text).where(FileText.place.in_(by_place))
    return [
        Found(number, row.name, attachments.url(row), text)
        for place, text in db.session.execute(known.order_by(FileText.place))
        for number, row in by_place[place]
        for folded in (fold(f"{row.name} {text}"),)
        if any(word in folded for word in words)
    ]


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
    query = (
        sa.select(Attachment, FileText.problem)
        .join(FileText, FileText.place == Attachment.place)
        .where(FileText.problem != "", Attachment.secret.is_(None), Attachment.media_type.in_(ENDINGS))
    )
    found = [
        Unread(row.name, attachments.url(row), row.subject_kind, row.subject_id, problem)
        for row, problem in db.session.execute(query.order_by(Attachment.id))
        if attachments.can_fetch(None, row)
    ]
    return sorted(found, key=lambda one: one.name)
