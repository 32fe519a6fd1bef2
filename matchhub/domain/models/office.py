"""The street office's own tables: sections, communities, codes, settings and the calendar."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.domain.models.base import Base, Long, Short


class Section(Base):
    """A functional section of the street office (科室)."""

    __tablename__ = "section"

    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    name_zh: Mapped[str] = mapped_column(Short)
    name_en: Mapped[str] = mapped_column(Short, default="")
    sort: Mapped[int] = mapped_column(default=0)


class Community(Base):
    """A residential community (居民小区)."""

    __tablename__ = "community"

    code: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    name_zh: Mapped[str] = mapped_column(Short)
    name_en: Mapped[str] = mapped_column(Short, default="")
    kind: Mapped[str] = mapped_column(sa.String(20))
    households: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(Long, default="")
    sort: Mapped[int] = mapped_column(default=0)


class Code(Base):
    """A word of a list that administrators keep: service fields, target groups, kinds of activity …"""

    __tablename__ = "code"

    kind: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    name_zh: Mapped[str] = mapped_column(Short)
    name_en: Mapped[str] = mapped_column(Short, default="")
    sort: Mapped[int] = mapped_column(default=0)


class Setting(Base):
    """A period, weight or limit that the street may change within its bounds."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    value: Mapped[str] = mapped_column(Short)
    type: Mapped[str] = mapped_column(sa.String(10))
    unit: Mapped[str] = mapped_column(sa.String(20), default="")
    minimum: Mapped[str] = mapped_column(sa.String(20), default="")
    maximum: Mapped[str] = mapped_column(sa.String(20), default="")
    name_zh: Mapped[str] = mapped_column(Short)
    name_en: Mapped[str] = mapped_column(Short, default="")
    help_zh: Mapped[str] = mapped_column(Long, default="")
    help_en: Mapped[str] = mapped_column(Long, default="")
    sort: Mapped[int] = mapped_column(default=0)


class Holiday(Base):
    """A day that differs from the plain week: a working weekend or a free weekday."""

    __tablename__ = "holiday"

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    name: Mapped[str] = mapped_column(Short, default="")
