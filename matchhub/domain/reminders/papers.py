"""Reminders of what an organisation must renew: its papers and its standing declarations, before they expire."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import reference
from matchhub.domain.models import Attachment, Organisation, OrganisationState, StandingDeclaration, User
from matchhub.domain.reminders.deadlines import morning, team
from matchhub.domain.reminding import CATCH_UP, Due, source

THERE = (OrganisationState.ADMITTED, OrganisationState.SUSPENDED, OrganisationState.PENDING)


def _steps(kind: str, what: str, row: Any, expires_on: date, url: str) -> Iterator[Due]:
    """60, 30 and 7 days before (as the settings say) and on the first day after."""
    over = clock.utc(expires_on + timedelta(days=1))
    for days in reference.setting("document_expiry_reminders"):
        yield Due(
            f"{kind}:{what}:{expires_on.isoformat()}", f"-{days}", row.id, morning(expires_on - timedelta(days=days)),
            f"organisation.{kind}_expires", row.name, url, expires_on.isoformat(), until=over,
        )  # fmt: skip
    yield Due(
        f"{kind}:{what}:{expires_on.isoformat()}", "+1", row.id, morning(expires_on + timedelta(days=1)),
        f"organisation.{kind}_expired", row.name, url, expires_on.isoformat(),
    )  # fmt: skip


def _window(now: datetime) -> tuple[date, date]:
    today = clock.local(now).date()
    return today - CATCH_UP, today + timedelta(days=max(reference.setting("document_expiry_reminders")) + 1)


@source("papers")
def papers(now: datetime) -> Iterator[Due]:
    """Of each kind of paper the one that lasts longest counts: a renewed one ends the reminders of the old."""
    first, last = _window(now)
    lasts = sa.func.max(Attachment.expires_on).label("expires_on")
    newest = (
        sa.select(Attachment.subject_id, Attachment.purpose, lasts)
        .where(Attachment.subject_kind == "organisation")
        .group_by(Attachment.subject_id, Attachment.purpose)
        .having(lasts.between(first, last))
        .subquery()
    )
    found = (
        sa.select(User.id, Organisation.ref, Organisation.name, newest.c.purpose, newest.c.expires_on)
        .join(Organisation, Organisation.id == newest.c.subject_id)
        .join(User, team(Organisation.id))
        .where(Organisation.state.in_(THERE))
    )
    for row in db.session.execute(found):
        yield from _steps("paper", f"{row.ref}:{row.purpose}", row, row.expires_on, "/my/org/documents")


@source("declarations")
def declared(now: datetime) -> Iterator[Due]:
    """The declarations that end first; each kind by the one that lasts longest."""
    first, last = _window(now)
    lasts = sa.func.max(StandingDeclaration.expires_on).label("expires_on")
    newest = (
        sa.select(StandingDeclaration.organisation_id, StandingDeclaration.kind, lasts)
        .group_by(StandingDeclaration.organisation_id, StandingDeclaration.kind)
        .subquery()
    )
    ends = sa.func.min(newest.c.expires_on).label("ends")
    soonest = (
        sa.select(newest.c.organisation_id, ends)
        .group_by(newest.c.organisation_id)
        .having(ends.between(first, last))
        .subquery()
    )
    found = (
        sa.select(User.id, Organisation.ref, Organisation.name, soonest.c.ends)
        .join(Organisation, Organisation.id == soonest.c.organisation_id)
        .join(User, team(Organisation.id))
        .where(Organisation.state.in_(THERE))
    )
    for row in db.session.execute(found):
        yield from _steps("declaration", row.ref, row, row.ends, "/my/org/declarations")
