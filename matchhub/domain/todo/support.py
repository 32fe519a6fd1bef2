"""What waits around support: lines to confirm, pledges to answer, and what was brought to be used and reported."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchhub.core.i18n import _l
from matchhub.core.standing import standing
from matchhub.domain import supporting
from matchhub.domain.models import (
    Need,
    Pledge,
    PledgeState,
    Project,
    Role,
    SupportLine,
    SupportState,
    User,
)
from matchhub.domain.paths import MY, STAFF
from matchhub.domain.todo.base import MY_ORGANISATION, Area, Asking, Todo, has_section, in_sections, path

STREET, FOUNDATION, ORGANISATION = _l("街道"), _l("基金会"), _l("承接机构")
# What each state of a pledge asks of the organisation: kind, verb, and for whom it waits instead.
OWNERS: dict[PledgeState, tuple[str, str, str]] = {
    PledgeState.INTENDED: (_l("答复支持意向"), _l("去答复"), ""),
    PledgeState.ACCEPTED: (_l("等待支持到账"), _l("去登记"), FOUNDATION),
    PledgeState.RECEIVED: (_l("登记支持的使用"), _l("去登记"), ""),
    PledgeState.USED: (_l("登记使用或反馈结果"), _l("去登记"), ""),
}
# The same for the foundation.
GIVERS: dict[PledgeState, tuple[str, str, str]] = {
    PledgeState.INTENDED: (_l("等待答复支持意向"), _l("去查看"), ORGANISATION),
    PledgeState.ACCEPTED: (_l("按约定到账"), _l("去查看"), ""),
    PledgeState.RECEIVED: (_l("等待使用情况"), _l("去查看"), ORGANISATION),
    PledgeState.USED: (_l("等待使用结果"), _l("去查看"), ORGANISATION),
}


def _pledges(wanted: sa.ColumnElement[bool]) -> Any:
    return (
        sa.select(Pledge.ref, Pledge.state, Pledge.pledged_at, SupportLine.title)
        .join(SupportLine, Pledge.line_id == SupportLine.id)
        .join(Project, SupportLine.project_id == Project.id)
        .where(Pledge.state.in_(tuple(OWNERS)), wanted)
    )


def asking(user: User) -> Asking:
    """For an organisation: lines that were sent back or wait for the street."""
    return [
        Todo(_l("修改寻求支持"), row.title, path("support_line", MY, row.ref), _l("去修改"), row.ref, Area.MY_SUPPORT)
        if row.state is SupportState.RETURNED
        else Todo(_l("等街道确认寻求支持"), row.title, path("support_line", MY, row.ref), _l("去查看"), row.ref,
                  Area.MY_SUPPORT, since=row.proposed_at, waits_for=STREET)
        for row in (yield _asked())
    ]  # fmt: skip


@standing
def _asked() -> Any:
    return (
        sa.select(SupportLine.ref, SupportLine.title, SupportLine.state, SupportLine.proposed_at)
        .join(Project, SupportLine.project_id == Project.id)
        .where(
            Project.organisation_id == MY_ORGANISATION,
            SupportLine.state.in_((SupportState.PROPOSED, SupportState.RETURNED)),
        )
    )


def receiving(user: User) -> Asking:
    """For an organisation: pledges to answer, and what it was given to be accounted for."""
    return [
        Todo(kind, row.title, path("pledge", MY, row.ref), verb, row.ref, Area.MY_SUPPORT, since=row.pledged_at,
             waits_for=waits_for)
        for row in (yield _received())
        for kind, verb, waits_for in [OWNERS[row.state]]
    ]  # fmt: skip


@standing
def _received() -> Any:
    return _pledges(Project.organisation_id == MY_ORGANISATION)


def giving(user: User) -> Asking:
    """For a foundation: what it promised to bring, and where its support stands."""
    return [
        Todo(kind, row.title, path("pledge", MY, row.ref), verb, row.ref, Area.SUPPORT, since=row.pledged_at,
             waits_for=waits_for)
        for row in (yield _pledges(Pledge.foundation_id == (supporting.foundation_id(user) or -1)))
        for kind, verb, waits_for in [GIVERS[row.state]]
    ]  # fmt: skip


def confirming(user: User) -> Asking:
    """For the street: lines that wait to be confirmed, and pledges that nobody has answered yet."""
    waits = "" if Role.STREET_STAFF in user.roles else _l("主办科室")
    return [
        Todo(_l("确认寻求支持"), row.title, path("support_line", STAFF, row.ref), _l("去确认"), row.ref, Area.SUPPORT,
             since=row.proposed_at, waits_for=waits)
        for row in (yield _proposed(has_section(user)))
    ]  # fmt: skip


@standing
def _proposed(own: bool) -> Any:
    return (
        sa.select(SupportLine.ref, SupportLine.title, SupportLine.proposed_at)
        .join(Project, SupportLine.project_id == Project.id)
        .join(Need, Project.need_id == Need.id)
        .where(SupportLine.state == SupportState.PROPOSED, in_sections(own))
    )
