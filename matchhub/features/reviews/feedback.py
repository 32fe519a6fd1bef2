"""What applicants read of the reviewers' comments: edited by the street first, the originals kept, nobody named.

A comment that the street has not gone through is never passed on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import lifecycle, panels
from matchhub.domain.models import Application, FeedbackEdit, ReviewRound, RoundState, ScoreSheet, User
from matchhub.domain.parties import Party, parties

EDITING = (RoundState.DECIDING, RoundState.PROPOSED)
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Comment:
    """One reviewer's comment: `edits` are newest first, `text` is what would be released now."""

    sheet: ScoreSheet
    number: int
    edits: list[FeedbackEdit]

    @property
    def text(self) -> str:
        return self.edits[0].text if self.edits else self.sheet.comment

    @property
    def is_edited(self) -> bool:
        return bool(self.edits) and self.edits[0].text != self.sheet.comment


def comments(round_: ReviewRound, entries: Sequence[Application]) -> dict[int, list[Comment]]:
    """By application the comments of the sheets that count, in an order that says nothing about who wrote them."""
    kept = panels.counting(round_, entries)
    found = {entry.id: [one for (_kind, owner), rows in kept.items() if owner == entry.id for one in rows if one.comment]
             for entry in entries}  # fmt: skip
    edits = _edits([sheet.id for rows in found.values() for sheet in rows])
    return {
        entry_id: [
            Comment(sheet, number, edits.get(sheet.id, []))
            for number, sheet in enumerate(sorted(rows, key=lambda one: one.digest), 1)
        ]
        for entry_id, rows in found.items()
    }


def _edits(sheet_ids: Sequence[int]) -> dict[int, list[FeedbackEdit]]:
    found: dict[int, list[FeedbackEdit]] = {}
    rows = sa.select(FeedbackEdit).where(FeedbackEdit.sheet_id.in_(sheet_ids)).order_by(FeedbackEdit.id.desc())
    for row in db.session.scalars(rows):
        found.setdefault(row.sheet_id, []).append(row)
    return found


@command
def edit(actor: User, round_: ReviewRound, texts: Mapping[int, str]) -> int:
    """Go through comments, by sheet id; an empty text is not passed on. How many are new or different from before."""
    if Party.OFFICE not in parties(actor, round_):
        raise NotYours(_("只有主办科室可以整理反馈。"))
    if round_.state not in EDITING:
        raise NotNow(_("打分结束后、批准前才能整理反馈。"))
    known = {one.sheet.id: one for rows in comments(round_, panels.applications(round_)).values() for one in rows}
    changed = 0
    for sheet_id, text in texts.items():
        comment = known.get(sheet_id)
        if comment is None:
            raise NotNow(_("意见有变化，请刷新页面再整理。"))
        wanted = text.strip()[:LONGEST]
        if comment.edits and comment.edits[0].text == wanted:
            continue
        db.session.add(FeedbackEdit(sheet_id=sheet_id, text=wanted, edited_by_id=actor.id))
        changed += 1
    db.session.flush()
    if changed:
        lifecycle.record(actor, round_, "edit_feedback", {"comments": changed})
    return changed


def released(round_: ReviewRound, application: Application) -> list[str]:
    """What the applicant reads, once the round is decided: comments that the street went through and passed on."""
    if round_.state is not RoundState.DECIDED:
        return []
    rows = comments(round_, [application]).get(application.id, [])
    return [row.text for row in rows if row.edits and row.text]
