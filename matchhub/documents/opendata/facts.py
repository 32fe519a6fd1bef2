"""What the writers of open data need to know of one need and what became of it: public facts only.

Whoever fills a `Process` takes rows that a visitor may see (`policy.visible(None, …)`). The writers read no database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from matchhub.core import clock
from matchhub.domain import reference
from matchhub.domain.models import Assessment, Need, NeedCorrection, Notice, Organisation, Project

# The list of org-id.guide in which Chinese organisations are registered: unified social credit identifiers.
SCHEME = "CN-USCI"
CURRENCY = "CNY"


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes, under which prefixes and licence. `uscc` may be empty; `base` is the site without a final slash."""

    name: str
    uscc: str
    base: str
    ocid_prefix: str
    grant_prefix: str
    licence_url: str

    @property
    def id(self) -> str:
        return f"{SCHEME}-{self.uscc}" if self.uscc else "street"


@dataclass(frozen=True, slots=True)
class Mark:
    """A deed on record that made something public: its number in the ledger, its moment (naive UTC), and on what."""

    seq: int
    at: datetime
    deed: str
    ref: str


@dataclass(frozen=True, slots=True)
class Process:
    """A published need, its award notices (oldest first), its project, and the deeds on record (oldest first).

    `held` are the days of the activities that took place, by plan row; `organisations` those that the notices name.
    """

    need: Need
    marks: tuple[Mark, ...]
    codes: dict[str, list[str]] = field(default_factory=dict)
    corrections: tuple[NeedCorrection, ...] = ()
    notices: tuple[Notice, ...] = ()
    project: Project | None = None
    assessment: Assessment | None = None
    held: dict[int, list[date]] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)


def moment(at: datetime) -> str:
    """A stored moment in ISO 8601 with Shanghai's offset: 2026-09-15T10:00:00+08:00."""
    return clock.local(at).isoformat(timespec="seconds")


def first_second(day: date) -> str:
    return f"{day.isoformat()}T00:00:00+08:00"


def last_second(day: date) -> str:
    return f"{day.isoformat()}T23:59:59+08:00"


def yuan(amount_fen: int) -> int | float:
    """An amount as a number in yuan: whole where it is whole."""
    return amount_fen // 100 if amount_fen % 100 == 0 else amount_fen / 100


def word(kind: str, code: str) -> str:
    """The street's own word of a code: files say the same whatever language their reader's pages have."""
    name = reference.codes(kind).get(code)
    return name.zh if name else code


def organisation_id(organisation: Organisation) -> str:
    return f"{SCHEME}-{organisation.uscc}"
