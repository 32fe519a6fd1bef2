"""What the street does with a review: set it up, choose the panel, end it, propose and decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from matchhub.core import clock, money
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import awarding, intake, lifecycle, messages, numbering, panels, paths
from matchhub.domain.lifecycle.review import chosen_allowed, reasons_given
from matchhub.domain.models import (
    Application,
    Decision,
    Need,
    Panelist,
    ReviewRound,
    Role,
    RoundState,
    Rubric,
    SubjectKind,
    User,
)
from matchhub.domain.parties import Party, parties

# Adding a reviewer is possible for as long as sheets are filled in; taking one away only before.
ADDING = (RoundState.PREPARING, RoundState.SCORING)


@command
def set_up(actor: User, need: Need, due_at: datetime, seen: int | None = None) -> ReviewRound:
    """Start the review of a closed need with the need's rubric; scores are due at `due_at` (UTC)."""
    lifecycle.same_version(need, seen)
    if due_at <= clock.now():
        raise NotNow(_("评分截止日期要晚于今天。"))
    lifecycle.advance(need, "start_review", actor)
    round_ = ReviewRound(
        ref=numbering.next_ref(numbering.ROUND), need=need, rubric=db.session.get(Rubric, need.rubric_id), due_at=due_at
    )
    db.session.add(round_)
    lifecycle.record(actor, round_, "set_up", {"need": need.ref, "rubric": f"{need.rubric_id}", "due_at": str(due_at)})
    return round_


# --- the panel -------------------------------------------------------------------------------------------------------


def _must_prepare(actor: User, round_: ReviewRound, states: tuple[RoundState, ...]) -> None:
    if Party.OFFICE not in parties(actor, round_):
        raise NotYours(_("只有主办科室可以安排评审人。"))
    if round_.state not in states:
        raise NotNow(_("现在不能再调整评审人。"))


@command
def add_panelist(actor: User, round_: ReviewRound, reviewer: User) -> Panelist:
    """Give a reviewer a seat; the ties that the records show go into the register at once.

    Raises Refused for somebody who is no reviewer, already on the panel, or tied to every applicant.
    """
    _must_prepare(actor, round_, ADDING)
    if not reviewer.active or Role.REVIEWER not in reviewer.roles:
        raise NotNow(_("%(name)s 目前不是评审人。", name=reviewer.name))
    if panels.seat(round_, reviewer) is not None:
        raise NotNow(_("%(name)s 已在评审人名单里。", name=reviewer.name))
    entries = panels.applications(round_)
    found = panels.register_ties([reviewer], entries)
    barred = panels.bars([reviewer], entries)
    if entries and all(barred.of(reviewer.id, entry) for entry in entries):
        raise NotNow(_("%(name)s 与全部申报机构都有利益关系，不能参加这次评审。", name=reviewer.name))
    seat = Panelist(user=reviewer)
    round_.panel.append(seat)
    lifecycle.record(actor, round_, "add_panelist", {"judge": reviewer.id, "detected_ties": found})
    if round_.state is RoundState.SCORING:
        messages.send("review_round.open", [reviewer], messages.title_of(round_), paths.path(round_, paths.JUDGE))
    return seat


@command
def remove_panelist(actor: User, round_: ReviewRound, reviewer: User) -> None:
    """Take a seat away, before scoring begins."""
    _must_prepare(actor, round_, (RoundState.PREPARING,))
    seat = panels.seat(round_, reviewer)
    if seat is None:
        raise NotNow(_("%(name)s 不在评审人名单里。", name=reviewer.name))
    round_.panel.remove(seat)
    lifecycle.record(actor, round_, "remove_panelist", {"judge": reviewer.id})


def _register_ties(round_: ReviewRound) -> None:
    panels.register_ties(panels.judges(round_), panels.applications(round_))


@command
def open_round(actor: User, round_: ReviewRound, seen: int | None = None) -> None:
    """Begin scoring: the reviewers are told and may declare their ties."""
    lifecycle.same_version(round_, seen)
    _register_ties(round_)
    lifecycle.advance(round_, "open", actor)


@command
def count_ballots(actor: User, round_: ReviewRound, application: Application, count: int, average: Decimal) -> None:
    """Enter the residents' ballots of one roadshow: how many, and their average of 10 points."""
    if Party.OFFICE not in parties(actor, round_):
        raise NotYours(_("只有主办科室可以登记居民票。"))
    if round_.state is not RoundState.SCORING or SubjectKind.ROADSHOW not in panels.stages(round_.need):
        raise NotNow(_("现在不能登记居民票。"))
    if application not in panels.applications(round_):
        raise NotNow(_("这份申报不在这次评审里。"))
    if count < 1 or not Decimal(0) <= average <= Decimal(10):
        raise NotNow(_("请填票数（至少 1 张）和 0 到 10 之间的平均分。"))
    if intake.roadshow_scored(round_, application):
        raise NotNow(_("已有评审人提交了路演评分，居民票不能再改。"))
    entered = {"count": count, "average": f"{average.normalize():f}"}
    round_.ballots = round_.ballots | {str(application.id): entered}
    lifecycle.record(actor, round_, "count_ballots", {"application": application.ref} | entered)


# --- the result ------------------------------------------------------------------------------------------------------


def _freeze(actor: User, round_: ReviewRound, action: str, seen: int | None) -> None:
    """Compute and keep the result of the sheets that count, together with the move `action`."""
    lifecycle.same_version(round_, seen)
    _register_ties(round_)
    if why := lifecycle.refusal(round_, action, actor, clock.now()):
        raise why
    result = intake.compute(round_)
    lifecycle.advance(round_, action, actor, digest=result["digest"], sheets=len(result["digests"]))
    round_.result = result


@command
def finish(actor: User, round_: ReviewRound, seen: int | None = None) -> None:
    """End scoring and freeze the result: submitted sheets of reviewers without a tie, and nothing else."""
    _freeze(actor, round_, "finish", seen)


@command
def recompute(actor: User, round_: ReviewRound, seen: int | None = None) -> None:
    """Freeze the result anew after a tie that was declared too late."""
    _freeze(actor, round_, "recompute", seen)


MOVES = {"open": open_round, "finish": finish, "recompute": recompute}


# --- the decision ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opinion:
    """What is proposed: the chosen application (None: not yet), why, and what goes with it.

    `reasons` and `feedback` are by application id: the reason is for everybody, the feedback for its organisation.
    """

    chosen: Application | None
    reasons: Mapping[int, str]
    amount_fen: int | None
    memo: str = ""
    necessity_note: str = ""
    feedback: Mapping[int, str] | None = None


def _write(round_: ReviewRound, opinion: Opinion) -> None:
    """Keep the opinion in the rows of the decision and of the round."""
    rows = {row["id"]: row for row in round_.result["applications"]}
    known = awarding.decisions(round_)
    for entry in panels.applications(round_):
        decision = known.get(entry.id)
        if decision is None:
            decision = Decision(application_id=entry.id, round_id=round_.id)
            db.session.add(decision)
        proposed = opinion.chosen is not None and opinion.chosen.id == entry.id
        decision.rank, decision.score = rows[entry.id]["place"], Decimal(rows[entry.id]["total"])
        decision.proposed, decision.amount_fen = proposed, opinion.amount_fen if proposed else None
        decision.reason = opinion.reasons.get(entry.id, "").strip()
        decision.feedback = (opinion.feedback or {}).get(entry.id, "").strip()
    round_.memo, round_.necessity_note = opinion.memo.strip(), opinion.necessity_note.strip()
    db.session.flush()


@command
def keep_opinion(actor: User, round_: ReviewRound, opinion: Opinion, seen: int | None = None) -> None:
    """Put an unfinished opinion aside; it may be begun before the discussions are on record."""
    lifecycle.same_version(round_, seen)
    if Party.OFFICE not in parties(actor, round_):
        raise NotYours(_("只有主办科室可以提出拟立项意见。"))
    if round_.state is not RoundState.DECIDING:
        raise NotNow(_("现在不能再写拟立项意见，请刷新页面查看最新情况。"))
    _write(round_, opinion)
    lifecycle.record(actor, round_, "keep_opinion")


@command
def propose(
    actor: User,
    round_: ReviewRound,
    chosen: Application,
    reasons: Mapping[int, str],
    amount_fen: int,
    memo: str = "",
    necessity_note: str = "",
    feedback: Mapping[int, str] | None = None,
    seen: int | None = None,
) -> None:
    """Propose exactly one application, with a reason for every one (by application id), to the approver.

    Raises NotNow when a reason, a needed note or a sensible amount is missing, or the chosen one is below the line.
    """
    lifecycle.same_version(round_, seen)
    if why := lifecycle.refusal(round_, "propose", actor, clock.now()):
        raise why
    if chosen.id not in {entry.id for entry in panels.applications(round_)}:
        raise NotNow(_("选定的申报不在这次评审里。"))
    if sentence := amount_problem(chosen, amount_fen):
        raise NotNow(sentence)
    _write(round_, Opinion(chosen, reasons, amount_fen, memo, necessity_note, feedback))
    if sentence := reasons_given(round_, clock.now()) or chosen_allowed(round_, clock.now()):
        raise NotNow(sentence)
    round_.proposed_by_id = actor.id
    round_.proposals += 1
    lifecycle.advance(round_, "propose", actor, chosen=chosen.ref, amount_fen=amount_fen)


def amount_problem(chosen: Application, amount_fen: int | None) -> str | None:
    """What is wrong with an amount proposed for an application; None when it is allowed."""
    applied, ceiling = intake.amount_fen(chosen), chosen.need.budget_fen
    if not amount_fen or amount_fen <= 0:
        return _("请填写拟立项金额，例如 86000。")
    if applied and amount_fen > applied:
        return _("拟立项金额不能高于申请金额 %(amount)s 元。", amount=money.yuan(applied))
    if ceiling and amount_fen > ceiling:
        return _("拟立项金额不能高于预算上限 %(amount)s 元。", amount=money.yuan(ceiling))
    return None
