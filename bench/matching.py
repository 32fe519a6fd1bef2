"""How often the organisation that was really chosen is among the first five, on a made history of 2,000 awards.

The history knows nothing of the weights. 48 organisations have a subject or two at which they are good, places where they
work and a size; what the street chose in each award comes from hidden liking: subject (which shows in the codes only
mostly, since people tick codes carelessly), people served, place, whether they were free, how the last projects went, and
a good deal of chance. The baseline is what a clerk does without help: same field, most experience.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bench import generate
from bench.table import Row
from matchhub.matching.scoring import Candidate, Done, Part, Ranking, Wanted

AWARDS, WARM_UP, FIRST = 2_000, 200, 5
WEIGHTS = dict(zip(Part, map(Decimal, (28, 14, 14, 14, 10, 10, 5, 5)), strict=True))
FIELDS, TARGETS, PLACES, SUBJECTS = 16, 17, 63, 40
# How much each hidden reason counts in a choice, and the spread of chance.
LIKING = {"subject": 3.0, "target": 1.2, "place": 1.2, "busy": -1.0, "quality": 1.5}
CHANCE = 0.7


@dataclass
class Maker:
    """An organisation as it really is: its subjects, and how well it works (which nobody has written down)."""

    key: int
    subjects: tuple[int, ...]
    targets: frozenset[str]
    places: frozenset[str]
    capacity: int
    quality: float
    done: list[Done] = field(default_factory=list)
    until: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)


def run() -> Iterator[tuple[str, list[Row]]]:
    """One table: the share of awards whose chosen organisation is in the first five, by matching and by the baseline."""
    found, plain, asked = _measured(random.Random(11))
    yield (
        f"Matching: {asked:,} made awards, chosen organisation among the first {FIRST} of 48",
        [
            Row("matching", 100 * found / asked, "%", floor="same field, most experience", ratio=found / plain),
            Row("same field, most experience", 100 * plain / asked, "%"),
        ],
    )


def _measured(chance: random.Random) -> tuple[int, int, int]:
    makers, texts = _makers(chance), _texts(chance)
    found = plain = asked = 0
    for number in range(AWARDS):
        subject, wanted = _need(chance, texts)
        chosen = max(makers, key=lambda maker: _liking(maker, subject, wanted, number, chance))
        if number >= WARM_UP:
            known = [_seen(maker, texts, number) for maker in makers]
            first = [match.candidate.key for match in Ranking(known, WEIGHTS, Decimal(60)).of(wanted)[:FIRST]]
            found += chosen.key in first
            plain += chosen.key in [one.key for one in sorted(known, key=lambda c: _experience(c, wanted))[:FIRST]]
            asked += 1
        chosen.done.append(Done(wanted.fields, wanted.targets, wanted.communities, wanted.text))
        chosen.until.append(number + chance.randint(20, 60))
        chosen.scores.append(min(98.0, max(40.0, chance.gauss(60 + 30 * chosen.quality, 6))))
    return found, plain, asked


def _experience(one: Candidate, wanted: Wanted) -> tuple[bool, int, str]:
    """The baseline's order: those that tick the field first, by how many projects they have done."""
    return not one.fields & wanted.fields, -len(one.done), one.name


def _makers(chance: random.Random) -> list[Maker]:
    return [
        Maker(
            key,
            tuple(chance.sample(range(SUBJECTS), chance.choice((1, 1, 2, 3)))),
            frozenset(f"t{n}" for n in chance.sample(range(TARGETS), 2)),
            frozenset(f"c{n}" for n in chance.sample(range(PLACES), chance.choice((4, 8, 20)))),
            chance.choice((1, 2, 2, 3, 4)),
            chance.random(),
        )
        for key in range(48)
    ]


def _texts(chance: random.Random) -> list[list[str]]:
    """By subject the sentences in which people write of it."""
    told = list(generate.sentences())
    chance.shuffle(told)
    return [told[number::SUBJECTS] for number in range(SUBJECTS)]


def _need(chance: random.Random, texts: list[list[str]]) -> tuple[int, Wanted]:
    subject = chance.randrange(SUBJECTS)
    # One code in five is ticked carelessly.
    ticked = subject % FIELDS if chance.random() < 0.8 else chance.randrange(FIELDS)
    return subject, Wanted(
        frozenset({f"f{ticked}"}),
        frozenset({f"t{chance.randrange(TARGETS)}"}),
        frozenset(f"c{n}" for n in chance.sample(range(PLACES), chance.randint(1, 6))),
        "。".join(chance.sample(texts[subject], min(5, len(texts[subject])))),
    )


def _liking(maker: Maker, subject: int, wanted: Wanted, now: int, chance: random.Random) -> float:
    running = sum(1 for until in maker.until if until > now)
    facts = {
        "subject": float(subject in maker.subjects),
        "target": float(bool(maker.targets & wanted.targets)),
        "place": len(maker.places & wanted.communities) / len(wanted.communities),
        "busy": running / maker.capacity,
        "quality": maker.quality,
    }
    return sum(LIKING[name] * fact for name, fact in facts.items()) + chance.gauss(0, CHANCE)


def _seen(maker: Maker, texts: list[list[str]], now: int) -> Candidate:
    """The organisation as the site knows it."""
    return Candidate(
        maker.key,
        f"机构{maker.key:02}",
        frozenset(f"f{subject % FIELDS}" for subject in maker.subjects),
        maker.targets,
        maker.places,
        "。".join(texts[subject][0] for subject in maker.subjects if texts[subject]),
        done=tuple(replace(one) for one in maker.done[-12:]),
        running=sum(1 for until in maker.until if until > now),
        capacity=maker.capacity,
        record=Decimal(str(round(sum(maker.scores[-6:]) / len(maker.scores[-6:]), 1))) if maker.scores else None,
    )
