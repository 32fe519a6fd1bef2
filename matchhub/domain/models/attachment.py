"""Files that belong to a record; the content lies in the store, this row says whose it is and what it is for."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core import clock
from matchhub.domain.models.base import Base, Short


class Attachment(Base):
    """One file of one record. `purpose` says for whom it is meant (domain/policy.py), `code` is its address."""

    __tablename__ = "attachment"
    __table_args__ = (sa.Index("ix_attachment_subject", "subject_kind", "subject_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(24), unique=True)
    subject_kind: Mapped[str] = mapped_column(sa.String(24))
    subject_id: Mapped[int]
    purpose: Mapped[str] = mapped_column(sa.String(30))
    caption: Mapped[str] = mapped_column(Short, default="")
    name: Mapped[str] = mapped_column(sa.String(110))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64), index=True)
    expires_on: Mapped[date | None]
    uploaded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    uploaded_at: Mapped[datetime] = mapped_column(default=clock.now)

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")
