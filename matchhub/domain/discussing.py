"""Discussions (合议) of applications on which a panel disagrees, and who in them still has to settle."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain.models import Application, Discussion, DiscussionVoice, ReviewRound, User


@dataclass(frozen=True, slots=True)
class Record:
    """One discussion with the voices of those who took part."""

    discussion: Discussion

    @property
    def is_open(self) -> int:
        """How many wanted to score anew and have neither done so nor said that they do not."""
        return sum(voice.changes and voice.settled_at is None for voice in self.discussion.voices)


def of_round(round_: ReviewRound) -> dict[int, list[Record]]:
    """The discussions of a round by application, oldest first."""
    found: dict[int, list[Record]] = {}
    rows = sa.select(Discussion).where(Discussion.round_id == round_.id).order_by(Discussion.id)
    for row in db.session.scalars(rows):
        found.setdefault(row.application_id, []).append(Record(row))
    return found


def waiting(user: User, entries: Collection[Application]) -> set[int]:
    """The ids of those applications that this person may score anew, or say that it stays."""
    found = (
        sa.select(Discussion.application_id)
        .join(Discussion.voices)
        .where(
            Discussion.application_id.in_([entry.id for entry in entries]),
            DiscussionVoice.user_id == user.id,
            DiscussionVoice.changes,
            DiscussionVoice.settled_at.is_(None),
        )
    )
    return set(db.session.scalars(found))


def unsettled(user: User, application: Application) -> DiscussionVoice | None:
    """The word of this person on an application that waits for a new sheet; None when nothing waits."""
    return db.session.scalar(
        sa.select(DiscussionVoice)
        .join(Discussion)
        .where(
            Discussion.application_id == application.id,
            DiscussionVoice.user_id == user.id,
            DiscussionVoice.changes,
            DiscussionVoice.settled_at.is_(None),
        )
        .order_by(DiscussionVoice.id)
        .limit(1)
    )
