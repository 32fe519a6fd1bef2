"""The arithmetic of matching, checked by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from matchhub.matching.likeness import Corpus, pairs
from matchhub.matching.scoring import Candidate, Done, Part, Ranking, Wanted

WEIGHTS = dict(zip(Part, map(Decimal, (28, 14, 14, 14, 10, 10, 5, 5)), strict=True))
LIFT = Wanted(frozenset({"lift"}), frozenset({"old"}), frozenset({"c1", "c2"}), "老楼加装电梯征询协商")


def candidate(key=1, name="甲", **over):
    nothing = {"fields": frozenset(), "targets": frozenset(), "communities": frozenset(), "text": ""}
    return Candidate(key, name, **{**nothing, **over})


def points(one, part):
    (match,) = Ranking([one], WEIGHTS, Decimal(60)).of(LIFT)
    return next(share.points for share in match.shares if share.part is part)


def lift_projects(many):
    return tuple(Done(frozenset({"lift"}), frozenset(), frozenset(), "") for _ in range(many))


def test_all_parts_of_a_perfect_organisation_give_a_hundred_but_for_the_newcomers_boost():
    done = tuple(Done(LIFT.fields, LIFT.targets, LIFT.communities, LIFT.text) for _ in range(3))
    perfect = candidate(fields=LIFT.fields, targets=LIFT.targets, communities=LIFT.communities, text=LIFT.text,
                        abilities=("电梯", "协商"), done=done, capacity=2, record=Decimal(100))  # fmt: skip
    (match,) = Ranking([perfect], WEIGHTS, Decimal(60)).of(LIFT)
    assert match.score == 95
    assert sum(share.most for share in match.shares) == 100


@pytest.mark.parametrize(
    ("fields", "projects", "wanted"),
    [
        ({"lift"}, 0, Decimal("16.8")),  # 28 × 0.6: says so
        ({"lift"}, 3, Decimal("28.0")),  # and has done it three times
        (set(), 1, Decimal("3.7")),  # 28 × 0.4 × 1/3: has done it once, does not say so
        ({"other"}, 0, Decimal("0.0")),
    ],
)
def test_a_field_counts_as_said_and_as_done(fields, projects, wanted):
    assert points(candidate(fields=frozenset(fields), done=lift_projects(projects)), Part.FIELD) == wanted


@pytest.mark.parametrize(
    ("running", "capacity", "wanted"),
    [(0, 4, Decimal("10.0")), (2, 4, Decimal("5.0")), (4, 4, Decimal("0.0")), (5, 4, Decimal("0.0")),
     (0, 0, Decimal("5.0")), (3, 0, Decimal("0.0"))],
)  # fmt: skip
def test_free_capacity_counts(running, capacity, wanted):
    assert points(candidate(running=running, capacity=capacity), Part.CAPACITY) == wanted


def test_a_newcomer_counts_as_neutral_and_gets_its_boost():
    assert points(candidate(), Part.RECORD) == Decimal("6.0")
    assert points(candidate(), Part.NEWCOMER) == Decimal("5.0")
    assert points(candidate(done=lift_projects(1)), Part.NEWCOMER) == 0
    assert points(candidate(record=Decimal("87.5")), Part.RECORD) == Decimal("8.8")


def test_an_ability_that_the_need_mentions_counts_also_by_half_of_its_name():
    assert points(candidate(abilities=("楼组协商", "书法")), Part.ABILITY) == Decimal("2.5")
    assert points(candidate(abilities=("书法",)), Part.ABILITY) == 0


def test_texts_on_the_same_subject_are_nearer_than_others():
    corpus = Corpus(["加装电梯的征询和分摊", "独居老人每周探访", "放学后的看护"])
    asked = corpus.vector("六层老楼加装电梯")
    assert asked * corpus.vector("加装电梯的征询和分摊") > asked * corpus.vector("独居老人每周探访")
    assert asked * corpus.vector("六层老楼加装电梯") == pytest.approx(1)
    assert asked * corpus.vector("") == 0
    assert pairs("加梯 abc") == {"加梯": 1, "abc": 1}


def test_equal_organisations_stand_in_the_order_of_their_names():
    two = [candidate(2, "乙"), candidate(1, "丙"), candidate(3, "丁")]
    found = [match.candidate.name for match in Ranking(two, WEIGHTS, Decimal(60)).of(LIFT)]
    assert found == sorted(found)
