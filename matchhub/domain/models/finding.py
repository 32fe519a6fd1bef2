"""What the search is told by hand: groups of words that mean the same."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from matchhub.domain.models.base import Base


class SynonymGroup(Base):
    """Words of which each finds the others, e.g. ["加梯", "加装电梯"]."""

    __tablename__ = "synonym_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[list[Any]]
