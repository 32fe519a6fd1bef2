"""When no document has all the words of a question: those that have some of them, and which words nobody has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from matchhub.search import ranking
from matchhub.search.engine import SearchPage, SearchQuery
from matchhub.search.ranking import Matches, Segment
from matchhub.search.text import Need, ParsedQuery, Plan

# So many words of a question are looked at one by one.
MAX_WORDS = 20


def answer(query: SearchQuery, parsed: ParsedQuery, plan: Plan, segments: Sequence[Segment]) -> SearchPage:
    """Return the page of documents with some of the words, those with most of them first.

    Like everything it starts from what the asker may see: a word that only others have counts as unknown.
    """
    needs = plan.required[:MAX_WORDS]
    found = [_held(needs, plan, segment, query) for segment in segments]
    unknown = [need.word for i, need in enumerate(needs) if not any(own[i] for own in found)]
    scored = [_scored(needs, segment, own, len(unknown)) for segment, own in zip(segments, found, strict=True)]
    page = ranking.paged(query, parsed, scored, exact=True)
    return replace(page, partial=True, words=tuple(need.word for need in needs), unknown=tuple(unknown))


def _held(needs: Sequence[Need], plan: Plan, segment: Segment, query: SearchQuery) -> list[dict[int, float]]:
    """For each word the documents that have it, with its weight; what the question excludes is left out."""
    seen = segment.visible(query.labels)
    budget = ranking.Budget(ranking.MAX_VERIFIED)
    seen -= ranking.excluded(plan.excluded, segment, seen, budget)
    held = []
    for need in needs:
        postings = ranking.meet(need, segment, seen)
        having = ranking.verified((need,), segment, postings.keys() & seen, budget)
        held.append({number: postings[number] for number in having})
    return held


def _scored(needs: Sequence[Need], segment: Segment, held: list[dict[int, float]], unknown: int) -> Matches:
    """Keep what has at least half of the known words; each word counts more than all that it is worth in a place."""
    # Single characters (的, 和 …) stand in nearly everything: beside longer words they decide nothing.
    telling = [own for need, own in zip(needs, held, strict=True) if len(need.word) > 1] or held
    met = Counter(number for own in telling for number in own)
    least = max(1, (len(telling) - unknown + 1) // 2)
    scores = {number: times * 1_000.0 for number, times in met.items() if times >= least}
    for own in held:
        for number in own.keys() & scores.keys():
            scores[number] += own[number]
    return Matches(segment, scores)
