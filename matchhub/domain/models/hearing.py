"""What the street asks an organisation about an objection (情况说明): the case without its author, and the answer."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.base import Base, Living, Long
from matchhub.domain.models.notice import Notice, Objection
from matchhub.domain.models.organisation import Organisation


class Hearing(Living, Base):
    """A request to one organisation. It names the notice, never the objector: `statement` is the street's own summary."""

    __tablename__ = "hearing"

    objection_id: Mapped[int] = mapped_column(sa.ForeignKey("objection.id"), index=True)
    notice_id: Mapped[int] = mapped_column(sa.ForeignKey("notice.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    statement: Mapped[str] = mapped_column(Long)
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    due_on: Mapped[date]
    reply: Mapped[str] = mapped_column(Long, default="")
    replied_at: Mapped[datetime | None]
    replied_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))

    # No way leads from here to the objection in a template: pages of the organisation are given the hearing alone.
    objection: Mapped[Objection] = relationship(foreign_keys=[objection_id])
    notice: Mapped[Notice] = relationship(lazy="joined", innerjoin=True)
    organisation: Mapped[Organisation] = relationship()

    @property
    def is_open(self) -> bool:
        """Whether an answer may still be given: none was, and the street has not decided yet."""
        return self.replied_at is None and self.objection.answered_at is None


register(
    Guard("hearing_kept", "hearing", ("DELETE",), "what an organisation was asked stays"),
    Guard("hearing_fixed", "hearing", ("UPDATE",), "an answer never changes", "OLD.replied_at IS NOT NULL"),
)
