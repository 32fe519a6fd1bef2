"""Sign-up without an account, the waiting list, check-in at the door and by paper, and the end of personal data."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock, outbox
from matchhub.core.db import db
from matchhub.core.errors import Missing, NotNow, NotYours
from matchhub.domain import eventing, throttle
from matchhub.domain.models import (
    Audience,
    EventState,
    LedgerEntry,
    OutboxRow,
    Role,
    Signup,
    SignupKind,
    SignupStatus,
)
from matchhub.features.events import service, signing
from matchhub.features.events.signing import Person
from tests import factories as make
from tests.events import scene


def statuses(event):
    db.session.rollback()
    return [row.status.value for row in db.session.scalars(sa.select(Signup).where(Signup.event_id == event.id))]


def test_a_resident_signs_up_with_a_name_and_a_phone_number(app):
    event = make.event(capacity=2)
    signup = signing.sign_up(event, scene.resident_of(event))
    assert signup.status is SignupStatus.REGISTERED
    assert eventing.seats_left(event) == 1
    assert signing.by_code(signup.code).id == signup.id
    with pytest.raises(Missing):
        signing.by_code("nobody")


def test_the_same_phone_signs_up_once(app):
    event = make.event()
    signing.sign_up(event, Person("钱阿姨", phone="13900000001"))
    with pytest.raises(NotNow, match="已经报过名"):
        signing.sign_up(event, Person("钱阿姨", phone="13900000001"))


def test_the_waiting_list_moves_up_in_order_and_nobody_passes_by(app):
    event = make.event(capacity=3)
    first = signing.sign_up(event, Person("甲", phone="13900000001", people=2))
    big = signing.sign_up(event, Person("乙", phone="13900000002", people=2))
    small = signing.sign_up(event, Person("丙", phone="13900000003"))
    assert (first.status, big.status, small.status) == (
        SignupStatus.REGISTERED, SignupStatus.WAITING, SignupStatus.WAITING,
    )  # fmt: skip
    signing.cancel_sign_up(first)
    assert statuses(event) == ["cancelled", "registered", "registered"]
    assert eventing.seats_left(event) == 0


def test_who_cancels_is_forgotten_at_once(app):
    event = make.event()
    signup = signing.sign_up(event, Person("钱阿姨", phone="13900000001", email="qian@example.org"))
    signing.cancel_sign_up(signup)
    assert (signup.name, signup.phone, signup.email) == ("", "", "")
    with pytest.raises(NotNow, match="已经取消"):
        signing.cancel_sign_up(signup)
    assert signing.sign_up(event, Person("钱阿姨", phone="13900000001")).status is SignupStatus.REGISTERED


@pytest.mark.parametrize("state", [EventState.PLANNED, EventState.RUNNING, EventState.ENDED, EventState.CANCELLED])
def test_only_an_announced_event_takes_sign_ups(app, state):
    with pytest.raises(NotNow, match="不接受报名"):
        signing.sign_up(make.event(state), Person("钱阿姨", phone="13900000001"))


def test_an_event_for_organisations_asks_for_their_account(app):
    event = make.event(audience=Audience.ORGANISATIONS)
    with pytest.raises(NotNow, match="只接受入驻机构"):
        signing.sign_up(event, Person("钱阿姨", phone="13900000001"))
    member = make.user(Role.ORG_MEMBER)
    signup = signing.sign_up(event, Person(member.name, SignupKind.ORGANISATION, phone="13900000002", user=member))
    assert signup.organisation_id == member.organisation_id


def test_a_larger_room_lets_those_who_wait_in(app):
    staff = make.staff()
    event = make.event(capacity=1)
    signing.sign_up(event, scene.resident_of(event))
    signing.sign_up(event, scene.resident_of(event))
    assert statuses(event) == ["registered", "waiting"]
    with pytest.raises(NotNow, match="容量不能低于"):
        signing.sign_up(event, scene.resident_of(event))
        service.edit(staff, event, scene.plan(capacity=0 or None, starts_at=event.starts_at, title=event.title))
        service.edit(staff, event, scene.plan(capacity=1, starts_at=event.starts_at, title=event.title))
    assert statuses(event) == ["registered"] * 3


def test_tries_from_one_address_are_counted(app):
    event = make.event(capacity=None)
    for _n in range(signing.SIGNUPS_PER_ADDRESS):
        signing.sign_up(event, scene.resident_of(event), "203.0.113.9")
    with pytest.raises(throttle.TooMany):
        signing.sign_up(event, scene.resident_of(event), "203.0.113.9")


# --- the rotating QR --------------------------------------------------------------------------------------------------


def test_the_code_changes_and_the_one_before_the_last_is_refused(app, later):
    event = make.event(EventState.RUNNING)
    code = eventing.door_code(event, clock.now())
    assert eventing.door_open(event, code, clock.now())
    later(seconds=30)
    assert eventing.door_code(event, clock.now()) != code
    assert eventing.door_open(event, code, clock.now())
    later(seconds=30)
    assert not eventing.door_open(event, code, clock.now())


def test_the_screen_gets_the_codes_of_the_next_minutes(app, later):
    event = make.event(EventState.RUNNING)
    ahead = [eventing.door_code(event, clock.now(), n) for n in range(4)]
    assert len(set(ahead)) == 4
    later(seconds=60)
    assert eventing.door_code(event, clock.now()) == ahead[2]


@pytest.mark.parametrize("state", [EventState.OPEN, EventState.ENDED, EventState.PUBLISHED])
def test_no_code_opens_the_door_before_or_after_the_event(app, state):
    event = make.event(state)
    assert not eventing.door_open(event, eventing.door_code(event, clock.now()), clock.now())


def test_the_code_of_another_event_does_not_open_this_one(app):
    one, other = make.event(EventState.RUNNING), make.event(EventState.RUNNING)
    assert not eventing.door_open(one, eventing.door_code(other, clock.now()), clock.now())


def test_one_ticket_and_one_phone_are_one_check_in(app):
    event = make.event(EventState.RUNNING)
    ticket = eventing.ticket(event, clock.now())
    first = signing.check_in(event, ticket, "phone-1", Person("钱阿姨"))
    assert first.checked_in_at == clock.now()
    assert signing.check_in(event, ticket, "phone-1", Person("钱阿姨")).id == first.id  # sent again after a lost answer
    with pytest.raises(NotNow, match="已经用过"):
        signing.check_in(event, ticket, "phone-2", Person("王叔叔"))
    with pytest.raises(NotNow, match="这部手机已经签过到"):
        signing.check_in(event, eventing.ticket(event, clock.now()), "phone-1", Person("王叔叔"))
    assert len(statuses(event)) == 1


@pytest.mark.parametrize("forged", ["", "abc", "1-2-3", "zz-0123456789abcdef-aaaaaaaaaaaaaaaaaaaa", "中文-文字-字"])
def test_a_ticket_that_nobody_gave_is_refused(app, forged):
    with pytest.raises(NotNow, match="签到码已失效"):
        signing.check_in(make.event(EventState.RUNNING), forged, "phone", Person("钱阿姨"))


def test_a_ticket_scanned_in_time_is_good_after_the_network_came_back(app, later):
    event = make.event(EventState.RUNNING)
    ticket = eventing.ticket(event, clock.now())
    later(hours=5)
    assert signing.check_in(event, ticket, "phone", Person("钱阿姨")).checked_in_at == clock.now()
    other = eventing.ticket(event, clock.now() - timedelta(hours=25))
    with pytest.raises(NotNow, match="签到码已失效"):
        signing.check_in(event, other, "phone-2", Person("王叔叔"))


def test_a_sign_up_is_found_by_its_phone_number_and_checked_in_once(app):
    event = make.event(EventState.RUNNING, capacity=1)
    signup = make.signup(event, phone="13900000001")
    found = signing.check_in(event, eventing.ticket(event, clock.now()), "a", Person("", phone="13900000001"))
    assert found.id == signup.id
    with pytest.raises(NotNow, match="已经签到过"):
        signing.check_in(event, eventing.ticket(event, clock.now()), "b", Person("", phone="13900000001"))
    with pytest.raises(NotNow, match="座位已满"):
        signing.check_in(event, eventing.ticket(event, clock.now()), "c", Person("没报名的"))


def test_by_invitation_nobody_walks_in(app):
    event = make.event(EventState.RUNNING, audience=Audience.INVITED)
    with pytest.raises(NotNow, match="名单里没有找到"):
        signing.check_in(event, eventing.ticket(event, clock.now()), "a", Person("路人"))


def test_staff_tick_off_and_key_in_a_paper_list_and_it_shows(app):
    event, centre = make.event(EventState.RUNNING, capacity=1), make.user(Role.CENTRE_STAFF)
    signup = make.signup(event)
    signing.check_in_by_staff(centre, signup)
    assert signup.checked_in_by_id == centre.id
    assert signing.key_in(centre, event, ["钱阿姨", "  ", "王叔叔"]) == 2  # who was there was there: no capacity asked
    keyed = list(db.session.scalars(sa.select(Signup).where(Signup.at_the_door)))
    assert [(row.name, row.checked_in_by_id) for row in keyed] == [("钱阿姨", centre.id), ("王叔叔", centre.id)]
    with pytest.raises(NotYours):
        signing.key_in(make.org_admin(), event, ["路人"])
    with pytest.raises(NotNow, match="至少一个姓名"):
        signing.key_in(centre, event, [" "])


def test_no_name_and_no_number_of_a_visitor_is_in_the_ledger(app):
    event = make.event(capacity=5)
    signing.cancel_sign_up(signing.sign_up(event, Person("欧阳独特", phone="13912345678", email="unique@example.org")))
    running = make.event(EventState.RUNNING)
    scene.resident(running, "司徒罕见")
    told = " ".join(row.actor + row.data for row in db.session.scalars(sa.select(LedgerEntry)))
    for secret in ("欧阳独特", "13912345678", "unique@example.org", "司徒罕见"):
        assert secret not in told


def test_names_and_contacts_go_by_themselves_and_the_numbers_stay(app, later):
    staff = make.staff()
    event = service.plan(staff, scene.plan())
    service.move(staff, event, "announce")
    signup = signing.sign_up(event, Person("钱阿姨", phone="13900000001"))
    later(days=3 + 29)
    outbox.drain()
    assert scene.fresh(signup).name == "钱阿姨"
    later(days=2)
    outbox.drain()
    gone = scene.fresh(signup)
    assert (gone.name, gone.phone, gone.email, gone.people) == ("", "", "", 1)
    assert gone.erased_at == clock.now()
    assert db.session.scalar(sa.select(sa.func.count()).where(OutboxRow.kind == "event_erase")) == 0


def test_a_postponed_event_keeps_its_data_until_its_own_time(app, later):
    staff = make.staff()
    event = service.plan(staff, scene.plan())
    service.move(staff, event, "announce")
    signup = signing.sign_up(event, Person("钱阿姨", phone="13900000001"))
    service.edit(staff, event, scene.plan(starts_at=clock.now() + timedelta(days=20)))
    later(days=35)
    outbox.drain()
    assert scene.fresh(signup).name == "钱阿姨"
    later(days=16)
    outbox.drain()
    assert scene.fresh(signup).name == ""
