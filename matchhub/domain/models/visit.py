"""Supervision visits (督导), what they suggest, and what must be put right (整改)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.base import Base, Living, Long, Short
from matchhub.domain.models.project import Project, SupervisionLine
from matchhub.domain.models.user import User


class VisitState(StrEnum):
    PLANNED = "planned"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    CONTESTED = "contested"
    FINAL = "final"
    CANCELLED = "cancelled"


class VisitPhase(StrEnum):
    """What people see of a visit where it differs from its state."""

    MISSED = "missed"
    SILENT = "silent"


class VisitStage(StrEnum):
    START = "start"
    MIDDLE = "middle"
    END = "end"
    SPECIAL = "special"


class VisitKind(StrEnum):
    ON_SITE = "on_site"
    ATTEND = "attend"
    LEDGER = "ledger"
    REMOTE = "remote"


class Visit(Living, Base):
    """One supervision visit by one supervisor; its score sheet has the subject (VISIT, id).

    `confirm_due_at` passes without a word: the record counts as confirmed (视为确认).
    """

    __tablename__ = "visit"
    __table_args__ = (sa.Index("ix_visit_project", "project_id", "planned_on"),)

    state: Mapped[VisitState] = mapped_column(default=VisitState.PLANNED)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"))
    supervisor_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    line: Mapped[SupervisionLine]
    stage: Mapped[VisitStage]
    kind: Mapped[VisitKind]
    planned_on: Mapped[date]
    planned_time: Mapped[str] = mapped_column(sa.String(20), default="")
    place: Mapped[str] = mapped_column(Short, default="")
    visited_on: Mapped[date | None]
    minutes: Mapped[int | None]
    present: Mapped[str] = mapped_column(Short, default="")
    materials: Mapped[str] = mapped_column(Long, default="")
    observation: Mapped[str] = mapped_column(Long, default="")
    interviewed: Mapped[int] = mapped_column(default=0)
    interview_notes: Mapped[str] = mapped_column(Long, default="")
    highlights: Mapped[str] = mapped_column(Long, default="")
    # [{"kind", "severity", "text"}]
    problems: Mapped[list[Any]] = mapped_column(default=list)
    # Items of a rectification typed so far, before the record is submitted: [{"issue", "basis", "requirement", "severity"}].
    orders_draft: Mapped[list[Any]] = mapped_column(default=list)
    no_tie_declared: Mapped[bool] = mapped_column(default=False)
    submitted_at: Mapped[datetime | None]
    confirm_due_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    contest_reason: Mapped[str] = mapped_column(Long, default="")
    contest_answer: Mapped[str] = mapped_column(Long, default="")
    cancel_reason: Mapped[str] = mapped_column(Long, default="")

    project: Mapped[Project] = relationship()
    supervisor: Mapped[User] = relationship()
    suggestions: Mapped[list[Suggestion]] = relationship(
        back_populates="visit", order_by="Suggestion.id", cascade="all, delete-orphan"
    )

    @property
    def counts(self) -> bool:
        """Whether its score enters C3: confirmed, settled after a contest, or unanswered past its clock."""
        if self.state in (VisitState.CONFIRMED, VisitState.FINAL):
            return True
        return self.is_confirmed_by_silence

    @property
    def is_confirmed_by_silence(self) -> bool:
        return (
            self.state is VisitState.SUBMITTED
            and self.confirm_due_at is not None
            and self.confirm_due_at <= clock.now()
        )

    @property
    def phase(self) -> VisitState | VisitPhase:
        """MISSED when its day is over without a record, SILENT when it counts as confirmed; else the state."""
        if self.is_confirmed_by_silence:
            return VisitPhase.SILENT
        if self.state is VisitState.PLANNED and self.planned_on < clock.today():
            return VisitPhase.MISSED
        return self.state


# What the supervisor wrote is fixed with the submission; a visit that is settled in any way never changes again.
_RECORD = ("project_id", "supervisor_id", "line", "stage", "kind", "place", "visited_on", "minutes", "present",
           "materials", "observation", "interviewed", "interview_notes", "highlights", "submitted_at",
           "confirm_due_at")  # fmt: skip
register(
    Guard(
        "visit_fixed",
        "visit",
        ("UPDATE",),
        "a submitted visit record never changes",
        "OLD.state IN ('confirmed', 'final', 'cancelled') OR (OLD.state IN ('submitted', 'contested') AND ("
        + " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _RECORD)
        + " OR CAST(NEW.problems AS TEXT) <> CAST(OLD.problems AS TEXT)))",
    ),
    Guard("visit_kept", "visit", ("DELETE",), "a submitted visit record stays", "OLD.state <> 'planned'"),
)


class Suggestion(Base):
    """An improvement that a visit suggests; the organisation answers each."""

    __tablename__ = "suggestion"

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(sa.ForeignKey("visit.id"), index=True)
    text: Mapped[str] = mapped_column(Long)
    answer: Mapped[str] = mapped_column(Long, default="")
    answered_at: Mapped[datetime | None]

    visit: Mapped[Visit] = relationship(back_populates="suggestions")


class RectificationState(StrEnum):
    ISSUED = "issued"
    ACKNOWLEDGED = "acknowledged"
    REPORTED = "reported"
    CLOSED = "closed"
    ESCALATED = "escalated"


class RectificationPhase(StrEnum):
    """What people see of a rectification where it differs from its state."""

    OVERDUE = "overdue"


class Rectification(Living, Base):
    """An order to put something right (整改单). No project closes while one is open."""

    __tablename__ = "rectification"

    state: Mapped[RectificationState] = mapped_column(default=RectificationState.ISSUED, index=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"), index=True)
    visit_id: Mapped[int | None] = mapped_column(sa.ForeignKey("visit.id"))
    issued_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    issued_at: Mapped[datetime] = mapped_column(default=clock.now)
    due_on: Mapped[date]
    acknowledged_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]
    first_reported_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    verify_note: Mapped[str] = mapped_column(Long, default="")

    project: Mapped[Project] = relationship()
    visit: Mapped[Visit | None] = relationship()
    items: Mapped[list[RectificationItem]] = relationship(
        back_populates="rectification", order_by="RectificationItem.id", cascade="all, delete-orphan"
    )

    @property
    def is_open(self) -> bool:
        return self.state is not RectificationState.CLOSED

    @property
    def phase(self) -> RectificationState | RectificationPhase:
        """OVERDUE when its day is over without a reply; else the state."""
        waiting = self.state in (RectificationState.ISSUED, RectificationState.ACKNOWLEDGED)
        return RectificationPhase.OVERDUE if waiting and clock.today() > self.due_on else self.state

    @property
    def was_on_time(self) -> bool | None:
        """Whether it was first reported by its day; None while it still may be."""
        if self.first_reported_at is None:
            return False if clock.today() > self.due_on else None
        return clock.local(self.first_reported_at).date() <= self.due_on


class RectificationItem(Base):
    __tablename__ = "rectification_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    rectification_id: Mapped[int] = mapped_column(sa.ForeignKey("rectification.id"), index=True)
    issue: Mapped[str] = mapped_column(Long)
    basis: Mapped[str] = mapped_column(Long, default="")
    requirement: Mapped[str] = mapped_column(Long)
    severity: Mapped[str] = mapped_column(sa.String(10), default="medium")
    reply: Mapped[str] = mapped_column(Long, default="")
    # After verification: `fixed`, `partly` or `not_fixed`.
    result: Mapped[str] = mapped_column(sa.String(12), default="")
    result_note: Mapped[str] = mapped_column(Long, default="")
    # Earlier rounds, oldest first: [{"at", "reply", "result", "note"}].
    history: Mapped[list[Any]] = mapped_column(default=list)

    rectification: Mapped[Rectification] = relationship(back_populates="items")


_ORDER_IS_CLOSED = "(SELECT state FROM rectification WHERE id = OLD.rectification_id) = 'closed'"
register(
    Guard("rectification_fixed", "rectification", ("UPDATE",), "a closed rectification never changes", "OLD.state = 'closed'"),
    Guard("rectification_kept", "rectification", ("DELETE",), "a rectification stays"),
    Guard("rectification_item_fixed", "rectification_item", ("UPDATE",), "a closed rectification never changes",
          _ORDER_IS_CLOSED),
    Guard("rectification_item_kept", "rectification_item", ("DELETE",), "an item of a rectification stays"),
)  # fmt: skip
