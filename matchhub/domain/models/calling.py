"""Around a published need: who follows it without an account, how it was corrected, and which years have a calendar."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.domain.models.base import Base, Long
from matchhub.domain.models.need import Need


class NeedFollow(Base):
    """Somebody follows a need: an account, an e-mail address, or whoever holds a code. Leaving deletes the row.

    An address follows once it has confirmed (`confirmed_at`). Neither the code nor any token is stored: the code only as
    its hash, and the links in mails are signed with the site's key.
    """

    __tablename__ = "need_follow"
    __table_args__ = (
        sa.UniqueConstraint("need_id", "user_id"),
        sa.UniqueConstraint("need_id", "email"),
        sa.UniqueConstraint("need_id", "code_sha256"),
        sa.CheckConstraint(
            "(CASE WHEN user_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN email IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN code_sha256 IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_way",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("need.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    email: Mapped[str | None] = mapped_column(sa.String(120), index=True)
    code_sha256: Mapped[str | None] = mapped_column(sa.String(64), index=True)
    # Random: a link in a mail is signed over it, so that a row that took the same number later answers to no old link.
    nonce: Mapped[str] = mapped_column(sa.String(24))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_at: Mapped[datetime | None]
    # Keys of the news that this follower was told of (by mail) or has seen (by code).
    known: Mapped[list[Any]] = mapped_column(default=list)

    need: Mapped[Need] = relationship()


class NeedCorrection(Base):
    """A public correction of a published need: what is said, and which dates were moved ({"closes_at": [old, new]})."""

    __tablename__ = "need_correction"
    __table_args__ = (sa.UniqueConstraint("need_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("need.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Long)
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))

    need: Mapped[Need] = relationship()


class CalendarYear(Base):
    """A year whose whole arrangement of holidays is in the calendar; without a row only parts of it may be known."""

    __tablename__ = "calendar_year"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    completed_at: Mapped[datetime] = mapped_column(default=clock.now)
