"""Two people for each award: who proposes it never approves it, whatever way leads there."""

from __future__ import annotations

from datetime import datetime

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow
from matchhub.domain import lifecycle
from matchhub.domain.lifecycle import engine
from matchhub.domain.lifecycle.review import two_people
from matchhub.domain.models import ReviewRound, RoundState, User
from tests import factories as make


@pytest.fixture
def round_(app) -> ReviewRound:
    return make.round_(RoundState.PROPOSED, proposed_by_id=make.approver().id)


def test_the_guard_of_the_move_refuses_the_proposer(round_):
    round_.decided_by_id = round_.proposed_by_id
    assert two_people(round_, clock.now()) == "提出意见的人不能自己审批，请由另一位审批人办理。"
    round_.decided_by_id = make.approver().id
    assert two_people(round_, clock.now()) is None
    assert two_people in engine.find(round_, "approve").guards


def test_advancing_with_one_person_changes_nothing(round_):
    one, other = round_.proposed_by_id, make.approver()
    with pytest.raises(NotNow, match="不能自己审批"):
        _advance(round_, one, other)
    db.session.expire_all()
    assert round_.state is RoundState.PROPOSED
    assert round_.decided_by_id is None


@command
def _advance(round_: ReviewRound, one: int, other: User) -> None:
    round_.decided_by_id = one
    lifecycle.advance(round_, "approve", other)


def test_the_database_refuses_it_as_well(round_):
    change = sa.update(ReviewRound).where(ReviewRound.id == round_.id)
    with pytest.raises(sa.exc.DBAPIError, match="never approves"):
        _execute(
            change.values(
                state=RoundState.DECIDED, decided_by_id=round_.proposed_by_id, decided_at=datetime(2026, 9, 1)
            )
        )
    with pytest.raises(sa.exc.DBAPIError, match="names who proposed"):
        _execute(change.values(state=RoundState.DECIDED, decided_by_id=None))
    _execute(change.values(state=RoundState.DECIDED, decided_by_id=make.approver().id, decided_at=datetime(2026, 9, 1)))


@command
def _execute(statement) -> None:
    db.session.execute(statement)
