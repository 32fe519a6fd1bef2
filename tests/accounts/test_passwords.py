"""One's own password: the first one, another one, and which may be chosen."""

from __future__ import annotations

import pytest

from matchhub.core.db import db
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import passwords
from matchhub.domain.models import User
from tests.accounts.conftest import PASSWORD

NEW = "梧桐树下 卖栀子花 的 阿婆"


def test_initial_passwords_are_random_and_can_be_chosen():
    made = {passwords.initial() for _ in range(50)}
    assert len(made) == 50
    assert all(passwords.problem(one) is None for one in made)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("短密码", "至少 12 个字符，还差 9 个"),
        ("a" * 129, "最多 128 个字符"),
        ("839271648203", "不能全是数字"),
        ("８３９２７１６４８２０３", "不能全是数字"),
        ("aaaaaaaaaaaa", "重复或连续"),
        ("abcabcabcabc", "重复或连续"),
        ("abcdefghijkl", "重复或连续"),
        ("password2026", "常见词"),
        ("Qwertyuiop123!", "常见词"),
        ("caoyang-2026-matchhub", "常见词"),
        ("曹杨新村街道2026年度", "常见词"),
        ("zhouxiao13800138000", "常见词"),
    ],
)
def test_what_anybody_would_try_first_is_refused(app, typed, says):
    assert says in passwords.problem(typed, ["周晓", "zhouxiao@example.org", "13800138000"])


@pytest.mark.parametrize("typed", [NEW, "correct horse battery", "Straße-Lampe-Kaffee", "x" * 4 + "8fQ!z长" + "y" * 3])
def test_long_and_own_is_enough(app, typed):
    assert passwords.problem(typed) is None


def test_every_character_counts():
    """Some schemes forget what comes after byte 72."""
    long = "长" * 60 + "甲乙丙丁戊"
    assert passwords.matches(passwords.hashed(long), long)
    assert not passwords.matches(passwords.hashed(long), long[:-1] + "己")
    assert not passwords.matches(passwords.hashed(long[:1] * 3 + "x" * 125), "x" * 200)


@pytest.fixture
def newcomer(person):
    """The same person with an initial password that somebody handed over."""
    row = db.session.get(User, person.id)
    row.must_set_password = True
    db.session.commit()
    return row


def test_the_first_sign_in_leads_to_an_own_password_and_nowhere_else(app, newcomer, sign_in):
    client = app.test_client()
    assert sign_in("zhou@example.org", client=client).status_code == 303
    for address in ("/workbench", "/my/settings", "/my/messages?page=2", "/orgs"):
        answer = client.get(address)
        assert (answer.status_code, answer.location.split("?")[0]) == (303, "/password"), address
    assert client.post("/my/messages/read").location == "/password"
    assert client.get("/my/messages", headers={"HX-Request": "true"}).headers["HX-Redirect"].startswith("/password")
    page = client.get("/password?next=/my/messages")
    assert "请先换成只有自己知道的密码" in page.text
    assert 'name="current"' not in page.text
    done = client.post("/password", data={"new": NEW, "again": NEW, "next": "/my/messages"})
    assert (done.status_code, done.location) == (303, "/my/messages")
    assert client.get("/my/messages").status_code == 200
    assert sign_in("zhou@example.org", PASSWORD).status_code == 422
    assert sign_in("zhou@example.org", NEW).status_code == 303


def test_an_initial_password_runs_out(newcomer, sign_in, later):
    from matchhub.core import clock

    row = db.session.get(User, newcomer.id)
    row.initial_until = clock.now() + passwords.INITIAL_FOR
    db.session.commit()
    later(days=6, hours=23)
    assert sign_in("zhou@example.org").status_code == 303
    later(hours=2)
    refused = sign_in("zhou@example.org")
    assert refused.status_code == 422
    assert "初始密码已经过期" in refused.text
    assert "已经过期" not in sign_in("zhou@example.org", "错的 密码 一二三四").text


def test_the_initial_password_itself_cannot_stay(app, newcomer, client_as):
    refused = client_as(newcomer).post("/password", data={"new": PASSWORD, "again": PASSWORD})
    assert refused.status_code == 422
    assert "和原来的一样" in refused.text


def test_another_password_needs_the_present_one(app, person, client_as):
    client = client_as(person)
    refused = client.post("/password", data={"current": "错的 密码 一二三四", "new": NEW, "again": NEW})
    assert refused.status_code == 422
    assert "当前密码不对" in refused.text
    differs = client.post("/password", data={"current": PASSWORD, "new": NEW, "again": NEW + "!"})
    assert "两次填写的新密码不一样" in differs.text
    weak = client.post("/password", data={"current": PASSWORD, "new": "caoyang12345", "again": "caoyang12345"})
    assert "常见词" in weak.text
    db.session.expire_all()
    assert passwords.matches(db.session.get(User, person.id).password_hash, PASSWORD)


def test_a_new_password_ends_every_other_login(app, person, client_as, sign_in):
    here, elsewhere = client_as(person), client_as(person)
    assert elsewhere.get("/my/settings").status_code == 200
    done = here.post("/password", data={"current": PASSWORD, "new": NEW, "again": NEW})
    assert done.location == "/my/settings"
    assert here.get("/my/settings").status_code == 200
    assert elsewhere.get("/my/settings").status_code == 302
    row = db.session.query(LedgerEntry).filter_by(deed="account.choose_password").one()
    assert row.data == "{}"


def test_guessing_the_present_password_in_an_open_session_is_limited_too(app, person, client_as):
    client = client_as(person)
    form = {"current": "错的 密码 一二三四", "new": NEW, "again": NEW}
    for _ in range(10):
        assert client.post("/password", data=form).status_code == 422
    assert client.post("/password", data=form | {"current": PASSWORD}).status_code == 429
