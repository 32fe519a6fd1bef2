"""An organisation hands its profile in, and the street decides."""

from __future__ import annotations

from datetime import timedelta

import pytest

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotYours
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import attachments, coding
from matchhub.domain.models import Message, ProjectState, User
from matchhub.domain.models import OrganisationState as S
from matchhub.domain.roles import Role
from matchhub.features.organisations import service
from tests import factories as make
from tests.organisations.conftest import PASSWORD, fresh


def ready(**over):
    return make.org_admin(make.organisation(S.DRAFT, **over))


def test_a_complete_profile_is_handed_in_and_the_street_is_told(app, staff, client_as):
    admin = ready(name="和睦邻里")
    org = admin.organisation
    client = client_as(admin)
    page = client.get(f"/my/org/{org.ref}/submit").text
    assert "核对并提交入驻申请" in page
    unticked = client.post(f"/my/org/{org.ref}/submit", data={"version": org.version})
    assert (unticked.status_code, "请勾选确认" in unticked.text) == (422, True)
    assert client.post(f"/my/org/{org.ref}/submit", data={"version": org.version, "agreed": "y"}).status_code == 303
    org = fresh(org)
    assert (org.state, org.submitted_at) == (S.PENDING, clock.now())
    assert db.session.query(Message).filter_by(user_id=staff.id, event="organisation.submit").count() == 1


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda org: setattr(org, "intro", ""), "请补充：简介"),
        (lambda org: coding.set_codes(org, "field", []), "请补充：服务领域"),
        (lambda org: [attachments.remove(file) for file in attachments.of(org)], "还没有上传登记证书"),
        (
            lambda org: [setattr(f, "expires_on", clock.today() - timedelta(days=1)) for f in attachments.of(org)],
            "登记证书已经过期",
        ),
    ],
)
def test_what_is_not_complete_cannot_be_handed_in(app, client_as, spoil, says):
    admin = ready()
    org = admin.organisation
    spoil(org)
    db.session.commit()
    client = client_as(admin)
    page = client.get(f"/my/org/{org.ref}/submit").text
    assert says in page
    assert "还不能提交" in page
    assert says in client.get("/my/org").text
    answer = client.post(f"/my/org/{org.ref}/submit", data={"version": org.version, "agreed": "y"})
    assert (answer.status_code, says in answer.text) == (422, True)
    assert fresh(org).state is S.DRAFT


def test_another_organisations_pages_are_not_there(app, client_as):
    admin, other = ready(), make.organisation(S.DRAFT)
    for deed in ("submit", "leave"):
        assert client_as(admin).get(f"/my/org/{other.ref}/{deed}").status_code == 404
        assert (
            client_as(admin).post(f"/my/org/{other.ref}/{deed}", data={"agreed": "y", "reason": "x"}).status_code == 404
        )


@pytest.fixture
def pending(app):
    return make.org_admin(make.organisation(S.PENDING, name="和睦邻里"))


def decide(client, org, action, reason="", version=None):
    data = {"reason": reason, "version": org.version if version is None else version}
    return client.post(f"/staff/orgs/{org.ref}/decide?action={action}", data=data)


def test_the_street_admits(app, staff, pending, client_as):
    org = pending.organisation
    assert "同意入驻" in client_as(staff).get(f"/staff/orgs/{org.ref}").text
    assert decide(client_as(staff), org, "admit").status_code == 303
    org = fresh(org)
    assert (org.state, org.admitted_at) == (S.ADMITTED, clock.now())
    told = db.session.query(Message).filter_by(user_id=pending.id).one()
    assert (told.event, told.url) == ("organisation.admit", "/my/org")
    assert org.ref in app.test_client().get(f"/orgs/{org.ref}").text


@pytest.mark.parametrize(("action", "state"), [("return", S.RETURNED), ("refuse", S.REFUSED)])
def test_a_return_and_a_refusal_need_their_reason_which_the_organisation_reads(
    app, staff, pending, client_as, action, state
):
    org = pending.organisation
    silent = decide(client_as(staff), org, action, "  ")
    assert (silent.status_code, "请写明理由" in silent.text) == (422, True)
    assert fresh(org).state is S.PENDING
    assert decide(client_as(staff), org, action, "证书已过期，请换新证").status_code == 303
    assert fresh(org).state is state
    assert "证书已过期，请换新证" in client_as(pending).get("/my/org").text
    assert db.session.query(Message).filter_by(user_id=pending.id).one().note == "证书已过期，请换新证"


def test_a_returned_profile_is_corrected_and_handed_in_again(app, staff, pending, client_as):
    org = pending.organisation
    service.decide(staff, org, "return", "请补简介")
    service.save_profile(pending, org, {"intro": "补好的简介", "name": "和睦邻里服务中心"})
    service.submit(pending, org)
    assert (fresh(org).state, org.name) == (S.PENDING, "和睦邻里服务中心")


def test_only_the_approver_suspends_and_resumes(app, staff, client_as):
    admin, approver = make.org_admin(), make.approver()
    org = admin.organisation
    assert client_as(staff).get(f"/staff/orgs/{org.ref}/decide?action=suspend").status_code == 403
    assert decide(client_as(staff), org, "suspend", "x").status_code == 422
    assert fresh(org).state is S.ADMITTED
    assert decide(client_as(approver), org, "suspend", "账目不清").status_code == 303
    assert fresh(org).state is S.SUSPENDED
    assert decide(client_as(approver), fresh(org), "resume").status_code == 303
    assert fresh(org).state is S.ADMITTED


def test_the_centre_returns_but_does_not_admit(app, pending, client_as):
    centre = make.user(Role.CENTRE_STAFF)
    org = pending.organisation
    assert client_as(centre).get(f"/staff/orgs/{org.ref}/decide?action=admit").status_code == 403
    assert decide(client_as(centre), org, "return", "请补章程").status_code == 303


def test_a_decision_on_an_old_page_is_refused(app, staff, pending, client_as):
    org = pending.organisation
    answer = decide(client_as(staff), org, "admit", version=org.version + 5)
    assert (answer.status_code, "别人改过这条记录" in answer.text) == (422, True)
    assert fresh(org).state is S.PENDING


def test_an_unknown_decision_is_not_there_and_one_out_of_turn_says_why(app, staff, client_as):
    org = make.organisation()
    assert client_as(staff).get(f"/staff/orgs/{org.ref}/decide?action=leave").status_code == 404
    answer = client_as(staff).get(f"/staff/orgs/{org.ref}/decide?action=admit")
    assert (answer.status_code, "现在是“已入驻”" in answer.text) == (409, True)


def test_an_organisation_leaves_when_nothing_runs(app, staff, client_as):
    admin = make.org_admin()
    org = admin.organisation
    running = make.project(organisation=org)
    client = client_as(admin)
    data = {"reason": "业务调整", "agreed": "y", "version": org.version}
    refused = client.post(f"/my/org/{org.ref}/leave", data=data)
    assert (refused.status_code, "还有 1 个项目没有结束" in refused.text) == (422, True)
    assert "业务调整" in refused.text
    from matchhub.domain.models import Project

    db.session.execute(Project.__table__.update().where(Project.id == running.id).values(state=ProjectState.CLOSED))
    db.session.commit()
    data["version"] = fresh(org).version
    assert client.post(f"/my/org/{org.ref}/leave", data=data).status_code == 303
    assert fresh(org).state is S.LEFT
    assert db.session.query(Message).filter_by(user_id=staff.id, event="organisation.leave").count() == 1


def test_credit_and_inspection_are_the_streets_to_record(app, staff, client_as):
    org = make.organisation(annual_check_passed=False)
    client = client_as(staff)
    data = {"in_bad_standing": "y", "credit_note": "", "annual_check": "2025 年度：合格", "annual_check_passed": "y",
            "is_hub": "y", "incubation_note": "2024 年起由中心孵化", "version": org.version}  # fmt: skip
    silent = client.post(f"/staff/orgs/{org.ref}/standing", data=data)
    assert (silent.status_code, "写明依据和日期" in silent.text) == (422, True)
    assert (
        client.post(
            f"/staff/orgs/{org.ref}/standing", data=data | {"credit_note": "2026 年 5 月列入异常名录"}
        ).status_code
        == 303
    )
    org = fresh(org)
    assert (org.in_bad_standing, org.annual_check_passed, org.is_hub) == (True, True, True)
    row = db.session.query(LedgerEntry).filter_by(deed="organisation.set_standing").one()
    assert row.details["in_bad_standing"] is True
    assert "异常名录" not in row.data
    assert client_as(make.user(Role.CENTRE_STAFF)).post(f"/staff/orgs/{org.ref}/standing", data=data).status_code == 403
    with pytest.raises(NotYours):
        service.set_standing(make.org_admin(org), org, {"in_bad_standing": False})


def test_services_take_plain_values_only(app, staff):
    """The demonstration plays the same commands."""
    made = service.register("启明助学服务社", make.code(), "service", "安宁", "an@example.org", "13700137000", PASSWORD)
    values = {
        "registered_on": clock.today(),
        "legal_representative": "安宁",
        "address": "梅岭路 2 号",
        "intro": "陪孩子写作业。",
    }
    service.save_profile(made.user, made.organisation, values, fields=["children"])
    make.paper(made.organisation, "certificate")
    service.submit(made.user, made.organisation)
    service.decide(staff, made.organisation, "admit")
    member = service.add_member(made.user, made.organisation, "小林", "lin@example.org", None, password=PASSWORD)
    assert (member.initial_password, member.user.must_set_password) == ("", False)
    assert made.organisation.state is S.ADMITTED
    assert made.token == ""
    assert db.session.query(User).filter_by(organisation_id=made.organisation.id).count() == 2
