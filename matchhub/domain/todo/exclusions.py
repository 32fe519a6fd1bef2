"""What waits after an eligibility check excluded somebody, and declarations that must be signed again."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchhub.core.i18n import _l
from matchhub.core.standing import NOW, standing
from matchhub.domain.models import (
    Application,
    ApplicationState,
    ExclusionObjection,
    Need,
    NeedState,
    Organisation,
    StandingDeclaration,
    User,
)
from matchhub.domain.paths import MY, STAFF
from matchhub.domain.todo.base import EXPIRES_BY, MY_ORGANISATION, Area, Asking, Todo, joined, path

APPROVER_WORD = _l("街道审批人")


def to_decide(user: User) -> Asking:
    """For approvers: objections against an exclusion, except one's own exclusion."""
    return [
        Todo(
            _l("决定资格异议"), joined(row.title, row.name), f"{path('application', STAFF, row.ref)}/objection",
            _l("去决定"), row.ref, Area.APPLICATIONS, due_at=row.due_at, since=row.received_at,
            waits_for=APPROVER_WORD if row.excluded_by_id == user.id else "",
        )
        for row in (yield _undecided())
    ]  # fmt: skip


@standing
def _undecided() -> Any:
    return (
        sa.select(Application.ref, Need.title, Organisation.name, ExclusionObjection.due_at,
                  ExclusionObjection.received_at, ExclusionObjection.excluded_by_id)
        .join(Application, ExclusionObjection.application_id == Application.id)
        .join(Need, Application.need_id == Need.id)
        .join(Organisation, Application.organisation_id == Organisation.id)
        .where(ExclusionObjection.decided_at.is_(None), Application.state == ApplicationState.UNQUALIFIED)
    )  # fmt: skip


def may_object(user: User) -> Asking:
    """For the excluded organisation: until when it may object, and then that the street decides."""
    listed = []
    for row in (yield _excluded()):
        url = f"{path('application', MY, row.ref)}/objection"
        if row.received_at is None:
            listed.append(Todo(_l("资格不通过，可以提出异议"), row.title, url, _l("去查看"), row.ref, Area.MY_APPLICATIONS,
                               due_at=row.objection_until, since=row.excluded_at))  # fmt: skip
        else:
            listed.append(Todo(_l("资格异议"), row.title, url, _l("去查看"), row.ref, Area.MY_APPLICATIONS,
                               due_at=row.due_at, since=row.received_at, waits_for=APPROVER_WORD))  # fmt: skip
    return listed


@standing
def _excluded() -> Any:
    return (
        sa.select(Application.ref, Need.title, Application.objection_until, Application.excluded_at,
                  ExclusionObjection.due_at, ExclusionObjection.received_at)
        .join(Need, Application.need_id == Need.id)
        .outerjoin(ExclusionObjection, ExclusionObjection.application_id == Application.id)
        .where(
            Application.organisation_id == MY_ORGANISATION, Application.state == ApplicationState.UNQUALIFIED,
            Need.state == NeedState.OPEN, ExclusionObjection.decided_at.is_(None),
            sa.or_(Application.objection_until > NOW, ExclusionObjection.id.is_not(None)),
        )
    )  # fmt: skip


def declarations(user: User) -> Asking:
    """Standing declarations that end within the first reminder period, the soonest for all of them."""
    return [
        Todo(_l("签署常备声明"), _l("常备声明"), "/my/org/declarations", _l("去签署"), f"declarations:{row.organisation_id}",
             Area.OWN, due_on=row.ends)
        for row in (yield _ending())
    ]  # fmt: skip


@standing
def _ending() -> Any:
    lasts = sa.func.max(StandingDeclaration.expires_on).label("expires_on")
    newest = (
        sa.select(StandingDeclaration.organisation_id, StandingDeclaration.kind, lasts)
        .where(StandingDeclaration.organisation_id == MY_ORGANISATION)
        .group_by(StandingDeclaration.organisation_id, StandingDeclaration.kind)
        .subquery()
    )
    ends = sa.func.min(newest.c.expires_on).label("ends")
    return sa.select(newest.c.organisation_id, ends).group_by(newest.c.organisation_id).having(ends <= EXPIRES_BY)
