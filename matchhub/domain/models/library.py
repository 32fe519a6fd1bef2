"""The library: numbered entries of the street's questions and guides, and their versions, which never change."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock, markdown
from matchhub.core.guards import Guard, register
from matchhub.domain.models.base import Base, Living, Long, Short

SUMMARY = 120


class LibraryState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class LibraryEntry(Living, Base):
    """One entry. `title`, `kind` and `text` (Markdown) are those of its newest version; before the first one, the draft's.

    What is being written for the next version waits in `working`, where no visitor's page and no search looks.
    """

    __tablename__ = "library"
    __table_args__ = (sa.Index("ix_library_listed", "state", "kind", "id"),)

    state: Mapped[LibraryState] = mapped_column(default=LibraryState.DRAFT)
    number: Mapped[str] = mapped_column(sa.String(20), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    title: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(Long, default="")
    # {"title", "kind", "text"} of the next version; None when nothing waits to be published.
    working: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    # Number and moment of the newest version; 0 and None before the first.
    edition: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(Short, default="")
    drafted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))

    versions: Mapped[list[LibraryVersion]] = relationship(
        back_populates="entry", order_by="LibraryVersion.edition.desc()"
    )

    @property
    def summary(self) -> str:
        """The beginning of the text without its marks, headings and tables."""
        said = markdown.plain(self.text[: SUMMARY * 8], prose_only=True)
        return said if len(said) <= SUMMARY else f"{said[:SUMMARY]}…"

    @property
    def is_changed(self) -> bool:
        """Whether something is written that has not been published yet."""
        return self.edition == 0 or self.working is not None


class LibraryVersion(Base):
    """An entry as it was published at `published_at`; `edition` counts from 1. It never changes."""

    __tablename__ = "library_version"
    __table_args__ = (sa.UniqueConstraint("entry_id", "edition"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("library.id"))
    edition: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(20))
    title: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(Long)
    published_at: Mapped[datetime] = mapped_column(default=clock.now)
    published_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))

    entry: Mapped[LibraryEntry] = relationship(back_populates="versions")


register(
    Guard("library_version_fixed", "library_version", ("UPDATE", "DELETE"), "a published version never changes"),
    Guard(
        "library_number_fixed",
        "library",
        ("UPDATE",),
        "a published entry keeps its number",
        "OLD.edition > 0 AND (NEW.number <> OLD.number OR NEW.ref <> OLD.ref OR NEW.edition < OLD.edition)",
    ),
    Guard("library_kept", "library", ("DELETE",), "a published entry stays", "OLD.edition > 0"),
)
