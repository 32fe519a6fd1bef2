"""Partners of a joint application (联合申报), and the guard that keeps a submitted text out after the deadline.

What a partner will do and for which share stands in the application's document, which is sealed. Here is only that an
organisation was asked, and what it said; `terms_sha256` is the hash of what it said it to.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock, guards
from matchhub.core.guards import Guard
from matchhub.domain.models.application import Application
from matchhub.domain.models.base import Base, Long
from matchhub.domain.models.organisation import Organisation
from matchhub.domain.models.user import User


class PartnerAnswer(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"


class ApplicationPartner(Base):
    """One admitted organisation that was asked to take part in the application of another."""

    __tablename__ = "application_partner"
    __table_args__ = (sa.UniqueConstraint("application_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    answer: Mapped[PartnerAnswer] = mapped_column(default=PartnerAnswer.ASKED)
    terms_sha256: Mapped[str] = mapped_column(sa.String(64))
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    # What the partner wrote when it declined.
    note: Mapped[str] = mapped_column(Long, default="")

    application: Mapped[Application] = relationship()
    organisation: Mapped[Organisation] = relationship()
    answered_by: Mapped[User | None] = relationship(foreign_keys=[answered_by_id])


# A text is taken in before the need's deadline, or as the one correction before its own; the moment is the row's own,
# which the second guard then keeps as it is.
_IN_TIME = """EXISTS (SELECT 1 FROM application JOIN need ON need.id = application.need_id
  WHERE application.id = NEW.application_id AND (NEW.submitted_at < need.closes_at OR (
    NEW.submitted_at < application.correction_due_at
    AND (application.state = 'correction' OR application.corrected_at = NEW.submitted_at))))"""

TOO_LATE = "the deadline has passed"

guards.register(
    Guard("application_version_late", "application_version", ("INSERT",), TOO_LATE, f"NOT {_IN_TIME}"),
    Guard(
        "application_version_fixed",
        "application_version",
        ("UPDATE",),
        "a submitted text never changes",
        "NEW.submitted_at <> OLD.submitted_at OR NEW.sha256 <> OLD.sha256 OR NEW.number <> OLD.number "
        "OR NEW.application_id <> OLD.application_id",
    ),
)
