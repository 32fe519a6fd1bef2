"""Taking back a tie that was declared by mistake: asked for with a reason, decided by a second person, on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import Missing, NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import lifecycle, messages, panels, paths, ties
from matchhub.domain.models import (
    Application,
    Recusal,
    ReviewRound,
    RoundState,
    TieWithdrawal,
    User,
)
from matchhub.domain.parties import Party, parties, people


def find(round_: ReviewRound, number: int) -> Recusal:
    """A standing tie between somebody on this panel and an applicant. Raises Missing for any other."""
    row = db.session.get(Recusal, number)
    if row is None or row.ended_at is not None or row not in standing(round_):
        raise Missing(str(number))
    return row


def standing(round_: ReviewRound) -> Sequence[Recusal]:
    """The ties in the register that concern this round."""
    return ties.standing(panels.judges(round_), [entry.organisation for entry in panels.applications(round_)])


def waiting(rows: Sequence[Recusal]) -> dict[int, TieWithdrawal]:
    """By the tie's id the request that waits for its decision."""
    found = sa.select(TieWithdrawal).where(
        TieWithdrawal.recusal_id.in_([row.id for row in rows]), TieWithdrawal.decided_at.is_(None)
    )
    return {row.recusal_id: row for row in db.session.scalars(found)}


def problem(row: Recusal) -> str | None:
    """Why this tie cannot be taken back."""
    if row.detected:
        return _("这条是系统从记录里核对出来的，不能撤销；记录有误的，请先更正记录。")
    return None


@command
def ask(actor: User, round_: ReviewRound, row: Recusal, reason: str) -> TieWithdrawal:
    """Ask to take a declared tie back. Raises Refused for one that the records show, or that is asked about already."""
    if not {Party.OFFICE, Party.APPROVER} & parties(actor, round_):
        raise NotYours(_("只有主办科室和审批人可以申请撤销。"))
    if round_.state is RoundState.DECIDED:
        raise NotNow(_("评审已经决定，不能再撤销回避登记。"))
    if sentence := problem(row):
        raise NotNow(sentence)
    if not reason.strip():
        raise NotNow(_("请写明撤销的理由和核实情况。"))
    if waiting([row]):
        raise NotNow(_("这条已经有人申请撤销，等另一个人核准。"))
    request = TieWithdrawal(recusal_id=row.id, recusal=row, reason=reason.strip(), asked_by_id=actor.id, asked_by=actor)
    db.session.add(request)
    db.session.flush()
    lifecycle.record(actor, round_, "ask_untie", _facts(row))
    approvers = [one for one in people(round_, Party.APPROVER) if one.id != actor.id]
    messages.send("review_round.ask_untie", approvers, messages.title_of(round_), paths.path(round_, paths.STAFF))
    return request


@command
def decide(actor: User, round_: ReviewRound, row: Recusal, granted: bool, answer: str = "") -> None:
    """The second person grants or refuses; a granted request ends the tie, and the register keeps that it was there."""
    request = waiting([row]).get(row.id)
    if request is None:
        raise NotNow(_("没有等待核准的撤销申请。"))
    if Party.APPROVER not in parties(actor, round_):
        raise NotYours(_("撤销要由审批人核准。"))
    if actor.id == request.asked_by_id:
        raise NotYours(_("申请撤销的人不能自己核准，请由另一个人办理。"))
    if actor.id == row.user_id:
        raise NotYours(_("本人的回避登记，不能由本人核准撤销。"))
    if round_.state is RoundState.DECIDED:
        raise NotNow(_("评审已经决定，不能再撤销回避登记。"))
    request.decided_by_id, request.decided_at = actor.id, clock.now()
    request.granted, request.answer = granted, answer.strip()
    if granted:
        row.ended_at = clock.now()
    db.session.flush()
    lifecycle.record(actor, round_, "untie" if granted else "refuse_untie", _facts(row))
    told = [one for one in (db.session.get(User, row.user_id), request.asked_by) if one is not None]
    event = "review_round.untie" if granted else "review_round.refuse_untie"
    messages.send(event, told, messages.title_of(round_), paths.path(round_, paths.STAFF))


def _facts(row: Recusal) -> dict[str, object]:
    return {"judge": row.user_id, "organisation": row.organisation_id, "kind": row.kind, "tie": row.id}


@dataclass(frozen=True, slots=True)
class Line:
    """One tie as the round's page lists it."""

    tie: Recusal
    judge: str
    organisation: str
    request: TieWithdrawal | None


def lines(round_: ReviewRound, entries: Sequence[Application]) -> list[Line]:
    """The ties on this panel, for the minutes and for whoever may take one back."""
    names = {entry.organisation_id: entry.organisation.name for entry in entries}
    judges = {judge.id: judge.name for judge in panels.judges(round_)}
    rows = standing(round_)
    asked = waiting(rows)
    return [Line(row, judges[row.user_id], names[row.organisation_id], asked.get(row.id)) for row in rows]
