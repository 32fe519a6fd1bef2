"""Who is looking: what makes a viewer one of the house or somebody's own people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from matchhub.domain.models import Role, User

Clause = sa.ColumnElement[bool]
# For each kind of record whether somebody (None: a visitor) may know of one row, and the same as a WHERE clause.
Rules = dict[type, tuple[Callable[[User | None, Any], bool], Callable[[User | None], Clause]]]

INSIDE_ROLES = {Role.STREET_STAFF, Role.STREET_APPROVER, Role.CENTRE_STAFF, Role.AUDITOR}


def is_inside(user: User | None) -> bool:
    """Street, centre and auditor: they may read the records of every section, though not act on them."""
    return user is not None and user.active and bool(user.roles & INSIDE_ROLES)


def works_for(user: User | None) -> int | None:
    """The organisation whose records this person may see as its own."""
    if user is None or not user.active or not user.roles & {Role.ORG_ADMIN, Role.ORG_MEMBER}:
        return None
    return user.organisation_id


def raises_for(user: User | None) -> int:
    """The account whose raised needs this person may follow before they are public; -1, which nobody has, for others."""
    return user.id if user is not None and user.active and Role.NEIGHBOURHOOD in user.roles else -1
