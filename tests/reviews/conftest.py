"""Browsers for tests that also look into the database themselves."""

from __future__ import annotations

import pytest

from matchhub.core.db import db


@pytest.fixture
def client_as(client_as):
    """As everywhere, but a transaction that the test itself has open ends first: no page waits for it."""

    def build(user):
        client = client_as(user)
        send = client.open

        def open_(*args, **kwargs):
            db.session.commit()
            return send(*args, **kwargs)

        client.open = open_
        return client

    return build
