"""How often the organisation that was really chosen is among the first five: on 2,000 made awards and on the demonstration.

How a choice is made in the made history, and why it is not our own score again:

- 48 organisations have one to three subjects at which they are good, people whom they know, places where they work, a
  size and a quality. The subject of a need is hidden: the site sees the codes that somebody ticked (one in five ticked
  carelessly, and 40 subjects share 16 codes) and some sentences about it.
- Who applies is decided first, and by what our score knows little of: an organisation must have heard of the call
  (three in four), be tempted by it, and have hands free, though one in five applies without. Nobody else can be
  chosen. So about four apply.
- The panel then chooses by five things that our score guesses at from traces (subject, people served, place, load, real
  quality) and by three that it cannot know: how well the section and the organisation know each other, how cheap the
  offer is, and how well the application is written that day. Together these three spread by 1.2 where a fitting
  subject counts 3 and one kind of people served 1.2.
- The sizes of these reasons (LIKING, UNKNOWN) were set once, by what a panel's minutes speak of, and are no copy of the
  weights of matching: here reasons add up as they are, there as shares of 100 with floors, halves and a newcomers' boost.

The baseline is what a clerk does without help: same field, most experience. The last row is the best that anybody could do
who knew all five reasons exactly, but not who applies nor the three unknown ones: the rest is not to be had.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa

from bench import generate, instance
from bench.table import Row
from matchhub.core.db import db
from matchhub.domain.models import Project
from matchhub.matching import facts
from matchhub.matching.scoring import Candidate, Done, Part, Ranking, Wanted

AWARDS, WARM_UP, FIRST = 2_000, 200, 5
WEIGHTS = dict(zip(Part, map(Decimal, (28, 14, 14, 14, 10, 10, 5, 5)), strict=True))
FIELDS, TARGETS, PLACES, SUBJECTS, SECTIONS, MAKERS = 16, 17, 63, 40, 6, 48
# How much each reason counts in a choice; the second group is what no score of this site can know.
LIKING = {"subject": 3.0, "target": 1.2, "place": 1.2, "busy": -1.0, "quality": 1.5}
UNKNOWN = {"acquaintance": 0.8, "price": 0.6, "writing": 0.7}
HEARD, WITHOUT_HANDS, TEMPTED = 0.75, 0.2, 2.5


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
    known_to: tuple[float, ...] = ()
    until: list[int] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)


@dataclass
class Found:
    """Of `asked` awards: how often each way had the chosen organisation among its first five."""

    asked: int = 0
    ours: int = 0
    plain: int = 0
    ideal: int = 0

    def rows(self, name: str) -> list[Row]:
        rows = [
            Row(name, 100 * self.ours / self.asked, "%", floor=BASELINE, ratio=self.ours / max(1, self.plain)),
            Row(BASELINE, 100 * self.plain / self.asked, "%"),
        ]
        return rows + ([Row(IDEAL, 100 * self.ideal / self.asked, "%")] if self.ideal else [])


BASELINE, IDEAL = "same field, most experience", "all five reasons known exactly"


def run(folder: Path) -> Iterator[tuple[str, list[Row]]]:
    """Two tables: the made history, and the awards of the demonstration in `folder`."""
    made = history(random.Random(11))
    yield f"Matching: {made.asked:,} made awards, the chosen among the first {FIRST} of {MAKERS}", made.rows("matching")
    with instance.make_app(folder).app_context():
        played = demonstration()
    yield f"Matching: the {played.asked} awards of the demonstration, as things stood then", played.rows("matching")


def demonstration() -> Found:
    """The demonstration's own awards, inside an app context: each ranked as things stood when its need was published."""
    found = Found()
    for project in db.session.scalars(sa.select(Project).order_by(Project.id)).all():
        need = project.need
        wanted = facts.wanted(need)
        known = facts.candidates(before=need.published_at)
        first = [match.candidate for match in facts.ranking(before=need.published_at).of(wanted)]
        _count(found, project.organisation_id, first, sorted(known, key=lambda one: _experience(one, wanted)))
    return found


def history(chance: random.Random) -> Found:
    """The made history, judged after its first WARM_UP awards."""
    makers, texts, found = _makers(chance), _texts(chance), Found()
    for number in range(WARM_UP + AWARDS):
        subject, wanted = _need(chance, texts)
        reasons = {maker.key: _reasons(maker, subject, wanted, number) for maker in makers}
        chosen = _chosen(makers, reasons, number, chance)
        if number >= WARM_UP:
            known = [_seen(maker, texts, number) for maker in makers]
            first = [match.candidate for match in Ranking(known, WEIGHTS, Decimal(60)).of(wanted)]
            _count(found, chosen.key, first, sorted(known, key=lambda one: _experience(one, wanted)))
            best = sorted(reasons, key=lambda key: -reasons[key])[:FIRST]
            found.ideal += chosen.key in best
        chosen.done.append(Done(wanted.fields, wanted.targets, wanted.communities, wanted.text))
        chosen.until.append(number + chance.randint(20, 60))
        chosen.scores.append(min(98.0, max(40.0, chance.gauss(60 + 30 * chosen.quality, 6))))
    return found


def _count(found: Found, chosen: int, ours: Sequence[Candidate], plain: Sequence[Candidate]) -> None:
    found.asked += 1
    found.ours += chosen in [one.key for one in ours[:FIRST]]
    found.plain += chosen in [one.key for one in plain[:FIRST]]


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
            known_to=tuple(chance.gauss(0, 1) for _section in range(SECTIONS)),
        )
        for key in range(MAKERS)
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


def _reasons(maker: Maker, subject: int, wanted: Wanted, now: int) -> float:
    """How much the five reasons that leave traces speak for an organisation."""
    running = sum(1 for until in maker.until if until > now)
    there = {
        "subject": float(subject in maker.subjects),
        "target": float(bool(maker.targets & wanted.targets)),
        "place": len(maker.places & wanted.communities) / len(wanted.communities),
        "busy": running / maker.capacity,
        "quality": maker.quality,
    }
    return sum(LIKING[name] * fact for name, fact in there.items())


def _chosen(makers: Sequence[Maker], reasons: Mapping[int, float], now: int, chance: random.Random) -> Maker:
    """The applicant whom the panel likes best; when nobody applies, the street asks the likeliest one."""
    section = chance.randrange(SECTIONS)
    applicants = [maker for maker in makers if _applies(maker, reasons[maker.key], now, chance)]

    def liked(maker: Maker) -> float:
        unknown = {"acquaintance": maker.known_to[section], "price": chance.gauss(0, 1), "writing": chance.gauss(0, 1)}
        return reasons[maker.key] + sum(UNKNOWN[name] * fact for name, fact in unknown.items())

    return max(applicants or [max(makers, key=lambda maker: reasons[maker.key])], key=liked)


def _applies(maker: Maker, reasons: float, now: int, chance: random.Random) -> bool:
    """Whether an organisation has heard of the call, is tempted by it, and has hands free (or applies all the same)."""
    is_free = sum(1 for until in maker.until if until > now) < maker.capacity
    has_hands = is_free or chance.random() < WITHOUT_HANDS
    return has_hands and chance.random() < HEARD and reasons + chance.gauss(0, 1) > TEMPTED


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
