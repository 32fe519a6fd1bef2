"""Residents say what they think of a project, without a name; their answers become the satisfaction of its closing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from matchhub.core import ledger
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import surveying
from matchhub.domain.models import ProjectState, Role, SurveyAnswer, SurveyChannel
from matchhub.features.closing import service as service_of_closing
from matchhub.features.surveys import service
from tests import factories as make
from tests.closing import story

GOOD = {"needed": 5, "convenient": 4, "manner": 5, "helpful": 4, "again": 4}
BAD = {"needed": 2, "convenient": 3, "manner": 4, "helpful": 2, "again": 3}
# Four of five on average is satisfied, a single point less is not.
JUST = dict.fromkeys(GOOD, 4)
SHORT = JUST | {"again": 3}


@pytest.fixture
def project(app):
    return make.project(ProjectState.ACTIVE)


@pytest.fixture
def link(project):
    return f"/survey/{surveying.token(project)}"


def answers(project, *marks, address="10.0.0.1"):
    return [service.answer(project, one, "", address) for one in marks]


def test_anybody_with_the_link_answers_without_an_account(project, link, client_as):
    client = client_as(None)
    page = client.get(link).get_data(as_text=True)
    assert project.title in page and "不问姓名" in page
    done = client.post(link, data=GOOD | {"wish": "多放几场在周末"})
    assert done.location == f"/projects/{project.ref}"
    assert "您的回答已经收到" in client.get(done.location).get_data(as_text=True)
    row = db.session.scalars(sa.select(SurveyAnswer)).one()
    assert (row.marks, row.wish, row.channel, row.entered_by_id) == (
        (5, 4, 5, 4, 4), "多放几场在周末", SurveyChannel.PHONE, None,
    )  # fmt: skip


def test_a_link_that_was_not_given_out_opens_nothing(project, client_as):
    for token in (project.ref, f"{project.ref}.aaaaaaaaaaaaaaaaaaaaaaaaaa", "x"):
        assert client_as(None).get(f"/survey/{token}").status_code == 404


def test_a_question_left_out_is_named_and_the_others_stay(project, link, client_as):
    answer = client_as(None).post(link, data={"needed": "5", "wish": "加一场"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and page.count("请在五个回答里选一个") >= 4 and "加一场" in page
    assert db.session.scalar(sa.select(sa.func.count(SurveyAnswer.id))) == 0
    assert client_as(None).post(link, data=GOOD | {"again": "6"}).status_code == 422


def test_the_ledger_holds_the_marks_and_not_the_wish(project):
    service.answer(project, GOOD, "请换掉三号楼的王师傅", "10.0.0.1")
    entry = ledger.history(f"project:{project.ref}")[0]
    assert (entry.deed, entry.details["marks"]) == ("project.answer_survey", "54544")
    assert "王师傅" not in entry.data and entry.actor_id is None


def test_four_of_five_on_average_is_satisfied(project):
    answers(project, JUST, SHORT, GOOD, BAD)
    found = surveying.tally(project)
    assert (found.valid, found.satisfied) == (4, 2)
    assert found.spread["again"] == (0, 2, 2, 0, 0)


def test_under_ten_answers_no_percentage_and_no_mean_is_told(project, client_as):
    boss = make.org_admin(project.organisation)
    answers(project, *[GOOD] * 9)
    found = surveying.tally(project)
    assert (found.valid, found.rate, found.mean("needed")) == (9, None, None)
    page = client_as(boss).get(f"/my/projects/{project.ref}/survey").get_data(as_text=True)
    assert "少于 10 份，不显示百分比和平均分" in page and "每份问卷" not in page
    answers(project, BAD)
    found = surveying.tally(project)
    # 9 of 10; (9 × 5 + 2) / 10 = 4.7
    assert (str(found.rate), str(found.mean("needed"))) == ("90.00", "4.70")
    assert "每份问卷" in client_as(boss).get(f"/my/projects/{project.ref}/survey").get_data(as_text=True)


def test_paper_is_typed_in_by_those_who_work_on_the_project_and_marked_with_who(project, client_as):
    boss, clerk = make.org_admin(project.organisation), make.staff(section_code=project.need.section_code)
    centre = make.user(Role.CENTRE_STAFF)
    for person, side in ((boss, "my"), (clerk, "staff"), (centre, "staff")):
        answer = client_as(person).post(f"/{side}/projects/{project.ref}/survey/paper", data=GOOD)
        assert answer.status_code == 303
    rows = db.session.scalars(sa.select(SurveyAnswer).order_by(SurveyAnswer.id)).all()
    assert [row.entered_by_id for row in rows] == [boss.id, clerk.id, centre.id]
    assert {row.channel for row in rows} == {SurveyChannel.PAPER}


def test_nobody_else_types_paper_in(project, client_as):
    for person in (make.org_admin(), make.staff(section_code="fgb"), make.user(Role.REVIEWER)):
        with pytest.raises(NotYours):
            service.enter_paper(person, project, GOOD, "")
        assert client_as(person).get(f"/staff/projects/{project.ref}/survey/paper").status_code in (403, 404)
        assert client_as(person).get(f"/my/projects/{project.ref}/survey").status_code in (403, 404)


def test_the_section_strikes_out_with_a_reason_and_the_answer_stays_readable(project, client_as):
    clerk = make.staff(section_code=project.need.section_code)
    (row,) = answers(project, BAD)
    address = f"/staff/projects/{project.ref}/survey/{row.id}/strike"
    assert client_as(clerk).post(address, data={"reason": ""}).status_code == 422
    assert client_as(clerk).post(address, data={"reason": "同一份录了两次"}).status_code == 303
    assert surveying.tally(project).valid == 0
    page = client_as(clerk).get(f"/staff/projects/{project.ref}/survey").get_data(as_text=True)
    assert "已划去" in page and "同一份录了两次" in page
    with pytest.raises(NotNow, match="已经划去"):
        service.strike(clerk, row, "再一次")
    with pytest.raises(NotYours):
        service.strike(make.org_admin(project.organisation), row, "不喜欢")


@pytest.mark.parametrize("change", ["UPDATE survey_answer SET needed = 5", "DELETE FROM survey_answer"])
def test_the_database_refuses_to_change_an_answer(project, change):
    answers(project, BAD)
    with pytest.raises(DatabaseError), db.session.begin_nested():
        db.session.execute(sa.text(change))


def test_a_crowd_behind_one_address_is_slowed_down(project, link, client_as):
    answers(project, *[GOOD] * service.ANSWERS_PER_ADDRESS, address="127.0.0.1")
    answer = client_as(None).post(link, data=GOOD)
    assert answer.status_code == 429 and "尝试次数太多" in answer.get_data(as_text=True)
    assert surveying.tally(project).valid == service.ANSWERS_PER_ADDRESS


def test_a_project_that_does_not_run_takes_no_answers(app, client_as):
    for state in (ProjectState.PREPARING, ProjectState.CLOSED, ProjectState.TERMINATED):
        project = make.project(state)
        with pytest.raises(NotNow, match="不收问卷"):
            service.answer(project, GOOD, "", "10.0.0.1")
        page = client_as(None).get(f"/survey/{surveying.token(project)}").get_data(as_text=True)
        assert "不收问卷" in page and '<form class="mh-form"' not in page


def test_the_closing_report_counts_the_questionnaire_and_nobody_types_its_numbers(app):
    case = story.closing()
    answers(case.project, *[GOOD] * 8, *[BAD] * 4)
    service_of_closing.save_report(case.admin, case.report, {"satisfaction_valid": 100, "satisfaction_satisfied": 100})
    assert (case.report.satisfaction_valid, case.report.satisfaction_satisfied) == (12, 8)


def test_the_questionnaire_ends_when_the_closing_report_is_handed_in(app, client_as):
    case = story.closing()
    answers(case.project, *[GOOD] * 11, BAD)
    story.reported(case)
    assert (case.report.satisfaction_valid, case.report.satisfaction_satisfied) == (12, 11)
    assert case.report.facts["survey"] == {"phone": 12, "paper": 0}
    with pytest.raises(NotNow, match="问卷已经结束"):
        service.answer(case.project, GOOD, "", "10.0.0.1")
    with pytest.raises(NotNow, match="问卷已经结束"):
        service.strike(case.staff, db.session.scalars(sa.select(SurveyAnswer)).first(), "迟了")
    page = client_as(case.staff).get(f"/staff/closings/{case.report.ref}").get_data(as_text=True)
    assert "手机填写 12 份，纸质问卷录入 0 份" in page


def test_a_survey_made_elsewhere_is_typed_into_the_report(app):
    case = story.reported(story.closing())
    assert (case.report.satisfaction_valid, case.report.satisfaction_satisfied) == (20, 19)
    assert case.report.facts["survey"] == {"phone": 0, "paper": 0}


def test_a_supervisor_reads_the_answers_and_is_led_back_to_their_own_desk(project, client_as):
    supervisor = make.user(Role.SUPERVISOR)
    make.supervision(project, supervisor)
    page = client_as(supervisor).get(f"/staff/projects/{project.ref}/survey").get_data(as_text=True)
    assert f"/supervise/projects/{project.ref}" in page and '"/staff/projects"' not in page
