"""The database itself takes no text after the deadline, to the second, whatever a program asks of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain.models import ApplicationState, ApplicationVersion
from tests import factories as make

SECOND = timedelta(seconds=1)


def hand_in(application, at, number=1):
    """A text put straight into the table, past every service."""
    db.session.add(
        ApplicationVersion(
            application_id=application.id, number=number, document={}, sha256="0" * 64, submitted_at=at,
            submitted_by_id=make.user().id,
        )
    )  # fmt: skip
    db.session.commit()


def count():
    return db.session.scalar(sa.select(sa.func.count()).select_from(ApplicationVersion))


def refused(deed):
    with pytest.raises(IntegrityError):
        deed()
    db.session.rollback()


def test_the_last_second_is_in_time_and_the_deadline_is_not(app):
    application = make.application(ApplicationState.DRAFT)
    closes_at = application.need.closes_at
    hand_in(application, closes_at - SECOND)
    refused(lambda: hand_in(application, closes_at, 2))
    refused(lambda: hand_in(application, closes_at + SECOND, 2))
    assert count() == 1


def test_a_need_without_a_deadline_takes_nothing(app):
    application = make.application(ApplicationState.DRAFT)
    application.need.closes_at = None
    db.session.commit()
    refused(lambda: hand_in(application, clock.now()))
    assert count() == 0


def test_a_correction_is_in_time_until_its_own_deadline(app):
    application = make.application(ApplicationState.CORRECTION)
    due = application.correction_due_at
    hand_in(application, due - SECOND)
    refused(lambda: hand_in(application, due, 2))
    # Once it has been checked again the correction round is over, even before its day.
    application.state = ApplicationState.QUALIFIED
    db.session.commit()
    refused(lambda: hand_in(application, due - 2 * SECOND, 3))
    assert count() == 1


@pytest.mark.parametrize("column", ["submitted_at", "sha256", "number"])
def test_what_a_receipt_says_never_changes(app, column):
    application = make.application(ApplicationState.SUBMITTED)
    row = make.version(application)
    setattr(row, column, {"submitted_at": row.submitted_at - SECOND, "sha256": "1" * 64, "number": 9}[column])
    refused(db.session.commit)
