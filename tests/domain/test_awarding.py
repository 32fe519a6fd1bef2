"""From the notice to the award: published, concluded, or taken back; never two awards for one need."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.domain import awarding
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Message,
    NeedState,
    Notice,
    NoticeState,
    Project,
    RoundState,
    User,
)
from tests import factories as make
from tests.reviews import story


@command
def publish(notice: Notice, actor: User) -> None:
    awarding.on_publish(notice, actor)


@command
def conclude(notice: Notice, actor: User, upheld: bool = False) -> None:
    awarding.on_conclude(notice, actor, upheld)


def in_notice():
    """A decided review whose notice has gone up."""
    made = story.decided()
    notice = db.session.scalars(sa.select(Notice)).one()
    publish(notice, made.staff)
    return made, notice


def test_publication_puts_the_need_into_notice_and_awards_nothing_yet(app):
    made, _notice = in_notice()
    assert made.need.state is NeedState.NOTICE
    assert made.entries[0].state is ApplicationState.PROPOSED
    assert db.session.scalars(sa.select(Project)).first() is None


def test_the_approver_may_publish_and_conclude_as_well(app):
    made = story.decided()
    notice = db.session.scalars(sa.select(Notice)).one()
    publish(notice, made.approver)
    conclude(notice, made.approver)
    assert made.entries[0].state is ApplicationState.AWARDED


def test_another_section_and_the_centre_may_not(app):
    made = story.decided()
    notice = db.session.scalars(sa.select(Notice)).one()
    for stranger in (make.staff(section_code="fgb"), made.judges[0]):
        with pytest.raises(NotYours):
            publish(notice, stranger)
    assert made.need.state is NeedState.REVIEWING


def test_the_end_without_an_upheld_objection_is_the_award(app):
    made, notice = in_notice()
    conclude(notice, made.staff)
    first, second = made.entries
    assert (first.state, second.state) == (ApplicationState.AWARDED, ApplicationState.NOT_SELECTED)
    assert made.need.state is NeedState.MATCHED
    project = db.session.scalars(sa.select(Project)).one()
    assert (project.application_id, project.amount_fen) == (first.id, 76_000_00)


def test_an_upheld_objection_brings_the_whole_field_back_to_the_decision(app):
    made, notice = in_notice()
    conclude(notice, made.staff, upheld=True)
    assert made.need.state is NeedState.REVIEWING and made.round.state is RoundState.DECIDING
    assert {entry.state for entry in made.entries} == {ApplicationState.QUALIFIED}
    assert db.session.scalars(sa.select(Project)).first() is None
    events = set(db.session.scalars(sa.select(Message.event)))
    assert {"application.unpropose", "application.reconsider"} <= events


def test_after_an_upheld_objection_the_second_can_be_chosen_on_the_same_scores(app):
    from matchhub.features.reviews import service, signing

    made, notice = in_notice()
    conclude(notice, made.staff, upheld=True)
    digest = made.round.result["digest"]
    service.propose(made.staff, made.round, made.entries[1], story.reasons(made), 70_000_00, "异议成立。", "确有必要。")
    signing.approve(made.approver, made.round)
    assert made.round.result["digest"] == digest
    second = db.session.scalars(sa.select(Notice).order_by(Notice.id.desc())).first()
    assert second.id != notice.id and second.rows[0]["result"] == "未入选" and second.rows[1]["result"] == "拟立项"
    publish(second, made.staff)
    conclude(second, made.staff)
    assert made.entries[1].state is ApplicationState.AWARDED


def test_nothing_is_awarded_before_publication(app):
    made = story.decided()
    notice = db.session.scalars(sa.select(Notice)).one()
    with pytest.raises(NotNow, match="还没有公示"):
        conclude(notice, made.staff)
    assert made.entries[0].state is ApplicationState.PROPOSED


def test_a_notice_without_a_need_awards_nothing(app):
    with pytest.raises(ValueError, match="no need"):
        publish(make.notice(NoticeState.PUBLISHED), make.staff())


def two_proposed():
    """What must never be: two proposed applications of one need, in notice."""
    need = make.need(NeedState.NOTICE)
    entries = [story.entry(need), story.entry(need)]
    for entry in entries:
        entry.state = ApplicationState.PROPOSED
    db.session.commit()
    return need, entries


def test_two_proposed_applications_are_no_basis_for_an_award(app):
    need, _entries = two_proposed()
    with pytest.raises(NotNow, match="没有唯一的拟立项申报"):
        _award(need, make.staff())


@command
def _award(need, actor):
    return awarding.award(need, actor)


def test_the_database_itself_refuses_a_second_award(app):
    need, entries = two_proposed()
    set_state = sa.update(Application).values(state=ApplicationState.AWARDED)
    db.session.execute(set_state.where(Application.id == entries[0].id))
    db.session.commit()
    with pytest.raises(IntegrityError):
        db.session.execute(set_state.where(Application.id == entries[1].id))
    db.session.rollback()
    with pytest.raises(NotNow, match="不能再立项第二份"):
        _award(need, make.staff())


def test_a_hundred_at_once_award_exactly_one(app):
    made, notice = in_notice()
    notice_id, actor_id, need_id = notice.id, made.staff.id, made.need.id
    db.session.commit()

    def one(_n: int) -> str:
        with app.app_context():
            try:
                conclude(db.session.get(Notice, notice_id), db.session.get(User, actor_id))
                return "awarded"
            except Refused as no:
                return type(no).__name__
            finally:
                db.session.remove()

    with ThreadPoolExecutor(25) as pool:
        ended = Counter(pool.map(one, range(100)))
    assert ended == {"awarded": 1, "NotNow": 99}
    awarded = sa.select(Application).where(
        Application.need_id == need_id, Application.state == ApplicationState.AWARDED
    )
    assert len(db.session.scalars(awarded).all()) == 1
    assert len(db.session.scalars(sa.select(Project)).all()) == 1
