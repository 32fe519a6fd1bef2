"""The accounts of a demonstration, for its sign-in page and for `flask accounts`. Their password is no secret."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain.models import Organisation, OrganisationState, Project, ProjectState, Role, User

DEMO_PASSWORD = "Caoyang-2026-demo"  # noqa: S105 - demonstrations only; production refuses to start as one
# Of everybody who opens applications in the demonstration.
OPENING_PASSPHRASE = "copper bells under the plane tree"  # noqa: S105 - the same
DOMAIN = "@example.org"
ORDER = (Role.ORG_ADMIN, *(role for role in Role if role is not Role.ORG_ADMIN))


def accounts() -> list[tuple[str, str, str]]:
    """(role, login, password): for each role the first account that holds it, an organisation's admin first."""
    people = _candidates()
    found = []
    for role in ORDER:
        login = next((user.email for user in people if role in user.roles), None)
        if login:
            found.append((role.value, login, DEMO_PASSWORD))
    return found


def _candidates() -> list[User]:
    """Accounts that the demonstration made; of organisations' people first those whose organisation is at work."""
    at_work = sa.exists().where(Project.organisation_id == Organisation.id, Project.state == ProjectState.ACTIVE)
    wanted = (
        sa.select(User)
        .outerjoin(Organisation, Organisation.id == User.organisation_id)
        .where(User.active, User.must_set_password.is_(False), User.email.endswith(DOMAIN))
        .order_by(sa.case((at_work, 0), (Organisation.state == OrganisationState.ADMITTED, 1), else_=2), User.id)
    )
    return list(db.session.scalars(wanted).unique())
