"""The lists of accounts and of the ledger as they are taken away: what their pages show, without ways to reach anybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.core.ledger import LedgerEntry
from matchhub.core.listing import Condition, Filters
from matchhub.documents.table import Column, Kind, Listed, Table
from matchhub.domain import deeds
from matchhub.domain.models import User
from matchhub.features.admin import queries

# Without e-mail addresses and phone numbers: a file goes further than a page.
ACCOUNTS = Table("accounts", _l("账号"), (
    Column(_l("姓名")), Column(_l("角色"), Kind.LONG), Column(_l("单位"), Kind.LONG), Column(_l("状态")),
))  # fmt: skip
LEDGER = Table("ledger", _l("操作记录"), (
    Column(_l("序号"), Kind.NUMBER), Column(_l("时间"), Kind.MOMENT), Column(_l("谁")), Column(_l("代谁")),
    Column(_l("做了什么"), Kind.LONG), Column(_l("对象")), Column(_l("记录代码")), Column(_l("内容"), Kind.LONG),
    Column(_l("校验码"), Kind.LONG),
))  # fmt: skip


def accounts(wanted: Filters) -> Listed:
    def rows(found: Sequence[User]) -> Iterator[Sequence[Any]]:
        for one in found:
            where = one.organisation.name if one.organisation else one.employer
            now = _("未设自己的密码") if one.must_set_password else _("使用中")
            yield one.name, _("、").join(_(word) for word in one.role_words), where, now if one.active else _("已停用")

    return Listed(ACCOUNTS, queries.accounts(wanted.query, wanted["role"], wanted["state"]), rows, wanted.conditions())


def ledger(asked: Mapping[str, Any], kinds: Mapping[str, str]) -> Listed:
    """`asked`: kind, subject, who, first, last, as the page reads them."""

    def rows(found: Sequence[LedgerEntry]) -> Iterator[Sequence[Any]]:
        for one in found:
            subject = one.subject.partition(":")[2]
            yield (
                one.seq, one.at, one.actor, one.on_behalf_of, deeds.words(one.deed), subject, one.deed, one.data, one.hash
            )  # fmt: skip

    conditions = [
        Condition(name, str(value) if name in ("kind", "subject", "first", "last") else "",
                  kinds.get(str(value), str(value)) if name == "kind" else str(value))
        for name, value in asked.items() if value
    ]  # fmt: skip
    return Listed(LEDGER, queries.entries(**asked), rows, conditions)
