"""Words in two languages: Chinese is the source, English is a complete catalogue.

`_()` translates at once into the language of the present request; `_l()` only marks a constant, which is translated
where it is shown. The English catalogue is read from its .po file on first use and kept as a plain dictionary, so that
a Chinese page pays nothing for translation and an English one a single dictionary look-up per string.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).resolve().parent.parent / "translations"
SOURCE = "zh"
LANGUAGES = ("zh", "en")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip

_language: ContextVar[str] = ContextVar("language", default=SOURCE)
_words: ContextVar[dict[str, str] | None] = ContextVar("words", default=None)


def _(message: str, **values: object) -> str:
    """`message` in the language of this request, with `%(name)s` places filled from `values`."""
    words = _words.get()
    text = words.get(message, message) if words else message
    text = text % values if values else text
    return _COUNTED.sub(_plural, text) if words and "s)" in text else text


# "5 working day(s)": a number, at most two words between, and the noun that follows the number.
_COUNTED = re.compile(r"(?:(\d+(?:[.,]\d+)*)((?: [A-Za-z-]+){0,2}) )?([A-Za-z-]+)\((s|es)\)")


def _plural(found: re.Match[str]) -> str:
    """The noun of an English sentence with or without its plural ending; without a number before it, with."""
    number, between, noun, ending = found.groups()
    word = noun if number == "1" else noun + ending
    return word if number is None else f"{number}{between} {word}"


def _l(message: str) -> str:
    """Mark a constant for the catalogue; it is translated by `_()` where it is shown."""
    return message


def translated(message: str, language: str) -> str:
    """`message`, which has no places to fill in, in `language`."""
    words = catalogue(language) if language != SOURCE else None
    text = words.get(message, message) if words else message
    return _COUNTED.sub(_plural, text) if words and "s)" in text else text


def catalogue_path(language: str) -> Path:
    """Where the words of `language` are kept; the source language has no such file."""
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


@lru_cache(maxsize=len(LANGUAGES))
def catalogue(language: str) -> dict[str, str]:
    """Every translated string of `language`; empty for the source language."""
    path = catalogue_path(language)
    if not path.exists():
        return {}
    with path.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id and m.string and not m.fuzzy}


def speak(language: str) -> None:
    """Use `language` from here on in this context. An unknown one means Chinese."""
    known = language if language in LANGUAGES else SOURCE
    _language.set(known)
    _words.set(None if known == SOURCE else catalogue(known))


@contextmanager
def in_source() -> Iterator[None]:
    """Speak the source language inside: for what is kept or signed, whoever makes it."""
    before = language()
    speak(SOURCE)
    try:
        yield
    finally:
        speak(before)


def language() -> str:
    """The code of the language in use: `zh` or `en`."""
    return _language.get()


def day_in_words(day: date, with_year: bool = True) -> str:
    """2026 年 12 月 5 日, or 5 December 2026: a month as a number would be read as a day by half of the readers."""
    month = MONTHS[day.month - 1] if language() == "en" else day.month
    if with_year:
        return _("%(y)s 年 %(m)s 月 %(d)s 日", y=day.year, m=month, d=day.day)
    return _("%(m)s 月 %(d)s 日", m=month, d=day.day)


def pick(zh: str, en: str) -> str:
    """Of two stored names the one in the language in use; the Chinese one where the English is empty."""
    return en if en and _language.get() == "en" else zh
