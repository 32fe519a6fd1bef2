"""Closing a project: the closing report, the inspection of its ledger, and the activity assessment (活跃度测评)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.base import Base, Living, Long, Short
from matchhub.domain.models.project import Activity, Project
from matchhub.domain.models.user import User


class ClosingState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


class ClosingReport(Living, Base):
    """What the organisation says at the end (结项报告); `facts` is the table that the system filled."""

    __tablename__ = "closing_report"

    state: Mapped[ClosingState] = mapped_column(default=ClosingState.DRAFT)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"), unique=True)
    # [{"indicator", "baseline", "target", "actual", "explanation"}], one per goal.
    goals: Mapped[list[Any]] = mapped_column(default=list)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    outcomes: Mapped[str] = mapped_column(Long, default="")
    method: Mapped[str] = mapped_column(Long, default="")
    satisfaction_valid: Mapped[int] = mapped_column(default=0)
    satisfaction_satisfied: Mapped[int] = mapped_column(default=0)
    satisfaction_sampling: Mapped[str] = mapped_column(Long, default="")
    # Final account: [{"category", "budget_fen", "spent_fen", "explanation"}].
    account: Mapped[list[Any]] = mapped_column(default=list)
    balance_handling: Mapped[str] = mapped_column(Long, default="")
    teams: Mapped[str] = mapped_column(Long, default="")
    resources: Mapped[str] = mapped_column(Long, default="")
    # The experience card: what was done, conditions, steps, pitfalls, what others need.
    card_practice: Mapped[str] = mapped_column(Long, default="")
    card_conditions: Mapped[str] = mapped_column(Long, default="")
    card_steps: Mapped[str] = mapped_column(Long, default="")
    card_pitfalls: Mapped[str] = mapped_column(Long, default="")
    card_copying: Mapped[str] = mapped_column(Long, default="")
    shortcomings: Mapped[str] = mapped_column(Long, default="")
    handover: Mapped[str] = mapped_column(Long, default="")
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    reply: Mapped[str] = mapped_column(Long, default="")

    project: Mapped[Project] = relationship()


class AssessmentState(StrEnum):
    COLLECTING = "collecting"
    COMPUTED = "computed"
    REVIEWED = "reviewed"
    NOTICE = "notice"
    FINAL = "final"


class Assessment(Living, Base):
    """The activity assessment of one project. `inputs` and `digest` are frozen when it is computed.

    Sheets of C1 have the subject (LEDGER_INSPECTION, id), of C2 (PRESENTATION, id), the organisation's own (SELF, id).
    """

    __tablename__ = "assessment"

    state: Mapped[AssessmentState] = mapped_column(default=AssessmentState.COLLECTING, index=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"), unique=True)
    inspector_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"), index=True)
    sample_seed: Mapped[str] = mapped_column(sa.String(64), default="")
    sampled_at: Mapped[datetime | None]
    presentation_on: Mapped[date | None]
    presentation_place: Mapped[str] = mapped_column(Short, default="")
    presented_at: Mapped[datetime | None]
    # Why the street goes on without the organisation's report or self-score; empty while it still waits for them.
    absent_reason: Mapped[str] = mapped_column(Long, default="")
    # [{"kind", "points", "evidence"}]: verified extras, five points at most in all.
    extras: Mapped[list[Any]] = mapped_column(default=list)
    # [{"code", "reason"}]: vetoes that the street has confirmed.
    vetoes: Mapped[list[Any]] = mapped_column(default=list)
    inputs: Mapped[dict[str, Any]] = mapped_column(default=dict)
    digest: Mapped[str] = mapped_column(sa.String(64), default="")
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    score: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))
    grade: Mapped[str] = mapped_column(sa.String(20), default="")
    strengths: Mapped[str] = mapped_column(Long, default="")
    next_steps: Mapped[str] = mapped_column(Long, default="")
    computed_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]

    project: Mapped[Project] = relationship()
    inspector: Mapped[User | None] = relationship()
    sample: Mapped[list[SampledActivity]] = relationship(
        back_populates="assessment", order_by="SampledActivity.position"
    )
    judges: Mapped[list[PresentationJudge]] = relationship(back_populates="assessment", order_by="PresentationJudge.id")


class SampledActivity(Base):
    """An activity drawn for the inspection, what the inspector counted, and whether it matches the claim."""

    __tablename__ = "sampled_activity"
    __table_args__ = (sa.UniqueConstraint("assessment_id", "activity_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(sa.ForeignKey("assessment.id"))
    activity_id: Mapped[int] = mapped_column(sa.ForeignKey("activity.id"))
    position: Mapped[int]
    claimed_people: Mapped[int]
    counted_people: Mapped[int | None]
    evidence_complete: Mapped[bool | None]
    note: Mapped[str] = mapped_column(Long, default="")

    assessment: Mapped[Assessment] = relationship(back_populates="sample")
    activity: Mapped[Activity] = relationship(lazy="joined", innerjoin=True)


class PresentationJudge(Base):
    """A member of the panel that hears the closing presentation."""

    __tablename__ = "presentation_judge"
    __table_args__ = (sa.UniqueConstraint("assessment_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(sa.ForeignKey("assessment.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    assigned_at: Mapped[datetime] = mapped_column(default=clock.now)

    assessment: Mapped[Assessment] = relationship(back_populates="judges")
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


_SAME = " AND ".join(
    f"{same.format(row='NEW')} = {same.format(row='OLD')}"
    for same in (
        "coalesce({row}.score, -1)", "{row}.grade", "{row}.digest", "CAST({row}.inputs AS TEXT)",
        "CAST({row}.result AS TEXT)", "CAST({row}.extras AS TEXT)", "CAST({row}.vetoes AS TEXT)",
        "{row}.project_id", "{row}.absent_reason",
        "coalesce(CAST({row}.computed_at AS TEXT), '')",
    )
)  # fmt: skip
_INSPECTED = (
    "EXISTS (SELECT 1 FROM score_sheet WHERE subject_kind = 'ledger_inspection' AND state = 'submitted'"
    " AND subject_id = OLD.assessment_id)"
)
register(
    Guard(
        "assessment_fixed",
        "assessment",
        ("UPDATE",),
        "a computed assessment never changes",
        # Back to collecting is the one way to compute anew, and it leaves its trace in the ledger. A final one is final.
        "(OLD.state = 'final' AND NEW.state <> 'final')"
        f" OR (OLD.state <> 'collecting' AND NEW.state <> 'collecting' AND NOT ({_SAME}))",
    ),
    Guard(
        "assessment_advice",
        "assessment",
        ("UPDATE",),
        "what was reviewed never changes",
        "OLD.state IN ('reviewed', 'notice', 'final') AND NEW.state <> 'collecting'"
        " AND NOT (NEW.strengths = OLD.strengths AND NEW.next_steps = OLD.next_steps)",
    ),
    Guard(
        "assessment_seed",
        "assessment",
        ("UPDATE",),
        "a sample is drawn once",
        "OLD.sample_seed <> '' AND NEW.sample_seed <> OLD.sample_seed",
    ),
    Guard("assessment_kept", "assessment", ("DELETE",), "an assessment stays", "OLD.state <> 'collecting'"),
    Guard(
        "sample_late",
        "sampled_activity",
        ("INSERT",),
        "the sample is drawn",
        "(SELECT sampled_at FROM assessment WHERE id = NEW.assessment_id) IS NOT NULL",
    ),
    Guard(
        "sample_fixed",
        "sampled_activity",
        ("UPDATE",),
        "a drawn sample never changes",
        "NEW.assessment_id <> OLD.assessment_id OR NEW.activity_id <> OLD.activity_id OR NEW.position <> OLD.position"
        f" OR NEW.claimed_people <> OLD.claimed_people OR {_INSPECTED}",
    ),
    Guard("sample_kept", "sampled_activity", ("DELETE",), "a drawn sample stays"),
    Guard(
        "closing_report_fixed",
        "closing_report",
        ("UPDATE", "DELETE"),
        "an accepted report never changes",
        "OLD.state = 'accepted'",
    ),
)
