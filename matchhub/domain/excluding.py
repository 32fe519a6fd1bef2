"""An organisation that the eligibility check excluded may object, once and in time; another person decides.

Guards and plain functions; the commands are in features/applications/excluding.py.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _
from matchhub.domain import deadlines, reference
from matchhub.domain.models import Application, ApplicationState, ExclusionObjection, Need, NeedState, User


def exclude(application: Application, actor: User) -> None:
    """Write down who excluded it and until when it may object, inside the present command."""
    now = clock.now()
    application.excluded_at, application.excluded_by_id = now, actor.id
    application.objection_until = _clock(now, "exclusion_days")


def _clock(start: datetime, setting: str) -> datetime:
    days = int(reference.setting(setting))
    return deadlines.working_clock(start, days, reference.terms(), reference.calendar())


def answer_due_at(received_at: datetime) -> datetime:
    """Until when an objection is decided."""
    return _clock(received_at, "exclusion_answer_days")


def objection(application: Application) -> ExclusionObjection | None:
    found = sa.select(ExclusionObjection).where(ExclusionObjection.application_id == application.id)
    return db.session.scalar(found)


def why_not_object(application: Application, now: datetime) -> str | None:
    """Why the organisation cannot object at this moment; None when it can."""
    if application.state is not ApplicationState.UNQUALIFIED or application.objection_until is None:
        return _("这份申报没有被作资格不通过处理，不需要提出异议。")
    if objection(application) is not None:
        return _("异议只能提一次，已经收到。")
    if now >= application.objection_until:
        at = f"{clock.local(application.objection_until):%Y-%m-%d %H:%M}"
        return _("异议期已于 %(at)s 结束。", at=at)
    return None


# --- guards --------------------------------------------------------------------------------------------------------


def objection_waits(application: Application, _now: datetime) -> str | None:
    found = objection(application)
    if found is None:
        return _("机构没有提出异议。")
    if application.need.state is not NeedState.OPEN:
        return _("评审已经开始或需求已经结束，不能再恢复资格。")
    return _("异议已经有了决定。") if found.decided_at is not None else None


def exclusions_settled(need: Need, now: datetime) -> str | None:
    """Before a panel starts every excluded organisation has had its time to object, and its answer."""
    found = (
        sa.select(Application.objection_until, ExclusionObjection.id, ExclusionObjection.decided_at)
        .outerjoin(ExclusionObjection, ExclusionObjection.application_id == Application.id)
        .where(Application.need_id == need.id, Application.state == ApplicationState.UNQUALIFIED)
    )
    rows = db.session.execute(found).all()
    if left := sum(row.id is not None and row.decided_at is None for row in rows):
        return _("还有 %(n)s 份资格异议没有决定。", n=left)
    running = [row.objection_until for row in rows if row.id is None and row.objection_until]
    last = max(running, default=None)
    if last is None or last <= now:
        return None
    return _("资格不通过的机构可以在 %(at)s 前提出异议，之后才能开始评审。", at=f"{clock.local(last):%Y-%m-%d %H:%M}")
