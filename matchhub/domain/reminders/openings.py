"""Reminders of openings: a rehearsal before the deadline, and the opening itself while nobody has opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain.models import Grant, KeyShare, Need, NeedKey, NeedState, OpeningMode, Role, User
from matchhub.domain.paths import STAFF
from matchhub.domain.reminders.deadlines import words_of
from matchhub.domain.reminding import CATCH_UP, Due, source
from matchhub.domain.todo.base import path

REHEARSE = {"3d": timedelta(days=3), "1d": timedelta(days=1)}
# After the deadline, until somebody opens.
OPEN = {"0d": timedelta(), "1d": timedelta(days=1), "3d": timedelta(days=3), "7d": timedelta(days=7)}


@source("rehearsals")
def rehearsals(now: datetime) -> Iterator[Due]:
    """Holders who have not tried their passphrase for a need that is about to close."""
    found = (
        sa.select(KeyShare.holder_id, Need.ref, Need.title, Need.closes_at)
        .join(Need, KeyShare.need_id == Need.id)
        .where(
            KeyShare.rehearsed_at.is_(None), KeyShare.lost_at.is_(None), Need.state == NeedState.OPEN,
            Need.closes_at > now, Need.closes_at <= now + max(REHEARSE.values()),
        )
    )  # fmt: skip
    for row in db.session.execute(found):
        for step, ahead in REHEARSE.items():
            yield Due(
                f"rehearsal:{row.ref}", step, row.holder_id, row.closes_at - ahead, "need.rehearsal_due", row.title,
                f"{path('need', STAFF, row.ref)}/opening", words_of(row.closes_at), until=row.closes_at,
            )  # fmt: skip


@source("openings")
def openings(now: datetime) -> Iterator[Due]:
    """Whoever can open a need that is over: the holders of its shares, or with one key its section."""
    over = sa.and_(
        Need.state == NeedState.OPEN, Need.opened_at.is_(None), Need.closes_at <= now, Need.closes_at > now - CATCH_UP
    )
    held = (
        sa.select(KeyShare.holder_id.label("user_id"), Need.ref, Need.title, Need.closes_at)
        .join(Need, KeyShare.need_id == Need.id)
        .where(over, KeyShare.given_at.is_(None), KeyShare.lost_at.is_(None))
    )
    by_click = (
        sa.select(User.id.label("user_id"), Need.ref, Need.title, Need.closes_at)
        .join(Grant, sa.and_(Grant.role == Role.STREET_STAFF, Grant.section_code == Need.section_code))
        .join(User, sa.and_(User.id == Grant.user_id, User.active))
        .outerjoin(NeedKey, NeedKey.need_id == Need.id)
        .where(over, sa.func.coalesce(NeedKey.mode, OpeningMode.ONE) == OpeningMode.ONE)
    )
    for row in db.session.execute(sa.union(held, by_click)):
        for step, after in OPEN.items():
            yield Due(
                f"opening:{row.ref}", step, row.user_id, row.closes_at + after, "need.opening_due", row.title,
                f"{path('need', STAFF, row.ref)}/opening", words_of(row.closes_at),
            )  # fmt: skip
