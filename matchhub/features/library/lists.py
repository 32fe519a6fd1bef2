"""The lists of the library as they are taken away: what their pages show, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters
from matchhub.documents.table import REF, STATE, Column, Kind, Listed, Table, state
from matchhub.domain import reference
from matchhub.domain.models import LibraryEntry, User
from matchhub.features.library import queries

NUMBER, TITLE, KIND = Column(_l("序号")), Column(_l("条目标题"), Kind.LONG), Column(_l("类型"))
EDITION, PUBLISHED = Column(_l("版本"), Kind.NUMBER), Column(_l("发布日期"), Kind.DAY)
ENTRIES = Table(
    "library", _l("知识库条目"), (REF, NUMBER, TITLE, KIND, EDITION, PUBLISHED, Column(_l("摘要"), Kind.LONG))
)
OFFICE = Table("office-library", _l("街道的知识库条目"), (
    REF, NUMBER, TITLE, KIND, STATE, EDITION, PUBLISHED, Column(_l("未发布的修改")),
))  # fmt: skip


def public(wanted: Filters) -> Listed:
    def rows(entries: Sequence[LibraryEntry]) -> Iterator[Sequence[Any]]:
        for one in entries:
            kind = reference.word("library_kind", one.kind)
            yield one.ref, one.number, one.title, kind, one.edition, one.published_at, one.summary

    return Listed(ENTRIES, queries.listed(None, wanted), rows, wanted.conditions())


def office(user: User, wanted: Filters) -> Listed:
    def rows(entries: Sequence[LibraryEntry]) -> Iterator[Sequence[Any]]:
        waiting = queries.waiting()
        for one in entries:
            kind, changed = reference.word("library_kind", one.kind), _("有修改没有发布") if one.id in waiting else None
            yield one.ref, one.number, one.title, kind, state(one), one.edition or None, one.published_at, changed

    return Listed(OFFICE, queries.listed(user, wanted), rows, wanted.conditions())
