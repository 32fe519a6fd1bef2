"""A list as it is taken away: its columns, declared once beside its query. The file is made by table_xlsx.py."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import IO, Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.core.listing import Condition
from matchhub.domain import lifecycle, reference

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
About = Callable[[int], Iterable[tuple[str, Any]]]
# So many records are read, and what their rows need is looked up, at a time.
BATCH = 500


class Kind(StrEnum):
    """What the cells of a column hold: YUAN is given in fen, MOMENT in naive UTC."""

    TEXT = "text"
    LONG = "long"
    NUMBER = "number"
    YUAN = "yuan"
    POINTS = "points"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """`title` is marked for translation."""

    title: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Table:
    """A list: its code in the ledger, its name (marked for translation), its columns."""

    code: str
    title: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as its page shows it, whole: the page's own query, and how its records become rows.

    `rows` is given a batch of records and makes the same number of statements whatever its length.
    """

    table: Table
    query: sa.Select[Any]
    rows: Callable[[Sequence[Any]], Iterable[Sequence[Any]]]
    conditions: Sequence[Condition] = ()

    def count(self, most: int) -> int:
        """How many records there are; `most` + 1 where there are more."""
        counted = self.query.order_by(None).limit(most + 1).subquery()
        return db.session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0

    def all(self, most: int) -> Iterator[Sequence[Any]]:
        """The rows of the list, in its order; they are read as they are asked for."""
        found = db.session.scalars(self.query.limit(most).execution_options(yield_per=BATCH))
        for batch in found.partitions():
            yield from self.rows(batch)


REF, STATE, FIELDS, PLACES = Column(_l("编号")), Column(_l("状态")), Column(_l("服务领域")), Column(_l("社区"))
PROJECT, ORGANISATION = Column(_l("项目"), Kind.LONG), Column(_l("机构"), Kind.LONG)
SECTION = Column(_l("科室"))


def write(target: IO[bytes], table: Table, rows: Iterable[Sequence[Any]], about: About) -> int:
    """Write the workbook and tell how many rows it holds; `about` is given that number and tells what the second
    sheet says, as (title, value) pairs.
    """
    # openpyxl is large, and most processes never write a workbook.
    from matchhub.documents import table_xlsx

    return table_xlsx.write(target, table, rows, about)


def words(kind: str, codes: Iterable[str] | None) -> str:
    """The words of codes, as one cell."""
    return _("、").join(reference.words(kind, list(codes or ())))


def state(record: Any) -> str:
    """Where a record stands, as its tag says."""
    return _(lifecycle.word(record))
