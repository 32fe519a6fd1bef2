"""What an account sees of itself."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain.models import Message, User

PROGRAMS = (
    ("MicroMessenger", _l("微信")), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"),
           ("Linux", "Linux"))  # fmt: skip


def unread(user: User) -> int:
    """How many messages wait to be read."""
    found = sa.select(sa.func.count()).where(Message.user_id == user.id, Message.read_at.is_(None))
    return db.session.scalar(found) or 0


def messages(user: User, only_unread: bool = False) -> sa.Select[Any]:
    """The messages of one person, newest first."""
    found = sa.select(Message).where(Message.user_id == user.id)
    if only_unread:
        found = found.where(Message.read_at.is_(None))
    return found.order_by(Message.id.desc())


def device(agent: str) -> str:
    """What a browser calls itself, in words that its owner recognises: "Chrome · Windows"."""
    found = [next((word for mark, word in known if re.search(mark, agent)), "") for known in (PROGRAMS, SYSTEMS)]
    return " · ".join(_(part) for part in found if part) or _("未知设备")
