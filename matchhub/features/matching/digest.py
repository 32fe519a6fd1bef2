"""Organisations hear of open needs that fit them although they are of another field, or were admitted afterwards.

Each person once for each need, on the site and in the daily mail as they have chosen it; whoever has been invited or has
an application there needs no telling. That somebody was told says nothing of who applies.
"""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core import outbox
from matchhub.core.db import command, db
from matchhub.domain import reminding
from matchhub.domain.models import Application, Invitation, Need, User
from matchhub.matching import fitting

TELLING_SECONDS = 3600.0
Untold = list[tuple[Need, list[User], fitting.Reasons]]


@outbox.every(TELLING_SECONDS)
def tell_fitting() -> int:
    """Tell whoever fits an open need and does not know it; how many. Takes no turn among the writers for nothing."""
    return _tell() if any(users for _need, users, _why in _untold()) else 0


@command
def _tell() -> int:
    return sum(fitting.tell(need, users, why) for need, users, why in _untold())


def _untold() -> Untold:
    needs = fitting.taking_applications()
    why = fitting.reasons(needs)
    return [(need, _without_the_told(need, fitting.who_fits(why[need.id])), why[need.id]) for need in needs]


def _without_the_told(need: Need, users: list[User]) -> list[User]:
    told = reminding.known([f"{fitting.key(need)}:{user.id}" for user in users])
    there = set(
        db.session.scalars(
            sa.union(
                sa.select(Invitation.organisation_id).where(Invitation.need_id == need.id),
                sa.select(Application.organisation_id).where(Application.need_id == need.id),
            )
        )
    )
    return [u for u in users if f"{fitting.key(need)}:{u.id}" not in told and u.organisation_id not in there]
