"""The eligibility check: what the records say, what the section decides, one correction, and the result with reasons."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.domain import application_form as form
from matchhub.domain import attachments, eligibility
from matchhub.domain.models import (
    ApplicationState,
    EligibilityCheck,
    Message,
    OrganisationState,
    ProjectState,
    RectificationState,
    ReportState,
)
from matchhub.features.applications import checking, service, submitting
from tests import factories as make
from tests.applications.conftest import a_file, applicant

S = ApplicationState
MANUAL = ("scope", "no_tie")


def result(application):
    return {row.rule: row.passed for row in application.checks}


def row(application, rule):
    return next(row for row in application.checks if row.rule == rule)


def decide(closed, **answers):
    """Decide every rule that a person decides; all fit, but for `answers`."""
    checking.open_checklist(closed.staff, closed.application)
    for rule in MANUAL:
        passed = answers.get(rule, True)
        checking.decide_rule(closed.staff, closed.application, rule, passed, "登记证书业务范围第 2 项")


# --- what the records say ----------------------------------------------------------------------------------------


def test_a_sound_application_passes_every_computed_rule(closed):
    checking.open_checklist(closed.staff, closed.application)
    assert result(closed.application) == {rule.code: None if rule.find is None else True
                                          for rule in eligibility.rules_for(closed.application)}  # fmt: skip
    assert "登记证书.pdf" in row(closed.application, "certificate").evidence


def fail_not_admitted(organisation):
    organisation.state = OrganisationState.SUSPENDED


def fail_code(organisation):
    organisation.uscc = organisation.uscc[:-1] + ("0" if organisation.uscc[-1] != "0" else "1")


def fail_certificate(organisation):
    attachments.of(organisation, "certificate")[0].expires_on = clock.today() - timedelta(days=1)


def fail_annual(organisation):
    organisation.annual_check_passed = False


def fail_standing(organisation):
    organisation.in_bad_standing, organisation.credit_note = True, "2026 年 8 月列入活动异常名录"


def fail_barred(organisation):
    organisation.barred_until = clock.today() + timedelta(days=1)


def fail_reports(organisation):
    project = make.project(ProjectState.ACTIVE, organisation=organisation)
    make.report(ReportState.AWAITED, project=project, month=date(2026, 7, 1), due_on=date(2026, 8, 5))


def fail_rectifications(organisation):
    project = make.project(ProjectState.ACTIVE, organisation=organisation)
    make.rectification(project, state=RectificationState.REPORTED)


@pytest.mark.parametrize(
    ("rule", "make_wrong"),
    [
        ("admitted", fail_not_admitted), ("uscc", fail_code), ("certificate", fail_certificate),
        ("annual_check", fail_annual), ("standing", fail_standing), ("not_barred", fail_barred),
        ("reports", fail_reports), ("rectifications", fail_rectifications),
    ],
)  # fmt: skip
def test_each_computed_rule_fails_alone_with_evidence_and_repair(closed, rule, make_wrong):
    make_wrong(closed.application.organisation)
    db.session.commit()
    checking.open_checklist(closed.staff, closed.application)
    failed = [code for code, passed in result(closed.application).items() if passed is False]
    assert failed == [rule]
    found = row(closed.application, rule)
    assert found.evidence and found.repair == eligibility.BY_CODE[rule].repair


def test_ceiling_declaration_and_files_are_read_from_the_submitted_text(closed):
    version = form.latest(closed.application)
    document = dict(version.document, files=[])
    document["budget"] = document["budget"] | {"amount_fen": 100_000_01}
    document["declaration"] = document["declaration"] | {"signed_name": ""}
    version.document = document
    db.session.commit()
    checking.open_checklist(closed.staff, closed.application)
    failed = [code for code, passed in result(closed.application).items() if passed is False]
    assert failed == ["ceiling", "declaration", "attachments"]
    assert row(closed.application, "attachments").evidence == "缺少：需求调研材料。"


def test_a_closed_report_or_rectification_does_not_count(closed):
    project = make.project(ProjectState.ACTIVE, organisation=closed.application.organisation)
    make.report(ReportState.ACCEPTED, project=project, month=date(2026, 7, 1), due_on=date(2026, 8, 5))
    make.rectification(project, state=RectificationState.CLOSED)
    checking.open_checklist(closed.staff, closed.application)
    assert result(closed.application)["reports"] and result(closed.application)["rectifications"]


def test_essential_conditions_are_a_rule_only_where_the_need_lists_some(app, later):
    org = applicant(make.need(essential=["有加梯经历"]))
    declaration = make.document()["declaration"] | {"essential": ["有加梯经历"]}
    application = org.submitted(declaration=declaration)
    later(days=11)
    make.opened(org.need)
    staff = make.staff()
    checking.open_checklist(staff, application)
    assert result(application)["essential_1"] is None


# --- who and when ------------------------------------------------------------------------------------------------


def test_before_the_deadline_nothing_can_be_checked(org):
    application, staff = org.submitted(), make.staff()
    with pytest.raises(NotNow, match="征集截止后"):
        checking.open_checklist(staff, application)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(EligibilityCheck)) == 0


def test_only_the_section_of_the_need_checks(closed, client_as):
    page = f"/staff/applications/{closed.application.ref}"
    for person in (make.staff(section_code="fgb"), make.approver(), closed.org.admin):
        with pytest.raises(NotYours):
            checking.open_checklist(person, closed.application)
    assert client_as(make.staff(section_code="fgb")).get(page).status_code == 200
    assert client_as(make.staff(section_code="fgb")).post(f"{page}/checklist").status_code == 403
    assert client_as(closed.org.admin).get(page).status_code == 403


def test_the_checklist_is_worked_through_by_page(closed, client_as):
    client, page = client_as(closed.staff), f"/staff/applications/{closed.application.ref}"
    assert closed.application.ref in client.get("/staff/applications").text
    assert "打开核对清单" in client.get(page).text
    client.post(f"{page}/checklist", data={"version": closed.application.version})
    empty = client.post(f"{page}/rules/scope", data={"scope-passed": "yes"})
    assert empty.status_code == 422 and "请写明依据" in empty.text
    for rule in MANUAL:
        answer = client.post(f"{page}/rules/{rule}", data={f"{rule}-passed": "yes", f"{rule}-evidence": "见登记证书"})
        assert answer.status_code == 303
    db.session.rollback()
    assert all(result(closed.application).values())
    client.post(f"{page}/qualify", data={"version": closed.application.version})
    db.session.rollback()
    assert closed.application.state is S.QUALIFIED
    assert "资格通过" in client_as(closed.org.admin).get(f"/my/applications/{closed.application.ref}").text


def test_a_computed_rule_is_not_decided_by_hand(closed):
    checking.open_checklist(closed.staff, closed.application)
    with pytest.raises(Refused, match="不能手工修改"):
        checking.decide_rule(closed.staff, closed.application, "uscc", True, "看过")


def test_an_undecided_or_failed_rule_stops_the_pass(closed):
    checking.open_checklist(closed.staff, closed.application)
    with pytest.raises(NotNow, match="还有 2 项没有核对"):
        checking.qualify(closed.staff, closed.application)
    for rule in MANUAL:
        checking.decide_rule(closed.staff, closed.application, rule, rule != "scope", "核对过")
    with pytest.raises(NotNow, match="有 1 项不符合"):
        checking.qualify(closed.staff, closed.application)
    assert closed.application.state is S.SUBMITTED


def test_what_went_wrong_since_the_check_stops_the_pass(closed):
    decide(closed)
    fail_standing(closed.application.organisation)
    db.session.commit()
    with pytest.raises(NotNow, match="有 1 项不符合"):
        checking.qualify(closed.staff, closed.application)
    assert closed.application.state is S.SUBMITTED


def test_what_was_put_right_elsewhere_counts_after_checking_anew(closed):
    closed.application.organisation.annual_check_passed = False
    db.session.commit()
    decide(closed)
    assert result(closed.application)["annual_check"] is False
    closed.application.organisation.annual_check_passed = True
    db.session.commit()
    checking.recheck(closed.staff, closed.application)
    assert all(result(closed.application).values())


# --- the organisation sees each rule ------------------------------------------------------------------------------


def test_half_a_check_is_not_shown_but_a_finished_one_is(closed, client_as):
    client, page = client_as(closed.org.member), f"/my/applications/{closed.application.ref}"
    decide(closed, scope=False)
    assert "资格审查结果" not in client.get(page).text
    checking.ask_correction(closed.staff, closed.application, "请补业务范围页", ["files"])
    text = client.get(page).text
    assert "✔ 符合" in text and "✘ 不符合" in text and "怎样补正" in text and "请补业务范围页" in text
    assert "登记证书业务范围第 2 项" in text


# --- correction --------------------------------------------------------------------------------------------------


def asked(closed, parts=("files", "declaration")):
    decide(closed, scope=False)
    checking.ask_correction(closed.staff, closed.application, "请补业务范围页", list(parts))
    return closed.application


def test_the_correction_runs_three_working_days(closed):
    application = asked(closed)
    assert application.state is S.CORRECTION
    from matchhub.domain import deadlines, reference

    assert application.correction_due_at == deadlines.correction_due_at(
        clock.now(), reference.terms(), reference.calendar()
    )
    events = db.session.scalars(sa.select(Message.event).where(Message.user_id == closed.org.admin.id)).all()
    assert "application.ask_correction" in events


def test_only_the_named_parts_can_be_changed(closed, client_as):
    application, admin = asked(closed), closed.org.admin
    service.save_part(admin, application, "declaration", make.document()["declaration"] | {"ties": "理事与科长同村"})
    with pytest.raises(NotNow, match="只能修改街道指明的部分"):
        service.save_part(admin, application, "budget", make.document()["budget"])
    page = client_as(admin).get(f"/my/applications/{application.ref}").text
    assert f"/my/applications/{application.ref}/declaration" in page
    assert f'href="/my/applications/{application.ref}/budget"' not in page


def test_changes_that_were_never_submitted_do_not_slip_in_with_a_correction(org, later):
    application = org.submitted()
    service.save_part(org.admin, application, "risks", make.document()["risks"] | {"risks": "截止前没有提交的修改"})
    later(days=11)
    make.opened(org.need)
    staff = make.staff()
    checking.open_checklist(staff, application)
    for rule in MANUAL:
        checking.decide_rule(staff, application, rule, False, "核对过")
    checking.ask_correction(staff, application, "请补", ["files"])
    service.attach(org.admin, application, "proof", [a_file("业务范围.pdf", "d")])
    submitting.submit(org.admin, application)
    document = form.latest(application).document
    assert document["risks"]["risks"] == "意见不一。"
    assert [one["name"] for one in document["files"]] == ["调研.pdf", "业务范围.pdf"]


def test_a_submitted_correction_is_checked_anew(closed):
    application, first = asked(closed), closed.application.submitted_at
    service.attach(closed.org.admin, application, "proof", [a_file("业务范围.pdf", "d")])
    submitting.submit(closed.org.admin, application)
    assert application.state is S.SUBMITTED and application.submitted_at == first and application.corrected_at
    assert form.latest(application).number == 2
    assert result(application)["scope"] is None and result(application)["no_tie"] is True
    assert "共 2 个文件" in row(application, "attachments").evidence
    checking.decide_rule(closed.staff, application, "scope", True, "业务范围页第 3 项")
    checking.qualify(closed.staff, application)
    assert application.state is S.QUALIFIED


def test_there_is_one_correction_round(closed):
    application = asked(closed)
    service.attach(closed.org.admin, application, "proof", [a_file("业务范围.pdf", "d")])
    submitting.submit(closed.org.admin, application)
    checking.decide_rule(closed.staff, application, "scope", False, "仍不含本项服务")
    with pytest.raises(NotNow, match="补正只有一次"):
        checking.ask_correction(closed.staff, application, "再补", ["files"])
    checking.disqualify(closed.staff, application, "业务范围不包含本项服务")
    assert application.state is S.UNQUALIFIED


def test_after_its_due_moment_nothing_is_corrected_and_the_section_may_end_it(closed, later):
    application = asked(closed)
    with pytest.raises(NotNow, match="补正期限还没有到"):
        checking.disqualify(closed.staff, application, "没有补正")
    later(days=12)
    with pytest.raises(NotNow, match="补正期限已过"):
        service.save_part(closed.org.admin, application, "declaration", make.document()["declaration"])
    with pytest.raises(NotNow, match="补正期限已过"):
        submitting.submit(closed.org.admin, application)
    checking.disqualify(closed.staff, application, "没有按期补正")
    assert application.state is S.UNQUALIFIED


def test_correction_and_refusal_by_page(closed, client_as):
    client, page = client_as(closed.staff), f"/staff/applications/{closed.application.ref}"
    decide(closed, scope=False)
    text = client.get(f"{page}/ask-correction").text
    assert "业务范围包含本项服务" in text and "补正只有一次" in text
    empty = client.post(f"{page}/ask-correction", data={"note": ""})
    assert empty.status_code == 422 and "请至少选择一个可以修改的部分" in empty.text
    assert client.post(f"{page}/disqualify", data={"reason": ""}).status_code == 422
    data = {"version": closed.application.version, "reason": "业务范围不包含本项服务"}
    assert client.post(f"{page}/disqualify", data=data).status_code == 303
    assert (
        "业务范围不包含本项服务" in client_as(closed.org.member).get(f"/my/applications/{closed.application.ref}").text
    )


def test_what_the_organisation_keeps_is_in_the_source_language_whoever_asks(closed, client_as):
    decide(closed, scope=False)
    client = client_as(closed.staff)
    client.set_cookie("lang", "en")
    text = client.get(f"/staff/applications/{closed.application.ref}/ask-correction").text
    assert "Ask for correction" in text and "1. 业务范围包含本项服务：" in text


def test_the_queue_counts_per_need_with_few_statements(closed, client_as):
    for _n in range(3):
        make.version(make.application(S.SUBMITTED, need=closed.need))
    client = client_as(closed.staff)
    page = client.get("/staff/applications").text
    assert "收到 4 份申报" in page and "待审查 4 份" in page
