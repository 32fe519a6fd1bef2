"""The objection of an excluded organisation: once, in time, decided by another person."""

from __future__ import annotations

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.core.i18n import _
from matchhub.domain import checklist, excluding, lifecycle, messages
from matchhub.domain.models import Application, ExclusionObjection, User
from matchhub.domain.parties import Party, parties

SHORTEST_REASON = 10


@command
def file_objection(actor: User, application: Application, reason: str, seen: int | None = None) -> ExclusionObjection:
    """Receive the organisation's objection. Raises NotNow after its period and for a second one, Refused without a reason."""
    lifecycle.same_version(application, seen)
    if Party.OWNER_ADMIN not in parties(actor, application):
        raise NotYours(_("只有本机构负责人可以提出异议。"))
    if why := excluding.why_not_object(application, clock.now()):
        raise NotNow(why)
    if len(reason.strip()) < SHORTEST_REASON:
        raise Refused(_("请写明哪一条的判断不对、依据是什么，至少 %(n)s 个字。", n=SHORTEST_REASON))
    now = clock.now()
    row = ExclusionObjection(
        application_id=application.id, reason=reason.strip(), received_at=now, received_from_id=actor.id,
        excluded_by_id=application.excluded_by_id, due_at=excluding.answer_due_at(now),
    )  # fmt: skip
    db.session.add(row)
    lifecycle.record(actor, application, "object")
    messages.tell(application, "object", (Party.APPROVER,), actor)
    return row


@command
def decide_objection(
    actor: User, application: Application, upheld: bool, answer: str, seen: int | None = None
) -> ExclusionObjection:
    """Decide it: upheld reinstates the application as qualified, otherwise the exclusion stays and the answer says why.

    Raises NotYours for whoever excluded it, NotNow when there is nothing to decide, Refused without an answer.
    """
    lifecycle.same_version(application, seen)
    if Party.APPROVER not in parties(actor, application):
        raise NotYours(_("只有街道审批人可以决定资格异议。"))
    if actor.id == application.excluded_by_id:
        raise NotYours(_("作出资格不通过的人不能决定对它的异议，请由另一位审批人决定。"))
    row = excluding.objection(application)
    if row is None or row.decided_at is not None:
        raise NotNow(excluding.objection_waits(application, clock.now()) or "")
    if not answer.strip():
        raise Refused(_("请写明决定的理由，机构会看到。"))
    if upheld:
        lifecycle.advance(application, "reinstate", actor)
        checklist.overrule(application, actor, answer.strip())
        application.result_reason = ""
    else:
        lifecycle.record(actor, application, "keep_exclusion")
        messages.tell(application, "keep_exclusion", (Party.OWNER, Party.OFFICE), actor)
    row.decided_at, row.decided_by_id, row.upheld, row.answer = clock.now(), actor.id, upheld, answer.strip()
    return row
