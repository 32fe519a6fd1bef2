"""The lists of projects and monthly reports as they are taken away: what their pages show, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.core.listing import Condition, Filters
from matchhub.documents.table import (
    FIELDS,
    ORGANISATION,
    PLACES,
    PROJECT,
    REF,
    SECTION,
    STATE,
    Column,
    Kind,
    Listed,
    Table,
    state,
    words,
)
from matchhub.domain import coding, reference
from matchhub.domain.models import Need, Project, Report, User
from matchhub.features.projects import queries, queries_fund, queries_public

PROJECTS = Table("projects", _l("项目清单"), (
    REF, PROJECT, STATE, FIELDS, PLACES, ORGANISATION, Column(_l("协议金额（元）"), Kind.YUAN),
    Column(_l("开始日期"), Kind.DAY), Column(_l("结束日期"), Kind.DAY), Column(_l("需求编号")), Column(_l("需求摘要"), Kind.LONG),
))  # fmt: skip
OFFICE = Table("office-projects", _l("街道的项目清单"), (
    REF, PROJECT, STATE, ORGANISATION, SECTION, Column(_l("结束日期"), Kind.DAY),
    Column(_l("逾期月报"), Kind.NUMBER), Column(_l("未完成整改"), Kind.NUMBER),
    Column(_l("到今天应做的场次"), Kind.NUMBER), Column(_l("做了的场次"), Kind.NUMBER),
))  # fmt: skip
FUNDED = Table("funded", _l("基金会资助的需求和项目"), (
    REF, Column(_l("需求"), Kind.LONG), Column(_l("需求状态")), FIELDS, SECTION, Column(_l("项目编号")), PROJECT,
    Column(_l("项目状态")), ORGANISATION, Column(_l("立项金额（元）"), Kind.YUAN),
))  # fmt: skip
REPORTS = Table("reports", _l("月报清单"), (
    REF, PROJECT, ORGANISATION, Column(_l("月份")), Column(_l("截止日期"), Kind.DAY), Column(_l("提交时间"), Kind.MOMENT),
    STATE, Column(_l("迟报")), Column(_l("求助")),
))  # fmt: skip


def public(user: User | None, filters: Filters) -> Listed:
    chosen = {name: filters[name] for name in filters.allowed}
    return Listed(PROJECTS, queries_public.listed(user, chosen, filters.query), _public_rows, filters.conditions())


def _public_rows(projects: Sequence[Project]) -> Iterator[Sequence[Any]]:
    codes = coding.codes_for(Need, [project.need_id for project in projects])
    for project in projects:
        known = codes[project.need_id]
        yield (
            project.ref, project.title, state(project), words("field", known.get("field")),
            words("community", known.get("community")), project.organisation.name, project.amount_fen,
            project.starts_on, project.ends_on, project.need.ref, project.need.summary,
        )  # fmt: skip


def office(user: User, filters: Filters) -> Listed:
    def rows(projects: Sequence[Project]) -> Iterator[Sequence[Any]]:
        lights = queries.lights(projects)
        for project in projects:
            light = lights[project.id]
            yield (
                project.ref, project.title, state(project), project.organisation.name,
                reference.word("section", project.need.section_code), project.ends_on, light.overdue_reports,
                light.open_rectifications, light.due_sessions, light.done_sessions,
            )  # fmt: skip

    query = queries.listed(user, filters["state"], filters["section"], filters["org"], filters.query)
    return Listed(OFFICE, query, rows, filters.conditions())


def funded(user: User) -> Listed:
    def rows(needs: Sequence[Need]) -> Iterator[Sequence[Any]]:
        codes, projects = coding.codes_for(Need, [need.id for need in needs]), queries_fund.projects_of(needs)
        for need in needs:
            found = projects.get(need.id)
            led_to = (None,) * 5 if found is None else (
                found.ref, found.title, state(found), found.organisation.name, found.amount_fen)  # fmt: skip
            section = reference.word("section", need.section_code)
            yield need.ref, need.title, state(need), words("field", codes[need.id].get("field")), section, *led_to

    return Listed(FUNDED, queries_fund.funded(user), rows)


def reports(user: User, show: str, word: str, section: str) -> Listed:
    """`show` is the queue, `word` its name, `section` the office or empty for all."""

    def rows(found: Sequence[Report]) -> Iterator[Sequence[Any]]:
        for report in found:
            late = _("迟报") if report.is_late and report.first_submitted_at else None
            yield (
                report.ref, report.project.title, report.project.organisation.name, f"{report.month:%Y-%m}",
                report.due_on, report.submitted_at, state(report), late, _("求助") if report.asks_for_help else None,
            )  # fmt: skip

    conditions = [Condition("show", show, word)]
    if section:
        conditions.append(Condition("section", section, reference.word("section", section)))
    return Listed(REPORTS, queries.queue(user, show, [section] if section else []), rows, conditions)
