"""Laws of the closing assessment (活跃度测评)."""

import hashlib
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.domain.scoring.assessment import (
    Extra,
    Grade,
    Inputs,
    Missing,
    Rules,
    Satisfaction,
    VisitScore,
    assess,
    canonical,
    daily_score,
    grade_of,
    missing,
)

RULES = Rules()
VISITS = (
    VisitScore("DD-1", "on_site", D("82.5")),
    VisitScore("DD-2", "attend", D(90)),
    VisitScore("DD-3", "remote", D(75)),
)
INPUTS = Inputs(D(86), D("88.5"), VISITS)


def test_the_daily_score_weighs_visits_by_kind():
    # (1.0*82.5 + 0.8*90 + 0.4*75) / 2.2 = (82.5 + 72 + 30) / 2.2 = 184.5 / 2.2 = 83.8636... -> 83.86.
    assert daily_score(VISITS, RULES.visit_weights) == D("83.86")


def test_the_score_is_30_30_40_of_the_numbers_shown():
    # 0.3*86 + 0.3*88.5 + 0.4*83.86 = 25.8 + 26.55 + 33.544 = 85.894 -> 85.89, good.
    result = assess(INPUTS, RULES)
    assert (result.c1, result.c2, result.c3) == (D(86), D("88.5"), D("83.86"))
    assert result.weighted == result.score == D("85.89")
    assert result.grade is Grade.good
    assert not result.is_capped


def test_weights_are_settings():
    # 0.2*86 + 0.3*88.5 + 0.5*83.86 = 17.2 + 26.55 + 41.93 = 85.68.
    rules = replace(RULES, weight_c1=D(20), weight_c3=D(50))
    assert assess(INPUTS, rules).score == D("85.68")


def test_settings_that_do_not_add_up_are_refused():
    with pytest.raises(ValueError, match="sum to 100"):
        Rules(weight_c1=D(31))
    with pytest.raises(ValueError, match="descend"):
        Rules(grade_good=D(90))


def test_extras_add_at_most_five_and_the_score_at_most_100():
    # 85.89 + min(3 + 4, 5) = 90.89, which is excellent.
    extras = (Extra("leverage", D(3)), Extra("team", D(4)))
    result = assess(replace(INPUTS, extras=extras), RULES)
    assert (result.extra_points, result.score, result.grade) == (5, D("90.89"), Grade.excellent)
    top = Inputs(D(100), D(100), (VisitScore("v", "on_site", D(99)),), extras)
    # 30 + 30 + 39.6 = 99.6; with extras capped at 100.
    assert assess(top, RULES).score == 100


def test_low_satisfaction_caps_the_grade_and_leaves_the_score():
    # 79 of 100 is below 80 %.
    result = assess(replace(INPUTS, satisfaction=Satisfaction(79, 100)), RULES)
    assert (result.score, result.satisfaction_rate) == (D("85.89"), D("79.00"))
    assert (result.grade_by_score, result.grade, result.is_capped) == (Grade.good, Grade.acceptable, True)


def test_exactly_80_percent_does_not_cap_and_79_996_does_though_it_shows_as_80():
    assert not assess(replace(INPUTS, satisfaction=Satisfaction(80, 100)), RULES).is_capped
    close = assess(replace(INPUTS, satisfaction=Satisfaction(19_999, 25_000)), RULES)
    assert close.satisfaction_rate == D("80.00")
    assert close.is_capped


def test_fewer_than_ten_answers_give_no_rate_and_cap_nothing():
    result = assess(replace(INPUTS, satisfaction=Satisfaction(2, 9)), RULES)
    assert result.satisfaction_rate is None
    assert result.grade is Grade.good


def test_the_tenth_answer_makes_a_rate_and_nobody_satisfied_is_a_rate_of_zero():
    result = assess(replace(INPUTS, satisfaction=Satisfaction(0, 10)), RULES)
    assert (result.satisfaction_rate, result.grade) == (D("0.00"), Grade.acceptable)


def test_an_extra_that_was_verified_at_zero_points_changes_nothing():
    assert assess(replace(INPUTS, extras=(Extra("team", D(0)),)), RULES).score == D("85.89")


def test_the_cap_never_raises_a_grade():
    low = Inputs(D(60), D(60), (VisitScore("v", "on_site", D(60)),), satisfaction=Satisfaction(1, 100))
    assert assess(low, RULES).grade is Grade.to_improve


def test_a_veto_gives_zero_and_failed_and_needs_no_other_number():
    result = assess(replace(INPUTS, vetoes=("misuse", "forgery")), RULES)
    assert (result.score, result.grade, result.vetoes) == (0, Grade.failed, ("forgery", "misuse"))
    assert result.weighted == D("85.89")
    bare = assess(Inputs(None, None, (), vetoes=("harm",)), RULES)
    assert (bare.score, bare.weighted, bare.grade) == (0, None, Grade.failed)
    assert bare.steps[-1].rule == "veto"
    half = assess(replace(INPUTS, c2=None, vetoes=("harm",)), RULES)
    assert (half.score, half.weighted, half.c3) == (0, None, D("83.86"))


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        ("100", Grade.excellent),
        ("90", Grade.excellent),
        ("89.99", Grade.good),
        ("80", Grade.good),
        ("79.99", Grade.acceptable),
        ("70", Grade.acceptable),
        ("69.99", Grade.to_improve),
        ("60", Grade.to_improve),
        ("59.99", Grade.failed),
        ("0", Grade.failed),
    ],
)
def test_a_score_on_a_threshold_has_the_grade_of_the_threshold(score, grade):
    assert grade_of(D(score), RULES) is grade


def test_what_is_missing_is_named_and_nothing_is_computed_without_it():
    empty = Inputs(None, None, ())
    assert missing(empty) == (Missing.c1, Missing.c2, Missing.visits)
    with pytest.raises(ValueError, match="not ready"):
        assess(empty, RULES)
    assert missing(INPUTS) == ()


def test_impossible_numbers_are_errors():
    for wrong in (
        replace(INPUTS, c1=D("100.5")),
        replace(INPUTS, c2=D("NaN")),
        replace(INPUTS, visits=(VisitScore("v", "on_site", D(-1)),)),
        replace(INPUTS, extras=(Extra("x", D(-1)),)),
        replace(INPUTS, satisfaction=Satisfaction(11, 10)),
    ):
        with pytest.raises(ValueError, match=r"between 0 and 100|not negative|more satisfied"):
            assess(wrong, RULES)
    with pytest.raises(KeyError):
        assess(replace(INPUTS, visits=(VisitScore("v", "by_drone", D(80)),)), RULES)


def test_the_steps_tell_the_whole_story_in_order():
    extras = (Extra("leverage", D(3)),)
    result = assess(replace(INPUTS, extras=extras, satisfaction=Satisfaction(90, 100)), RULES)
    assert [s.rule for s in result.steps] == ["daily", "weighted", "extras", "satisfaction", "score"]
    assert [s.result for s in result.steps] == [D("83.86"), D("85.89"), D(3), D("90.00"), D("88.89")]
    assert ("DD-1:weight", D("1.0")) in result.steps[0].values
    assert result.steps[-1].values == (("weighted", D("85.89")), ("extras", D(3)), ("cap", D(100)))


SCORES = st.integers(0, 10000).map(lambda n: D(n) / 100)


@given(SCORES, SCORES, st.lists(SCORES, min_size=1, max_size=6))
def test_a_score_lies_between_its_lowest_and_highest_component(c1, c2, visit_scores):
    visits = tuple(VisitScore(f"v{n}", "on_site", s) for n, s in enumerate(visit_scores))
    result = assess(Inputs(c1, c2, visits), RULES)
    assert min(c1, c2, result.c3) <= result.score <= max(c1, c2, result.c3)


def test_the_digest_can_be_recomputed_from_the_canonical_text():
    result = assess(INPUTS, RULES)
    assert hashlib.sha256(result.canonical.encode()).hexdigest() == result.digest
    assert json.loads(result.canonical)["inputs"]["c2"] == "88.5"


def test_the_digest_does_not_depend_on_order_or_trailing_zeros_but_on_every_value():
    digest = assess(INPUTS, RULES).digest
    assert assess(replace(INPUTS, visits=VISITS[::-1]), RULES).digest == digest
    assert assess(replace(INPUTS, c1=D("86.00")), RULES).digest == digest
    assert assess(replace(INPUTS, c1=D("86.01")), RULES).digest != digest
    assert assess(INPUTS, replace(RULES, extra_points_cap=D(4))).digest != digest


def test_canonical_text_sorts_keys_and_writes_no_spaces():
    value = {"b": [D("1.50"), None, True], "a": date(2026, 11, 24), "c": Grade.good, "d": "曹杨"}
    assert canonical(value) == '{"a":"2026-11-24","b":["1.5",null,true],"c":"good","d":"曹杨"}'
    assert canonical([D(100), D("1E+2"), D("-0.00")]) == '["100","100","0"]'


@pytest.mark.parametrize("value", [1.5, {1: "x"}, D("NaN"), {"x"}, object()])
def test_values_without_one_spelling_are_refused(value):
    with pytest.raises(TypeError):
        canonical(value)
