"""Joint applications: who sees them, who hears of them, and what happens at the same time."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import application_form as form
from matchhub.domain import lifecycle, policy, ties
from matchhub.domain.models import (
    Application,
    ApplicationPartner,
    ApplicationState,
    NeedState,
    PartnerAnswer,
    Role,
    User,
)
from matchhub.domain.parties import Party, parties
from matchhub.features.applications import joining, service, submitting
from tests import factories as make
from tests.applications.conftest import applicant, in_threads
from tests.applications.partnership import agreed, asked, stands, terms, told

# --- who sees it, who hears of it ------------------------------------------------------------------------------------------


def test_a_partner_reads_everything_and_changes_nothing(lead, partner, client_as):
    application, client = asked(lead, partner), client_as(partner.admin)
    page = client.get(f"/my/partnerships/{application.ref}").text
    assert "楼组加梯陪伴计划" in page and "承担上门陪伴" in page and "20,000" in page
    assert client.get(f"/my/applications/{application.ref}").location == f"/my/partnerships/{application.ref}"
    for rest in ("/risks", "/files", "/check", "/done", "/word", "/copy", "/verify"):
        assert client.get(f"/my/applications/{application.ref}{rest}").status_code == 404, rest
    with pytest.raises(NotYours):
        service.save_part(partner.admin, application, "risks", {"risks": "改"})
    with pytest.raises(NotYours):
        joining.ask_partners(partner.admin, application)
    assert "等您确认" in client.get("/my/partnerships").text


def test_only_the_head_of_a_partner_answers(lead, partner, client_as):
    application, client = asked(lead, partner), client_as(partner.member)
    assert "请机构负责人答复" in client.get(f"/my/partnerships/{application.ref}").text
    data = {"terms": terms(application, partner), "agreed": "y"}
    assert client.post(f"/my/partnerships/{application.ref}/confirm", data=data).status_code == 403
    assert stands(application) == ["asked"]
    missing = client_as(partner.admin).post(f"/my/partnerships/{application.ref}/confirm", data=data | {"agreed": ""})
    assert missing.status_code == 422 and "请勾选" in missing.text
    assert client_as(partner.admin).post(f"/my/partnerships/{application.ref}/confirm", data=data).status_code == 303
    assert stands(application) == ["confirmed"]


def test_others_learn_nothing_of_it(need, lead, partner, client_as):
    application, other = asked(lead, partner), applicant(need)
    client = client_as(other.admin)
    assert client.get(f"/my/partnerships/{application.ref}").status_code == 404
    assert client.post(f"/my/partnerships/{application.ref}/confirm", data={"agreed": "y"}).status_code == 404
    with pytest.raises(NotYours):
        joining.confirm(other.admin, application, "")
    for user in (other.admin, make.staff(), make.approver()):
        assert not policy.can_see(user, application)
    assert policy.can_see(partner.member, application)
    seen = sa.select(Application.id).where(policy.visible(partner.member, Application))
    assert list(db.session.scalars(seen)) == [application.id]


def test_the_street_sees_after_the_opening_who_takes_part_and_has_agreed(lead, partner, client_as, later):
    application = agreed(lead, partner)
    submitting.submit(lead.admin, application)
    later(days=11)
    make.opened(lead.need)
    page = client_as(make.staff()).get(f"/staff/applications/{application.ref}").text
    assert "各机构的分工" in page and "对方已确认" in page and "承担上门陪伴" in page


def test_the_result_reaches_the_partner(lead, partner):
    application = agreed(lead, partner)
    submitting.submit(lead.admin, application)
    moves = {move.action: move.tells for move in lifecycle.APPLICATION.moves}
    for action in ("qualify", "disqualify", "propose", "reject", "award", "unpropose", "reconsider"):
        assert Party.PARTNER in moves[action], action
    application.state = ApplicationState.QUALIFIED
    application.need.state, application.result_reason = NeedState.FAILED, "另一家更合适"
    db.session.commit()
    reject(make.approver(), application)
    assert told(partner.admin)[-1] == "application.reject" and told(lead.admin)[-1] == "application.reject"


def reject(actor, application):
    from matchhub.core.db import command

    command(lambda: lifecycle.advance(application, "reject", actor, reason="另一家更合适"))()


def test_a_tie_to_a_partner_bars_a_reviewer_as_a_tie_to_the_applicant_does(lead, partner):
    application = agreed(lead, partner)
    submitting.submit(lead.admin, application)
    application.state = ApplicationState.QUALIFIED
    need = application.need
    need.state, need.closes_at, need.opened_at = NeedState.REVIEWING, make.clock.now(), make.clock.now()
    tied, free = make.user(Role.REVIEWER, employer="邻里互助社"), make.user(Role.REVIEWER)
    make.round_(need=application.need, panel=(tied, free))
    db.session.commit()
    assert ties.detected(tied, partner.admin.organisation)
    assert form.partners(application) == [partner.admin.organisation]
    visible = {
        judge.id: list(db.session.scalars(sa.select(Application.id).where(policy.visible(judge, Application))))
        for judge in (tied, free)
    }
    assert visible == {tied.id: [], free.id: [application.id]}
    assert not policy.can_see(tied, application) and policy.can_see(free, application)
    assert Party.REVIEWER not in parties(tied, application)


# --- at the same time --------------------------------------------------------------------------------------------------------


def test_ten_confirmations_at_once_are_one(lead, partner):
    application = asked(lead, partner)
    seen, user_id, lead_id, application_id = (
        terms(application, partner),
        partner.admin.id,
        lead.admin.id,
        application.id,
    )
    errors = in_threads(10, lambda _n: joining.confirm(
        db.session.get(User, user_id), db.session.get(Application, application_id), seen))  # fmt: skip
    assert errors == []
    rows = form.partner_rows(db.session.get(Application, application_id))
    assert [row.answer for row in rows] == [PartnerAnswer.CONFIRMED]
    assert told(db.session.get(User, lead_id)).count("application.confirm_partner") == 1


def test_one_organisation_confirms_only_one_of_two_at_the_same_time(need, lead, partner):
    applications = [asked(lead, partner), asked(applicant(need), partner)]
    wanted = [(application.id, terms(application, partner)) for application in applications]
    user_id, outcome = partner.admin.id, []

    def press(number):
        application_id, seen = wanted[number % 2]
        try:
            joining.confirm(db.session.get(User, user_id), db.session.get(Application, application_id), seen)
            outcome.append("yes")
        except NotNow:
            outcome.append("no")

    assert in_threads(8, press) == []
    confirmed = sa.select(sa.func.count()).where(ApplicationPartner.answer == PartnerAnswer.CONFIRMED)
    assert db.session.scalar(confirmed) == 1
    assert len(outcome) == 8
