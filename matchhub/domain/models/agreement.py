"""Agreements (协议): the template in its versions, and the agreement of each project with the text that was agreed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.base import Base, Long, Short
from matchhub.domain.models.project import Project
from matchhub.domain.models.user import User


class AgreementTemplate(Base):
    """One version of the standard text. A version never changes; whoever edits makes the next one.

    `body` holds the placeholders of domain/agreeing.py in braces; a line that begins with "# " is a heading.
    """

    __tablename__ = "agreement_template"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(Short)
    body: Mapped[str] = mapped_column(Long)
    note: Mapped[str] = mapped_column(Short, default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    # The name of who made it, as it was then; empty: it came with the software.
    created_by: Mapped[str] = mapped_column(sa.String(60), default="")


class Agreement(Base):
    """The agreement of a project: its terms, the text made from them, and when each side signed.

    `content` are the blocks of the text as domain/agreeing.py filled them in, `digest` the SHA-256 of its canonical JSON.
    Both sides have signed when both days are there; `signed_by_id` is who put that on record.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        sa.CheckConstraint("amount_fen > 0", name="amount"),
        sa.CheckConstraint("ends_on > starts_on", name="period"),
        sa.CheckConstraint(
            "(street_signed_on IS NULL) = (organisation_signed_on IS NULL)"
            " AND (street_signed_on IS NULL) = (signed_by_id IS NULL)",
            name="signed_by_both",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"), unique=True)
    template_id: Mapped[int] = mapped_column(sa.ForeignKey("agreement_template.id"), index=True)
    number: Mapped[str] = mapped_column(sa.String(60), unique=True)
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    # Shares of the instalments at signing, mid-term and closing.
    percents: Mapped[list[Any]] = mapped_column(default=list)
    content: Mapped[list[Any]] = mapped_column(default=list)
    digest: Mapped[str] = mapped_column(sa.String(64), default="")
    street_signed_on: Mapped[date | None]
    organisation_signed_on: Mapped[date | None]
    prepared_at: Mapped[datetime] = mapped_column(default=clock.now)
    prepared_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    signed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))

    project: Mapped[Project] = relationship()
    template: Mapped[AgreementTemplate] = relationship()
    prepared_by: Mapped[User] = relationship(foreign_keys=[prepared_by_id])

    __mapper_args__ = {"version_id_col": version}

    @property
    def is_signed(self) -> bool:
        return self.street_signed_on is not None and self.organisation_signed_on is not None


_STARTED = "(SELECT state FROM project WHERE id = OLD.project_id) <> 'preparing'"
_APPROVER = (
    "(SELECT review_round.decided_by_id FROM review_round JOIN project ON project.need_id = review_round.need_id"
    " WHERE project.id = NEW.project_id)"
)
register(
    Guard(
        "agreement_template_fixed", "agreement_template", ("UPDATE", "DELETE"), "a version of a template never changes"
    ),
    Guard("agreement_fixed", "agreement", ("UPDATE", "DELETE"), "the agreement of a started project stays", _STARTED),
    # Two people: who proposes an award never approves it, and who approved it does not put the agreement on record.
    Guard(
        "award_two_people",
        "review_round",
        ("INSERT", "UPDATE"),
        "who proposes an award never approves it",
        "NEW.state = 'decided' AND NEW.proposed_by_id = NEW.decided_by_id",
    ),
    Guard(
        "award_named_people",
        "review_round",
        ("UPDATE",),
        "an award names who proposed and who approved it",
        "NEW.state = 'decided' AND OLD.state <> 'decided'"
        " AND (NEW.proposed_by_id IS NULL OR NEW.decided_by_id IS NULL)",
    ),
    Guard(
        "agreement_two_people",
        "agreement",
        ("INSERT", "UPDATE"),
        "who approved the award does not sign for it",
        f"NEW.signed_by_id = {_APPROVER}",
    ),
)
