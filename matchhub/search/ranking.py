"""From a plan to a page: who matches, how well, in which order, and what the facets would leave.

Everything starts from the documents that the asker may see; no number is ever computed over others.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from matchhub.core import clock
from matchhub.search.columns import Columns
from matchhub.search.engine import MAX_PAGE_SIZE, Hit, SearchPage, SearchQuery, seconds
from matchhub.search.text import Need, ParsedQuery, Plan

# A synonym counts a little less than the word itself, but a synonym in the title more than the word in the body.
_SYNONYM = 0.8
_CLOSENESS = 0.25
# What is worth a little when documents are about equally relevant: a call that is open, and being new (halved by the
# end of the first year, a third by the end of the second …).
_OPEN, _NEW = 0.05, 0.02
_YEAR_SECONDS = 365 * 86_400
# So many candidates of a quoted phrase are read to see whether they really contain it.
MAX_VERIFIED = 1_000
_MAX_FACET_VALUES = 200


class Segment(Protocol):
    """A part of an open index, for the length of one request; its documents have numbers of their own."""

    @property
    def columns(self) -> Columns: ...

    def visible(self, labels: frozenset[str]) -> set[int]:
        """Return the living documents that somebody with `labels` may see."""

    def all_of(self, grams: Sequence[str]) -> Mapping[int, float]:
        """Return the documents that have all `grams`, with the weight of the weakest one; others may be among them."""

    def spines(self, numbers: Iterable[int]) -> Iterator[tuple[int, str]]:
        """Return the text of documents in which quoted phrases are looked up."""


@dataclass(slots=True)
class Matches:
    """The matching documents of one segment with their scores, before facets are applied."""

    segment: Segment
    scores: dict[int, float]


def answer(query: SearchQuery, parsed: ParsedQuery, plan: Plan, segments: Sequence[Segment]) -> SearchPage:
    """Return the page that answers `query`."""
    if not parsed.clauses and not parsed.empty:
        return _empty(query, parsed)
    return paged(query, parsed, *_match(plan, segments, query.labels))


def _empty(query: SearchQuery, parsed: ParsedQuery) -> SearchPage:
    size = min(max(query.size, 1), MAX_PAGE_SIZE)
    return SearchPage(ignored=parsed.ignored, page=max(query.page, 1), size=size)


def paged(query: SearchQuery, parsed: ParsedQuery, matches: list[Matches], exact: bool) -> SearchPage:
    """Return the page of these matches that `query` asks for, with filters applied and facets counted."""
    empty = _empty(query, parsed)
    page, size = empty.page, empty.size
    kept, facets = _filter(matches, _filters(query))
    hits = _order(query, kept, page * size)[(page - 1) * size :]
    total = sum(len(each.scores) for each in kept)
    return replace(empty, hits=tuple(hits), total=total, facets=facets, total_exact=exact)


def keys(query: SearchQuery, plan: Plan, segments: Sequence[Segment]) -> list[str]:
    """Return the key of every document that answers `query`, the newest first."""
    matches, _exact = _match(plan, segments, query.labels)
    kept, _facets = _filter(matches, _filters(query))
    newest = (item for each in kept for item in _by_date(each, 0.0))
    return [key for *_, key, _score in sorted(newest)]


def finds(query: SearchQuery, plan: Plan, segments: Sequence[Segment]) -> bool:
    """Say whether `plan` finds anything for this asker under the filters of `query`."""
    matches, _exact = _match(plan, segments, query.labels)
    kept, _facets = _filter(matches, _filters(query))
    return any(each.scores for each in kept)


def with_correction(page: SearchPage, corrected: str | None) -> SearchPage:
    """Return `page` with another spelling to offer."""
    return replace(page, corrected=corrected)


def _filters(query: SearchQuery) -> dict[str, tuple[str, ...]]:
    wanted = {"kind": tuple(query.kinds)} if query.kinds else {}
    for name, value in query.filters.items():
        values = (value,) if isinstance(value, str) else tuple(value)
        if any(values):
            wanted[name] = values
    return wanted


# Matching


def _match(plan: Plan, segments: Sequence[Segment], labels: frozenset[str]) -> tuple[list[Matches], bool]:
    candidates = [segment.visible(labels) for segment in segments]
    found: list[list[dict[int, float]]] = [[] for _ in segments]
    for need in plan.required:
        for i, segment in enumerate(segments):
            postings = meet(need, segment, candidates[i])
            candidates[i] &= postings.keys()
            found[i].append(postings)
    budget = Budget(MAX_VERIFIED)
    for i, segment in enumerate(segments):
        candidates[i] = verified(plan.required, segment, candidates[i], budget)
        candidates[i] -= excluded(plan.excluded, segment, candidates[i], budget)
    scored = _score(plan, segments, candidates, found)
    return scored, budget.left >= 0


def meet(need: Need, segment: Segment, candidates: set[int]) -> dict[int, float]:
    """Return the weight with which each document meets a need: by the word itself or by a synonym."""
    if not candidates:
        return {}
    postings = dict(segment.all_of(need.grams))
    for synonym in need.synonyms:
        for number, weight in segment.all_of(synonym).items():
            if weight * _SYNONYM > postings.get(number, 0.0):
                postings[number] = weight * _SYNONYM
    return postings


@dataclass(slots=True)
class Budget:
    left: int


def verified(needs: Iterable[Need], segment: Segment, candidates: set[int], budget: Budget) -> set[int]:
    patterns = [need.phrase for need in needs if need.phrase]
    if not patterns:
        return candidates
    read = sorted(candidates)[: max(budget.left, 0)]
    budget.left -= len(candidates)
    # Past the budget the grams alone decide; they are nearly always right.
    unread = candidates.difference(read)
    return unread.union(
        number for number, spine in segment.spines(read) if all(pattern.search(spine) for pattern in patterns)
    )


def excluded(needs: Iterable[Need], segment: Segment, candidates: set[int], budget: Budget) -> set[int]:
    gone: set[int] = set()
    for need in needs:
        having = segment.all_of(need.grams).keys() & candidates
        gone |= verified((need,), segment, set(having), budget)
    return gone


def _score(
    plan: Plan, segments: Sequence[Segment], candidates: list[set[int]], found: list[list[dict[int, float]]]
) -> list[Matches]:
    if not plan.required:
        return [Matches(segment, dict.fromkeys(own, 0.0)) for segment, own in zip(segments, candidates, strict=True)]
    documents = sum(len(segment.columns.keys) for segment in segments)
    rarity = [_rarity(documents, sum(len(own[i]) for own in found if i < len(own))) for i in range(len(plan.required))]
    closeness = _CLOSENESS * sum(rarity) / len(rarity)
    scored = []
    for segment, own, postings in zip(segments, candidates, found, strict=True):
        pairs = list(zip(rarity, postings, strict=True))
        scores = {number: sum(rare * weights[number] for rare, weights in pairs) for number in own}
        for gram in plan.helpful if own else ():
            near = segment.all_of((gram,))
            for number in near.keys() & own:
                scores[number] += closeness * near[number]
        scored.append(Matches(segment, scores))
    return scored


def _rarity(documents: int, having: int) -> float:
    return math.log(1 + (documents - having + 0.5) / (having + 0.5)) if having else 1.0


# Facets


def _filter(
    matches: list[Matches], wanted: dict[str, tuple[str, ...]]
) -> tuple[list[Matches], dict[str, dict[str, int]]]:
    counts: dict[str, Counter[str]] = {}
    kept = []
    for each in matches:
        columns = each.segment.columns
        everything = set(each.scores)
        holding = {name: columns.holders(name, values) & everything for name, values in wanted.items()}
        result = everything.intersection(*holding.values())
        for name in columns.facets:
            # The counts of a facet set its own filter aside, so that its other values can still be chosen.
            others = [held for other, held in holding.items() if other != name]
            base = everything.intersection(*others) if name in holding else result
            counts.setdefault(name, Counter()).update(columns.count(name, base))
        kept.append(
            Matches(each.segment, {number: each.scores[number] for number in result} if wanted else each.scores)
        )
    return kept, {name: _ordered(counted) for name, counted in sorted(counts.items()) if counted}


def _ordered(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:_MAX_FACET_VALUES])


# Order


def _order(query: SearchQuery, kept: list[Matches], many: int) -> list[Hit]:
    now = seconds(query.now or clock.now()) or 0.0
    rank = {"date": _by_date, "deadline": _by_deadline}.get(query.sort, _by_relevance)
    keyed = (item for each in kept for item in rank(each, now))
    return [Hit(key, score) for *_, key, score in heapq.nsmallest(many, keyed)]


_Ranked = Iterable[tuple[float, float, float, str, float]]


def _by_relevance(matches: Matches, now: float) -> _Ranked:
    columns = matches.segment.columns
    for number, score in matches.scores.items():
        is_open, date = columns.is_open(number, now), columns.dates[number]
        newness = 1 / (1 + max(now - date, 0.0) / _YEAR_SECONDS)
        yield -score * (1 + _OPEN * is_open + _NEW * newness), not is_open, -date, columns.keys[number], score


def _by_date(matches: Matches, _now: float) -> _Ranked:
    columns = matches.segment.columns
    for number, score in matches.scores.items():
        yield -columns.dates[number], 0.0, 0.0, columns.keys[number], score


def _by_deadline(matches: Matches, now: float) -> _Ranked:
    """Next deadline first, then those without one, then those that have passed, latest first."""
    columns = matches.segment.columns
    for number, score in matches.scores.items():
        deadline = columns.deadlines[number]
        if deadline is None:
            group, place = 1.0, -columns.dates[number]
        elif deadline >= now:
            group, place = 0.0, deadline
        else:
            group, place = 2.0, -deadline
        yield group, place, 0.0, columns.keys[number], score
