"""The street's side of an assessment: naming people, drawing the sample, computing, reviewing, announcing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain.models import AssessmentState, JointProject, Message, NoticeState, Recusal, Role
from matchhub.features.closing import service
from tests import factories as make
from tests.closing import story


def page(answer):
    return answer.get_data(as_text=True)


def address(case, more=""):
    return f"/staff/assessments/{case.assessment.ref}{more}"


def test_the_list_shows_every_closing_and_filters_by_state(app, client_as):
    case, other = story.closing(), story.ready()
    service.compute(other.staff, other.assessment)
    client = client_as(case.staff)
    assert page(client.get("/staff/assessments")).count("CP-2026-") >= 2
    shown = page(client.get("/staff/assessments?state=computed"))
    assert other.assessment.ref in shown and case.assessment.ref not in shown


def test_a_longer_list_costs_no_more_statements(app, client_as):
    case = story.closing()
    client = client_as(case.staff)

    def statements():
        seen = []
        sa.event.listen(db.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
        client.get("/staff/assessments")
        return len(seen)

    client.get("/staff/assessments")
    few = statements()
    for _n in range(4):
        story.sampled(story.reported(story.closing()))
    # The counts of duties beside the page may differ by a handful; the list itself does not grow.
    assert statements() <= 2 * few + 4


def test_the_inspector_is_named_and_told(app, client_as):
    case = story.closing()
    answer = client_as(case.staff).post(address(case, "/inspector"), data={"inspector": str(case.inspector.id)})
    assert answer.status_code == 303
    assert case.assessment.inspector_id == case.inspector.id
    assert db.session.query(Message).filter_by(user_id=case.inspector.id, event="assessment.assign").count() == 1


@pytest.mark.parametrize("tie", ["declared", "joint", "employer", "board"])
def test_nobody_inspects_or_judges_an_organisation_they_are_tied_to(app, client_as, tie):
    case = story.closing()
    organisation = case.project.organisation
    if tie == "declared":
        make.add(Recusal(user_id=case.inspector.id, organisation_id=organisation.id, kind="family"))
    if tie == "joint":
        make.add(
            JointProject(user_id=case.inspector.id, organisation_id=organisation.id, title="x", until=clock.today())
        )
    if tie == "employer":
        case.inspector.employer = organisation.name
    if tie == "board":
        organisation.board = [case.inspector.name]
    db.session.commit()
    with pytest.raises(NotNow, match="按回避规定不能指派"):
        service.assign_inspector(case.staff, case.assessment, case.inspector)
    with pytest.raises(NotNow, match="按回避规定不能指派"):
        service.set_presentation(case.staff, case.assessment, clock.today(), "中心", [case.inspector, *case.judges[:2]])
    shown = page(client_as(case.staff).get(address(case, "/inspector")))
    assert f"因回避不能指派：{case.inspector.name}" in shown
    assert f'value="{case.inspector.id}"' not in shown


def test_an_inspector_has_the_role(app):
    case = story.closing()
    with pytest.raises(NotNow, match="没有相应的身份"):
        service.assign_inspector(case.staff, case.assessment, make.user(Role.FOUNDATION))


def test_the_sample_is_drawn_by_a_button_and_shows_how_to_check_it(app, client_as):
    case = story.reported(story.closing())
    client = client_as(case.staff)
    assert client.post(address(case, "/sample")).status_code == 303
    shown = page(client.get(address(case)))
    assert case.assessment.sample_seed in shown and "sha256sum" in shown
    assert client.post(address(case, "/sample")).status_code == 409


def test_no_sample_before_the_report_stands(app):
    case = story.closing()
    with pytest.raises(NotNow, match="结项报告通过后才能抽样"):
        service.draw_sample(case.staff, case.assessment)


def test_the_presentation_is_set_with_a_panel_of_three(app, client_as):
    case = story.closing()
    client = client_as(case.staff)
    ids = [str(judge.id) for judge in case.judges]
    data = {"on": clock.today().isoformat(), "place": "中心二楼", "judges": ids[:2]}
    answer = client.post(address(case, "/presentation"), data=data)
    assert answer.status_code == 422 and "评分人不能少于 3 位" in page(answer) and "中心二楼" in page(answer)
    data["on"] = (clock.today() - timedelta(days=1)).isoformat()
    answer = client.post(address(case, "/presentation"), data=data | {"judges": ids})
    assert answer.status_code == 422 and "汇报日期不能早于今天" in page(answer)
    data["on"] = clock.today().isoformat()
    assert client.post(address(case, "/presentation"), data=data | {"judges": ids}).status_code == 303
    assert [seat.user_id for seat in case.assessment.judges] == [judge.id for judge in case.judges]


def test_a_judge_who_has_scored_cannot_be_taken_off_the_panel(app):
    case = story.presented(story.reported(story.closing()))
    panel = [*case.judges[1:], make.user(Role.REVIEWER)]
    with pytest.raises(NotNow, match="不能换下"):
        service.set_presentation(case.staff, case.assessment, clock.today(), "中心", panel)
    with pytest.raises(NotNow, match="日期不能再改"):
        service.set_presentation(case.staff, case.assessment, date(2026, 12, 1), "中心", case.judges)


def test_extras_and_vetoes_are_entered_with_their_evidence(app, client_as):
    case = story.closing()
    client = client_as(case.staff)
    row = {"extras-0-kind": "team", "extras-0-points": "2", "extras-0-evidence": ""}
    answer = client.post(address(case, "/adjust"), data=row)
    assert answer.status_code == 422 and "每项附加分都要写明核实的依据" in page(answer)
    answer = client.post(address(case, "/adjust"), data=row | {"extras-0-points": "两分", "extras-0-evidence": "名册"})
    assert answer.status_code == 422 and "附加分请填 0.5 到 5 之间" in page(answer)
    answer = client.post(address(case, "/adjust"), data={"veto-misuse": "y", "veto-misuse-reason": ""})
    assert answer.status_code == 422 and "请写明查证的事实和依据" in page(answer)
    assert (case.assessment.extras, case.assessment.vetoes) == ([], [])
    good = row | {"extras-0-evidence": "名册", "veto-misuse": "y", "veto-misuse-reason": "发票不符"}
    assert client.post(address(case, "/adjust"), data=good).status_code == 303
    assert case.assessment.extras == [{"kind": "team", "points": "2", "evidence": "名册"}]
    assert case.assessment.vetoes == [{"code": "misuse", "reason": "发票不符"}]


def test_a_row_of_extras_is_added_without_script(app, client_as):
    case = story.closing()
    answer = client_as(case.staff).post(address(case, "/adjust"), data={"add-row": "extras", "extras-0-points": "1"})
    assert "extras-1-kind" in page(answer)
    assert case.assessment.extras == []


def test_from_computing_to_the_notice_by_pages(app, client_as):
    case = story.ready()
    staff, approver = client_as(case.staff), client_as(case.approver)
    assert "计算并冻结" in page(staff.get(address(case)))
    assert staff.post(address(case, "/compute")).status_code == 303
    assert case.assessment.state is AssessmentState.COMPUTED
    advice = {"strengths": "楼组长能独立主持。", "next_steps": "把经验卡写给邻近小区。"}
    assert staff.post(address(case, "/advice"), data=advice).status_code == 303
    assert "楼组长能独立主持。" in page(approver.get(address(case, "/review?action=review")))
    assert staff.post(address(case, "/review"), data={"action": "review"}).status_code == 403
    assert approver.post(address(case, "/review"), data={"action": "review"}).status_code == 303
    answer = staff.post(address(case, "/notice"))
    assert answer.headers["Location"].startswith("/staff/notices/GS-")
    from matchhub.domain import evidence

    notice = evidence.notice_of(case.assessment)
    assert notice.state is NoticeState.DRAFT
    assert notice.rows[0]["score"] == "88" and "楼组长能独立主持。" in notice.body
    assert case.assessment.digest in notice.body


def test_what_is_missing_is_said_beside_the_button(app, client_as):
    case = story.reported(story.closing())
    shown = page(client_as(case.staff).get(address(case)))
    assert "台账督察还没有打分" in shown
    answer = client_as(case.staff).post(address(case, "/compute"))
    assert answer.status_code == 409
    assert case.assessment.state is AssessmentState.COLLECTING


def test_sending_back_needs_a_reason(app, client_as):
    case = story.ready()
    service.compute(case.staff, case.assessment)
    approver = client_as(case.approver)
    answer = approver.post(address(case, "/review"), data={"action": "reopen", "reason": ""})
    assert answer.status_code == 422 and "退回重算时请写明理由" in page(answer)
    assert case.assessment.state is AssessmentState.COMPUTED
    approver.post(address(case, "/review"), data={"action": "reopen", "reason": "漏填附加分"})
    assert (case.assessment.state, case.assessment.score) == (AssessmentState.COLLECTING, None)


def test_the_street_goes_on_without_a_silent_organisation(app, client_as):
    case = story.closing()
    client = client_as(case.staff)
    assert client.post(address(case, "/proceed"), data={"reason": ""}).status_code == 422
    assert client.post(address(case, "/proceed"), data={"reason": "三次书面催告未交。"}).status_code == 303
    story.inspected(story.sampled(case))
    service.set_presentation(case.staff, case.assessment, clock.today(), "中心", case.judges)
    for judge in case.judges:
        service.present(judge, case.assessment, story.points("C2", "0.5"))
    service.compute(case.staff, case.assessment)
    assert "三次书面催告未交。" in page(client.get(f"/assessments/{case.assessment.ref}"))


def test_staff_of_another_section_read_but_do_not_act(app, client_as):
    case = story.closing()
    other = make.staff(section_code="pab")
    client = client_as(other)
    assert client.get(address(case)).status_code == 200
    for more in ("/inspector", "/presentation", "/adjust", "/proceed"):
        assert client.get(address(case, more)).status_code == 404
    for deed in (
        lambda: service.assign_inspector(other, case.assessment, case.inspector),
        lambda: service.draw_sample(other, case.assessment),
        lambda: service.set_presentation(other, case.assessment, clock.today(), "x", case.judges),
        lambda: service.set_extras(other, case.assessment, []),
        lambda: service.proceed_without(other, case.assessment, "x"),
        lambda: service.advise(other, case.assessment, "x", "y"),
        lambda: service.draft_notice(other, case.assessment),
    ):
        with pytest.raises(NotYours):
            deed()


def test_the_organisation_does_not_reach_the_streets_pages(app, client_as):
    case = story.closing()
    client = client_as(case.admin)
    assert client.get(address(case)).status_code == 403
    assert client.get("/staff/assessments").status_code == 403
