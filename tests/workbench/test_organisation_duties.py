"""What an organisation's people find on their desk, and that it goes away when it is done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import agreeing, deadlines, reference, todo
from matchhub.domain.models import (
    ApplicationState,
    AssessmentState,
    Attachment,
    ClosingState,
    NeedState,
    OrganisationState,
    ProjectState,
    RectificationState,
    ReportState,
    Role,
    ScoreSheet,
    SheetState,
    SubjectKind,
    Suggestion,
    VisitState,
)
from tests import factories as make


@pytest.fixture
def organisation(app):
    return make.organisation()


@pytest.fixture
def admin(organisation):
    return make.org_admin(organisation)


def test_a_new_organisation_is_asked_to_hand_in_its_profile_until_it_did(do, kinds, others):
    organisation = make.organisation(OrganisationState.DRAFT)
    admin = make.org_admin(organisation)
    assert kinds(admin) == [("提交入驻申请", organisation.ref)]
    setattr(organisation, "state", OrganisationState.PENDING)  # noqa: B010 - what its page needs is tested there
    db.session.commit()
    assert kinds(admin) == []
    assert others(admin) == [("入驻核验", organisation.ref, "街道")]
    do(make.staff(), organisation, "return", reason="缺年检")
    assert kinds(admin) == [("修改入驻资料", organisation.ref)]


def paper(organisation, purpose, days):
    return make.add(
        Attachment(
            code=f"code{purpose}{days}", subject_kind="organisation", subject_id=organisation.id, purpose=purpose,
            name="证书.pdf", media_type="application/pdf", size_bytes=1, sha256="0" * 64,
            expires_on=clock.today() + timedelta(days=days),
        )
    )  # fmt: skip


def test_a_paper_is_asked_for_60_days_before_it_expires_and_no_more_once_replaced(kinds, one, organisation, admin):
    paper(organisation, "licence", 61)
    assert kinds(admin) == []
    paper(organisation, "report", 60)
    assert one(admin, "更新机构资料").due_on == clock.today() + timedelta(days=60)
    paper(organisation, "report", 400)
    assert kinds(admin) == []


def test_a_draft_waits_until_its_call_closes(do, kinds, one, later, organisation, admin):
    application = make.application(ApplicationState.DRAFT, organisation=organisation)
    assert one(admin, "填写申报书").due_at == application.need.closes_at
    later(days=11)
    assert kinds(admin) == []


def test_a_submitted_application_waits_for_the_street(do, kinds, others, organisation, admin):
    application = make.application(ApplicationState.DRAFT, organisation=organisation)
    do(admin, application, "submit")
    assert kinds(admin) == []
    assert others(admin) == [("等待申报结果", application.ref, "街道")]


def test_a_correction_is_due_at_its_moment_and_gone_once_handed_in(do, kinds, one, organisation, admin):
    application = make.application(ApplicationState.CORRECTION, organisation=organisation)
    assert one(admin, "补正申报书").due_at == application.correction_due_at
    do(admin, application, "correct")
    assert kinds(admin) == []


def test_after_the_award_an_agreement_is_to_be_signed_within_five_working_days(kinds, one, organisation, admin):
    project = make.project(ProjectState.PREPARING, organisation=organisation)
    wanted = deadlines.award_confirm_due_at(project.created_at, reference.terms(), reference.calendar())
    assert kinds(admin) == [], "there is nothing to sign before the street has drawn the text up"
    terms = agreeing.Terms("曹街购〔2026〕1 号", clock.today(), date(2027, 3, 31), project.amount_fen, (50, 40, 10))
    agreeing.draw_up(project, terms, make.staff())
    db.session.commit()
    assert one(admin, "签订协议").due_at == wanted
    project.signed_on = clock.today()
    db.session.commit()
    assert kinds(admin) == []


def test_a_report_is_due_after_its_month_and_overdue_after_its_day(kinds, one, later, organisation, admin):
    project = make.project(organisation=organisation)
    report = make.report(project=project, month=date(2026, 8, 1), due_on=date(2026, 9, 20))
    found = one(admin, "填报月报")
    assert (found.due_on, found.is_overdue, found.subject_ref) == (date(2026, 9, 20), False, report.ref)
    later(days=6)
    assert one(admin, "填报月报").is_overdue


def test_the_report_of_the_running_month_is_what_comes_next(kinds, organisation, admin):
    project = make.project(organisation=organisation)
    make.report(project=project, month=date(2026, 9, 1), due_on=date(2026, 10, 5))
    make.report(project=project, month=date(2026, 10, 1), due_on=date(2026, 11, 5))
    assert kinds(admin) == []
    assert todo.next_up(todo.gather(admin)).due_on == date(2026, 10, 5)


def test_a_submitted_report_waits_for_the_street_and_comes_back_when_returned(do, kinds, others, organisation, admin):
    report = make.report(ReportState.SUBMITTED, project=make.project(organisation=organisation))
    assert kinds(admin) == []
    assert others(admin) == [("审核月报", report.ref, "街道")]
    do(make.staff(), report, "return", reason="请补照片")
    assert kinds(admin) == [("修改月报", report.ref)]


def test_reports_of_an_ended_project_are_asked_for_no_more(kinds, organisation, admin):
    make.report(project=make.project(ProjectState.TERMINATED, organisation=organisation))
    assert kinds(admin) == []


def test_a_visit_record_is_to_be_confirmed_until_its_clock_ends(do, kinds, one, later, organisation, admin):
    visit = make.visit(VisitState.SUBMITTED, project=make.project(organisation=organisation))
    assert one(admin, "确认督导记录").due_at == visit.confirm_due_at
    later(days=4)
    assert kinds(admin) == []


def test_a_confirmed_visit_asks_for_nothing_more(do, kinds, organisation, admin):
    visit = make.visit(VisitState.SUBMITTED, project=make.project(organisation=organisation))
    do(admin, visit, "confirm")
    assert kinds(admin) == []


def test_only_the_head_of_an_organisation_confirms_and_members_see_that(kinds, others, organisation):
    member = make.user(Role.ORG_MEMBER, organisation=organisation)
    visit = make.visit(VisitState.SUBMITTED, project=make.project(organisation=organisation))
    assert kinds(member) == []
    assert others(member) == [("确认督导记录", visit.ref, "本机构负责人")]


def test_suggestions_wait_for_their_answers(kinds, organisation, admin):
    visit = make.visit(VisitState.CONFIRMED, project=make.project(organisation=organisation))
    suggestion = make.add(Suggestion(visit=visit, text="签到表请写楼号"))
    assert kinds(admin) == [("答复督导建议", visit.ref)]
    suggestion.answer = "已经改用新表。"
    db.session.commit()
    assert kinds(admin) == []


def test_a_rectification_is_acknowledged_answered_and_then_verified_by_others(
    do, kinds, one, others, organisation, admin
):
    order = make.rectification(make.project(organisation=organisation))
    assert one(admin, "签收整改单").due_on == order.due_on
    do(admin, order, "acknowledge")
    assert one(admin, "回复整改").due_on == order.due_on
    order.items[0].reply = "已补齐。"
    db.session.commit()
    do(admin, order, "report")
    assert kinds(admin) == []
    assert others(admin) == [("核验整改", order.ref, "督导")]


def test_an_escalated_rectification_is_still_to_be_answered(kinds, organisation, admin):
    order = make.rectification(make.project(organisation=organisation), state=RectificationState.ESCALATED)
    assert kinds(admin) == [("回复整改（已上报街道）", order.ref)]


def test_a_project_at_its_end_is_to_be_closed(do, kinds, one, organisation, admin):
    project = make.project(organisation=organisation, ends_on=clock.today())
    assert one(admin, "申请结项").due_on == clock.today()
    do(admin, project, "close_up")
    assert kinds(admin) == [("写结项报告", project.ref)]


def test_the_closing_report_is_written_handed_in_and_revised(kinds, others, organisation, admin):
    project = make.project(ProjectState.CLOSING, organisation=organisation)
    report = make.closing_report(project=project)
    assert kinds(admin) == [("写结项报告", project.ref)]
    setattr(report, "state", ClosingState.SUBMITTED)  # noqa: B010 - what its page needs is tested there
    db.session.commit()
    assert (kinds(admin), others(admin)) == ([], [("审核结项报告", project.ref, "街道")])
    setattr(report, "state", ClosingState.RETURNED)  # noqa: B010
    db.session.commit()
    assert kinds(admin) == [("修改结项报告", project.ref)]


def test_the_own_score_is_asked_for_until_it_is_submitted(kinds, one, organisation, admin):
    project = make.project(ProjectState.CLOSING, organisation=organisation)
    make.closing_report(ClosingState.ACCEPTED, project=project)
    assessment = make.assessment(project=project, presentation_on=clock.today() + timedelta(days=3))
    assert one(admin, "结项自评").due_on == assessment.presentation_on
    sheet(assessment, SubjectKind.SELF, admin)
    assert kinds(admin) == []


def sheet(assessment, kind, judge):
    from matchhub.domain import sheets

    return make.add(
        ScoreSheet(
            state=SheetState.SUBMITTED, rubric=sheets.newest_rubric("C1"), subject_kind=kind, subject_id=assessment.id,
            judge_id=judge.id, total=80, submitted_at=clock.now(), digest="0" * 64,
        )
    )  # fmt: skip


def test_nobody_sees_what_waits_for_another_organisation(kinds, others, admin):
    other = make.organisation()
    project = make.project(organisation=other)
    make.application(ApplicationState.CORRECTION, organisation=other)
    make.report(project=project)
    make.visit(VisitState.SUBMITTED, project=project)
    make.rectification(project)
    make.assessment(AssessmentState.COLLECTING, project=make.project(ProjectState.CLOSING, organisation=other))
    make.need(NeedState.INTERNAL_REVIEW)
    assert (kinds(admin), others(admin)) == ([], [])
