"""What remains of an event: minutes, files, outcomes and who was interested."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.domain import attachments, eventing, lifecycle, reference
from matchhub.domain.lifecycle.event import minutes_written
from matchhub.domain.models import (
    Event,
    EventState,
    Interest,
    Organisation,
    Presentation,
    Signup,
    User,
)
from matchhub.features.events.hosting import must_host

# By purpose of a file who may see it (domain/attachments.py).
FILE_PURPOSES = ("event_photo", "event_public", "event_staff")
HELD = (EventState.RUNNING, EventState.ENDED, EventState.PUBLISHED)


def attendance(event: Event) -> tuple[int, int]:
    """(people who checked in, of them keyed in by staff)."""
    staff = sa.case((Signup.checked_in_by_id.is_not(None), Signup.people), else_=0)
    found = sa.select(sa.func.coalesce(sa.func.sum(Signup.people), 0), sa.func.coalesce(sa.func.sum(staff), 0))
    row = db.session.execute(found.where(Signup.event_id == event.id, Signup.checked_in_at.is_not(None))).one()
    return int(row[0]), int(row[1])


def draft_of_minutes(event: Event) -> str:
    """A first text of the minutes from what the site knows: when, where, who presented how long, ballots, attendance."""
    came, _staff = attendance(event)
    begun, over = event.started_at or event.starts_at, event.ended_at or event.ends_at
    lines = [
        _("时间：%(a)s 至 %(b)s", a=f"{clock.local(begun):%Y-%m-%d %H:%M}", b=f"{clock.local(over):%H:%M}"),
        _("地点：%(place)s", place=event.place),
        _("签到：%(n)s 人", n=came),
    ]
    items = eventing.agenda(event)
    if items:
        lines += ["", _("议程："), *[_line(n, item) for n, item in enumerate(items, 1)]]
    return "\n".join([*lines, "", _("主要情况："), "", _("后续安排："), ""])


def _line(number: int, item: Presentation) -> str:
    # Who applied for a need is published with its result, not here.
    secret = item.application_id is not None and not eventing.names_public(item.event)
    name = _("第 %(n)s 家", n=number) if secret else _title(item)
    parts = [name]
    if item.began_at and item.finished_at:
        minutes = max(1, round((item.finished_at - item.began_at).total_seconds() / 60))
        parts.append(_("用时 %(n)s 分钟", n=minutes))
    if item.ballot_average is not None and not secret:
        parts.append(_("居民投票 %(n)s 张，平均 %(average)s 分", n=item.ballot_count, average=item.ballot_average))
    return f"{number}. " + "；".join(parts)


def _title(item: Presentation) -> str:
    if item.organisation is None:
        return item.title
    return _("%(title)s（%(organisation)s）", title=item.title, organisation=item.organisation.name)


@command
def save_minutes(actor: User, event: Event, text: str, outcomes: dict[int, str], seen: int | None = None) -> None:
    """Keep the minutes and each item's outcome as a draft."""
    lifecycle.same_version(event, seen)
    must_host(actor, event)
    if event.state not in (EventState.RUNNING, EventState.ENDED):
        raise NotNow(_("纪要在活动开始后才能写，发布后不能再改。"))
    _write(actor, event, text, outcomes)
    lifecycle.record(actor, event, "save_minutes")


def _write(actor: User, event: Event, text: str, outcomes: dict[int, str]) -> None:
    event.minutes, event.minutes_by_id = text.strip(), actor.id
    for item in event.presentations:
        if item.id in outcomes:
            item.outcome = outcomes[item.id].strip()
    db.session.flush()


@command
def publish_minutes(actor: User, event: Event, text: str, outcomes: dict[int, str], seen: int | None = None) -> None:
    """Publish the minutes with photos and public materials; they never change from then on."""
    lifecycle.same_version(event, seen)
    if event.state is not EventState.ENDED:
        raise NotNow(_("活动结束后才能发布纪要；发布后不能再改。"))
    must_host(actor, event)
    _write(actor, event, text, outcomes)
    # Its page gathers the text, so the move itself is offered before there is any.
    if sentence := minutes_written(event, clock.now()):
        raise NotNow(sentence)
    event.published_at = clock.now()
    lifecycle.advance(event, "publish_minutes", actor, length=len(event.minutes))


@command
def keep_files(actor: User, event: Event, purpose: str, stored: Sequence[Stored], consent: bool = False) -> None:
    """Add photos or materials. Photos need the word that the people in them agreed."""
    must_host(actor, event)
    if event.state is EventState.CANCELLED:
        raise NotNow(_("活动已经取消。"))
    if purpose not in FILE_PURPOSES or not stored:
        raise NotNow(_("请选择文件。"))
    if purpose == "event_photo" and not consent:
        raise NotNow(_("请先确认照片里的人同意公开，看不清脸的远景不受此限。"))
    if purpose == "event_photo" and event.state not in HELD:
        raise NotNow(_("活动开始后才能上传现场照片。"))
    for one in stored:
        attachments.attach(event, purpose, one, actor)
    lifecycle.record(actor, event, "keep_files", {"purpose": purpose, "files": len(stored)})


@command
def remove_file(actor: User, event: Event, file_code: str) -> None:
    """Take a file back."""
    must_host(actor, event)
    found = next((row for row in attachments.of(event, *FILE_PURPOSES) if row.code == file_code), None)
    if found is None:
        raise NotNow(_("这个文件已经不在了。"))
    attachments.remove(found)
    lifecycle.record(actor, event, "remove_file", {"purpose": found.purpose})


@command
def note_interest(
    actor: User,
    item: Presentation,
    who: str,
    kind: str,
    note: str = "",
    organisation: Organisation | None = None,
) -> Interest:
    """Note who wants to support what was presented; `kind` is a code of `support_kind`."""
    must_host(actor, item.event)
    if item.event.state not in HELD:
        raise NotNow(_("活动开始后才能登记意向。"))
    name = organisation.name if organisation is not None else who.strip()
    if not name:
        raise NotNow(_("请填写是谁有意向。"))
    if kind not in reference.codes("support_kind"):
        raise NotNow(_("请从列出的支持形式里选择。"))
    made = Interest(
        presentation=item, organisation_id=organisation.id if organisation else None, who=name[:200], kind=kind,
        note=note.strip(), by_id=actor.id, at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    lifecycle.record(actor, item.event, "note_interest", {"item": item.code, "kind": kind})
    return made


@command
def follow_up(actor: User, interest: Interest, text: str, settled: bool) -> None:
    """Write down what came of an interest; `settled`: nothing more is to be done."""
    event = interest.presentation.event
    must_host(actor, event)
    if not text.strip():
        raise NotNow(_("请写明跟进的情况。"))
    interest.follow_up, interest.settled, interest.followed_at = text.strip(), settled, clock.now()
    lifecycle.record(actor, event, "follow_up", {"interest": interest.id, "settled": settled})


def interests(event: Event) -> dict[int, list[Interest]]:
    """By presentation who was interested, oldest first."""
    found = sa.select(Interest).join(Presentation).where(Presentation.event_id == event.id).order_by(Interest.id)
    grouped: dict[int, list[Interest]] = {}
    for row in db.session.scalars(found):
        grouped.setdefault(row.presentation_id, []).append(row)
    return grouped
