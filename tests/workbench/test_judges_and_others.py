"""What reviewers, supervisors, residents' committees, auditors and administrators find on their desks."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from matchhub.core import clock, outbox
from matchhub.core.db import db
from matchhub.domain import reference, sheets
from matchhub.domain.models import (
    ApplicationState,
    NeedState,
    OutboxRow,
    PresentationJudge,
    ProjectState,
    RectificationState,
    Recusal,
    Role,
    RoundState,
    ScoreSheet,
    SheetState,
    SubjectKind,
    VisitState,
)
from matchhub.features.admin import service
from tests import factories as make


def scored(kind, subject_id, judge, rubric="A"):
    return make.add(
        ScoreSheet(
            state=SheetState.SUBMITTED, rubric=sheets.newest_rubric(rubric), subject_kind=kind, subject_id=subject_id,
            judge_id=judge.id, total=80, submitted_at=clock.now(), digest="0" * 64,
        )
    )  # fmt: skip


@pytest.fixture
def reviewer(app):
    return make.user(Role.REVIEWER)


@pytest.fixture
def supervisor(app):
    return make.user(Role.SUPERVISOR, variety="hub")


def test_ties_are_declared_before_anything_is_scored(kinds, one, reviewer):
    round_ = make.round_(panel=(reviewer,), declared=False, due_at=clock.now() + timedelta(days=3))
    application = make.application(ApplicationState.QUALIFIED, need=round_.need)
    assert one(reviewer, "声明利益关系").due_at == round_.due_at
    round_.panel[0].declared_at = clock.now()
    db.session.commit()
    found = one(reviewer, "评审打分")
    assert (found.due_at, found.title) == (round_.due_at, f"{round_.need.title} · 未评 1，草稿 0，已评 0")
    scored(SubjectKind.APPLICATION, application.id, reviewer)
    assert kinds(reviewer) == []


def test_an_application_of_a_tied_organisation_is_never_asked_for(kinds, reviewer):
    round_ = make.round_(panel=(reviewer,))
    application = make.application(ApplicationState.QUALIFIED, need=round_.need)
    make.add(Recusal(user_id=reviewer.id, organisation_id=application.organisation_id, kind="kinship"))
    assert kinds(reviewer) == []


def test_a_reviewer_of_another_round_sees_nothing(kinds):
    round_ = make.round_(panel=(make.user(Role.REVIEWER),))
    make.application(ApplicationState.QUALIFIED, need=round_.need)
    assert kinds(make.user(Role.REVIEWER)) == []


def test_scoring_ends_with_the_round(kinds, reviewer):
    round_ = make.round_(RoundState.DECIDING, panel=(reviewer,))
    make.application(ApplicationState.QUALIFIED, need=round_.need)
    assert kinds(reviewer) == []


def test_a_visit_is_due_on_its_day_and_its_record_afterwards(kinds, one, others, later, supervisor):
    visit = make.visit(supervisor=supervisor, project=make.project())
    assert one(supervisor, "督导走访").due_on == clock.today()
    later(days=1)
    assert one(supervisor, "补齐督导记录").is_overdue
    visit.confirm_due_at = clock.now() + timedelta(days=3)
    setattr(visit, "state", VisitState.SUBMITTED)  # noqa: B010 - its page is tested elsewhere
    db.session.commit()
    assert (kinds(supervisor), others(supervisor)) == ([], [("确认督导记录", visit.ref, "承接机构")])


def test_answers_to_a_rectification_are_verified_by_its_supervisors_only(kinds, supervisor):
    project = make.project()
    make.supervision(project, supervisor)
    order = make.rectification(project, state=RectificationState.REPORTED, reported_at=clock.now())
    assert kinds(supervisor) == [("核验整改", order.ref)]
    assert kinds(make.user(Role.SUPERVISOR)) == []


def test_a_rectification_without_an_answer_is_brought_before_the_street(do, kinds, later, supervisor):
    project = make.project()
    make.supervision(project, supervisor)
    order = make.rectification(project)
    assert kinds(supervisor) == []
    later(days=15)
    assert kinds(supervisor) == [("上报逾期整改", order.ref)]
    do(supervisor, order, "escalate")
    assert kinds(supervisor) == []


def test_a_supervisor_tied_to_the_organisation_sees_nothing_of_it(kinds, others, supervisor):
    project = make.project()
    make.supervision(project, supervisor)
    make.visit(supervisor=supervisor, project=project)
    make.rectification(project, state=RectificationState.REPORTED)
    make.add(Recusal(user_id=supervisor.id, organisation_id=project.organisation_id, kind="kinship"))
    assert (kinds(supervisor), others(supervisor)) == ([], [])


def test_people_of_the_street_supervise_as_well(kinds):
    guide = make.staff()
    visit = make.visit(supervisor=guide, project=make.project())
    assert kinds(guide) == [("督导走访", visit.ref)]


def test_inspections_and_presentations_wait_for_their_sheets(kinds, reviewer, supervisor):
    assessment = make.assessment(inspector_id=supervisor.id, presentation_on=clock.today())
    make.add(PresentationJudge(assessment_id=assessment.id, user_id=reviewer.id))
    assert kinds(supervisor) == [("台账督察", assessment.ref)]
    assert kinds(reviewer) == [("现场汇报打分", assessment.ref)]
    scored(SubjectKind.LEDGER_INSPECTION, assessment.id, supervisor, "C1")
    scored(SubjectKind.PRESENTATION, assessment.id, reviewer, "C2")
    assert kinds(supervisor) == kinds(reviewer) == []


def test_a_residents_committee_sees_where_its_needs_stand(others):
    neighbour = make.user(Role.NEIGHBOURHOOD, community_code="yuanyuan")
    need = make.need()
    make.need(NeedState.DRAFT)
    assert others(neighbour) == [("征集中", need.ref, "社会组织")]
    assert others(make.user(Role.NEIGHBOURHOOD, community_code="guiyang")) == []


def test_a_residents_committee_follows_what_it_raised_and_the_project_that_came_of_it(others):
    neighbour = make.user(Role.NEIGHBOURHOOD, community_code="guiyang")
    draft = make.need(NeedState.DRAFT, drafted_by_id=neighbour.id)
    project = make.project(need=make.need(NeedState.MATCHED, drafted_by_id=neighbour.id))
    make.project(ProjectState.CLOSED, need=make.need(NeedState.MATCHED, drafted_by_id=neighbour.id))
    assert sorted(others(neighbour)) == [("实施中", project.ref, "承接机构"), ("草稿", draft.ref, "街道")]


def test_a_foundation_follows_the_needs_that_foundations_pay_for(others):
    make.need()
    need = make.need(funding="community_foundation")
    assert others(make.user(Role.FOUNDATION)) == [("征集中", need.ref, "社会组织")]


def test_the_ledger_is_verified_once_a_month(kinds, one, later):
    auditor = make.user(Role.AUDITOR)
    assert one(auditor, "核验操作记录").due_on == date(2026, 9, 30)
    assert service.verify_ledger(auditor).broken_at is None
    assert kinds(auditor) == []
    later(days=16)
    assert kinds(auditor) == [("核验操作记录", "ledger")]


def test_the_auditor_watches_the_objections(others):
    objection = make.objection()
    assert others(make.user(Role.AUDITOR)) == [("答复异议", objection.ref, "街道")]


def test_what_could_not_be_delivered_waits_for_the_administrator(kinds):
    admin = make.user(Role.SYSADMIN)
    row = OutboxRow(kind="mail", payload={}, created_at=clock.now(), due_at=clock.now(), tries=outbox.TRIES)
    make.add(row)
    assert kinds(admin) == [("处理发送失败", "outbox")]
    row.tries = 0
    db.session.commit()
    assert kinds(admin) == []


def test_the_calendar_of_the_next_year_is_asked_for_from_november_on(kinds, one, later):
    admin = make.user(Role.SYSADMIN)
    assert reference.calendar().covers(2026)
    assert kinds(admin) == []
    later(days=50)
    assert one(admin, "录入工作日历").due_on == date(2026, 12, 31)


def test_a_suspended_role_brings_no_duties(kinds, supervisor):
    make.visit(supervisor=supervisor, project=make.project())
    supervisor.grants[0].ends_on = clock.today() - timedelta(days=1)
    db.session.commit()
    assert kinds(supervisor) == []
