"""Projects that an organisation presents as its own (品牌项目): the needs and communities that such a project would fit.

Only what the project is about counts: fields, people served, places, what it says, abilities. How busy the organisation is
and how its other projects went says nothing of where this one is wanted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core.db import db
from matchhub.domain import coding, policy
from matchhub.domain.models import Community, Event, EventKind, Need, NeedPhase, Organisation, Presentation
from matchhub.matching import facts, scoring, words
from matchhub.matching.fitting import Fit, parts_of
from matchhub.matching.scoring import Part

PARTS = (Part.FIELD, Part.TARGET, Part.COMMUNITY, Part.TEXT, Part.ABILITY)
MOST_BRANDS, MOST_NEEDS, MOST_COMMUNITIES = 5, 3, 5
# A need is one of those that a project would fit from this share of what can be reached.
FITTING = Decimal("0.4")


@dataclass(frozen=True, slots=True)
class Brand:
    """A project that an organisation presents: on its public card, or at a promotion session (`event`)."""

    title: str
    text: str
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class BrandFit:
    """Open needs that a brand would fit, of `most` points, and communities that had such needs, with how many."""

    brand: Brand
    needs: list[Fit]
    most: Decimal
    communities: list[tuple[Community, int]]


def of(organisation: Organisation) -> list[Brand]:
    """What the organisation presents, its card first, then the newest sessions; each title once."""
    card = [
        Brand(organisation.brand_project.partition("\n")[0][:60], f"{organisation.brand_project} {organisation.intro}")
    ]
    shown = (
        sa.select(Presentation)
        .join(Event)
        .where(
            Presentation.organisation_id == organisation.id, Presentation.withdrawn_at.is_(None),
            Presentation.application_id.is_(None), Event.kind == EventKind.PROMOTION, policy.visible(None, Event),
        )
        .options(joinedload(Presentation.event), joinedload(Presentation.project))
        .order_by(Event.starts_at.desc(), Presentation.id.desc())
    )  # fmt: skip
    presented = [
        Brand(row.title, f"{row.title} {row.project.summary if row.project else organisation.intro}", row.event)
        for row in db.session.scalars(shown)
    ]
    found = {brand.title: brand for brand in reversed([*card, *presented]) if brand.title}
    return list(found.values())[::-1][:MOST_BRANDS]


def fits(organisation: Organisation) -> list[BrandFit]:
    """For each brand what it would fit; empty for an organisation that may not apply. A fixed number of statements."""
    presented = of(organisation)
    known = facts.candidates() if presented else []
    mine = next((one for one in known if one.key == organisation.id), None)
    if mine is None:
        return []
    needs = list(db.session.scalars(sa.select(Need).where(policy.visible(None, Need)).order_by(Need.id)))
    asked, codes = facts.wanted_of(needs), coding.codes_for(Need, [need.id for need in needs])
    weights = facts.weights()
    most = sum((weights[part] for part in PARTS), Decimal(0))
    found = []
    for brand in presented:
        ranking = scoring.Ranking([_as(brand, one, mine) for one in known], weights, facts.neutral())
        fitting = [_fit(need, ranking.one(asked[need.id], mine.key)) for need in needs]
        best = sorted(
            (fit for fit in fitting if fit.score >= FITTING * most), key=lambda fit: (-fit.score, fit.need.id)
        )
        takes = [fit for fit in best if fit.need.phase is NeedPhase.OPEN]
        places = Counter(code for fit in best for code in codes[fit.need.id].get("community", ()))
        found.append(BrandFit(brand, takes[:MOST_NEEDS], most, _communities(places)))
    return found


def _as(brand: Brand, one: scoring.Candidate, mine: scoring.Candidate) -> scoring.Candidate:
    """The organisation as if this project were all that it writes of; the others as they are."""
    if one is not mine:
        return one
    return replace(one, text=brand.text, done=tuple(replace(done, text="") for done in one.done))


def _fit(need: Need, match: scoring.Match) -> Fit:
    shares = [share for share in match.shares if share.part in PARTS]
    told = parts_of(replace(match, shares=tuple(shares)))
    parts = [
        (title, points, most, words.of_brand(share.facts) if share.part is Part.TEXT else sentence)
        for share, (title, points, most, sentence) in zip(shares, told, strict=True)
    ]
    return Fit(need, sum((share.points for share in shares), Decimal(0)), parts)


def _communities(places: Counter[str]) -> list[tuple[Community, int]]:
    rows = {row.code: row for row in _all_communities()}
    best = sorted((code for code in places if code in rows), key=lambda code: (-places[code], code))
    return [(rows[code], places[code]) for code in best[:MOST_COMMUNITIES]]


def _all_communities() -> Sequence[Community]:
    return db.session.scalars(sa.select(Community)).all()
