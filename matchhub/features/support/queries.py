"""What the pages of support read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matchhub.core.db import db
from matchhub.core.i18n import _
from matchhub.core.listing import Filters
from matchhub.domain import policy, supporting
from matchhub.domain.models import (
    Attachment,
    Pledge,
    PledgeEntry,
    PledgeState,
    Project,
    SupportKind,
    SupportLine,
    SupportState,
    User,
)
from matchhub.domain.models.support import STANDING

_WITH_PROJECT = joinedload(SupportLine.project).joinedload(Project.organisation)


def filters(path: str, args: Any) -> Filters:
    return Filters(path, args, {"kind": {kind.value: _(word) for kind, word in supporting.KIND_WORDS.items()}})


def asking(wanted: Filters) -> sa.Select[Any]:
    """Lines that take pledges now, those that end first on top."""
    found = sa.select(SupportLine).join(Project).where(supporting.asking()).options(_WITH_PROJECT)
    if chosen := wanted["kind"]:
        found = found.where(SupportLine.kind.in_([SupportKind(value) for value in chosen]))
    for word in wanted.query.split():
        found = found.where(
            sa.or_(*(text.icontains(word, autoescape=True) for text in (SupportLine.title, Project.title)))
        )
    return found.order_by(SupportLine.until, SupportLine.id)


def lines_of(user: User) -> sa.Select[Any]:
    """The lines of this person's organisation, newest first."""
    own = sa.select(Project.id).where(Project.organisation_id == user.organisation_id)
    found = sa.select(SupportLine).where(policy.visible(user, SupportLine), SupportLine.project_id.in_(own))
    return found.options(_WITH_PROJECT).order_by(SupportLine.id.desc())


def lines_for_street(user: User) -> sa.Select[Any]:
    """All lines, what waits for a confirmation first."""
    first = sa.case(
        (SupportLine.state == SupportState.PROPOSED, 0), (SupportLine.state == SupportState.OPEN, 1), else_=2
    )
    found = sa.select(SupportLine).where(policy.visible(user, SupportLine)).options(_WITH_PROJECT)
    return found.order_by(first, SupportLine.id.desc())


def pledges_of(user: User) -> sa.Select[Any]:
    """The pledges of this person's foundation, newest first, with what became of each."""
    found = sa.select(Pledge).where(
        policy.visible(user, Pledge), Pledge.foundation_id == (supporting.foundation_id(user) or -1)
    )
    return found.options(
        joinedload(Pledge.line).joinedload(SupportLine.project).joinedload(Project.organisation),
        selectinload(Pledge.entries),
    ).order_by(Pledge.id.desc())


def pledges_for(user: User | None, line: SupportLine) -> list[Pledge]:
    """The pledges for a line that this person may know of."""
    found = sa.select(Pledge).where(Pledge.line_id == line.id, policy.visible(user, Pledge))
    found = found.options(joinedload(Pledge.foundation), selectinload(Pledge.entries))
    return list(db.session.scalars(found.order_by(Pledge.id)))


def own_standing(user: User, line: SupportLine) -> Pledge | None:
    """The pledge of this person's foundation that stands for a line."""
    found = sa.select(Pledge).where(
        Pledge.line_id == line.id,
        Pledge.foundation_id == (supporting.foundation_id(user) or -1),
        Pledge.state.in_(STANDING),
    )
    return db.session.scalar(found)


def brought(pledges: Iterable[Pledge]) -> list[dict[str, Any]]:
    """Sums of a foundation's pledges by kind: pledged, received, used."""
    rows = []
    standing = [one for one in pledges if one.state in STANDING]
    for kind, word in supporting.KIND_WORDS.items():
        mine = [one for one in standing if one.line.kind is kind]
        if mine:
            sums = {name: sum(getattr(one, name) for one in mine) for name in ("quantity", "received", "used")}
            rows.append({"word": word, "kind": kind} | sums)
    return rows


def all_pledges_of(user: User) -> list[Pledge]:
    return list(db.session.scalars(pledges_of(user)).unique())


def files_of(pledge: Pledge) -> dict[int, list[Attachment]]:
    """entry id -> its evidence: one statement."""
    found = sa.select(Attachment).where(
        Attachment.subject_kind == PledgeEntry.__tablename__,
        Attachment.subject_id.in_([entry.id for entry in pledge.entries]),
    )
    grouped: dict[int, list[Attachment]] = {}
    for row in db.session.scalars(found.order_by(Attachment.id)):
        grouped.setdefault(row.subject_id, []).append(row)
    return grouped


def takes_receipts(pledge: Pledge) -> bool:
    going_on = pledge.state in (PledgeState.ACCEPTED, PledgeState.RECEIVED, PledgeState.USED)
    return going_on and pledge.received < pledge.quantity


def takes_uses(pledge: Pledge) -> bool:
    return pledge.state in (PledgeState.RECEIVED, PledgeState.USED) and pledge.used < pledge.received
