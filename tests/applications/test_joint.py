"""Joint applications: every partner on the platform agrees in its own account to what it is to do, before it is handed in."""

from __future__ import annotations

import pytest

from matchhub.core.db import db
from matchhub.core.errors import NotNow, Refused
from matchhub.domain import application_form as form
from matchhub.domain.models import ApplicationState, OrganisationState
from matchhub.features.applications import joining, service, submitting
from tests import factories as make
from tests.applications.conftest import applicant
from tests.applications.partnership import agreed, asked, lines, stands, terms, told, written

# --- asking and answering --------------------------------------------------------------------------------------------


def test_an_application_is_handed_in_only_when_every_partner_has_agreed(lead, partner):
    application = written(lead, partner.admin.organisation.name)
    assert stands(application) == ["new"]
    with pytest.raises(NotNow, match="“邻里互助社”还没有确认分工"):
        submitting.submit(lead.admin, application)
    joining.ask_partners(lead.admin, application)
    assert stands(application) == ["asked"] and told(partner.admin) == ["application.ask_partner"]
    with pytest.raises(NotNow, match="还没有确认分工"):
        submitting.submit(lead.admin, application)
    joining.confirm(partner.admin, application, terms(application, partner))
    assert stands(application) == ["confirmed"]
    assert "application.confirm_partner" in told(lead.admin)
    submitting.submit(lead.admin, application)
    assert application.state is ApplicationState.SUBMITTED
    assert told(partner.admin)[-1] == "application.submit"


def test_nothing_is_called_ready_while_a_partner_has_not_agreed(lead, partner, client_as):
    application = written(lead, partner.admin.organisation.name)
    page = client_as(lead.admin).get(f"/my/applications/{application.ref}").text
    assert "联合申报机构都确认分工后打开" in page and "可以提交" not in page
    joining.ask_partners(lead.admin, application)
    joining.confirm(partner.admin, application, terms(application, partner))
    assert "可以提交" in client_as(lead.admin).get(f"/my/applications/{application.ref}").text


def test_terms_that_are_changed_must_be_agreed_to_again(lead, partner):
    application = agreed(lead, partner)
    changed = make.document()["organisation"] | {"joint": lines("邻里互助社", share=60)}
    service.save_part(lead.admin, application, "organisation", changed)
    assert stands(application) == ["changed"]
    with pytest.raises(NotNow, match="还没有确认分工"):
        submitting.submit(lead.admin, application)
    old = form.partner_rows(application)[0].terms_sha256
    with pytest.raises(NotNow, match="刚刚改过分工"):
        joining.confirm(partner.admin, application, old)
    joining.ask_partners(lead.admin, application)
    joining.confirm(partner.admin, application, terms(application, partner))
    submitting.submit(lead.admin, application)
    assert application.state is ApplicationState.SUBMITTED


def test_a_partner_that_declines_sees_the_application_no_longer(lead, partner, client_as):
    application = asked(lead, partner)
    client = client_as(partner.admin)
    assert client.get(f"/my/partnerships/{application.ref}").status_code == 200
    answer = client.post(f"/my/partnerships/{application.ref}/decline", data={"note": "人手排满了"})
    assert answer.status_code == 303
    assert stands(application) == ["declined"]
    assert client.get(f"/my/partnerships/{application.ref}").status_code == 404
    page = client_as(lead.admin).get(f"/my/applications/{application.ref}").text
    assert "对方不参加" in page and "人手排满了" in page
    joining.ask_partners(lead.admin, application)
    assert stands(application) == ["asked"]


def test_a_partner_that_is_struck_out_is_told_and_shut_out(lead, partner, client_as):
    application = agreed(lead, partner)
    service.save_part(lead.admin, application, "organisation", make.document()["organisation"])
    assert form.partner_rows(application) == []
    assert told(partner.admin)[-1] == "application.drop_partner"
    assert client_as(partner.admin).get(f"/my/partnerships/{application.ref}").status_code == 404


def test_typing_does_not_strike_out_a_partner(lead, partner):
    """A name half typed is no decision: only saving on purpose takes a partner out."""
    application = agreed(lead, partner)
    half = make.document()["organisation"] | {"joint": lines("邻里互")}
    service.keep_part(lead.admin, application, "organisation", half, None)
    assert len(form.partner_rows(application)) == 1
    service.keep_part(lead.admin, application, "organisation", half | {"joint": lines("邻里互助社")}, None)
    assert stands(application) == ["confirmed"]


def test_nobody_steps_back_from_what_has_been_handed_in(lead, partner):
    application = agreed(lead, partner)
    submitting.submit(lead.admin, application)
    with pytest.raises(NotNow, match="已经提交。要退出请联系申报机构"):
        joining.decline(partner.admin, application, "")
    submitting.withdraw(lead.admin, application)
    assert told(partner.admin)[-1] == "application.withdraw"
    joining.decline(partner.admin, application, "")
    assert stands(application) == ["declined"]


def test_an_organisation_from_outside_is_only_named(lead):
    application = written(lead, "虹口某志愿队")
    assert stands(application) == ["outside"]
    with pytest.raises(Refused, match="没有需要再邀请的机构"):
        joining.ask_partners(lead.admin, application)
    submitting.submit(lead.admin, application)
    assert application.state is ApplicationState.SUBMITTED


def test_a_suspended_organisation_is_no_partner(lead, partner):
    application = agreed(lead, partner)
    partner.admin.organisation.state = OrganisationState.SUSPENDED
    db.session.commit()
    with pytest.raises(NotNow, match="“邻里互助社”目前被暂停参与"):
        submitting.submit(lead.admin, application)


def test_asking_twice_asks_once(lead, partner, client_as):
    application, client = written(lead, partner.admin.organisation.name), client_as(lead.member)
    for _click in range(2):
        answer = client.post(f"/my/applications/{application.ref}/partners", follow_redirects=True)
    assert answer.status_code == 200 and "没有需要再邀请的机构" in answer.text
    assert told(partner.admin) == ["application.ask_partner"]


# --- one organisation, one application ---------------------------------------------------------------------------------


def test_who_has_handed_in_its_own_application_is_no_partner(lead, partner):
    application = asked(lead, partner)
    own = partner.submitted()
    with pytest.raises(NotNow, match="一家机构对一个需求只能参加一份申报"):
        joining.confirm(partner.admin, application, terms(application, partner))
    submitting.withdraw(partner.admin, own)
    joining.confirm(partner.admin, application, terms(application, partner))
    with pytest.raises(NotNow, match="已经确认参加另一份"):
        submitting.submit(partner.admin, own)
    assert own.state is ApplicationState.WITHDRAWN


def test_nobody_is_partner_twice(need, lead, partner):
    agreed(lead, partner)
    second = applicant(need)
    application = asked(second, partner)
    with pytest.raises(NotNow, match="已经确认参加另一份"):
        joining.confirm(partner.admin, application, terms(application, partner))
    assert stands(application) == ["asked"]


# --- what is wrong with the division of work -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("joint", "told_"),
    [
        (lines("邻里互助社", "邻里互助社"), "“邻里互助社”写了两次"),
        (lines("邻里互助社", share=99) + lines("乙社", share=1), "合计 100%，要给贵机构留下至少 1%"),
        (lines("邻里互助社", amount_fen=90_001_00), "合计 90,001 元，超过申请金额 90,000 元"),
        ([{"name": "邻里互助社", "work": ""}], "请填写联合机构承担的工作"),
    ],
)
def test_a_division_that_does_not_add_up_has_its_sentence(lead, partner, joint, told_):
    organisation = make.document()["organisation"] | {"joint": joint}
    document = make.document(organisation=organisation)
    found = form.problems(document, lead.need, "organisation", lead.admin.organisation)
    assert any(told_ in one.sentence for one in found), found


def test_the_applicant_is_not_its_own_partner(lead):
    joint = lines(lead.admin.organisation.name)
    document = make.document(organisation=make.document()["organisation"] | {"joint": joint})
    found = form.problems(document, lead.need, "organisation", lead.admin.organisation)
    assert any("这是贵机构自己" in one.sentence for one in found)


def test_a_need_that_is_for_one_takes_no_partners(org, partner):
    application = org.start()
    service.save_part(org.admin, application, "organisation", {"joint": lines("邻里互助社")})
    with pytest.raises(NotNow, match="不接受联合申报"):
        joining.ask_partners(org.admin, application)


def test_after_the_deadline_nothing_is_asked_or_answered(lead, partner, later):
    application = asked(lead, partner)
    seen = terms(application, partner)
    later(days=11)
    with pytest.raises(NotNow, match="征集已经截止"):
        joining.confirm(partner.admin, application, seen)
    with pytest.raises(NotNow, match="征集已经截止"):
        joining.ask_partners(lead.admin, application)
