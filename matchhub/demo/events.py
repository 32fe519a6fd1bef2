"""Events of the story: their texts are in seed/demo/events.csv, their times in story_events.csv."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.demo.stage import Line, NotYet, Stage, deed, dice
from matchhub.domain import eventing
from matchhub.domain.models import (
    Audience,
    Event,
    EventKind,
    EventState,
    Interest,
    Need,
    Organisation,
    Presentation,
    Project,
    Signup,
    SignupKind,
    User,
)
from matchhub.features.events import agenda, recording, running, service, signing
from matchhub.features.events.signing import Person

FAMILY = "钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
CALLED = ("阿姨", "老师", "先生", "女士", "师傅", "爷叔")


def _row(stage: Stage, key: str) -> dict[str, str]:
    return next(row for row in stage.table("events") if row["key"] == key)


def _event(stage: Stage, key: str) -> Event:
    found = db.session.scalar(sa.select(Event).where(Event.title == _row(stage, key)["title"]))
    if found is None:
        raise NotYet(f"no event {key}")
    return found


def _need(stage: Stage, key: str) -> Need | None:
    if not key:
        return None
    if key not in stage.needs:
        raise NotYet(f"no need {key}")
    return stage.need(key)


@deed("plan_event")
def plan_event(stage: Stage, line: Line) -> None:
    """`on` and `at` are its day (from today) and hour; projects that are not there yet are left out."""
    row, actor = _row(stage, line.subject), stage.user(line.actor)
    starts_at = clock.utc(line.today + timedelta(days=int(line.details["on"])), time.fromisoformat(line.details["at"]))
    need = _need(stage, row["need"])
    event = service.plan(
        actor,
        service.Plan(
            kind=EventKind(row["kind"]), title=row["title"], summary=row["summary"], place=row["place"],
            starts_at=starts_at, ends_at=starts_at + timedelta(hours=int(row["hours"])),
            audience=Audience(row["audience"]), capacity=int(row["capacity"]) if row["capacity"] else None, need=need,
            ballots=bool(row["ballots"]), contact="社会组织服务中心 021-0000 0000",
        ),
    )  # fmt: skip
    for item in filter(None, row["items"].split("|")):
        kind, _, rest = item.partition(":")
        _add(stage, actor, event, kind, rest)


def _add(stage: Stage, actor: User, event: Event, kind: str, rest: str) -> None:
    organisation: Organisation | None = None
    project: Project | None = None
    title = rest
    if kind == "project":
        project, title = stage.founded(rest), ""
        if project is None:
            return
    elif kind == "org":
        key, _, title = rest.partition(":")
        organisation = stage.organisation(key)
    agenda.add(actor, event, title, organisation, project)


@deed("announce_event")
def announce_event(stage: Stage, line: Line) -> None:
    service.move(stage.user(line.actor), _event(stage, line.subject), "announce")


@deed("draw_event")
def draw_event(stage: Stage, line: Line) -> None:
    event = _event(stage, line.subject)
    if len(eventing.agenda(event)) > 1:
        agenda.draw(stage.user(line.actor), event)


@deed("cancel_event")
def cancel_event(stage: Stage, line: Line) -> None:
    service.cancel(stage.user(line.actor), _event(stage, line.subject), line.details["reason"])


def _names(key: str, count: int) -> Iterator[tuple[str, str]]:
    """Invented residents with invented numbers."""
    chance = dice("residents", key, count)
    for n in range(count):
        name = chance.choice(FAMILY) + chance.choice(CALLED)
        yield name, f"199{chance.randint(0, 9999):04d}{n:04d}"


@deed("sign_up")
def sign_up(stage: Stage, line: Line) -> None:
    event = _event(stage, line.subject)
    for n, (name, phone) in enumerate(_names(line.subject, int(line.details["n"]))):
        kind = SignupKind.VISITOR if n % 5 == 4 else SignupKind.RESIDENT
        signing.sign_up(event, Person(name, kind, phone=phone, people=2 if n % 4 == 3 else 1))


@deed("org_sign_up")
def org_sign_up(stage: Stage, line: Line) -> None:
    """People of organisations sign up with their accounts; those that have none yet are left out."""
    event = _event(stage, line.subject)
    for key in line.details["orgs"].split("|"):
        user_id = stage.users.get(f"org_{key}")
        user = db.session.get(User, user_id) if user_id else None
        if user is not None and user.organisation is not None:
            phone = user.phone or ""
            signing.sign_up(event, Person(user.name, SignupKind.ORGANISATION, phone=phone, people=2, user=user))


@deed("confirm_items")
def confirm_items(stage: Stage, line: Line) -> None:
    """The presenters say that they come: all of them, or the first `n`."""
    event = _event(stage, line.subject)
    items = [item for item in eventing.agenda(event) if item.organisation is not None and item.confirmed_at is None]
    for item in items[: int(line.details.get("n", 99))]:
        owner = next((user for user in item.organisation.people if user.active), None) if item.organisation else None
        if owner is not None:
            agenda.confirm(owner, item)


@deed("hold_event")
def hold_event(stage: Stage, line: Line) -> None:
    """From the first check-in to the end: `people` come by themselves, organisations' people are ticked off."""
    actor, event = stage.user(line.actor), _event(stage, line.subject)
    begin = clock.now()
    service.move(actor, event, "start")
    voters = _check_in(stage, actor, event, line)
    at = begin + timedelta(minutes=10)
    for item in eventing.agenda(event):
        at = _present(actor, event, item, voters, at)
    with clock.stopped(max(at, event.ends_at - timedelta(minutes=5))):
        service.move(actor, event, "end")


@deed("start_event")
def start_event(stage: Stage, line: Line) -> None:
    """An event that is still on: people check in, the first presentation is over, nobody is on yet."""
    actor, event = stage.user(line.actor), _event(stage, line.subject)
    service.move(actor, event, "start")
    voters = _check_in(stage, actor, event, line)
    _present(actor, event, eventing.agenda(event)[0], voters, clock.now() + timedelta(minutes=2))


def _check_in(stage: Stage, actor: User, event: Event, line: Line) -> list[Signup]:
    """Half scan the code, the others sign on paper and are keyed in."""
    signed = list(db.session.scalars(sa.select(Signup).where(Signup.event_id == event.id).order_by(Signup.id)))
    for signup in signed[::2]:
        signing.check_in_by_staff(actor, signup)
    people = [name for name, _phone in _names(f"door:{line.subject}", int(line.details["people"]))]
    voters = []
    for n, name in enumerate(people[::2]):
        ticket = eventing.ticket(event, clock.now())
        voters.append(signing.check_in(event, ticket, f"{line.subject}-{n}", Person(name)))
    if people[1::2]:
        signing.key_in(actor, event, people[1::2])
    if event.audience is Audience.ORGANISATIONS:
        _organisations_come(stage, actor, event, line.subject)
    return voters


def _organisations_come(stage: Stage, actor: User, event: Event, key: str) -> None:
    chance = dice("come", key)
    admitted = [user for name, user_id in stage.users.items() if name.startswith("org_")
                if (user := db.session.get(User, user_id)) is not None and user.organisation is not None]  # fmt: skip
    for user in chance.sample(admitted, min(14, len(admitted))):
        ticket = eventing.ticket(event, clock.now())
        person = Person(user.name, SignupKind.ORGANISATION, user=user)
        signing.check_in(event, ticket, f"{key}-{user.id}", person)


def _present(actor: User, event: Event, item: Presentation, voters: list[Signup], at: datetime) -> datetime:
    """One presentation with its questions and ballots; when it is over."""
    chance = dice("present", item.title, event.ref)
    with clock.stopped(at):
        running.run(actor, item, "talk")
    if event.answer_minutes:
        with clock.stopped(at + timedelta(minutes=chance.randint(7, 9))):
            running.run(actor, item, "answer")
    over = at + timedelta(minutes=chance.randint(14, 18))
    with clock.stopped(over):
        running.run(actor, item, "finish")
        if event.ballots:
            for voter in voters:
                signing.vote(voter, item, chance.randint(7, 10))
            paper = sum(chance.randint(7, 10) for _ in voters)
            running.key_in_ballots(actor, item, len(voters), Decimal(paper))
            running.close_ballots(actor, item)
    return over + timedelta(minutes=3)


@deed("publish_minutes")
def publish_minutes(stage: Stage, line: Line) -> None:
    """The minutes begin with what the site knows; photos are drawn."""
    row, actor, event = _row(stage, line.subject), stage.user(line.actor), _event(stage, line.subject)
    if event.state is not EventState.ENDED:
        raise NotYet(f"{line.subject} is not over")
    photos = [stage.picture("scene", n + len(line.subject)) for n in range(int(line.details["photos"]))]
    recording.keep_files(actor, event, "event_photo", photos, consent=True)
    if row["kind"] == "training":
        recording.keep_files(actor, event, "event_public", [stage.picture("survey", 1)])
    told = dict(part.split("=", 1) for part in row["outcomes"].split("|") if part)
    outcomes = {item.id: told[key] for key in told for item in event.presentations
                if item.project is not None and item.project.need_id == stage.needs.get(key)}  # fmt: skip
    head = recording.draft_of_minutes(event).partition("\n主要情况：")[0].rstrip()
    recording.publish_minutes(actor, event, f"{head}\n\n{row['minutes']}", outcomes)


@deed("note_interest")
def note_interest(stage: Stage, line: Line) -> None:
    event, wanted = _event(stage, line.subject), stage.needs.get(line.details["item"], 0)
    item = next((p for p in event.presentations if p.project is not None and p.project.need_id == wanted), None)
    if item is None:
        raise NotYet(f"{line.details['item']} was not presented")
    organisation = stage.organisation(line.details["org"]) if "org" in line.details else None
    recording.note_interest(
        stage.user(line.actor),
        item,
        line.details.get("who", ""),
        line.details["kind"],
        line.details["note"],
        organisation,
    )


@deed("follow_interest")
def follow_interest(stage: Stage, line: Line) -> None:
    interest = db.session.scalar(sa.select(Interest).where(Interest.who == line.details["who"]))
    if interest is None:
        raise NotYet("nobody was interested yet")
    recording.follow_up(stage.user(line.actor), interest, line.details["text"], line.details.get("settled") == "yes")
