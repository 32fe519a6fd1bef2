"""References that people say on the phone: `XQ-2026-007`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchhub.core import clock, ids
from matchhub.core.db import db
from matchhub.domain.models.base import Numbers

NEED, APPLICATION, PROJECT, NOTICE, ORGANISATION = "XQ", "SB", "XM", "GS", "JG"
ROUND, REPORT, VISIT, RECTIFICATION, ASSESSMENT, CLOSING, OBJECTION = "PS", "YB", "DD", "ZG", "CP", "JX", "YY"
EVENT = "HD"
LIBRARY = "ZS"
HEARING, SUPPORT, PLEDGE = "SM", "ZC", "YX"
HELP, RESOURCE, COACHING = "QZ", "ZY", "FD"


_TABLE: Any = Numbers.__table__
_COUNTED = (
    sa.update(_TABLE)
    .where(_TABLE.c.prefix == sa.bindparam("kind"), _TABLE.c.year == sa.bindparam("this"))
    .values(last=_TABLE.c.last + 1)
    .returning(_TABLE.c.last)
)
_FIRST = sa.insert(_TABLE)


def next_ref(prefix: str) -> str:
    """The next reference of its kind this year, inside the present command."""
    year, connection = clock.today().year, db.session.connection()
    number = connection.scalar(_COUNTED, {"kind": prefix, "this": year})
    if number is None:
        number = 1
        connection.execute(_FIRST, {"prefix": prefix, "year": year, "last": number})
    return ids.reference(prefix, year, number)


def sealed_ref(prefix: str) -> str:
    """A reference that tells nobody how many there are: applications before the deadline, objections."""
    return f"{prefix}-{clock.today().year}-{ids.public_code(8)}"
