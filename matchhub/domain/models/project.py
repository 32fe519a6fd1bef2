"""A project: an awarded application being carried out, its plan, its money and its activities (台账)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.application import Application
from matchhub.domain.models.base import Base, Living, Long, Short
from matchhub.domain.models.need import Need
from matchhub.domain.models.organisation import Organisation
from matchhub.domain.models.user import User


class ProjectState(StrEnum):
    PREPARING = "preparing"
    ACTIVE = "active"
    PAUSED = "paused"
    CLOSING = "closing"
    ASSESSED = "assessed"
    CLOSED = "closed"
    TERMINATED = "terminated"


class Project(Living, Base):
    __tablename__ = "project"
    __table_args__ = (sa.Index("ix_project_listed", "state", "created_at", "id"),)

    state: Mapped[ProjectState] = mapped_column(default=ProjectState.PREPARING)
    need_id: Mapped[int] = mapped_column(sa.ForeignKey("need.id"), index=True)
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), unique=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(80))
    summary: Mapped[str] = mapped_column(Long, default="")
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    agreement_no: Mapped[str] = mapped_column(sa.String(60), default="")
    signed_on: Mapped[date | None]
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    pause_reason: Mapped[str] = mapped_column(Long, default="")
    end_reason: Mapped[str] = mapped_column(Long, default="")
    # Goals carried over from the application: [{"indicator", "baseline", "target", "measure"}].
    goals: Mapped[list[Any]] = mapped_column(default=list)
    # Budget carried over: [{"category", "item", "unit_price_fen", "quantity", "amount_fen", "source"}].
    budget: Mapped[list[Any]] = mapped_column(default=list)

    need: Mapped[Need] = relationship()
    application: Mapped[Application] = relationship()
    organisation: Mapped[Organisation] = relationship()
    plan: Mapped[list[PlanRow]] = relationship(
        back_populates="project", order_by="PlanRow.seq", cascade="all, delete-orphan"
    )
    instalments: Mapped[list[Instalment]] = relationship(
        back_populates="project", order_by="Instalment.seq", cascade="all, delete-orphan"
    )
    partners: Mapped[list[ProjectPartner]] = relationship(
        back_populates="project", order_by="ProjectPartner.seq", cascade="all, delete-orphan"
    )
    activities: Mapped[list[Activity]] = relationship(
        back_populates="project", order_by="Activity.held_on, Activity.id"
    )
    supervisors: Mapped[list[Supervision]] = relationship(back_populates="project", order_by="Supervision.id")

    @property
    def organisations(self) -> list[Organisation]:
        """Who carries it out: the organisation that applied, then the partners that have joined the platform."""
        return [self.organisation, *(row.organisation for row in self.partners if row.organisation is not None)]


class ProjectPartner(Base):
    """A partner of a joint application (联合申报) as it was awarded; `organisation` is None for one from outside.

    `share` is of the work, in percent.
    """

    __tablename__ = "project_partner"
    __table_args__ = (sa.UniqueConstraint("project_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"))
    seq: Mapped[int]
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(Short)
    work: Mapped[str] = mapped_column(Long, default="")
    share: Mapped[int | None]
    amount_fen: Mapped[int | None] = mapped_column(sa.BigInteger)

    project: Mapped[Project] = relationship(back_populates="partners")
    organisation: Mapped[Organisation | None] = relationship(lazy="joined")

    @property
    def ref(self) -> str | None:
        """The reference of its organisation's page."""
        return self.organisation.ref if self.organisation else None


class PlanRow(Base):
    """A row of the agreed activity plan."""

    __tablename__ = "plan_row"
    __table_args__ = (sa.UniqueConstraint("project_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"))
    seq: Mapped[int]
    name: Mapped[str] = mapped_column(Short)
    form: Mapped[str] = mapped_column(sa.String(20))
    times: Mapped[int]
    people_each: Mapped[int]
    # First and last month of the row, as the first day of each month.
    from_month: Mapped[date]
    to_month: Mapped[date]
    lead: Mapped[str] = mapped_column(sa.String(60), default="")
    expected: Mapped[str] = mapped_column(Long, default="")

    project: Mapped[Project] = relationship(back_populates="plan")


class Instalment(Base):
    """A payment the agreement promises; `paid_on` when it was made."""

    __tablename__ = "instalment"
    __table_args__ = (sa.UniqueConstraint("project_id", "seq"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"))
    seq: Mapped[int]
    # `signing`, `middle` or `closing`.
    condition: Mapped[str] = mapped_column(sa.String(20))
    percent: Mapped[int]
    amount_fen: Mapped[int] = mapped_column(sa.BigInteger)
    paid_on: Mapped[date | None]

    project: Mapped[Project] = relationship(back_populates="instalments")


class SupervisionLine(StrEnum):
    GUIDANCE = "guidance"
    COACHING = "coaching"


class Supervision(Base):
    """A supervisor of a project on one of its two lines: guidance (引导, street) or coaching (辅导, hub or backbone)."""

    __tablename__ = "supervision"
    __table_args__ = (sa.UniqueConstraint("project_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"), index=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    line: Mapped[SupervisionLine]
    assigned_at: Mapped[datetime] = mapped_column(default=clock.now)

    project: Mapped[Project] = relationship(back_populates="supervisors")
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class Activity(Base):
    """One activity that took place: the atom of the evidence ledger (台账). Struck out, never deleted."""

    __tablename__ = "activity"
    __table_args__ = (sa.Index("ix_activity_project", "project_id", "held_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"))
    plan_row_id: Mapped[int | None] = mapped_column(sa.ForeignKey("plan_row.id"))
    held_on: Mapped[date]
    name: Mapped[str] = mapped_column(Short)
    form: Mapped[str] = mapped_column(sa.String(20))
    place: Mapped[str] = mapped_column(Short)
    people: Mapped[int]
    new_people: Mapped[int] = mapped_column(default=0)
    volunteers: Mapped[int] = mapped_column(default=0)
    volunteer_hours: Mapped[int] = mapped_column(default=0)
    summary: Mapped[str] = mapped_column(Long, default="")
    feedback: Mapped[str] = mapped_column(Long, default="")
    expense_fen: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    expense_category: Mapped[str] = mapped_column(sa.String(30), default="")
    # Why there are fewer photos than the street asks for; empty when there are enough.
    no_photo_reason: Mapped[str] = mapped_column(Long, default="")
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    recorded_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    # Typed in by the street or the centre for the organisation (代填), from its paper.
    by_proxy: Mapped[bool] = mapped_column(default=False, server_default=sa.text("false"))
    struck_at: Mapped[datetime | None]
    struck_reason: Mapped[str] = mapped_column(Long, default="")

    project: Mapped[Project] = relationship(back_populates="activities")
    plan_row: Mapped[PlanRow | None] = relationship()
    recorded_by: Mapped[User | None] = relationship()

    __mapper_args__ = {"version_id_col": version}


class ReportState(StrEnum):
    AWAITED = "awaited"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    EXEMPT = "exempt"


class ReportPhase(StrEnum):
    """What people see: an awaited report is upcoming, due or overdue by its stored day."""

    UPCOMING = "upcoming"
    DUE = "due"
    OVERDUE = "overdue"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    EXEMPT = "exempt"


class Report(Living, Base):
    """A monthly report (月报). All months are created at the start of the project, each with its stored due day."""

    __tablename__ = "report"
    __table_args__ = (sa.UniqueConstraint("project_id", "month"), sa.Index("ix_report_due", "state", "due_on"))

    state: Mapped[ReportState] = mapped_column(default=ReportState.AWAITED)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id"))
    # The first day of the month that is reported.
    month: Mapped[date]
    due_on: Mapped[date]
    summary: Mapped[str] = mapped_column(Long, default="")
    no_activity_reason: Mapped[str] = mapped_column(Long, default="")
    feedback: Mapped[str] = mapped_column(Long, default="")
    problems: Mapped[str] = mapped_column(Long, default="")
    asks_for_help: Mapped[bool] = mapped_column(default=False)
    team_changes: Mapped[str] = mapped_column(Long, default="")
    suggestions_done: Mapped[str] = mapped_column(Long, default="")
    next_month: Mapped[str] = mapped_column(Long, default="")
    # The month in numbers as domain/measuring.py made them at submission; before it only `other`, the spending by
    # category that belongs to no activity and that the organisation types.
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    submitted_at: Mapped[datetime | None]
    first_submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    reply: Mapped[str] = mapped_column(Long, default="")
    replied_at: Mapped[datetime | None]
    replied_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))

    project: Mapped[Project] = relationship()

    @property
    def phase(self) -> ReportPhase:
        if self.state is not ReportState.AWAITED:
            return ReportPhase(self.state.value)
        today = clock.today()
        if today > self.due_on:
            return ReportPhase.OVERDUE
        month_is_over = (self.month.year, self.month.month) < (today.year, today.month)
        return ReportPhase.DUE if month_is_over else ReportPhase.UPCOMING

    @property
    def is_late(self) -> bool:
        """Whether it was first handed in, or is still missing, after its day."""
        if self.state is ReportState.EXEMPT:
            return False
        if self.first_submitted_at is None:
            return clock.today() > self.due_on
        return clock.local(self.first_submitted_at).date() > self.due_on


register(
    Guard("report_fixed", "report", ("UPDATE",), "an accepted report never changes", "OLD.state = 'accepted'"),
    Guard("report_kept", "report", ("DELETE",), "an accepted report stays", "OLD.state = 'accepted'"),
    Guard("activity_kept", "activity", ("DELETE",), "an activity is struck out, never deleted"),
)
