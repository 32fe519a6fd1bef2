"""What residents think of a project: filled-in satisfaction questionnaires, without names."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core.guards import Guard, register
from matchhub.domain.models.base import Base, Long
from matchhub.domain.models.project import Project

# The five questions of the questionnaire, each answered with 1 (no) to 5 (yes, very).
MARKS = ("needed", "convenient", "manner", "helpful", "again")


class SurveyChannel(StrEnum):
    """How a questionnaire came in: by the link of the QR code, or on paper that somebody typed in."""

    PHONE = "phone"
    PAPER = "paper"


class SurveyAnswer(Base):
    """One questionnaire. It never changes; one that is not valid is struck out with a reason and counts no more."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        sa.Index("ix_survey_answer_project", "project_id", "id"),
        *(sa.CheckConstraint(f"{name} BETWEEN 1 AND 5", name=f"survey_{name}") for name in MARKS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"))
    channel: Mapped[SurveyChannel]
    answered_on: Mapped[date]
    needed: Mapped[int]
    convenient: Mapped[int]
    manner: Mapped[int]
    helpful: Mapped[int]
    again: Mapped[int]
    wish: Mapped[str] = mapped_column(Long, default="")
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    struck_at: Mapped[datetime | None]
    struck_reason: Mapped[str] = mapped_column(Long, default="")

    project: Mapped[Project] = relationship()

    @property
    def marks(self) -> tuple[int, ...]:
        """The five marks in the order of the questions."""
        return tuple(getattr(self, name) for name in MARKS)


_CHANGED = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in ("project_id", "channel", *MARKS, "wish"))

register(
    Guard("survey_answer_kept", "survey_answer", ("DELETE",), "an answer is struck out, never deleted"),
    Guard(
        "survey_answer_fixed", "survey_answer", ("UPDATE",), "an answer never changes",
        f"OLD.struck_at IS NOT NULL OR {_CHANGED}",
    ),
)  # fmt: skip
