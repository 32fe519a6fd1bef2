"""The coaching log (辅导记录): what the street, the centre or a supervisor advised a project, and its answer."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.base import Base, Living, Long
from matchhub.domain.models.project import Project
from matchhub.domain.models.user import User


class CoachingNote(Living, Base):
    """One talk, visit or meeting in which a project got advice: written once; a mistake is put right by another note."""

    __tablename__ = "coaching_note"
    __table_args__ = (
        sa.CheckConstraint("minutes > 0", name="minutes"),
        sa.Index("ix_coaching_note_project", "project_id", "given_on", "id"),
    )

    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"))
    given_on: Mapped[date] = mapped_column(index=True)
    # A code of `coaching_kind`.
    kind: Mapped[str] = mapped_column(sa.String(30))
    minutes: Mapped[int]
    topic: Mapped[str] = mapped_column(sa.String(80))
    advice: Mapped[str] = mapped_column(Long)
    # Whether the organisation is asked to say what it did.
    wants_reply: Mapped[bool] = mapped_column(default=False)
    written_at: Mapped[datetime] = mapped_column(default=clock.now)
    written_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    reply: Mapped[str] = mapped_column(Long, default="")
    replied_at: Mapped[datetime | None]
    replied_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))

    project: Mapped[Project] = relationship()
    written_by: Mapped[User] = relationship(foreign_keys=[written_by_id])

    @property
    def title(self) -> str:
        return self.topic


register(
    Guard("coaching_note_kept", "coaching_note", ("DELETE",), "what was advised stays"),
    Guard(
        "coaching_note_fixed", "coaching_note", ("UPDATE",), "what was advised and answered is written once",
        "OLD.replied_at IS NOT NULL OR NEW.advice <> OLD.advice OR NEW.topic <> OLD.topic OR "
        "NEW.minutes <> OLD.minutes OR NEW.given_on <> OLD.given_on OR NEW.project_id <> OLD.project_id",
    ),
)  # fmt: skip
