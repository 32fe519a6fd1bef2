"""Monthly reports: prefilled from activities, frozen at submission, fixed once accepted."""

from __future__ import annotations

import io
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import attachments, measuring
from matchhub.domain.models import Message, Report, ReportPhase, ReportState, Role, Suggestion, VisitState
from matchhub.features.projects import service
from tests import factories as make

WORDS = {"summary": "完成两个楼组的征询。", "next_month": "费用测算。"}


@pytest.fixture
def september(running, picture, later):
    """2 October: the report of September with one activity of 20 people and 300 yuan."""
    values = running.values(date(2026, 9, 5), new_people=4, volunteers=2, volunteer_hours=5, expense_fen=300_00,
                            expense_category="activity")  # fmt: skip
    service.record_activity(running.boss, running.project, values, [picture()])
    later(days=17)
    return running.reports()[0]


def submit(scene, report, **over):
    service.submit_report(scene.boss, report, WORDS | over)


def test_the_figures_are_those_of_the_activities_and_are_frozen(running, september, picture):
    submit(running, september, other={"expert": 1_000_00})
    assert september.state is ReportState.SUBMITTED
    figures = september.figures
    assert (figures["sessions"], figures["people"], figures["new_people"]) == (1, 20, 4)
    assert (figures["volunteers"], figures["volunteer_hours"]) == (2, 5)
    assert figures["spending"] == {"activity": 300_00, "expert": 1_000_00}
    assert figures["activities"] == [running.project.activities[0].id]
    # Six months from September: 6 sessions of the first row, one due; the second row begins in October.
    assert (figures["total"]["due_sessions"], figures["total"]["planned_sessions"]) == (1, 10)
    service.strike_activity(running.staff, running.project.activities[0], "复点不符")
    assert september.figures["people"] == 20


def test_spending_beside_activities_counts_once_it_is_handed_in(running, september):
    service.save_report(running.boss, september, {"other": {"expert": 1_000_00, "activity": 0}})
    assert september.figures == {"other": {"expert": 1_000_00}}
    assert measuring.facts(running.project).spent_fen == 300_00
    submit(running, september)
    assert measuring.facts(running.project).spent_fen == 1_300_00
    service.return_report(running.staff, september, "凭证不全")
    assert measuring.facts(running.project).spent_fen == 300_00


def test_the_first_day_of_submission_decides_on_lateness(running, september, later):
    submit(running, september)
    first = september.first_submitted_at
    later(days=10)
    service.return_report(running.staff, september, "补充一楼意见")
    submit(running, september)
    assert (september.first_submitted_at, september.is_late) == (first, False)
    assert september.submitted_at == clock.now()
    assert measuring.punctuality(running.reports(), clock.today()) == (1, 1)


def test_a_report_after_its_day_is_late(running, september, later):
    later(days=4)  # 6 October
    assert september.phase is ReportPhase.OVERDUE
    submit(running, september)
    assert september.is_late
    assert measuring.punctuality(running.reports(), clock.today()) == (1, 0)


def test_a_month_that_still_runs_cannot_be_reported(running, september):
    with pytest.raises(NotNow, match="这个月还没有结束"):
        submit(running, running.reports()[1])
    assert running.reports()[1].figures == {}


def test_the_last_month_can_be_reported_on_the_last_day(running, later):
    later(days=166)  # 28 February
    assert clock.today() == running.project.ends_on
    last = running.reports()[-1]
    submit(running, last, no_activity_reason="结项准备")
    assert last.state is ReportState.SUBMITTED


def test_words_are_needed(running, september):
    with pytest.raises(NotNow, match="请填写本月概述和下月计划"):
        service.submit_report(running.boss, september, {"summary": "有。"})
    assert (september.state, september.summary, september.submitted_at) == (ReportState.AWAITED, "", None)


def test_a_month_without_activity_needs_a_reason(running, later):
    later(days=17)
    report = running.reports()[0]
    with pytest.raises(NotNow, match="本月没有活动记录，请说明原因"):
        submit(running, report)
    submit(running, report, no_activity_reason="筹备阶段")
    assert report.figures["sessions"] == 0


def test_suggestions_of_the_month_must_be_answered(running, september):
    visit = make.visit(
        VisitState.CONFIRMED, project=running.project, supervisor=running.coach, visited_on=date(2026, 9, 20)
    )
    visit.suggestions = [Suggestion(text="签到表加楼组号。"), Suggestion(text="会前一天再提醒。")]
    later_one = make.visit(VisitState.CONFIRMED, project=running.project, visited_on=date(2026, 10, 1))
    later_one.suggestions = [Suggestion(text="下个月的事。")]
    db.session.commit()
    with pytest.raises(NotNow, match="本月有 2 条督导建议，请写明落实情况"):
        submit(running, september)
    submit(running, september, suggestions_done="都已改。")
    assert september.state is ReportState.SUBMITTED


def test_only_its_organisation_writes_and_only_its_section_answers(running, september):
    for user in (make.org_admin(), running.staff, running.coach):
        with pytest.raises(NotYours):
            service.save_report(user, september, WORDS)
        with pytest.raises(NotYours):
            service.submit_report(user, september, WORDS)
    submit(running, september)
    for user in (running.boss, make.staff(section_code="fgb"), running.approver, running.coach):
        with pytest.raises(NotYours):
            service.accept_report(user, september)
    assert september.state is ReportState.SUBMITTED


def test_a_submitted_report_is_not_written_to(running, september):
    submit(running, september)
    with pytest.raises(NotNow, match="月报已经提交"):
        service.save_report(running.boss, september, {"summary": "别的"})
    with pytest.raises(NotNow):
        service.submit_report(running.boss, september, {"summary": "别的"})
    assert september.summary == WORDS["summary"]


def test_two_people_do_not_overwrite_each_other(running, september):
    seen = september.version
    service.save_report(running.boss, september, {"summary": "甲"}, seen=seen)
    with pytest.raises(Stale):
        service.save_report(running.boss, september, {"summary": "乙"}, seen=seen)


def test_return_and_exempt_need_a_reason_and_tell_the_organisation(running, september):
    submit(running, september)
    with pytest.raises(NotNow, match="请写明需要修改的地方"):
        service.return_report(running.staff, september, "")
    service.return_report(running.staff, september, "请补充一楼意见")
    told = db.session.query(Message).filter_by(event="report.return").one()
    assert (told.user_id, told.note) == (running.boss.id, "请补充一楼意见")
    with pytest.raises(NotNow, match="请写明免报的理由"):
        service.exempt_report(running.staff, september, "")
    service.exempt_report(running.staff, september, "机构搬迁")
    assert (september.state, september.reply) == (ReportState.EXEMPT, "机构搬迁")


def test_an_accepted_report_never_changes(running, september):
    submit(running, september)
    service.accept_report(running.staff, september, "很好")
    assert (september.reply, september.replied_by_id) == ("很好", running.staff.id)
    for change in (
        sa.update(Report).where(Report.id == september.id).values(summary="另一回事"),
        sa.update(Report).where(Report.id == september.id).values(state=ReportState.SUBMITTED),
        sa.update(Report).where(Report.id == september.id).values(figures={"people": 999}),
        sa.delete(Report).where(Report.id == september.id),
    ):
        with pytest.raises(DatabaseError, match="an accepted report"):
            db.session.execute(change)
        db.session.rollback()
    for deed in (
        lambda: service.return_report(running.staff, september, "再改"),
        lambda: service.exempt_report(running.staff, september, "免"),
    ):
        with pytest.raises(NotNow):
            deed()
    assert september.summary == WORDS["summary"]


# ---- pages -----------------------------------------------------------------------------------------------------------


def test_writing_by_page_first_a_draft_then_the_whole(running, september, client_as):
    client, address = client_as(running.boss), f"/my/reports/{september.ref}"
    page = client.get(address).text
    assert "楼组协商会" in page and 'name="other_expert"' in page and 'name="other_materials"' not in page
    draft = {"summary": "写到一半", "other_expert": "1200.5", "asks_for_help": "y", "save": "1"}
    draft["version"] = str(september.version)
    assert client.post(address, data=draft).status_code == 303
    assert (september.state, september.summary, september.asks_for_help) == (ReportState.AWAITED, "写到一半", True)
    page = client.get(address).text
    assert "写到一半" in page and "1200.50" in page
    refused = client.post(address, data={"summary": "写完了", "submit": "1"})
    assert refused.status_code == 422
    assert "请填写本月概述和下月计划" in refused.text and "写完了" in refused.text
    whole = draft | WORDS | {"submit": "1", "version": str(september.version)}
    whole["vouchers"] = (io.BytesIO(b"%PDF-1.4"), "发票.pdf")
    assert client.post(address, data=whole).status_code == 303
    assert september.state is ReportState.SUBMITTED
    assert september.figures["other"] == {"expert": 1_200_50}
    assert [file.name for file in attachments.of(september)] == ["发票.pdf"]
    read = client.get(address).text
    assert '<form class="mh-form"' not in read and "发票.pdf" in read


def test_what_the_street_wrote_is_shown(running, september, client_as):
    submit(running, september)
    service.return_report(running.staff, september, "请补充一楼意见")
    page = client_as(running.boss).get(f"/my/reports/{september.ref}").text
    assert "街道退回了这份月报" in page and "请补充一楼意见" in page


def test_answering_by_page(running, september, client_as):
    submit(running, september)
    client, address = client_as(running.staff), f"/staff/reports/{september.ref}"
    page = client.get(address).text
    assert f"{address}/reply?action=accept" in page.replace("&amp;", "&")
    assert client.post(f"{address}/reply?action=return", data={"reason": ""}).status_code == 422
    assert client.post(f"{address}/reply?action=return", data={"reason": "补充"}).status_code == 303
    assert september.state is ReportState.RETURNED
    assert "现在不能办理" in client.get(f"{address}/reply?action=accept").text
    submit(running, september)
    data = {"reason": "", "version": str(september.version)}
    assert client.post(f"{address}/reply?action=accept", data=data).status_code == 303
    assert september.state is ReportState.ACCEPTED


def test_exempting_by_page(running, client_as):
    report = running.reports()[1]
    client, address = client_as(running.staff), f"/staff/reports/{report.ref}/exempt"
    assert client.get(address).status_code == 200
    assert client.post(address, data={"reason": "项目暂停"}).status_code == 303
    assert report.state is ReportState.EXEMPT


def test_the_queue_shows_what_waits_first_and_what_is_overdue(running, september, client_as, later):
    submit(running, september)
    other = make.project(title="别科室的项目", need=make.need(make.NeedState.MATCHED, section_code="fgb"))
    make.report(ReportState.SUBMITTED, project=other, due_on=date(2026, 9, 5))
    client = client_as(running.staff)
    page = client.get("/staff/reports").text
    assert september.project.title in page and "别科室的项目" not in page
    page = client.get("/staff/reports?section=").text
    assert page.index("别科室的项目") < page.index(september.project.title)  # the earlier day first
    later(days=40)
    client = client_as(running.staff)
    page = client.get("/staff/reports?show=overdue").text
    assert "逾期" in page and "2026-10" in page
    assert client.get("/staff/reports?show=accepted").status_code == 200


def test_who_reads_a_report(running, september, client_as):
    staff_page, own_page = f"/staff/reports/{september.ref}", f"/my/reports/{september.ref}"
    for user in (running.staff, running.approver, running.coach, make.user(Role.AUDITOR)):
        assert client_as(user).get(staff_page).status_code == 200
    assert client_as(make.user(Role.SUPERVISOR)).get(staff_page).status_code == 404
    assert client_as(make.org_admin()).get(own_page).status_code == 404
    assert client_as(running.boss).get(staff_page).status_code == 403
    assert client_as(make.staff(section_code="fgb")).get(f"{staff_page}/reply").status_code == 404


def test_the_queue_costs_the_same_whatever_its_length(running, client_as, statements):
    client = client_as(running.staff)
    make.report(ReportState.SUBMITTED, project=make.project())
    client.get("/staff/reports")
    statements()
    client.get("/staff/reports")
    few = len(statements())
    for _ in range(5):
        make.report(ReportState.SUBMITTED, project=make.project())
    statements()
    client.get("/staff/reports")
    assert len(statements()) == few
