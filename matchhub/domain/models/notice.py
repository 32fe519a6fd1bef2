"""Public notices (公示) and the objections raised against them (异议)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.base import Base, Living, Long, Short


class NoticeState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    AMENDED = "amended"
    REVOKED = "revoked"
    CONCLUDED = "concluded"


class NoticeKind(StrEnum):
    ADMISSION = "admission"
    AWARD = "award"
    ASSESSMENT = "assessment"
    CHANGE = "change"
    TERMINATION = "termination"


class NoticePhase(StrEnum):
    """What people see: a published notice is announced until its first day begins, and past its end it has ended."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    PUBLISHED = "published"
    ENDED = "ended"
    AMENDED = "amended"
    REVOKED = "revoked"
    CONCLUDED = "concluded"


class Notice(Living, Base):
    """A public notice. From publication on title, body, rows and period never change; a mistake gets a correction.

    `starts_at` is 00:00 of its first and `ends_at` 24:00 of its last working day in Shanghai.
    """

    __tablename__ = "notice"
    __table_args__ = (
        sa.Index("ix_notice_listed", "state", "published_at", "id"),
        sa.CheckConstraint("state = 'draft' OR (starts_at IS NOT NULL AND ends_at > starts_at)", name="period"),
    )

    state: Mapped[NoticeState] = mapped_column(default=NoticeState.DRAFT)
    kind: Mapped[NoticeKind]
    title: Mapped[str] = mapped_column(sa.String(120))
    basis: Mapped[str] = mapped_column(Long, default="")
    body: Mapped[str] = mapped_column(Long, default="")
    # The table of the notice: [{"rank", "organisation", "title", "score", "amount", "before", "after", "result"}] in its
    # own order.
    rows: Mapped[list[Any]] = mapped_column(default=list)
    # What its quiet end brings about, for kinds that do not always move something: {"deed": "change", "ends_on": …}.
    proposal: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    # Of a correction: whether it changed the substance, so that its period began anew.
    substantial: Mapped[bool | None]
    working_days: Mapped[int] = mapped_column(default=5)
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    issuer: Mapped[str] = mapped_column(Short, default="")
    contact: Mapped[str] = mapped_column(Short, default="")
    need_id: Mapped[int | None] = mapped_column(sa.ForeignKey("need.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("project.id"), index=True)
    corrects_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notice.id"))
    outcome: Mapped[str] = mapped_column(Long, default="")
    drafted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))

    corrects: Mapped[Notice | None] = relationship(remote_side="Notice.id")
    objections: Mapped[list[Objection]] = relationship(back_populates="notice", order_by="Objection.id")

    @property
    def phase(self) -> NoticePhase:
        if self.state is NoticeState.PUBLISHED and self.starts_at is not None and self.ends_at is not None:
            if self.ends_at <= clock.now():
                return NoticePhase.ENDED
            return NoticePhase.PUBLISHED if self.starts_at <= clock.now() else NoticePhase.ANNOUNCED
        return NoticePhase(self.state.value)


class ObjectionState(StrEnum):
    RECEIVED = "received"
    INVESTIGATING = "investigating"
    REJECTED = "rejected"
    ANSWERED = "answered"


class Objection(Living, Base):
    """An objection with a real name, which the street alone sees. `follow_code` lets its author read the answer.

    `public_reason` is what everybody reads of it after the period; `check_due_on` the day by which its form is checked.
    """

    __tablename__ = "objection"

    state: Mapped[ObjectionState] = mapped_column(default=ObjectionState.RECEIVED, index=True)
    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notice.id"), index=True)
    follow_code: Mapped[str] = mapped_column(sa.String(24), unique=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    contact: Mapped[str] = mapped_column(sa.String(60))
    against: Mapped[str] = mapped_column(Short, default="")
    reason: Mapped[str] = mapped_column(Long)
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    check_due_on: Mapped[date | None]
    checked_at: Mapped[datetime | None]
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    answer_due_on: Mapped[date]
    findings: Mapped[str] = mapped_column(Long, default="")
    answer: Mapped[str] = mapped_column(Long, default="")
    public_reason: Mapped[str] = mapped_column(Long, default="", server_default="")
    upheld: Mapped[bool | None]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))

    notice: Mapped[Notice] = relationship(back_populates="objections")


register(
    Guard(
        "notice_fixed",
        "notice",
        ("UPDATE",),
        "a published notice never changes",
        "OLD.state <> 'draft' AND NOT (NEW.title = OLD.title AND NEW.body = OLD.body AND NEW.basis = OLD.basis"
        " AND CAST(NEW.rows AS TEXT) = CAST(OLD.rows AS TEXT)"
        " AND coalesce(CAST(NEW.proposal AS TEXT), '') = coalesce(CAST(OLD.proposal AS TEXT), '') AND NEW.starts_at = OLD.starts_at"
        " AND NEW.ends_at = OLD.ends_at AND NEW.published_at = OLD.published_at AND NEW.ref = OLD.ref)",
    ),
    Guard("notice_kept", "notice", ("DELETE",), "a published notice stays", "OLD.state <> 'draft'"),
)
