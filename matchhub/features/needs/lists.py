"""The lists of needs as they are taken away: what their pages show, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.core.listing import Condition, Filters
from matchhub.documents.table import FIELDS, PLACES, REF, SECTION, STATE, Column, Kind, Listed, Table, state, words
from matchhub.domain import reference
from matchhub.domain.models import Need, User
from matchhub.features.needs import queries

TITLE = Column(_l("需求"), Kind.LONG)
NEEDS = Table("needs", _l("项目需求"), (
    REF, TITLE, STATE, FIELDS, PLACES, SECTION, Column(_l("预算上限（元）"), Kind.YUAN),
    Column(_l("发布日期"), Kind.DAY), Column(_l("申报截止"), Kind.MOMENT), Column(_l("摘要"), Kind.LONG),
))  # fmt: skip
OFFICE = Table("office-needs", _l("街道的项目需求"), (
    REF, TITLE, STATE, SECTION, Column(_l("申报截止"), Kind.MOMENT), Column(_l("待答复的问题"), Kind.NUMBER),
))  # fmt: skip
RAISED = Table("raised-needs", _l("我上报的需求"), (
    REF, TITLE, STATE, SECTION, Column(_l("上报日期"), Kind.DAY), Column(_l("项目"), Kind.LONG),
))  # fmt: skip


def public(wanted: Filters, sort: str) -> Listed:
    order = Condition("sort", sort, _(queries.SORTS[sort]))
    return Listed(NEEDS, queries.listed(wanted, sort), _public_rows, [*wanted.conditions(), order])


def _public_rows(needs: Sequence[Need]) -> Iterator[Sequence[Any]]:
    codes = queries.codes_of(needs)
    for need in needs:
        known = codes[need.id]
        yield (
            need.ref, need.title, state(need), words("field", known.get("field")),
            words("community", known.get("community")), reference.word("section", need.section_code),
            need.budget_fen if need.budget_public else None, need.published_at, need.closes_at, need.summary,
        )  # fmt: skip


def office(user: User, wanted: Filters) -> Listed:
    def rows(needs: Sequence[Need]) -> Iterator[Sequence[Any]]:
        waiting = queries.waiting_questions(needs)
        for need in needs:
            section = reference.word("section", need.section_code)
            yield need.ref, need.title, state(need), section, need.closes_at, waiting.get(need.id, 0)

    return Listed(OFFICE, queries.staff_listed(user, wanted), rows, wanted.conditions())


def raised(user: User) -> Listed:
    def rows(needs: Sequence[Need]) -> Iterator[Sequence[Any]]:
        projects = queries.projects_of(needs)
        for need in needs:
            where = _("科室核对中") if need.state == "draft" else state(need)
            title = projects[need.id].title if need.id in projects else None
            section = reference.word("section", need.section_code)
            yield need.ref, need.title, where, section, need.created_at, title

    return Listed(RAISED, queries.raised_by(user), rows)
