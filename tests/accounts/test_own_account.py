"""Signing out, one's own data and logins, messages, and preferences."""

from __future__ import annotations

import json

import pytest

from matchhub.core.db import command, db
from matchhub.domain import journal, logins, messages
from matchhub.domain.models import Message, User
from matchhub.features.accounts import queries
from tests import factories as make
from tests.accounts.conftest import PASSWORD


def copied(app, client):
    """Another browser with the same cookie."""
    thief = app.test_client()
    name = app.config["SESSION_COOKIE_NAME"]
    thief.set_cookie(name, client.get_cookie(name).value)
    return thief


def test_a_copied_cookie_is_dead_after_signing_out(app, person, sign_in, caplog):
    caplog.set_level("INFO", logger=journal.log.name)
    client = app.test_client()
    sign_in("zhou@example.org", client=client)
    thief = copied(app, client)
    assert thief.get("/my/settings").status_code == 200
    out = client.post("/logout")
    assert (out.status_code, out.location) == (303, "/")
    assert out.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert thief.get("/my/settings").status_code == 302
    assert client.get("/my/settings").status_code == 302
    last = json.loads(caplog.records[-1].message)
    assert (last["event"], last["account"]) == ("sign_out", person.id)


def test_signing_out_is_never_a_link(app, person, client_as):
    client = client_as(person)
    assert client.get("/logout").status_code == 405
    assert client.get("/my/settings").status_code == 200


def test_signing_out_twice_does_no_harm(app, person, client_as):
    client = client_as(person)
    assert client.post("/logout").status_code == 303
    assert client.post("/logout").status_code == 303


def test_an_idle_login_ends(app, person, client_as, later):
    client = client_as(person)
    later(minutes=29)
    assert client.get("/my/settings").status_code == 200
    later(minutes=31)
    assert client.get("/my/settings").status_code == 302


def test_people_see_their_logins_and_end_one(app, person, client_as):
    @command
    def from_phone() -> str:
        return logins.start(db.session.get(User, person.id), "Mozilla/5.0 (iPhone) MicroMessenger/8.0")

    token = from_phone()
    client, phone = client_as(person), app.test_client()
    with phone.session_transaction() as session:
        session["_user_id"] = token
    assert phone.get("/my/settings").status_code == 200
    page = client.get("/my/settings").text
    assert "微信 · iPhone" in page
    assert token not in page
    assert client.post("/my/settings/logins/end", data={"mark": logins.current(token)}).status_code == 303
    assert phone.get("/my/settings").status_code == 302
    assert client.get("/my/settings").status_code == 200


def test_nobody_ends_somebody_elses_login(app, person, client_as):
    other = make.user()
    theirs = client_as(other)
    theirs.get("/my/settings")
    with theirs.session_transaction() as session:
        mark = logins.current(session["_user_id"])
    answer = client_as(person).post("/my/settings/logins/end", data={"mark": mark})
    assert answer.status_code == 409
    assert "已经结束" in answer.text
    assert theirs.get("/my/settings").status_code == 200


def test_all_others_can_be_ended_at_once(app, person, client_as):
    here, there = client_as(person), client_as(person)
    assert here.post("/my/settings/logins/end-others").status_code == 303
    assert there.get("/my/settings").status_code == 302
    assert here.get("/my/settings").status_code == 200


def test_what_one_signs_in_with_is_changed_with_the_password_only(app, person, client_as, sign_in):
    client = client_as(person)
    refused = client.post(
        "/my/settings", data={"email": "new@example.org", "phone": "", "current": "错的 密码 一二三四"}
    )
    assert refused.status_code == 422
    assert 'value="new@example.org"' in refused.text
    empty = client.post("/my/settings", data={"email": "", "phone": "", "current": PASSWORD})
    assert "至少留一个" in empty.text
    shape = client.post("/my/settings", data={"email": "new", "phone": "12", "current": PASSWORD})
    assert "请填完整的邮箱" in shape.text
    assert "请填 11 位手机号" in shape.text
    assert client.post("/my/settings", data={"email": "New@Example.org", "current": PASSWORD}).status_code == 303
    assert sign_in("new@example.org").status_code == 303
    assert sign_in("zhou@example.org").status_code == 422


def test_an_email_belongs_to_one_account(app, person, client_as):
    make.user(email="taken@example.org")
    refused = client_as(person).post(
        "/my/settings", data={"email": "taken@example.org", "phone": "13800138000", "current": PASSWORD}
    )
    assert refused.status_code == 422
    assert "已有账号使用这个邮箱" in refused.text


def test_name_employer_and_roles_cannot_be_changed_by_oneself(app, person, client_as):
    data = {"email": "zhou@example.org", "current": PASSWORD, "name": "别人", "employer": "别处", "active": "0",
            "role": "sysadmin", "organisation_id": "1"}  # fmt: skip
    assert client_as(person).post("/my/settings", data=data).status_code == 303
    row = db.session.get(User, person.id)
    assert (row.name, row.employer, row.active, row.role_codes) == ("周晓", "", True, {"centre_staff"})


@pytest.fixture
def told(person):
    """Two messages to this person, one to somebody else; their ids, oldest first."""

    @command
    def send() -> None:
        me, other = db.session.get(User, person.id), make_other
        messages.send("report.return", [me], "楼组协商 9 月月报", "/my/reports/YB-2026-001", "照片不足")
        messages.send("organisation.admit", [me], "某机构", "")
        messages.send("report.return", [db.session.get(User, other)], "别人的月报", "/my/reports/YB-2026-002")

    make_other = make.user().id
    send()
    return [row.id for row in db.session.query(Message).order_by(Message.id)]


def test_messages_are_listed_and_read_by_opening_them(app, person, told, client_as):
    client = client_as(person)
    page = client.get("/my/messages").text
    assert "有 2 条未读" in page
    assert "月报被退回，请按意见修改" in page
    assert "照片不足" in page
    assert "别人的月报" not in page
    opened = client.post(f"/my/messages/{told[0]}/open")
    assert (opened.status_code, opened.location) == (303, "/my/reports/YB-2026-001")
    assert queries.unread(db.session.get(User, person.id)) == 1
    assert client.post(f"/my/messages/{told[1]}/open").location == "/my/messages"
    assert "没有未读消息" in client.get("/my/messages").text
    assert "楼组协商" not in client.get("/my/messages?show=unread").text


def test_looking_at_messages_marks_nothing(app, person, told, client_as):
    client = client_as(person)
    client.get("/my/messages")
    assert client.get(f"/my/messages/{told[0]}/open").status_code == 405
    assert queries.unread(db.session.get(User, person.id)) == 2


def test_somebody_elses_message_is_not_there(app, person, told, client_as):
    answer = client_as(person).post(f"/my/messages/{told[2]}/open")
    assert answer.status_code == 409
    assert "YB-2026-002" not in answer.text
    assert db.session.get(Message, told[2]).read_at is None


def test_all_messages_can_be_marked_at_once_but_only_ones_own(app, person, told, client_as):
    client_as(person).post("/my/messages/read")
    unread = [row.id for row in db.session.query(Message) if row.read_at is None]
    assert unread == [told[2]]


@pytest.mark.parametrize(("path", "cookie", "value"), [("mode", "mode", "care"), ("lang", "lang", "en")])
def test_a_visitor_keeps_preferences_without_a_session(app, path, cookie, value):
    client = app.test_client()
    answer = client.get(f"/prefs/{path}?to={value}&next=/orgs")
    assert (answer.status_code, answer.location) == (303, "/orgs")
    kept = client.get_cookie(cookie)
    assert kept.value == value
    assert kept.max_age == 365 * 24 * 3600
    assert (kept.http_only, kept.same_site) == (True, "Lax")
    assert client.get_cookie(app.config["SESSION_COOKIE_NAME"]) is None
    assert (
        'data-mode="care"' in client.get("/login").text if path == "mode" else 'lang="en"' in client.get("/login").text
    )


def test_a_preference_takes_known_values_and_stays_on_the_site(app):
    client = app.test_client()
    answer = client.get("/prefs/mode?to=%3Cscript%3E&next=//evil.example")
    assert answer.location == "/"
    assert client.get_cookie("mode") is None
