"""An organisation's admin adds people and lets them go."""

from __future__ import annotations

import re

import pytest

from matchhub.core.db import db
from matchhub.domain import passwords
from matchhub.domain.models import OrganisationState, User
from matchhub.domain.roles import Role
from matchhub.features.organisations import service
from tests import factories as make
from tests.organisations.conftest import PASSWORD

NEW = {"name": "苏晓", "email": "su@example.org", "phone": "", "role": "member"}


@pytest.fixture
def admin(app):
    return make.org_admin(name="顾明")


def find(email: str) -> User:
    db.session.expire_all()
    return db.session.query(User).filter_by(email=email).one()


def test_a_member_is_added_with_a_password_that_is_shown_once(app, admin, client_as):
    page = client_as(admin).post("/my/org/members", data=NEW)
    initial = re.search(r"<code>([a-z0-9-]{19})</code>", page.text)[1]
    made = find("su@example.org")
    assert (made.organisation_id, made.roles, made.must_set_password) == (
        admin.organisation_id,
        {Role.ORG_MEMBER},
        True,
    )
    assert made.employer == admin.organisation.name
    assert initial not in client_as(admin).get("/my/org/members").text
    entered = app.test_client().post("/login", data={"login": "su@example.org", "password": initial})
    assert entered.status_code == 303


def test_a_second_admin_can_be_added(app, admin, client_as):
    client_as(admin).post("/my/org/members", data=NEW | {"role": "admin"})
    assert find("su@example.org").roles == {Role.ORG_ADMIN}


@pytest.mark.parametrize(
    ("change", "says"),
    [({"name": ""}, "请填写姓名"), ({"email": ""}, "至少填一个"), ({"email": "taken@example.org"}, "已有账号"),
     ({"role": "sysadmin"}, "请从列出的选项里选择")],
)  # fmt: skip
def test_what_does_not_fit_is_refused(app, admin, client_as, change, says):
    make.user(email="taken@example.org")
    answer = client_as(admin).post("/my/org/members", data=NEW | change)
    assert (answer.status_code, says in answer.text) == (422, True)
    assert db.session.query(User).filter_by(organisation_id=admin.organisation_id).count() == 1


def test_whoever_leaves_is_out_at_once(app, admin, client_as):
    member = make.user(Role.ORG_MEMBER, organisation=admin.organisation, password_hash=passwords.hashed(PASSWORD))
    theirs = client_as(member)
    assert theirs.get("/my/org").status_code == 200
    assert client_as(admin).post(f"/my/org/members/{member.id}/deactivate").status_code == 303
    assert theirs.get("/my/org").status_code == 302
    assert app.test_client().post("/login", data={"login": member.email, "password": PASSWORD}).status_code == 422
    assert client_as(admin).post(f"/my/org/members/{member.id}/deactivate").status_code == 409
    assert client_as(admin).post(f"/my/org/members/{member.id}/reactivate").status_code == 303
    assert app.test_client().post("/login", data={"login": member.email, "password": PASSWORD}).status_code == 303


def test_a_members_password_is_reset(app, admin, client_as):
    member = make.user(Role.ORG_MEMBER, organisation=admin.organisation)
    theirs = client_as(member)
    page = client_as(admin).post(f"/my/org/members/{member.id}/password")
    initial = re.search(r"<code>([a-z0-9-]{19})</code>", page.text)[1]
    assert theirs.get("/my/org").status_code == 302
    assert passwords.matches(find(member.email).password_hash, initial)


@pytest.mark.parametrize("deed", ["deactivate", "reactivate", "password"])
def test_only_ones_own_people_and_never_oneself(app, admin, client_as, deed):
    stranger, staff = make.org_admin(), make.staff()
    for target in (admin, stranger, staff):
        assert client_as(admin).post(f"/my/org/members/{target.id}/{deed}").status_code == 403
        row = db.session.get(User, target.id)
        assert (row.active, row.must_set_password) == (True, False)


@pytest.mark.parametrize("deed", ["deactivate", "password"])
def test_a_member_manages_nobody(app, admin, client_as, deed):
    member = make.user(Role.ORG_MEMBER, organisation=admin.organisation)
    client = client_as(member)
    assert client.get("/my/org/members").status_code == 200
    assert client.post("/my/org/members", data=NEW).status_code == 403
    assert client.post(f"/my/org/members/{admin.id}/{deed}").status_code == 403


def test_an_organisation_that_left_adds_nobody(app):
    admin = make.org_admin(make.organisation(OrganisationState.LEFT))
    from matchhub.core.errors import NotNow

    with pytest.raises(NotNow):
        service.add_member(admin, admin.organisation, "苏晓", "su@example.org", None)
