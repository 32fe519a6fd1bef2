"""What grows around a review round: draws of its panel, discussions, signatures, edited feedback, and scales of judges."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.application import Application
from matchhub.domain.models.base import Base, Long
from matchhub.domain.models.review import Recusal
from matchhub.domain.models.rubric import ScoreSheet
from matchhub.domain.models.user import User


class PanelDraw(Base):
    """One draw of reviewers by lot: from what seed, among whom, and who came out (domain/drawing.py draws it again).

    `pool` holds one entry per eligible reviewer: number, user, name, tier, ticket, why. `chosen` are numbers of the pool.
    """

    __tablename__ = "panel_draw"
    __table_args__ = (sa.UniqueConstraint("round_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("review_round.id"), index=True)
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=clock.now)
    drawn_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    # The row of the ledger from which the seed was made: the first one after the deadline of the need.
    ledger_seq: Mapped[int]
    ledger_hash: Mapped[str] = mapped_column(sa.String(64))
    seed: Mapped[str] = mapped_column(sa.String(64))
    wanted: Mapped[int]
    pool: Mapped[list[Any]]
    chosen: Mapped[list[Any]]


class TieWithdrawal(Base):
    """The request to take a tie out of the register that was declared by mistake; a second person decides it."""

    __tablename__ = "tie_withdrawal"
    __table_args__ = (sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> asked_by_id", name="two_people"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recusal_id: Mapped[int] = mapped_column(sa.ForeignKey("recusal.id"), index=True)
    reason: Mapped[str] = mapped_column(Long)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    granted: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(Long, default="")

    recusal: Mapped[Recusal] = relationship()
    asked_by: Mapped[User] = relationship(foreign_keys=[asked_by_id])


class Discussion(Base):
    """A recorded discussion (合议) of one application on which the panel disagrees."""

    __tablename__ = "discussion"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("review_round.id"), index=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), index=True)
    held_on: Mapped[date]
    minutes: Mapped[str] = mapped_column(Long)
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)

    application: Mapped[Application] = relationship()
    voices: Mapped[list[DiscussionVoice]] = relationship(
        back_populates="discussion", order_by="DiscussionVoice.id", cascade="all, delete-orphan", lazy="selectin"
    )


class DiscussionVoice(Base):
    """A reviewer who took part. `changes`: wants to score anew; `settled_at`: has done so, or after all does not."""

    __tablename__ = "discussion_voice"
    __table_args__ = (sa.UniqueConstraint("discussion_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    discussion_id: Mapped[int] = mapped_column(sa.ForeignKey("discussion.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    changes: Mapped[bool] = mapped_column(default=False)
    settled_at: Mapped[datetime | None]

    discussion: Mapped[Discussion] = relationship(back_populates="voices")
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Signature(Base):
    """One approver's word on a proposal (会签): agrees or not, and why. `proposal` counts the proposals of the round."""

    __tablename__ = "round_signature"
    __table_args__ = (sa.UniqueConstraint("round_id", "proposal", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("review_round.id"))
    proposal: Mapped[int]
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    agrees: Mapped[bool]
    reason: Mapped[str] = mapped_column(Long, default="")
    at: Mapped[datetime] = mapped_column(default=clock.now)

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class FeedbackEdit(Base):
    """What the street releases of one reviewer's comment: the newest row counts, the sheet keeps the original."""

    __tablename__ = "feedback_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    sheet_id: Mapped[int] = mapped_column(sa.ForeignKey("score_sheet.id"), index=True)
    # Empty: this comment is not passed on.
    text: Mapped[str] = mapped_column(Long, default="")
    edited_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    edited_at: Mapped[datetime] = mapped_column(default=clock.now)

    sheet: Mapped[ScoreSheet] = relationship()
    edited_by: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class ScaleReading(Base):
    """A reviewer has looked at the own scale of a round (评分尺度), perhaps with a word on it; then the street may."""

    __tablename__ = "scale_reading"
    __table_args__ = (sa.UniqueConstraint("round_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("review_round.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    note: Mapped[str] = mapped_column(Long, default="")
    at: Mapped[datetime] = mapped_column(default=clock.now)


register(
    Guard("panel_draw_kept", "panel_draw", ("UPDATE", "DELETE"), "a draw never changes"),
    Guard("round_signature_kept", "round_signature", ("UPDATE", "DELETE"), "a signature never changes"),
    Guard("feedback_edit_kept", "feedback_edit", ("UPDATE", "DELETE"), "an edit of feedback never changes"),
    Guard("discussion_kept", "discussion", ("UPDATE", "DELETE"), "a recorded discussion never changes"),
    Guard(
        "tie_withdrawal_kept",
        "tie_withdrawal",
        ("UPDATE", "DELETE"),
        "a decided request never changes",
        "OLD.decided_at IS NOT NULL",
    ),
)
