"""The lists of notices, objections and hearings as they are taken away: what their pages show, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.core.listing import Condition, Filters
from matchhub.documents.table import REF, STATE, Column, Kind, Listed, Table, state
from matchhub.domain import reference
from matchhub.domain.models import Hearing, Notice, Objection, User
from matchhub.features.notices import hearings, queries

TITLE = Column(_l("公示"), Kind.LONG)
COLUMNS = (
    REF, TITLE, Column(_l("类型")), STATE, Column(_l("公示开始"), Kind.DAY), Column(_l("公示最后一天"), Kind.DAY),
    Column(_l("发布时间"), Kind.MOMENT),
)  # fmt: skip
NOTICES, OFFICE = Table("notices", _l("公示公告"), COLUMNS), Table("office-notices", _l("街道的公示公告"), COLUMNS)
# Without the names of those who objected: they stand on the page of each objection, for who works on it.
OBJECTIONS = Table("objections", _l("异议"), (
    REF, TITLE, Column(_l("收到日期"), Kind.DAY), STATE, Column(_l("答复期限"), Kind.DAY),
))  # fmt: skip
HEARINGS = Table("hearings", _l("情况说明"), (
    REF, TITLE, Column(_l("状态")), Column(_l("收到时间"), Kind.MOMENT), Column(_l("答复期限"), Kind.DAY),
))  # fmt: skip


def public(wanted: Filters) -> Listed:
    return Listed(NOTICES, queries.listed(None, wanted), _rows, wanted.conditions())


def office(user: User, wanted: Filters) -> Listed:
    return Listed(OFFICE, queries.listed(user, wanted), _rows, wanted.conditions())


def _rows(notices: Sequence[Notice]) -> Iterator[Sequence[Any]]:
    for notice in notices:
        kind = reference.word("notice_kind", notice.kind)
        period = notice.starts_at, _last(notice.ends_at)
        yield notice.ref, notice.title, kind, state(notice), *period, notice.published_at


def _last(ends_at: datetime | None) -> datetime | None:
    """A period that ends at 24:00 has its last day before that."""
    return ends_at - timedelta(seconds=1) if ends_at else None


def objections(user: User, open_only: bool) -> Listed:
    def rows(found: Sequence[Objection]) -> Iterator[Sequence[Any]]:
        for one in found:
            yield one.ref, one.notice.title, one.received_at, state(one), one.answer_due_on

    shown = Condition("show", "open" if open_only else "all", _("待办理") if open_only else _("全部"))
    return Listed(OBJECTIONS, queries.objections_listed(user, open_only), rows, [shown])


def hearings_of(user: User) -> Listed:
    def rows(found: Sequence[Hearing]) -> Iterator[Sequence[Any]]:
        for one in found:
            where = _("已提交") if one.replied_at else _("等您说明") if one.is_open else _("已结束")
            yield one.ref, one.notice.title, where, one.asked_at, one.due_on

    return Listed(HEARINGS, hearings.listed(user), rows)
