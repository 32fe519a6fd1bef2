"""Finding accounts by what people type."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain.models import User


def by_login(login: str) -> User | None:
    """The account with this e-mail (in any case) or phone number."""
    typed = login.strip()
    found = sa.select(User).where(sa.or_(sa.func.lower(User.email) == typed.lower(), User.phone == typed))
    return db.session.scalars(found).first()
