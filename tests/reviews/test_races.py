"""Many at once: one sheet per judge, one submission, one decision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.errors import Refused
from matchhub.domain.models import Application, Notice, ReviewRound, ScoreLine, ScoreSheet, SheetState, User
from matchhub.features.reviews import judging, signing
from tests.reviews import story


def at_once(app: Any, times: int, deed: Callable[[], Any]) -> Counter[str]:
    """`deed` in `times` threads, each with its own session: how each ended."""

    def one(_n: int) -> str:
        with app.app_context():
            try:
                deed()
                return "done"
            except Refused as no:
                return type(no).__name__
            finally:
                db.session.remove()

    db.session.commit()
    with ThreadPoolExecutor(25) as pool:
        return Counter(pool.map(one, range(times)))


def test_fifty_threads_make_one_sheet_and_submit_it_once(app):
    made = story.scoring()
    judge_id, entry_id = made.judges[0].id, made.entries[0].id

    def save() -> None:
        judging.save_sheet(db.session.get(User, judge_id), db.session.get(Application, entry_id), story.entries_of(0.8))

    def submit() -> None:
        judging.submit_sheet(db.session.get(User, judge_id), db.session.get(Application, entry_id))

    assert at_once(app, 50, save) == {"done": 50}
    assert len(db.session.scalars(sa.select(ScoreSheet)).all()) == 1
    assert at_once(app, 50, submit) == {"done": 1, "NotNow": 49}
    sheet = db.session.scalars(sa.select(ScoreSheet)).one()
    assert sheet.state is SheetState.SUBMITTED
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ScoreLine)) == 17


def test_twenty_approvals_at_once_are_one_decision_and_one_notice(app):
    made = story.proposed()
    approver_id, round_id = made.approver.id, made.round.id

    def approve() -> None:
        signing.approve(db.session.get(User, approver_id), db.session.get(ReviewRound, round_id))

    assert at_once(app, 20, approve) == {"done": 1, "NotNow": 19}
    assert len(db.session.scalars(sa.select(Notice)).all()) == 1
