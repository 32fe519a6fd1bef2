"""The keys to which applications are sealed, who holds them, and what was found at the opening.

The private key of a need is nowhere whole: either two of three shares give it (`KeyShare`), or, where the installation has
chosen opening with one key, the server's key encloses it (`NeedKey.enclosed`).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.domain.models.base import Base
from matchhub.domain.models.need import Need
from matchhub.domain.models.user import User


class OpeningMode(StrEnum):
    ONE = "one"
    TWO_OF_THREE = "two_of_three"


class HolderKey(Base):
    """A person's own pair of keys for openings; the private one opens with a passphrase that only this person knows.

    Lost or replaced keys keep their row with `ended_at`: shares that were made for them stay theirs.
    """

    __tablename__ = "holder_key"
    __table_args__ = (
        sa.Index(
            "uq_holder_key_current", "user_id", unique=True,
            sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    public: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    wrapped: Mapped[bytes] = mapped_column(sa.LargeBinary(128))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class NeedKey(Base):
    """The key to which a need's applications are sealed, one a need; `number` grows when it is renewed."""

    __tablename__ = "need_key"

    need_id: Mapped[int] = mapped_column(sa.ForeignKey("need.id"), primary_key=True)
    mode: Mapped[OpeningMode]
    number: Mapped[int] = mapped_column(default=1)
    public: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    # With one key: the private key, enclosed by the server's. None otherwise, after the opening, and when destroyed.
    enclosed: Mapped[bytes | None] = mapped_column(sa.LargeBinary(128))
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    # A need that was withdrawn or cancelled unopened: its applications stay sealed for ever.
    destroyed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    # What was found: every version's hashes, who opened, and the certificate's own hash.
    certificate: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    certificate_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    reminded_at: Mapped[datetime | None]

    need: Mapped[Need] = relationship()
    shares: Mapped[list[KeyShare]] = relationship(
        back_populates="key", order_by="KeyShare.place", cascade="all, delete-orphan"
    )


class KeyShare(Base):
    """One of the three shares of a need's private key, sealed to its holder's own key."""

    __tablename__ = "key_share"
    __table_args__ = (sa.UniqueConstraint("need_id", "place"), sa.UniqueConstraint("need_id", "holder_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("need_key.need_id"))
    place: Mapped[int]
    holder_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    holder_key_id: Mapped[int] = mapped_column(sa.ForeignKey("holder_key.id"))
    sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary(256))
    # Handed over for the opening and waiting for the second person's, enclosed by the server's key.
    given: Mapped[bytes | None] = mapped_column(sa.LargeBinary(256))
    given_at: Mapped[datetime | None]
    rehearsed_at: Mapped[datetime | None]
    lost_at: Mapped[datetime | None]

    key: Mapped[NeedKey] = relationship(back_populates="shares")
    holder: Mapped[User] = relationship()
    holder_key: Mapped[HolderKey] = relationship()
