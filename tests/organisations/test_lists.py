"""Who finds which organisation, and what everybody may read of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import coding
from matchhub.domain.models import AssessmentState, OrganisationState, ProjectState
from matchhub.domain.roles import Role
from tests import factories as make

SECRET = {
    "contact_name": "机密联系人", "contact_phone": "021-99998888", "bank_account": "6222999988887777", "authority": "机密主管单位",
    "party_branch": "机密支部", "board": ["机密理事"], "credit_note": "机密信用", "incubation_note": "机密孵化",
    "decision_reason": "机密理由",
}  # fmt: skip


def listed(page: str, base: str = "/orgs") -> list[str]:
    return re.findall(rf'<a href="{base}/JG-[\w-]+">([^<]+)</a>', page)


@pytest.fixture
def some(app):
    """Four admitted organisations."""
    made = {}
    for name, org_class, origin, fields, places in (
        ("安阶加梯", "professional", "local", ["lift"], ["yuanyuan"]),
        ("和邻物业", "professional", "outside", ["property_governance", "lift"], ["guiyang"]),
        ("乐龄助老", "life", "local", ["elderly"], ["yuanyuan", "guiyang"]),
        ("拾光社区营造 100%", "culture", "outside", ["culture"], []),
    ):
        org = make.organisation(name=name, org_class=org_class, origin=origin)
        coding.set_codes(org, "field", fields)
        coding.set_codes(org, "community", places)
        made[name] = org
    db.session.commit()
    return made


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 4), ("?field=lift", 2), ("?field=lift&field=elderly", 3), ("?field=lift&class=professional&origin=local", 1),
        ("?community=yuanyuan", 2), ("?class=life", 1), ("?q=加梯", 1), ("?q=%25", 1), ("?q=_", 0), ("?q=没有这家", 0),
        ("?field=nonsense", 4), ("?state=left", 0), ("?state=admitted", 4), ("?state=draft", 4),
    ],
)  # fmt: skip
def test_residents_find_organisations_with_filters(app, some, query, found):
    page = app.test_client().get(f"/orgs{query}").text
    assert len(listed(page)) == found
    assert f"{found} 家社会组织" in page


def test_the_list_is_paged_and_costs_the_same_however_long(app):
    def statements(address: str) -> tuple[int, str]:
        count = []
        listen = lambda *args: count.append(1) if args[2].startswith("SELECT") else None  # noqa: E731
        sa.event.listen(db.engine, "before_cursor_execute", listen)
        page = app.test_client().get(address).text
        sa.event.remove(db.engine, "before_cursor_execute", listen)
        return len(count), page

    make.organisation()
    statements("/orgs")  # reference data is read once per process
    few, _page = statements("/orgs")
    for _ in range(24):
        make.organisation()
    many, first = statements("/orgs")
    second = app.test_client().get("/orgs?page=2").text
    assert few <= 3
    assert many <= 3
    assert len(listed(first)) == 20
    assert len(set(listed(first)) | set(listed(second))) == 25


@pytest.mark.parametrize("state", list(OrganisationState))
def test_the_public_knows_whom_the_street_admitted(app, state):
    org = make.organisation(state)
    public = state in (OrganisationState.ADMITTED, OrganisationState.SUSPENDED, OrganisationState.LEFT)
    client = app.test_client()
    assert client.get(f"/orgs/{org.ref}").status_code == (200 if public else 404)
    assert (org.name in client.get("/orgs").text) is public
    assert client.get(f"/staff/orgs/{org.ref}").status_code == 302


def test_everybody_reads_registration_and_results_but_no_contact_and_no_notes(app, client_as):
    org = make.organisation(**SECRET, annual_check="2025 年度：合格")
    project = make.project(ProjectState.CLOSED, organisation=org)
    make.assessment(AssessmentState.FINAL, project=project)
    other = make.project(ProjectState.CLOSING, organisation=org, title="还没定级的项目")
    make.assessment(AssessmentState.COMPUTED, project=other, score=61.37)
    for user in (None, make.org_admin(), make.user(Role.REVIEWER)):
        page = client_as(user).get(f"/orgs/{org.ref}").text
        assert org.uscc in page
        assert "2025 年度：合格" in page
        assert "良好" in page
        assert "85 分" in page
        assert "61.37" not in page
        for name, value in SECRET.items():
            assert (value[0] if isinstance(value, list) else value) not in page, name


def test_the_street_and_the_organisation_see_more_each_its_own(app, staff, client_as):
    org = make.organisation(**SECRET)
    inside = ("contact_phone", "bank_account", "authority", "party_branch")
    street = ("credit_note", "incubation_note")
    page = client_as(staff).get(f"/staff/orgs/{org.ref}").text
    assert all(SECRET[name] in page for name in inside + street)
    own = client_as(make.org_admin(org)).get("/my/org").text
    assert all(SECRET[name] in own for name in inside)
    assert not any(SECRET[name] in own for name in street)


def test_the_register_puts_who_waits_first_and_warns_of_papers(app, staff, some, client_as):
    make.organisation(OrganisationState.PENDING, name="等核验的机构")
    make.paper(some["安阶加梯"], "certificate", expires_on=clock.today() + timedelta(days=30))
    make.paper(some["和邻物业"], "certificate", expires_on=clock.today() - timedelta(days=1))
    make.paper(some["乐龄助老"], "certificate", expires_on=clock.today() + timedelta(days=300))
    bad = make.organisation(name="异常机构", in_bad_standing=True, credit_note="x")
    page = client_as(staff).get("/staff/orgs").text
    assert listed(page, "/staff/orgs")[0] == "等核验的机构"
    assert "证书 2026-10-15 到期" in page
    assert page.count("登记证书已过期") == 1
    assert "信用异常" in page
    only = client_as(staff).get("/staff/orgs?state=pending").text
    assert listed(only, "/staff/orgs") == ["等核验的机构"]
    assert (
        listed(client_as(staff).get(f"/staff/orgs?q={bad.uscc[:12].lower()}").text, "/staff/orgs").count("异常机构")
        == 1
    )


def test_the_history_tells_who_decided_what(app, staff, client_as):
    from matchhub.features.organisations import service

    org = make.organisation(OrganisationState.PENDING)
    service.decide(staff, org, "return", "请补章程")
    page = client_as(staff).get(f"/staff/orgs/{org.ref}").text
    assert "退回修改" in page
    assert "于清和" in page
    assert "请补章程" in page


@pytest.mark.parametrize("role", [Role.ORG_ADMIN, Role.REVIEWER, Role.FOUNDATION, Role.NEIGHBOURHOOD, Role.SYSADMIN])
def test_the_register_is_not_for_others(app, role, client_as):
    client, org = client_as(make.user(role)), make.organisation()
    for address in ("/staff/orgs", f"/staff/orgs/{org.ref}", f"/staff/orgs/{org.ref}/standing",
                    f"/staff/orgs/{org.ref}/decide?action=suspend"):  # fmt: skip
        assert client.get(address).status_code == 403


def test_the_auditor_reads_the_register_and_changes_nothing(app, client_as):
    client, org = client_as(make.user(Role.AUDITOR)), make.organisation(OrganisationState.PENDING)
    page = client.get(f"/staff/orgs/{org.ref}")
    assert page.status_code == 200
    assert "同意入驻" not in page.text
    assert client.post(f"/staff/orgs/{org.ref}/decide?action=admit").status_code == 403
    assert client.post(f"/staff/orgs/{org.ref}/standing").status_code == 403


def test_somebody_without_an_organisation_has_no_profile(app, client_as):
    lost = make.user(Role.ORG_ADMIN, organisation=None)
    for address in ("/my/org", "/my/org/edit", "/my/org/members", "/my/org/documents"):
        assert client_as(lost).get(address).status_code == 404
