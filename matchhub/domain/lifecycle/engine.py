"""Reads the tables of moves: what may be done, by whom, and the one function that changes a state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from matchhub.core import clock, ledger, outbox
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Refused, Stale
from matchhub.core.i18n import _
from matchhub.domain import messages
from matchhub.domain.models import User
from matchhub.domain.parties import Party, parties
from matchhub.domain.paths import kind_of

# A guard states a fact that must hold: (subject, now) -> a sentence for the person when it does not, else None.
Guard = Callable[[Any, datetime], str | None]


@dataclass(frozen=True, slots=True)
class Move:
    """One row of a life-cycle table.

    `label` is the word on the button; an empty one means that only another deed makes this move. `page` names the
    endpoint of the page that gathers what the move needs; without it the move is a plain button. `tells` are the
    parties that get a message. `consequence` is the sentence of the confirmation before a move that cannot be undone.
    """

    action: str
    from_: tuple[StrEnum, ...]
    to: StrEnum
    by: tuple[Party, ...]
    label: str = ""
    guards: tuple[Guard, ...] = ()
    page: str = ""
    tells: tuple[Party, ...] = ()
    consequence: str = ""
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """The life of one kind of record: its states in their order, their words and tones, and its moves."""

    kind: str
    title: str
    states: type[StrEnum]
    start: StrEnum
    final: frozenset[StrEnum]
    words: Mapping[StrEnum, str]
    tones: Mapping[StrEnum, str]
    moves: tuple[Move, ...]
    # Words and tones of what people see where that differs from the stored state (a derived phase).
    phases: Mapping[StrEnum, tuple[str, str]] = field(default_factory=dict)


LIVES: dict[type, Life] = {}


def life_of(subject: Any) -> Life:
    return LIVES[type(subject)]


def find(subject: Any, action: str) -> Move | None:
    """The move called `action` from the present state; None when there is none."""
    return next((m for m in life_of(subject).moves if m.action == action and subject.state in m.from_), None)


def refusal(subject: Any, action: str, user: User | None, now: datetime) -> Refused | None:
    """Why `user` cannot do `action` now, or None when they can."""
    move = find(subject, action)
    if move is None:
        return NotNow(_("现在是“%(state)s”，不能进行这一步。请刷新页面查看最新情况。", state=_(word(subject))))
    if not set(move.by) & parties(user, subject):
        return NotYours(_("您没有进行这一步的权限。"))
    reasons = [reason for guard in move.guards if (reason := guard(subject, now))]
    return NotNow("".join(reasons)) if reasons else None


@dataclass(frozen=True, slots=True)
class Offer:
    """A move as a page shows it: with `why` it is greyed out and says so."""

    move: Move
    why: str | None


def moves_for(subject: Any, user: User | None) -> list[Offer]:
    """The moves to show `user` on the page of `subject`, in the order of the table."""
    mine, now = parties(user, subject), clock.now()
    shown = [m for m in life_of(subject).moves if m.label and subject.state in m.from_ and set(m.by) & mine]
    return [Offer(m, str(why) if (why := refusal(subject, m.action, user, now)) else None) for m in shown]


def same_version(subject: Any, seen: int | None) -> None:
    """Raises Stale when the page that was answered showed an older version of `subject`."""
    if seen is not None and subject.version != seen:
        raise Stale(_("您打开页面之后，别人改过这条记录。请刷新页面，核对后再试。"))


def advance(subject: Any, action: str, actor: User, **data: Any) -> Move:
    """Make the move inside the present command: state, ledger row, messages and index mark.

    `data` goes into the ledger; it must hold no personal data. Raises Refused, and then has changed nothing.
    """
    if why := refusal(subject, action, actor, clock.now()):
        raise why
    move = find(subject, action)
    assert move is not None  # refusal() has just found it
    before = subject.state
    setattr(subject, "state", move.to)  # noqa: B010 - each record has its own enum, which mypy cannot pair
    db.session.flush()
    record(actor, subject, action, {"from": before.value, "to": move.to.value} | data)
    messages.tell(subject, action, move.tells, actor, note=str(data.get("reason", "")))
    return move


def record(actor: User, subject: Any, deed: str, data: Mapping[str, Any] | None = None) -> None:
    """Write a deed that changes no state into the ledger, and mark the record for the search index."""
    kind = kind_of(subject)
    ledger.record(actor, f"{kind}.{deed}", f"{kind}:{subject.ref}", data)
    touch(subject)


def touch(subject: Any) -> None:
    """Mark a record for the search index: it is read again and indexed after the commit.

    What ends by the clock alone (a call, a notice) is marked once more for the moment of its end.
    """
    db.session.flush()
    mark = {"kind": kind_of(subject), "id": subject.id}
    outbox.put("index", mark)
    end = getattr(subject, "closes_at", None) or getattr(subject, "ends_at", None)
    if end is not None and end > clock.now():
        outbox.put("index", mark, dedupe=f"index:{mark['kind']}:{mark['id']}:{end.isoformat()}", due_at=end)


def word(subject: Any) -> str:
    """The word (a constant to be translated) for what people see: the phase where there is one, else the state."""
    return look(subject)[0]


def look(subject: Any) -> tuple[str, str]:
    """(word, tone) of the tag that shows where a record stands."""
    life = life_of(subject)
    phase = getattr(subject, "phase", subject.state)
    if phase in life.phases:
        return life.phases[phase]
    return life.words[subject.state], life.tones.get(subject.state, "muted")


def diagram(life: Life) -> str:
    """The table as a Mermaid state diagram, in the source language."""
    lines = ["stateDiagram-v2", f"    [*] --> {life.start}"]
    lines += [
        f"    {state} --> {m.to}: {m.label or m.action} ({', '.join(m.by)})" for m in life.moves for state in m.from_
    ]
    lines += [f"    {state} --> [*]" for state in life.states if state in life.final]
    return "\n".join(lines)
