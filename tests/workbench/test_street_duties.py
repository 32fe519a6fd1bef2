"""What the street's people find on their desks: of their own section only, and gone when it is done."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import deadlines, reference, sheets
from matchhub.domain.models import (
    ApplicationState,
    AssessmentState,
    ClosingState,
    EligibilityCheck,
    NeedState,
    NoticeKind,
    NoticeState,
    OrganisationState,
    PresentationJudge,
    ProjectState,
    Question,
    RectificationState,
    ReportState,
    Role,
    RoundState,
    ScoreSheet,
    SheetState,
    SubjectKind,
    SupervisionLine,
    VisitStage,
    VisitState,
)
from tests import factories as make


@pytest.fixture
def staff(app):
    return make.staff()


@pytest.fixture
def elsewhere(app):
    """Staff of another section."""
    return make.staff(section_code="fwb")


@pytest.fixture
def approver(app):
    return make.approver()


def test_an_organisation_waits_to_be_verified_also_at_the_centre(do, kinds, staff):
    centre = make.user(Role.CENTRE_STAFF)
    organisation = make.organisation(OrganisationState.PENDING, submitted_at=clock.now())
    assert kinds(staff) == [("核验机构", organisation.ref)]
    assert kinds(centre) == [("核对入驻资料", organisation.ref)], "the centre may only send it back"
    do(staff, organisation, "admit")
    assert kinds(staff) == kinds(centre) == []


def test_a_need_goes_from_draft_to_the_approver_and_back(do, kinds, others, staff, elsewhere, approver):
    need = make.need(NeedState.DRAFT, drafted_by_id=staff.id)
    assert kinds(staff) == [("写完需求草稿", need.ref)]
    assert kinds(elsewhere) == []
    do(staff, need, "submit")
    assert (kinds(staff), others(staff)) == ([], [("审批需求", need.ref, "街道审批人")])
    assert kinds(approver) == [("审批需求", need.ref)]
    do(approver, need, "send_back", reason="预算请写明")
    assert kinds(staff) == [("修改退回的需求", need.ref)]
    assert kinds(approver) == kinds(elsewhere) == []


def test_the_draft_of_a_colleague_is_not_mine(kinds, staff):
    make.need(NeedState.DRAFT, drafted_by_id=make.staff().id)
    assert kinds(staff) == []


def test_what_a_residents_committee_raised_is_to_be_checked(kinds, staff):
    neighbour = make.user(Role.NEIGHBOURHOOD, community_code="yuanyuan")
    need = make.need(NeedState.DRAFT, drafted_by_id=neighbour.id)
    assert kinds(staff) == [("核对居民区需求", need.ref)]


def test_questions_are_due_when_the_call_promised(kinds, one, staff, elsewhere):
    need, asker = make.need(), make.organisation()
    asked = [
        make.add(Question(need_id=need.id, organisation_id=asker.id, asker_mark="甲", text=text))
        for text in ("可以分期吗？", "有场地吗？")
    ]
    found = one(staff, "答复提问")
    assert (found.due_at, found.title) == (need.answers_due_at, f"{need.title} · 2 条提问")
    assert kinds(elsewhere) == []
    for question in asked:
        question.answer, question.answered_at = "可以。", clock.now()
    db.session.commit()
    assert kinds(staff) == []


def test_applications_are_checked_after_the_deadline_and_never_counted_before(
    kinds, others, one, later, staff, elsewhere
):
    need = make.need(closes_at=clock.now() + timedelta(days=10))
    application = make.application(need=need)
    assert (kinds(staff), others(staff)) == ([], [])
    later(days=10)
    assert kinds(staff) == [("开启申报", need.ref)] and kinds(elsewhere) == []
    make.opened(need)
    assert one(staff, "资格审查").title == f"{need.title} · 1 份申报"
    assert kinds(elsewhere) == []
    setattr(application, "state", ApplicationState.CORRECTION)  # noqa: B010 - its page is tested elsewhere
    application.correction_due_at = clock.now() + timedelta(days=3)
    db.session.commit()
    assert (kinds(staff), others(staff)) == ([], [("补正申报书", need.ref, "申报机构")])
    later(days=4)
    assert kinds(staff) == [("资格审查", need.ref)]


def test_when_all_are_checked_the_review_begins(do, kinds, staff):
    need = make.need(closes_at=clock.now() - timedelta(days=1))
    application = make.application(need=need)
    make.add(EligibilityCheck(application=application, rule="admitted", passed=True))
    do(staff, application, "qualify")
    assert kinds(staff) == [("开始评审", need.ref)]


def test_a_call_without_a_qualified_application_is_for_the_approver(do, kinds, others, staff, approver):
    need = make.need(closes_at=clock.now() - timedelta(days=1))
    assert kinds(approver) == [("按流标处理", need.ref)]
    assert (kinds(staff), others(staff)) == ([], [("按流标处理", need.ref, "街道审批人")])
    do(approver, need, "fail", reason="没有申报")
    assert kinds(approver) == []


def test_a_review_is_set_up_scored_summed_up_and_approved(kinds, others, one, later, staff, elsewhere, approver):
    judges = tuple(make.user(Role.REVIEWER) for _ in range(3))
    round_ = make.round_(RoundState.PREPARING, panel=judges, due_at=clock.now() + timedelta(days=2))
    application = make.application(ApplicationState.QUALIFIED, need=round_.need)
    assert kinds(staff) == [("安排评审", round_.ref)]
    assert kinds(elsewhere) == []
    state(round_, RoundState.SCORING)
    assert (kinds(staff), others(staff)) == ([], [("评审打分", round_.ref, "评审人")])
    for judge in judges:
        scored(SubjectKind.APPLICATION, application.id, judge, "A")
    assert one(staff, "结束打分").due_at == round_.due_at
    state(round_, RoundState.DECIDING)
    assert kinds(staff) == [("提出拟立项意见", round_.ref)]
    state(round_, RoundState.PROPOSED)
    assert (kinds(staff), others(staff)) == ([], [("审批拟立项", round_.ref, "街道审批人")])
    assert kinds(approver) == [("审批拟立项", round_.ref)]
    round_.proposed_by_id, round_.decided_by_id = staff.id, approver.id
    state(round_, RoundState.DECIDED)
    assert kinds(staff) == kinds(approver) == []


def test_missing_scores_are_the_offices_business_once_their_day_has_passed(kinds, later, staff):
    round_ = make.round_(RoundState.SCORING, panel=(make.user(Role.REVIEWER),), due_at=clock.now() + timedelta(days=2))
    make.application(ApplicationState.QUALIFIED, need=round_.need)
    later(days=2)
    assert kinds(staff) == [("评分逾期没交齐", round_.ref)]


def state(row, value):
    row.state = value
    db.session.commit()


def scored(kind, subject_id, judge, rubric):
    return make.add(
        ScoreSheet(
            state=SheetState.SUBMITTED, rubric=sheets.newest_rubric(rubric), subject_kind=kind, subject_id=subject_id,
            judge_id=judge.id, total=80, submitted_at=clock.now(), digest="0" * 64,
        )
    )  # fmt: skip


def test_a_notice_is_published_runs_and_is_concluded_on_the_first_working_day(
    kinds, others, one, later, staff, approver
):
    draft = make.notice(NoticeState.DRAFT)
    assert kinds(staff) == kinds(approver) == [("发布公示", draft.ref)]
    ends_at = clock.utc(date(2026, 9, 19))  # a Friday's 24:00
    notice = make.notice(ends_at=ends_at)
    assert ("公示中", notice.ref, "公示期满") in others(staff)
    later(days=4)
    assert one(staff, "结束公示").due_on == reference.calendar().next_working(date(2026, 9, 19))


def test_objections_come_before_the_conclusion_of_a_notice(do, kinds, one, staff):
    notice = make.notice(ends_at=clock.now() - timedelta(hours=1))
    objection = make.objection(notice)
    assert one(staff, "受理异议").due_on == objection.answer_due_on
    do(staff, objection, "accept")
    assert kinds(staff) == [("答复异议", objection.ref)]
    do(staff, objection, "answer")
    assert kinds(staff) == [("结束公示", notice.ref)]


def test_an_award_needs_agreement_supervisors_and_a_start(do, kinds, one, staff, elsewhere):
    project = make.project(ProjectState.PREPARING)
    wanted = deadlines.award_confirm_due_at(project.created_at, reference.terms(), reference.calendar())
    assert one(staff, "登记协议").due_at == wanted
    assert kinds(staff) == [("登记协议", project.ref), ("指派督导", project.ref)]
    assert kinds(elsewhere) == []
    project.signed_on, project.starts_on = clock.today(), clock.today() + timedelta(days=3)
    project.ends_on = clock.today() + timedelta(days=100)
    project.instalments[0].paid_on = clock.today()
    db.session.commit()
    assert kinds(staff) == [("指派督导", project.ref)]
    make.supervision(project, make.user(Role.SUPERVISOR))
    make.supervision(project, make.staff(), SupervisionLine.GUIDANCE)
    assert one(staff, "启动项目").due_on == project.starts_on
    do(staff, project, "start")
    assert kinds(staff) == []


def test_each_instalment_waits_to_be_paid_once_its_condition_is_met(kinds, one, staff, elsewhere):
    project = make.project(ProjectState.PREPARING, signed_on=clock.today(), starts_on=clock.today())
    first, second, last = project.instalments
    first.paid_on = None
    db.session.commit()
    assert "第 1 期" in one(staff, "登记拨款").title
    assert ("登记拨款", project.ref) not in kinds(elsewhere)
    first.paid_on = clock.today()
    db.session.commit()
    assert ("登记拨款", project.ref) not in kinds(staff)
    visit = make.visit(VisitState.CONFIRMED, project=project, stage=VisitStage.MIDDLE)
    assert ("登记拨款", project.ref) not in kinds(staff)
    scored(SubjectKind.VISIT, visit.id, visit.supervisor, "B")
    assert "第 2 期" in one(staff, "登记拨款").title
    second.paid_on = clock.today()
    project.state = ProjectState.ASSESSED
    db.session.commit()
    assert ("登记拨款", project.ref) not in kinds(staff)
    make.assessment(AssessmentState.FINAL, project=project, score=Decimal("90"))
    assert "第 3 期" in one(staff, "登记拨款").title
    last.paid_on = clock.today()
    db.session.commit()
    assert ("登记拨款", project.ref) not in kinds(staff)


def test_reports_are_read_and_missing_ones_are_waited_for(do, kinds, others, staff, elsewhere):
    project = make.project()
    report = make.report(ReportState.SUBMITTED, project=project)
    late = make.report(project=project, month=date(2026, 7, 1), due_on=date(2026, 8, 5))
    assert kinds(staff) == [("审核月报", report.ref)]
    assert others(staff) == [("逾期未报月报", late.ref, "承接机构")]
    assert (kinds(elsewhere), others(elsewhere)) == ([], [])
    do(staff, report, "accept")
    assert kinds(staff) == []


def test_a_contested_visit_is_settled(do, kinds, staff, elsewhere, approver):
    visit = make.visit(VisitState.CONTESTED, contest_reason="人数记错了", answered_at=clock.now())
    assert kinds(staff) == kinds(approver) == [("处理督导异议", visit.ref)]
    assert kinds(elsewhere) == []
    do(staff, visit, "settle")
    assert kinds(staff) == kinds(approver) == []


def test_an_escalated_rectification_comes_before_the_street(kinds, others, staff, elsewhere, approver):
    order = make.rectification(state=RectificationState.ESCALATED, due_on=clock.today() - timedelta(days=2))
    assert kinds(staff) == kinds(approver) == [("督办逾期整改", order.ref)]
    assert kinds(elsewhere) == []
    state(order, RectificationState.REPORTED)
    assert (kinds(staff), others(staff)) == ([], [("核验整改", order.ref, "督导")])
    state(order, RectificationState.CLOSED)
    assert others(staff) == []


def test_a_closing_is_read_organised_computed_reviewed_and_announced(kinds, others, staff, elsewhere, approver):
    report = make.closing_report(ClosingState.SUBMITTED, submitted_at=clock.now())
    project = report.project
    assert kinds(staff) == [("审核结项报告", project.ref)]
    assert kinds(elsewhere) == []
    state(report, ClosingState.ACCEPTED)
    assessment = make.assessment(project=project)
    assert kinds(staff) == [("安排测评", assessment.ref)]
    judge, inspector = make.user(Role.REVIEWER), make.user(Role.SUPERVISOR)
    assessment.inspector_id, assessment.presentation_on = inspector.id, clock.today()
    make.add(PresentationJudge(assessment_id=assessment.id, user_id=judge.id))
    assert (kinds(staff), others(staff)) == ([], [("收集测评评分", assessment.ref, "督察人、评分人和机构自评")])
    for kind, by in ((SubjectKind.LEDGER_INSPECTION, inspector), (SubjectKind.PRESENTATION, judge),
                     (SubjectKind.SELF, make.org_admin(project.organisation))):  # fmt: skip
        scored(kind, assessment.id, by, "C1")
    assert kinds(staff) == [("计算活跃度", assessment.ref)]


def test_a_computed_assessment_is_reviewed_and_then_put_on_notice(kinds, others, staff, approver):
    assessment = make.assessment(AssessmentState.COMPUTED)
    make.closing_report(ClosingState.ACCEPTED, project=assessment.project)
    assert kinds(approver) == [("审核测评", assessment.ref)]
    assert (kinds(staff), others(staff)) == ([], [("审核测评", assessment.ref, "街道审批人")])
    state(assessment, AssessmentState.REVIEWED)
    assert (kinds(approver), kinds(staff)) == ([], [("拟写测评公示", assessment.ref)])
    notice = make.notice(NoticeState.DRAFT, kind=NoticeKind.ASSESSMENT, project_id=assessment.project_id)
    assert kinds(staff) == [("发布公示", notice.ref)]


def test_an_assessed_project_is_filed_away(do, kinds, staff, elsewhere):
    project = make.project(ProjectState.ASSESSED)
    assert kinds(staff) == [("归档结项", project.ref)]
    assert kinds(elsewhere) == []
    do(staff, project, "finish")
    assert kinds(staff) == []
