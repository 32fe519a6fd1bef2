"""Accounts, the roles granted to them, and their logins."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.core import clock
from matchhub.domain.models.base import Base, Short, codes_table
from matchhub.domain.roles import WORDS, Role

if TYPE_CHECKING:
    from matchhub.domain.models.organisation import Organisation

user_code = codes_table("account")


class User(Base):
    """A person who can sign in. `employer` and `organisation` decide ties (回避) as well as rights."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    email: Mapped[str | None] = mapped_column(sa.String(120), unique=True)
    phone: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    password_hash: Mapped[str] = mapped_column(sa.String(200), default="")
    must_set_password: Mapped[bool] = mapped_column(default=False)
    # An initial password that somebody else handed over opens the account until then.
    initial_until: Mapped[datetime | None]
    active: Mapped[bool] = mapped_column(default=True)
    # Grows when password, roles or activity change: every login with an older number ends.
    epoch: Mapped[int] = mapped_column(default=0)
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    employer: Mapped[str] = mapped_column(Short, default="")
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    organisation: Mapped[Organisation | None] = relationship(back_populates="people", foreign_keys=[organisation_id])
    grants: Mapped[list[Grant]] = relationship(
        back_populates="user", foreign_keys="Grant.user_id", lazy="selectin", cascade="all, delete-orphan"
    )

    # What Flask-Login asks of an account; the login itself is a row of LoginSession, opened by this token.
    is_authenticated = True
    is_anonymous = False
    login_token = ""

    def get_id(self) -> str:
        """What the cookie holds: the token of the login, never the number of the account."""
        return self.login_token

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def roles(self) -> set[Role]:
        """The roles in force today."""
        return {grant.role for grant in self.grants if grant.in_force}

    @property
    def role_codes(self) -> frozenset[str]:
        return frozenset(role.value for role in self.roles)

    @property
    def role_words(self) -> list[str]:
        mine = self.roles
        return [WORDS[role] for role in Role if role in mine]

    def has(self, role: Role) -> bool:
        return role in self.roles

    def sections(self) -> set[str]:
        """Codes of the sections this person works for as street staff."""
        return {g.section_code for g in self.grants if g.in_force and g.role is Role.STREET_STAFF and g.section_code}

    def communities(self) -> set[str]:
        """Codes of the communities this person's roles are tied to."""
        return {g.community_code for g in self.grants if g.in_force and g.community_code}

    def works_for(self, organisation_id: int | None) -> bool:
        return organisation_id is not None and organisation_id == self.organisation_id


class Grant(Base):
    """One role of one person, its scope, and when it is in force."""

    __tablename__ = "role_grant"
    __table_args__ = (sa.CheckConstraint("granted_by_id IS NULL OR granted_by_id <> user_id", name="not_by_oneself"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    role: Mapped[Role]
    section_code: Mapped[str | None] = mapped_column(sa.ForeignKey("section.code"))
    community_code: Mapped[str | None] = mapped_column(sa.ForeignKey("community.code"))
    # For supervisors: `hub` (of a hub organisation) or `backbone` (a resident of the self-governance backbone).
    variety: Mapped[str] = mapped_column(sa.String(20), default="")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    granted_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])

    @property
    def in_force(self) -> bool:
        today = clock.today()
        return (self.starts_on is None or self.starts_on <= today) and (self.ends_on is None or today <= self.ends_on)


class LoginSession(Base):
    """One login: the cookie holds a random token, this row its hash. Ended by log-out, time or a new epoch."""

    __tablename__ = "login_session"

    token_sha256: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"), index=True)
    epoch: Mapped[int]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(Short, default="")

    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)


class LoginAttempt(Base):
    """A sign-in that was tried, per account name and per address, for the throttle."""

    __tablename__ = "login_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(160), index=True)
    at: Mapped[datetime] = mapped_column(index=True)


class Message(Base):
    """A message on the site to one person: `event` names its sentence (domain/messages.py), `title` the record."""

    __tablename__ = "message"
    __table_args__ = (sa.Index("ix_message_unread", "user_id", "read_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(default=clock.now)
    event: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(Short)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    url: Mapped[str] = mapped_column(Short, default="")
    read_at: Mapped[datetime | None]
