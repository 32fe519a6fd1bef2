"""Planning, announcing, the agenda and the draw."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import eventing
from matchhub.domain.models import (
    Ballot,
    Event,
    EventKind,
    EventPhase,
    EventState,
    Message,
    NeedState,
    Role,
)
from matchhub.features.events import agenda, service
from tests import factories as make
from tests.events import scene


def messages(user):
    db.session.rollback()
    return list(db.session.scalars(sa.select(Message.event).where(Message.user_id == user.id).order_by(Message.id)))


def test_a_roadshow_takes_up_the_qualified_applications_of_its_need(app):
    made = scene.roadshow(applicants=3)
    assert made.event.state is EventState.PLANNED
    assert {p.application_id for p in made.items} == {e.id for e in made.entries}
    assert (made.event.talk_minutes, made.event.answer_minutes) == (8, 7)
    with pytest.raises(NotNow, match="没有可以加入的申报"):
        agenda.take_up_applications(made.staff, made.event)


def test_the_service_centre_plans_as_well_and_others_do_not(app):
    event = service.plan(make.user(Role.CENTRE_STAFF), scene.plan())
    assert event.ref.startswith("HD-")
    for stranger in (make.org_admin(), make.user(Role.REVIEWER), make.user(Role.AUDITOR), make.user(Role.SUPERVISOR)):
        with pytest.raises(NotYours):
            service.plan(stranger, scene.plan())
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Event)) == 1


def test_a_roadshow_belongs_to_its_section(app):
    made = scene.roadshow()
    other = make.staff(section_code="fgb")
    with pytest.raises(NotYours, match="没有进行这一步的权限"):
        service.move(other, made.event, "announce")
    with pytest.raises(NotYours, match="只有主办科室"):
        agenda.draw(other, made.event)
    service.move(made.centre, made.event, "announce")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ends_at": clock.now() + timedelta(days=2)}, "结束时间要晚于开始时间"),
        ({"signup_closes_at": clock.now() + timedelta(days=9000)}, "报名截止不能晚于活动开始"),
        ({"kind": EventKind.ROADSHOW}, "路演要对应一条评审中的需求"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_its_reason(app, change, sentence):
    fields = {"kind": EventKind.PROMOTION} | change
    if "ends_at" in fields:
        fields["ends_at"] = clock.now() + timedelta(days=2)
    with pytest.raises(NotNow, match=sentence):
        service.plan(make.staff(), scene.plan(**fields))


def test_presenters_and_panel_are_told_when_it_is_announced(app):
    made = scene.roadshow()
    service.move(made.staff, made.event, "announce")
    assert made.event.announced_at == clock.now()
    for owner in made.owners:
        assert messages(owner) == ["event.present"]
    for judge in made.judges:
        assert messages(judge) == ["event.judge"]


def test_a_new_time_is_told_to_everybody(app):
    made = scene.roadshow()
    service.move(made.staff, made.event, "announce")
    later = scene.plan(
        EventKind.ROADSHOW, need=made.need, starts_at=clock.now() + timedelta(days=5), title="加梯需求路演"
    )
    service.edit(made.staff, made.event, later)
    assert messages(made.owners[0])[-1] == "event.moved"
    with pytest.raises(Stale):
        service.edit(made.staff, made.event, later, seen=1)


def test_what_is_past_cannot_be_announced(app, later):
    event = make.event(EventState.PLANNED)
    later(days=4)
    with pytest.raises(NotNow, match="开始时间已经过了"):
        service.move(make.staff(), event, "announce")


def test_it_starts_at_most_two_hours_early_and_a_roadshow_only_in_drawn_order(app, later):
    made = scene.roadshow(starts_at=clock.now() + timedelta(hours=5))
    service.move(made.staff, made.event, "announce")
    with pytest.raises(NotNow, match=r"开始前 2 小时.*顺序还没有抽签"):
        service.move(made.staff, made.event, "start")
    later(hours=3)
    with pytest.raises(NotNow, match="顺序还没有抽签"):
        service.move(made.staff, made.event, "start")
    agenda.draw(made.staff, made.event)
    service.move(made.staff, made.event, "start")
    assert made.event.state is EventState.RUNNING


def test_a_cancelled_event_says_why_and_tells_the_presenters(app):
    made = scene.roadshow()
    service.move(made.staff, made.event, "announce")
    with pytest.raises(NotNow, match="写明取消的理由"):
        service.cancel(made.staff, made.event, " ")
    service.cancel(made.staff, made.event, "会场临时检修。")
    assert made.event.state is EventState.CANCELLED
    assert messages(made.owners[0])[-1] == "event.cancel"


def test_after_the_sign_up_has_ended_people_see_that_it_is_to_come(app):
    event = make.event(EventState.OPEN, signup_closes_at=clock.now() - timedelta(hours=1))
    assert event.phase is EventPhase.CLOSED
    assert make.event(EventState.OPEN).phase is EventState.OPEN


# --- the draw ---------------------------------------------------------------------------------------------------------


def test_the_order_comes_from_the_ledger_before_the_draw_and_anybody_can_redo_it(app):
    made = scene.roadshow(applicants=4)
    head = ledger.head()
    order = agenda.draw(made.staff, made.event)

    def sha(text):
        return hashlib.sha256(text.encode()).hexdigest()

    seed = sha(f"{head[1]}:{made.event.ref}")
    again = sorted((p.code for p in made.event.presentations), key=lambda code: sha(f"{seed}:{code}"))
    assert [p.code for p in order] == again
    assert [p.position for p in order] == [1, 2, 3, 4]
    assert (made.event.draw_seq, made.event.draw_head) == head
    assert eventing.agrees(made.event)
    assert ledger.history(f"event:{made.event.ref}")[0].details["order"] == again
    for owner in made.owners:
        assert messages(owner) == ["event.drawn"]


def test_it_is_drawn_once_and_nothing_comes_in_afterwards(app):
    made = scene.roadshow()
    agenda.draw(made.staff, made.event)
    with pytest.raises(NotNow, match="不能重抽"):
        agenda.draw(made.staff, made.event)
    make.application(state=made.entries[0].state, need=made.need)
    with pytest.raises(NotNow, match="不能再加入"):
        agenda.take_up_applications(made.staff, made.event)


def test_who_withdraws_leaves_the_others_in_their_order(app):
    made = scene.roadshow(applicants=3)
    order = agenda.draw(made.staff, made.event)
    agenda.withdraw(made.staff, order[0], "机构来函退出。")
    assert [p.code for p in made.items] == [p.code for p in order[1:]]
    assert eventing.agrees(made.event)
    with pytest.raises(NotNow, match="已经撤下"):
        agenda.withdraw(made.staff, order[0], "再次。")


def test_the_database_refuses_another_seed(app):
    made = scene.roadshow()
    agenda.draw(made.staff, made.event)
    db.session.commit()
    with pytest.raises(sa.exc.DBAPIError, match="never changes"):
        db.session.execute(sa.update(Event).where(Event.id == made.event.id).values(draw_head="0" * 64))
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Ballot)) == 0


def test_one_alone_needs_no_lot(app):
    made = scene.roadshow(applicants=1)
    with pytest.raises(NotNow, match="至少要有两家"):
        agenda.draw(made.staff, made.event)


def test_a_promotion_is_ordered_by_hand_until_it_is_drawn(app):
    event, staff = make.event(EventState.PLANNED), make.staff()
    first = agenda.add(staff, event, "主办方介绍")
    project = make.project()
    second = agenda.add(staff, event, "", project=project)
    assert second.organisation_id == project.organisation_id
    assert second.title == project.title
    agenda.shift(staff, second, up=True)
    assert [p.id for p in eventing.agenda(event)] == [second.id, first.id]
    agenda.shift(staff, second, up=True)
    assert eventing.agenda(event)[0].id == second.id
    with pytest.raises(NotNow, match="已经在议程里"):
        agenda.add(staff, event, "", project=project)
    with pytest.raises(NotNow, match="请填写议题"):
        agenda.add(staff, event, " ")


# --- who may know the names -------------------------------------------------------------------------------------------


def test_before_the_result_nobody_outside_knows_who_presents(app):
    made = scene.running()
    items = made.items
    everybody = {p.id for p in items}
    known = eventing.namable(None, made.event, items)
    assert known == set()
    for stranger in (make.org_admin(), make.user(Role.REVIEWER), make.user(Role.FOUNDATION)):
        assert eventing.namable(stranger, made.event, items) == set()
    own = {p.id for p in items if p.organisation_id == made.owners[0].organisation_id}
    assert eventing.namable(made.owners[0], made.event, items) == own
    for insider in (made.staff, made.centre, make.user(Role.AUDITOR), made.judges[0]):
        assert eventing.namable(insider, made.event, items) == everybody
    made.need.state = NeedState.NOTICE
    assert eventing.namable(None, made.event, items) == everybody


def test_a_name_blind_review_hides_the_names_until_the_roadshow_begins(app):
    from matchhub.domain import blind, sheets

    sheets.newest_rubric("A").hidden = [blind.ORGANISATION]  # before anybody uses it: then it is frozen
    db.session.flush()
    made = scene.roadshow(starts_at=clock.now() + timedelta(hours=1))
    assert eventing.namable(made.judges[0], made.event, made.items) == set()
    made.event.state = EventState.RUNNING
    assert eventing.namable(made.judges[0], made.event, made.items) == {p.id for p in made.items}
