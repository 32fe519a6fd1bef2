"""Keeping a ranking as it was, inviting organisations because of it, and their answers. An invitation decides nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock, ledger
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.core.i18n import _
from matchhub.domain import messages, paths
from matchhub.domain.models import Invitation, InvitationAnswer, MatchRun, Need, NeedPhase, Organisation, Role, User
from matchhub.matching import facts, scoring


def ranked(need: Need) -> list[scoring.Match]:
    """All organisations that may apply, best first, as things stand."""
    return facts.ranking().of(facts.wanted(need))


@command
def invite(actor: User, need: Need, organisations: Collection[int], note: str = "") -> MatchRun:
    """Keep the present ranking and invite these organisations (ids); who was invited before is not asked again.

    Raises NotNow when the need takes no applications, Refused for an organisation that the ranking does not know.
    """
    if need.phase is not NeedPhase.OPEN:
        raise NotNow(_("只有征集中的需求可以邀请机构。"))
    found = ranked(need)
    places = {match.candidate.key: place for place, match in enumerate(found, 1)}
    if not set(organisations) <= places.keys():
        raise Refused(_("有的机构现在不能申报，请刷新页面再选。"))
    run = MatchRun(need_id=need.id, made_by_id=actor.id, rows=[_row(match) for match in found],
                   weights={part.value: f"{weight:f}" for part, weight in facts.weights().items()})  # fmt: skip
    db.session.add(run)
    db.session.flush()
    before = set(db.session.scalars(sa.select(Invitation.organisation_id).where(Invitation.need_id == need.id)))
    invited = [key for key in places if key in set(organisations) - before]
    for key in invited:
        score = f"{found[places[key] - 1].score:f}"
        db.session.add(
            Invitation(need_id=need.id, organisation_id=key, run_id=run.id, place=places[key], score=score, note=note,
                       invited_by_id=actor.id)
        )  # fmt: skip
    ledger.record(actor, "need.invite", f"need:{need.ref}", {"invited": len(invited), "run": run.id})
    messages.send("need.invite", _people(invited), need.title, "/my/matches", note)
    return run


def _row(match: scoring.Match) -> dict[str, Any]:
    """A match as a run keeps it; numbers are text, so that they stay what they were."""
    return {
        "organisation": match.candidate.key,
        "score": f"{match.score:f}",
        "parts": [
            {"part": share.part.value, "points": f"{share.points:f}", "most": f"{share.most:f}",
             "facts": {name: _plain(value) for name, value in share.facts.items()}}
            for share in match.shares
        ],
    }  # fmt: skip


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value if value is None or isinstance(value, int | float | str) else str(value)


def _people(organisations: Collection[int]) -> list[User]:
    """The active administrators of organisations."""
    found = sa.select(User).where(User.organisation_id.in_(organisations))
    return [user for user in db.session.scalars(found) if user.active and Role.ORG_ADMIN in user.roles]


@command
def answer(actor: User, need: Need, said: InvitationAnswer, reason: str = "") -> None:
    """The organisation answers its invitation; it may change its mind until the call closes."""
    found = db.session.scalar(
        sa.select(Invitation).where(
            Invitation.need_id == need.id, Invitation.organisation_id == (actor.organisation_id or 0)
        )
    )
    if found is None:
        raise NotYours(_("贵机构没有收到这条需求的邀请。"))
    if need.phase is not NeedPhase.OPEN:
        raise NotNow(_("征集已经结束，不能再答复邀请。"))
    if said is InvitationAnswer.DECLINED and not reason.strip():
        raise Refused(_("请写一句不申报的原因。"))
    found.answer, found.answer_reason, found.answered_at = said, reason.strip(), clock.now()
    ledger.record(actor, "need.answer_invitation", f"need:{need.ref}", {"answer": said.value})
    inviter = db.session.get_one(User, found.invited_by_id)
    messages.send("need.answer_invitation", [inviter], need.title, f"{paths.path(need, paths.STAFF)}/matches")


def named(refs: Collection[str]) -> list[int]:
    """The ids of organisations by their references."""
    return list(db.session.scalars(sa.select(Organisation.id).where(Organisation.ref.in_(refs))))
