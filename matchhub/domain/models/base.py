"""What the tables share."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from matchhub.core import clock
from matchhub.core.db import Base

__all__ = ["Base", "Living", "Long", "Short", "codes_table"]

Short = sa.String(200)
Long = sa.Text


class Living:
    """A thing with a life: a reference for addresses, and a version that two people cannot both change."""

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(sa.String(24), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=clock.now)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, object]:  # noqa: N805 - declared_attr takes the class
        return {"version_id_col": cls.version}


class Numbers(Base):
    """The last number given out per prefix and year; `ids.reference` makes the words."""

    __tablename__ = "numbers"

    prefix: Mapped[str] = mapped_column(sa.String(4), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


def codes_table(owner: str) -> sa.Table:
    """The codes (field, target group, community …) that a row of `owner` carries, one row each."""
    return sa.Table(
        f"{owner}_code",
        Base.metadata,
        sa.Column(f"{owner}_id", sa.ForeignKey(f"{owner}.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("code", sa.String(40), primary_key=True),
        sa.Index(f"ix_{owner}_code_lookup", "kind", "code", f"{owner}_id"),
    )
