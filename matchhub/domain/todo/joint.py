"""What joint applications wait for: the answer of a partner, and of whoever asked it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchhub.core.i18n import _l
from matchhub.core.standing import NOW, standing
from matchhub.domain.models import (
    Application,
    ApplicationPartner,
    ApplicationState,
    Need,
    NeedState,
    PartnerAnswer,
    Role,
    User,
)
from matchhub.domain.todo.base import MY_ORGANISATION, Area, Asking, Todo

PARTNER = _l("联合申报机构")
OWN_ADMIN = _l("本机构负责人")
BEFORE = (ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.WITHDRAWN)


def partnerships(user: User) -> Asking:
    """To say whether the organisation takes part; and on one's own applications, whom to wait for or what to repair."""
    return [todo for row in (yield _unconfirmed()) if (todo := _todo(user, row)) is not None]


@standing
def _unconfirmed() -> Any:
    return (
        sa.select(ApplicationPartner.organisation_id, ApplicationPartner.answer, ApplicationPartner.asked_at,
                  Application.ref, Application.organisation_id.label("lead_id"), Need.title, Need.closes_at)
        .join(Application, ApplicationPartner.application_id == Application.id)
        .join(Need, Application.need_id == Need.id)
        .where(
            Need.state == NeedState.OPEN, Need.closes_at > NOW, Application.state.in_(BEFORE),
            ApplicationPartner.answer != PartnerAnswer.CONFIRMED,
            sa.or_(ApplicationPartner.organisation_id == MY_ORGANISATION,
                   Application.organisation_id == MY_ORGANISATION),
        )
        .order_by(Need.closes_at, ApplicationPartner.id)
    )  # fmt: skip


def _todo(user: User, row: Any) -> Todo | None:
    if row.organisation_id == user.organisation_id:
        if row.answer is PartnerAnswer.DECLINED:
            return None
        waits = "" if Role.ORG_ADMIN in user.roles else OWN_ADMIN
        return Todo(_l("确认联合申报"), row.title, f"/my/partnerships/{row.ref}", _l("去确认"), f"{row.ref}-joint",
                    Area.MY_APPLICATIONS, due_at=row.closes_at, waits_for=waits)  # fmt: skip
    url = f"/my/applications/{row.ref}#joint"
    if row.answer is PartnerAnswer.DECLINED:
        return Todo(_l("联合机构不参加，请改申报书"), row.title, url, _l("去修改"), f"{row.ref}-declined",
                    Area.MY_APPLICATIONS, due_at=row.closes_at)  # fmt: skip
    return Todo(_l("等待联合机构确认"), row.title, url, _l("去查看"), f"{row.ref}-asked", Area.MY_APPLICATIONS,
                since=row.asked_at, waits_for=PARTNER)  # fmt: skip
