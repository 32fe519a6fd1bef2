"""Several questions to the database in one statement: what a page wants to know costs one round trip, not one each.

Every row travels as a list in JSON and comes back in the types of its columns.
"""

from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import QueryableAttribute
from sqlalchemy.sql.functions import FunctionElement

from matchhub.core.db import db
from matchhub.core.standing import stands

Reader = Callable[[Any], Any]
Asked = sa.Select[*tuple[Any, ...]]


class packed(FunctionElement[str]):  # noqa: N801 - a function of the database
    """The columns of one row as JSON."""

    name = "packed"
    type = sa.Text()
    inherit_cache = True


@compiles(packed, "sqlite")
def _in_sqlite(element: packed, compiler: Any, **more: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **more)})"


@compiles(packed, "postgresql")
def _in_postgresql(element: packed, compiler: Any, **more: Any) -> str:
    return f"json_build_array({compiler.process(element.clauses, **more)})::text"


def together(*asked: Asked, **given: Any) -> list[list[Any]]:
    """The rows of each select, as `session.execute(select).all()` would give them, but in no order.

    `given` are the values of their named parameters. Columns only, no whole records, and no LIMIT. Raises TypeError for
    a type of column that this module does not read.
    """
    if not asked:
        return []
    united = _standing(*asked) if all(map(stands, asked)) else _united(*asked)
    found: list[list[Any]] = [[] for _ in asked]
    for n, row in db.session.execute(united.statement, given):
        values = json.loads(row, parse_float=Decimal)
        read = zip(united.readers[n], values, strict=True)
        found[n].append(united.shapes[n](*(reader(v) if reader and v is not None else v for reader, v in read)))
    return found


@dataclass(frozen=True, slots=True)
class _United:
    """One statement for several selects, and how the rows of each are read from it."""

    statement: Any
    readers: list[list[Reader | None]]
    shapes: list[Any]


def _united(*asked: Asked) -> _United:
    columns = [list(one.selected_columns) for one in asked]
    parts = [_part(n, one, mine) for n, (one, mine) in enumerate(zip(asked, columns, strict=True))]
    return _United(
        sa.union_all(*parts),
        [[_reader(column.type) for column in mine] for mine in columns],
        [_shape(tuple(column.key for column in mine)) for mine in columns],
    )


# By what is asked together: the duties of each set of roles, the parts of each page.
_standing = lru_cache(maxsize=64)(_united)


def _part(n: int, one: Asked, columns: Sequence[Any]) -> Any:
    """The select with its number and its row packed, in the place of its columns."""
    number: Any = sa.literal_column(str(n)).label("n")
    if any(isinstance(target, QueryableAttribute) for target, *_more in one._setup_joins):
        # A join along a relationship finds its left side among the columns, so they must stay.
        inner = one.order_by(None).subquery(f"asked_{n}")
        return sa.select(number, packed(*inner.c).label("row"))
    bare = (column.element if isinstance(column, sa.Label) else column for column in columns)
    return one.order_by(None).with_only_columns(number, packed(*bare).label("row"), maintain_column_froms=True)


@lru_cache(maxsize=512)
def _shape(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names, rename=True)


def _reader(kind: Any) -> Reader | None:
    """How a value of this type is read from JSON; None: as it is."""
    if isinstance(kind, sa.Enum):
        return kind.enum_class
    if isinstance(kind, sa.Numeric):
        return _number(kind)
    for known, read in READERS:
        if isinstance(kind, known):
            return read
    raise TypeError(f"together() cannot read {kind!r}")


def _number(kind: sa.Numeric[Any]) -> Reader:
    step = Decimal(1).scaleb(-kind.scale) if kind.scale else None
    return lambda value: Decimal(value).quantize(step) if step else Decimal(value)


def _loaded(value: Any) -> Any:
    """SQLite keeps JSON as text, PostgreSQL as itself."""
    return json.loads(value) if isinstance(value, str) else value


READERS: Sequence[tuple[Any, Reader | None]] = (
    (sa.DateTime, datetime.fromisoformat), (sa.Date, date.fromisoformat), (sa.Time, time.fromisoformat),
    (sa.Boolean, bool), (sa.JSON, _loaded), (sa.Float, float), (sa.Double, float), (sa.String, None), (sa.Integer, None),
)  # fmt: skip
