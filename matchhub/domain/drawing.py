"""Reviewers drawn by lot, so that anybody can draw again.

The seed is not anybody's to choose: it is made from the first row that the ledger took in after the need's deadline.

1. head = the hash of that row; seed = SHA-256 of the text  "<need's number>:<head>:<number of the draw>".
2. The pool are all reviewers with an account in use who have no seat yet and are not tied to every applicant. They are
   numbered 1, 2, 3 … in the order in which their accounts were made.
3. Each of them stands in a tier: 1, plus 4 for a tie to any applicant, plus 2 without expertise in a field of the
   need, plus 1 with as many unfinished rounds as the setting `panel_load_limit` or more.
4. Each has a ticket: the SHA-256 of the text  "<seed>:<number>"  as 64 lower-case hexadecimal digits.
5. The pool is sorted by tier, then by ticket. The first ones that are wanted are drawn; when some application would
   then have fewer reviewers without a tie than the setting `panel_minimum`, the next ones that have no tie to it follow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import coding, panels, reference
from matchhub.domain.models import (
    Application,
    Grant,
    Need,
    PanelDraw,
    Panelist,
    ReviewRound,
    Role,
    RoundState,
    User,
)
from matchhub.domain.scoring.sampling import ticket

# A round in one of these states still asks something of its reviewers.
BUSY = (RoundState.PREPARING, RoundState.SCORING)
TIED, NO_MATCH, LOADED = 4, 2, 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could review. `tied` maps application ids to kinds of tie, `matches` are shared fields."""

    user: User
    fields: tuple[str, ...]
    matches: tuple[str, ...]
    load: int
    tied: Mapping[int, list[str]]
    blocked: bool

    def tier(self, limit: int) -> int:
        """1 is drawn first; see the head of this file."""
        return 1 + TIED * bool(self.tied) + NO_MATCH * (not self.matches) + LOADED * (self.load >= limit)


def candidates(round_: ReviewRound, entries: Sequence[Application]) -> list[Candidate]:
    """Reviewers who are not on the panel, in the order of their accounts."""
    seated = {panelist.user_id for panelist in round_.panel}
    people = [user for user in reviewers() if user.id not in seated]
    barred = panels.bars(people, entries)
    codes = coding.codes_for(User, [user.id for user in people])
    wanted = set(coding.codes_of(round_.need).get("field", []))
    load = _load(people)
    return [_candidate(user, entries, barred, codes[user.id], wanted, load.get(user.id, 0)) for user in people]


def reviewers() -> list[User]:
    """Everybody who may be asked to review, in the order of their accounts."""
    found = (
        sa.select(User)
        .where(User.active, User.id.in_(sa.select(Grant.user_id).where(Grant.role == Role.REVIEWER)))
        .order_by(User.id)
    )
    return [user for user in db.session.scalars(found) if Role.REVIEWER in user.roles]


def _candidate(
    user: User,
    entries: Sequence[Application],
    barred: panels.Bars,
    codes: Mapping[str, list[str]],
    wanted: set[str],
    load: int,
) -> Candidate:
    tied = {entry.id: kinds for entry in entries if (kinds := barred.of(user.id, entry))}
    fields = tuple(codes.get("field", []))
    blocked = bool(entries) and len(tied) == len(entries)
    return Candidate(user, fields, tuple(code for code in fields if code in wanted), load, tied, blocked)


def _load(people: Sequence[User]) -> dict[int, int]:
    """In how many rounds that are not finished each of them sits."""
    found = (
        sa.select(Panelist.user_id, sa.func.count().label("rounds"))
        .join(ReviewRound)
        .where(Panelist.user_id.in_([user.id for user in people]), ReviewRound.state.in_(BUSY))
        .group_by(Panelist.user_id)
    )
    return {row.user_id: row.rounds for row in db.session.execute(found)}


# --- the draw --------------------------------------------------------------------------------------------------------


def source(need: Need) -> tuple[int, str] | None:
    """Number and hash of the ledger's first row after the deadline of this need; None before there is one."""
    if need.closes_at is None:
        return None
    found = (
        sa.select(LedgerEntry.seq, LedgerEntry.hash)
        .where(LedgerEntry.at >= need.closes_at)
        .order_by(LedgerEntry.seq)
        .limit(1)
    )
    row = db.session.execute(found).one_or_none()
    return (row.seq, row.hash) if row else None


def seed_of(need_ref: str, head: str, number: int) -> str:
    """The seed of the number-th draw for a need."""
    return hashlib.sha256(f"{need_ref}:{head}:{number}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Lot:
    """One of the pool in a draw: `ties` are the numbers (ids) of the applications that this person may not read."""

    number: int
    tier: int
    ticket: str
    ties: frozenset[int]


def lots(tiers: Mapping[int, int], ties: Mapping[int, Collection[int]], seed: str) -> list[Lot]:
    """The pool in the order of the draw: by tier, then by ticket."""
    made = [
        Lot(number, tier, ticket(str(number), seed), frozenset(ties.get(number, ()))) for number, tier in tiers.items()
    ]
    return sorted(made, key=lambda lot: (lot.tier, lot.ticket, lot.number))


def draw(
    ordered: Sequence[Lot], wanted: int, applications: Collection[int], minimum: int, free: Mapping[int, int]
) -> list[int]:
    """The numbers drawn. `free` says for each application how many seated reviewers it has without a tie.

    Applications that even the whole pool cannot provide with `minimum` reviewers stay short.
    """
    chosen = list(ordered[:wanted])
    counts = {one: free.get(one, 0) + sum(one not in lot.ties for lot in chosen) for one in applications}
    for lot in ordered[wanted:]:
        short = [one for one, count in counts.items() if count < minimum]
        if not any(one not in lot.ties for one in short):
            continue
        chosen.append(lot)
        counts = {one: count + (one not in lot.ties) for one, count in counts.items()}
    return [lot.number for lot in chosen]


def load_limit() -> int:
    return int(reference.setting("panel_load_limit"))


# --- what became of it ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seats:
    """How the panel came together: a draw says little when its reviewers were sent away or outnumbered."""

    panel: int
    drawn: int
    named: int


def seats(round_: ReviewRound, found: Sequence[PanelDraw]) -> Seats:
    """How many of the present panel were drawn, and how many were named by the section."""
    panel = {panelist.user_id for panelist in round_.panel}
    drawn = {one["user"] for draw in found for one in draw.pool if one["number"] in draw.chosen}
    return Seats(len(panel), len(panel & drawn), len(panel - drawn))
