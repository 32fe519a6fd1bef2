"""Laws of putting reviewers' scores together and of ranking."""

from datetime import datetime
from decimal import Decimal as D
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.domain.scoring.aggregate import (
    Candidate,
    Policy,
    TieBreak,
    TooFewScores,
    Verdict,
    combine,
    group_means,
    judge,
    rank,
    summarise,
)

POLICY = Policy()


def scores(*values):
    return [D(str(v)) for v in values]


def test_five_scores_lose_one_highest_and_one_lowest():
    # 60 72 80 84 95: mean 391/5 = 78.2; without 60 and 95: 236/3 = 78.666... -> 78.67; median 80.
    # Deviations: -18.2 -6.2 1.8 5.8 16.8; squares 331.24 38.44 3.24 33.64 282.24 = 688.8; /5 = 137.76; root 11.737.
    result = summarise(scores(80, 60, 95, 72, 84), POLICY)
    assert (result.count, result.mean, result.median) == (5, D("78.20"), D("80.00"))
    assert result.deviation == D("11.74")
    assert result.trimmed == result.final == D("78.67")
    assert (result.lowest, result.highest) == (60, 95)


def test_four_scores_keep_all_and_the_median_lies_between_the_middle_two():
    # 60 72 80 85: mean 297/4 = 74.25; median (72 + 80)/2 = 76.
    result = summarise(scores(60, 72, 80, 85), POLICY)
    assert result.trimmed is None
    assert result.final == result.mean == D("74.25")
    assert result.median == D(76)


def test_only_one_of_several_equal_extremes_is_dropped():
    # 90 90 90 60 60 -> kept 60 90 90 = 240/3 = 80.
    assert summarise(scores(90, 90, 90, 60, 60), POLICY).final == D(80)


def test_one_reviewer_cannot_sink_a_proposal_from_five_scores_on():
    assert summarise(scores(80, 80, 80, 80, 0), POLICY).final == 80


def test_below_the_panel_minimum_no_number_is_shown():
    with pytest.raises(TooFewScores):
        summarise(scores(80, 90), POLICY)
    with pytest.raises(TooFewScores):
        summarise([], Policy(panel_minimum=0))


def test_a_spread_above_the_limit_must_be_discussed_and_exactly_on_it_need_not():
    # 70 80 90: squares 100 + 0 + 100 = 200; /3 = 66.67; root 8.16. 60 80 80 100: 800/4 = 200, root 14.14.
    assert not summarise(scores(70, 80, 90), POLICY).must_discuss
    assert summarise(scores(60, 80, 80, 100), POLICY).must_discuss
    # 70 70 90 90: each 10 away, deviation exactly 10.
    assert not summarise(scores(70, 70, 90, 90), POLICY).must_discuss


def test_the_steps_name_what_was_dropped_and_what_was_averaged():
    steps = summarise(scores(80, 60, 95, 72, 84), POLICY).steps
    assert [s.rule for s in steps] == ["drop_lowest", "drop_highest", "trimmed_mean"]
    assert [s.result for s in steps] == [D(60), D(95), D("78.67")]
    assert steps[2].values == (("score", D(72)), ("score", D(80)), ("score", D(84)))


TOTALS = st.lists(st.integers(0, 200).map(lambda n: D(n) / 2), min_size=3, max_size=9)


@given(TOTALS)
def test_every_centre_lies_between_the_extremes_and_order_does_not_matter(totals):
    result = summarise(totals, POLICY)
    for centre in (result.mean, result.median, result.final):
        assert result.lowest <= centre <= result.highest
    assert summarise(list(reversed(totals)), POLICY) == result


@given(st.integers(0, 100), st.integers(3, 9))
def test_equal_scores_have_no_spread(score, n):
    result = summarise([D(score)] * n, POLICY)
    assert (result.final, result.deviation) == (score, 0)


def test_group_percentages_are_averaged_over_those_for_whom_they_applied():
    # fit (80 + 70)/2 = 75; org only one reviewer.
    sheets = [{"fit": D(80), "org": None, "budget": None}, {"fit": D(70), "org": D(50), "budget": None}]
    assert group_means(sheets) == {"fit": D(75), "org": D(50)}


def test_written_and_roadshow_are_combined_70_to_30():
    # 78.67 * 0.7 + 85.5 * 0.3 = 55.069 + 25.65 = 80.719 -> 80.72.
    total, step = combine(D("78.67"), D("85.5"), POLICY)
    assert total == step.result == D("80.72")
    assert step.rule == "combined"


def test_a_need_with_one_stage_counts_it_in_full():
    assert combine(D("78.67"), None, POLICY)[0] == D("78.67")
    assert combine(None, D("85.5"), POLICY)[0] == D("85.5")
    with pytest.raises(ValueError, match="neither"):
        combine(None, None, POLICY)


@pytest.mark.parametrize(
    ("total", "org", "applicants", "verdict"),
    [
        ("70", "60", 2, Verdict.passed),
        ("69.99", "60", 2, Verdict.below_line),
        ("90", "59.99", 2, Verdict.reconsider),
        ("69.99", "59.99", 2, Verdict.below_line),
        ("70", "60", 1, Verdict.below_line),
        ("75", "60", 1, Verdict.passed),
        ("74.99", "60", 1, Verdict.below_line),
    ],
)
def test_lines_and_floors_are_reached_exactly_on_them(total, org, applicants, verdict):
    result = judge(D(total), {"org": D(org), "budget": D(80), "fit": D(10)}, applicants, POLICY)
    assert result.verdict is verdict
    assert result.low_groups == (("org",) if D(org) < 60 else ())
    assert result.needs_necessity_note is (applicants == 1)


def test_the_steps_of_a_judgement_tell_by_how_much_each_line_was_passed_or_missed():
    groups = {"org": D("58.5"), "budget": D(80)}
    # 72 is 2 above 70; 58.5 is 1.5 below the floor of 60; 80 is 20 above it. Alone, 72 is 3 below 75.
    steps = judge(D(72), groups, 2, POLICY).steps
    assert [(s.rule, s.result) for s in steps] == [
        ("pass_line", D(2)),
        ("group_floor", D("-1.5")),
        ("group_floor", D(20)),
    ]
    alone = judge(D(72), groups, 1, POLICY).steps[0]
    assert (alone.rule, alone.result) == ("single_bid_line", D(-3))


def test_a_floor_group_that_nobody_scored_is_an_error_not_a_pass():
    with pytest.raises(KeyError):
        judge(D(90), {"org": D(80)}, 2, POLICY)


def candidate(key, total="80", fit="80", amount_fen=100, minute=0):
    return Candidate(key, D(total), D(fit), amount_fen, datetime(2026, 11, 2, 9, minute))


def test_ties_fall_to_fit_then_lower_amount_then_earlier_submission():
    field = [
        candidate("a", total="81"),
        candidate("b", fit="85"),
        candidate("c", amount_fen=90),
        candidate("d", minute=1),
        candidate("e", minute=2),
        candidate("f", minute=2),
        candidate("g", total="79"),
    ]
    for order in list(permutations(field))[::500]:
        ranked = rank(order)
        assert [(r.candidate.key, r.place, r.decided_by) for r in ranked] == [
            ("a", 1, None),
            ("b", 2, TieBreak.total),
            ("c", 3, TieBreak.fit),
            ("d", 4, TieBreak.amount),
            ("e", 5, TieBreak.submitted),
            ("f", 5, TieBreak.equal),
            ("g", 7, TieBreak.total),
        ]


def test_ranking_nobody_gives_nobody():
    assert rank([]) == ()
