"""What waits for the street's approver: what is to be published, decided or reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.i18n import _, _l
from matchhub.domain import panels
from matchhub.domain.models import (
    Application,
    Assessment,
    AssessmentState,
    Need,
    NeedState,
    Panelist,
    Project,
    Recusal,
    ReviewRound,
    RoundState,
    Signature,
    TieWithdrawal,
    User,
)
from matchhub.domain.paths import STAFF
from matchhub.domain.todo.base import Area, Asking, Todo, joined, path
from matchhub.domain.todo.street_needs import closed_calls, last_deed, open_questions

SECTION = _l("主办科室")


def needs(_user: User) -> Asking:
    """Needs that sections have handed in to be published."""
    found = sa.select(Need.ref, Need.title, last_deed("need.submit").label("since")).where(
        Need.state == NeedState.INTERNAL_REVIEW
    )
    return [
        Todo(
            _l("审批需求"), row.title, path("need", STAFF, row.ref), _l("去审批"), row.ref, Area.NEEDS, since=row.since
        )
        for row in (yield found)
    ]


def failed_calls(_user: User) -> Asking:
    """Calls that ended without any application that could be reviewed."""
    return [todo for row in (yield closed_calls()) for todo in _call(row)]


def _call(row: Any) -> Iterator[Todo]:
    if not row.open and not row.qualified:
        yield Todo(
            _l("按流标处理"), row.title, path("need", STAFF, row.ref), _l("去处理"), row.ref, Area.NEEDS,
            since=row.closes_at,
        )  # fmt: skip


def answers(_user: User) -> Asking:
    """Questions that a section should have answered by now."""
    late = open_questions().where(Need.answers_due_at <= clock.now())
    return [
        Todo(_l("答复逾期"), joined(row.title, _("%(n)s 条提问", n=row.n)), path("need", STAFF, row.ref) + "#asked",
             _l("去查看"), row.ref, Area.NEEDS, due_at=row.answers_due_at, since=row.first, waits_for=SECTION)
        for row in (yield late)
    ]  # fmt: skip


def rounds(user: User) -> Asking:
    """Proposals of a review that wait for this person's signature; not one's own, and not those signed already."""
    signed = sa.exists().where(
        Signature.round_id == ReviewRound.id, Signature.proposal == ReviewRound.proposals, Signature.user_id == user.id
    )
    proposed = (
        sa.select(ReviewRound.ref, Need.title)
        .join(Need, ReviewRound.need_id == Need.id)
        .where(
            ReviewRound.state == RoundState.PROPOSED,
            Need.state == NeedState.REVIEWING,
            ReviewRound.proposed_by_id.is_distinct_from(user.id),
            sa.not_(signed),
        )
    )
    return [
        Todo(_l("审批拟立项"), row.title, path("review_round", STAFF, row.ref), _l("去审批"), row.ref, Area.REVIEWS)
        for row in (yield proposed)
    ]


def ties_to_undo(user: User) -> Asking:
    """Requests to take back a declared tie, made by somebody else."""
    found = (
        sa.select(TieWithdrawal.recusal_id, TieWithdrawal.asked_at, ReviewRound.ref, Need.title)
        .join(Recusal, TieWithdrawal.recusal_id == Recusal.id)
        .join(Panelist, Panelist.user_id == Recusal.user_id)
        .join(ReviewRound, Panelist.round_id == ReviewRound.id)
        .join(Need, ReviewRound.need_id == Need.id)
        .join(
            Application,
            sa.and_(
                Application.need_id == ReviewRound.need_id,
                Application.organisation_id == Recusal.organisation_id,
                Application.state.in_(panels.REVIEWED),
            ),
        )
        .where(
            TieWithdrawal.decided_at.is_(None), TieWithdrawal.asked_by_id != user.id, Recusal.user_id != user.id,
            Recusal.ended_at.is_(None), ReviewRound.state != RoundState.DECIDED,
        )
    )  # fmt: skip
    return [
        Todo(_l("核准撤销回避登记"), row.title, path("review_round", STAFF, row.ref) + f"/ties/{row.recusal_id}",
             _l("去核准"), row.ref, Area.REVIEWS, since=row.asked_at)
        for row in (yield found)
    ]  # fmt: skip


def assessments(_user: User) -> Asking:
    """Computed assessments to review."""
    found = (
        sa.select(Assessment.ref, Assessment.computed_at, Project.title)
        .join(Project, Assessment.project_id == Project.id)
        .where(Assessment.state == AssessmentState.COMPUTED)
    )
    return [
        Todo(_l("审核测评"), row.title, path("assessment", STAFF, row.ref), _l("去审核"), row.ref, Area.CLOSING,
             since=row.computed_at)
        for row in (yield found)
    ]  # fmt: skip
