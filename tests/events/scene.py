"""A roadshow to test with: a need under review, its applications on the agenda, a panel, residents in the room."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import eventing
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Event,
    EventKind,
    EventState,
    Need,
    NeedState,
    Presentation,
    ReviewRound,
    Role,
    Signup,
    SignupKind,
    User,
)
from matchhub.features.events import service, signing
from matchhub.features.events.signing import Person
from tests import factories as make


@dataclass
class Roadshow:
    need: Need
    staff: User
    centre: User
    judges: list[User]
    entries: list[Application]
    round: ReviewRound
    event: Event
    owners: list[User] = field(default_factory=list)

    @property
    def items(self) -> list[Presentation]:
        return eventing.agenda(self.event)


def plan(kind: EventKind = EventKind.PROMOTION, **over: Any) -> service.Plan:
    starts = over.pop("starts_at", clock.now() + timedelta(days=3))
    fields = {"title": "秋季项目推介会", "place": "服务中心二楼", "ends_at": starts + timedelta(hours=2)}
    return service.Plan(kind=kind, starts_at=starts, **fields | over)


def roadshow(applicants: int = 3, judges: int = 3, **over: Any) -> Roadshow:
    """Planned by the need's section through the service, so that the applications are on the agenda."""
    need = make.need(NeedState.REVIEWING, review_mode="both")
    entries = [make.application(ApplicationState.QUALIFIED, need=need) for _ in range(applicants)]
    panel = [make.user(Role.REVIEWER) for _ in range(judges)]
    round_ = make.round_(panel=tuple(panel), need=need)
    staff = make.staff()
    owners = [make.org_admin(entry.organisation) for entry in entries]
    event = service.plan(staff, plan(EventKind.ROADSHOW, need=need, ballots=True, title="加梯需求路演", **over))
    return Roadshow(need, staff, make.user(Role.CENTRE_STAFF), panel, entries, round_, event, owners)


def running(**over: Any) -> Roadshow:
    """The roadshow announced, drawn and begun; the clock stands an hour before its start."""
    from matchhub.features.events import agenda

    made = roadshow(starts_at=clock.now() + timedelta(hours=1), **over)
    service.move(made.staff, made.event, "announce")
    if len(made.entries) > 1:
        agenda.draw(made.staff, made.event)
    service.move(made.staff, made.event, "start")
    return made


def resident(event: Event, name: str = "钱阿姨", device: str = "") -> Signup:
    """Somebody who scans the venue's QR and checks in."""
    ticket = eventing.ticket(event, clock.now())
    return signing.check_in(event, ticket, device or f"phone-{next(make.n)}", Person(name))


def resident_of(event: Event) -> Person:
    return Person(f"居民{next(make.n)}", SignupKind.RESIDENT, phone=f"139{next(make.n):08d}")


def fresh(row: Any) -> Any:
    db.session.expire_all()
    return db.session.get(type(row), row.id)


__all__ = ["EventState", "Roadshow", "fresh", "plan", "resident", "resident_of", "roadshow", "running"]
