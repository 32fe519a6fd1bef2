"""References that people say on the phone: `XQ-2026-007`."""

from __future__ import annotations

from matchhub.core import clock, ids
from matchhub.core.db import db
from matchhub.domain.models.base import Numbers

NEED, APPLICATION, PROJECT, NOTICE, ORGANISATION = "XQ", "SB", "XM", "GS", "JG"
ROUND, REPORT, VISIT, RECTIFICATION, ASSESSMENT, CLOSING, OBJECTION = "PS", "YB", "DD", "ZG", "CP", "JX", "YY"
EVENT = "HD"
LIBRARY = "ZS"
HEARING, SUPPORT, PLEDGE = "SM", "ZC", "YX"


def next_ref(prefix: str) -> str:
    """The next reference of its kind this year, inside the present command."""
    year = clock.today().year
    row = db.session.get(Numbers, (prefix, year))
    if row is None:
        row = Numbers(prefix=prefix, year=year, last=0)
        db.session.add(row)
    row.last += 1
    db.session.flush()
    return ids.reference(prefix, year, row.last)


def sealed_ref(prefix: str) -> str:
    """A reference that tells nobody how many there are: applications before the deadline, objections."""
    return f"{prefix}-{clock.today().year}-{ids.public_code(8)}"
