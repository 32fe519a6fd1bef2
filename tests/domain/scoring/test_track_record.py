"""Laws of an organisation's track record."""

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.domain.scoring.track_record import (
    PastProject,
    TrackRules,
    a12_points,
    age_in_years,
    project_value,
    street_mean,
    track_record,
)

RULES = TrackRules()
TODAY = date(2026, 11, 24)


def project(reference="P1", closed_on=date(2026, 6, 30), score="90", reports=(10, 9), rectify=(2, 1)):
    return PastProject(reference, closed_on, D(score), *reports, *rectify)


def test_a_project_counts_half_by_its_score_and_half_by_its_reliability():
    # 0.5*90 + 0.3*90 (9 of 10 reports) + 0.2*50 (1 of 2 rectifications) = 45 + 27 + 10 = 82.
    assert project_value(project(), RULES) == D(82)


def test_nothing_to_rectify_counts_as_on_time_and_no_report_due_leaves_its_part_out():
    # 0.5*90 + 0.3*90 + 0.2*100 = 92.
    assert project_value(project(rectify=(0, 0)), RULES) == D(92)
    # Without reports: (0.5*90 + 0.2*50) / 0.7 = 55 / 0.7 = 78.571 -> 78.57.
    assert project_value(project(reports=(0, 0)), RULES) == D("78.57")


def test_older_projects_weigh_less():
    # Three projects, rectify and reports perfect so that value = 0.5*score + 50.
    # Scores 100, 80, 60 -> values 100, 90, 80; ages 0, 1, 2 -> weights 1, 0.8, 0.64 (sum 2.44).
    # (100 + 72 + 51.2) / 2.44 = 223.2 / 2.44 = 91.4754 -> 91.48.
    perfect = {"reports": (5, 5), "rectify": (0, 0)}
    projects = [
        project("a", date(2026, 6, 30), "100", **perfect),
        project("b", date(2025, 6, 30), "80", **perfect),
        project("c", date(2024, 6, 30), "60", **perfect),
    ]
    record = track_record(projects, D(50), TODAY, RULES)
    assert record.score == record.own == D("91.48")
    assert record.drawn_to is None
    assert [(e.project.reference, e.age_years, e.weight) for e in record.evidence] == [
        ("a", 0, D(1)),
        ("b", 1, D("0.8")),
        ("c", 2, D("0.64")),
    ]


def test_one_project_is_drawn_two_thirds_to_the_street_mean():
    # own 82, street 70: (1*82 + 2*70) / 3 = 222/3 = 74.
    record = track_record([project()], D(70), TODAY, RULES)
    assert (record.own, record.score, record.drawn_to) == (D(82), D(74), D(70))


def test_two_projects_are_drawn_one_third():
    # (2*82 + 70) / 3 = 78.
    record = track_record([project("a"), project("b")], D(70), TODAY, RULES)
    assert record.score == D(78)


def test_without_a_street_mean_the_neutral_value_takes_its_place():
    # (82 + 2*60) / 3 = 67.333 -> 67.33.
    assert track_record([project()], None, TODAY, RULES).score == D("67.33")


def test_projects_of_three_full_years_ago_or_of_the_future_do_not_count():
    just_inside = project("in", date(2023, 11, 25))
    just_outside = project("out", date(2023, 11, 24))
    closed_today, future = project("today", TODAY), project("later", date(2026, 11, 25))
    record = track_record([just_inside, just_outside, closed_today, future], D(70), TODAY, RULES)
    assert [e.project.reference for e in record.evidence] == ["today", "in"]


def test_an_anniversary_makes_a_full_year():
    assert age_in_years(date(2025, 11, 24), TODAY) == 1
    assert age_in_years(date(2025, 11, 25), TODAY) == 0
    assert age_in_years(date(2024, 2, 29), date(2025, 2, 28)) == 0
    assert age_in_years(date(2024, 2, 29), date(2025, 3, 1)) == 1


def test_the_street_mean_counts_each_organisation_once_before_shrinking():
    many = track_record([project(str(n)) for n in range(5)], None, TODAY, RULES)  # own 82
    one = track_record([project(rectify=(0, 0))], None, TODAY, RULES)  # own 92
    none = track_record([], None, TODAY, RULES)
    assert street_mean([many, one, none]) == D(87)
    assert street_mean([none]) is None


def test_a_newcomer_gets_the_neutral_share_of_a12():
    newcomer = track_record([], D(90), TODAY, RULES)
    assert newcomer.is_newcomer
    # 60 % of 5 = 3.
    assert a12_points(newcomer, D(5)) == D(3)


@pytest.mark.parametrize(("score", "points"), [("74", "3.5"), ("75", "4"), ("100", "5"), ("0", "0")])
def test_a12_is_the_share_of_the_maximum_to_the_nearest_half_point(score, points):
    # 74 % of 5 = 3.7 -> 3.5; 75 % = 3.75 -> 4.0 (half up).
    record = replace(track_record([project()], D(70), TODAY, RULES), score=D(score))
    assert a12_points(record, D(5)) == D(points)


def test_the_street_may_give_full_marks_after_an_excellent_grade():
    assert a12_points(track_record([project()], D(70), TODAY, RULES), D(5), full_marks=True) == 5


PROJECTS = st.builds(
    lambda n, days, score, due, late: project(
        str(n), date.fromordinal(TODAY.toordinal() - days), score, (due, due - min(late, due)), (due, due)
    ),
    st.integers(0, 99),
    st.integers(0, 1500),
    st.integers(0, 100),
    st.integers(0, 12),
    st.integers(0, 12),
)


@given(st.lists(PROJECTS, max_size=6), st.integers(0, 100))
def test_a_record_lies_between_0_and_100_and_between_own_and_street(projects, street):
    record = track_record(projects, D(street), TODAY, RULES)
    if record.score is None:
        assert record.evidence == ()
    else:
        assert 0 <= record.score <= 100
        assert min(record.own, D(street)) <= record.score <= max(record.own, D(street)) or record.drawn_to is None


@given(st.lists(PROJECTS, min_size=1, max_size=6))
def test_the_order_of_projects_does_not_matter(projects):
    there = track_record(projects, D(70), TODAY, RULES)
    back = track_record(projects[::-1], D(70), TODAY, RULES)
    assert there.score == back.score
