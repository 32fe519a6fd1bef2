"""The green channel (绿色通道): a project asks for help, the street answers and brings somebody of its directory in."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.base import Base, Living, Long, Short
from matchhub.domain.models.project import Project, Report
from matchhub.domain.models.user import User


class HelpState(StrEnum):
    RAISED = "raised"
    ANSWERED = "answered"
    REFERRED = "referred"
    CONCLUDED = "concluded"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Urgency(StrEnum):
    NORMAL = "normal"
    URGENT = "urgent"


class HelpOutcome(StrEnum):
    SOLVED = "solved"
    PARTLY = "partly"
    UNSOLVED = "unsolved"


class HelpRequest(Living, Base):
    """One difficulty of a project that it cannot overcome alone."""

    __tablename__ = "help_request"
    __table_args__ = (
        sa.Index("ix_help_request_listed", "state", "answer_due_at", "id"),
        sa.Index("ix_help_request_answered", "first_answered_at"),
    )

    state: Mapped[HelpState] = mapped_column(default=HelpState.RAISED)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"), index=True)
    # The monthly report whose tick led here; none: asked on the project's page.
    report_id: Mapped[int | None] = mapped_column(sa.ForeignKey("report.id"), index=True)
    # A code of `help_kind`: whose help is needed.
    kind: Mapped[str] = mapped_column(sa.String(30))
    title: Mapped[str] = mapped_column(sa.String(80))
    details: Mapped[str] = mapped_column(Long)
    urgency: Mapped[Urgency] = mapped_column(default=Urgency.NORMAL)
    contact_name: Mapped[str] = mapped_column(sa.String(60))
    contact_phone: Mapped[str] = mapped_column(sa.String(30))
    raised_at: Mapped[datetime] = mapped_column(default=clock.now)
    raised_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    # Stored when it is raised and when it is answered: later settings and calendars change neither.
    answer_due_at: Mapped[datetime]
    first_answered_at: Mapped[datetime | None]
    # Office minutes (办公时间) from the request to the first answer.
    answer_minutes: Mapped[int | None]
    outcome: Mapped[HelpOutcome | None]
    outcome_words: Mapped[str] = mapped_column(Long, default="")
    concluded_at: Mapped[datetime | None]
    concluded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    closed_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship()
    report: Mapped[Report | None] = relationship()
    entries: Mapped[list[HelpEntry]] = relationship(back_populates="request", order_by="HelpEntry.id")

    @property
    def is_late(self) -> bool:
        """Whether its first answer came, or is still missing, after its moment."""
        return (self.first_answered_at or clock.now()) > self.answer_due_at


class HelpResource(Living, Base):
    """Somebody who can help (资源名录): an office, a judge, a lawyer. Those who have left are put out of use."""

    __tablename__ = "help_resource"
    __table_args__ = (sa.Index("ix_help_resource_kind", "kind", "id"),)

    kind: Mapped[str] = mapped_column(sa.String(30))
    name: Mapped[str] = mapped_column(sa.String(80))
    body: Mapped[str] = mapped_column(Short, default="")
    abilities: Mapped[str] = mapped_column(Long)
    # When and how to reach them, for people: "周二、周四下午".
    hours: Mapped[str] = mapped_column(Short, default="")
    contact_name: Mapped[str] = mapped_column(sa.String(60))
    contact_phone: Mapped[str] = mapped_column(sa.String(30))
    active: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)


class HelpEntryKind(StrEnum):
    ANSWER = "answer"
    REFERRAL = "referral"
    WORDS = "words"
    CONCLUSION = "conclusion"
    REOPENING = "reopening"
    WITHDRAWAL = "withdrawal"


class HelpEntry(Base):
    """What was said or done about a request: written once."""

    __tablename__ = "help_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(sa.ForeignKey("help_request.id"), index=True)
    kind: Mapped[HelpEntryKind]
    words: Mapped[str] = mapped_column(Long)
    # Of a referral: who was brought in.
    resource_id: Mapped[int | None] = mapped_column(sa.ForeignKey("help_resource.id"), index=True)
    # Of a conclusion: what came of it.
    outcome: Mapped[HelpOutcome | None]
    written_at: Mapped[datetime] = mapped_column(default=clock.now)
    written_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))

    request: Mapped[HelpRequest] = relationship(back_populates="entries")
    resource: Mapped[HelpResource | None] = relationship()
    written_by: Mapped[User] = relationship()


register(
    Guard("help_request_kept", "help_request", ("DELETE",), "a request for help stays"),
    Guard("help_request_fixed", "help_request", ("UPDATE",), "a closed request never changes", "OLD.state = 'closed'"),
    Guard(
        "help_answer_fixed", "help_request", ("UPDATE",), "the first answer is measured once",
        "OLD.first_answered_at IS NOT NULL AND (NEW.first_answered_at IS NULL OR "
        "NEW.first_answered_at <> OLD.first_answered_at OR NEW.answer_minutes <> OLD.answer_minutes)",
    ),
    Guard("help_entry_fixed", "help_entry", ("UPDATE", "DELETE"), "what was said about a request is written once"),
)  # fmt: skip
