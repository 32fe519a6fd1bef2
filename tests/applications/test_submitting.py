"""Submitting, withdrawing, submitting anew: by the head of the organisation, before the deadline, with a receipt."""

from __future__ import annotations

import hashlib
import json

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Refused, Stale
from matchhub.domain import application_form as form
from matchhub.domain.models import (
    Application,
    ApplicationState,
    ApplicationVersion,
    LedgerEntry,
    Message,
    OrganisationState,
    User,
)
from matchhub.domain.scoring.canonical import canonical, digest
from matchhub.features.applications import service, submitting
from tests import factories as make
from tests.applications.conftest import in_threads

S = ApplicationState


def versions():
    db.session.rollback()
    return db.session.scalars(sa.select(ApplicationVersion).order_by(ApplicationVersion.number)).all()


def url(application, rest=""):
    return f"/my/applications/{application.ref}{rest}"


def test_the_head_submits_and_gets_a_receipt_that_can_be_checked(org, client_as):
    application, client = org.filled(), client_as(org.admin)
    page = client.get(url(application, "/check")).text
    assert "确认提交" in page and "需要修改" not in page
    data = {"version": application.version, "body": application.body.version}
    answer = client.post(url(application, "/check"), data=data)
    assert answer.location.endswith("/done")
    (version,) = versions()
    assert application.state is S.SUBMITTED and application.submitted_at == version.submitted_at
    receipt = client.get(answer.location).text
    assert version.sha256 in receipt and application.ref in receipt and "2026-09-15 10:00" in receipt
    text = client.get(url(application, "/versions/1.json"))
    assert hashlib.sha256(text.data).hexdigest() == version.sha256
    assert json.loads(text.data)["project"]["title"] == "楼组加梯陪伴计划"


def test_a_submission_is_told_to_the_colleagues_only(org):
    make.staff()
    application = org.submitted()
    (message,) = db.session.scalars(sa.select(Message)).all()
    assert (message.event, message.user_id) == ("application.submit", org.member.id)
    assert application.ref in message.url


def test_a_member_writes_but_does_not_submit(org, client_as):
    application, client = org.filled(), client_as(org.member)
    assert (
        "请机构负责人提交" in client.get(url(application, "/check")).text
        or "没有进行这一步的权限" in client.get(url(application, "/check")).text
    )
    assert client.post(url(application, "/check")).status_code == 403
    with pytest.raises(NotYours):
        submitting.submit(org.member, application)
    assert versions() == [] and application.state is S.DRAFT


def test_what_is_wrong_is_listed_with_links_to_its_field(org, client_as):
    budget = make.document()["budget"] | {"amount_fen": 86_000_00}
    application = org.filled(budget=budget)
    client = client_as(org.admin)
    page = client.get(url(application, "/check")).text
    assert "比申请金额多 4,000 元" in page and f'href="{url(application, "/budget")}?check=1#rows"' in page
    assert "比申请金额多 4,000 元" in client.get(url(application, "/budget?check=1")).text
    answer = client.post(url(application, "/check"))
    assert answer.status_code == 409 and "还有 1 处需要修改" in answer.text
    assert versions() == [] and application.state is S.DRAFT


def test_a_missing_survey_is_told_before_submission(org, client_as):
    application = org.filled()
    assert "还没有上传：需求调研材料" in client_as(org.admin).get(url(application, "/check")).text


def test_what_a_colleague_changed_meanwhile_is_not_submitted_unseen(org):
    application = org.filled()
    seen = application.body.version
    service.save_part(org.member, application, "risks", make.document()["risks"] | {"risks": "另一种预案"})
    with pytest.raises(Stale, match="同事改过申报书"):
        submitting.submit(org.admin, application, seen_body=seen)
    assert versions() == []


def test_until_the_deadline_the_last_submission_counts(org, later):
    application = org.submitted()
    later(days=1)
    service.save_part(org.admin, application, "risks", make.document()["risks"] | {"risks": "改过的预案"})
    assert form.latest(application).own_text["risks"]["risks"] == "意见不一。"
    assert submitting.has_changed(application)
    submitting.submit(org.admin, application)
    first, second = versions()
    assert (first.number, second.number) == (1, 2)
    assert form.latest(application).own_text["risks"]["risks"] == "改过的预案"
    assert second.sha256 == digest(canonical(second.own_text)) == application.receipt_sha256 != first.sha256
    assert application.submitted_at == second.submitted_at > first.submitted_at


def test_unsubmitted_changes_are_told(org, client_as):
    application = org.submitted()
    assert "有修改还没有提交" not in client_as(org.admin).get(url(application)).text
    service.save_part(org.admin, application, "risks", {"risks": "写到一半"})
    assert "有修改还没有提交" in client_as(org.admin).get(url(application)).text


def test_a_declaration_that_ran_out_is_nobodys_change(org, client_as, later):
    make.declared(org.admin.organisation, expires_on=clock.today())
    application = org.submitted()
    assert form.latest(application).own_text["standing"]
    later(days=1)
    assert not submitting.has_changed(application)
    assert "有修改还没有提交" not in client_as(org.admin).get(url(application)).text


def test_a_withdrawn_application_can_be_submitted_again(org, client_as):
    application, client = org.submitted(), client_as(org.admin)
    page = client.get(url(application)).text
    assert "撤回申报" in page
    client.post(url(application, "/withdraw"), data={"version": application.version})
    db.session.rollback()
    assert application.state is S.WITHDRAWN
    submitting.submit(org.admin, application)
    assert application.state is S.SUBMITTED and len(versions()) == 2


def test_only_the_head_withdraws(org, client_as):
    application = org.submitted()
    assert client_as(org.member).post(url(application, "/withdraw")).status_code == 403
    db.session.rollback()
    assert application.state is S.SUBMITTED


@pytest.mark.parametrize("deed", [submitting.submit, submitting.withdraw])
def test_after_the_deadline_nothing_is_submitted_or_withdrawn(org, later, deed):
    application = org.submitted()
    later(days=10)
    with pytest.raises(NotNow, match="征集已经截止"):
        deed(org.admin, application)
    assert application.state is S.SUBMITTED and len(versions()) == 1


def test_at_the_very_moment_of_the_deadline_it_is_too_late(org, later):
    application = org.filled()
    left = org.need.closes_at - make.clock.now()
    later(microseconds=left // make.timedelta(microseconds=1))
    with pytest.raises(NotNow):
        submitting.submit(org.admin, application)
    assert application.state is S.DRAFT


def test_an_organisation_suspended_meanwhile_submits_nothing(org):
    application = org.filled()
    org.admin.organisation.state = OrganisationState.SUSPENDED
    db.session.commit()
    with pytest.raises(Refused, match="不是“已入驻”状态"):
        submitting.submit(org.admin, application)
    assert versions() == []


def test_the_ledger_keeps_the_hash_but_no_text(org):
    application = org.submitted()
    row = db.session.scalars(sa.select(LedgerEntry).where(LedgerEntry.deed == "application.submit")).one()
    assert row.details == {
        "from": "draft", "to": "submitted", "version": 1, "sha256": application.receipt_sha256,
        "sealed": versions()[0].sealed_sha256,
    }  # fmt: skip


def test_a_submitted_text_names_its_files(org):
    document = form.latest(org.submitted()).own_text
    assert document["files"] == [{"purpose": "survey", "name": "调研.pdf", "sha256": "b" * 64, "size_bytes": 1200}]


def test_the_list_shows_what_waits_and_until_when(org, client_as):
    org.submitted()
    service.start(org.admin, make.need(title="还没写完的申报"))
    page = client_as(org.member).get("/my/applications").text
    assert (
        page.index("需要您处理")
        < page.index("还没写完的申报")
        < page.index("等待街道处理")
        < page.index(org.need.title)
    )
    assert "天后截止" in page


# --- pressing twice ----------------------------------------------------------------------------------------------------


def test_the_second_of_two_clicks_shows_the_same_receipt(org, client_as):
    application, client = org.filled(), client_as(org.admin)
    data = {"version": application.version, "body": application.body.version}
    first, second = (client.post(url(application, "/check"), data=data) for _n in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location and first.location.endswith("/done")
    assert [row.number for row in versions()] == [1]


def test_the_same_text_is_not_received_a_second_time(org, client_as):
    application, client = org.submitted(), client_as(org.admin)
    page = client.get(url(application, "/check")).text
    assert "内容和上次提交的一样，不用重新提交。" in page and 'type="submit">重新提交' not in page
    data = {"version": application.version, "body": application.body.version}
    answer = client.post(url(application, "/check"), data=data)
    assert answer.status_code == 303 and answer.location.endswith("/done")
    assert [row.number for row in versions()] == [1]


def test_an_old_tab_does_not_hand_in_what_a_colleague_has_changed_since(org, client_as):
    application, client = org.filled(), client_as(org.admin)
    data = {"version": application.version, "body": application.body.version}
    service.save_part(org.member, application, "risks", make.document()["risks"] | {"risks": "同事改的"})
    answer = client.post(url(application, "/check"), data=data)
    assert answer.status_code == 409 and "请重新核对后再提交" in answer.text
    assert versions() == []


def test_ten_clicks_at_once_hand_in_one_version(org):
    application = org.filled()
    user_id, application_id = org.admin.id, application.id
    seen = (application.version, application.body.version)
    errors = in_threads(10, lambda _n: submitting.submit(
        db.session.get(User, user_id), db.session.get(Application, application_id), *seen))  # fmt: skip
    assert [row.number for row in versions()] == [1]
    assert len(errors) == 9 and all(isinstance(error, Refused) for error in errors)


def test_two_tabs_that_save_the_same_answer_at_once_lose_neither(org):
    application = org.start()
    user_id, application_id = org.admin.id, application.id
    seen = service.fingerprint(application.body.document, "risks")

    def keep(n):
        actor, one = db.session.get(User, user_id), db.session.get(Application, application_id)
        service.keep_part(actor, one, "risks", {"risks": f"第 {n} 份"}, seen)

    errors = in_threads(8, keep)
    assert len(errors) == 7 and all(isinstance(error, service.Changed) for error in errors)


# --- who signs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("signed", ["方静", " 方 静", "方·静"])
def test_the_legal_representative_signs(org, signed):
    declaration = make.document()["declaration"] | {"signed_name": signed}
    assert org.submitted(declaration=declaration).state is S.SUBMITTED


def test_a_head_of_the_organisation_signs_as_well(org):
    declaration = make.document()["declaration"] | {"signed_name": org.admin.name}
    assert org.submitted(declaration=declaration).state is S.SUBMITTED


@pytest.mark.parametrize("who", ["路人甲", "member"])
def test_nobody_else_signs_and_the_sentence_names_who_can(org, who):
    name = org.member.name if who == "member" else who
    application = org.filled()
    declaration = make.document()["declaration"] | {"signed_name": name}
    (problem,) = service.save_part(org.admin, application, "declaration", declaration)
    assert problem.field == "signed_name"
    assert f"“{name}”不是贵机构的法定代表人或负责人" in problem.sentence and "请由方静或" in problem.sentence
    with pytest.raises(Refused, match="不是贵机构的法定代表人"):
        submitting.submit(org.admin, application)
    assert versions() == []
