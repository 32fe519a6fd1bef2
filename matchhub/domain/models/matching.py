"""Suggestions of organisations for a need as they were made, and the street's invitations that came of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.base import Base, Long
from matchhub.domain.models.need import Need
from matchhub.domain.models.organisation import Organisation
from matchhub.domain.models.user import User


class MatchRun(Base):
    """One ranking of organisations for a need, never changed: the weights that were used, and every part of every score.

    `rows`: [{"organisation": id, "score": "81.5", "parts": [{"part", "points", "most", "facts"}]}], best first.
    """

    __tablename__ = "match_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("need.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    weights: Mapped[dict[str, Any]] = mapped_column(default=dict)
    rows: Mapped[list[Any]] = mapped_column(default=list)

    need: Mapped[Need] = relationship()
    made_by: Mapped[User] = relationship()


class InvitationAnswer(StrEnum):
    NONE = "none"
    INTERESTED = "interested"
    DECLINED = "declined"


class Invitation(Base):
    """The street asks an organisation to look at a need; `place` and `score` as the run of that day had them."""

    __tablename__ = "invitation"
    __table_args__ = (sa.UniqueConstraint("need_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("need.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("match_run.id"))
    place: Mapped[int | None]
    score: Mapped[str] = mapped_column(sa.String(8), default="")
    note: Mapped[str] = mapped_column(Long, default="")
    invited_at: Mapped[datetime] = mapped_column(default=clock.now)
    invited_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    answer: Mapped[InvitationAnswer] = mapped_column(default=InvitationAnswer.NONE)
    answer_reason: Mapped[str] = mapped_column(Long, default="")
    answered_at: Mapped[datetime | None]

    need: Mapped[Need] = relationship()
    organisation: Mapped[Organisation] = relationship()
    invited_by: Mapped[User] = relationship()


register(Guard("match_run_fixed", "match_run", ("UPDATE", "DELETE"), "a suggestion that was made never changes"))
