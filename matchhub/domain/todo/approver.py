"""What waits for the street's approver: what is to be published, decided or reviewed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from matchhub.core.i18n import _, _l
from matchhub.core.standing import NOW, standing
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
from matchhub.domain.todo.base import ME, Area, Asking, Todo, joined, path
from matchhub.domain.todo.street_needs import closed_calls, last_deed, open_questions

SECTION = _l("主办科室")


def needs(_user: User) -> Asking:
    """Needs that sections have handed in to be published."""
    return [
        Todo(
            _l("审批需求"), row.title, path("need", STAFF, row.ref), _l("去审批"), row.ref, Area.NEEDS, since=row.since
        )
        for row in (yield _handed_in())
    ]


@standing
def _handed_in() -> Any:
    return sa.select(Need.ref, Need.title, last_deed("need.submit").label("since")).where(
        Need.state == NeedState.INTERNAL_REVIEW
    )


def failed_calls(_user: User) -> Asking:
    """Calls that ended without any application that could be reviewed."""
    return [todo for row in (yield _closed()) for todo in _call(row)]


@standing
def _closed() -> Any:
    return closed_calls()


def _call(row: Any) -> Iterator[Todo]:
    if not row.open and not row.qualified:
        yield Todo(
            _l("按流标处理"), row.title, path("need", STAFF, row.ref), _l("去处理"), row.ref, Area.NEEDS,
            since=row.closes_at,
        )  # fmt: skip


def answers(_user: User) -> Asking:
    """Questions that a section should have answered by now."""
    return [
        Todo(_l("答复逾期"), joined(row.title, _("%(n)s 条提问", n=row.n)), path("need", STAFF, row.ref) + "#asked",
             _l("去查看"), row.ref, Area.NEEDS, due_at=row.answers_due_at, since=row.first, waits_for=SECTION)
        for row in (yield _late())
    ]  # fmt: skip


@standing
def _late() -> Any:
    return open_questions().where(Need.answers_due_at <= NOW)


def rounds(user: User) -> Asking:
    """Proposals of a review that wait for this person's signature; not one's own, and not those signed already."""
    return [
        Todo(_l("审批拟立项"), row.title, path("review_round", STAFF, row.ref), _l("去审批"), row.ref, Area.REVIEWS)
        for row in (yield _proposed())
    ]


@standing
def _proposed() -> Any:
    signed = sa.exists().where(
        Signature.round_id == ReviewRound.id, Signature.proposal == ReviewRound.proposals, Signature.user_id == ME
    )
    return (
        sa.select(ReviewRound.ref, Need.title)
        .join(Need, ReviewRound.need_id == Need.id)
        .where(
            ReviewRound.state == RoundState.PROPOSED,
            Need.state == NeedState.REVIEWING,
            ReviewRound.proposed_by_id.is_distinct_from(ME),
            sa.not_(signed),
        )
    )


def ties_to_undo(user: User) -> Asking:
    """Requests to take back a declared tie, made by somebody else."""
    return [
        Todo(_l("核准撤销回避登记"), row.title, path("review_round", STAFF, row.ref) + f"/ties/{row.recusal_id}",
             _l("去核准"), row.ref, Area.REVIEWS, since=row.asked_at)
        for row in (yield _tie_requests())
    ]  # fmt: skip


@standing
def _tie_requests() -> Any:
    return (
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
            TieWithdrawal.decided_at.is_(None), TieWithdrawal.asked_by_id != ME, Recusal.user_id != ME,
            Recusal.ended_at.is_(None), ReviewRound.state != RoundState.DECIDED,
        )
    )  # fmt: skip


def assessments(_user: User) -> Asking:
    """Computed assessments to review."""
    return [
        Todo(_l("审核测评"), row.title, path("assessment", STAFF, row.ref), _l("去审核"), row.ref, Area.CLOSING,
             since=row.computed_at)
        for row in (yield _computed())
    ]  # fmt: skip


@standing
def _computed() -> Any:
    return (
        sa.select(Assessment.ref, Assessment.computed_at, Project.title)
        .join(Project, Assessment.project_id == Project.id)
        .where(Assessment.state == AssessmentState.COMPUTED)
    )
