"""The lists behind the numbers of the page of results that no other room has: results, visits, activities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from matchhub.core import months
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters
from matchhub.documents.table import ORGANISATION, PROJECT, REF, Column, Kind, Listed, Table
from matchhub.domain import policy, reference
from matchhub.domain.models import Activity, Assessment, AssessmentState, Project, Visit
from matchhub.domain.scoring.assessment_words import GRADES
from matchhub.features.site import queries

RESULTS = Table("results", _l("已结项的项目"), (
    REF, PROJECT, ORGANISATION, Column(_l("等级")), Column(_l("得分"), Kind.POINTS), Column(_l("定级日期"), Kind.DAY),
))  # fmt: skip
VISITS = Table("public-visits", _l("督导走访"), (
    Column(_l("日期"), Kind.DAY), Column(_l("项目编号")), PROJECT, ORGANISATION, Column(_l("阶段")), Column(_l("方式")),
))  # fmt: skip
ACTIVITIES = Table("public-activities", _l("项目活动"), (
    Column(_l("日期"), Kind.DAY), Column(_l("项目编号")), PROJECT, ORGANISATION, Column(_l("计划中的活动"), Kind.LONG),
    Column(_l("参加人次"), Kind.NUMBER),
))  # fmt: skip
_OF_PROJECT = contains_eager(Project.organisation)


def result_filters(path: str, args: Any) -> Filters:
    return Filters(path, args, {"grade": {grade: _(words[0]) for grade, words in GRADES.items()}})


def activity_filters(path: str, args: Any) -> Filters:
    return Filters(path, args, {"month": months.words()})


def results(wanted: Filters) -> Listed:
    """The projects that have their grade, newest first."""
    found = sa.select(Assessment).join(Assessment.project).join(Project.organisation)
    found = found.where(Assessment.state == AssessmentState.FINAL, policy.visible(None, Project))
    if chosen := wanted["grade"]:
        found = found.where(Assessment.grade.in_(chosen))
    loaded = found.options(contains_eager(Assessment.project).options(_OF_PROJECT))
    return Listed(
        RESULTS, loaded.order_by(Assessment.final_at.desc(), Assessment.id.desc()), _results, wanted.conditions()
    )


def _results(found: Sequence[Assessment]) -> Iterator[Sequence[Any]]:
    for one in found:
        project, grade = one.project, _(GRADES[one.grade][0]) if one.grade in GRADES else one.grade
        yield project.ref, project.title, project.organisation.name, grade, one.score, one.final_at


def visit_filters(path: str, args: Any) -> Filters:
    """Only words: a project's reference or title."""
    return Filters(path, args, {})


def visits(wanted: Filters) -> Listed:
    """The visits that were made, newest first: without scores and without who made them."""
    found = sa.select(Visit).join(Visit.project).join(Project.organisation)
    found = found.where(queries.MADE, policy.visible(None, Project))
    if asked := wanted.query:
        found = found.where(sa.or_(Project.ref == asked.upper(), Project.title.icontains(asked, autoescape=True)))
    loaded = found.options(contains_eager(Visit.project).options(_OF_PROJECT))
    return Listed(VISITS, loaded.order_by(Visit.visited_on.desc(), Visit.id.desc()), _visits, wanted.conditions())


def _visits(found: Sequence[Visit]) -> Iterator[Sequence[Any]]:
    for one in found:
        how = reference.word("visit_phase", one.stage.value), reference.word("visit_kind", one.kind.value)
        yield one.visited_on, one.project.ref, one.project.title, one.project.organisation.name, *how


def activities(wanted: Filters) -> Listed:
    """The activities that took place, newest first, by the name that they have in the plan: what people wrote about a
    single one stays with the project.
    """
    found = (
        sa.select(Activity)
        .join(Activity.project)
        .join(Project.organisation)
        .where(Activity.struck_at.is_(None), policy.visible(None, Project))
    )
    if chosen := wanted["month"]:
        known = months.known()
        found = found.where(sa.or_(*(queries.within(Activity.held_on, known[code]) for code in chosen)))
    loaded = found.options(contains_eager(Activity.project).options(_OF_PROJECT), joinedload(Activity.plan_row))
    return Listed(
        ACTIVITIES, loaded.order_by(Activity.held_on.desc(), Activity.id.desc()), _activities, wanted.conditions()
    )


def people(listed: Listed) -> int:
    """The attendances of all activities of such a list."""
    chosen = listed.query.order_by(None).with_only_columns(Activity.people).subquery()
    return int(db.session.scalar(sa.select(sa.func.coalesce(sa.func.sum(chosen.c.people), 0))) or 0)


def _activities(found: Sequence[Activity]) -> Iterator[Sequence[Any]]:
    for one in found:
        name = one.plan_row.name if one.plan_row else _("计划外的活动")
        yield one.held_on, one.project.ref, one.project.title, one.project.organisation.name, name, one.people
