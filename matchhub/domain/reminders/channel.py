"""Reminders of the green channel: requests that nobody has answered, and outcomes that nobody has confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain import helping
from matchhub.domain.models import HelpRequest, HelpState
from matchhub.domain.parties import Party, people
from matchhub.domain.paths import MY, STAFF
from matchhub.domain.paths import path as path_of
from matchhub.domain.reminders.deadlines import words_of
from matchhub.domain.reminding import CATCH_UP, Due, source

# After the outcome was told, while the organisation says nothing.
CONFIRM = {"3d": timedelta(days=3), "7d": timedelta(days=7)}


@source("help_answers")
def unanswered(now: datetime) -> Iterator[Due]:
    """At the moment itself its section and the centre; a working day later also whoever approves."""
    found = sa.select(HelpRequest).where(
        HelpRequest.state == HelpState.RAISED, HelpRequest.answer_due_at > now - CATCH_UP
    )
    hours = helping.office_hours()
    day = hours.minutes_of_a_day()
    for request in db.session.scalars(found.order_by(HelpRequest.id)).all():
        thing, url, note = f"help:{request.ref}", path_of(request, STAFF), words_of(request.answer_due_at)
        for party in (Party.OFFICE, Party.CENTRE):
            for user in people(request, party):
                yield Due(
                    thing, "due", user.id, request.answer_due_at, "help_request.unanswered", request.title, url, note
                )
        over = hours.after(request.answer_due_at, day)
        for party in (Party.OFFICE, Party.CENTRE, Party.APPROVER):
            for user in people(request, party):
                yield Due(thing, "+1", user.id, over, "help_request.overdue", request.title, url, note)


@source("help_outcomes")
def unconfirmed(now: datetime) -> Iterator[Due]:
    """Three and seven days after an outcome was told: its organisation."""
    found = sa.select(HelpRequest).where(
        HelpRequest.state == HelpState.CONCLUDED, HelpRequest.concluded_at > now - 2 * CATCH_UP
    )
    for request in db.session.scalars(found.order_by(HelpRequest.id)).all():
        told_at = request.concluded_at or now
        for user in people(request, Party.OWNER):
            for step, after in CONFIRM.items():
                # A request that was opened again and concluded once more is a new thing to confirm.
                thing = f"help_outcome:{request.ref}:{told_at:%Y%m%d%H%M}"
                yield Due(thing, step, user.id, told_at + after, "help_request.unconfirmed", request.title,
                          path_of(request, MY), words_of(told_at))  # fmt: skip
