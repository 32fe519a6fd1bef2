"""Reviewers are drawn by lot (domain/drawing.py), the draw is kept for good and anybody can repeat it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _, _l
from matchhub.domain import drawing, lifecycle, messages, panels, paths, reference
from matchhub.domain.models import Application, PanelDraw, Panelist, ReviewRound, RoundState, User
from matchhub.domain.parties import Party, parties

DRAWING = (RoundState.PREPARING, RoundState.SCORING)
MOST = 9

# tier - 1, bit by bit -> why somebody stands in a later tier
REASONS: dict[int, str] = {
    drawing.TIED: _l("与部分申报机构有关系"),
    drawing.NO_MATCH: _l("专长领域不对口"),
    drawing.LOADED: _l("手上的评审较多"),
}


def draws(round_: ReviewRound) -> list[PanelDraw]:
    """The draws of a round in their order."""
    found = sa.select(PanelDraw).where(PanelDraw.round_id == round_.id).order_by(PanelDraw.number)
    return list(db.session.scalars(found))


def why_not(round_: ReviewRound, actor: User) -> str | None:
    """The sentence for whoever cannot draw now."""
    if Party.OFFICE not in parties(actor, round_):
        return _("只有主办科室可以安排评审人。")
    if round_.state not in DRAWING:
        return _("现在不能再调整评审人。")
    if drawing.source(round_.need) is None:
        return _("征集截止后还没有任何操作记录，暂时不能抽签；请先完成资格审查。")
    return None


@command
def draw_panel(actor: User, round_: ReviewRound, wanted: int, seen: int | None = None) -> PanelDraw:
    """Draw `wanted` reviewers and give them seats. Raises Refused when nobody can be drawn."""
    lifecycle.same_version(round_, seen)
    if why := why_not(round_, actor):
        raise NotYours(why) if Party.OFFICE not in parties(actor, round_) else NotNow(why)
    if not 1 <= wanted <= MOST:
        raise NotNow(_("抽取人数请填 1 到 %(most)s。", most=MOST))
    entries = panels.applications(round_)
    row = _drawn(actor, round_, entries, wanted)
    people = {one["number"]: one["user"] for one in row.pool}
    chosen = [db.session.get_one(User, people[number]) for number in row.chosen]
    found = panels.register_ties(chosen, entries)
    for reviewer in chosen:
        round_.panel.append(Panelist(user=reviewer))
    facts = {"draw": row.number, "seed": row.seed, "ledger_seq": row.ledger_seq, "pool": len(row.pool)}
    lifecycle.record(
        actor, round_, "draw_panel", facts | {"judges": sorted(one.id for one in chosen), "detected_ties": found}
    )
    if round_.state is RoundState.SCORING:
        messages.send("review_round.open", chosen, messages.title_of(round_), paths.path(round_, paths.JUDGE))
    return row


def _drawn(actor: User, round_: ReviewRound, entries: Sequence[Application], wanted: int) -> PanelDraw:
    source = drawing.source(round_.need)
    assert source is not None  # why_not has looked
    number = len(draws(round_)) + 1
    seed = drawing.seed_of(round_.need.ref, source[1], number)
    pool = [one for one in drawing.candidates(round_, entries) if not one.blocked]
    if not pool:
        raise NotNow(_("没有可以抽取的评审人。"))
    limit, minimum = drawing.load_limit(), int(reference.setting("panel_minimum"))
    tiers = {n: one.tier(limit) for n, one in enumerate(pool, 1)}
    tied = {n: frozenset(one.tied) for n, one in enumerate(pool, 1)}
    ordered = drawing.lots(tiers, tied, seed)
    chosen = drawing.draw(ordered, wanted, [entry.id for entry in entries], minimum, _free(round_, entries))
    row = PanelDraw(
        round_id=round_.id, number=number, drawn_by_id=actor.id, ledger_seq=source[0], ledger_hash=source[1],
        seed=seed, wanted=wanted, chosen=chosen, pool=[_kept(lot, pool[lot.number - 1], entries) for lot in ordered],
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def _free(round_: ReviewRound, entries: Sequence[Application]) -> dict[int, int]:
    """How many seated reviewers each application has without a tie."""
    barred = panels.bars(panels.judges(round_), entries)
    return {entry.id: sum(not barred.of(judge.id, entry) for judge in panels.judges(round_)) for entry in entries}


def _kept(lot: drawing.Lot, one: drawing.Candidate, entries: Sequence[Application]) -> dict[str, Any]:
    """An entry of the pool, from which the draw can be repeated without asking the database again."""
    tied = sorted(entry.ref for entry in entries if entry.id in lot.ties)
    return {"number": lot.number, "user": one.user.id, "name": one.user.name, "tier": lot.tier, "ticket": lot.ticket,
            "matches": list(one.matches), "load": one.load, "ties": tied}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One of the pool as a page shows it; `name` and `ties` are for the street alone."""

    place: int
    number: int
    tier: int
    ticket: str
    chosen: bool
    seated: bool
    name: str
    matches: str
    load: int
    ties: str
    reasons: str


def rows(draw: PanelDraw, round_: ReviewRound) -> list[Row]:
    """The pool of a draw in the order in which it was drawn."""
    panel = {panelist.user_id for panelist in round_.panel}
    return [
        Row(
            place, one["number"], one["tier"], one["ticket"], one["number"] in draw.chosen, one["user"] in panel, one["name"],
            "、".join(reference.words("field", one["matches"])), one["load"], "、".join(one["ties"]), why(one["tier"]),
        )
        for place, one in enumerate(draw.pool, 1)
    ]  # fmt: skip


def how_made(round_: ReviewRound) -> str:
    """In words how the panel came together: drawn, named, or some of each."""
    seats = drawing.seats(round_, draws(round_))
    if not seats.drawn:
        return _("由主办科室选定")
    if not seats.named:
        return _("随机抽取，种子已公开")
    return _("抽签 %(drawn)s 位（种子已公开），主办科室选定 %(named)s 位", drawn=seats.drawn, named=seats.named)


def why(tier: int) -> str:
    """In words what puts somebody into this tier."""
    return _("；").join(_(sentence) for bit, sentence in REASONS.items() if (tier - 1) & bit)


def redrawn(draw: PanelDraw, need_ref: str) -> bool:
    """Whether the seed and the order come out again from what is published."""
    tiers = {one["number"]: one["tier"] for one in draw.pool}
    seed = drawing.seed_of(need_ref, draw.ledger_hash, draw.number)
    order = [lot.number for lot in drawing.lots(tiers, {}, seed)]
    first = order[: draw.wanted]
    return (seed, order, first) == (draw.seed, [one["number"] for one in draw.pool], draw.chosen[: draw.wanted])
