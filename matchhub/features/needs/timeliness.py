"""How soon needs find somebody: the hours from a need's publication to its first application.

Before a call has closed nobody may learn whether anybody has applied, so only closed calls are looked at, and of them only
what is no longer sealed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _
from matchhub.domain import policy
from matchhub.domain.models import Application, ApplicationVersion, Need, NeedState, User

QUARTERS_SHOWN = 8
NEVER_OPEN = (NeedState.DRAFT, NeedState.INTERNAL_REVIEW, NeedState.DECLINED, NeedState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has closed; `hours` is None where nobody applied."""

    ref: str
    title: str
    published_at: datetime
    hours: float | None

    @property
    def quarter(self) -> tuple[int, int]:
        """(year, quarter) of publication in Shanghai."""
        local = clock.local(self.published_at)
        return local.year, (local.month + 2) // 3


def calls(user: User) -> list[Call]:
    """The closed calls that this person may see, newest first: one statement."""
    first = (
        sa.select(Application.need_id, sa.func.min(ApplicationVersion.submitted_at).label("at"))
        .join(ApplicationVersion, ApplicationVersion.application_id == Application.id)
        .where(policy.unsealed())
        .group_by(Application.need_id)
        .subquery()
    )
    found = (
        sa.select(Need.ref, Need.title, Need.published_at, first.c.at)
        .outerjoin(first, first.c.need_id == Need.id)
        .where(policy.visible(user, Need), Need.closes_at <= clock.now(), Need.state.not_in(NEVER_OPEN))
        .order_by(Need.published_at.desc(), Need.id.desc())
    )
    return [
        Call(row.ref, row.title, row.published_at, _hours(row.published_at, row.at))
        for row in db.session.execute(found)
    ]


def _hours(published_at: datetime, first_at: datetime | None) -> float | None:
    return None if first_at is None else round((first_at - published_at).total_seconds() / 3600, 1)


def middle(rows: Sequence[Call]) -> float | None:
    """The median of the hours; None where no call of `rows` had an application."""
    hours = [row.hours for row in rows if row.hours is not None]
    return round(float(median(hours)), 1) if hours else None


def by_quarter(rows: Sequence[Call]) -> list[tuple[str, float | None]]:
    """(quarter, median) of the last quarters with a closed call, oldest first."""
    grouped: dict[tuple[int, int], list[Call]] = {}
    for row in rows:
        grouped.setdefault(row.quarter, []).append(row)
    shown = sorted(grouped)[-QUARTERS_SHOWN:]
    return [(_("%(year)s 年 %(n)s 季度", year=year, n=n), middle(grouped[year, n])) for year, n in shown]
