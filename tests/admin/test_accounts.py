"""Administrators make accounts and give roles: never to themselves, and every change ends the logins it touches."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotYours, Refused
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import accounts, passwords
from matchhub.domain.accounts import NewGrant
from matchhub.domain.models import Grant, User
from matchhub.domain.roles import Role
from matchhub.features.admin import service
from tests import factories as make

NEW = {"name": "杨知夏", "email": "yang@example.org", "phone": "", "employer": "明理律师事务所", "role": "reviewer",
       "expertise": ["lift", "mediation"]}  # fmt: skip


@pytest.fixture
def admin(app):
    return make.user(Role.SYSADMIN, name="毕云舟")


def person(email: str = "yang@example.org") -> User:
    db.session.expire_all()
    return db.session.query(User).filter_by(email=email).one()


def deeds(name: str) -> list[LedgerEntry]:
    return db.session.query(LedgerEntry).filter_by(deed=name).all()


def test_a_new_account_gets_an_initial_password_that_is_shown_once(app, admin, client_as):
    client = client_as(admin)
    page = client.post("/admin/users/new", data=NEW)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    initial = re.search(r"<code>([a-z0-9-]{19})</code>", page.text)[1]
    made = person()
    assert passwords.matches(made.password_hash, initial)
    assert (made.must_set_password, made.roles) == (True, {Role.REVIEWER})
    assert made.grants[0].granted_by_id == admin.id
    assert made.initial_until == clock.now() + timedelta(days=7)
    assert initial not in client.get(f"/admin/users/{made.id}").text
    newcomer = app.test_client()
    entered = newcomer.post("/login", data={"login": "yang@example.org", "password": initial})
    assert entered.status_code == 303
    assert newcomer.get("/my/settings").location.startswith("/password")


def test_the_ledger_names_the_account_by_number_and_no_person(app, admin, client_as):
    client_as(admin).post("/admin/users/new", data=NEW)
    row = deeds("account.create")[0]
    assert row.subject == f"account:{person().id}"
    assert row.details == {"roles": ["reviewer"]}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "请填写姓名"),
        ({"email": "", "phone": ""}, "至少填一个"),
        ({"email": "yang"}, "请填完整的邮箱"),
        ({"phone": "12345"}, "请填 11 位手机号"),
        ({"email": "taken@example.org"}, "已有账号使用这个邮箱"),
        ({"role": ""}, "请选择角色"),
        ({"role": "org_admin"}, "请从列出的选项里选择"),
        ({"role": "street_staff"}, "须选择所属科室"),
        ({"role": "neighbourhood"}, "须选择社区"),
        ({"role": "supervisor"}, "枢纽机构还是自治骨干"),
        ({"starts_on": "2026-10-02", "ends_on": "2026-10-01"}, "不能早于开始日期"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_made(app, admin, client_as, change, says):
    make.user(email="taken@example.org")
    before = db.session.query(User).count()
    answer = client_as(admin).post("/admin/users/new", data=NEW | change)
    assert answer.status_code == 422
    assert says in answer.text
    assert "明理律师事务所" in answer.text
    assert db.session.query(User).count() == before


def test_scopes_and_periods_are_kept(app, admin, client_as):
    data = {"name": "石美玲", "email": "", "phone": "13811112222", "role": "supervisor", "variety": "backbone",
            "community": "yuanyuan", "section": "zzb", "starts_on": "2026-09-01", "ends_on": "2026-12-31"}  # fmt: skip
    assert client_as(admin).post("/admin/users/new", data=data).status_code == 200
    row = db.session.query(Grant).filter_by(role=Role.SUPERVISOR).one()
    # A section belongs to street staff only: what was chosen by mistake is not kept.
    assert (row.variety, row.community_code, row.section_code) == ("backbone", "yuanyuan", None)
    assert (row.starts_on, row.ends_on) == (date(2026, 9, 1), date(2026, 12, 31))


def test_a_role_that_has_not_begun_or_is_over_gives_nothing(app, admin, later):
    wanted = NewGrant(
        Role.REVIEWER, starts_on=clock.today() + timedelta(days=2), ends_on=clock.today() + timedelta(days=4)
    )
    made = service.create_account(admin, "某人", "some@example.org", None, [wanted]).user
    assert made.roles == set()
    later(days=2)
    assert made.roles == {Role.REVIEWER}
    later(days=3)
    assert made.roles == set()


def test_an_administrator_gives_no_role_to_himself(app, admin, client_as):
    client = client_as(admin)
    refused = client.post(f"/admin/users/{admin.id}/roles", data={"role": "street_approver"})
    assert refused.status_code == 422
    assert "不能给自己授予角色" in refused.text
    assert person(admin.email).roles == {Role.SYSADMIN}
    with pytest.raises(NotYours):
        service.grant_role(admin, admin, NewGrant(Role.REVIEWER))
    page = client.get(f"/admin/users/{admin.id}").text
    assert "授予角色" not in page
    assert "停用账号" not in page


def test_the_database_itself_refuses_a_role_given_to_oneself(app, admin):
    @command
    def cheat() -> None:
        db.session.add(Grant(user_id=admin.id, role=Role.STREET_APPROVER, granted_by_id=admin.id))
        db.session.flush()

    with pytest.raises(IntegrityError):
        cheat()


@pytest.mark.parametrize(
    ("path", "says"),
    [("deactivate", "不能停用自己"), ("password", "在“我的设置”里修改")],
)
def test_an_administrator_cannot_shut_himself_out(app, admin, client_as, path, says):
    answer = client_as(admin).post(f"/admin/users/{admin.id}/{path}")
    assert answer.status_code == 403
    assert says in answer.text
    own = db.session.query(Grant).filter_by(user_id=admin.id).one()
    assert client_as(admin).post(f"/admin/users/{admin.id}/roles/{own.id}/end").status_code == 403


def test_a_new_role_ends_the_logins_and_works_at_the_next(app, admin, client_as):
    judge = make.user(Role.REVIEWER)
    theirs = client_as(judge)
    assert theirs.get("/my/settings").status_code == 200
    data = {"role": "supervisor", "variety": "hub"}
    assert client_as(admin).post(f"/admin/users/{judge.id}/roles", data=data).status_code == 303
    assert theirs.get("/my/settings").status_code == 302
    assert person(judge.email).roles == {Role.REVIEWER, Role.SUPERVISOR}
    assert deeds("account.grant")[0].details == {"roles": ["supervisor:hub"]}


def test_a_role_that_is_taken_away_is_gone_at_once(app, admin, client_as):
    other = make.user(Role.SYSADMIN)
    theirs = client_as(other)
    assert theirs.get("/admin/users").status_code == 200
    grant = db.session.query(Grant).filter_by(user_id=other.id).one()
    assert client_as(admin).post(f"/admin/users/{other.id}/roles/{grant.id}/end").status_code == 303
    assert theirs.get("/admin/users").status_code == 302
    assert client_as(other).get("/admin/users").status_code == 403
    # The row stays with its last day, so that what was done in the role keeps its meaning.
    db.session.expire_all()
    assert db.session.get(Grant, grant.id).ends_on == clock.today() - timedelta(days=1)
    assert client_as(admin).post(f"/admin/users/{other.id}/roles/{grant.id}/end").status_code == 409


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(app, admin, client_as):
    judge = make.user(Role.REVIEWER, password_hash=passwords.hashed("梧桐树下 卖栀子花 的 阿婆"))
    theirs = client_as(judge)
    assert client_as(admin).post(f"/admin/users/{judge.id}/deactivate").status_code == 303
    assert theirs.get("/my/settings").status_code == 302
    login = {"login": judge.email, "password": "梧桐树下 卖栀子花 的 阿婆"}
    assert app.test_client().post("/login", data=login).status_code == 422
    assert client_as(admin).post(f"/admin/users/{judge.id}/deactivate").status_code == 409
    assert client_as(admin).post(f"/admin/users/{judge.id}/reactivate").status_code == 303
    assert theirs.get("/my/settings").status_code == 302
    assert app.test_client().post("/login", data=login).status_code == 303


def test_a_forgotten_password_is_replaced_by_an_initial_one(app, admin, client_as):
    judge = make.user(Role.REVIEWER, password_hash=passwords.hashed("梧桐树下 卖栀子花 的 阿婆"))
    theirs = client_as(judge)
    page = client_as(admin).post(f"/admin/users/{judge.id}/password")
    initial = re.search(r"<code>([a-z0-9-]{19})</code>", page.text)[1]
    assert theirs.get("/my/settings").status_code == 302
    again = app.test_client()
    assert again.post("/login", data={"login": judge.email, "password": "梧桐树下 卖栀子花 的 阿婆"}).status_code == 422
    assert again.post("/login", data={"login": judge.email, "password": initial}).status_code == 303
    assert initial not in "".join(row.data for row in db.session.query(LedgerEntry))


@pytest.mark.parametrize(
    ("has", "wanted", "says"),
    [
        (Role.REVIEWER, NewGrant(Role.AUDITOR), "只看不改"),
        (Role.AUDITOR, NewGrant(Role.REVIEWER), "只看不改"),
        (Role.ORG_MEMBER, NewGrant(Role.REVIEWER), "不能同时担任"),
        (Role.REVIEWER, NewGrant(Role.ORG_ADMIN), "机构角色只能给机构自己的人"),
        (Role.REVIEWER, NewGrant(Role.REVIEWER), "已经有这个角色了"),
    ],
)
def test_roles_that_must_not_be_in_one_hand(app, admin, has, wanted, says):
    somebody = make.user(has)
    with pytest.raises(Refused, match=says):
        service.grant_role(admin, somebody, wanted)
    db.session.expire_all()
    assert somebody.roles == {has}


def test_personal_data_is_corrected_by_the_administrator(app, admin, client_as):
    judge = make.user(Role.REVIEWER, name="旧名")
    data = {"name": "新名", "email": judge.email, "employer": "新单位", "expertise": ["lift"]}
    assert client_as(admin).post(f"/admin/users/{judge.id}/edit", data=data).status_code == 303
    row = person(judge.email)
    assert (row.name, row.employer) == ("新名", "新单位")
    assert deeds("account.change")[0].details == {"fields": ["name", "employer", "expertise"]}
    page = client_as(admin).get(f"/admin/users/{judge.id}").text
    assert "加装电梯" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=林", {"林疏影"}), ("?q=LIN@EXAMPLE", {"林疏影"}), ("?q=199 1604", {"林疏影"}), ("?q=律师", {"林疏影"}),
        ("?role=reviewer", {"韩令仪"}), ("?role=reviewer&role=street_approver", {"韩令仪", "林疏影"}),
        ("?state=closed", {"康建国"}), ("?q=%25", set()), ("?q=_", set()), ("?role=nonsense&q=林", {"林疏影"}),
    ],
)  # fmt: skip
def test_accounts_are_found(app, admin, client_as, query, found):
    make.approver(name="林疏影", email="lin@example.org", phone="19916044793", employer="某律师所")
    make.user(Role.REVIEWER, name="韩令仪", email="han@example.net")
    make.user(name="康建国", active=False, email="kang@example.net")
    page = client_as(admin).get(f"/admin/users{query}").text
    rows = set(re.findall(r'<a href="/admin/users/\d+">([^<]+)</a>', page))
    assert rows & {"林疏影", "韩令仪", "康建国"} == found


def test_the_list_costs_the_same_however_long_it_is(app, admin, client_as):
    def statements() -> int:
        count = []
        listen = lambda *_: count.append(1)  # noqa: E731
        sa.event.listen(db.engine, "before_cursor_execute", listen)
        client_as(admin).get("/admin/users")
        sa.event.remove(db.engine, "before_cursor_execute", listen)
        return len(count)

    statements()  # reference data is read once per process
    few = statements()
    for _ in range(15):
        make.org_admin()
    assert statements() == few


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SYSADMIN])
def test_nobody_else_manages_accounts(app, role, client_as):
    other = make.user(role, variety="hub") if role is Role.SUPERVISOR else make.user(role)
    client, target = client_as(other), make.user()
    for address in ("/admin/users", "/admin/users/new", f"/admin/users/{target.id}", f"/admin/users/{target.id}/edit"):
        assert client.get(address).status_code == 403, address
    for deed in ("roles", "deactivate", "password", "edit"):
        assert client.post(f"/admin/users/{target.id}/{deed}").status_code == 403, deed
    assert client.post("/admin/users/new", data=NEW).status_code == 403


def test_an_account_that_is_not_there(app, admin, client_as):
    assert client_as(admin).get("/admin/users/999999").status_code == 404


def test_the_first_administrator_comes_from_the_command_line(app):
    done = app.test_cli_runner().invoke(args=["create-admin", "first@example.org", "毕云舟"])
    assert done.exit_code == 0
    made = person("first@example.org")
    assert made.roles == {Role.SYSADMIN}
    assert passwords.matches(made.password_hash, done.output.strip())
    assert deeds("account.create")[0].actor == accounts.SYSTEM.name
    again = app.test_cli_runner().invoke(args=["create-admin", "first@example.org", "毕云舟"])
    assert again.exit_code == 1
    assert "已有账号" in again.output
