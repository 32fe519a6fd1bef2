"""What people see of a need or a notice, as WHERE clauses: the SQL twins of `Need.phase` and `Notice.phase`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import sqlalchemy as sa

from matchhub.core.standing import NOW
from matchhub.domain.models import Need, NeedPhase, NeedState, Notice, NoticePhase, NoticeState

Clause = sa.ColumnElement[bool]


def need_in(phases: Iterable[NeedPhase]) -> Clause:
    """Needs that are in one of these phases at this moment."""
    return sa.or_(sa.false(), *(_need(phase) for phase in phases))


@cache
def _need(phase: NeedPhase) -> Clause:
    over = sa.and_(Need.closes_at.is_not(None), Need.closes_at <= NOW)
    if phase is NeedPhase.CLOSED:
        return sa.and_(Need.state == NeedState.OPEN, over)
    if phase is NeedPhase.OPEN:
        return sa.and_(Need.state == NeedState.OPEN, sa.not_(over))
    return Need.state == NeedState(phase.value)


def notice_in(phases: Iterable[NoticePhase]) -> Clause:
    """Notices that are in one of these phases at this moment."""
    return sa.or_(sa.false(), *(_notice(phase) for phase in phases))


@cache
def _notice(phase: NoticePhase) -> Clause:
    over = sa.and_(Notice.ends_at.is_not(None), Notice.ends_at <= NOW)
    if phase is NoticePhase.ENDED:
        return sa.and_(Notice.state == NoticeState.PUBLISHED, over)
    early = sa.and_(Notice.starts_at.is_not(None), Notice.starts_at > NOW, sa.not_(over))
    if phase is NoticePhase.ANNOUNCED:
        return sa.and_(Notice.state == NoticeState.PUBLISHED, early)
    if phase is NoticePhase.PUBLISHED:
        return sa.and_(Notice.state == NoticeState.PUBLISHED, sa.not_(over), sa.not_(early))
    return Notice.state == NoticeState(phase.value)
