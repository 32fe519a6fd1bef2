"""What the tests of this folder begin with."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from matchhub.core import mail
from matchhub.core.db import db
from matchhub.domain.models import OutboxRow
from tests import factories as make


@pytest.fixture
def mails(app):
    """This site sends mail; what waits in the outbox."""
    mail.configure("127.0.0.1:1", "noreply@example.org", "https://site.example")
    yield lambda: [
        row.payload
        for row in db.session.scalars(sa.select(OutboxRow).where(OutboxRow.kind == "mail").order_by(OutboxRow.id))
    ]
    mail.configure("", "noreply@example.org", "")


@pytest.fixture
def staff(app):
    return make.staff()


@pytest.fixture
def desk(client_as, staff):
    return client_as(staff)
