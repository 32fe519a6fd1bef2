"""Standing declarations of an organisation, and its objection when an eligibility check excluded it."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.domain.models.application import Application
from matchhub.domain.models.base import Base, Long
from matchhub.domain.models.organisation import Organisation
from matchhub.domain.models.user import User


class StandingDeclaration(Base):
    """Something an organisation declares once for all its applications, until a day. `kind`: domain/declarations.py."""

    __tablename__ = "standing_declaration"
    __table_args__ = (sa.Index("ix_standing_declaration_kind", "organisation_id", "kind", "expires_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(sa.String(30))
    signed_name: Mapped[str] = mapped_column(sa.String(60))
    signed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    signed_on: Mapped[date]
    # The last day on which it counts.
    expires_on: Mapped[date]
    signed_at: Mapped[datetime] = mapped_column(default=clock.now)

    organisation: Mapped[Organisation] = relationship()


class ExclusionObjection(Base):
    """An excluded organisation's objection, one an application, decided by another person than the one who excluded it."""

    __tablename__ = "exclusion_objection"
    __table_args__ = (
        sa.UniqueConstraint("application_id"),
        sa.CheckConstraint("decided_by_id IS NULL OR decided_by_id <> excluded_by_id", name="decided_by_another"),
        sa.CheckConstraint("(decided_at IS NULL) = (upheld IS NULL)", name="decided_or_not"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    reason: Mapped[str] = mapped_column(Long)
    received_at: Mapped[datetime] = mapped_column(default=clock.now)
    received_from_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    excluded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    due_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    upheld: Mapped[bool | None]
    answer: Mapped[str] = mapped_column(Long, default="")

    application: Mapped[Application] = relationship()
    received_from: Mapped[User] = relationship(foreign_keys=[received_from_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])
