"""What waits for the street's approver: what is to be published, decided or reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.i18n import _, _l
from matchhub.domain.models import (
    Assessment,
    AssessmentState,
    Need,
    NeedState,
    Project,
    ReviewRound,
    RoundState,
    User,
)
from matchhub.domain.paths import STAFF
from matchhub.domain.todo.base import Area, Todo, joined, path, rows
from matchhub.domain.todo.street_needs import closed_calls, last_deed, open_questions

SECTION = _l("主办科室")


def needs(_user: User) -> list[Todo]:
    """Needs that sections have handed in to be published."""
    found = sa.select(Need.ref, Need.title, last_deed("need.submit").label("since")).where(
        Need.state == NeedState.INTERNAL_REVIEW
    )
    return [
        Todo(
            _l("审批需求"), row.title, path("need", STAFF, row.ref), _l("去审批"), row.ref, Area.NEEDS, since=row.since
        )
        for row in rows(found)
    ]


def failed_calls(_user: User) -> list[Todo]:
    """Calls that ended without any application that could be reviewed."""
    return [todo for row in rows(closed_calls()) for todo in _call(row)]


def _call(row: Any) -> Iterator[Todo]:
    if not row.open and not row.qualified:
        yield Todo(
            _l("按流标处理"), row.title, path("need", STAFF, row.ref), _l("去处理"), row.ref, Area.NEEDS,
            since=row.closes_at,
        )  # fmt: skip


def answers(_user: User) -> list[Todo]:
    """Questions that a section should have answered by now."""
    late = open_questions().where(Need.answers_due_at <= clock.now())
    return [
        Todo(_l("答复逾期"), joined(row.title, _("%(n)s 条提问", n=row.n)), path("need", STAFF, row.ref) + "#asked",
             _l("去查看"), row.ref, Area.NEEDS, due_at=row.answers_due_at, since=row.first, waits_for=SECTION)
        for row in rows(late)
    ]  # fmt: skip


def rounds(_user: User) -> list[Todo]:
    """Proposals of a review that wait for their approval."""
    proposed = (
        sa.select(ReviewRound.ref, Need.title)
        .join(Need, ReviewRound.need_id == Need.id)
        .where(ReviewRound.state == RoundState.PROPOSED, Need.state == NeedState.REVIEWING)
    )
    return [
        Todo(_l("审批拟立项"), row.title, path("review_round", STAFF, row.ref), _l("去审批"), row.ref, Area.REVIEWS)
        for row in rows(proposed)
    ]


def assessments(_user: User) -> list[Todo]:
    """Computed assessments to review."""
    found = (
        sa.select(Assessment.ref, Assessment.computed_at, Project.title)
        .join(Project, Assessment.project_id == Project.id)
        .where(Assessment.state == AssessmentState.COMPUTED)
    )
    return [
        Todo(_l("审核测评"), row.title, path("assessment", STAFF, row.ref), _l("去审核"), row.ref, Area.CLOSING,
             since=row.computed_at)
        for row in rows(found)
    ]  # fmt: skip
