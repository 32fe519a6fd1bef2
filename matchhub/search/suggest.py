"""Another spelling for a question that finds nothing: same sound, one wrong character, pinyin, or initials.

The indexer writes the words with their pinyin into terms.json beside the index (the only place that imports
pypinyin); web workers read that file, and only when somebody needs a correction.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from matchhub.search.text import Clause, ParsedQuery, is_han, pieces

MAX_CANDIDATES = 5
# Between two rebuilds the vocabulary may grow to this; after so many appended lines it is written anew in one.
MAX_WORDS = 30_000
MAX_LINES = 200
_MAX_RUN = 24  # characters of one typed piece that are looked at
_MAX_WORD = 12
_MAX_READINGS = 16

# What a piece of a corrected question costs; the cheapest way through wins.
_KNOWN, _SAME_SOUND, _ONE_WRONG, _ONE_WRONG_OF_TWO, _UNKNOWN = 0.1, 1.0, 1.3, 1.8, 1.1


def terms_json(words: dict[str, int]) -> bytes:
    """Return the content of terms.json for `words` with their weights; for the indexer only (imports pypinyin)."""
    from matchhub.search.pinyin import COMMON

    return _line(words, COMMON | set("".join(words)))


def _line(words: dict[str, int], characters: set[str]) -> bytes:
    from matchhub.search.pinyin import readings, spell

    rows = {word: [*spell(word), weight] for word, weight in words.items()}
    value = {"words": rows, "chars": readings(characters)}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def known_terms(content: bytes) -> dict[str, dict[str, Any]]:
    """Return what terms.json knows: its first line and, added to it, those that were appended since.

    A line that a crash has torn off is left out; the first one must be whole. Raises ValueError, KeyError, TypeError.
    """
    first, *later = content.split(b"\n")
    known = json.loads(first)
    for line in later:
        try:
            added = json.loads(line)
        except ValueError:
            continue
        known["words"].update(added["words"])
        known["chars"].update(added["chars"])
    return {"words": known["words"], "chars": known["chars"]}


def merged(content: bytes) -> bytes:
    """Return terms.json in one line."""
    return json.dumps(known_terms(content), ensure_ascii=False, separators=(",", ":")).encode("utf-8")


class Learner:
    """Says which words are new, without reading the whole vocabulary again for every changed document."""

    def __init__(self) -> None:
        self._stamp: Hashable = None
        self._words: set[str] = set()
        self._characters: set[str] = set()
        self._lock = threading.Lock()

    def line(self, stamp: Hashable, read: Callable[[], bytes], words: dict[str, int]) -> bytes | None:
        """Return the line to append for those of `words` that what `read` returns lacks; None for none (or no room).

        Raises what `known_terms` raises. Tell `appended` when it was written.
        """
        with self._lock:
            if stamp != self._stamp:
                known = known_terms(read())
                self._words, self._characters = set(known["words"]), set(known["chars"])
                self._stamp = stamp
            new = {word: weight for word, weight in words.items() if word not in self._words}
            if not new or len(self._words) + len(new) > MAX_WORDS:
                return None
            characters = set("".join(new)) - self._characters
            self._words.update(new)
            self._characters |= characters
            self._stamp = None  # until it is known that the line was written
            return _line(new, characters)

    def appended(self, stamp: Hashable) -> None:
        """Take note that the last line was written."""
        with self._lock:
            self._stamp = stamp


@dataclass(frozen=True, slots=True)
class Candidate:
    """A corrected question, and the words in it that were not typed."""

    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    cost: float
    parts: tuple[str, ...] = ()
    new: tuple[str, ...] = ()

    def then(self, cost: float, part: str, new: bool) -> _Way:
        return _Way(self.cost + cost, (*self.parts, part), (*self.new, part) if new else self.new)


class Suggester:
    """The words that can be offered; `content` is that of terms.json."""

    def __init__(self, content: bytes) -> None:
        known = known_terms(content)
        self._chars: dict[str, list[str]] = known["chars"]
        self._weights: dict[str, int] = {}
        self._by_pinyin: dict[str, list[str]] = {}
        self._by_initials: dict[str, list[str]] = {}
        self._by_end: dict[tuple[int, str, bool], list[str]] = {}
        for word, (pinyin, initials, weight) in known["words"].items():
            self._weights[word] = weight
            self._by_pinyin.setdefault(pinyin, []).append(word)
            self._by_initials.setdefault(initials, []).append(word)
            # With one wrong character of two or more, the first or the last one is right.
            self._by_end.setdefault((len(word), word[0], True), []).append(word)
            self._by_end.setdefault((len(word), word[-1], False), []).append(word)

    def corrections(self, parsed: ParsedQuery) -> list[Candidate]:
        """Return other spellings of a question, best first, at most `MAX_CANDIDATES`."""
        ways: list[_Way] = [_Way(0.0)]
        for clause in parsed.clauses:
            choices = [_Way(0.0, (_written(clause),))]
            if not clause.negative:
                choices += [
                    _Way(way.cost, (_written(clause, "".join(way.parts)),), way.new) for way in self._fix(clause)
                ]
            ways = [_Way(a.cost + b.cost, a.parts + b.parts, a.new + b.new) for a in ways for b in choices]
            ways = sorted(ways, key=lambda way: (not way.new, way.cost))[: MAX_CANDIDATES * 2]
        found: dict[str, Candidate] = {}
        for way in sorted(ways, key=lambda way: (way.cost, -len(way.new))):
            text = " ".join(way.parts)
            if way.new:
                found.setdefault(text, Candidate(text, way.new))
        return list(found.values())[:MAX_CANDIDATES]

    def _fix(self, clause: Clause) -> list[_Way]:
        typed = pieces(clause.text)
        if len(typed) != 1 or len(typed[0]) > _MAX_RUN:
            return []
        if is_han(typed[0]):
            return self._fix_han(typed[0])
        return self._fix_latin(typed[0])

    # Han: every way through the run by known words, corrected words, and characters left alone.

    def _fix_han(self, run: str) -> list[_Way]:
        ways: list[list[_Way]] = [[_Way(0.0)]]
        for end in range(1, len(run) + 1):
            here: list[_Way] = []
            for start in range(max(0, end - _MAX_WORD), end):
                for cost, part, new in self._pieces(run[start:end]):
                    here += [way.then(cost, part, new) for way in ways[start]]
            ways.append(sorted(here, key=lambda way: way.cost)[:MAX_CANDIDATES])
        return [way for way in ways[-1] if way.new]

    def _pieces(self, typed: str) -> Iterator[tuple[float, str, bool]]:
        if len(typed) == 1:
            yield _UNKNOWN, typed, False
            return
        if typed in self._weights:
            yield _KNOWN, typed, False
            return
        sounding = self._same_sound(typed)
        yield from ((_SAME_SOUND + i * 0.01, word, True) for i, word in enumerate(sounding))
        cost = _ONE_WRONG if len(typed) > 2 else _ONE_WRONG_OF_TWO
        yield from (
            (cost + i * 0.01, word, True) for i, word in enumerate(self._one_wrong(typed)) if word not in sounding
        )

    def _same_sound(self, typed: str) -> list[str]:
        readings = [self._chars.get(character, ()) for character in typed]
        spellings = ["".join(each) for each, _ in zip(product(*readings), range(_MAX_READINGS), strict=False)]
        found = {word for spelling in spellings for word in self._by_pinyin.get(spelling, ())}
        return self._heaviest(word for word in found if len(word) == len(typed))

    def _one_wrong(self, typed: str) -> list[str]:
        near = self._by_end.get((len(typed), typed[0], True), []) + self._by_end.get((len(typed), typed[-1], False), [])
        return self._heaviest(word for word in set(near) if sum(a != b for a, b in zip(word, typed, strict=True)) == 1)

    # Latin: a word by its pinyin, a row of words by their pinyin, or a word by its initials.

    def _fix_latin(self, typed: str) -> list[_Way]:
        found = [_Way(_SAME_SOUND + i * 0.01, (word,), (word,)) for i, word in enumerate(self._spelt(typed))]
        rows: list[_Way | None] = [_Way(0.0)]
        for end in range(1, len(typed) + 1):
            options = []
            for start in range(end):
                before, words = rows[start], self._heaviest(self._by_pinyin.get(typed[start:end], ()))
                if before is not None and words:
                    options.append(before.then(_SAME_SOUND, words[0], True))
            rows.append(min(options, key=lambda way: way.cost, default=None))
        if rows[-1] is not None and len(rows[-1].new) > 1:
            found.append(rows[-1])
        return found[:MAX_CANDIDATES]

    def _spelt(self, typed: str) -> list[str]:
        whole = self._heaviest(self._by_pinyin.get(typed, ()))
        return whole or self._heaviest(self._by_initials.get(typed, ()))

    def _heaviest(self, words: Iterable[str]) -> list[str]:
        return sorted(words, key=lambda word: (-self._weights[word], word))[:MAX_CANDIDATES]


def _written(clause: Clause, text: str | None = None) -> str:
    text = clause.text.strip() if text is None else text
    return ("-" if clause.negative else "") + (f'"{text}"' if clause.phrase else text)


def stamp_of(path: Path) -> Hashable:
    """Changes whenever a terms.json does. Raises OSError when there is none."""
    found = path.stat()
    return str(path), found.st_mtime_ns, found.st_size


class SuggesterCache:
    """The suggester of one vocabulary, read again when it has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamp: Hashable = None
        self._suggester: Suggester | None = None

    def get(self, stamp: Hashable, read: Callable[[], bytes]) -> Suggester | None:
        """Return the suggester of what `read` returns, which is asked once per `stamp`; None when it is damaged."""
        try:
            with self._lock:
                if stamp != self._stamp:
                    self._suggester, self._stamp = Suggester(read()), stamp
                return self._suggester
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def of_file(self, path: Path) -> Suggester | None:
        """Return the suggester of a terms.json; None when the file is missing or damaged (then nothing is offered)."""
        try:
            stamp = stamp_of(path)
        except OSError:
            return None
        return self.get(stamp, path.read_bytes)
