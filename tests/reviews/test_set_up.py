"""From a closed need to a round with its panel."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import coding, panels, ties
from matchhub.domain.models import (
    EventState,
    JointProject,
    Message,
    NeedState,
    ProjectState,
    Recusal,
    ReviewRound,
    Role,
    RoundState,
    SupervisionLine,
)
from matchhub.domain.parties import Party, parties
from matchhub.features.reviews import judging, queries, service
from tests import factories as make
from tests.reviews import story


def test_the_page_starts_the_review_and_the_need_is_under_review(app, client_as):
    made = story.case()
    page = client_as(made.staff).get(f"/staff/needs/{made.need.ref}/review?action=start_review")
    assert page.status_code == 200 and "评分截止日期" in page.text
    answer = client_as(made.staff).post(f"/staff/needs/{made.need.ref}/review", data={"due_on": "2026-09-25"})
    round_ = db.session.scalars(sa.select(ReviewRound)).one()
    assert answer.headers["Location"].endswith(f"/staff/rounds/{round_.ref}")
    assert round_.state is RoundState.PREPARING and round_.need.state is NeedState.REVIEWING
    assert round_.rubric_id == made.need.rubric_id
    assert clock.local(round_.due_at).isoformat() == "2026-09-25T17:00:00+08:00"
    again = client_as(made.staff).get(f"/staff/needs/{made.need.ref}/review")
    assert again.status_code == 302 and round_.ref in again.headers["Location"]


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [("", 422, "请选择评分截止日期"), ("2026-09-01", 422, "要晚于今天"), ("明天", 422, "例如 2026-11-24")],
)
def test_a_wrong_day_is_refused_and_nothing_begins(app, client_as, typed, status, sentence):
    made = story.case()
    answer = client_as(made.staff).post(f"/staff/needs/{made.need.ref}/review", data={"due_on": typed})
    assert answer.status_code == status and sentence in answer.text
    assert db.session.scalars(sa.select(ReviewRound)).first() is None
    assert made.need.state is NeedState.OPEN


def test_a_need_still_open_or_without_qualified_applications_cannot_be_reviewed(app):
    staff = make.staff()
    due = clock.now() + timedelta(days=5)
    with pytest.raises(NotNow, match="征集还没有截止"):
        service.set_up(staff, make.need(NeedState.OPEN), due)
    with pytest.raises(NotNow, match="没有通过资格审查的申报"):
        service.set_up(staff, story.closed_need(), due)


def test_another_section_cannot_start_it(app, client_as):
    made = story.case()
    other = make.staff(section_code="fgb")
    assert client_as(other).get(f"/staff/needs/{made.need.ref}/review").status_code == 404
    with pytest.raises(NotYours):
        service.set_up(other, made.need, clock.now() + timedelta(days=5))


def test_a_seat_is_given_and_taken_away_while_preparing(app, client_as):
    made = story.case(judges=1)
    made.round = service.set_up(made.staff, made.need, clock.now() + timedelta(days=7))
    client, judge = client_as(made.staff), made.judges[0]
    page = client.get(f"/staff/rounds/{made.round.ref}").text
    assert judge.name in page and "选为评审人" in page
    client.post(f"/staff/rounds/{made.round.ref}/panel", data={"user": judge.id})
    assert panels.seat(made.round, judge) is not None
    with pytest.raises(NotNow, match="已在评审人名单里"):
        service.add_panelist(made.staff, made.round, judge)
    client.post(f"/staff/rounds/{made.round.ref}/panel/remove", data={"user": judge.id})
    assert panels.seat(made.round, judge) is None


def test_only_reviewers_get_a_seat_and_only_from_the_section(app):
    made = story.case(judges=1)
    made.round = service.set_up(made.staff, made.need, clock.now() + timedelta(days=7))
    with pytest.raises(NotNow, match="不是评审人"):
        service.add_panelist(made.staff, made.round, make.user(Role.SUPERVISOR))
    with pytest.raises(NotYours):
        service.add_panelist(make.staff(section_code="fgb"), made.round, made.judges[0])


def tie(kind: str, judge, organisation) -> None:
    """Make the records show a tie of this kind."""
    match kind:
        case "employment":
            judge.employer = organisation.name
        case "board":
            organisation.board = ["张三", judge.name]
        case "co_project":
            make.add(JointProject(user_id=judge.id, organisation_id=organisation.id, title="睦邻节",
                                  until=clock.today() - timedelta(days=300)))  # fmt: skip
        case "supervision":
            make.supervision(make.project(ProjectState.ACTIVE, organisation=organisation), judge)
    db.session.commit()


@pytest.mark.parametrize("kind", ["employment", "board", "co_project", "supervision"])
def test_each_tie_that_the_records_show_is_kept_with_the_seat(app, client_as, kind):
    made = story.case(judges=1)
    judge, organisation = made.judges[0], made.organisations[0]
    tie(kind, judge, organisation)
    made.round = service.set_up(made.staff, made.need, clock.now() + timedelta(days=7))
    words = dict(queries.candidates(made.round, panels.applications(made.round))[0].tied)
    assert list(words) == [organisation.name]
    service.add_panelist(made.staff, made.round, judge)
    row = db.session.scalars(sa.select(Recusal)).one()
    assert (row.user_id, row.organisation_id, row.kind, row.detected) == (judge.id, organisation.id, kind, True)
    page = client_as(made.staff).get(f"/staff/rounds/{made.round.ref}").text
    assert "回避登记（1 条）" in page and "系统核对" in page


def test_a_joint_project_before_the_window_is_no_tie_any_more(app):
    made = story.case(judges=1)
    judge, organisation = made.judges[0], made.organisations[0]
    make.add(JointProject(user_id=judge.id, organisation_id=organisation.id, title="旧事", until=date(2022, 5, 1)))
    made.round = service.set_up(made.staff, made.need, clock.now() + timedelta(days=7))
    service.add_panelist(made.staff, made.round, judge)
    assert db.session.scalars(sa.select(Recusal)).first() is None


def test_a_tie_found_once_ends_when_the_records_no_longer_show_it(app, later):
    made = story.case(judges=1)
    judge, organisation = made.judges[0], made.organisations[0]
    tie("co_project", judge, organisation)
    made.round = service.set_up(made.staff, made.need, clock.now() + timedelta(days=7))
    service.add_panelist(made.staff, made.round, judge)
    assert ties.bars(judge, organisation)
    service.remove_panelist(made.staff, made.round, judge)
    later(days=3 * 366)
    service.add_panelist(made.staff, made.round, judge)
    assert not ties.bars(judge, organisation)
    assert db.session.scalars(sa.select(Recusal)).one().ended_at is not None


def test_who_is_tied_to_all_applicants_is_not_offered(app, client_as):
    made = story.case(judges=1)
    judge = made.judges[0]
    for organisation in made.organisations:
        tie("board", judge, organisation)
    made.round = service.set_up(made.staff, made.need, clock.now() + timedelta(days=7))
    page = client_as(made.staff).get(f"/staff/rounds/{made.round.ref}").text
    assert "与全部申报机构有关系，不能选" in page and "选为评审人" not in page
    with pytest.raises(NotNow, match="全部申报机构"):
        service.add_panelist(made.staff, made.round, judge)
    assert made.round.panel == [] and db.session.scalars(sa.select(Recusal)).first() is None


def test_supervising_bars_from_reviewing_but_not_from_supervising(app):
    made = story.case(judges=0)
    organisation = made.organisations[0]
    both = make.user(Role.REVIEWER, Role.SUPERVISOR, variety="hub")
    project = make.project(ProjectState.ACTIVE, organisation=organisation)
    make.supervision(project, both, SupervisionLine.COACHING)
    made.round = service.set_up(made.staff, made.need, clock.now() + timedelta(days=7))
    service.add_panelist(made.staff, made.round, both)
    assert ties.bars(both, organisation)
    assert Party.SUPERVISOR in parties(both, project)


def test_candidates_come_free_of_ties_first_then_by_expertise_then_by_load(app):
    made = story.case(judges=4)
    tied, expert, busy, idle = made.judges
    tie("board", tied, made.organisations[0])
    coding.set_codes(expert, "field", ["lift"])
    make.round_(RoundState.SCORING, panel=(busy,))
    db.session.commit()
    made.round = service.set_up(made.staff, made.need, clock.now() + timedelta(days=7))
    order = [one.user.id for one in queries.candidates(made.round, panels.applications(made.round))]
    assert order == [expert.id, idle.id, busy.id, tied.id]


def test_scoring_begins_with_three_reviewers_for_every_application(app, client_as):
    made = story.case(judges=4)
    made.round = service.set_up(made.staff, made.need, clock.now() + timedelta(days=7))
    for judge in made.judges[:2]:
        service.add_panelist(made.staff, made.round, judge)
    with pytest.raises(NotNow, match="不能少于 3 位，还差 1 位"):
        service.open_round(made.staff, made.round)
    tie("board", made.judges[2], made.organisations[0])
    service.add_panelist(made.staff, made.round, made.judges[2])
    with pytest.raises(NotNow, match=f"请增补：{made.organisations[0].name}"):
        service.open_round(made.staff, made.round)
    service.add_panelist(made.staff, made.round, made.judges[3])
    answer = client_as(made.staff).post(f"/staff/rounds/{made.round.ref}/open", data={"version": made.round.version})
    assert answer.status_code == 303 and made.round.state is RoundState.SCORING
    told = db.session.scalars(sa.select(Message.user_id).where(Message.event == "review_round.open")).all()
    assert set(told) == {judge.id for judge in made.judges}


def test_during_scoring_reviewers_are_only_added(app):
    made = story.scoring()
    with pytest.raises(NotNow, match="不能再调整"):
        service.remove_panelist(made.staff, made.round, made.judges[0])
    more = make.user(Role.REVIEWER)
    service.add_panelist(made.staff, made.round, more)
    assert db.session.scalars(sa.select(Message).where(Message.user_id == more.id)).one().event == "review_round.open"
    judging.declare(more, made.round, {})
    story.score(more, made.entries[0])


def test_the_list_shows_where_each_round_stands(app, client_as):
    made = story.scoring()
    story.score(made.judges[0], made.entries[0])
    page = client_as(made.approver).get("/staff/rounds").text
    assert made.need.title in page and "打分中" in page
    assert "评审人 3 位" in page and "申报 2 份" in page and "已提交评分 1 份" in page
    assert "没有这样的评审" in client_as(made.approver).get("/staff/rounds?state=decided").text
    assert client_as(make.org_admin()).get("/staff/rounds").status_code == 403


def test_a_round_moved_meanwhile_is_not_moved_again(app, client_as):
    made = story.prepared()
    seen = made.round.version
    service.open_round(made.staff, made.round, seen)
    answer = client_as(made.staff).post(f"/staff/rounds/{made.round.ref}/open", data={"version": seen})
    assert answer.status_code == 409 and "别人改过" in answer.text


def test_a_round_leads_to_the_roadshow_of_its_need(app, client_as):
    judge = make.user(Role.REVIEWER)
    round_ = make.round_(panel=(judge,))
    told, planned = (make.event(state, need=round_.need) for state in (EventState.OPEN, EventState.PLANNED))
    desk = client_as(make.staff()).get(f"/staff/rounds/{round_.ref}").text
    assert f"/staff/events/{told.ref}" in desk and f"/staff/events/{planned.ref}" in desk
    seat = client_as(judge).get(f"/review/{round_.ref}").text
    assert f"/events/{told.ref}" in seat and planned.ref not in seat
