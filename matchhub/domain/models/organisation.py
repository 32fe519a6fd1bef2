"""A social organisation (社会组织) and what the street knows of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchhub.domain.models.base import Base, Living, Long, Short, codes_table
from matchhub.domain.models.user import User

organisation_code = codes_table("organisation")


class OrganisationState(StrEnum):
    DRAFT = "draft"
    PENDING = "pending"
    RETURNED = "returned"
    ADMITTED = "admitted"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    LEFT = "left"


class Organisation(Living, Base):
    __tablename__ = "organisation"

    state: Mapped[OrganisationState] = mapped_column(default=OrganisationState.DRAFT, index=True)
    name: Mapped[str] = mapped_column(sa.String(100), unique=True)
    uscc: Mapped[str] = mapped_column(sa.String(18), unique=True)
    type: Mapped[str] = mapped_column(sa.String(40))
    org_class: Mapped[str] = mapped_column(sa.String(40), default="")
    origin: Mapped[str] = mapped_column(sa.String(20), default="")
    is_hub: Mapped[bool] = mapped_column(default=False)
    registrar: Mapped[str] = mapped_column(Short, default="")
    registered_on: Mapped[date | None]
    legal_representative: Mapped[str] = mapped_column(sa.String(60), default="")
    address: Mapped[str] = mapped_column(Short, default="")
    office_address: Mapped[str] = mapped_column(Short, default="")
    authority: Mapped[str] = mapped_column(Short, default="")
    is_charity: Mapped[bool] = mapped_column(default=False)
    may_raise_funds: Mapped[bool] = mapped_column(default=False)
    is_tax_exempt: Mapped[bool] = mapped_column(default=False)
    party_branch: Mapped[str] = mapped_column(Short, default="")
    grade: Mapped[str] = mapped_column(sa.String(10), default="none")
    grade_on: Mapped[date | None]
    grade_until: Mapped[date | None]
    annual_check: Mapped[str] = mapped_column(Short, default="")
    annual_check_passed: Mapped[bool] = mapped_column(default=False)
    # Set by the street: listed as abnormal or seriously dishonest (异常名录、严重失信); `credit_note` says where.
    in_bad_standing: Mapped[bool] = mapped_column(default=False)
    credit_note: Mapped[str] = mapped_column(Long, default="")
    staff_full: Mapped[int] = mapped_column(default=0)
    staff_part: Mapped[int] = mapped_column(default=0)
    social_workers: Mapped[int] = mapped_column(default=0)
    capacity: Mapped[int] = mapped_column(default=1)
    intro: Mapped[str] = mapped_column(Long, default="")
    brand_project: Mapped[str] = mapped_column(Long, default="")
    # What it is good at, in its own words, one tag each.
    abilities: Mapped[list[Any]] = mapped_column(default=list)
    contact_name: Mapped[str] = mapped_column(sa.String(60), default="")
    contact_phone: Mapped[str] = mapped_column(sa.String(20), default="")
    board: Mapped[list[Any]] = mapped_column(default=list)
    # Only the organisation and the street read it.
    bank_account: Mapped[str] = mapped_column(Short, default="")
    # The street's own note on how the organisation was helped to grow (孵化记录).
    incubation_note: Mapped[str] = mapped_column(Long, default="")
    submitted_at: Mapped[datetime | None]
    admitted_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(Long, default="")
    # No new applications before this day: the consequence of a failed assessment.
    barred_until: Mapped[date | None]

    people: Mapped[list[User]] = relationship(
        back_populates="organisation", foreign_keys=[User.organisation_id], order_by=User.id
    )
