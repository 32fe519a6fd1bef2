"""Signing in: by e-mail or phone, without telling strangers who has an account."""

from __future__ import annotations

import json
import re
import statistics
import time

import pytest
from argon2 import PasswordHasher

from matchhub.core.db import db, writing
from matchhub.domain import journal, passwords
from matchhub.domain.models import LoginSession, User
from matchhub.features.accounts import service
from tests.accounts.conftest import PASSWORD

WRONG = "账号或密码不对"


@pytest.mark.parametrize(
    "typed",
    ["zhou@example.org", "ZHOU@Example.org", " zhou@example.org ", "ｚｈｏｕ＠example.org", "13800138000", "138 0013 8000",
     "+86 138-0013-8000"],
)  # fmt: skip
def test_people_sign_in_by_email_or_phone_however_they_type_it(person, sign_in, typed):
    answer = sign_in(typed)
    assert (answer.status_code, answer.location) == (303, "/workbench")


def body_without_what_was_typed(answer) -> str:
    return re.sub(r'(name="csrf_token" value=|name="login" type="text" value=)"[^"]*"', "", answer.text)


def test_unknown_wrong_and_closed_are_answered_alike(person, sign_in):
    wrong = sign_in("zhou@example.org", "另一个 很长的 密码 十二")
    unknown = sign_in("nobody@example.org", "另一个 很长的 密码 十二")
    person = db.session.get(User, person.id)
    person.active = False
    db.session.commit()
    closed = sign_in("zhou@example.org")
    assert {wrong.status_code, unknown.status_code, closed.status_code} == {422}
    assert WRONG in wrong.text
    bodies = {body_without_what_was_typed(answer) for answer in (wrong, unknown, closed)}
    assert len(bodies) == 1


def test_an_account_without_a_password_cannot_be_entered(app, sign_in):
    from tests import factories as make

    nobody = make.user(email="no@example.org")
    assert nobody.password_hash == ""
    assert sign_in("no@example.org", "").status_code == 422
    assert WRONG in sign_in("no@example.org", "随便 什么 都可以 的").text


def test_a_stranger_costs_as_much_computing_as_a_wrong_password(person, stored):
    took: dict[str, list[float]] = {stored: [], "": []}
    for _ in range(9):  # in turns: a machine that becomes busy meanwhile slows both
        for kept, seconds in took.items():
            start = time.process_time()
            assert passwords.matches(kept, "错的 密码 一二三四") is False
            seconds.append(time.process_time() - start)
    assert 0.5 < statistics.median(took[stored]) / statistics.median(took[""]) < 2
    assert not passwords.is_outdated(passwords.DUMMY)


def test_the_password_is_hashed_while_no_transaction_is_open(person, sign_in, monkeypatch):
    seen = []
    real = passwords.matches

    def watched(kept: str, typed: str) -> bool:
        seen.append(db.session().in_transaction())
        return real(kept, typed)

    monkeypatch.setattr(service.passwords, "matches", watched)
    assert sign_in("zhou@example.org").status_code == 303
    assert seen == [False]


def test_a_password_that_changed_during_the_hash_opens_nothing(person, sign_in, monkeypatch):
    """The administrator's reset wins against the sign-in that began before it."""

    def meanwhile(kept: str, typed: str) -> bool:
        with writing():
            row = db.session.get(User, account_id)
            row.password_hash = "another"
            db.session.commit()
        return True

    account_id = person.id
    monkeypatch.setattr(service.passwords, "matches", meanwhile)
    assert sign_in("zhou@example.org").status_code == 422
    assert db.session.query(LoginSession).filter_by(user_id=account_id).count() == 0


def test_a_hash_of_older_parameters_is_made_anew(person, sign_in):
    row = db.session.get(User, person.id)
    row.password_hash = PasswordHasher(time_cost=1, memory_cost=8_192, parallelism=1).hash(PASSWORD)
    db.session.commit()
    assert sign_in("zhou@example.org").status_code == 303
    db.session.expire_all()
    assert not passwords.is_outdated(db.session.get(User, person.id).password_hash)
    assert sign_in("zhou@example.org").status_code == 303


def test_each_sign_in_gets_a_token_of_its_own_that_the_database_does_not_know(app, person, sign_in):
    tokens = []
    for _ in range(2):
        client = app.test_client()
        sign_in("zhou@example.org", client=client)
        with client.session_transaction() as session:
            tokens.append(session["_user_id"])
    assert len(set(tokens)) == 2
    assert all(len(token) >= 43 for token in tokens)
    kept = {row.token_sha256 for row in db.session.query(LoginSession)}
    assert not kept & set(tokens)
    assert str(person.id) not in tokens


def test_nothing_of_the_session_before_remains(app, person, sign_in):
    client = app.test_client()
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    sign_in("zhou@example.org", client=client)
    with client.session_transaction() as session:
        assert "planted" not in session


NEXT_BAD = [
    "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "http:evil.example", "javascript:alert(1)",
    "evil.example", "///evil.example", "/\t/evil.example", "/ /evil.example", "/%0a\n", "\n/my/settings", " /my/settings", "",
    "/" + "a" * 512, "/a\\b", "/\x7f", "@evil.example", "./my", "?next=/",
]  # fmt: skip


@pytest.mark.parametrize("target", NEXT_BAD)
def test_sign_in_never_leads_away_from_the_site(person, sign_in, target):
    assert sign_in("zhou@example.org", next=target).location == "/workbench"


@pytest.mark.parametrize("target", ["/my/settings", "/needs?field=lift&page=2", "/needs/XQ-2026-001#questions", "/"])
def test_sign_in_leads_back_to_where_one_was(person, sign_in, target):
    assert sign_in("zhou@example.org", next=target).location == target


def test_a_page_that_needs_an_account_asks_for_it_and_comes_back(app, person, sign_in):
    client = app.test_client()
    asked = client.get("/my/messages?show=unread&page=2")
    assert asked.status_code == 302
    form = client.get(asked.location)
    assert 'name="next" value="/my/messages?show=unread&amp;page=2"' in form.text
    assert sign_in("zhou@example.org", client=client, next="/my/messages?show=unread&page=2").location.endswith(
        "page=2"
    )


def test_who_is_signed_in_is_not_asked_again(app, person, client_as):
    assert client_as(person).get("/login?next=/my/settings").location == "/my/settings"


def test_the_journal_names_accounts_by_number_only(person, sign_in, caplog):
    caplog.set_level("INFO", logger=journal.log.name)
    sign_in("zhou@example.org", "错的 密码 一二三四")
    sign_in("nobody@example.org", "错的 密码 一二三四")
    sign_in("zhou@example.org")
    lines = [record.message for record in caplog.records if record.name == journal.log.name]
    assert all("\n" not in line for line in lines)
    rows = [json.loads(line) for line in lines]
    assert [(row["event"], row["account"], row["reason"]) for row in rows] == [
        ("refused", person.id, "wrong_password"),
        ("refused", None, "unknown_account"),
        ("sign_in", person.id, ""),
    ]
    together = "".join(lines)
    assert not any(word in together for word in ("zhou", "nobody", "错的", "138", "127.0.0.1"))


def test_the_sign_in_page_of_a_demonstration_lists_its_accounts_and_no_other_does(app, person, monkeypatch):
    assert "演示账号" not in app.test_client().get("/login").text
    monkeypatch.setitem(app.config, "DEMO", True)
    shown = app.test_client().get("/login").text
    assert "zhou@example.org" in shown
    assert "服务中心工作人员" in shown
    assert 'name="password" value="Caoyang-2026-demo"' in shown


def test_accounts_are_printed_in_a_demonstration_only(app, person, monkeypatch):
    from tests import factories as make

    make.org_admin(email="admin@example.org")
    refused = app.test_cli_runner().invoke(args=["accounts"])
    assert refused.exit_code == 1
    assert "no demonstration" in refused.output
    monkeypatch.setitem(app.config, "DEMO", True)
    printed = app.test_cli_runner().invoke(args=["accounts"])
    assert printed.exit_code == 0
    assert printed.output.splitlines() == [
        "org_admin\tadmin@example.org\tCaoyang-2026-demo",
        "centre_staff\tzhou@example.org\tCaoyang-2026-demo",
    ]
