"""The lists of support as they are taken away: what their pages show. Money and goods in yuan, expertise in hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters
from matchhub.documents.table import ORGANISATION, PROJECT, REF, STATE, Column, Kind, Listed, Table, state
from matchhub.domain import supporting
from matchhub.domain.models import Pledge, SupportKind, SupportLine, User
from matchhub.features.support import queries

TITLE, KIND = Column(_l("要什么"), Kind.LONG), Column(_l("种类"))
UNTIL, NEEDED = (
    Column(_l("截止日期"), Kind.DAY),
    (Column(_l("需要（元）"), Kind.YUAN), Column(_l("需要（小时）"), Kind.NUMBER)),
)
ASKING = Table("support", _l("寻求支持的项目"), (
    REF, TITLE, KIND, PROJECT, ORGANISATION, UNTIL, *NEEDED, Column(_l("还差（元）"), Kind.YUAN),
    Column(_l("还差（小时）"), Kind.NUMBER), Column(_l("理由"), Kind.LONG),
))  # fmt: skip
SUMS = tuple(
    column
    for yuan, hours in (
        (_l("已确认（元）"), _l("已确认（小时）")),
        (_l("已到账（元）"), _l("已到账（小时）")),
        (_l("已使用（元）"), _l("已使用（小时）")),
    )
    for column in (Column(yuan, Kind.YUAN), Column(hours, Kind.NUMBER))
)
LINES = (REF, TITLE, KIND, PROJECT, STATE, UNTIL, *NEEDED, *SUMS)
OWN, OFFICE = Table("own-support", _l("本机构寻求支持"), LINES), Table("office-support", _l("基金会支持"), LINES)
PLEDGES = Table("pledges", _l("我的支持"), (
    REF, TITLE, KIND, PROJECT, ORGANISATION, STATE, Column(_l("支持（元）"), Kind.YUAN),
    Column(_l("支持（小时）"), Kind.NUMBER), Column(_l("已使用（元）"), Kind.YUAN), Column(_l("已使用（小时）"), Kind.NUMBER),
    Column(_l("结果"), Kind.LONG),
))  # fmt: skip


def _amount(kind: SupportKind, quantity: int) -> tuple[int | None, int | None]:
    """The cells of an amount: fen, or hours."""
    return (None, quantity) if kind is SupportKind.EXPERTISE else (quantity, None)


def asking(wanted: Filters) -> Listed:
    def rows(lines: Sequence[SupportLine]) -> Iterator[Sequence[Any]]:
        sums = supporting.sums_of(lines)
        for one in lines:
            left = max(one.quantity - sums[one.id].pledged, 0)
            yield (
                one.ref, one.title, _(supporting.KIND_WORDS[one.kind]), one.project.title, one.project.organisation.name,
                one.until, *_amount(one.kind, one.quantity), *_amount(one.kind, left), one.why,
            )  # fmt: skip

    return Listed(ASKING, queries.asking(wanted), rows, wanted.conditions())


def own(user: User) -> Listed:
    return _lines(OWN, queries.lines_of(user))


def office(user: User) -> Listed:
    return _lines(OFFICE, queries.lines_for_street(user))


def _lines(table: Table, query: sa.Select[Any]) -> Listed:
    def rows(lines: Sequence[SupportLine]) -> Iterator[Sequence[Any]]:
        sums = supporting.sums_of(lines)
        for one in lines:
            found = sums[one.id]
            amounts = [cell for quantity in (one.quantity, found.agreed, found.received, found.used)
                       for cell in _amount(one.kind, quantity)]  # fmt: skip
            kind = _(supporting.KIND_WORDS[one.kind])
            yield one.ref, one.title, kind, one.project.title, state(one), one.until, *amounts

    return Listed(table, query, rows)


def pledges(user: User) -> Listed:
    def rows(found: Sequence[Pledge]) -> Iterator[Sequence[Any]]:
        for one in found:
            line = one.line
            yield (
                one.ref, line.title, _(supporting.KIND_WORDS[line.kind]), line.project.title,
                line.project.organisation.name, state(one), *_amount(line.kind, one.quantity),
                *_amount(line.kind, one.used), one.outcome,
            )  # fmt: skip

    return Listed(PLEDGES, queries.pledges_of(user), rows)
