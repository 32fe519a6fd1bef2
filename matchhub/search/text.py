"""Text as the index sees it: folding, grams, the query parser, and the site's words and synonyms.

Every Han text is indexed by its single characters and its pairs of neighbours, so anything typed is found as it is
written, and a new word in the word list needs no reindexing. Words matter when a question is read: the segmenter
cuts it, each word must be found, and each may be met by a synonym.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from matchhub.search.hant import SIMPLIFIED

MAX_QUERY_CHARACTERS = 200
MAX_LATIN_CHARACTERS = 64
# Far above any frequency in the segmenter's dictionary: a word of the site is always kept whole.
_SITE_WORD_FREQUENCY = 10_000_000

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PIECE = re.compile(rf"[{HAN}]+|\d{{1,3}}(?:,\d{{3}})+(?![\d,])|[^\W_{HAN}]+")
_IS_HAN = re.compile(rf"[{HAN}]")
_ALL_HAN = re.compile(rf"[{HAN}]+\Z")
_LETTERS_OR_DIGITS = re.compile(r"\d+|[^\W\d_]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_WRAPPED = re.compile(rf"(?<=[{HAN}])[ \t\r]*\n[ \t\r]*(?=[{HAN}])")
_SEPARATORS = re.compile(r"[\W_]+")
_HAN_GAP = re.compile(rf"(?<=[{HAN}])\s+(?=[{HAN}])")
_QUOTES = {'"': '"', "“": "”", "”": "”", "„": "”", "「": "」", "『": "』"}


def fold(text: str) -> str:
    """Return `text` with width, case, common traditional characters and invisible signs made equal."""
    text = _INVISIBLE.sub("", _CONTROL.sub(" ", text))
    return unicodedata.normalize("NFKC", text).lower().translate(SIMPLIFIED)


def fold_document(text: str) -> str:
    """Fold `text`, first joining Han lines that were only wrapped (as in text taken from a PDF)."""
    return fold(_WRAPPED.sub("", text))


def is_han(text: str) -> bool:
    """Say whether `text` consists of Han characters only."""
    return bool(_ALL_HAN.match(text))


def pieces(folded: str) -> list[str]:
    """Split folded text into runs of Han characters and Latin words or numbers ("86,000" becomes 86000)."""
    found = _PIECE.findall(folded)
    return [each if _IS_HAN.match(each) else each.replace(",", "")[:MAX_LATIN_CHARACTERS] for each in found]


def grams(piece: str) -> Iterator[str]:
    """Yield the terms under which a piece is indexed; the last ones are those that a question needs."""
    if not _IS_HAN.match(piece):
        parts = _LETTERS_OR_DIGITS.findall(piece)
        yield from (parts if len(parts) > 1 else ())
        yield piece
        return
    yield from piece
    for i in range(len(piece) - 1):
        yield piece[i : i + 2]


def needed_grams(word: str) -> tuple[str, ...]:
    """Return the terms that together say that a document contains the folded `word`."""
    found: list[str] = []
    for piece in pieces(word):
        if len(piece) < 3 or not _IS_HAN.match(piece):
            found.append(piece)
        else:
            found.extend(piece[i : i + 2] for i in range(len(piece) - 1))
    return tuple(dict.fromkeys(found))


def spine(folded: str) -> str:
    """Return folded text with every run of signs and blanks as one blank: what a quoted phrase is looked up in."""
    return _SEPARATORS.sub(" ", folded).strip()


def phrase_pattern(phrase: str) -> re.Pattern[str]:
    """Return the pattern that finds a phrase in a spine; Latin words count only when they are whole."""
    text = _HAN_GAP.sub("", spine(phrase))
    start = "" if _IS_HAN.match(text[:1]) else r"(?<![0-9a-z])"
    end = "" if _IS_HAN.match(text[-1:]) else r"(?![0-9a-z])"
    return re.compile(start + re.escape(text) + end)


@dataclass(frozen=True, slots=True)
class Clause:
    """One folded piece of a question: a word or, quoted, a phrase; `negative` excludes it."""

    text: str
    phrase: bool = False
    negative: bool = False


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A question cut into clauses; `ignored` holds what could not be used, in the folded spelling."""

    clauses: tuple[Clause, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Nothing was typed at all (signs alone are not nothing: they find nothing)."""
        return not self.clauses and not self.ignored


def parse_query(text: str) -> ParsedQuery:
    """Read a question: blanks mean "and", quotes a phrase, a leading minus "not". Never raises."""
    # Folding ten million characters only to keep 200 would be a way to keep the server busy.
    folded = fold(text[: MAX_QUERY_CHARACTERS * 8]).strip()
    kept, rest = folded[:MAX_QUERY_CHARACTERS], folded[MAX_QUERY_CHARACTERS:].strip()
    clauses: list[Clause] = []
    ignored: list[str] = []
    for clause in _clauses(kept):
        if pieces(clause.text):
            clauses.append(clause)
        elif clause.text.strip():
            ignored.append(clause.text.strip())
    if rest:
        ignored.append(rest[:MAX_QUERY_CHARACTERS])
    return ParsedQuery(tuple(dict.fromkeys(clauses)), tuple(ignored))


def _clauses(text: str) -> Iterator[Clause]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        negative = text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace()
        at += negative
        end = text.find(_QUOTES[text[at]], at + 1) if text[at] in _QUOTES else -1
        if end > at:
            yield Clause(text[at + 1 : end], phrase=True, negative=negative)
            at = end + 1
            continue
        end = at + 1
        while end < len(text) and not text[end].isspace() and not _opens_phrase(text, end):
            end += 1
        yield Clause(text[at:end], negative=negative)
        at = end


def _opens_phrase(text: str, at: int) -> bool:
    return text[at] in _QUOTES and text.find(_QUOTES[text[at]], at + 1) > at


@dataclass(frozen=True, slots=True)
class Need:
    """One word that a document must contain: its grams, or those of one of its synonyms; `phrase` is verified."""

    word: str
    grams: tuple[str, ...]
    synonyms: tuple[tuple[str, ...], ...] = ()
    phrase: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to look up: needs that must be met, needs that must not, and pairs that speak for closeness."""

    required: tuple[Need, ...] = ()
    excluded: tuple[Need, ...] = ()
    helpful: tuple[str, ...] = ()


class Analyzer:
    """The segmenter with the site's words, and the synonyms; safe to share between threads."""

    def __init__(self, words: Iterable[str] = (), synonyms: Iterable[Sequence[str]] = ()) -> None:
        groups = [tuple(dict.fromkeys(each for word in group if (each := fold(word).strip()))) for group in synonyms]
        self.synonyms: dict[str, tuple[str, ...]] = {}
        for group in groups:
            for word in group:
                others = self.synonyms.get(word, ()) + tuple(each for each in group if each != word)
                self.synonyms[word] = tuple(dict.fromkeys(others))
        given = (fold(word).strip() for word in words)
        self.site_words = frozenset(word for word in given if word) | frozenset(self.synonyms)
        # The segmenter refuses to be read and changed at once; its calls take microseconds, so one lock is enough.
        self._lock = threading.Lock()
        import rjieba  # its dictionary takes 0.1 s to load: at the first search, not at every start

        self._jieba = rjieba.Jieba()
        for word in sorted(self.site_words):
            if is_han(word) and len(word) > 1:
                self._jieba.add_word(word, _SITE_WORD_FREQUENCY, "n")

    def cut(self, folded: str) -> list[str]:
        """Cut folded text into words; signs and blanks are left out."""
        found: list[str] = []
        for piece in pieces(folded):
            if _IS_HAN.match(piece):
                with self._lock:
                    found.extend(self._jieba.cut(piece))
            else:
                found.append(piece)
        return found

    def plan(self, parsed: ParsedQuery) -> Plan:
        """Return what must be looked up for a question."""
        required: list[Need] = []
        excluded: list[Need] = []
        helpful: list[str] = []
        for clause in parsed.clauses:
            if clause.negative:
                excluded.append(self._phrase(clause.text))
            elif clause.phrase:
                required.append(self._phrase(clause.text))
            else:
                required.extend(self._needs(clause.text, helpful))
        return Plan(tuple(dict.fromkeys(required)), tuple(excluded), tuple(dict.fromkeys(helpful)))

    def marks(self, parsed: ParsedQuery) -> tuple[str, ...]:
        """Return the folded words to mark in a result, whole clauses first, then words, then synonyms."""
        wanted = [clause for clause in parsed.clauses if not clause.negative]
        found = [_HAN_GAP.sub("", clause.text.strip()) for clause in wanted]
        words = [word for clause in wanted if not clause.phrase for word in self._telling(clause.text)]
        found += words + [other for word in words for other in self.synonyms.get(word, ())]
        return tuple(dict.fromkeys(found))

    def _telling(self, text: str) -> list[str]:
        """Leave out single characters (的, 和 …) beside longer words: marking each of them would only disturb."""
        words = self._words(text)
        return [word for word in words if len(word) > 1] or words

    def _words(self, text: str) -> list[str]:
        return [text] if text in self.synonyms else self.cut(text)

    def _needs(self, text: str, helpful: list[str]) -> Iterator[Need]:
        words = self._words(text)
        for word in words:
            others = tuple(needed_grams(other) for other in self.synonyms.get(word, ()))
            yield Need(word, needed_grams(word), tuple(each for each in others if each))
        for left, right in pairwise(words):
            if is_han(left[-1:] + right[:1]) and left + right in text:
                helpful.append(left[-1] + right[0])

    def _phrase(self, text: str) -> Need:
        text = _HAN_GAP.sub("", text.strip())
        found = needed_grams(text)
        exact = len(found) == 1 and spine(text) == found[0]
        return Need(text, found, phrase=None if exact else phrase_pattern(text))
