"""How soon needs find somebody: the hours from publication to the first application, and what invitations did to them.

Before the applications of a call are opened nobody may learn whether there is any, so only opened calls are looked at: a
call that has closed and waits for its opening is left out, whether somebody has applied or not.
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
from matchhub.domain.models import Application, ApplicationVersion, Invitation, Need, NeedState, User

QUARTERS_SHOWN = 8
NEVER_OPEN = (NeedState.DRAFT, NeedState.INTERNAL_REVIEW, NeedState.DECLINED, NeedState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose applications are opened; `hours` is None where nobody applied, `invited_after` where nobody was invited.

    `invited_after`: the hours from publication to the first invitation.
    """

    ref: str
    title: str
    published_at: datetime
    hours: float | None
    invited_after: float | None = None

    @property
    def quarter(self) -> tuple[int, int]:
        """(year, quarter) of publication in Shanghai."""
        local = clock.local(self.published_at)
        return local.year, (local.month + 2) // 3


def calls(user: User) -> list[Call]:
    """The opened calls that this person may see, newest first: one statement."""
    first = (
        sa.select(Application.need_id, sa.func.min(ApplicationVersion.submitted_at).label("at"))
        .join(ApplicationVersion, ApplicationVersion.application_id == Application.id)
        .where(policy.unsealed())
        .group_by(Application.need_id)
        .subquery()
    )
    invited = (
        sa.select(Invitation.need_id, sa.func.min(Invitation.invited_at).label("at"))
        .group_by(Invitation.need_id)
        .subquery()
    )
    found = (
        sa.select(Need.ref, Need.title, Need.published_at, first.c.at, invited.c.at.label("invited_at"))
        .outerjoin(first, first.c.need_id == Need.id)
        .outerjoin(invited, invited.c.need_id == Need.id)
        .where(policy.visible(user, Need), policy.opened(), Need.state.not_in(NEVER_OPEN))
        .order_by(Need.published_at.desc(), Need.id.desc())
    )
    return [
        Call(row.ref, row.title, row.published_at, *(_hours(row.published_at, at) for at in (row.at, row.invited_at)))
        for row in db.session.execute(found)
    ]


def _hours(published_at: datetime, at: datetime | None) -> float | None:
    return None if at is None else round((at - published_at).total_seconds() / 3600, 1)


def middle(rows: Sequence[Call]) -> float | None:
    """The median of the hours; None where no call of `rows` had an application."""
    return _median([row.hours for row in rows if row.hours is not None])


def by_quarter(rows: Sequence[Call]) -> list[tuple[str, float | None]]:
    """(quarter, median) of the last quarters with a closed call, oldest first."""
    grouped: dict[tuple[int, int], list[Call]] = {}
    for row in rows:
        grouped.setdefault(row.quarter, []).append(row)
    shown = sorted(grouped)[-QUARTERS_SHOWN:]
    return [(_("%(year)s 年 %(n)s 季度", year=year, n=n), middle(grouped[year, n])) for year, n in shown]


@dataclass(frozen=True, slots=True)
class Group:
    """Some calls: how many they are, how many of them had an application, and the median of its hours."""

    name: str
    calls: int
    applied: int
    median: float | None


def by_invitation(rows: Sequence[Call]) -> list[Group]:
    """The calls with and without invitations: hours from publication to the first application."""
    return [
        _group(_("邀请过机构的征集"), [row for row in rows if row.invited_after is not None]),
        _group(_("没有邀请机构的征集"), [row for row in rows if row.invited_after is None]),
    ]


def around_invitation(rows: Sequence[Call]) -> list[Group]:
    """Of the calls with invitations: whether the first application came before the first invitation or after it.

    Before it the hours count from publication, after it from that invitation.
    """
    both = [(row.hours, row.invited_after) for row in rows if row.hours is not None and row.invited_after is not None]
    before = [hours for hours, invited in both if hours <= invited]
    after = [round(hours - invited, 1) for hours, invited in both if hours > invited]
    return [
        Group(_("第一次邀请之前就有申报（从发布算起）"), len(before), len(before), _median(before)),
        Group(_("第一次邀请之后才有申报（从邀请算起）"), len(after), len(after), _median(after)),
    ]


def _group(name: str, rows: Sequence[Call]) -> Group:
    return Group(name, len(rows), sum(row.hours is not None for row in rows), middle(rows))


def _median(hours: Sequence[float]) -> float | None:
    return round(float(median(hours)), 1) if hours else None
