"""The approvers sign (会签): each says whether they agree and why, and the rule decides the round.

As soon as the number of the setting `approvers_needed` agree, the proposal is approved; as soon as that many disagree,
it goes back to the section with their reasons.
"""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import application_form, awarding, lifecycle, reference, ties
from matchhub.domain.models import Notice, ReviewRound, Signature, User


def needed() -> int:
    """How many approvers must agree."""
    return int(reference.setting("approvers_needed"))


def signatures(round_: ReviewRound) -> list[Signature]:
    """What was signed about the newest proposal, in the order of signing."""
    found = sa.select(Signature).where(Signature.round_id == round_.id, Signature.proposal == round_.proposals)
    return list(db.session.scalars(found.order_by(Signature.id)))


def approval_problem(actor: User, round_: ReviewRound) -> str | None:
    """Why this approver may not sign: whoever proposed it, is tied to the chosen one, or has signed already."""
    if round_.proposed_by_id == actor.id:
        return _("提出意见的人不能自己审批，请由另一位审批人办理。")
    chosen = next((d.application for d in awarding.decisions(round_).values() if d.proposed), None)
    carrying = [] if chosen is None else [chosen.organisation, *application_form.partners(chosen)]
    if any(ties.bars(actor, one, supervising=True) for one in carrying):
        return _("您与拟立项机构有利益关系，请由另一位审批人办理。")
    if any(one.user_id == actor.id for one in signatures(round_)):
        return _("您已经签过意见，等其他审批人会签。")
    return None


@command
def approve(actor: User, round_: ReviewRound, seen: int | None = None, reason: str = "") -> Notice | None:
    """Sign in favour. The last signature that is needed makes the decisions stand: its answer is the draft of the notice."""
    lifecycle.same_version(round_, seen)
    if why := lifecycle.refusal(round_, "approve", actor, clock.now()):
        raise why
    if _sign(actor, round_, True, reason) < needed():
        return None
    round_.decided_by_id, round_.decided_at = actor.id, clock.now()
    chosen = next((d for d in awarding.decisions(round_).values() if d.proposed), None)
    facts = {"chosen": chosen.application.ref, "amount_fen": chosen.amount_fen} if chosen else {}
    lifecycle.advance(round_, "approve", actor, digest=round_.result.get("digest", ""), **facts)
    awarding.tell_applicants(round_, actor)
    return awarding.draft_notice(round_, actor)


@command
def send_back(actor: User, round_: ReviewRound, reason: str, seen: int | None = None) -> bool:
    """Sign against, with the reason. Whether that was the last one needed to send the proposal back to the section."""
    lifecycle.same_version(round_, seen)
    if not reason.strip():
        raise NotNow(_("请写明退回的理由。"))
    if why := lifecycle.refusal(round_, "send_back", actor, clock.now()):
        raise why
    if _sign(actor, round_, False, reason) < needed():
        return False
    reasons = [one.reason for one in signatures(round_) if not one.agrees]
    lifecycle.advance(round_, "send_back", actor, reason="；".join(reasons))
    return True


def _sign(actor: User, round_: ReviewRound, agrees: bool, reason: str) -> int:
    """Keep a signature; how many say the same now."""
    if sentence := approval_problem(actor, round_):
        raise NotYours(sentence)
    row = Signature(
        round_id=round_.id, proposal=round_.proposals, user_id=actor.id, agrees=agrees, reason=reason.strip()
    )
    db.session.add(row)
    db.session.flush()
    lifecycle.record(actor, round_, "sign", {"agrees": agrees, "proposal": round_.proposals})
    return sum(one.agrees is agrees for one in signatures(round_))
