"""The closing report by its pages: written part by part, handed in, returned, accepted."""

from __future__ import annotations

import io

import pytest

from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import attachments
from matchhub.domain.models import Assessment, ClosingReport, ClosingState, LedgerEntry, ProjectState, Role
from matchhub.features.closing import service
from tests import factories as make
from tests.closing import story

FILLED = {
    "goals-0-actual": "9", "goals-0-explanation": "多做了一个", "outcomes": "七个楼组签了协议。", "method": "征询记录。",
    "satisfaction_valid": "20", "satisfaction_satisfied": "19", "satisfaction_sampling": "电话回访。",
    "account-0-spent_fen": "95000", "account-0-explanation": "结余退回", "balance_handling": "退回 5000 元。",
    "card_practice": "先听一楼。", "card_conditions": "有联络人。", "card_steps": "入户。", "card_pitfalls": "先开大会。",
    "card_copying": "六层楼。", "shortcomings": "起步慢。",
}  # fmt: skip


def pdf():
    return (io.BytesIO(b"%PDF-1.4 audit"), "audit.pdf")


def address(case):
    return f"/my/closings/{case.report.ref}"


def page(answer):
    return answer.get_data(as_text=True)


def test_the_organisation_begins_a_missing_report_by_itself(app, client_as):
    project = make.project(ProjectState.CLOSING)
    client = client_as(make.org_admin(project.organisation))
    assert "开始填写" in page(client.get("/my/closings"))
    answer = client.post(f"/my/closings/begin/{project.ref}")
    report = db.session.query(ClosingReport).one()
    assert answer.headers["Location"] == f"/my/closings/{report.ref}"
    assert db.session.query(Assessment).filter_by(project_id=project.id).count() == 1


def test_a_project_that_is_still_running_has_no_closing(app):
    project = make.project(ProjectState.ACTIVE)
    with pytest.raises(NotNow, match="还没有进入结项"):
        service.begin(make.org_admin(project.organisation), project)
    assert db.session.query(ClosingReport).count() == 0


def test_nobody_else_begins_a_closing(app):
    project = make.project(ProjectState.CLOSING)
    with pytest.raises(NotYours):
        service.begin(make.org_admin(), project)


def test_a_part_is_saved_while_the_others_are_empty(app, client_as):
    case = story.closing()
    answer = client_as(case.admin).post(address(case), data={"outcomes": "有变化。", "save": "outcomes"})
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith("#part-outcomes")
    assert (case.report.outcomes, case.report.state) == ("有变化。", ClosingState.DRAFT)


def test_an_unreadable_amount_keeps_everything_that_was_typed(app, client_as):
    case = story.closing()
    answer = client_as(case.admin).post(address(case), data={"account-0-spent_fen": "九万", "outcomes": "有变化。"})
    assert answer.status_code == 422
    assert "金额请只填数字" in page(answer) and "九万" in page(answer) and "有变化。" in page(answer)
    assert case.report.outcomes == ""


def test_more_satisfied_than_answered_is_refused_in_words(app, client_as):
    case = story.closing()
    data = {"satisfaction_valid": "5", "satisfaction_satisfied": "6", "outcomes": "有变化。"}
    answer = client_as(case.admin).post(address(case), data=data)
    assert answer.status_code == 422
    assert "满意份数不能多于有效份数" in page(answer) and "有变化。" in page(answer)


def test_it_is_submitted_with_the_pledge_and_the_audit_report(app, client_as):
    case = story.closing()
    client = client_as(case.admin)
    answer = client.post(address(case), data=FILLED | {"submit": "1"})
    assert answer.status_code == 422 and "请先勾选承诺" in page(answer)
    answer = client.post(address(case), data=FILLED | {"submit": "1", "pledge": "y"})
    assert answer.status_code == 422 and "请附审计报告" in page(answer)
    assert case.report.outcomes == "七个楼组签了协议。"  # what was typed is kept although the submission was refused
    answer = client.post(address(case), data=FILLED | {"submit": "1", "pledge": "y", "audit": pdf()})
    assert answer.status_code == 303
    assert case.report.state is ClosingState.SUBMITTED
    assert case.report.account[0]["spent_fen"] == 95_000_00
    assert [file.name for file in attachments.of(case.report, "audit")] == ["audit.pdf"]
    assert db.session.query(LedgerEntry).filter_by(deed="closing_report.submit").one().details["pledged"] is True


def test_a_small_project_needs_no_audit_report(app, client_as):
    case = story.closing()
    case.project.amount_fen = 50_000_00
    db.session.commit()
    answer = client_as(case.admin).post(address(case), data=FILLED | {"submit": "1", "pledge": "y"})
    assert answer.status_code == 303
    assert case.report.state is ClosingState.SUBMITTED


def test_every_goal_needs_its_result(app, client_as):
    case = story.closing()
    data = FILLED | {"submit": "1", "pledge": "y", "audit": pdf(), "goals-0-actual": ""}
    answer = client_as(case.admin).post(address(case), data=data)
    assert answer.status_code == 422
    assert "请补充：每个目标的实际完成情况。" in page(answer)


def test_a_member_writes_but_only_the_head_submits(app, client_as):
    case = story.closing()
    member = make.user(Role.ORG_MEMBER, organisation=case.project.organisation)
    client = client_as(member)
    assert client.post(address(case), data={"outcomes": "成员写的。"}).status_code == 303
    assert "由机构负责人提交" in page(client.get(address(case)))
    answer = client.post(address(case), data=FILLED | {"submit": "1", "pledge": "y", "audit": pdf()})
    assert answer.status_code == 403
    assert case.report.state is ClosingState.DRAFT


def test_two_people_do_not_write_over_each_other(app, client_as):
    case = story.closing()
    client = client_as(case.admin)
    old = str(case.report.version)
    client.post(address(case), data={"outcomes": "第一个。", "version": old})
    answer = client.post(address(case), data={"outcomes": "第二个。", "version": old})
    assert answer.status_code == 422
    assert "别人改过这条记录" in page(answer) and "第二个。" in page(answer)
    assert case.report.outcomes == "第一个。"


def test_a_file_can_be_taken_off_again(app, client_as):
    case = story.closing()
    client = client_as(case.admin)
    client.post(address(case), data={"files": pdf()})
    code = attachments.of(case.report)[0].code
    assert client.post(f"{address(case)}/files/{code}/remove").status_code == 303
    assert attachments.of(case.report) == []


def test_figures_are_read_anew_on_request(app, client_as):
    case = story.closing()
    make.activity(case.project, people=30)
    client_as(case.admin).post(f"{address(case)}/refresh")
    assert case.report.facts["people"] == 230


def test_another_organisation_does_not_know_of_it(app, client_as):
    case = story.closing()
    client = client_as(make.org_admin())
    assert client.get(address(case)).status_code == 404
    assert client.post(address(case), data={"outcomes": "x"}).status_code == 404
    assert client.get(f"{address(case)}/self-score").status_code == 404


def test_the_street_does_not_read_a_draft(app, client_as):
    case = story.closing()
    assert client_as(case.staff).get(f"/staff/closings/{case.report.ref}").status_code == 404


def submitted():
    case = story.closing()
    service.save_report(case.admin, case.report, story.REPORT)
    story._attach(case.report, case.admin)
    service.submit_report(case.admin, case.report)
    return case


def test_a_report_is_returned_with_a_reason_and_written_again(app, client_as):
    case = submitted()
    client = client_as(case.staff)
    staff_page = f"/staff/closings/{case.report.ref}"
    assert "多做了一个楼组" in page(client.get(staff_page))
    answer = client.post(staff_page, data={"action": "return", "reply": ""})
    assert answer.status_code == 422 and "退回时请写明要改什么" in page(answer)
    assert case.report.state is ClosingState.SUBMITTED
    client.post(staff_page, data={"action": "return", "reply": "补充满意度的抽样办法。"})
    assert case.report.state is ClosingState.RETURNED
    own = client_as(case.admin)
    assert "补充满意度的抽样办法。" in page(own.get(address(case)))
    assert own.post(address(case), data={"outcomes": "改过了。"}).status_code == 303


def test_an_accepted_report_is_closed_and_asks_for_the_self_score(app, client_as):
    case = submitted()
    data = {"action": "accept", "reply": "写得实在。"}
    client_as(case.staff).post(f"/staff/closings/{case.report.ref}", data=data)
    assert case.report.state is ClosingState.ACCEPTED
    own = client_as(case.admin)
    assert "去自评" in page(own.get(address(case)))
    assert own.post(address(case), data={"outcomes": "改"}).status_code == 409


def test_staff_of_another_section_do_not_answer(app, client_as):
    case = submitted()
    client = client_as(make.staff(section_code="pab"))
    answer = client.post(f"/staff/closings/{case.report.ref}", data={"action": "accept"})
    assert answer.status_code == 403
    assert case.report.state is ClosingState.SUBMITTED


def test_the_inspector_reads_the_report(app, client_as):
    case = story.sampled(story.reported(story.closing()))
    assert client_as(case.inspector).get(f"/staff/closings/{case.report.ref}").status_code == 200
    stranger = make.user(Role.SUPERVISOR)
    assert client_as(stranger).get(f"/staff/closings/{case.report.ref}").status_code == 404
