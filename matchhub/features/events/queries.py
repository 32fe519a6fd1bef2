"""Lists and details of events for everybody, the host, presenters and reviewers."""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.core.errors import Missing
from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters, words
from matchhub.domain import deeds, eventing, panels, policy, reference
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.lifecycle.event import HOSTS
from matchhub.domain.models import (
    Event,
    EventState,
    Need,
    NeedState,
    Organisation,
    Presentation,
    Project,
    ReviewRound,
    RoundState,
    Signup,
    SignupStatus,
    User,
)
from matchhub.domain.todo.base import of_section

# "held": its host ended it; "past": its time is over, whether it was held or not.
WHEN = {"upcoming": _l("将要举行"), "held": _l("已经举行"), "past": _l("时间已过"), "cancelled": _l("已取消")}
HIDDEN_DEEDS = ("event.sign_up", "event.check_in", "event.vote", "event.cancel_sign_up")


def filters(path: str, args: Any, staff: bool = False) -> Filters:
    allowed = {
        "when": {code: _(word) for code, word in WHEN.items()},
        "kind": words(reference.codes("event_kind").values()),
    }
    if staff:
        life = LIVES[Event]
        allowed = {"state": {state.value: _(life.words[state]) for state in life.states}} | allowed
    return Filters(path, args, allowed)


def _when(code: str, now: Any) -> sa.ColumnElement[bool]:
    if code == "cancelled":
        return Event.state == EventState.CANCELLED
    if code == "held":
        return Event.state.in_(eventing.HELD)
    held = Event.ends_at > now if code == "upcoming" else Event.ends_at <= now
    return sa.and_(held, Event.state != EventState.CANCELLED)


def listed(user: User | None, wanted: Filters) -> sa.Select[Any]:
    """Events that meet the filters: those to come first, the next on top, then the past ones, newest first."""
    now = clock.now()
    rows = sa.select(Event).where(policy.visible(user, Event))
    if chosen := wanted["when"]:
        rows = rows.where(sa.or_(*(_when(code, now) for code in chosen)))
    if chosen := wanted["kind"]:
        rows = rows.where(Event.kind.in_(chosen))
    if "state" in wanted.allowed and (chosen := wanted["state"]):
        rows = rows.where(Event.state.in_(chosen))
    for word in wanted.query.split():
        rows = rows.where(sa.or_(*(p.icontains(word, autoescape=True) for p in (Event.title, Event.place, Event.ref))))
    coming = sa.and_(Event.ends_at > now, Event.state != EventState.CANCELLED)
    return rows.order_by(
        sa.case((coming, 0), else_=1), sa.case((coming, Event.starts_at)), Event.starts_at.desc(), Event.id.desc()
    )


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the calendar: its weeks of (day, events), days of other months without events."""

    first: date
    before: date
    after: date
    weeks: list[list[tuple[date, list[Event]]]]
    events: list[Event]


def month_of(text: str) -> date:
    """The first day of a typed month "2026-09"; the present one for anything else."""
    try:
        year, number = (int(part) for part in text.split("-"))
        if 2000 <= year <= 2100:
            return date(year, number, 1)
    except ValueError:
        pass
    return clock.today().replace(day=1)


def month(user: User | None, first: date, kinds: Sequence[str] = ()) -> Month:
    """The events of one month that `user` may know: one statement."""
    after = (first + timedelta(days=32)).replace(day=1)
    found = sa.select(Event).where(
        policy.visible(user, Event), Event.starts_at >= clock.utc(first), Event.starts_at < clock.utc(after)
    )
    if kinds:
        found = found.where(Event.kind.in_(kinds))
    events = list(db.session.scalars(found.order_by(Event.starts_at, Event.id)))
    by_day: dict[date, list[Event]] = {}
    for event in events:
        by_day.setdefault(clock.local(event.starts_at).date(), []).append(event)
    weeks = [
        [(day, by_day.get(day, []) if day.month == first.month else []) for day in week]
        for week in Calendar().monthdatescalendar(first.year, first.month)
    ]
    return Month(first, (first - timedelta(days=1)).replace(day=1), after, weeks, events)


def public_ones(limit: int = 200) -> list[Event]:
    """What the feeds carry: announced events from half a year ago on, the latest start first."""
    since = clock.now() - timedelta(days=183)
    found = sa.select(Event).where(policy.visible(None, Event), Event.starts_at >= since)
    return list(db.session.scalars(found.order_by(Event.starts_at.desc(), Event.id.desc()).limit(limit)))


def find(ref: str, user: User | None) -> Event:
    """One event with its agenda in a fixed number of statements. Raises Missing."""
    event = db.session.scalar(
        sa.select(Event)
        .where(Event.ref == ref)
        .options(
            joinedload(Event.need),
            selectinload(Event.presentations).joinedload(Presentation.organisation),
            selectinload(Event.presentations).joinedload(Presentation.project),
            selectinload(Event.presentations).joinedload(Presentation.application),
            selectinload(Event.presentations).joinedload(Presentation.paper_by),
        )
    )
    if event is None or not policy.can_see(user, event):
        raise Missing(ref)
    return event


def hosted(ref: str, user: User) -> Event:
    """`find` for the pages of its host. Raises Missing for everybody else."""
    event = find(ref, user)
    policy.require(user, event, *HOSTS)
    return event


def item_of(event: Event, code: str) -> Presentation:
    """One item of the agenda by its code. Raises Missing."""
    found = next((item for item in event.presentations if item.code == code), None)
    if found is None:
        raise Missing(code)
    return found


def own_item(user: User, code: str) -> Presentation:
    """An item of the organisation of this person. Raises Missing."""
    found = db.session.scalar(
        sa.select(Presentation).where(Presentation.code == code).options(joinedload(Presentation.event))
    )
    if found is None or user.organisation_id is None or found.organisation_id != user.organisation_id:
        raise Missing(code)
    return found


def own_items(user: User) -> list[Presentation]:
    """What the organisation of this person presents or presented, the next one first."""
    found = (
        sa.select(Presentation)
        .join(Presentation.event)
        .where(Presentation.organisation_id == (user.organisation_id or 0), Event.state != EventState.PLANNED)
        .options(joinedload(Presentation.event).joinedload(Event.need))
        .order_by(sa.case((Event.ends_at > clock.now(), 0), else_=1), Event.starts_at.desc())
        .limit(100)
    )
    return list(db.session.scalars(found))


def own_signups(user: User) -> list[Signup]:
    """Events for which somebody of this organisation has signed up, the latest first."""
    found = (
        sa.select(Signup)
        .join(Signup.event)
        .where(Signup.organisation_id == (user.organisation_id or 0), Signup.status != SignupStatus.CANCELLED)
        .options(joinedload(Signup.event))
        .order_by(Event.starts_at.desc(), Signup.id.desc())
        .limit(50)
    )
    return list(db.session.scalars(found))


def needs_for_roadshow(user: User, chosen: Event | None = None) -> list[tuple[str, str]]:
    """(reference, title) of needs under review whose review has a roadshow, of this person's section."""
    modes = [mode for mode, kinds in panels.STAGES.items() if len(kinds) > 1 or mode == "roadshow"]
    found = (
        sa.select(Need.ref, Need.title)
        .join(ReviewRound, ReviewRound.need_id == Need.id)
        .where(
            Need.review_mode.in_(modes), Need.state == NeedState.REVIEWING,
            ReviewRound.state.in_((RoundState.PREPARING, RoundState.SCORING)), of_section(user),
        )
        .order_by(Need.closes_at.desc())
    )  # fmt: skip
    pairs = [(ref, f"{title}（{ref}）") for ref, title in db.session.execute(found)]
    if chosen is not None and chosen.need is not None and chosen.need.ref not in dict(pairs):
        pairs.append((chosen.need.ref, f"{chosen.need.title}（{chosen.need.ref}）"))
    return pairs


def need_by_ref(ref: str) -> Need | None:
    return db.session.scalar(sa.select(Need).where(Need.ref == ref)) if ref else None


def organisation_named(name: str) -> Organisation | None:
    if not name:
        return None
    return db.session.scalar(
        sa.select(Organisation).where(Organisation.name == name, Organisation.state.in_(policy.ORGANISATION_PUBLIC))
    )


def organisation_names() -> list[str]:
    found = sa.select(Organisation.name).where(Organisation.state.in_(policy.ORGANISATION_PUBLIC))
    return list(db.session.scalars(found.order_by(Organisation.name).limit(300)))


def project_by_ref(ref: str) -> Project | None:
    return db.session.scalar(sa.select(Project).where(Project.ref == ref)) if ref else None


def project_choices() -> list[tuple[str, str]]:
    found = sa.select(Project.ref, Project.title).order_by(Project.id.desc()).limit(200)
    return [(ref, title) for ref, title in db.session.execute(found)]


def people(event: Event) -> list[Signup]:
    """Everybody on the list: not yet checked in first, those who wait after them, cancelled ones left out."""
    order = sa.case((Signup.status == SignupStatus.WAITING, 2), (Signup.checked_in_at.is_(None), 0), else_=1)
    found = (
        sa.select(Signup)
        .where(Signup.event_id == event.id, Signup.status != SignupStatus.CANCELLED)
        .options(joinedload(Signup.organisation), joinedload(Signup.by), joinedload(Signup.checked_in_by))
        .order_by(order, Signup.id)
    )
    return list(db.session.scalars(found))


@dataclass(frozen=True, slots=True)
class Turnout:
    """Numbers of people: registered, on the waiting list, checked in, and of these keyed in by staff."""

    registered: int = 0
    waiting: int = 0
    checked_in: int = 0
    by_staff: int = 0


def turnout(event: Event) -> Turnout:
    return turnouts([event])[event.id]


def turnouts(events: Sequence[Event]) -> dict[int, Turnout]:
    """By event its numbers: one statement."""

    def total(condition: Any) -> Any:
        return sa.func.coalesce(sa.func.sum(sa.case((condition, Signup.people), else_=0)), 0)

    inside = Signup.checked_in_at.is_not(None)
    found = sa.select(
        Signup.event_id, total(Signup.status == SignupStatus.REGISTERED), total(Signup.status == SignupStatus.WAITING),
        total(inside), total(sa.and_(inside, Signup.checked_in_by_id.is_not(None))),
    ).where(Signup.event_id.in_([event.id for event in events])).group_by(Signup.event_id)  # fmt: skip
    rows = {row[0]: Turnout(*(int(n) for n in row[1:])) for row in db.session.execute(found)}
    return {event.id: rows.get(event.id, Turnout()) for event in events}


def history(event: Event) -> list[dict[str, str]]:
    """What the host did with an event, newest first, as `U.timeline` prints it; single visitors are not listed."""
    rows = [row for row in ledger.history(f"event:{event.ref}", 200) if row.deed not in HIDDEN_DEEDS]
    return deeds.timeline(rows[:60])


def round_of(event: Event) -> ReviewRound | None:
    return panels.of_need(event.need) if event.need is not None else None


def masked(name: str) -> str:
    """A name as others may see it: 张**."""
    return f"{name[:1]}**" if name else ""


def sheet_rows(event: Event) -> list[Signup]:
    """The printable sign-in sheet: who is registered, in the order of sign-up."""
    return [one for one in people(event) if one.status is SignupStatus.REGISTERED]


def shown_items(user: User | None, event: Event) -> tuple[list[Presentation], set[int]]:
    """The agenda and the ids of the items whose names this person may know."""
    items = eventing.agenda(event)
    return items, eventing.namable(user, event, items)
