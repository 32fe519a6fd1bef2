"""The scale of each judge: seen first by the judge, then by the street; it never changes a result."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import todo
from matchhub.domain.models import Role, SubjectKind
from matchhub.features.reviews import judging, scales, service
from tests import factories as make
from tests.reviews import story


def uneven():
    """Judge 0 gives ten points less than the others, everywhere."""
    made = story.scoring(applicants=3)
    for number, entry in enumerate(made.entries):
        for judge in made.judges:
            level = (0.9, 0.8, 0.7)[number] - (0.1 if judge is made.judges[0] else 0)
            judging.save_sheet(judge, entry, story.entries_of(level), "可行。", spent_seconds=(number + 1) * 600)
            judging.submit_sheet(judge, entry)
    service.finish(made.staff, made.round)
    return made


def test_a_strict_judge_has_a_negative_offset_and_the_middle_time_is_known(app):
    made = uneven()
    scale, minutes = scales.of_judge(made.round, made.judges[0])
    assert -12 < scale.offset < -8 and scale.subjects == 3
    assert scale.correlation > D("0.95")
    assert minutes == 20


def test_the_judge_sees_it_first_and_the_street_after_that(app, client_as):
    made = uneven()
    street, judge = client_as(made.staff), client_as(made.judges[0])
    address = f"/staff/rounds/{made.round.ref}/scales"
    page = street.get(address).text
    assert page.count("先由本人看") == 3 and "拉开程度" not in page
    assert "比其他评审人平均低" in judge.get("/review/scales").text
    assert any(one.kind == "看自己的评分尺度" for one in todo.gather(made.judges[0]))
    assert judge.post(f"/review/{made.round.ref}/scale", data={"note": "预算看得严。"}).status_code == 303
    assert not any(one.kind == "看自己的评分尺度" for one in todo.gather(made.judges[0]))
    page = street.get(address).text
    assert page.count("先由本人看") == 2 and "预算看得严。" in page and "比其他评审人平均低" in page
    with pytest.raises(NotNow, match="已经看过"):
        scales.read(made.judges[0], made.round)


def test_after_some_working_days_the_street_sees_all(app, later):
    made = uneven()
    assert not any(one.shown for one in scales.panel(made.round))
    later(days=12)
    assert all(one.shown and one.scale for one in scales.panel(made.round))


def test_a_judge_sees_the_own_scale_only_and_nothing_while_others_score(app, client_as):
    made = story.scoring()
    story.score(made.judges[0], made.entries[0], 0.8)
    assert "宽严" not in client_as(made.judges[0]).get("/review/scales").text
    with pytest.raises(NotNow):
        scales.read(made.judges[0], made.round)
    done = uneven()
    page = client_as(done.judges[0]).get("/review/scales").text
    assert not any(judge.name in page for judge in done.judges[1:])
    with pytest.raises(NotYours):
        scales.read(make.user(), done.round)
    assert client_as(done.judges[0]).get(f"/staff/rounds/{done.round.ref}/scales").status_code == 403


def test_the_page_costs_the_same_with_two_rounds_and_with_ten(app, client_as, statements):
    judges = [make.user(Role.REVIEWER) for _ in range(3)]
    client, counted = client_as(judges[0]), {}
    for rounds in (2, 8):
        for _n in range(rounds):
            story.finished(people=judges)
        client.get("/review/scales")  # the first one reads the reference data
        statements()
        page = client.get("/review/scales").text
        counted[page.count('id="scale-')] = len(statements())
    assert counted == {2: 13, 10: 13}


def test_z_scores_are_for_discussion_and_change_nothing(app, client_as):
    made = uneven()
    digest = made.round.result["digest"]
    rows = scales.by_z(made.round, SubjectKind.APPLICATION)
    assert [row.place for row in rows] == [1, 2, 3] == [row.place_by_z for row in rows]
    page = client_as(made.staff).get(f"/staff/rounds/{made.round.ref}/scales").text
    assert "仅供讨论" in page and "z 分" in page
    assert made.round.result["digest"] == digest


def test_the_result_says_how_far_the_panel_agrees(app, client_as):
    made = uneven()
    found = made.round.result["agreement"]["application"]
    assert (found["w"], found["judges"], found["applications"]) == ("1.00", 3, 3)
    page = client_as(made.staff).get(f"/staff/rounds/{made.round.ref}").text
    assert "肯德尔和谐系数 W = 1.00" in page and "比较一致" in page
