"""An excluded organisation may object once and in time; another person decides, before any panel starts."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.domain import excluding, lifecycle
from matchhub.domain.models import ApplicationState, Grant, Message, NeedState, Role
from matchhub.features.applications import checking, service, submitting
from matchhub.features.applications import excluding as objections
from tests import factories as make
from tests.applications.conftest import applicant, with_certificate

S = ApplicationState
WHY = "登记证书第二页写有这项服务，请重新核对。"


@pytest.fixture
def excluded(closed):
    """`closed`, whose one manual rule was found wrong, with the exclusion that followed."""
    checking.open_checklist(closed.staff, closed.application)
    for row in closed.application.checks:
        if not row.computed:
            checking.decide_rule(closed.staff, closed.application, row.rule, row.rule != "scope", "核对过")
    checking.disqualify(closed.staff, closed.application, "业务范围不含本项服务")
    return closed


def page(application) -> str:
    return f"/my/applications/{application.ref}/objection"


def test_three_working_days_to_the_second(excluded, later):
    application = excluded.application
    left = application.objection_until - make.clock.now()
    assert 2 < left.days < 6
    later(seconds=left.total_seconds() - 1)
    assert excluding.why_not_object(application, make.clock.now()) is None
    later(seconds=1)
    with pytest.raises(NotNow, match="异议期已于"):
        objections.file_objection(excluded.org.admin, application, WHY)


def test_an_upheld_objection_brings_the_application_back(excluded, client_as):
    application, approver = excluded.application, make.approver()
    answer = client_as(excluded.org.admin).post(page(application), data={"reason": WHY, "version": application.version})
    assert answer.status_code == 303
    told = {row.user_id for row in db.session.scalars(sa.select(Message).where(Message.event == "application.object"))}
    assert told == {approver.id}
    desk = client_as(approver)
    shown = desk.get(f"/staff/applications/{application.ref}/objection").text
    assert WHY in shown and "业务范围不含本项服务" in shown
    data = {"upheld": "yes", "answer": "证书第二页确有此项", "version": application.version}
    assert desk.post(f"/staff/applications/{application.ref}/objection", data=data).status_code == 303
    assert application.state is S.QUALIFIED and application.result_reason == ""
    (scope,) = [row for row in application.checks if row.rule == "scope"]
    assert scope.passed and "异议成立" in scope.evidence and approver.name in scope.evidence
    assert "异议成立，已恢复资格" in client_as(excluded.org.admin).get(f"/my/applications/{application.ref}").text


def test_a_rejected_one_says_why_and_ends_it(excluded, client_as):
    application, approver = excluded.application, make.approver()
    objections.file_objection(excluded.org.admin, application, WHY)
    objections.decide_objection(approver, application, False, "证书上没有这一项")
    assert application.state is S.UNQUALIFIED
    assert "证书上没有这一项" in client_as(excluded.org.member).get(page(application)).text
    with pytest.raises(NotNow, match="异议只能提一次"):
        objections.file_objection(excluded.org.admin, application, WHY)
    with pytest.raises(NotNow, match="已经有了决定"):
        objections.decide_objection(approver, application, True, "再想想")


def test_whoever_excluded_it_does_not_decide(excluded):
    application, staff = excluded.application, excluded.staff
    objections.file_objection(excluded.org.admin, application, WHY)
    with pytest.raises(NotYours, match="只有街道审批人"):
        objections.decide_objection(staff, application, False, "维持")
    staff.grants.append(Grant(role=Role.STREET_APPROVER))
    db.session.commit()
    with pytest.raises(NotYours, match="由另一位审批人决定"):
        objections.decide_objection(staff, application, False, "维持")
    row = excluding.objection(application)
    row.decided_by_id, row.decided_at, row.upheld = staff.id, make.clock.now(), False
    with pytest.raises(sa.exc.IntegrityError):  # not even in SQL
        db.session.commit()
    db.session.rollback()


def test_what_is_refused_is_said(excluded, client_as):
    application = excluded.application
    short = client_as(excluded.org.admin).post(
        page(application), data={"reason": "不对", "version": application.version}
    )
    assert short.status_code == 409 and "至少 10 个字" in short.text and "不对" in short.text
    with pytest.raises(NotYours):
        objections.file_objection(excluded.org.member, application, WHY)
    with pytest.raises(NotNow, match="没有提出异议"):
        objections.decide_objection(make.approver(), application, True, "好")
    objections.file_objection(excluded.org.admin, application, WHY)
    with pytest.raises(Refused, match="写明决定的理由"):
        objections.decide_objection(make.approver(), application, True, " ")
    assert application.state is S.UNQUALIFIED


def test_no_panel_starts_before_the_objection_is_settled(excluded, later):
    need, staff = excluded.need, excluded.staff
    other = make.application(need=need)
    other.state = S.QUALIFIED
    db.session.commit()

    def why() -> str:
        return str(lifecycle.refusal(need, "start_review", staff, make.clock.now()) or "")

    assert "前提出异议，之后才能开始评审" in why()
    objections.file_objection(excluded.org.admin, excluded.application, WHY)
    assert "还有 1 份资格异议没有决定" in why()
    objections.decide_objection(make.approver(), excluded.application, False, "维持原判断")
    assert why() == ""


def test_without_an_objection_the_panel_starts_after_the_period(excluded, later):
    other = make.application(need=excluded.need)
    other.state = S.QUALIFIED
    db.session.commit()
    later(days=7)
    assert lifecycle.refusal(excluded.need, "start_review", excluded.staff, make.clock.now()) is None


def test_the_correction_ends_to_the_second(closed, later):
    checking.open_checklist(closed.staff, closed.application)
    for row in closed.application.checks:
        if not row.computed:
            checking.decide_rule(closed.staff, closed.application, row.rule, False, "核对过")
    checking.ask_correction(closed.staff, closed.application, "请补", ["risks"])
    left = closed.application.correction_due_at - make.clock.now()
    later(seconds=left.total_seconds() - 1)
    values = make.document()["risks"]
    service.save_part(closed.org.admin, closed.application, "risks", values | {"risks": "最后一秒"})
    later(seconds=1)
    for late in (
        lambda: service.save_part(closed.org.admin, closed.application, "risks", values),
        lambda: submitting.submit(closed.org.admin, closed.application),
    ):
        with pytest.raises(NotNow, match="补正期限已过"):
            late()


# --- evidence and declarations ---------------------------------------------------------------------------------------


def test_every_computed_rule_names_what_it_looked_at(closed, client_as):
    checking.open_checklist(closed.staff, closed.application)
    without = {row.rule for row in closed.application.checks if row.computed and not row.sources}
    # Facts of which there is no record to show: no late report, no open order, and the text itself.
    assert without <= {"reports", "rectifications", "declaration"}
    html = client_as(closed.staff).get(f"/staff/applications/{closed.application.ref}").text
    for row in closed.application.checks:
        for one in row.sources or []:
            if one["kind"] == "file":
                assert f'href="/files/{one["ref"]}"' in html


def test_each_essential_condition_is_a_line_of_its_own(app, later, client_as):
    org = applicant(make.need(essential=["有加梯经历", "有持证社工"]))
    with_certificate(org)
    told = make.document()["declaration"] | {"essential": ["有加梯经历", "有持证社工"]}
    application = org.submitted(declaration=told)
    later(days=11)
    make.opened(org.need)
    staff = make.staff()
    checking.open_checklist(staff, application)
    lines = {row.rule for row in application.checks if row.rule.startswith("essential")}
    assert lines == {"essential_1", "essential_2"}
    html = client_as(staff).get(f"/staff/applications/{application.ref}").text
    assert "有加梯经历" in html and "有持证社工" in html
    data = {"essential_2-passed": "no", "essential_2-evidence": "没有看到证书"}
    assert (
        client_as(staff).post(f"/staff/applications/{application.ref}/rules/essential_2", data=data).status_code == 303
    )
    assert (
        client_as(staff).post(f"/staff/applications/{application.ref}/rules/essential_3", data=data).status_code == 404
    )


def test_missing_or_expired_declarations_fail_with_their_names(app, later):
    org = applicant()
    make.declared(org.admin.organisation, expires_on=make.clock.today() + make.timedelta(days=5))
    application = org.submitted()
    assert {one["kind"] for one in service.form.latest(application).own_text["standing"]} == {
        "lawful", "taxes", "independent", "fair",
    }  # fmt: skip
    later(days=11)
    make.opened(org.need)
    checking.open_checklist(make.staff(), application)
    (row,) = [row for row in application.checks if row.rule == "declarations"]
    assert row.passed and "方静" in row.evidence  # in force on the day it was submitted, as the sealed text says

    bare = applicant()
    later_one = bare.submitted()
    later(days=11)
    make.opened(bare.need)
    checking.open_checklist(make.staff(), later_one)
    (row,) = [row for row in later_one.checks if row.rule == "declarations"]
    assert row.passed is False and "严重失信名单" in row.evidence


def test_a_reinstated_application_of_a_cancelled_need_is_not_possible(excluded):
    objections.file_objection(excluded.org.admin, excluded.application, WHY)
    excluded.need.state = NeedState.CANCELLED
    db.session.commit()
    with pytest.raises(NotNow):
        objections.decide_objection(make.approver(), excluded.application, True, "好")
