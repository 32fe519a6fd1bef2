"""Conditions typed into the search box: “状态:征集中 领域:为老” does what choosing them in the facets does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters
from matchhub.domain import policy
from matchhub.domain.models import Organisation, User
from matchhub.features.site import finding
from matchhub.search.text import fold

# How people call a facet, beside its title; each word counts in both languages.
NAMES = {
    "kind": (_l("类别"), _l("类型")),
    "status": (_l("状态"),),
    "field": (_l("服务领域"), _l("领域")),
    "community": (_l("小区"), _l("社区")),
    "year": (_l("年度"), _l("年")),
    "organisation": (_l("机构"), _l("组织")),
    "budget": (_l("预算"),),
}
CONDITION = re.compile(r"(?:(?<=\s)|^)([^\s:：\"“”]{1,20})[:：]([^\s:：]{1,40})(?=\s|$)")
APART = re.compile("[,，、]")
MOST = 5


@dataclass(frozen=True, slots=True)
class Typed:
    """The question without its conditions, the conditions as facet and code, and what only looked like one."""

    text: str
    chosen: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]


def read(wanted: Filters, user: User | None) -> Typed:
    """Take the conditions out of the question; what names no facet or no value of it stays in the text."""
    known = {fold(str(word)): name for name, names in NAMES.items() for each in names for word in (each, _(each))}
    chosen: list[tuple[str, str]] = []
    unknown: list[str] = []

    def take(found: re.Match[str]) -> str:
        name = known.get(fold(found[1]))
        if name is None:
            return found[0]
        codes = [code for value in APART.split(found[2]) for code in _codes(wanted, name, value, user)]
        if not codes:
            unknown.append(found[0])
            return found[0]
        chosen.extend((name, code) for code in codes)
        return ""

    text = CONDITION.sub(take, wanted.query)
    return Typed(" ".join(text.split()), tuple(dict.fromkeys(chosen)), tuple(unknown))


def _codes(wanted: Filters, name: str, value: str, user: User | None) -> list[str]:
    """The values of a facet that somebody may mean by `value`: those that are called so, else those that contain it."""
    value = fold(value)
    if not value:
        return []
    words = _organisations(value, user) if name == "organisation" else wanted.allowed[name]
    folded = {code: fold(word) for code, word in words.items()}
    same = [code for code, word in folded.items() if value in (word, word.rpartition(":")[2])]
    return same or [code for code, word in folded.items() if value in word][:MOST]


def _organisations(value: str, user: User | None) -> Mapping[str, str]:
    query = sa.select(Organisation.ref, Organisation.name).where(
        Organisation.name.icontains(value, autoescape=True), policy.visible(user, Organisation)
    )
    rows = db.session.execute(query.order_by(Organisation.name).limit(MOST))
    return {row.ref: row.name for row in rows}


def address(args: Any, typed: Typed) -> str:
    """The address in which the conditions stand as facets."""
    kept = [(key, value) for key, value in args.items(multi=True) if key not in ("q", "page") and value]
    return finding.path([("q", typed.text), *dict.fromkeys([*kept, *typed.chosen])])
