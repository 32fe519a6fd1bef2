"""One's own messages as they are taken away: what their page shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.core.listing import Condition
from matchhub.documents.table import Column, Kind, Listed, Table
from matchhub.domain.messages import EVENTS
from matchhub.domain.models import Message, User
from matchhub.features.accounts import queries

MESSAGES = Table("messages", _l("我的消息"), (
    Column(_l("时间"), Kind.MOMENT), Column(_l("消息"), Kind.LONG), Column(_l("事项"), Kind.LONG),
    Column(_l("说明"), Kind.LONG), Column(_l("已读")),
))  # fmt: skip


def messages(user: User, only_unread: bool) -> Listed:
    def rows(found: Sequence[Message]) -> Iterator[Sequence[Any]]:
        for one in found:
            yield one.at, _(EVENTS[one.event]), one.title, one.note, _("已读") if one.read_at else _("未读")

    shown = [Condition("show", "unread", _("未读"))] if only_unread else []
    return Listed(MESSAGES, queries.messages(user, only_unread), rows, shown)
