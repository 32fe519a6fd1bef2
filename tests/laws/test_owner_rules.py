"""Law 4: the street office's rules in its own words, written by hand and not read from tables."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.domain import lifecycle, policy, sheets, supervising, ties
from matchhub.domain.models import (
    ApplicationState,
    AssessmentState,
    JointProject,
    LedgerEntry,
    NeedPhase,
    NeedState,
    ProjectState,
    ReportState,
    Role,
    RoundState,
    SubjectKind,
)
from matchhub.domain.parties import Party, parties
from tests import factories as make


@command
def do(row, action, user):
    lifecycle.advance(row, action, user)


def why(row, action, user):
    return str(lifecycle.refusal(row, action, user, clock.now()) or "")


# The entrance


def test_only_the_approver_publishes_and_never_the_section_itself(app):
    need = make.need(NeedState.INTERNAL_REVIEW)
    with pytest.raises(NotYours):
        do(need, "publish", make.staff())
    do(need, "publish", make.approver())
    assert need.state is NeedState.OPEN


def test_no_application_is_read_before_the_deadline_and_the_opening(app, later):
    application = make.application(ApplicationState.SUBMITTED, need=make.need(NeedState.OPEN))
    everybody = [make.staff(), make.approver(), make.user(Role.CENTRE_STAFF), make.user(Role.AUDITOR), make.user(Role.SYSADMIN),
                 make.user(Role.REVIEWER), make.org_admin(), None]  # fmt: skip
    assert not any(policy.can_see(user, application) for user in everybody)
    assert policy.can_see(make.org_admin(application.organisation), application)
    later(days=11)
    assert not any(policy.can_see(user, application) for user in everybody)
    make.opened(application.need)
    assert policy.can_see(everybody[0], application)
    assert not policy.can_see(everybody[6], application)


def test_a_second_after_the_deadline_is_too_late(app, later):
    application = make.application(ApplicationState.DRAFT)
    admin = make.org_admin(application.organisation)
    left = application.need.closes_at - clock.now()
    later(seconds=left.total_seconds() - 1)
    assert application.need.phase is NeedPhase.OPEN and why(application, "submit", admin) == ""
    later(seconds=1)
    assert "截止" in why(application, "submit", admin)


def test_an_organisation_that_is_not_admitted_or_is_barred_cannot_apply(app):
    from matchhub.domain.models import OrganisationState

    suspended = make.organisation(OrganisationState.SUSPENDED)
    application = make.application(ApplicationState.DRAFT, organisation=suspended)
    assert "已入驻" in why(application, "submit", make.org_admin(suspended))
    barred = make.organisation(barred_until=clock.today() + timedelta(days=30))
    application = make.application(ApplicationState.DRAFT, organisation=barred)
    assert "测评不合格" in why(application, "submit", make.org_admin(barred))


def test_a_section_does_not_act_on_the_need_of_another(app):
    need = make.need(NeedState.DRAFT, section_code="fgb")
    with pytest.raises(NotYours):
        do(need, "submit", make.staff(section_code="zzb"))


def test_there_is_one_award_for_a_need(app):
    need = make.need(NeedState.NOTICE)
    make.application(ApplicationState.AWARDED, need=need)
    with pytest.raises(DatabaseError):
        make.application(ApplicationState.AWARDED, need=need)
    db.session.rollback()


# The judges


def test_nobody_judges_an_organisation_they_are_tied_to(app):
    """By employer, by a seat on the board, by a joint project within three years: found without a declaration."""
    organisation = make.organisation()
    application = make.application(ApplicationState.QUALIFIED, organisation=organisation)
    judges = [
        make.user(Role.REVIEWER, employer=organisation.name),
        make.user(Role.REVIEWER, name=organisation.legal_representative),
        make.user(Role.REVIEWER),
        make.user(Role.REVIEWER),
    ]
    make.add(JointProject(user_id=judges[2].id, organisation_id=organisation.id, title="合作",
                          until=clock.today() - timedelta(days=1000)))  # fmt: skip
    make.round_(RoundState.SCORING, tuple(judges), need=application.need)
    seen = [Party.REVIEWER in parties(judge, application) for judge in judges]
    assert seen == [False, False, False, True]
    assert [ties.bars(judge, organisation) for judge in judges] == [True, True, True, False]


def test_a_reviewer_sees_nothing_before_declaring(app):
    judge = make.user(Role.REVIEWER)
    application = make.application(ApplicationState.QUALIFIED)
    make.round_(RoundState.SCORING, (judge,), declared=False, need=application.need)
    assert not policy.can_see(judge, application)


def test_a_submitted_score_cannot_be_changed_by_anybody_not_even_in_sql(app):
    judge = make.user(Role.REVIEWER)
    application = make.application(ApplicationState.QUALIFIED)
    rubric = sheets.newest_rubric("A")

    @command
    def score():
        sheet = sheets.open_sheet(SubjectKind.APPLICATION, application.id, judge, rubric)
        sheets.fill(
            sheet,
            {item.code: sheets.Entry(Decimal(item.maximum) * Decimal("0.5"), remark="因为") for item in rubric.items},
        )
        sheets.submit(sheet, judge)
        return sheet

    sheet = score()
    assert sheet.total == 50
    for statement in (
        f"UPDATE score_line SET points = 1 WHERE sheet_id = {sheet.id}",
        f"DELETE FROM score_line WHERE sheet_id = {sheet.id}",
        f"UPDATE score_sheet SET total = 99 WHERE id = {sheet.id}",
        f"DELETE FROM score_sheet WHERE id = {sheet.id}",
    ):
        with pytest.raises(DatabaseError):
            db.session.execute(sa.text(statement))
        db.session.rollback()
    with pytest.raises(NotNow):
        command(lambda: sheets.fill(db.session.get(type(sheet), sheet.id), {}))()


def test_a_supervisor_does_not_supervise_their_own_organisation(app):
    project = make.project()
    tied = make.user(Role.SUPERVISOR, variety="hub", employer=project.organisation.name)
    make.supervision(project, tied)
    assert Party.SUPERVISOR not in parties(tied, project)


# The end


def test_no_project_closes_while_something_is_to_be_put_right_or_a_month_is_not_reported(app):
    project = make.project(ProjectState.ACTIVE)
    admin = make.org_admin(project.organisation)
    assert why(project, "close_up", admin) == ""
    make.rectification(project)
    assert "整改单" in why(project, "close_up", admin)
    other = make.project(ProjectState.ACTIVE)
    make.report(ReportState.AWAITED, project=other)
    assert "月报" in why(other, "close_up", make.org_admin(other.organisation))


def test_a_closing_score_cannot_exist_without_its_visits(app):
    assessment = make.assessment(AssessmentState.COLLECTING)
    sentence = supervising.shortfall(assessment.project)
    assert sentence is not None
    for wanted in ("启动阶段走访", "中期走访", "末期走访", "现场走访", "自治骨干走访", "引导线", "辅导线"):
        assert wanted in sentence
    assert sentence in why(assessment, "compute", make.staff())


def test_a_grade_is_final_only_after_its_notice(app):
    assessment = make.assessment(AssessmentState.NOTICE)
    assert "公示还没有结束" in why(assessment, "finalise", make.staff())


def test_silence_counts_as_confirmation_and_not_before_its_day(app, later):
    from matchhub.domain.models import VisitState

    visit = make.visit(VisitState.SUBMITTED)
    assert not visit.counts
    later(days=3)
    assert visit.counts
    assert "视为确认" in why(visit, "contest", make.org_admin(visit.project.organisation))


def test_a_published_notice_never_changes(app):
    notice = make.notice()
    for column, value in (("title", "改"), ("body", "改"), ("ends_at", "2030-01-01 00:00:00")):
        with pytest.raises(DatabaseError):
            db.session.execute(sa.text(f"UPDATE notice SET {column} = :v WHERE id = :i"), {"v": value, "i": notice.id})
        db.session.rollback()


def test_every_deed_leaves_its_row_and_no_row_names_an_objector(app):
    need = make.need(NeedState.INTERNAL_REVIEW)
    approver = make.approver()
    do(need, "publish", approver)
    row = db.session.scalars(sa.select(LedgerEntry).order_by(LedgerEntry.seq.desc())).first()
    assert (row.deed, row.subject, row.actor_id) == ("need.publish", f"need:{need.ref}", approver.id)
    assert json.loads(row.data)["from"] == "internal_review"


def test_a_refusal_is_a_sentence_for_a_person(app):
    need = make.need(NeedState.DRAFT)
    with pytest.raises(Refused, match="。"):
        do(need, "publish", make.approver())
