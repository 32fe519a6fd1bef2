"""What is asked for, and what somebody was told of it."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.files import Stored
from matchhub.domain.models import Message

PAPER = Stored("a" * 64, "发票.pdf", "application/pdf", 10)
BUDGET = [{"category": "goods", "item": "物资", "amount_fen": 3_000_000, "source": "matched"}]


def told(user) -> list[str]:
    return list(db.session.scalars(sa.select(Message.event).where(Message.user_id == user.id).order_by(Message.id)))
