"""Score sheets: a rubric in one version, its items, and the sheets that people fill in."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.base import Base, Long, Short
from matchhub.domain.models.user import User


class Rubric(Base):
    """A set of criteria. Once a sheet was submitted with it, only a new version can change anything."""

    __tablename__ = "rubric"
    __table_args__ = (sa.UniqueConstraint("code", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(10))
    number: Mapped[int] = mapped_column(default=1)
    name_zh: Mapped[str] = mapped_column(Short)
    name_en: Mapped[str] = mapped_column(Short, default="")
    kind: Mapped[str] = mapped_column(sa.String(30))
    note: Mapped[str] = mapped_column(Long, default="")
    # With bonus items a total may pass it before it is cut to it; None stands for 100.
    cap: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))
    # What a name-blind review hides from reviewers until the decision: codes of domain/blind.py; None or empty: nothing.
    hidden: Mapped[list[Any] | None] = mapped_column(sa.JSON)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    items: Mapped[list[RubricItem]] = relationship(back_populates="rubric", order_by="RubricItem.sort", lazy="selectin")


class RubricItem(Base):
    __tablename__ = "rubric_item"
    __table_args__ = (sa.UniqueConstraint("rubric_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"))
    code: Mapped[str] = mapped_column(sa.String(10))
    group_code: Mapped[str] = mapped_column(sa.String(30))
    group_zh: Mapped[str] = mapped_column(Short)
    group_en: Mapped[str] = mapped_column(Short, default="")
    name_zh: Mapped[str] = mapped_column(Short)
    name_en: Mapped[str] = mapped_column(Short, default="")
    maximum: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2))
    # Four written anchors, best first, joined by "|": at 90, 75, 60 and 40 % of the maximum.
    anchor_zh: Mapped[str] = mapped_column(Long, default="")
    anchor_en: Mapped[str] = mapped_column(Long, default="")
    # `observed`, `choice` (5/3/0) or `computed`.
    how: Mapped[str] = mapped_column(sa.String(10), default="observed")
    veto: Mapped[bool] = mapped_column(default=False)
    # `score` is part of the 100; `bonus` adds to the total and `deduction` takes from it.
    kind: Mapped[str] = mapped_column(sa.String(10), default="score", server_default="score")
    sort: Mapped[int] = mapped_column(default=0)

    rubric: Mapped[Rubric] = relationship(back_populates="items")


class SheetState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    SUPERSEDED = "superseded"


class SubjectKind(StrEnum):
    """What a sheet scores: an application on paper or at its roadshow, a visit, or a part of a closing (`Assessment`)."""

    APPLICATION = "application"
    ROADSHOW = "roadshow"
    VISIT = "visit"
    LEDGER_INSPECTION = "ledger_inspection"
    PRESENTATION = "presentation"
    SELF = "self"


class ScoreSheet(Base):
    """One judge's sheet on one subject. A submitted one never changes; a correction is a new sheet.

    `total` is out of 100 after items that do not apply have left the denominator. `digest` is the SHA-256 of the
    canonical JSON of rubric, judge, subject and lines.
    """

    __tablename__ = "score_sheet"
    __table_args__ = (
        sa.Index(
            "uq_score_sheet_judge",
            "subject_kind",
            "subject_id",
            "judge_id",
            unique=True,
            sqlite_where=sa.text("state <> 'superseded'"),
            postgresql_where=sa.text("state <> 'superseded'"),
        ),
        sa.CheckConstraint("total IS NULL OR (total >= 0 AND total <= 100)", name="total"),
        sa.CheckConstraint(
            "state = 'draft' OR (total IS NOT NULL AND submitted_at IS NOT NULL)", name="submitted_whole"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[SheetState] = mapped_column(default=SheetState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"))
    subject_kind: Mapped[SubjectKind]
    subject_id: Mapped[int]
    judge_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    comment: Mapped[str] = mapped_column(Long, default="")
    private_note: Mapped[str] = mapped_column(Long, default="")
    # Codes of the vetoes (一票否决) that the judge raised, each with its reason in `comment`.
    vetoes: Mapped[list[Any]] = mapped_column(default=list)
    total: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))
    submitted_at: Mapped[datetime | None]
    digest: Mapped[str] = mapped_column(sa.String(64), default="")
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey("score_sheet.id"))
    replaced_reason: Mapped[str] = mapped_column(Long, default="")
    entered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    # How sure the judge is (把握度): high, medium or low; it never weighs.
    confidence: Mapped[str | None] = mapped_column(sa.String(10))
    # Time between opening the sheet's page and sending it, summed up; None where it is not known.
    spent_seconds: Mapped[int | None]

    rubric: Mapped[Rubric] = relationship()
    judge: Mapped[User] = relationship(foreign_keys=[judge_id])
    lines: Mapped[list[ScoreLine]] = relationship(
        back_populates="sheet", order_by="ScoreLine.id", cascade="all, delete-orphan", lazy="selectin"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def ref(self) -> str:
        return str(self.id)


class ScoreLine(Base):
    """Points for one item; `explanation` holds the numbers of a computed one."""

    __tablename__ = "score_line"
    __table_args__ = (
        sa.UniqueConstraint("sheet_id", "item_id"),
        sa.CheckConstraint("points IS NULL OR points >= 0", name="points"),
        sa.CheckConstraint("NOT (not_applicable AND points IS NOT NULL)", name="either"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(sa.ForeignKey("score_sheet.id"))
    item_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric_item.id"))
    points: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))
    not_applicable: Mapped[bool] = mapped_column(default=False)
    remark: Mapped[str] = mapped_column(Long, default="")
    explanation: Mapped[dict[str, Any]] = mapped_column(default=dict)

    sheet: Mapped[ScoreSheet] = relationship(back_populates="lines")
    item: Mapped[RubricItem] = relationship(lazy="joined", innerjoin=True)


_SHEET_IS_IN = "(SELECT state FROM score_sheet WHERE id = {row}.sheet_id) <> 'draft'"
# A version that a need, a review or a sheet names is frozen: a new one is made instead.
_IN_USE = (
    "(EXISTS (SELECT 1 FROM score_sheet WHERE score_sheet.rubric_id = {rubric}) OR "
    "EXISTS (SELECT 1 FROM review_round WHERE review_round.rubric_id = {rubric}) OR "
    "EXISTS (SELECT 1 FROM need WHERE need.rubric_id = {rubric}))"
)
register(
    Guard(
        "rubric_kept", "rubric", ("UPDATE", "DELETE"), "a rubric in use never changes", _IN_USE.format(rubric="OLD.id")
    ),
    Guard(
        "rubric_item_fixed",
        "rubric_item",
        ("UPDATE", "DELETE"),
        "an item of a rubric in use never changes",
        _IN_USE.format(rubric="OLD.rubric_id"),
    ),
    Guard(
        "rubric_item_late",
        "rubric_item",
        ("INSERT",),
        "a rubric in use gets no new item",
        _IN_USE.format(rubric="NEW.rubric_id"),
    ),
    Guard(
        "score_sheet_fixed",
        "score_sheet",
        ("UPDATE",),
        "a submitted sheet never changes",
        # All that may happen to a submitted sheet is that a correction replaces it.
        "OLD.state = 'superseded' OR (OLD.state = 'submitted' AND NOT (NEW.state = 'superseded' AND NEW.total = OLD.total"
        " AND NEW.digest = OLD.digest AND NEW.judge_id = OLD.judge_id AND NEW.subject_id = OLD.subject_id"
        " AND NEW.subject_kind = OLD.subject_kind AND NEW.submitted_at = OLD.submitted_at))",
    ),
    Guard("score_sheet_kept", "score_sheet", ("DELETE",), "a submitted sheet stays", "OLD.state <> 'draft'"),
    Guard(
        "score_line_fixed", "score_line", ("UPDATE",), "a submitted score never changes", _SHEET_IS_IN.format(row="OLD")
    ),
    Guard("score_line_kept", "score_line", ("DELETE",), "a submitted score stays", _SHEET_IS_IN.format(row="OLD")),
    Guard("score_line_late", "score_line", ("INSERT",), "the sheet is submitted", _SHEET_IS_IN.format(row="NEW")),
)
