"""Reference data that every page needs and that hardly changes: codes, communities, sections, settings, calendar.

Kept per process for `KEPT_SECONDS`, so a page pays no query for it; a change made in this process is seen at once.
"""

from __future__ import annotations

import time as timer
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.i18n import pick
from matchhub.core.workdays import Calendar
from matchhub.domain.deadlines import Terms
from matchhub.domain.models.calling import CalendarYear
from matchhub.domain.models.finding import SynonymGroup
from matchhub.domain.models.office import Code, Community, Holiday, Section, Setting

KEPT_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Name:
    """A code's word in both languages."""

    code: str
    zh: str
    en: str

    def __str__(self) -> str:
        return pick(self.zh, self.en)


@dataclass
class _Kept:
    read_at: float = -1e9
    codes: dict[str, dict[str, Name]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    calendar: Calendar | None = None
    synonyms: tuple[tuple[str, ...], ...] = ()


_kept = _Kept()


def forget() -> None:
    """Read everything anew at the next use: after a change, and between tests."""
    _kept.read_at = -1e9


READERS: dict[str, Callable[[str], Any]] = {
    "int": int,
    "decimal": Decimal,
    "money": lambda text: int(Decimal(text) * 100),
    "time": time.fromisoformat,
    "list": lambda text: tuple(int(part) for part in text.split(",") if part.strip()),
    "text": str,
    "choice": str,
}


def _fresh() -> _Kept:
    if timer.monotonic() - _kept.read_at > KEPT_SECONDS:
        _read()
    return _kept


def _read() -> None:
    session = db.session
    codes: dict[str, dict[str, Name]] = {}
    for row in session.execute(sa.select(Code.kind, Code.code, Code.name_zh, Code.name_en).order_by(Code.sort)):
        codes.setdefault(row.kind, {})[row.code] = Name(row.code, row.name_zh, row.name_en)
    for table, kind in ((Section, "section"), (Community, "community")):
        found = session.execute(sa.select(table.code, table.name_zh, table.name_en).order_by(table.sort, table.code))
        codes[kind] = {row.code: Name(row.code, row.name_zh, row.name_en) for row in found}
    rows = session.execute(sa.select(Setting.key, Setting.type, Setting.value))
    _kept.settings = {row.key: READERS[row.type](row.value) for row in rows}
    days = ((row.day, row.is_working) for row in session.execute(sa.select(Holiday.day, Holiday.is_working)))
    _kept.calendar = Calendar.from_rows(days, session.scalars(sa.select(CalendarYear.year)))
    groups = session.scalars(sa.select(SynonymGroup.words).order_by(SynonymGroup.id))
    _kept.synonyms = tuple(tuple(map(str, words)) for words in groups)
    _kept.codes, _kept.read_at = codes, timer.monotonic()


def codes(kind: str) -> dict[str, Name]:
    """All codes of a kind in their order; also `section` and `community`."""
    return _fresh().codes.get(kind, {})


def word(kind: str, code: str | None) -> str:
    """The word of a code in the language in use; the code itself where it is unknown, empty for none."""
    name = codes(kind).get(code or "")
    return str(name) if name else code or ""


def words(kind: str, wanted: list[str]) -> list[str]:
    """The words of several codes, in the order of the list they come from."""
    chosen = set(wanted)
    return [str(name) for code, name in codes(kind).items() if code in chosen]


def options(kind: str, blank: str | None = None) -> Callable[[], list[tuple[str, str]]]:
    """(code, word) pairs for a form field, read when the form is made; `blank` adds a first empty choice."""

    def read() -> list[tuple[str, str]]:
        first = [] if blank is None else [("", blank)]
        return first + [(code, str(name)) for code, name in codes(kind).items()]

    return read


def setting(key: str) -> Any:
    """A setting in its type: int, Decimal, time, tuple of int, text; `money` in fen. KeyError when unknown."""
    return _fresh().settings[key]


def synonyms() -> tuple[tuple[str, ...], ...]:
    """The groups of words that the search takes for the same."""
    return _fresh().synonyms


def calendar() -> Calendar:
    kept = _fresh().calendar
    assert kept is not None
    return kept


def terms() -> Terms:
    """The settings that deadlines follow."""
    known = _fresh().settings
    return Terms(**{name: known[name] for name in Terms.__dataclass_fields__ if name in known})
