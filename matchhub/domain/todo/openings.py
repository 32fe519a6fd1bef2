"""What waits for whoever opens sealed applications: the opening, its rehearsal, and one's passphrase."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.i18n import _l
from matchhub.core.standing import NOW, standing
from matchhub.domain import opening
from matchhub.domain.models import HolderKey, KeyShare, Need, NeedKey, NeedState, OpeningMode, Role, User
from matchhub.domain.paths import STAFF
from matchhub.domain.todo.base import ME, Area, Asking, Todo, has_section, in_sections, path

# So long before the deadline a holder who has not rehearsed is asked to.
REHEARSE_BEFORE = timedelta(days=7)
REHEARSED_BY = sa.bindparam("rehearsed_by", callable_=lambda: clock.now() + REHEARSE_BEFORE, type_=sa.DateTime)
HOLDERS_WORD = _l("开启人")


def _closed(*more: Any) -> Any:
    """Needs whose call is over and that nobody has opened."""
    return sa.and_(Need.state == NeedState.OPEN, Need.closes_at <= NOW, Need.opened_at.is_(None), *more)


def to_open(user: User) -> Asking:
    """For section and approver: calls that are over, opened by a click or waiting for their holders."""
    return [
        Todo(
            _l("开启申报"), row.title, f"{path('need', STAFF, row.ref)}/opening", _l("去开启"), row.ref,
            Area.APPLICATIONS, since=row.closes_at, waits_for=HOLDERS_WORD if row.mode == OpeningMode.TWO_OF_THREE else "",
        )
        for row in (yield _to_open(has_section(user)))
    ]  # fmt: skip


@standing
def _to_open(own: bool) -> Any:
    mode = sa.func.coalesce(NeedKey.mode, OpeningMode.ONE)
    held = sa.exists().where(KeyShare.need_id == Need.id, KeyShare.holder_id == ME)
    return (
        sa.select(Need.ref, Need.title, Need.closes_at, mode.label("mode"))
        .outerjoin(NeedKey, NeedKey.need_id == Need.id)
        .where(_closed(in_sections(own)), sa.not_(held))
    )


def held(user: User) -> Asking:
    """For holders: their share is asked for, or they have not tried their passphrase yet."""
    return [todo for row in (yield _shares()) if (todo := _held(row)) is not None]


@standing
def _shares() -> Any:
    return (
        sa.select(Need.ref, Need.title, Need.closes_at, KeyShare.given_at, KeyShare.rehearsed_at)
        .join(NeedKey, KeyShare.need_id == NeedKey.need_id)
        .join(Need, NeedKey.need_id == Need.id)
        .where(
            KeyShare.holder_id == ME, KeyShare.lost_at.is_(None), Need.state == NeedState.OPEN,
            Need.opened_at.is_(None), Need.closes_at <= REHEARSED_BY,
        )
    )  # fmt: skip


def _held(row: Any) -> Todo | None:
    url = f"{path('need', STAFF, row.ref)}/opening"
    if row.closes_at <= clock.now():
        if row.given_at is not None:
            return Todo(_l("开启申报"), row.title, url, _l("去查看"), row.ref, Area.APPLICATIONS, since=row.given_at,
                        waits_for=HOLDERS_WORD)  # fmt: skip
        return Todo(_l("开启申报"), row.title, url, _l("去开启"), row.ref, Area.APPLICATIONS, since=row.closes_at)
    if row.rehearsed_at is None:
        return Todo(_l("演练开启"), row.title, url, _l("去演练"), row.ref, Area.APPLICATIONS, due_at=row.closes_at)
    return None


def passphrase(user: User) -> Asking:
    """Where two of three open: too few people have a passphrase, so everybody of the roles is asked."""
    if opening.mode() is OpeningMode.ONE:
        return []
    if (yield _own_key()) or opening.why_no_key() is None:
        return []
    return [
        Todo(
            _l("设置开启口令"),
            _l("申报的开启人还不到三位"),
            "/my/opening-key",
            _l("去设置"),
            f"key:{user.id}",
            Area.SITE,
        )
    ]


@standing
def _own_key() -> Any:
    has = sa.exists().where(HolderKey.user_id == User.id, HolderKey.ended_at.is_(None))
    return sa.select(User.id).where(User.id == ME, has)


ROLES = frozenset({Role.STREET_APPROVER, Role.CENTRE_STAFF, Role.AUDITOR})
