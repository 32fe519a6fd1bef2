"""What was sent of its own accord (reminders), how each person wants to be told, what waits for a digest, and who follows
a search by e-mail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core import clock
from matchhub.domain.models.base import Base, Short


class Reminder(Base):
    """One reminder that is dealt with: sent, or left out (`sent_at` empty) because a later one took its place.

    The key is what keeps it from being sent twice, whoever runs the clockwork and however often.
    """

    __tablename__ = "reminder"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    due_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    sent_at: Mapped[datetime | None]


class MessageChoice(Base):
    """How one person wants to be told of one kind of event; without a row the usual way holds."""

    __tablename__ = "message_choice"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    event: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    on_site: Mapped[bool] = mapped_column(default=True)
    by_mail: Mapped[bool] = mapped_column(default=True)


class MailHabit(Base):
    """Whether one person's mails are gathered into one a day; without a row the usual way of their role holds."""

    __tablename__ = "mail_habit"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    daily: Mapped[bool]


class DigestLine(Base):
    """One message that waits for its reader's next daily mail."""

    __tablename__ = "digest_line"
    __table_args__ = (sa.Index("ix_digest_line_waiting", "sent_at", "user_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    event: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(Short)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    url: Mapped[str] = mapped_column(Short, default="")
    sent_at: Mapped[datetime | None]


class FollowedSearch(Base):
    """An e-mail address that is told, once a day at most, what a search finds anew. Leaving deletes the row.

    It follows once it has confirmed (`confirmed_at`). `asked` is the search as in its address, without page and order.
    """

    __tablename__ = "followed_search"
    __table_args__ = (sa.UniqueConstraint("email", "asked_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    asked: Mapped[str] = mapped_column(sa.Text)
    asked_sha256: Mapped[str] = mapped_column(sa.String(64))
    email: Mapped[str] = mapped_column(sa.String(120), index=True)
    # Random: a link in a mail is signed over it, so that a row that took the same number later answers to no old link.
    nonce: Mapped[str] = mapped_column(sa.String(24))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_at: Mapped[datetime | None]
    # When it was last looked whether there is anything new.
    looked_at: Mapped[datetime | None]
    # Keys of what was there at the beginning or was told since; None until the first look that the index allowed.
    known: Mapped[list[Any] | None]
