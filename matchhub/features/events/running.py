"""The room: the countdown that the server keeps, and the residents' ballots."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _
from matchhub.domain import eventing, intake, lifecycle, panels
from matchhub.domain.models import Ballot, Event, EventState, Presentation, RoundState, Stage, User
from matchhub.features.events.hosting import must_host

CENT = Decimal("0.01")


def _begin(item: Presentation) -> None:
    if item.stage is not Stage.WAITING:
        raise NotNow(_("这一家已经开始过了。"))
    on = eventing.current(eventing.agenda(item.event))
    if on is not None:
        raise NotNow(_("另一家还在陈述或答辩，请先结束。"))
    now = clock.now()
    item.stage, item.used_seconds, item.since, item.began_at = Stage.TALK, 0, now, now


def _answer(item: Presentation) -> None:
    if item.stage is not Stage.TALK:
        raise NotNow(_("先开始陈述，再进入答辩。"))
    item.stage, item.used_seconds, item.since = Stage.ANSWER, 0, clock.now()


def _pause(item: Presentation) -> None:
    if item.since is None:
        raise NotNow(_("计时没有在走。"))
    item.used_seconds = item.length_seconds - item.left_seconds(clock.now())
    item.since = None


def _resume(item: Presentation) -> None:
    if item.stage not in (Stage.TALK, Stage.ANSWER) or item.since is not None:
        raise NotNow(_("计时没有暂停。"))
    item.since = clock.now()


def _finish(item: Presentation) -> None:
    if item.stage not in (Stage.TALK, Stage.ANSWER):
        raise NotNow(_("这一家没有在陈述或答辩。"))
    item.stage, item.since, item.finished_at = Stage.DONE, None, clock.now()


DEEDS: dict[str, Callable[[Presentation], None]] = {
    "talk": _begin, "answer": _answer, "pause": _pause, "resume": _resume, "finish": _finish,
}  # fmt: skip


@command
def run(actor: User, item: Presentation, deed: str) -> None:
    """One press on the control desk: talk, answer, pause, resume, finish. Every screen follows the server's clock."""
    must_host(actor, item.event)
    if item.event.state is not EventState.RUNNING or item.withdrawn_at is not None:
        raise NotNow(_("活动没有在进行，不能计时。"))
    DEEDS[deed](item)
    lifecycle.record(actor, item.event, f"run_{deed}", {"item": item.code})


@command
def key_in_ballots(actor: User, item: Presentation, count: int, total: Decimal) -> None:
    """Enter paper ballots of one presentation: how many, and their points together; who entered them is kept."""
    must_host(actor, item.event)
    _must_take_ballots(item)
    if count < 0 or not Decimal(count) <= total <= Decimal(10 * count):
        raise NotNow(_("请核对：每张票 1 到 10 分，总分要在票数和票数的 10 倍之间。"))
    item.paper_count, item.paper_total = count, total
    item.paper_by_id, item.paper_at = actor.id, clock.now()
    lifecycle.record(actor, item.event, "key_in_ballots", {"item": item.code, "count": count, "total": str(total)})


def _must_take_ballots(item: Presentation) -> None:
    if not item.event.ballots:
        raise NotNow(_("这场活动没有居民投票。"))
    if item.ballots_closed_at is not None:
        raise NotNow(_("这一家的投票已经截止。"))
    if item.began_at is None or item.event.state is not EventState.RUNNING:
        raise NotNow(_("这一家还没有开始陈述。"))


def counted(item: Presentation) -> tuple[int, Decimal]:
    """How many ballots there are, from phones and paper together, and the sum of their points."""
    found = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Ballot.points), 0))
    n, points = db.session.execute(found.where(Ballot.presentation_id == item.id)).one()
    return int(n) + item.paper_count, Decimal(int(points)) + Decimal(item.paper_total)


@command
def close_ballots(actor: User, item: Presentation) -> None:
    """Close the ballots of one presentation and add them up; at a roadshow they become item R5 of every sheet."""
    must_host(actor, item.event)
    _must_take_ballots(item)
    if item.stage is not Stage.DONE:
        raise NotNow(_("请先结束陈述和答辩，再截止投票。"))
    count, total = counted(item)
    item.ballots_closed_at, item.ballot_count = clock.now(), count
    item.ballot_average = (total / count).quantize(CENT, ROUND_HALF_UP) if count else None
    told = {"item": item.code, "count": count, "paper": item.paper_count, "average": str(item.ballot_average or "")}
    lifecycle.record(actor, item.event, "close_ballots", told)
    _hand_to_review(actor, item)


def _hand_to_review(actor: User, item: Presentation) -> None:
    """Put the result into the round of the need, where the sheets take it from."""
    event, application = item.event, item.application
    round_ = panels.of_need(event.need) if event.need is not None and application is not None else None
    if round_ is None or application is None or item.ballot_average is None:
        return
    if round_.state is not RoundState.SCORING or intake.roadshow_scored(round_, application):
        return
    made = {"count": item.ballot_count, "average": f"{item.ballot_average.normalize():f}"}
    round_.ballots = round_.ballots | {str(application.id): made | {"event": event.ref, "paper": item.paper_count}}
    lifecycle.record(actor, round_, "count_ballots", {"application": application.ref} | made)


def ballots_so_far(event: Event) -> dict[int, int]:
    """By presentation how many ballots came from phones: their number, never their points, before they are closed."""
    found = (
        sa.select(Ballot.presentation_id, sa.func.count())
        .join(Presentation, Ballot.presentation_id == Presentation.id)
        .where(Presentation.event_id == event.id)
        .group_by(Ballot.presentation_id)
    )
    return {row[0]: int(row[1]) for row in db.session.execute(found)}
