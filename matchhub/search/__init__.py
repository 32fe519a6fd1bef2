"""Full-text search over plain documents: one facade, `open_index`, and the records that cross it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

from matchhub.search.engine import (
    Hit,
    IndexBusy,
    IndexHealth,
    IndexUnusable,
    SearchDoc,
    SearchIndex,
    SearchPage,
    SearchQuery,
)
from matchhub.search.highlight import highlight, snippet
from matchhub.search.text import Analyzer
from matchhub.search.whoosh_index import WhooshIndex

_Words = tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]
_opened: dict[Path, tuple[_Words, WhooshIndex]] = {}
_lock = threading.Lock()


def open_index(
    path: str | os.PathLike[str], words: Iterable[str] = (), synonyms: Iterable[Sequence[str]] = ()
) -> SearchIndex:
    """Return the index in `path`, read with these site words and groups of synonyms.

    Both lists are taken for public: a word of theirs may be offered as a correction when one of its synonyms is found.
    So names of organisations belong in them only once they are published.

    Cheap to call in every request: the same words give the same object (other words: about 60 ms for a new
    segmenter). The generation on disk is looked at in every search, so a rebuild needs no new call.
    """
    place = Path(path).absolute()
    given = (tuple(words), tuple(tuple(group) for group in synonyms))
    known = _opened.get(place)
    if known is not None and known[0] == given:
        return known[1]
    with _lock:
        known = _opened.get(place)
        if known is None or known[0] != given:
            known = (given, WhooshIndex(place, Analyzer(*given)))
            _opened[place] = known
        return known[1]


__all__ = [
    "Hit",
    "IndexBusy",
    "IndexHealth",
    "IndexUnusable",
    "SearchDoc",
    "SearchIndex",
    "SearchPage",
    "SearchQuery",
    "highlight",
    "open_index",
    "snippet",
]
