"""Files that belong to a record; the content lies in the store, this row says whose it is and what it is for.

A file of an application is encrypted in the store, and its name and the hash of its content are encrypted here: a known
file could otherwise be recognised by them.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core import clock
from matchhub.core.vault import AtRest
from matchhub.domain.models.base import Base, Short


class Attachment(Base):
    """One file of one record. `purpose` says for whom it is meant (domain/policy), `code` is its address.

    `place` is where the store keeps it. `name` and `sha256` (of the content) come from `secret` where there is one.
    """

    __tablename__ = "attachment"
    __table_args__ = (sa.Index("ix_attachment_subject", "subject_kind", "subject_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(24), unique=True)
    subject_kind: Mapped[str] = mapped_column(sa.String(24))
    subject_id: Mapped[int]
    purpose: Mapped[str] = mapped_column(sa.String(30))
    caption: Mapped[str] = mapped_column(Short, default="")
    plain_name: Mapped[str] = mapped_column("name", sa.String(110))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size_bytes: Mapped[int]
    place: Mapped[str] = mapped_column("sha256", sa.String(64), index=True)
    # Of an encrypted file: {"name", "sha256", "key"}; the key opens its content.
    secret: Mapped[dict[str, Any] | None] = mapped_column(AtRest("file"))
    expires_on: Mapped[date | None]
    uploaded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    uploaded_at: Mapped[datetime] = mapped_column(default=clock.now)

    def __init__(self, *, name: str, sha256: str, **fields: Any) -> None:
        super().__init__(plain_name=name, place=sha256, **fields)

    @property
    def name(self) -> str:
        return str(self.secret["name"]) if self.secret else self.plain_name

    @property
    def sha256(self) -> str:
        """Of the content, as its owner uploaded it."""
        return str(self.secret["sha256"]) if self.secret else self.place

    @property
    def key(self) -> str:
        """What opens the content in the store; empty for one that is kept plain."""
        return str(self.secret["key"]) if self.secret else ""

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")
