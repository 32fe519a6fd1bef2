"""Reference data that every installation needs, from seed/reference; loading it twice changes nothing.

A setting or a word that the street has changed, a rubric already loaded and a holiday already known keep their value,
and what the street has deleted stays away.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from matchhub.config import ROOT
from matchhub.core.db import command, db
from matchhub.domain import reference
from matchhub.domain.models import (
    AgreementTemplate,
    CalendarYear,
    Code,
    Community,
    Holiday,
    LedgerEntry,
    Rubric,
    RubricItem,
    Section,
    Setting,
    SynonymGroup,
)

FOLDER = ROOT / "seed" / "reference"


def rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file with a header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)


@command
def load() -> None:
    """Bring the reference data of this version into the database."""
    _lists()
    _settings()
    _holidays()
    _rubrics()
    _agreement()
    _synonyms()
    db.session.flush()
    reference.forget()


def _lists() -> None:
    """Sections, communities and codes: only what is not there, for the street may have renamed or deleted some."""
    gone = _deleted("code")
    for n, row in enumerate(rows(FOLDER / "sections.csv")):
        _add(Section, gone, "section", code=row["code"], name_zh=row["name_zh"], name_en=row["name_en"], sort=n)
    for n, row in enumerate(rows(FOLDER / "communities.csv")):
        _add(
            Community, gone, "community", code=row["code"], name_zh=row["name_zh"], name_en=row["name_en"],
            kind=row["kind"], households=int(row["households"] or 0), note=row["note"], sort=n,
        )  # fmt: skip
    for row in rows(FOLDER / "codes.csv"):
        _add(
            Code, gone, row["kind"], kind=row["kind"], code=row["code"], name_zh=row["name_zh"],
            name_en=row["name_en"], sort=int(row["sort"] or 0),
        )  # fmt: skip


def _add(model: type, gone: set[str], kind: str, /, **values: Any) -> None:
    key = (kind, values["code"]) if model is Code else values["code"]
    if f"{kind}.{values['code']}" not in gone and db.session.get(model, key) is None:
        db.session.add(model(**values))


def _deleted(kind: str) -> set[str]:
    """What an administrator has deleted and a new start must not bring back, from the ledger."""
    subjects = sa.select(LedgerEntry.subject).where(LedgerEntry.deed == f"{kind}.delete")
    return {subject.split(":", 1)[1] for subject in db.session.scalars(subjects)}


def _settings() -> None:
    known = {row.key: row for row in db.session.scalars(sa.select(Setting))}
    for n, row in enumerate(rows(FOLDER / "settings.csv")):
        setting = known.get(row["key"])
        if setting is None:
            setting = Setting(key=row["key"], value=row["value"])
            db.session.add(setting)
        for name in ("type", "unit", "minimum", "maximum", "name_zh", "name_en", "help_zh", "help_en"):
            setattr(setting, name, row[name])
        setting.sort = n


def _holidays() -> None:
    """Days, and the years of which all days are there."""
    known, gone = set(db.session.scalars(sa.select(Holiday.day))), _deleted("holiday")
    for row in rows(FOLDER / "holidays.csv"):
        day = date.fromisoformat(row["date"])
        if day not in known and row["date"] not in gone:
            db.session.add(Holiday(day=day, is_working=row["is_working"] == "1", name=row["name"]))
    complete, reopened = set(db.session.scalars(sa.select(CalendarYear.year))), _deleted("calendar_year")
    for row in rows(FOLDER / "calendar_years.csv"):
        if int(row["year"]) not in complete and row["year"] not in reopened:
            db.session.add(CalendarYear(year=int(row["year"])))


def _synonyms() -> None:
    """Only into a site that has none and whose street has not thrown them away."""
    changed = sa.select(LedgerEntry.seq).where(LedgerEntry.deed == "synonyms.change").limit(1)
    if db.session.scalar(sa.select(SynonymGroup.id).limit(1)) or db.session.scalar(changed):
        return
    with (FOLDER / "synonyms.csv").open(encoding="utf-8-sig", newline="") as file:
        db.session.add_all(SynonymGroup(words=words) for words in csv.reader(file) if words)


def _rubrics() -> None:
    known = {(row.code, row.number) for row in db.session.scalars(sa.select(Rubric))}
    made: dict[tuple[str, int], Rubric] = {}
    for row in rows(FOLDER / "rubrics.csv"):
        key = (row["code"], int(row["version"]))
        if key not in known:
            made[key] = Rubric(
                code=key[0], number=key[1], name_zh=row["name_zh"], name_en=row["name_en"], kind=row["kind"],
                note=row["scale_note"],
            )  # fmt: skip
            db.session.add(made[key])
    for row in rows(FOLDER / "rubric_items.csv"):
        rubric = made.get((row["rubric"], int(row["version"])))
        if rubric is not None:
            names = (
                "code",
                "group_code",
                "group_zh",
                "group_en",
                "name_zh",
                "name_en",
                "anchor_zh",
                "anchor_en",
                "how",
            )
            rubric.items.append(
                RubricItem(
                    **{name: row[name] for name in names},
                    maximum=Decimal(row["maximum"]),
                    veto=row["veto"] == "1",
                    sort=int(row["sort"]),
                )
            )


def _agreement() -> None:
    """The standard text of an agreement, where there is none yet: the first line is its title."""
    if db.session.scalar(sa.select(AgreementTemplate.id).limit(1)) is None:
        title, _sep, body = (FOLDER / "agreement.md").read_text(encoding="utf-8").strip().partition("\n")
        db.session.add(AgreementTemplate(number=1, title=title, body=body))
