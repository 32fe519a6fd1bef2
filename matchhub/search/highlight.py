"""Marking the words of a question in a result: everything is escaped first, only `<mark>` is markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape

from matchhub.search.text import fold, is_han

_MARK_OPEN, _MARK_CLOSE = Markup("<mark>"), Markup("</mark>")
_MAX_CHARACTERS = 100_000
_MAX_SPANS = 2_000

Span = tuple[int, int]


def highlight(text: str, marks: Iterable[str]) -> Markup:
    """Return `text` escaped, with every word of `marks` (from `SearchIndex.marks`) inside `<mark>`."""
    text = text[:_MAX_CHARACTERS]
    return _render(text, _spans(text, marks))


def snippet(text: str, marks: Iterable[str], width: int = 80) -> Markup:
    """Return about `width` characters of `text` around the place that has most of `marks`, marked like `highlight`."""
    text = " ".join(text[:_MAX_CHARACTERS].split())
    spans = _spans(text, marks)
    start, end = _window(text, spans, width)
    inside = [(a - start, min(b, end) - start) for a, b in spans if start <= a < end]
    before, after = "…" if start else "", "…" if end < len(text) else ""
    return before + _render(text[start:end], inside) + after


def _render(text: str, spans: Sequence[Span]) -> Markup:
    out: list[Markup] = []
    at = 0
    for start, end in spans:
        out += [escape(text[at:start]), _MARK_OPEN, escape(text[start:end]), _MARK_CLOSE]
        at = end
    out.append(escape(text[at:]))
    return Markup("").join(out)


def _spans(text: str, marks: Iterable[str]) -> list[Span]:
    pattern = _pattern(marks)
    if pattern is None:
        return []
    folded, places = _fold_with_places(text)
    spans: list[Span] = []
    for match in pattern.finditer(folded):
        start, end = places[match.start()], places[match.end() - 1] + 1
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
        if len(spans) >= _MAX_SPANS:
            break
    return spans


def _pattern(marks: Iterable[str]) -> re.Pattern[str] | None:
    words = sorted({mark for mark in marks if mark.strip()}, key=lambda mark: (-len(mark), mark))
    return re.compile("|".join(map(_whole, words))) if words else None


def _whole(word: str) -> str:
    """Latin words and numbers are marked only when they stand alone, as they are found."""
    start = r"(?<![0-9a-z])" if re.match(r"[0-9a-z]", word) else ""
    end = r"(?![0-9a-z])" if re.search(r"[0-9a-z]\Z", word) else ""
    return start + re.escape(word) + end


def _fold_with_places(text: str) -> tuple[str, Sequence[int]]:
    """Fold `text` and say for every folded character which original one it comes from."""
    folded = fold(text)
    if len(folded) == len(text) and all(map(_folds_alone, set(text))):
        return folded, range(len(text))
    out: list[str] = []
    places: list[int] = []
    for i, character in enumerate(text):
        part = fold(character)
        out.append(part)
        places += [i] * len(part)
    return "".join(out), places


def _folds_alone(character: str) -> bool:
    return character.isascii() or is_han(character) or len(fold(character)) == 1


def _window(text: str, spans: Sequence[Span], width: int) -> Span:
    if len(text) <= width:
        return 0, len(text)
    if not spans:
        return 0, width
    best = max(range(len(spans)), key=lambda i: (_variety(text, spans, i, width), -i))
    # A quarter of the room goes before the first marked word, so that it can be read in its sentence.
    start = max(0, min(spans[best][0] - width // 4, len(text) - width))
    start = _after_sign(text, start, spans[best][0])
    return start, min(len(text), start + width)


def _variety(text: str, spans: Sequence[Span], first: int, width: int) -> int:
    end = spans[first][0] + width * 3 // 4
    seen = set()
    for a, b in spans[first : first + 20]:
        if b > end:
            break
        seen.add(text[a:b])
    return len(seen)


def _after_sign(text: str, start: int, first: int) -> int:
    """Begin after a full stop or comma when one lies between the start and the first marked word."""
    if start == 0:
        return 0
    signs = [i + 1 for i in range(start, first) if unicodedata.category(text[i]) == "Po"]
    return signs[0] if signs else start
