"""Many at once: seats never exceeded, one check-in per ticket and phone, one ballot per check-in, one draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import Refused
from matchhub.domain import eventing
from matchhub.domain.models import Ballot, Event, EventState, Presentation, Signup, SignupStatus, User
from matchhub.features.events import agenda, running, signing
from matchhub.features.events.signing import Person
from tests import factories as make
from tests.events import scene

THREADS = 20


def at_once(app: Any, times: int, deed: Callable[[int], Any]) -> Counter[str]:
    """`deed` in `times` threads, each with its own session: how each ended."""

    def one(n: int) -> str:
        with app.app_context():
            try:
                made = deed(n)
                return getattr(getattr(made, "status", None), "value", "done")
            except Refused as no:
                return type(no).__name__
            finally:
                db.session.remove()

    db.session.commit()
    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(one, range(times)))


def test_forty_sign_ups_for_ten_seats_fill_exactly_ten(app):
    event_id = make.event(capacity=10).id

    def sign_up(n: int) -> Signup:
        return signing.sign_up(db.session.get(Event, event_id), Person(f"居民{n}", phone=f"139{n:08d}"))

    assert at_once(app, 40, sign_up) == {"registered": 10, "waiting": 30}
    assert eventing.seats_taken(db.session.get(Event, event_id)) == 10


def test_cancelling_and_signing_up_at_once_never_overfills(app):
    event = make.event(capacity=5)
    codes = [signing.sign_up(event, scene.resident_of(event)).code for _ in range(10)]
    event_id = event.id

    def both(n: int) -> Any:
        if n < 10:
            return signing.cancel_sign_up(signing.by_code(codes[n]))
        return signing.sign_up(db.session.get(Event, event_id), Person(f"新{n}", phone=f"137{n:08d}"))

    at_once(app, 30, both)
    event = db.session.get(Event, event_id)
    assert eventing.seats_taken(event) == 5
    waiting = sa.select(sa.func.count()).where(Signup.event_id == event_id, Signup.status == SignupStatus.WAITING)
    assert db.session.scalar(waiting) == 15


def test_one_ticket_pressed_twenty_times_is_one_check_in(app):
    event = make.event(EventState.RUNNING)
    event_id, ticket = event.id, eventing.ticket(event, clock.now())

    def check_in(_n: int) -> Signup:
        return signing.check_in(db.session.get(Event, event_id), ticket, "phone", Person("钱阿姨"))

    assert at_once(app, 20, check_in) == {"registered": 20}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Signup)) == 1


def test_the_last_seat_at_the_door_goes_to_one(app):
    event = make.event(EventState.RUNNING, capacity=1)
    event_id, tickets = event.id, [eventing.ticket(event, clock.now()) for _ in range(15)]

    def check_in(n: int) -> Signup:
        return signing.check_in(db.session.get(Event, event_id), tickets[n], f"phone-{n}", Person(f"居民{n}"))

    assert at_once(app, 15, check_in) == {"registered": 1, "NotNow": 14}


def test_one_check_in_casts_one_ballot_however_often_it_is_sent(app):
    made = scene.running()
    voter_id, item_id = scene.resident(made.event).id, made.items[0].id
    running.run(made.staff, made.items[0], "talk")

    def vote(n: int) -> Ballot:
        return signing.vote(db.session.get(Signup, voter_id), db.session.get(Presentation, item_id), n % 10 + 1)

    ended = at_once(app, 30, vote)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Ballot)) == 1
    assert ended["NotNow"] == 27  # ten different answers, three times each: the one that counted may come again


def test_a_ballot_is_counted_or_refused_but_never_lost_when_voting_closes(app):
    made = scene.running()
    voters = [scene.resident(made.event).id for _ in range(20)]
    item = made.items[0]
    for deed in ("talk", "answer", "finish"):
        running.run(made.staff, item, deed)
    item_id, staff_id = item.id, made.staff.id

    def both(n: int) -> Any:
        found = db.session.get(Presentation, item_id)
        if n == 10:
            return running.close_ballots(db.session.get(User, staff_id), found)
        return signing.vote(db.session.get(Signup, voters[n % 20]), found, 8)

    ended = at_once(app, 20, both)
    db.session.expire_all()
    cast = db.session.scalar(sa.select(sa.func.count()).select_from(Ballot))
    assert db.session.get(Presentation, item_id).ballot_count == cast == ended["done"] - 1


def test_ten_draws_at_once_are_one(app):
    made = scene.roadshow(applicants=4)
    event_id, staff_id = made.event.id, made.staff.id

    def draw(_n: int) -> Any:
        return agenda.draw(db.session.get(User, staff_id), db.session.get(Event, event_id))

    assert at_once(app, 10, draw) == {"done": 1, "NotNow": 9}
    assert eventing.agrees(db.session.get(Event, event_id))
