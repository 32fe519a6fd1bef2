"""Does everybody get a chance: who applies and who is chosen, by kinds of organisation, and where the money goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain import coding, policy, reference
from matchhub.domain.models import Application, Need, Organisation, OrganisationState, Project
from matchhub.features.matching.queries import organisations

SIDES: dict[str, str] = {
    "newness": _l("新老机构"),
    "origin": _l("来源"),
    "org_class": _l("四类机构"),
    "field": _l("服务领域"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """One kind of organisation: how many are admitted, have applied, were chosen, and for how much (fen)."""

    name: str
    admitted: int
    applied: int
    chosen: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Chance:
    """Who applies, who is chosen, and how much of the money the first three hold."""

    sides: list[tuple[str, list[Group]]]
    top: list[tuple[Organisation, int, Decimal]]
    top_percent: Decimal
    limit: Decimal
    total_fen: int

    @property
    def is_narrow(self) -> bool:
        return self.top_percent > self.limit


@dataclass(frozen=True, slots=True)
class _Counts:
    """By organisation: applications, projects and money (fen) since a moment."""

    since: datetime
    applied: Mapping[int, int]
    chosen: Mapping[int, int]
    money: Mapping[int, int]


def fair_chance(since: datetime) -> Chance:
    """Applications and projects since a moment, by kinds of organisation. What is still sealed is not counted."""
    counts = _counts(since)
    total = sum(counts.money.values())
    best = sorted(counts.money, key=lambda key: (-counts.money[key], key))[:3]
    known = organisations(best)
    rows = list(db.session.scalars(sa.select(Organisation).where(Organisation.state == OrganisationState.ADMITTED)))
    return Chance(
        [(_(title), _groups(side, rows, counts)) for side, title in SIDES.items()],
        [(known[key], counts.money[key], _percent(counts.money[key], total)) for key in best],
        _percent(sum(counts.money[key] for key in best), total),
        Decimal(reference.setting("share_warning")),
        total,
    )


def _counts(since: datetime) -> _Counts:
    applied = db.session.execute(
        sa.select(Application.organisation_id, sa.func.count())
        .join(Need, Application.need_id == Need.id)
        .where(Application.submitted_at >= since, policy.unsealed())
        .group_by(Application.organisation_id)
    )
    projects = db.session.execute(
        sa.select(Project.organisation_id, sa.func.count(), sa.func.coalesce(sa.func.sum(Project.amount_fen), 0))
        .where(Project.created_at >= since)
        .group_by(Project.organisation_id)
    ).all()
    return _Counts(
        since,
        {row[0]: row[1] for row in applied},
        {key: count for key, count, _amount in projects},
        {key: int(amount) for key, _count, amount in projects},
    )


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1")) if whole else Decimal(0)


def _groups(side: str, rows: Sequence[Organisation], counts: _Counts) -> list[Group]:
    codes = coding.codes_for(Organisation, [row.id for row in rows]) if side == "field" else {}
    members: dict[str, list[int]] = {}
    for row in rows:
        for name in _names(side, row, codes, counts.since):
            members.setdefault(name, []).append(row.id)
    order = {name: place for place, name in enumerate(_order(side))}
    return [_group(name, members[name], counts) for name in sorted(members, key=lambda name: order.get(name, 99))]


def _group(name: str, ids: Sequence[int], counts: _Counts) -> Group:
    def total(of: Mapping[int, int]) -> int:
        return sum(of.get(key, 0) for key in ids)

    return Group(name, len(ids), total(counts.applied), total(counts.chosen), total(counts.money))


def _order(side: str) -> list[str]:
    if side == "newness":
        return [_("新机构"), _("老机构")]
    return [str(name) for name in reference.codes(side).values()]


def _names(side: str, row: Organisation, codes: Mapping[int, dict[str, list[str]]], since: datetime) -> list[str]:
    """The groups of one side to which an organisation belongs; it may serve several fields."""
    if side == "newness":
        return [_("新机构") if row.admitted_at and row.admitted_at >= since else _("老机构")]
    if side == "field":
        return reference.words("field", codes[row.id].get("field", []))
    word: Any = reference.word(side, getattr(row, side))
    return [word or "–"]
