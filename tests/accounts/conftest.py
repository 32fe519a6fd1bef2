"""People with passwords."""

from __future__ import annotations

import pytest

from matchhub.domain import passwords
from matchhub.domain.roles import Role
from tests import factories as make

PASSWORD = "青团 腌笃鲜 弄堂 37 路"


@pytest.fixture(scope="session")
def stored() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def person(app, stored):
    """Somebody of the centre who signs in with zhou@example.org or 13800138000."""
    return make.user(
        Role.CENTRE_STAFF, name="周晓", email="zhou@example.org", phone="13800138000", password_hash=stored
    )


@pytest.fixture
def sign_in(app):
    """`sign_in(login, password)` is the answer of the sign-in page to a new browser."""

    def send(login: str, password: str = PASSWORD, client=None, address: str = "127.0.0.1", **more):
        client = client or app.test_client()
        data = {"login": login, "password": password, **more}
        return client.post("/login", data=data, environ_overrides={"REMOTE_ADDR": address})

    return send
