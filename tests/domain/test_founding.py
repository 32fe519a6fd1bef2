"""From an award to a project: what is carried over, and money that adds up to the fen."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from matchhub.core import ledger
from matchhub.core.db import command, db
from matchhub.domain import founding, policy, ties
from matchhub.domain.models import (
    ApplicationPartner,
    ApplicationState,
    Decision,
    PartnerAnswer,
    Project,
    ProjectState,
    Report,
    Role,
    Setting,
)
from matchhub.domain.parties import Party, parties
from tests import factories as make

found = command(founding.found)


def amounts(total_fen, percents=(50, 40, 10)):
    return [(row.condition, row.percent, row.amount_fen) for row in founding.instalments(total_fen, percents)]


def test_instalments_add_up_exactly_and_the_last_takes_the_remainder():
    assert amounts(100_000_00) == [("signing", 50, 5_000_000), ("middle", 40, 4_000_000), ("closing", 10, 1_000_000)]
    # 33 % of 1.00 yuan is 33 fen, twice; the last takes the 34 that are left.
    assert [fen for _, _, fen in amounts(100, (33, 33, 34))] == [33, 33, 34]
    # 50 % of 3 fen is 1 fen, 40 % is 1 fen, the last takes the third.
    assert [fen for _, _, fen in amounts(3)] == [1, 1, 1]
    for total in (1, 7, 99, 86_000_01, 9_999_999_999):
        assert sum(fen for _, _, fen in amounts(total)) == total


def test_an_instalment_of_nothing_is_left_out():
    assert amounts(1_000, (90, 0, 10)) == [("signing", 90, 900), ("closing", 10, 100)]
    assert amounts(1_001, (100, 0, 0)) == [("signing", 100, 1_001)]


@pytest.mark.parametrize("percents", [(50, 40, 11), (50, 40, 9), (120, -30, 10)])
def test_shares_must_add_up_to_100(percents):
    with pytest.raises(ValueError, match="100"):
        founding.instalments(1_000, percents)


def test_a_project_carries_over_what_was_applied_for(app):
    application = make.awarded()
    project = found(application, make.staff())
    assert project.ref.startswith("XM-2026-")
    assert project.state is ProjectState.PREPARING
    assert (project.need, project.organisation) == (application.need, application.organisation)
    assert (project.title, project.summary) == ("楼组加梯陪伴计划", "陪居民走完加梯的每一步。")
    assert project.goals[0]["target"] == "8"
    assert (project.starts_on, project.ends_on) == (date(2026, 10, 1), date(2027, 6, 30))
    first, second = project.plan
    assert (first.seq, first.name, first.times, first.people_each) == (1, "楼组协商会", 6, 20)
    assert (first.from_month, first.to_month) == (date(2026, 10, 1), date(2027, 3, 1))
    assert (second.seq, second.form) == (2, "lecture")
    assert [row["amount_fen"] for row in project.budget] == [3_000_000, 6_000_000, 1_000_000]
    assert project.amount_fen == 9_000_000
    assert [row.amount_fen for row in project.instalments] == [4_500_000, 3_600_000, 900_000]


def test_the_amount_that_was_decided_wins(app):
    application = make.awarded()
    round_ = make.round_(need=application.need)
    make.add(Decision(application_id=application.id, round_id=round_.id, proposed=True, amount_fen=8_000_001))
    project = found(application, make.staff())
    assert project.amount_fen == 8_000_001
    assert sum(row.amount_fen for row in project.instalments) == 8_000_001
    assert [row.amount_fen for row in project.instalments] == [4_000_000, 3_200_000, 800_001]


def test_a_decision_without_amount_leaves_what_was_applied_for(app):
    application = make.awarded()
    round_ = make.round_(need=application.need)
    make.add(Decision(application_id=application.id, round_id=round_.id, proposed=True))
    assert found(application, make.staff()).amount_fen == 9_000_000


def test_the_newest_version_counts(app):
    application = make.awarded()
    document = make.document()
    document["project"]["title"] = "补正以后的名称"
    make.version(application, document, number=2)
    assert found(application, make.staff()).title == "补正以后的名称"


def test_the_shares_follow_the_settings(app):
    for key, value in (("pay_first", "30"), ("pay_middle", "30"), ("pay_last", "40")):
        db.session.get(Setting, key).value = value
    db.session.commit()
    founding.reference.forget()
    project = found(make.awarded(), make.staff())
    assert [row.percent for row in project.instalments] == [30, 30, 40]


def months(starts_on, ends_on):
    plan = make.document()["plan"]  # October to March, and November to February
    return [(f"{a:%Y-%m}", f"{b:%Y-%m}") for a, b in founding.schedule(plan, starts_on, ends_on)]


def test_the_plan_keeps_its_months_when_the_agreement_begins_as_planned():
    assert months(date(2026, 10, 20), date(2027, 6, 30)) == [("2026-10", "2027-03"), ("2026-11", "2027-02")]


def test_the_plan_moves_with_an_agreement_that_begins_later_or_earlier():
    assert months(date(2026, 12, 1), date(2027, 8, 31)) == [("2026-12", "2027-05"), ("2027-01", "2027-04")]
    assert months(date(2026, 9, 1), date(2027, 6, 30)) == [("2026-09", "2027-02"), ("2026-10", "2027-01")]


def test_the_plan_is_cut_at_the_end_of_a_shorter_agreement():
    assert months(date(2026, 12, 1), date(2027, 3, 31)) == [("2026-12", "2027-03"), ("2027-01", "2027-03")]


def test_founding_is_written_into_the_ledger(app):
    staff = make.staff()
    project = found(make.awarded(), staff)
    entry = ledger.history(f"project:{project.ref}")[0]
    assert (entry.deed, entry.actor_id) == ("project.found", staff.id)
    assert entry.details == {
        "amount_fen": 9_000_000,
        "application": project.application.ref,
        "need": project.need.ref,
    }


def test_what_was_never_submitted_becomes_no_project(app):
    application = make.application(ApplicationState.AWARDED)
    with pytest.raises(LookupError, match=application.ref):
        found(application, make.staff())
    assert db.session.query(Project).count() == 0


@pytest.fixture
def joint(app):
    """A project of a joint application: one partner has confirmed, one has declined, one stands outside."""
    sure, gone = make.organisation(), make.organisation()
    application = make.awarded()
    document = make.document()
    document["organisation"]["joint"] = [
        {"name": sure.name, "work": "负责家属小组", "share": 25, "amount_fen": 2_000_000},
        {"name": gone.name, "work": "负责讲座"},
        {"name": "某高校社工系", "work": "督导实习生"},
    ]
    make.version(application, document, number=2)
    for organisation, answer in ((sure, PartnerAnswer.CONFIRMED), (gone, PartnerAnswer.DECLINED)):
        make.add(
            ApplicationPartner(
                application_id=application.id, organisation_id=organisation.id, answer=answer, terms_sha256="0" * 64,
                asked_by_id=make.staff().id,
            )
        )  # fmt: skip
    return found(application, make.staff())


def test_partners_that_take_part_are_carried_over_with_their_work(joint):
    first, second = joint.partners
    assert (first.name, first.work, first.share, first.amount_fen) == (
        first.organisation.name, "负责家属小组", 25, 2_000_000,
    )  # fmt: skip
    assert (second.organisation, second.name, second.work) == (None, "某高校社工系", "督导实习生")
    assert joint.organisations == [joint.organisation, first.organisation]


def test_a_project_of_one_organisation_has_no_partners(app):
    project = found(make.awarded(), make.staff())
    assert project.partners == [] and project.organisations == [project.organisation]


def test_a_tie_to_a_partner_bars_from_supervising_as_one_to_the_organisation(joint):
    """By every way of asking: the party, the rows of reports, and the WHERE clause."""
    partner = joint.partners[0].organisation
    free, tied = (make.user(Role.SUPERVISOR, variety="hub") for _n in range(2))
    for supervisor in (free, tied):
        make.supervision(joint, supervisor)
    report = make.report(project=joint)
    assert all(Party.SUPERVISOR in parties(one, joint) for one in (free, tied))
    tied.employer = partner.name
    db.session.commit()
    assert Party.SUPERVISOR in parties(free, joint) and Party.SUPERVISOR not in parties(tied, joint)
    for supervisor, may in ((free, True), (tied, False)):
        assert policy.can_see(supervisor, report) is may
        rows = db.session.scalars(sa.select(Report).where(policy.visible(supervisor, Report))).all()
        assert (report in rows) is may
        assert ties.bars_from_project(supervisor, joint) is not may


def test_everybody_reads_who_takes_part_and_the_money_stays_inside(joint, client_as):
    page = client_as(None).get(f"/projects/{joint.ref}").text
    partner = joint.partners[0].organisation
    assert f"/orgs/{partner.ref}" in page and "负责家属小组" in page and "某高校社工系" in page and "25%" in page
    assert "20,000" not in page
    own = client_as(make.org_admin(joint.organisation)).get(f"/my/projects/{joint.ref}").text
    desk = client_as(make.staff()).get(f"/staff/projects/{joint.ref}").text
    assert "负责家属小组" in own and "20,000" in own and "20,000" in desk


def test_a_partner_finds_the_project_in_its_list_and_only_reads_it(joint, client_as):
    partner = client_as(make.org_admin(joint.partners[0].organisation))
    page = partner.get("/my/projects").text
    assert "参加的联合项目" in page and f'href="/projects/{joint.ref}"' in page
    assert partner.get(f"/my/projects/{joint.ref}").status_code in (403, 404)
    assert "参加的联合项目" not in client_as(make.org_admin(make.organisation())).get("/my/projects").text
