"""The accounts of a demonstration, for its sign-in page and for `flask accounts`. Their password is no secret."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain.models import Grant, Organisation, OrganisationState, Role, User

DEMO_PASSWORD = "Caoyang-2026-demo"  # noqa: S105 - demonstrations only; production refuses to start as one
DOMAIN = "@example.org"
ORDER = (Role.ORG_ADMIN, *(role for role in Role if role is not Role.ORG_ADMIN))


def accounts() -> list[tuple[str, str, str]]:
    """(role, login, password): for each role the first account that holds it, an organisation's admin first."""
    found = []
    for role in ORDER:
        login = next((user.email for user in _candidates(role) if role in user.roles and user.email), None)
        if login:
            found.append((role.value, login, DEMO_PASSWORD))
    return found


def _candidates(role: Role) -> list[User]:
    """Accounts that the demonstration made for a role; of organisations' people those whose organisation takes part."""
    wanted = (
        sa.select(User)
        .join(Grant, Grant.user_id == User.id)
        .outerjoin(Organisation, Organisation.id == User.organisation_id)
        .where(User.active, User.must_set_password.is_(False), User.email.endswith(DOMAIN), Grant.role == role)
        .order_by(sa.case((Organisation.state == OrganisationState.ADMITTED, 0), else_=1), User.id)
        .limit(5)
    )
    return list(db.session.scalars(wanted).unique())
