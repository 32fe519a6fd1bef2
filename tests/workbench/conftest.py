"""Helpers: what waits for somebody, and doing a deed."""

from __future__ import annotations

import pytest

from matchhub.core.db import command, db
from matchhub.domain import lifecycle, todo


@command
def _advance(actor, subject, action, **data):
    lifecycle.advance(subject, action, actor, **data)


@pytest.fixture
def do(app):
    """`do(actor, subject, action)` makes one move, as its page would."""
    return _advance


@pytest.fixture
def kinds(app):
    """`kinds(user)` lists (kind, reference) of what waits for this person, most urgent first."""

    def look(user):
        db.session.expire_all()
        return [(one.kind, one.subject_ref) for one in todo.mine(todo.gather(user))]

    return look


@pytest.fixture
def others(app):
    """`others(user)` lists (kind, reference, who is waited for)."""

    def look(user):
        db.session.expire_all()
        return [(one.kind, one.subject_ref, one.waits_for) for one in todo.waiting_for_others(todo.gather(user))]

    return look


@pytest.fixture
def one(app):
    """`one(user, kind)` is the single thing of this kind that waits for this person."""

    def look(user, kind):
        db.session.expire_all()
        found = [one for one in todo.gather(user) if one.kind == kind]
        assert len(found) == 1, [entry.kind for entry in todo.gather(user)]
        return found[0]

    return look
