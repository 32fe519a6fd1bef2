"""Intake review: the round of a need, its panel, ties and recusal, and the decision."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.application import Application
from matchhub.domain.models.base import Base, Living, Long
from matchhub.domain.models.need import Need
from matchhub.domain.models.rubric import Rubric
from matchhub.domain.models.user import User


class RoundState(StrEnum):
    PREPARING = "preparing"
    SCORING = "scoring"
    DECIDING = "deciding"
    PROPOSED = "proposed"
    DECIDED = "decided"


class ReviewRound(Living, Base):
    """The review of all qualified applications of one need."""

    __tablename__ = "review_round"

    state: Mapped[RoundState] = mapped_column(default=RoundState.PREPARING, index=True)
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("need.id"), unique=True)
    rubric_id: Mapped[int] = mapped_column(sa.ForeignKey("rubric.id"))
    due_at: Mapped[datetime | None]
    # The aggregation as it was when scoring ended: every number and step of domain/scoring/aggregate.py.
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    # Residents' ballots at the roadshow, by the application's id: {"7": {"count": 24, "average": "8.5"}} of 10 points.
    ballots: Mapped[dict[str, Any]] = mapped_column(default=dict)
    necessity_note: Mapped[str] = mapped_column(Long, default="")
    memo: Mapped[str] = mapped_column(Long, default="")
    proposed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    # How often an opinion was proposed: signatures belong to one of them.
    proposals: Mapped[int] = mapped_column(default=0, server_default="0")

    need: Mapped[Need] = relationship()
    rubric: Mapped[Rubric] = relationship()
    panel: Mapped[list[Panelist]] = relationship(
        back_populates="round", order_by="Panelist.id", cascade="all, delete-orphan"
    )


class Panelist(Base):
    """A reviewer of a round. Nothing is shown before `declared_at`."""

    __tablename__ = "panelist"
    __table_args__ = (sa.UniqueConstraint("round_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("review_round.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    declared_at: Mapped[datetime | None]
    assigned_at: Mapped[datetime] = mapped_column(default=clock.now)

    round: Mapped[ReviewRound] = relationship(back_populates="panel")
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Recusal(Base):
    """A tie between a judge and an organisation that bars the judge from it: declared by the judge or detected."""

    __tablename__ = "recusal"
    __table_args__ = (sa.UniqueConstraint("user_id", "organisation_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(30))
    detected: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Long, default="")
    at: Mapped[datetime] = mapped_column(default=clock.now)
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class Decision(Base):
    """What the decision page says of one application: rank, score, proposed or not, and why."""

    __tablename__ = "decision"

    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("review_round.id"), index=True)
    rank: Mapped[int | None]
    score: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))
    proposed: Mapped[bool] = mapped_column(default=False)
    amount_fen: Mapped[int | None] = mapped_column(sa.BigInteger)
    reason: Mapped[str] = mapped_column(Long, default="")
    feedback: Mapped[str] = mapped_column(Long, default="")

    application: Mapped[Application] = relationship()


_ROUND_IS_DECIDED = "(SELECT state FROM review_round WHERE id = OLD.round_id) = 'decided'"
register(
    Guard(
        "review_result_fixed",
        "review_round",
        ("UPDATE",),
        "a decided result never changes",
        "OLD.state = 'decided' AND NOT (CAST(NEW.result AS TEXT) = CAST(OLD.result AS TEXT)"
        " AND CAST(NEW.ballots AS TEXT) = CAST(OLD.ballots AS TEXT) AND NEW.need_id = OLD.need_id)",
    ),
    Guard("decision_fixed", "decision", ("UPDATE", "DELETE"), "a decision taken never changes", _ROUND_IS_DECIDED),
)
