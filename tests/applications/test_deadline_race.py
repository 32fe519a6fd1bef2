"""Twenty organisations submit around the deadline at once: none is late, and each that was told “received” is in."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.domain.models import Application, ApplicationState, ApplicationVersion, LedgerEntry
from matchhub.features.applications import service, submitting
from tests import factories as make
from tests.applications.conftest import applicant

THREADS = 20
SECONDS_TO_DEADLINE = 2.0
# Half of them press the button in the last half second, the others in the half second after it.
SPREAD_SECONDS = 1.0


@pytest.fixture
def running_clock(app, monkeypatch):
    monkeypatch.setattr(clock, "_stopped", [])


def test_no_submission_is_late_and_none_that_was_received_is_lost(app, running_clock):
    need = make.need(starts_on=None, ends_on=None, closes_at=clock.now() + timedelta(hours=1))
    drafts = [(org.admin.id, org.filled().id) for org in (applicant(need) for _n in range(THREADS + 2))]
    early, *middle, after = drafts
    # However slow the machine: one is in time, one is late, and the others are what the clock says.
    assert _press(*early) == "received"
    need.closes_at = closes_at = clock.now() + timedelta(seconds=SECONDS_TO_DEADLINE)
    db.session.commit()
    db.session.remove()
    outcome = _submit_all(app, middle, closes_at)
    assert _press(*after) == "late"
    assert {told for told, _id in outcome} <= {"received", "late"}
    _nothing_is_late(closes_at, {early[1]} | {application_id for told, application_id in outcome if told == "received"})


def _submit_all(app, drafts, closes_at):
    outcome, lock = [], threading.Lock()

    def press(number, user_id, application_id):
        with app.app_context():
            moment = closes_at - timedelta(seconds=SPREAD_SECONDS * (0.5 - number / (THREADS - 1)))
            time.sleep(max(0.0, (moment - clock.now()).total_seconds()))
            told = _press(user_id, application_id)
            with lock:
                outcome.append((told, application_id))
            db.session.remove()

    threads = [threading.Thread(target=press, args=(n, *draft)) for n, draft in enumerate(drafts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcome) == THREADS
    return outcome


def _press(user_id, application_id):
    actor, application = db.session.get(make.User, user_id), db.session.get(Application, application_id)
    try:
        submitting.submit(actor, application)
        return "received"
    except NotNow:
        return "late"


def _nothing_is_late(closes_at, received):
    rows = db.session.scalars(sa.select(Application)).all()
    assert {row.id for row in rows if row.state is ApplicationState.SUBMITTED} == received
    assert {row.id for row in rows if row.state is ApplicationState.DRAFT} == {row.id for row in rows} - received
    versions = db.session.scalars(sa.select(ApplicationVersion)).all()
    assert {version.application_id for version in versions} == received
    late = [version for version in versions if version.submitted_at >= closes_at]
    late += [row for row in rows if row.submitted_at and row.submitted_at >= closes_at]
    assert late == []
    deeds = sa.select(LedgerEntry.subject).where(LedgerEntry.deed == "application.submit")
    assert len(list(db.session.scalars(deeds))) == len(received)


def test_twenty_presses_of_start_make_one_draft(app):
    org = applicant()
    user_id, need_id, made = org.admin.id, org.need.id, []
    db.session.remove()

    def press():
        with app.app_context():
            actor, need = db.session.get(make.User, user_id), db.session.get(make.Need, need_id)
            made.append(service.start(actor, need).id)
            db.session.remove()

    threads = [threading.Thread(target=press) for _n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == THREADS and len(set(made)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Application)) == 1
