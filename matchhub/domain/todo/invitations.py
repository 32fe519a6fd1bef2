"""Invitations of the street that an organisation has not answered."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchhub.core.i18n import _l
from matchhub.core.standing import NOW, standing
from matchhub.domain.models import Invitation, InvitationAnswer, Need, NeedState, User
from matchhub.domain.todo.base import MY_ORGANISATION, Area, Asking, Todo


def unanswered(user: User) -> Asking:
    """Invitations to needs that still take applications."""
    return [
        Todo(_l("答复申报邀请"), row.title, f"/my/matches/{row.ref}/answer", _l("去答复"), row.ref, Area.MY_MATCHES,
             due_at=row.closes_at, since=row.invited_at)
        for row in (yield _unanswered())
    ]  # fmt: skip


@standing
def _unanswered() -> Any:
    return (
        sa.select(Need.ref, Need.title, Need.closes_at, Invitation.invited_at)
        .join(Invitation, Invitation.need_id == Need.id)
        .where(
            Invitation.organisation_id == MY_ORGANISATION,
            Invitation.answer == InvitationAnswer.NONE,
            Need.state == NeedState.OPEN,
            Need.closes_at > NOW,
        )
    )
