"""Who may see what: for each kind of record a predicate and its twin as a WHERE clause.

`can_see(user, row)` decides one row, `visible(user, Model)` a whole list. The two stand side by side in the module
of their records and are changed together; tests/laws/test_visibility.py compares them for every user and every state.
"""

from __future__ import annotations

from typing import Any, TypeVar

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.errors import Missing
from matchhub.domain.models import User
from matchhub.domain.parties import Party, parties
from matchhub.domain.policy import applications, projects, published
from matchhub.domain.policy.applications import is_sealed, opened, sealed_subjects, unsealed
from matchhub.domain.policy.published import NEED_PUBLIC, NOTICE_PUBLIC, ORGANISATION_PUBLIC
from matchhub.domain.policy.viewers import INSIDE_ROLES, Clause, Rules

__all__ = [
    "INSIDE_ROLES", "NEED_PUBLIC", "NOTICE_PUBLIC", "ORGANISATION_PUBLIC", "RULES", "can_see",
    "find", "is_sealed", "opened", "require", "sealed_subjects", "unsealed", "visible",
]  # fmt: skip

T = TypeVar("T")

RULES: Rules = {**published.RULES, **applications.RULES, **projects.RULES}


def can_see(user: User | None, row: Any) -> bool:
    """Whether `user` (None: a visitor) may know of this record at all."""
    return RULES[type(row)][0](user, row)


def visible(user: User | None, model: type) -> Clause:
    """`can_see` as a WHERE clause over `model`."""
    return RULES[model][1](user)


def find(model: type[T], ref: str, user: User | None) -> T:
    """The record with this reference. Raises Missing when there is none and when this person must not know of it."""
    row: T | None = db.session.scalar(sa.select(model).where(model.ref == ref))  # type: ignore[attr-defined, arg-type]
    if row is None or not can_see(user, row):
        raise Missing(ref)
    return row


def require(user: User | None, row: Any, *wanted: Party) -> None:
    """Raises Missing unless `user` is one of these parties to the record: pages that only some of its viewers have."""
    if not parties(user, row) & set(wanted):
        raise Missing(getattr(row, "ref", ""))
