"""The words of the indexed documents, counted by the indexer for corrections. Web workers never need this module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from matchhub.search.engine import SearchDoc
from matchhub.search.text import Analyzer, is_han
from matchhub.search.weights import folded_parts

_READ_CHARACTERS = 5_000  # of each body and of the files
_MAX_WORDS = 20_000
_SHORTEST, _LONGEST = 2, 12
# Every word of the site's list can be offered, also before it occurs (it may be met by a synonym).
_SITE_WORD_WEIGHT = 5


class Vocabulary:
    """Counts in how many documents each Han word of two characters or more occurs."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._counted: Counter[str] = Counter()

    def reading(self, docs: Iterable[SearchDoc]) -> Iterator[SearchDoc]:
        """Pass `docs` on, counting their words on the way."""
        for doc in docs:
            title, summary, body, attached = folded_parts(doc)
            text = f"{title} {summary} {body[:_READ_CHARACTERS]} {attached[:_READ_CHARACTERS]}"
            self._counted.update({word for word in self._analyzer.cut(text) if _counts(word)})
            yield doc

    def words(self) -> dict[str, int]:
        """Return the commonest words with their weights, the site's own words always among them."""
        found = dict(self._counted.most_common(_MAX_WORDS))
        for word in self._analyzer.site_words:
            if _counts(word):
                found[word] = found.get(word, 0) + _SITE_WORD_WEIGHT
        return found


def _counts(word: str) -> bool:
    return _SHORTEST <= len(word) <= _LONGEST and is_han(word)
