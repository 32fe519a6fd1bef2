"""Support wanted by a project (寻求支持) and what foundations pledge, bring and see used (支持意向)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.base import Base, Living, Long, Short
from matchhub.domain.models.organisation import Organisation
from matchhub.domain.models.project import Project
from matchhub.domain.models.user import User


class SupportKind(StrEnum):
    """Quantities are fen of money, fen of the goods' valuation, or hours of expertise."""

    MONEY = "money"
    GOODS = "goods"
    EXPERTISE = "expertise"


class SupportState(StrEnum):
    PROPOSED = "proposed"
    RETURNED = "returned"
    OPEN = "open"
    CLOSED = "closed"


class SupportPhase(StrEnum):
    """What people see: an open line past its day has expired."""

    EXPIRED = "expired"


class PledgeState(StrEnum):
    INTENDED = "intended"
    ACCEPTED = "accepted"
    RECEIVED = "received"
    USED = "used"
    REPORTED = "reported"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


# A pledge that stands: it takes its share of what is wanted.
STANDING = (PledgeState.INTENDED, PledgeState.ACCEPTED, PledgeState.RECEIVED, PledgeState.USED, PledgeState.REPORTED)
# A pledge that both sides agreed on.
AGREED = (PledgeState.ACCEPTED, PledgeState.RECEIVED, PledgeState.USED, PledgeState.REPORTED)


class SupportLine(Living, Base):
    """One thing that a project asks for beyond its agreement: what, how much, why, until when."""

    __tablename__ = "support_line"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.Index("ix_support_line_listed", "state", "until", "id"),
    )

    state: Mapped[SupportState] = mapped_column(default=SupportState.PROPOSED)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"), index=True)
    kind: Mapped[SupportKind]
    title: Mapped[str] = mapped_column(sa.String(80))
    # Fen of money or of valuation, or hours, as the kind says.
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    # Of goods: which and how many. Of expertise: which.
    details: Mapped[str] = mapped_column(Long, default="")
    # The number of the row of the project's budget that it stands beside, counted from 1; none: outside the budget.
    budget_row: Mapped[int | None]
    why: Mapped[str] = mapped_column(Long)
    until: Mapped[date]
    proposed_at: Mapped[datetime] = mapped_column(default=clock.now)
    proposed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Long, default="")

    project: Mapped[Project] = relationship()
    pledges: Mapped[list[Pledge]] = relationship(back_populates="line", order_by="Pledge.id")

    @property
    def phase(self) -> SupportState | SupportPhase:
        over = self.state is SupportState.OPEN and self.until < clock.today()
        return SupportPhase.EXPIRED if over else self.state


class Pledge(Living, Base):
    """What one foundation offers for one line. At most one of its pledges for a line stands."""

    __tablename__ = "pledge"
    __table_args__ = (
        sa.CheckConstraint("quantity > 0", name="quantity"),
        sa.Index(
            "uq_pledge_standing",
            "line_id",
            "foundation_id",
            unique=True,
            sqlite_where=sa.text("state NOT IN ('declined', 'withdrawn')"),
            postgresql_where=sa.text("state NOT IN ('declined', 'withdrawn')"),
        ),
    )

    state: Mapped[PledgeState] = mapped_column(default=PledgeState.INTENDED, index=True)
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("support_line.id"), index=True)
    foundation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    # Of goods: which, and how their value was found.
    details: Mapped[str] = mapped_column(Long, default="")
    conditions: Mapped[str] = mapped_column(Long, default="")
    pledged_at: Mapped[datetime] = mapped_column(default=clock.now)
    pledged_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    # Why it was declined or withdrawn.
    reason: Mapped[str] = mapped_column(Long, default="")
    # What came of it, and what became of a remainder.
    outcome: Mapped[str] = mapped_column(Long, default="")
    remainder: Mapped[str] = mapped_column(Long, default="")
    reported_at: Mapped[datetime | None]
    # Grows with every entry, so that the same entry from two open pages is noticed.
    entry_count: Mapped[int] = mapped_column(default=0)

    line: Mapped[SupportLine] = relationship(back_populates="pledges")
    foundation: Mapped[Organisation] = relationship()
    pledged_by: Mapped[User] = relationship(foreign_keys=[pledged_by_id])
    entries: Mapped[list[PledgeEntry]] = relationship(back_populates="pledge", order_by="PledgeEntry.id")

    @property
    def title(self) -> str:
        return self.line.title

    @property
    def received(self) -> int:
        """How much has arrived, in the unit of the kind."""
        return sum(entry.quantity for entry in self.entries if entry.kind is EntryKind.RECEIPT)

    @property
    def used(self) -> int:
        """How much has been used, in the unit of the kind."""
        return sum(entry.quantity for entry in self.entries if entry.kind is EntryKind.USE)


class EntryKind(StrEnum):
    RECEIPT = "receipt"
    USE = "use"


class PledgeEntry(Base):
    """Something that arrived (到账) or was used (使用): written once, with evidence."""

    __tablename__ = "pledge_entry"
    __table_args__ = (sa.CheckConstraint("quantity > 0", name="quantity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pledge_id: Mapped[int] = mapped_column(sa.ForeignKey("pledge.id"), index=True)
    kind: Mapped[EntryKind]
    on_day: Mapped[date]
    quantity: Mapped[int] = mapped_column(sa.BigInteger)
    words: Mapped[str] = mapped_column(Short, default="")
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    recorded_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))

    pledge: Mapped[Pledge] = relationship(back_populates="entries")


register(
    Guard("support_line_kept", "support_line", ("DELETE",), "what a project asked for stays"),
    Guard("pledge_kept", "pledge", ("DELETE",), "a pledge stays"),
    Guard("pledge_fixed", "pledge", ("UPDATE",), "a reported pledge never changes", "OLD.state = 'reported'"),
    Guard("pledge_entry_fixed", "pledge_entry", ("UPDATE", "DELETE"), "what was received and used is written once"),
)
