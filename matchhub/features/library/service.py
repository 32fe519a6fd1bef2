"""Writing, publishing and taking in entries of the library. Every published version is kept as it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotYours, Refused
from matchhub.core.i18n import _
from matchhub.domain import lifecycle, numbering
from matchhub.domain.lifecycle.library import EDITORS
from matchhub.domain.models import LibraryEntry, LibraryState, LibraryVersion
from matchhub.domain.parties import parties
from matchhub.features.library.reading import NUMBER, Draft, kind_code, plain_number

FIRST_KIND = "question"


@dataclass(slots=True)
class Report:
    """What taking in one file did, in numbers of entries, and a sentence for each part that was left out."""

    made: int = 0
    changed: int = 0
    same: int = 0
    published: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def taken(self) -> int:
        return self.made + self.changed + self.same


def _must_edit(actor: Any, entry: LibraryEntry) -> None:
    if not parties(actor, entry) & set(EDITORS):
        raise NotYours(_("您没有进行这一步的权限。"))


def _known(number: str) -> LibraryEntry | None:
    return db.session.scalar(sa.select(LibraryEntry).where(LibraryEntry.number == number))


def next_number() -> str:
    """The number after the largest one that consists of digits alone."""
    numbers = db.session.scalars(sa.select(LibraryEntry.number))
    return str(max((int(number) for number in numbers if number.isdigit()), default=0) + 1)


def _numbered(typed: str, entry: LibraryEntry | None = None) -> str:
    number = plain_number(typed) or next_number()
    if not NUMBER.fullmatch(number):
        raise Refused(_("编号请用数字，前面可以加字母，例如 12 或 ZC-3。"))
    other = _known(number)
    if other is not None and other is not entry:
        raise Refused(_("编号 %(number)s 已经是“%(title)s”的，请换一个。", number=number, title=other.title))
    return number


def _make(actor: Any, draft: Draft) -> LibraryEntry:
    entry = LibraryEntry(
        ref=numbering.next_ref(numbering.LIBRARY),
        number=_numbered(draft.number),
        kind=draft.kind,
        title=draft.title,
        text=draft.text,
        drafted_by_id=actor.id,
    )
    _must_edit(actor, entry)
    db.session.add(entry)
    lifecycle.record(actor, entry, "draft", {"number": entry.number})
    return entry


def _write(entry: LibraryEntry, draft: Draft) -> bool:
    """Whether the entry's text, title or kind really changed."""
    new = {"title": draft.title, "kind": draft.kind, "text": draft.text}
    standing = {name: getattr(entry, name) for name in new}
    if new == (entry.working or standing):
        return False
    if entry.edition == 0:
        for name, value in new.items():
            setattr(entry, name, value)
    else:
        # Written back to what is published, nothing waits any more.
        entry.working = None if new == standing else new
    return True


def _freeze(actor: Any, entry: LibraryEntry) -> None:
    """Make what is written the newest version; what was published before stays as it was."""
    if entry.is_changed:
        for name, value in (entry.working or {}).items():
            setattr(entry, name, value)
        entry.working, entry.edition, entry.published_at = None, entry.edition + 1, clock.now()
        db.session.add(
            LibraryVersion(entry=entry, edition=entry.edition, kind=entry.kind, title=entry.title, text=entry.text,
                           published_at=entry.published_at, published_by_id=actor.id)
        )  # fmt: skip


@command
def draft(actor: Any, wanted: Draft) -> LibraryEntry:
    """Begin an entry. Without a number it gets the next one. Raises Refused for a number that is taken."""
    return _make(actor, wanted)


@command
def edit(actor: Any, entry: LibraryEntry, wanted: Draft, seen: int | None) -> bool:
    """Write an entry; of a published one the next version, whose number stays. False when nothing was changed."""
    _must_edit(actor, entry)
    lifecycle.same_version(entry, seen)
    renumbered = False
    if entry.edition == 0 and (number := _numbered(wanted.number, entry)) != entry.number:
        entry.number, renumbered = number, True
    if not _write(entry, wanted) and not renumbered:
        return False
    lifecycle.record(actor, entry, "edit", {"number": entry.number})
    return True


@command
def move(actor: Any, entry: LibraryEntry, action: str, seen: int | None) -> None:
    """Publish an entry, its next version, or a withdrawn one again."""
    lifecycle.same_version(entry, seen)
    _publish(actor, entry, action)


def _publish(actor: Any, entry: LibraryEntry, action: str) -> None:
    lifecycle.advance(entry, action, actor, edition=entry.edition + entry.is_changed)
    _freeze(actor, entry)
    entry.withdrawn_reason = ""
    db.session.flush()


@command
def withdraw(actor: Any, entry: LibraryEntry, reason: str, seen: int | None) -> None:
    """Take an entry from the public pages; its versions are kept."""
    lifecycle.same_version(entry, seen)
    lifecycle.advance(entry, "withdraw", actor, reason=reason)
    entry.withdrawn_reason = reason


@command
def take_in(actor: Any, drafts: Iterable[Draft], publish: bool = False, kind: str = FIRST_KIND) -> Report:
    """Take in the entries of one file: new numbers are made, known ones get a new version, equal ones stay untouched.

    `kind` is for entries whose text names none and that are new. With `publish` what changed is published at once; a
    withdrawn entry stays withdrawn, because somebody took it away on purpose.
    """
    report = Report()
    for one in drafts:
        entry = _known(one.number) if one.number else _titled(one.title)
        wanted = Draft(one.number, one.title, one.text, _kind(one, entry, kind))
        if entry is None:
            entry = _make(actor, wanted)
            report.made += 1
        else:
            _must_edit(actor, entry)
            _update(actor, entry, wanted, report)
        if publish:
            _publish_taken(actor, entry, report)
    return report


def _titled(title: str) -> LibraryEntry | None:
    """The entry of a heading without a number; the first one when several are called so."""
    found = sa.select(LibraryEntry).where(LibraryEntry.title == title).order_by(LibraryEntry.id)
    return db.session.scalars(found.limit(1)).first()


def _kind(draft: Draft, entry: LibraryEntry | None, default: str) -> str:
    if draft.kind:
        return kind_code(draft.kind)
    return default if entry is None else (entry.working or {"kind": entry.kind})["kind"]


def _update(actor: Any, entry: LibraryEntry, wanted: Draft, report: Report) -> None:
    if _write(entry, wanted):
        lifecycle.record(actor, entry, "edit", {"number": entry.number})
        report.changed += 1
    else:
        report.same += 1


def _publish_taken(actor: Any, entry: LibraryEntry, report: Report) -> None:
    if entry.state is LibraryState.WITHDRAWN:
        report.problems.append(_("“%(title)s”已经撤下，文字已更新，没有发布。", title=entry.title))
    elif entry.is_changed:
        _publish(actor, entry, "publish" if entry.edition == 0 else "renew")
        report.published += 1
