"""One question put to the segments of an engine: the page that answers it, with another spelling when it finds nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matchhub.search import partial, ranking
from matchhub.search.engine import SearchPage, SearchQuery
from matchhub.search.suggest import Suggester
from matchhub.search.text import Analyzer, ParsedQuery, parse_query


def ask(
    query: SearchQuery,
    analyzer: Analyzer,
    segments: Sequence[ranking.Segment],
    suggester: Callable[[], Suggester | None],
) -> SearchPage:
    """Answer `query`; `suggester` is only asked for when nothing is found."""
    parsed = parse_query(query.text)
    if query.match == "some":
        return partial.answer(query, parsed, analyzer.plan(parsed), segments)
    page = ranking.answer(query, parsed, analyzer.plan(parsed), segments)
    if page.total or not parsed.clauses:
        return page
    known = suggester()
    corrected = _correction(query, parsed, analyzer, segments, known) if known else None
    return ranking.with_correction(page, corrected)


def every_key(query: SearchQuery, analyzer: Analyzer, segments: Sequence[ranking.Segment]) -> list[str]:
    """The keys of everything that answers `query`, on however many pages; none when nothing of it could be used."""
    parsed = parse_query(query.text)
    if not parsed.clauses and not parsed.empty:
        return []
    return ranking.keys(query, analyzer.plan(parsed), segments)


def _correction(
    query: SearchQuery,
    parsed: ParsedQuery,
    analyzer: Analyzer,
    segments: Sequence[ranking.Segment],
    suggester: Suggester,
) -> str | None:
    for candidate in suggester.corrections(parsed):
        # A word is only ever offered when the asker may see a document that contains it: the vocabulary knows
        # the words of sealed documents too. Words of the site's own public list may be met by a synonym.
        own = all(word in analyzer.site_words for word in candidate.words)
        secret = () if own else tuple(f'"{word}"' for word in candidate.words)
        checked = parse_query(" ".join((candidate.text, *secret)))
        if ranking.finds(query, analyzer.plan(checked), segments):
            return candidate.text
    return None
