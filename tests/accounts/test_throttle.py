"""Guessing is limited exactly, and nobody can be locked out for good."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from matchhub.core.db import command, db
from matchhub.domain import throttle
from matchhub.domain.models import LoginAttempt
from matchhub.features.accounts import service
from tests.accounts.conftest import PASSWORD

BAD = "错的 密码 一二三四"


def test_after_ten_wrong_passwords_even_the_right_one_must_wait(person, sign_in, later):
    for _ in range(10):
        assert sign_in("zhou@example.org", BAD).status_code == 422
    refused = sign_in("zhou@example.org", PASSWORD)
    assert refused.status_code == 429
    # Tried at 10:00 in Shanghai; five minutes later the first attempt is forgotten.
    assert "请在 10:05 之后再试" in refused.text
    assert "zhou@example.org" in refused.text
    later(minutes=4, seconds=59)
    assert sign_in("zhou@example.org", PASSWORD).status_code == 429
    later(seconds=2)
    assert sign_in("zhou@example.org", PASSWORD).status_code == 303


def test_email_and_phone_of_one_account_count_together(person, sign_in):
    for typed in ("zhou@example.org", "13800138000") * 5:
        assert sign_in(typed, BAD).status_code == 422
    assert sign_in("13800138000", BAD).status_code == 429


def test_a_stranger_elsewhere_cannot_use_up_another_accounts_attempts(person, sign_in):
    for _ in range(10):
        sign_in("other@example.org", BAD)
    assert sign_in("other@example.org", BAD).status_code == 429
    assert sign_in("zhou@example.org").status_code == 303


def test_an_address_has_fifty_attempts_whatever_it_tries(person, sign_in, monkeypatch):
    monkeypatch.setattr(service.passwords, "matches", lambda kept, typed: False)
    for n in range(50):
        assert sign_in(f"guess{n}@example.org", BAD, address="203.0.113.9").status_code == 422
    assert sign_in("guess50@example.org", BAD, address="203.0.113.9").status_code == 429
    assert sign_in("guess50@example.org", BAD, address="203.0.113.10").status_code == 422


def test_a_household_with_ipv6_is_one_address():
    assert throttle.address_key("2001:db8:1:2:aaaa::1") == throttle.address_key("2001:db8:1:2:bbbb::9")
    assert throttle.address_key("2001:db8:1:2::1") != throttle.address_key("2001:db8:1:3::1")
    assert throttle.address_key("not an address") == "address:unknown"


def test_success_forgets_the_accounts_attempts_and_gives_the_address_its_own_back(person, sign_in):
    for _ in range(9):
        sign_in("zhou@example.org", BAD)
    assert sign_in("zhou@example.org").status_code == 303
    left = [row.key for row in db.session.query(LoginAttempt)]
    assert left == ["address:127.0.0.1"] * 9


def test_the_table_keeps_no_name_that_was_typed_and_nothing_that_is_over(person, sign_in, later):
    sign_in("my-secret-password", BAD)
    assert not any("secret" in row.key for row in db.session.query(LoginAttempt))
    later(minutes=6)
    sign_in("zhou@example.org", BAD)
    assert db.session.query(LoginAttempt).count() == 2


def test_a_refused_attempt_is_not_counted(app, person):
    @command
    def reserve() -> None:
        throttle.reserve({"account:1": 2})

    reserve()
    reserve()
    with pytest.raises(throttle.TooMany):
        reserve()
    assert db.session.query(LoginAttempt).count() == 2


def test_forty_at_once_get_exactly_ten_tries(app, person):
    """Reserving comes before hashing, so parallel guesses cannot slip through together."""
    account_id = person.id
    db.session.remove()

    def guess(_n: int) -> bool:
        with app.app_context():
            try:
                return service.count_attempt("zhou@example.org", f"198.51.100.{_n}").account_id == account_id
            except throttle.TooMany:
                return False

    with ThreadPoolExecutor(40) as pool:
        passed = list(pool.map(guess, range(40)))
    assert passed.count(True) == 10
    assert db.session.query(LoginAttempt).filter_by(key=throttle.account_key(account_id)).count() == 10


def test_forty_browsers_at_once_see_ten_answers_and_thirty_refusals(app, person, sign_in):
    db.session.remove()

    def guess(_n: int) -> int:
        with app.app_context():
            return sign_in("zhou@example.org", BAD).status_code

    with ThreadPoolExecutor(40) as pool:
        statuses = list(pool.map(guess, range(40)))
    assert (statuses.count(422), statuses.count(429)) == (10, 30)
