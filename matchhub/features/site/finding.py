"""The search page: what was asked, its facets with counts, and the links that change one thing of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.core.listing import LONGEST_QUERY, Filters, words
from matchhub.domain import budgets, lifecycle, policy, reference
from matchhub.domain.models import (
    Event,
    EventPhase,
    EventState,
    LibraryEntry,
    LibraryState,
    Need,
    NeedPhase,
    Notice,
    NoticePhase,
    Organisation,
    OrganisationState,
    Project,
    ProjectState,
    User,
)
from matchhub.search.site import Answer

PATH = "/search"
YEARS = 10
# So many organisations are offered at once, those with most results first.
ORGANISATIONS = 12
KIND_WORDS = {"need": _l("需求"), "project": _l("项目"), "organisation": _l("社会组织"), "notice": _l("公示公告"),
              "event": _l("路演活动"), "library": _l("知识库")}  # fmt: skip
SORTS = {"relevance": _l("最相关"), "date": _l("最新"), "deadline": _l("快截止的在前")}
FACETS = {
    "kind": _l("类别"),
    "status": _l("状态"),
    "field": _l("服务领域"),
    "community": _l("小区"),
    "year": _l("年度"),
    "organisation": _l("机构"),
    "budget": _l("预算"),
}  # fmt: skip
STATES: dict[type, Iterable[StrEnum]] = {
    Need: NeedPhase, Project: ProjectState, Organisation: OrganisationState, Notice: NoticePhase,
    Event: (EventState.OPEN, EventPhase.CLOSED, *(state for state in EventState if state not in (EventState.PLANNED,
                                                                                             EventState.OPEN))),
    LibraryEntry: LibraryState,
}  # fmt: skip


def status_words() -> dict[str, str]:
    """The word of every state that can be filtered by, with its kind before it: "need.open" -> 需求：征集中."""
    found = {}
    for model, states in STATES.items():
        life = lifecycle.LIVES[model]
        for state in states:
            word = life.phases[state][0] if state in life.phases else life.words[life.states(state.value)]
            found[f"{life.kind}.{state.value}"] = _("%(kind)s：%(state)s", kind=_(KIND_WORDS[life.kind]), state=_(word))
    return found


def filters(args: Any, user: User | None = None) -> Filters:
    """What the address asks for; codes that nobody knows, or not this user, are left out."""
    this_year = clock.today().year
    return Filters(
        PATH,
        args,
        {
            "kind": {code: _(word) for code, word in KIND_WORDS.items()},
            "status": status_words(),
            "field": words(reference.codes("field").values()),
            "community": words(reference.codes("community").values()),
            "year": {str(year): _("%(year)s 年", year=year) for year in range(this_year, this_year - YEARS, -1)},
            "organisation": organisation_names(user, args.getlist("organisation")[:ORGANISATIONS]),
            "budget": {code: _(word) for code, word in budgets.WORDS.items()},
        },
    )


def state(wanted: Filters) -> str:
    """What is looked for as in an address, without page and order: the same text for the same search."""
    chosen = [(name, code) for name in wanted.allowed for code in wanted[name]]
    return urlencode([("q", wanted.query), *chosen] if wanted.query else chosen)


def of_state(asked: str) -> Filters:
    """The search that `state` gave; codes that are known no longer are left out."""
    return filters(MultiDict(parse_qsl(asked)))


def in_words(wanted: Filters) -> str:
    """What is looked for, for people: “加梯”、需求."""
    return _("、").join(chip["label"] for chip in wanted.chips()) or _("全部内容")


def chosen_in(wanted: Filters) -> dict[str, list[str]]:
    """The chosen values of each facet but the kind."""
    return {name: wanted[name] for name in FACETS if name != "kind" and wanted[name]}


def organisation_names(user: User | None, refs: Sequence[str]) -> dict[str, str]:
    """The names of these organisations, as far as `user` may know them, in the order given."""
    if not refs:
        return {}
    query = sa.select(Organisation.ref, Organisation.name).where(
        Organisation.ref.in_(refs), policy.visible(user, Organisation)
    )
    known = {row.ref: row.name for row in db.session.execute(query)}
    return {ref: known[ref] for ref in refs if ref in known}


def with_organisations(wanted: Filters, most: Mapping[str, str]) -> Filters:
    """The same filters, with the organisations to choose from: the chosen ones, then those with most results."""
    offered = {**wanted.allowed["organisation"], **most}
    return replace(wanted, allowed={**wanted.allowed, "organisation": offered})


def left_over(args: Any) -> str:
    """The end of an overlong question, which is not searched for; the form does not let it be typed."""
    return " ".join(args.get("q", "").split())[LONGEST_QUERY:][:LONGEST_QUERY]


def sort_of(args: Any, query: str) -> str:
    """The order asked for; without words to search for nothing is more relevant than the newest."""
    asked = args.get("sort", "")
    if asked in SORTS and (query or asked != "relevance"):
        return str(asked)
    return "relevance" if query else "date"


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    title: str
    options: list[dict[str, Any]]
    is_open: bool
    note: str = ""


def facets(wanted: Filters, counts: Mapping[str, Mapping[str, int]]) -> list[Facet]:
    """The facets that still have a choice, each option with what it would leave; chosen ones stay to be dropped."""
    found = []
    for name, title in FACETS.items():
        known = counts.get(name, {})
        options = [
            {**option, "count": known.get(option["value"], 0)}
            for option in wanted.facet(name)
            if option["checked"] or known.get(option["value"])
        ]
        if options:
            is_open = name in ("kind", "status", "field") or bool(wanted[name])
            found.append(Facet(name, _(title), options, is_open, _note(name, len(known) - len(options))))
    return found


def _note(name: str, left_out: int) -> str:
    """What to say below a facet that does not offer all it has."""
    if name != "organisation" or left_out <= 0:
        return ""
    return _("这里只列出结果最多的机构。要找别的机构，请在搜索框里加上机构名。")


def link(args: Any, **changed: str) -> str:
    """The present address with some arguments replaced; the page number starts anew."""
    kept = [(key, value) for key, value in args.items(multi=True) if value and key != "page" and key not in changed]
    return path([*kept, *changed.items()])


def path(pairs: Iterable[tuple[str, str]]) -> str:
    """The address of a search; empty values are left out."""
    asked = [pair for pair in pairs if pair[1]]
    return f"{PATH}?{urlencode(asked)}" if asked else PATH


def sorts(args: Any, present: str, query: str) -> list[dict[str, Any]]:
    """The orders to choose from; relevance only where there are words."""
    return [
        {"label": _(word), "url": link(args, sort=code), "current": code == present}
        for code, word in SORTS.items()
        if query or code != "relevance"
    ]


def heading(answer: Answer, query: str) -> str:
    """The result in one sentence."""
    n = answer.total
    if answer.partial:
        return _("没有同时包含“%(words)s”的记录，下面是包含其中部分词语的", words="”“".join(answer.words))
    if not answer.total_exact:
        return _("约 %(n)s 条结果，包含“%(q)s”", n=n, q=query)
    return _("%(n)s 条结果，包含“%(q)s”", n=n, q=query) if query else _("共 %(n)s 条", n=n)
