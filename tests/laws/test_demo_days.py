"""The demonstration can be played on any day: after the long holidays, at the turn of a month, in another year."""

from __future__ import annotations

import shutil
from datetime import date, time

import sqlalchemy as sa

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.domain.models import Assessment, AssessmentState, Need, NeedPhase
from tests.laws import demo_site

# One for each database: the days after Spring Festival and after the National Day holiday.
DAYS = {"sqlite": date(2027, 2, 20), "postgresql": date(2026, 10, 10)}


def test_the_story_holds_on_another_day(folder, database_url):
    day = DAYS[database_url.split("+")[0].split(":")[0]]
    with clock.stopped(clock.utc(day, time(10))):
        app = demo_site.make(folder, database_url, "another_day")
        with app.app_context():
            assert ledger.verify().broken_at is None
            final = sa.select(sa.func.count()).where(Assessment.state == AssessmentState.FINAL)
            assert db.session.scalar(final) == 3
            phases = {need.phase for need in db.session.scalars(sa.select(Need))}
            assert phases == set(NeedPhase)
            db.session.remove()
            db.engine.dispose()
    shutil.rmtree(folder / "another_day", ignore_errors=True)
