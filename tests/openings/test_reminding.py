"""Nobody forgets an opening or a paper: reminders, each once, and things to do on the desk."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain import attachments, reminding, todo
from matchhub.domain.models import Message
from matchhub.features.openings import service
from tests import factories as make
from tests.applications.conftest import a_file
from tests.openings.conftest import WORDS


def told(event: str) -> list[int]:
    return sorted(db.session.scalars(sa.select(Message.user_id).where(Message.event == event)))


def waits(user) -> list[str]:
    return [one.kind for one in todo.mine(todo.gather(user))]


def test_holders_rehearse_before_the_deadline_and_open_after_it(held, later):
    first, second, third = held.people
    later(days=8)
    reminding.tick()
    reminding.tick()
    assert told("need.rehearsal_due") == sorted(person.id for person in held.people)
    assert waits(first) == ["演练开启"]
    service.rehearse(first, held.need, WORDS)
    assert waits(first) == []
    later(days=3)
    reminding.tick()
    reminding.tick()
    assert told("need.opening_due") == sorted(person.id for person in held.people)
    assert waits(first) == ["开启申报"] and "开启申报" in waits(third)
    service.give_share(first, held.need, WORDS)
    assert waits(first) == []
    later(days=2)
    reminding.tick()
    assert told("need.opening_due").count(first.id) == 1 and told("need.opening_due").count(second.id) == 2
    service.give_share(second, held.need, WORDS)
    later(days=4)
    reminding.tick()
    assert told("need.opening_due").count(third.id) == 2 and "开启申报" not in waits(third)


def test_with_one_key_the_section_is_reminded(app, later):
    staff, other = make.staff(), make.staff(section_code="fwb")
    need = make.need()
    later(days=11)
    reminding.tick()
    assert told("need.opening_due") == [staff.id]
    assert waits(staff) == ["开启申报"] and waits(other) == []
    make.opened(need)
    assert "开启申报" not in waits(staff)


def test_a_paper_is_reminded_of_sixty_thirty_and_seven_days_before_and_once_after(app, later):
    org = make.org_admin()
    until = make.clock.today() + make.timedelta(days=62)
    attachments.attach(org.organisation, "certificate", a_file("登记证书.pdf"), org, expires_on=until)
    db.session.commit()
    counts = []
    for days in (1, 1, 29, 1, 24, 3, 4, 1):  # day 61, 60, 31, 30, 6 (missed 7), 3, -1, -2 before the end
        later(days=days)
        reminding.tick()
        reminding.tick()
        counts.append((len(told("organisation.paper_expires")), len(told("organisation.paper_expired"))))
    assert counts == [(0, 0), (1, 0), (1, 0), (2, 0), (3, 0), (3, 0), (3, 1), (3, 1)]


def test_a_renewed_paper_ends_the_reminders(app, later):
    org = make.org_admin()
    until = make.clock.today() + make.timedelta(days=50)
    for expires_on in (until, until + make.timedelta(days=365)):
        attachments.attach(org.organisation, "certificate", a_file("登记证书.pdf"), org, expires_on=expires_on)
    db.session.commit()
    later(days=45)
    reminding.tick()
    assert told("organisation.paper_expires") == []


def test_declarations_are_reminded_of_like_papers(app, later):
    org = make.org_admin()
    make.declared(org.organisation, expires_on=make.clock.today() + make.timedelta(days=20))
    reminding.tick()
    assert told("organisation.declaration_expires") == [org.id]
    assert waits(org) == ["签署常备声明"]
    later(days=21)
    reminding.tick()
    assert told("organisation.declaration_expired") == [org.id]
