"""The library of the story: its entries are in seed/demo/library.md, a later version in library_second.md."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.demo.stage import Line, Stage, deed
from matchhub.domain.models import LibraryEntry
from matchhub.features.library import importing, service

MOST_BYTES = 1_000_000


def _entry(number: str) -> LibraryEntry:
    return db.session.scalars(sa.select(LibraryEntry).where(LibraryEntry.number == number)).one()


@deed("import_library")
def import_library(stage: Stage, line: Line) -> None:
    """The whole file, as the office would bring it to the page."""
    path = stage.folder / f"{line.subject}.md"
    report = importing.take(
        stage.user(line.actor), path.read_bytes(), path.name, MOST_BYTES, publish="publish" in line.details
    )
    if report.problems:
        raise RuntimeError("".join(report.problems))


@deed("publish_library")
def publish_library(stage: Stage, line: Line) -> None:
    for number in line.subject.split("/"):
        service.move(stage.user(line.actor), _entry(number), "publish", None)


@deed("withdraw_library")
def withdraw_library(stage: Stage, line: Line) -> None:
    service.withdraw(stage.user(line.actor), _entry(line.subject), line.details["reason"], None)
