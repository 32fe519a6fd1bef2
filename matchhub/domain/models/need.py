"""A governance project need that the street publishes (需求), and the questions asked about it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.domain.models.base import Base, Living, Long, Short, codes_table
from matchhub.domain.models.office import Section
from matchhub.domain.models.organisation import Organisation
from matchhub.domain.models.user import User

need_code = codes_table("need")


class NeedState(StrEnum):
    DRAFT = "draft"
    INTERNAL_REVIEW = "internal_review"
    OPEN = "open"
    REVIEWING = "reviewing"
    NOTICE = "notice"
    MATCHED = "matched"
    FAILED = "failed"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


class NeedPhase(StrEnum):
    """What people see: the state, with an open need past its deadline shown as closed."""

    DRAFT = "draft"
    INTERNAL_REVIEW = "internal_review"
    OPEN = "open"
    CLOSED = "closed"
    REVIEWING = "reviewing"
    NOTICE = "notice"
    MATCHED = "matched"
    FAILED = "failed"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


class Need(Living, Base):
    __tablename__ = "need"
    __table_args__ = (
        sa.Index("ix_need_listed", "state", "published_at", "id"),
        sa.Index("ix_need_deadline", "state", "closes_at", "id"),
    )

    state: Mapped[NeedState] = mapped_column(default=NeedState.DRAFT)
    title: Mapped[str] = mapped_column(sa.String(80))
    summary: Mapped[str] = mapped_column(sa.String(60), default="")
    background: Mapped[str] = mapped_column(Long, default="")
    target_note: Mapped[str] = mapped_column(Short, default="")
    target_count: Mapped[int | None]
    # Expected results: [{"indicator", "baseline", "target"}], at least one at publication.
    outcomes: Mapped[list[Any]] = mapped_column(default=list)
    requirements: Mapped[str] = mapped_column(Long, default="")
    essential: Mapped[list[Any]] = mapped_column(default=list)
    preferred: Mapped[list[Any]] = mapped_column(default=list)
    problem: Mapped[str] = mapped_column(sa.String(40), default="")
    urgency: Mapped[str] = mapped_column(sa.String(20), default="normal")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    budget_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    budget_public: Mapped[bool] = mapped_column(default=True)
    funding: Mapped[str] = mapped_column(sa.String(40), default="")
    procurement: Mapped[str] = mapped_column(sa.String(40), default="")
    joint_allowed: Mapped[bool] = mapped_column(default=False)
    # `written`, `roadshow` or `both`.
    review_mode: Mapped[str] = mapped_column(sa.String(20), default="written")
    rubric_id: Mapped[int | None] = mapped_column(sa.ForeignKey("rubric.id"))
    notice_days: Mapped[int] = mapped_column(default=5)
    collect_days: Mapped[int] = mapped_column(default=15)
    section_code: Mapped[str] = mapped_column(sa.ForeignKey("section.code"))
    contact_name: Mapped[str] = mapped_column(sa.String(60), default="")
    contact_phone: Mapped[str] = mapped_column(sa.String(30), default="")
    review_on: Mapped[date | None]
    roadshow_on: Mapped[date | None]
    source: Mapped[str] = mapped_column(sa.String(40), default="")
    suggested: Mapped[str] = mapped_column(Long, default="")
    internal_note: Mapped[str] = mapped_column(Long, default="")
    related_need_id: Mapped[int | None] = mapped_column(sa.ForeignKey("need.id"))
    drafted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    published_at: Mapped[datetime | None]
    questions_close_at: Mapped[datetime | None]
    answers_due_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    # When the sealed applications were opened, after the deadline; None: nobody but the applicants has read any.
    opened_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    # Why it ended: public, except of a declined need, which only its section and whoever raised it can read.
    public_reason: Mapped[str] = mapped_column(Long, default="")
    # The rules of scoring as they were published (settings as text); None before publication.
    scoring_rules: Mapped[dict[str, Any] | None]

    section: Mapped[Section] = relationship(lazy="joined", innerjoin=True)
    questions: Mapped[list[Question]] = relationship(back_populates="need", order_by="Question.id")

    @property
    def phase(self) -> NeedPhase:
        """What people see at this moment; `domain/phases.py` has the SQL twin."""
        if self.state is NeedState.OPEN and self.closes_at is not None and self.closes_at <= clock.now():
            return NeedPhase.CLOSED
        return NeedPhase(self.state.value)


class Question(Base):
    """A question about a need. The street sees only a mark that tells the same asker, never who it is."""

    __tablename__ = "question"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("need.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    asker_mark: Mapped[str] = mapped_column(sa.String(12))
    text: Mapped[str] = mapped_column(Long)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    answer: Mapped[str] = mapped_column(Long, default="")
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    # What the section has written but not yet published, and how often it was saved (two people may write at once).
    draft: Mapped[str] = mapped_column(Long, default="", server_default="")
    draft_version: Mapped[int] = mapped_column(default=0, server_default="0")
    # The number of the batch in which the answer was published: all of a batch became public at the same moment.
    batch: Mapped[int | None]

    need: Mapped[Need] = relationship(back_populates="questions")
    organisation: Mapped[Organisation] = relationship()
    answered_by: Mapped[User | None] = relationship()

    @property
    def is_drafted(self) -> bool:
        """Whether its answer is written and waits to be published."""
        return self.answered_at is None and self.draft != ""
