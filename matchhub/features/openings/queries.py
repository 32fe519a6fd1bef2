"""What the pages of openings show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core.db import db
from matchhub.domain.models import KeyShare, Need, NeedKey, User


def key(need: Need) -> NeedKey | None:
    """The need's key with its shares and their holders: two statements."""
    found = (
        sa.select(NeedKey)
        .where(NeedKey.need_id == need.id)
        .options(joinedload(NeedKey.shares).joinedload(KeyShare.holder), joinedload(NeedKey.need))
    )
    return db.session.scalars(found).unique().one_or_none()


def held(user: User) -> Sequence[Any]:
    """The shares of needs that are not opened yet, the earliest deadline first."""
    found = (
        sa.select(KeyShare, Need)
        .join(NeedKey, KeyShare.need_id == NeedKey.need_id)
        .join(Need, NeedKey.need_id == Need.id)
        .where(KeyShare.holder_id == user.id, NeedKey.opened_at.is_(None), NeedKey.destroyed_at.is_(None))
        .order_by(Need.closes_at, Need.id)
    )
    return db.session.execute(found).all()
