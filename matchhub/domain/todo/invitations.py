"""Invitations of the street that an organisation has not answered."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.i18n import _l
from matchhub.domain.models import Invitation, InvitationAnswer, Need, NeedState, User
from matchhub.domain.todo.base import Area, Todo, rows


def unanswered(user: User) -> list[Todo]:
    """Invitations to needs that still take applications."""
    found = (
        sa.select(Need.ref, Need.title, Need.closes_at, Invitation.invited_at)
        .join(Invitation, Invitation.need_id == Need.id)
        .where(
            Invitation.organisation_id == user.organisation_id,
            Invitation.answer == InvitationAnswer.NONE,
            Need.state == NeedState.OPEN,
            Need.closes_at > clock.now(),
        )
    )
    return [
        Todo(_l("答复申报邀请"), row.title, f"/my/matches/{row.ref}/answer", _l("去答复"), row.ref, Area.MY_MATCHES,
             due_at=row.closes_at, since=row.invited_at)
        for row in rows(found)
    ]  # fmt: skip
