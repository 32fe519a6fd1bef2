"""An organisation's application for a need (申报书).

Its content is one document per version, so that one rule can seal it: `ApplicationBody.document` is a dictionary of
the parts described in domain/application_form.py. Nothing of it is copied into other columns before the opening, and
nothing of it lies readable in the database before: docs/decisions/0009-sealed-applications.md.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _
from matchhub.core.vault import AtRest
from matchhub.domain.models.base import Base, Living, Long
from matchhub.domain.models.need import Need
from matchhub.domain.models.organisation import Organisation
from matchhub.domain.models.user import User


class ApplicationState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    WITHDRAWN = "withdrawn"
    CORRECTION = "correction"
    QUALIFIED = "qualified"
    UNQUALIFIED = "unqualified"
    PROPOSED = "proposed"
    AWARDED = "awarded"
    NOT_SELECTED = "not_selected"


class Application(Living, Base):
    __tablename__ = "application"
    __table_args__ = (
        sa.UniqueConstraint("need_id", "organisation_id"),
        sa.Index(
            "uq_application_award",
            "need_id",
            unique=True,
            sqlite_where=sa.text("state = 'awarded'"),
            postgresql_where=sa.text("state = 'awarded'"),
        ),
    )

    state: Mapped[ApplicationState] = mapped_column(default=ApplicationState.DRAFT, index=True)
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("need.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    receipt_sha256: Mapped[str] = mapped_column(sa.String(64), default="")
    correction_due_at: Mapped[datetime | None]
    correction_note: Mapped[str] = mapped_column(Long, default="")
    # Codes of the parts that may be changed in the correction round; `files` stands for the attachments.
    correction_parts: Mapped[list[Any]] = mapped_column(default=list)
    corrected_at: Mapped[datetime | None]
    # When and by whom it was excluded, and until when it may object.
    excluded_at: Mapped[datetime | None]
    excluded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    objection_until: Mapped[datetime | None]
    # The reason that the applicant reads, whatever the result.
    result_reason: Mapped[str] = mapped_column(Long, default="")

    need: Mapped[Need] = relationship()
    organisation: Mapped[Organisation] = relationship()
    submitted_by: Mapped[User | None] = relationship(foreign_keys=[submitted_by_id])
    body: Mapped[ApplicationBody] = relationship(back_populates="application", cascade="all, delete-orphan")
    checks: Mapped[list[EligibilityCheck]] = relationship(
        back_populates="application", order_by="EligibilityCheck.id", cascade="all, delete-orphan"
    )


class ApplicationBody(Base):
    """What the organisation is working on; a submission copies it into an `ApplicationVersion`."""

    __tablename__ = "application_body"

    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(AtRest("draft"), default=dict)
    done_parts: Mapped[list[Any]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(default=1)
    saved_at: Mapped[datetime] = mapped_column(default=clock.now)
    saved_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))

    application: Mapped[Application] = relationship(back_populates="body")

    __mapper_args__ = {"version_id_col": version}


class StillSealed(NotNow):
    """Somebody asked for a submitted text before its need was opened."""


class ApplicationVersion(Base):
    """One submitted text, never changed: `sha256` is the hash of its canonical JSON, shown on the receipt.

    Until the opening the text is only in `sealed` (to the need's key), and `document` raises StillSealed whoever asks.
    The organisation reads its own text from `own_text`. domain/sealing.py fills and opens; nobody else does.
    """

    __tablename__ = "application_version"
    __table_args__ = (sa.UniqueConstraint("application_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    number: Mapped[int]
    opened_text: Mapped[dict[str, Any] | None] = mapped_column("document", sa.JSON(none_as_null=True))
    own_copy: Mapped[dict[str, Any] | None] = mapped_column(AtRest("own copy"))
    sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    sealed_sha256: Mapped[str] = mapped_column(sa.String(64), default="", server_default="")
    sha256: Mapped[str] = mapped_column(sa.String(64))
    submitted_at: Mapped[datetime]
    submitted_by_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))

    @hybrid_property
    def document(self) -> dict[str, Any]:
        """The text for the street and the reviewers. Raises StillSealed before the opening."""
        if self.opened_text is None:
            raise StillSealed(_("申报内容还没有开启，现在谁也看不到。"))
        return self.opened_text

    @document.inplace.setter
    def _set_document(self, value: dict[str, Any]) -> None:
        self.opened_text = value

    @document.inplace.expression
    @classmethod
    def _document_column(cls) -> Any:
        return cls.opened_text

    @property
    def own_text(self) -> dict[str, Any]:
        """The text for the organisation that wrote it, at any time. Never for anybody else."""
        text = self.opened_text if self.opened_text is not None else self.own_copy
        if text is None:
            raise StillSealed(_("这一版的内容没有保留副本，请以收据的校验码为准。"))
        return text


class EligibilityCheck(Base):
    """One rule of the eligibility check of one application. `passed` None: not yet decided."""

    __tablename__ = "eligibility_check"
    __table_args__ = (sa.UniqueConstraint("application_id", "rule"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    rule: Mapped[str] = mapped_column(sa.String(40))
    passed: Mapped[bool | None]
    computed: Mapped[bool] = mapped_column(default=False)
    evidence: Mapped[str] = mapped_column(Long, default="")
    repair: Mapped[str] = mapped_column(Long, default="")
    # What was looked at: [{"word", "kind", "ref"}], as `checklist.links` makes addresses of them.
    sources: Mapped[list[Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    checked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    checked_at: Mapped[datetime | None]

    application: Mapped[Application] = relationship(back_populates="checks")


class JointProject(Base):
    """Two parties that worked together on an earlier project: evidence for ties (回避)."""

    __tablename__ = "joint_project"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    until: Mapped[date]
