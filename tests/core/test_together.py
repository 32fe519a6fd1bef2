"""Questions asked together are answered as if each had been asked alone."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.standing import NOW, TODAY, standing, stands
from matchhub.core.together import together
from matchhub.domain.models import Grant, Need, NeedState, Notice, Organisation, User
from matchhub.domain.todo import DUTIES
from tests import factories as make


@command
def some_rows():
    make.need(title="加装电梯", state=NeedState.OPEN)
    make.need(title="“引号”\n<换行>", state=NeedState.DRAFT)
    make.organisation()


def alone(select):
    return [tuple(row) for row in db.session.execute(select)]


SELECTS = (
    sa.select(Need.ref, Need.title, Need.state, Need.closes_at, Need.starts_on, Need.budget_fen, Need.outcomes, Need.budget_public),
    sa.select(Need.state, sa.func.count(Need.id).label("n")).group_by(Need.state),
    sa.select(User.id, User.name).where(User.name == "nobody"),
    sa.select(Organisation.ref, Organisation.created_at),
    sa.select(Need.ref, sa.exists().where(Grant.user_id == Need.drafted_by_id).label("drafted"), sa.literal(1.5).label("half")),
    sa.select(Need.ref, Organisation.ref).join(Organisation, sa.true()),
    sa.select(User.name, Grant.role).join(User.grants),
    sa.select(User.name).outerjoin(Grant, Grant.user_id == User.id).order_by(User.id),
)  # fmt: skip


def test_the_same_rows_in_the_same_types(app):
    some_rows()
    for select, rows in zip(SELECTS, together(*SELECTS), strict=True):
        wanted = alone(select)
        assert sorted(map(repr, map(tuple, rows))) == sorted(map(repr, wanted)), select
        assert {row._fields[0] for row in rows} <= {next(iter(select.selected_columns.keys()))}


def test_days_moments_states_and_lists_are_what_they_are(app):
    some_rows()
    rows = together(SELECTS[0], SELECTS[1])[0]
    row = next(row for row in rows if row.title == "加装电梯")
    assert row.state is NeedState.OPEN and isinstance(row.starts_on, date | None) and isinstance(row.outcomes, list)
    assert {row.title for row in rows} == {"加装电梯", "“引号”\n<换行>"}


def test_it_is_one_statement_and_nothing_asks_nothing(app):
    found: list[str] = []

    def note(_connection, _cursor, statement, *_more):
        found.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert len(together(*SELECTS)) == len(SELECTS)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    assert len([statement for statement in found if "UNION ALL" in statement]) == 1
    assert not [statement for statement in found if "FROM" in statement and "UNION ALL" not in statement]
    assert together() == []


def test_what_it_cannot_read_is_refused(app):
    with pytest.raises(TypeError, match="cannot read"):
        together(sa.select(sa.cast(Notice.id, sa.LargeBinary)), sa.select(Need.id))


@standing
def _closing(soon):
    found = sa.select(Need.ref).where(Need.closes_at <= NOW, Need.section_code == sa.bindparam("wanted"))
    return found.where(Need.starts_on >= TODAY) if soon else found


def test_a_standing_question_is_built_once_and_answered_as_of_now(app, later):
    ref = make.need(state=NeedState.OPEN, closes_at=clock.now() + timedelta(days=2), section_code="zzb").ref
    select = _closing(False)
    assert together(select, wanted="zzb") == [[]]
    later(days=3)
    assert together(_closing(False), wanted="zzb") == [[(ref,)]] and together(select, wanted="dqb") == [[]]
    assert _closing(False) is select is not _closing(True)


# These ask the policy what their reader may know; few people have their roles.
ASKING_THE_POLICY = ["neighbourhood", "foundation", "giving"]


def test_duties_ask_standing_questions(app):
    """What waits for somebody is read again after each change: building its selects must not be part of it."""
    asked = {duty: duty.find(make.user(*duty.roles)) for duty in DUTIES}
    first = {duty.find.__name__: next(asking, None) for duty, asking in asked.items() if not isinstance(asking, list)}
    assert len(first) > 30
    assert [name for name, select in first.items() if select is not None and not stands(select)] == ASKING_THE_POLICY
