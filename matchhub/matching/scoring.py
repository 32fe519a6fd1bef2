"""The arithmetic of matching: pure, so that it can be checked by hand and measured on a made history.

A score is the sum of eight parts, each its weight times a share between 0 and 1. The weights are settings that add up to
100 (seed/reference/settings.csv, match_…); each run keeps those that it used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from matchhub.domain.scoring.numbers import round_to
from matchhub.matching.likeness import Corpus, Vector


class Part(StrEnum):
    FIELD = "field"
    TARGET = "target"
    COMMUNITY = "community"
    TEXT = "text"
    CAPACITY = "capacity"
    RECORD = "record"
    ABILITY = "ability"
    NEWCOMER = "newcomer"


# A history of so many projects of the kind counts as much as any longer one: the tenth adds nothing to the third.
ENOUGH = 3
# The likeness of texts at which the part is full; two texts on the same subject reach about this.
FULL_LIKENESS = 0.35


@dataclass(frozen=True, slots=True)
class Done:
    """A project that an organisation has done or is doing."""

    fields: frozenset[str]
    targets: frozenset[str]
    communities: frozenset[str]
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is known of an organisation. `record` is of 100, None for a newcomer; `capacity` 0 means not stated."""

    key: int
    name: str
    fields: frozenset[str]
    targets: frozenset[str]
    communities: frozenset[str]
    text: str
    abilities: tuple[str, ...] = ()
    done: tuple[Done, ...] = ()
    running: int = 0
    capacity: int = 0
    record: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a need asks for."""

    fields: frozenset[str]
    targets: frozenset[str]
    communities: frozenset[str]
    text: str


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a match: what it got of what it could get, and the facts for its sentence."""

    part: Part
    points: Decimal
    most: Decimal
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    candidate: Candidate
    score: Decimal
    shares: tuple[Share, ...]


class Ranking:
    """Some candidates, weighed for any number of needs: what costs time is read of their texts once.

    `neutral` is a newcomer's record of 100.
    """

    def __init__(self, candidates: Sequence[Candidate], weights: Mapping[Part, Decimal], neutral: Decimal) -> None:
        self._weights, self._neutral = weights, neutral
        texts = {one.key: _text(one) for one in candidates}
        self._corpus = Corpus(texts.values())
        self._candidates = {one.key: one for one in candidates}
        self._vectors = {key: self._corpus.vector(text) for key, text in texts.items()}

    def of(self, wanted: Wanted) -> list[Match]:
        """All candidates, best first; equal ones in the order of their names."""
        asked = self._corpus.vector(wanted.text)
        found = [self._match(wanted, key, asked) for key in self._candidates]
        return sorted(found, key=lambda match: (-match.score, match.candidate.name, match.candidate.key))

    def one(self, wanted: Wanted, key: int) -> Match:
        """One of the candidates. Raises KeyError for another."""
        return self._match(wanted, key, self._corpus.vector(wanted.text))

    def _match(self, wanted: Wanted, key: int, asked: Vector) -> Match:
        likeness = asked * self._vectors[key]
        return _match(wanted, self._candidates[key], self._weights, self._neutral, likeness)


def _text(candidate: Candidate) -> str:
    return " ".join([candidate.text, *candidate.abilities, *(one.text for one in candidate.done)])


def _match(
    wanted: Wanted,
    one: Candidate,
    weights: Mapping[Part, Decimal],
    neutral: Decimal,
    likeness: float,
) -> Match:
    abilities = [word for word in one.abilities if word and any(part in wanted.text for part in _parts(word))]
    counts: dict[Part, tuple[float, Mapping[str, object]]] = {
        Part.FIELD: _overlap(wanted.fields, one.fields, one.done, "fields"),
        Part.TARGET: _overlap(wanted.targets, one.targets, one.done, "targets"),
        Part.COMMUNITY: _overlap(wanted.communities, one.communities, one.done, "communities"),
        Part.TEXT: (min(1.0, likeness / FULL_LIKENESS), {"likeness": round(likeness, 3)}),
        Part.CAPACITY: _capacity(one),
        Part.RECORD: (float(one.record if one.record is not None else neutral) / 100, {"record": one.record}),
        Part.ABILITY: (min(1.0, len(abilities) / 2), {"abilities": tuple(abilities[:3])}),
        Part.NEWCOMER: (0.0 if one.done else 1.0, {"projects": len(one.done)}),
    }
    shares = tuple(
        Share(part, round_to(Decimal(str(share)) * weights[part], Decimal("0.1")), weights[part], facts)
        for part, (share, facts) in counts.items()
    )
    return Match(one, sum((share.points for share in shares), Decimal(0)), shares)


def _overlap(
    asked: frozenset[str], said: frozenset[str], done: Iterable[Done], name: str
) -> tuple[float, dict[str, object]]:
    """Half for what the organisation says it does, half for what it has done: of what is asked, how much."""
    matching = asked & said
    projects = sum(1 for one in done if asked & getattr(one, name))
    claimed = len(matching) / len(asked) if asked else 1.0
    proven = min(1.0, projects / ENOUGH) if asked else 1.0
    return 0.6 * claimed + 0.4 * proven, {"codes": tuple(sorted(matching)), "projects": projects}


def _capacity(one: Candidate) -> tuple[float, dict[str, object]]:
    """What is free of the projects that it can do at a time; one that does not say gets half while it does few."""
    facts: dict[str, object] = {"running": one.running, "capacity": one.capacity}
    if one.capacity <= 0:
        return (0.5 if one.running < ENOUGH else 0.0), facts
    return max(0.0, (one.capacity - one.running) / one.capacity), facts


def _parts(ability: str) -> list[str]:
    """An ability is met by its name, or by either half of a name of four characters (楼组协商: 楼组, 协商)."""
    return [ability] if len(ability) != 4 else [ability, ability[:2], ability[2:]]
