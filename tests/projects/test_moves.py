"""Supervisors, and the project's way from start to archive."""

from __future__ import annotations

from datetime import date

import pytest

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain.models import (
    AssessmentState,
    Message,
    OrganisationState,
    ProjectState,
    RectificationState,
    Recusal,
    ReportState,
    Role,
    SupervisionLine,
    VisitState,
)
from matchhub.features.projects import service
from tests import factories as make

GUIDANCE, COACHING = SupervisionLine.GUIDANCE, SupervisionLine.COACHING


def test_both_lines_are_named_and_told(scene):
    scene.name_supervisors()
    assert [(seat.user_id, seat.line) for seat in scene.project.supervisors] == [
        (scene.staff.id, GUIDANCE), (scene.coach.id, COACHING),
    ]  # fmt: skip
    told = db.session.query(Message).filter_by(event="project.assign_supervisor").all()
    assert {message.user_id for message in told} == {scene.staff.id, scene.coach.id}


def test_guidance_is_for_street_staff_and_coaching_for_supervisors(scene):
    with pytest.raises(NotNow, match="引导人应是街道经办"):
        service.assign_supervisor(scene.staff, scene.project, scene.coach, GUIDANCE)
    with pytest.raises(NotNow, match="辅导人应是登记的督导"):
        service.assign_supervisor(scene.staff, scene.project, scene.staff, COACHING)


def test_nobody_supervises_an_organisation_they_are_tied_to(scene):
    make.add(Recusal(user_id=scene.coach.id, organisation_id=scene.project.organisation_id, kind="family"))
    employee = make.user(Role.SUPERVISOR, employer=scene.project.organisation.name)
    for user in (scene.coach, employee):
        with pytest.raises(NotNow, match="需要回避"):
            service.assign_supervisor(scene.staff, scene.project, user, COACHING)
    assert scene.project.supervisors == []


def test_supervising_another_project_of_the_organisation_is_no_tie(scene, client_as):
    other = make.project(ProjectState.ACTIVE, organisation=scene.project.organisation)
    make.supervision(other, scene.coach)
    assert scene.coach.name in client_as(scene.staff).get(f"/staff/projects/{scene.project.ref}/supervisors").text
    service.assign_supervisor(scene.staff, scene.project, scene.coach, COACHING)
    assert len(scene.project.supervisors) == 1


def test_the_page_of_supervisors_costs_the_same_however_many_there_are(scene, client_as, statements):
    client, address = client_as(scene.staff), f"/staff/projects/{scene.project.ref}/supervisors"
    client.get(address)
    statements()
    client.get(address)
    few = len(statements())
    for _ in range(5):
        make.user(Role.SUPERVISOR)
    statements()
    client.get(address)
    assert len(statements()) == few


def test_nobody_is_named_twice(scene):
    scene.name_supervisors()
    with pytest.raises(NotNow, match="已经是这个项目的督导"):
        service.assign_supervisor(scene.staff, scene.project, scene.coach, COACHING)


def test_a_supervisor_without_visits_can_be_released(scene):
    scene.name_supervisors()
    service.release_supervisor(scene.staff, scene.project, scene.coach)
    assert [seat.user_id for seat in scene.project.supervisors] == [scene.staff.id]
    assert ledger.history(f"project:{scene.project.ref}")[0].deed == "project.release_supervisor"
    with pytest.raises(NotNow, match="已经不是"):
        service.release_supervisor(scene.staff, scene.project, scene.coach)


def test_a_supervisor_with_visits_stays(running):
    make.visit(VisitState.SUBMITTED, project=running.project, supervisor=running.coach)
    with pytest.raises(NotNow, match="已有督导记录"):
        service.release_supervisor(running.staff, running.project, running.coach)
    assert len(running.project.supervisors) == 2


def test_the_list_of_candidates_leaves_out_the_tied_and_marks_neighbours(scene, client_as):
    make.user(Role.SUPERVISOR, name="邻居甲", community_code="yuanyuan")
    make.user(Role.SUPERVISOR, name="回避乙", employer=scene.project.organisation.name)
    page = client_as(scene.staff).get(f"/staff/projects/{scene.project.ref}/supervisors").text
    assert "邻居甲（督导，本居民区）" in page
    assert "回避乙" not in page


def test_supervisors_by_page(scene, client_as):
    client, address = client_as(scene.staff), f"/staff/projects/{scene.project.ref}/supervisors"
    refused = client.post(address, data={"line": "guidance", "user": str(scene.coach.id)})
    assert refused.status_code == 422 and "引导人应是街道经办" in refused.text
    assert client.post(address, data={"line": "coaching", "user": "9999"}).status_code == 422
    assert client.post(address, data={"line": "coaching", "user": str(scene.coach.id)}).status_code == 303
    assert scene.coach.name in client.get(address).text
    assert client.post(f"{address}/{scene.coach.id}/release").status_code == 303
    assert client.post(f"{address}/{scene.coach.id}/release").status_code == 404


def test_a_project_starts_only_with_agreement_and_both_lines(scene):
    with pytest.raises(NotNow, match="请先登记协议"):
        service.start(scene.staff, scene.project)
    scene.sign()
    with pytest.raises(NotNow, match="两条督导线都要有人"):
        service.start(scene.staff, scene.project)
    scene.name_supervisors()
    service.start(scene.staff, scene.project)
    assert (scene.project.state, scene.project.started_at) == (ProjectState.ACTIVE, clock.now())


def test_the_start_makes_a_report_for_every_month_with_its_stored_day(running):
    assert [(report.month, report.due_on) for report in running.reports()] == [
        (date(2026, 9, 1), date(2026, 10, 5)), (date(2026, 10, 1), date(2026, 11, 5)),
        (date(2026, 11, 1), date(2026, 12, 5)), (date(2026, 12, 1), date(2027, 1, 5)),
        (date(2027, 1, 1), date(2027, 2, 5)), (date(2027, 2, 1), date(2027, 3, 5)),
    ]  # fmt: skip


def test_a_month_that_was_over_before_the_start_is_not_overdue_at_birth(scene):
    scene.sign(starts_on=date(2026, 7, 1), signed_on=date(2026, 7, 1))
    scene.name_supervisors()
    service.start(scene.staff, scene.project)
    due = [report.due_on for report in scene.reports()][:3]
    assert due == [date(2026, 10, 5), date(2026, 10, 5), date(2026, 10, 5)]


def test_a_refused_start_makes_no_reports(scene):
    scene.sign()
    with pytest.raises(NotNow):
        service.start(scene.staff, scene.project)
    assert scene.reports() == []
    assert scene.project.state is ProjectState.PREPARING


def test_pause_and_resume(running, client_as):
    client, ref = client_as(running.staff), running.project.ref
    assert client.post(f"/staff/projects/{ref}/pause", data={"reason": ""}).status_code == 422
    assert client.post(f"/staff/projects/{ref}/pause", data={"reason": "小区封闭施工"}).status_code == 303
    assert running.project.state is ProjectState.PAUSED
    assert "小区封闭施工" in client_as(running.boss).get(f"/my/projects/{ref}").text
    page = client.get(f"/staff/projects/{ref}").text
    assert f"/staff/projects/{ref}/resume" in page and f"/staff/projects/{ref}/pause" not in page
    assert client.post(f"/staff/projects/{ref}/resume", data={"version": running.project.version}).status_code == 303
    assert running.project.state is ProjectState.ACTIVE


def test_a_move_from_an_old_page_is_refused(running, client_as):
    service.pause(running.staff, running.project, "施工")
    answer = client_as(running.staff).post(f"/staff/projects/{running.project.ref}/resume", data={"version": "1"})
    assert answer.status_code == 409
    assert running.project.state is ProjectState.PAUSED


def test_only_the_approver_terminates_with_a_public_reason(running, client_as):
    ref = running.project.ref
    with pytest.raises(NotYours):
        service.terminate(running.staff, running.project, "机构退出")
    client = client_as(running.approver)
    assert "会公开" in client.get(f"/staff/projects/{ref}/terminate").text
    assert client.post(f"/staff/projects/{ref}/terminate", data={"reason": "机构退出"}).status_code == 303
    assert (running.project.state, running.project.ended_at) == (ProjectState.TERMINATED, clock.now())
    public = client_as(None).get(f"/projects/{ref}").text
    assert "项目终止" in public and "机构退出" in public


def test_reports_of_months_to_come_lapse_when_a_project_ends(running):
    service.terminate(running.approver, running.project, "机构退出")
    states = [(report.month.month, report.state) for report in running.reports()]
    assert states[0] == (9, ReportState.AWAITED)  # the month that has begun is still to be accounted for
    assert {state for _month, state in states[1:]} == {ReportState.EXEMPT}


def test_a_report_does_not_lapse_while_the_project_runs(running):
    from matchhub.core.db import command
    from matchhub.domain import lifecycle

    with pytest.raises(NotNow, match="仍在实施"):
        command(lifecycle.advance)(running.reports()[3], "lapse", running.boss)


def test_closing_waits_for_rectifications_and_reports(running, later):
    later(days=40)  # 25 October: September is over and not reported
    order = make.rectification(running.project)
    with pytest.raises(NotNow, match="还有 1 份整改单没有完成") as no:
        service.close_up(running.boss, running.project)
    assert "还有 1 份月报没有通过" in str(no.value)
    order.state = RectificationState.CLOSED
    db.session.commit()
    service.exempt_report(running.staff, running.reports()[0], "筹备")
    service.close_up(running.boss, running.project)
    assert running.project.state is ProjectState.CLOSING
    assert running.reports()[1].state is ReportState.AWAITED  # October has begun
    assert running.reports()[2].state is ReportState.EXEMPT


def test_closing_by_page_of_the_organisation(running, later, client_as):
    client, ref = client_as(running.boss), running.project.ref
    assert "申请结项" in client.get(f"/my/projects/{ref}").text
    assert client.post(f"/my/projects/{ref}/close_up", data={"version": running.project.version}).status_code == 303
    assert running.project.state is ProjectState.CLOSING
    assert "结项报告 JX-2026-001" in client.get(f"/my/projects/{ref}").text  # its closing report has begun
    member = make.user(Role.ORG_MEMBER, organisation=running.project.organisation)
    assert client_as(member).post(f"/my/projects/{ref}/close_up").status_code == 403


def test_the_archive_takes_assessed_projects_only(app):
    staff, project = make.staff(), make.project(ProjectState.CLOSING)
    with pytest.raises(NotNow):
        service.finish(staff, project)
    assessed = make.project(ProjectState.ASSESSED)
    make.assessment(AssessmentState.FINAL, project=assessed)
    service.finish(staff, assessed)
    assert (assessed.state, assessed.ended_at) == (ProjectState.CLOSED, clock.now())


def test_staff_of_another_section_sees_no_moves(running, client_as):
    other = make.staff(section_code="fgb")
    page = client_as(other).get(f"/staff/projects/{running.project.ref}").text
    assert 'class="mh-move"' not in page and f"/staff/projects/{running.project.ref}/supervisors" not in page
    assert client_as(other).post(f"/staff/projects/{running.project.ref}/close_up").status_code == 403


def test_a_suspended_organisation_can_still_finish_what_it_began(running):
    running.project.organisation.state = OrganisationState.SUSPENDED
    db.session.commit()
    service.close_up(running.boss, running.project)
    assert running.project.state is ProjectState.CLOSING
