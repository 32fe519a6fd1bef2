"""What the search is told: groups of words that mean the same, and the texts of public files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from matchhub.core import clock
from matchhub.domain.models.base import Base, Long


class SynonymGroup(Base):
    """Words of which each finds the others, e.g. ["加梯", "加装电梯"]."""

    __tablename__ = "synonym_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[list[Any]]


class FileText(Base):
    """What stands in a file that everybody may fetch, so that the search finds its record; by the hash of its content.

    `problem` says why the text is missing or not whole (search/file_reader.py), empty when it is whole.
    """

    __tablename__ = "file_text"

    place: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    text: Mapped[str] = mapped_column(Long, default="")
    # As it is looked through: width, case and traditional characters made equal.
    folded: Mapped[str] = mapped_column(Long, default="")
    problem: Mapped[str] = mapped_column(sa.String(20), default="")
    read_at: Mapped[datetime] = mapped_column(default=clock.now)
