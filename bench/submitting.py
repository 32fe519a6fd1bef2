"""Fifty organisations that submit in the last minute of a call: how long each waits, and whether any is lost."""

from __future__ import annotations

import itertools
import random
import threading
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from bench import instance
from bench.table import Row, percentile

ORGANISATIONS = 50
LAST_SECONDS, SPREAD_SECONDS = 60, 5.0
MOST_SECONDS = 5


def run(folder: Path) -> list[Row]:
    """Wall time of each submission, every commit written to disk; all press within a few seconds."""
    app = instance.make_app(folder, SQLITE_SYNCHRONOUS="FULL")
    with app.app_context():
        drafts = _drafts()
    waited = _all_press(app, drafts)
    with app.app_context():
        received = _received([application_id for _user_id, application_id in drafts])
    return [
        Row("submissions lost", ORGANISATIONS - received, "", most=0),
        Row("p50", percentile(waited, 0.5), "s"),
        Row("p99", percentile(waited, 0.99), "s", most=MOST_SECONDS),
    ]


def _drafts() -> list[tuple[int, int]]:
    """(account, application) of each organisation: drafts that can be submitted, of a call that ends in a minute."""
    from matchhub.core import clock
    from matchhub.core.db import db
    from tests import factories as make
    from tests.applications.conftest import applicant

    make.n = itertools.count(7_000)  # numbers that the demonstration has not used
    need = make.need(starts_on=None, ends_on=None)
    made = [(one.admin.id, one.filled().id) for one in (applicant(need) for _n in range(ORGANISATIONS))]
    need.closes_at = clock.now() + timedelta(seconds=LAST_SECONDS)
    db.session.commit()
    db.session.remove()
    return made


def _all_press(app: Flask, drafts: list[tuple[int, int]]) -> list[float]:
    waited: list[float] = []
    chance = random.Random(7)

    def press(user_id: int, application_id: int, pause: float) -> None:
        from matchhub.core.db import db
        from matchhub.domain.models import Application, User
        from matchhub.features.applications import submitting

        with app.app_context():
            time.sleep(pause)
            start = time.monotonic()
            actor, application = db.session.get(User, user_id), db.session.get(Application, application_id)
            assert actor is not None and application is not None
            submitting.submit(actor, application)
            waited.append(time.monotonic() - start)
            db.session.remove()

    pressing = [threading.Thread(target=press, args=(*draft, chance.random() * SPREAD_SECONDS)) for draft in drafts]
    for one in pressing:
        one.start()
    for one in pressing:
        one.join()
    return waited


def _received(application_ids: list[int]) -> int:
    """Applications that are submitted, have a version and are on record."""
    from matchhub.core.db import db
    from matchhub.core.ledger import LedgerEntry
    from matchhub.domain.models import Application, ApplicationState, ApplicationVersion

    return (
        db.session.scalar(
            sa.select(sa.func.count(sa.distinct(Application.id)))
            .join(ApplicationVersion, ApplicationVersion.application_id == Application.id)
            .join(LedgerEntry, LedgerEntry.subject == sa.literal("application:") + Application.ref)
            .where(
                Application.id.in_(application_ids),
                Application.state == ApplicationState.SUBMITTED,
                LedgerEntry.deed == "application.submit",
            )
        )
        or 0
    )
