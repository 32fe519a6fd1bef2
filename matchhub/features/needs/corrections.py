"""Correcting a published need: its words stay, a public correction says what is different, and dates may move later."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import deadlines, lifecycle, messages, needing, paths, reference
from matchhub.domain.models import Need, NeedCorrection, NeedPhase, NeedState, User
from matchhub.domain.parties import Party, parties

GOING_ON = (NeedState.OPEN, NeedState.REVIEWING, NeedState.NOTICE)


def why_not(need: Need) -> str | None:
    """Why this need cannot be corrected now; None when it can."""
    if need.state in GOING_ON:
        return None
    return _("只有已经发布、还没有结束的需求才能更正。")


@command
def correct(
    actor: User,
    need: Need,
    seen: int | None,
    text: str,
    closes_on: date | None = None,
    review_on: date | None = None,
    roadshow_on: date | None = None,
) -> NeedCorrection:
    """Publish a correction. The end of the call moves to the closing time of `closes_on` or the next working day.

    Whoever asked, works on an application or follows is told. Raises Stale, NotYours for all but approvers, NotNow for a
    need that has ended, a call that is closed, and an end that would come earlier than promised.
    """
    lifecycle.same_version(need, seen)
    if Party.APPROVER not in parties(actor, need):
        raise NotYours(_("更正由街道审批人发布。"))
    if (why := why_not(need)) is not None:
        raise NotNow(why)
    moved: dict[str, Any] = {}
    if closes_on is not None:
        _move(need, "closes_at", _new_end(need, closes_on), moved)
    for name, day in (("review_on", review_on), ("roadshow_on", roadshow_on)):
        if day is not None and day != getattr(need, name):
            if need.closes_at is not None and day <= clock.local(need.closes_at).date():
                raise NotNow(_("评审和路演的日期要晚于申报截止的那天。"))
            _move(need, name, day, moved)
    made = NeedCorrection(need_id=need.id, number=_next(need), text=text, moved=moved, by_id=actor.id)
    db.session.add(made)
    lifecycle.record(actor, need, "correct", {"number": made.number, "moved": moved})
    others = [user for user in needing.concerned_people(need) if Party.OFFICE not in parties(user, need)]
    messages.send("need.correct", others, need.title, paths.path(need), text)
    messages.tell(need, "correct", (Party.OFFICE,), actor, note=text)
    return made


def _new_end(need: Need, day: date) -> datetime:
    if need.phase is not NeedPhase.OPEN or need.closes_at is None:
        raise NotNow(_("征集已经截止，申报截止时间不能再改。"))
    end = deadlines.call_end(day, reference.terms(), reference.calendar())
    if end <= need.closes_at:
        raise NotNow(_("申报截止只能往后延，不能提前：已经告诉大家的时间要算数。"))
    return end


def _move(need: Need, name: str, value: Any, moved: dict[str, Any]) -> None:
    before = getattr(need, name)
    moved[name] = [before.isoformat() if before else "", value.isoformat()]
    setattr(need, name, value)


def _next(need: Need) -> int:
    last = sa.select(sa.func.max(NeedCorrection.number)).where(NeedCorrection.need_id == need.id)
    return 1 + (db.session.scalar(last) or 0)
