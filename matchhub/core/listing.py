"""Filters of a list, read from its address: only known codes count, and every filter can be dropped by a link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from matchhub.core.i18n import _, _l

LONGEST_QUERY = 100
# What each filter asks for, by its name in the address.
TITLES = {
    "q": _l("关键词"), "phase": _l("状态"), "state": _l("状态"), "field": _l("服务领域"), "community": _l("社区"),
    "section": _l("科室"), "year": _l("年份"), "org": _l("机构"), "funding": _l("资金来源"), "agreed": _l("协议"),
    "class": _l("机构类别"), "origin": _l("机构来源"), "kind": _l("类型"), "when": _l("时间"), "role": _l("角色"),
    "light": _l("红绿灯"), "line": _l("督导线"), "stage": _l("阶段"), "show": _l("列出"), "sort": _l("排序"),
    "month": _l("月份"), "grade": _l("等级"), "subject": _l("编号"), "who": _l("谁做的"), "first": _l("从"), "last": _l("到"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a list in words; `code` is empty for what somebody typed, which may name a person."""

    name: str
    code: str
    words: str

    @property
    def title(self) -> str:
        return _(TITLES[self.name])


@dataclass(frozen=True, slots=True)
class Filters:
    """The state of a list page. `allowed` maps each filter's name to its codes and their words in their order."""

    path: str
    args: MultiDict[str, str]
    allowed: Mapping[str, Mapping[str, str]]

    def __getitem__(self, name: str) -> list[str]:
        """The codes chosen for one filter, in the order of the list."""
        wanted = set(self.args.getlist(name))
        return [code for code in self.allowed[name] if code in wanted]

    @property
    def query(self) -> str:
        """The words that were searched for."""
        return " ".join(self.args.get("q", "").split())[:LONGEST_QUERY]

    @property
    def count(self) -> int:
        """How many conditions are chosen."""
        return sum(len(self[name]) for name in self.allowed) + bool(self.query)

    def facet(self, name: str) -> list[dict[str, Any]]:
        """The options of one filter as `U.facet` prints them."""
        chosen = set(self[name])
        return [{"value": code, "label": word, "checked": code in chosen} for code, word in self.allowed[name].items()]

    def chips(self) -> list[dict[str, str]]:
        """Every chosen condition with the address that drops it."""
        words = [{"label": f"“{self.query}”", "url": self._without("q", None)}] if self.query else []
        return words + [
            {"label": self.allowed[name][code], "url": self._without(name, code)}
            for name in self.allowed
            for code in self[name]
        ]

    def conditions(self) -> list[Condition]:
        """Every chosen condition, for whoever takes the list away."""
        typed = [Condition("q", "", self.query)] if self.query else []
        return typed + [Condition(n, code, self.allowed[n][code]) for n in self.allowed for code in self[n]]

    def _without(self, name: str, code: str | None) -> str:
        kept = [
            (key, value)
            for key, value in self.args.items(multi=True)
            if value and key != "page" and not (key == name and code in (None, value))
        ]
        return f"{self.path}?{urlencode(kept)}" if kept else self.path


def words(codes: Iterable[Any]) -> dict[str, str]:
    """code -> word of reference names (domain/reference.py), in the language in use."""
    return {name.code: str(name) for name in codes}
