"""Lists of the library, and what stands around one entry."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.errors import Missing
from matchhub.core.i18n import _
from matchhub.core.listing import Filters, words
from matchhub.domain import policy, reference
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.models import LibraryEntry, LibraryVersion, User


def filters(path: str, args: Any, staff: bool = False) -> Filters:
    allowed = {"kind": words(reference.codes("library_kind").values())}
    if staff:
        life = LIVES[LibraryEntry]
        allowed = {"state": {state.value: _(life.words[state]) for state in life.states}} | allowed
    return Filters(path, args, allowed)


def listed(user: User | None, wanted: Filters) -> sa.Select[Any]:
    """Entries that meet the filters, by their numbers: 2 before 10."""
    rows = sa.select(LibraryEntry).where(policy.visible(user, LibraryEntry))
    if chosen := wanted["kind"]:
        rows = rows.where(LibraryEntry.kind.in_(chosen))
    if "state" in wanted.allowed and (chosen := wanted["state"]):
        rows = rows.where(LibraryEntry.state.in_(chosen))
    places = (LibraryEntry.title, LibraryEntry.text, LibraryEntry.number, LibraryEntry.ref)
    for word in wanted.query.split():
        rows = rows.where(sa.or_(*(place.icontains(word, autoescape=True) for place in places)))
    return rows.order_by(sa.func.length(LibraryEntry.number), LibraryEntry.number)


def waiting() -> set[int]:
    """Published and withdrawn entries with a change that has not been published."""
    found = sa.select(LibraryEntry.id).where(LibraryEntry.edition > 0, LibraryEntry.working.is_not(None))
    return set(db.session.scalars(found))


def version(entry: LibraryEntry, edition: int) -> LibraryVersion:
    """One version of an entry. Raises Missing."""
    found = sa.select(LibraryVersion).where(LibraryVersion.entry_id == entry.id, LibraryVersion.edition == edition)
    row = db.session.scalar(found)
    if row is None:
        raise Missing(entry.ref)
    return row
