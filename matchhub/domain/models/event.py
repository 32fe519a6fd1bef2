"""Roadshows, promotions, closing presentations and other events: who presents, who comes, how the room votes."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.core.guards import Guard, register
from matchhub.domain.models.application import Application
from matchhub.domain.models.base import Base, Living, Long, Short
from matchhub.domain.models.need import Need
from matchhub.domain.models.organisation import Organisation
from matchhub.domain.models.project import Project
from matchhub.domain.models.user import User


class EventKind(StrEnum):
    ROADSHOW = "roadshow"
    PROMOTION = "promotion"
    CLOSING = "closing"
    TRAINING = "training"
    SUPERVISION_MEETING = "supervision_meeting"
    MEETING = "meeting"


class EventState(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    RUNNING = "running"
    ENDED = "ended"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class EventPhase(StrEnum):
    """What people see of an announced event where it differs from its state."""

    CLOSED = "closed"


class Audience(StrEnum):
    """Who may sign up: everybody, organisations of the platform, or nobody (the people are invited)."""

    PUBLIC = "public"
    ORGANISATIONS = "organisations"
    INVITED = "invited"


class Event(Living, Base):
    """One event at one place. A roadshow belongs to the review of its need.

    `capacity` counts seats for people who sign up or check in by themselves; None: no limit. `secret` makes the codes of
    the rotating QR and never leaves the server.
    """

    __tablename__ = "event"

    state: Mapped[EventState] = mapped_column(default=EventState.PLANNED, index=True)
    kind: Mapped[EventKind]
    title: Mapped[str] = mapped_column(Short)
    summary: Mapped[str] = mapped_column(Long, default="")
    place: Mapped[str] = mapped_column(Short)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    audience: Mapped[Audience] = mapped_column(default=Audience.PUBLIC)
    capacity: Mapped[int | None]
    signup_closes_at: Mapped[datetime | None]
    need_id: Mapped[int | None] = mapped_column(sa.ForeignKey("need.id"), index=True)
    talk_minutes: Mapped[int]
    answer_minutes: Mapped[int]
    ballots: Mapped[bool] = mapped_column(default=False)
    contact: Mapped[str] = mapped_column(Short, default="")
    announced_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    secret: Mapped[str] = mapped_column(sa.String(64))
    # The draw of the order: the ledger row before it, what was drawn from, and when.
    drawn_at: Mapped[datetime | None]
    draw_head: Mapped[str] = mapped_column(sa.String(64), default="")
    draw_seq: Mapped[int | None]
    minutes: Mapped[str] = mapped_column(Long, default="")
    minutes_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    published_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(Long, default="")
    planned_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))

    need: Mapped[Need | None] = relationship()
    minutes_by: Mapped[User | None] = relationship(foreign_keys=[minutes_by_id])
    presentations: Mapped[list[Presentation]] = relationship(
        back_populates="event", order_by="Presentation.position, Presentation.id", cascade="all, delete-orphan"
    )

    @property
    def signup_ends_at(self) -> datetime:
        return self.signup_closes_at or self.starts_at

    @property
    def phase(self) -> EventState | EventPhase:
        """CLOSED once nobody can sign up any more before an announced event; else the state."""
        over = self.audience is Audience.INVITED or self.signup_ends_at <= clock.now()
        if self.state is EventState.OPEN and over:
            return EventPhase.CLOSED
        return self.state


class Stage(StrEnum):
    """Where a presentation stands."""

    WAITING = "waiting"
    TALK = "talk"
    ANSWER = "answer"
    DONE = "done"


class Presentation(Base):
    """One item of an agenda: an application at a roadshow, a project, or a subject of its own.

    The countdown is a fact of the server: of the present stage `used_seconds` were used before `since`; while `since` is
    set it runs on. Residents' ballots are added up when they are closed; `paper_*` are those keyed in from paper.
    """

    __tablename__ = "presentation"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(24), unique=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), index=True)
    position: Mapped[int | None]
    title: Mapped[str] = mapped_column(Short)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"), index=True)
    project_id: Mapped[int | None] = mapped_column(sa.ForeignKey("project.id"), index=True)
    talk_minutes: Mapped[int | None]
    answer_minutes: Mapped[int | None]
    added_at: Mapped[datetime] = mapped_column(default=clock.now)
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_reason: Mapped[str] = mapped_column(Short, default="")
    stage: Mapped[Stage] = mapped_column(default=Stage.WAITING)
    used_seconds: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime | None]
    began_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    ballots_closed_at: Mapped[datetime | None]
    ballot_count: Mapped[int] = mapped_column(default=0)
    ballot_average: Mapped[Decimal | None] = mapped_column(sa.Numeric(4, 2))
    paper_count: Mapped[int] = mapped_column(default=0)
    paper_total: Mapped[Decimal] = mapped_column(sa.Numeric(7, 1), default=Decimal(0))
    paper_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    paper_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(Long, default="")

    event: Mapped[Event] = relationship(back_populates="presentations")
    organisation: Mapped[Organisation | None] = relationship()
    application: Mapped[Application | None] = relationship()
    project: Mapped[Project | None] = relationship()
    paper_by: Mapped[User | None] = relationship()

    @property
    def ref(self) -> str:
        return self.code

    def left_seconds(self, at: datetime) -> int:
        """Seconds left of the present stage; negative when it is over time; 0 before and after."""
        if self.stage not in (Stage.TALK, Stage.ANSWER):
            return 0
        running = (at - self.since) if self.since else timedelta()
        return self.length_seconds - self.used_seconds - int(running.total_seconds())

    @property
    def length_seconds(self) -> int:
        if self.stage is Stage.ANSWER:
            return 60 * (self.event.answer_minutes if self.answer_minutes is None else self.answer_minutes)
        return 60 * (self.event.talk_minutes if self.talk_minutes is None else self.talk_minutes)


class SignupStatus(StrEnum):
    REGISTERED = "registered"
    WAITING = "waiting"
    CANCELLED = "cancelled"


class SignupKind(StrEnum):
    RESIDENT = "resident"
    ORGANISATION = "organisation"
    VISITOR = "visitor"


class Signup(Base):
    """Somebody who comes, with or without an account: by the form, at the door, or keyed in from paper (`by_id`).

    `code` is the key of its page, `ballot_code` of its ballots, given at check-in. Name and contact are blanked some time
    after the event. `ticket` and `device` make one check-in of one scan and one phone.
    """

    __tablename__ = "signup"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "ticket"),
        sa.UniqueConstraint("event_id", "device"),
        sa.Index("ix_signup_event", "event_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"))
    code: Mapped[str] = mapped_column(sa.String(24), unique=True)
    ballot_code: Mapped[str | None] = mapped_column(sa.String(24), unique=True)
    status: Mapped[SignupStatus] = mapped_column(default=SignupStatus.REGISTERED)
    kind: Mapped[SignupKind]
    name: Mapped[str] = mapped_column(sa.String(60), default="")
    phone: Mapped[str] = mapped_column(sa.String(20), default="")
    email: Mapped[str] = mapped_column(sa.String(120), default="")
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    people: Mapped[int] = mapped_column(default=1)
    at_the_door: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    promoted_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    checked_in_at: Mapped[datetime | None]
    checked_in_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    ticket: Mapped[str | None] = mapped_column(sa.String(40))
    device: Mapped[str | None] = mapped_column(sa.String(64))

    event: Mapped[Event] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    by: Mapped[User | None] = relationship(foreign_keys=[by_id])
    checked_in_by: Mapped[User | None] = relationship(foreign_keys=[checked_in_by_id])


class Ballot(Base):
    """What one checked-in resident gave one presentation, 1 to 10. The link to the person goes with the personal data."""

    __tablename__ = "ballot"
    __table_args__ = (sa.UniqueConstraint("presentation_id", "signup_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    presentation_id: Mapped[int] = mapped_column(sa.ForeignKey("presentation.id"))
    signup_id: Mapped[int | None] = mapped_column(sa.ForeignKey("signup.id"))
    points: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=clock.now)


class Interest(Base):
    """Somebody who wants to support or take on what was presented, and what came of it."""

    __tablename__ = "interest"

    id: Mapped[int] = mapped_column(primary_key=True)
    presentation_id: Mapped[int] = mapped_column(sa.ForeignKey("presentation.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    who: Mapped[str] = mapped_column(Short)
    kind: Mapped[str] = mapped_column(sa.String(20))
    note: Mapped[str] = mapped_column(Long, default="")
    follow_up: Mapped[str] = mapped_column(Long, default="")
    settled: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    followed_at: Mapped[datetime | None]

    presentation: Mapped[Presentation] = relationship()
    organisation: Mapped[Organisation | None] = relationship()


register(
    Guard(
        "event_draw_fixed",
        "event",
        ("UPDATE",),
        "an order drawn by lot never changes",
        "OLD.drawn_at IS NOT NULL AND (NEW.drawn_at IS DISTINCT FROM OLD.drawn_at OR NEW.draw_head <> OLD.draw_head"
        " OR NEW.draw_seq IS DISTINCT FROM OLD.draw_seq)",
    ),
    Guard(
        "event_minutes_fixed",
        "event",
        ("UPDATE",),
        "published minutes never change",
        "OLD.state = 'published' AND NEW.minutes <> OLD.minutes",
    ),
    Guard(
        "ballot_fixed",
        "ballot",
        ("UPDATE",),
        "a ballot cast never changes",
        "NEW.points <> OLD.points OR NEW.presentation_id <> OLD.presentation_id",
    ),
    Guard("ballot_kept", "ballot", ("DELETE",), "a ballot cast stays"),
    Guard(
        "ballots_counted",
        "presentation",
        ("UPDATE",),
        "counted ballots never change",
        "OLD.ballots_closed_at IS NOT NULL AND (NEW.ballots_closed_at IS DISTINCT FROM OLD.ballots_closed_at"
        " OR NEW.ballot_count <> OLD.ballot_count OR NEW.ballot_average IS DISTINCT FROM OLD.ballot_average)",
    ),
)
