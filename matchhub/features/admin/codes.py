"""The lists of words that the street keeps: sections, communities, service fields, target groups …

The program itself knows the codes of some lists by name; of those only the words may be changed. A code that any
record uses is never deleted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from matchhub.core import ledger
from matchhub.core.db import after_commit, command, db
from matchhub.core.errors import Missing, NotNow, Refused
from matchhub.core.i18n import _, _l
from matchhub.core.ledger import Actor
from matchhub.domain import reference
from matchhub.domain.models import (
    CoachingNote,
    Code,
    Community,
    Grant,
    HelpRequest,
    HelpResource,
    LibraryEntry,
    Need,
    Organisation,
    Recusal,
    Section,
    need_code,
    organisation_code,
    user_code,
)

CODE = re.compile(r"[a-z][a-z0-9_]{1,19}")
Uses = Callable[[str], sa.Select[Any]]


def _carried(kind: str) -> Uses:
    """Codes that needs, organisations and accounts carry as rows of their own."""

    def count(code: str) -> sa.Select[Any]:
        tables = (need_code, organisation_code, user_code)
        counts = [
            sa.select(sa.func.count()).where(t.c.kind == kind, t.c.code == code).scalar_subquery() for t in tables
        ]
        return sa.select(counts[0] + counts[1] + counts[2])

    return count


def _columns(*columns: Any) -> Uses:
    def count(code: str) -> sa.Select[Any]:
        counts = [sa.select(sa.func.count()).where(column == code).scalar_subquery() for column in columns]
        total = counts[0]
        for one in counts[1:]:
            total = total + one
        return sa.select(total)

    return count


def _both(first: Uses, second: Uses) -> Uses:
    def count(code: str) -> sa.Select[Any]:
        return sa.select(first(code).scalar_subquery() + second(code).scalar_subquery())

    return count


@dataclass(frozen=True, slots=True)
class Kind:
    """A list. `uses` counts the records that use a code; without it the program knows the codes by name."""

    code: str
    title: str
    uses: Uses | None = None

    @property
    def is_open(self) -> bool:
        """Whether codes may be added, and unused ones deleted."""
        return self.uses is not None


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("section", _l("街道科室"), _columns(Need.section_code, Grant.section_code)),
        Kind("community", _l("社区"), _both(_carried("community"), _columns(Grant.community_code))),
        Kind("field", _l("服务领域"), _carried("field")),
        Kind("target_group", _l("服务对象"), _carried("target_group")),
        Kind("problem", _l("问题类型"), _columns(Need.problem)),
        Kind("need_source", _l("需求来源"), _columns(Need.source)),
        Kind("funding", _l("资金来源")),
        Kind("procurement", _l("采购方式"), _columns(Need.procurement)),
        Kind("urgency", _l("紧急程度")),
        Kind("org_type", _l("机构类型"), _columns(Organisation.type)),
        Kind("org_class", _l("机构类别"), _columns(Organisation.org_class)),
        Kind("origin", _l("机构来源"), _columns(Organisation.origin)),
        Kind("grade", _l("评估等级")),
        Kind("budget_category", _l("预算科目")),
        Kind("activity_form", _l("活动形式")),
        Kind("tie_kind", _l("利益关系"), _columns(Recusal.kind)),
        Kind("visit_kind", _l("督导方式")),
        Kind("visit_phase", _l("督导阶段")),
        Kind("issue_severity", _l("问题严重程度")),
        Kind("notice_kind", _l("公示类型")),
        Kind("veto", _l("一票否决情形")),
        Kind("change_kind", _l("变更类型")),
        Kind("opening", _l("申报的开启方式")),
        Kind("event_kind", _l("活动类别")),
        Kind("library_kind", _l("知识库类别"), _columns(LibraryEntry.kind)),
        Kind("support_kind", _l("支持形式")),
        Kind("coaching_kind", _l("辅导方式"), _columns(CoachingNote.kind)),
        Kind("help_kind", _l("求助的资源类别"), _columns(HelpRequest.kind, HelpResource.kind)),
    )
}
COMMUNITY_KINDS = {"old": _l("老公房"), "commercial": _l("商品房"), "mixed": _l("混合小区")}


@dataclass(frozen=True, slots=True)
class Words:
    """What is kept of one code. `community_kind`, `households` and `note` belong to communities only."""

    name_zh: str
    name_en: str
    sort: int
    community_kind: str = ""
    households: int = 0
    note: str = ""


def kind_named(code: str) -> Kind:
    if code not in KINDS:
        raise Missing(code)
    return KINDS[code]


def rows(kind: Kind) -> list[Any]:
    """The rows of one list in their order."""
    table = _table(kind)
    found = sa.select(table)
    if table is Code:
        found = found.where(Code.kind == kind.code)
    return list(db.session.scalars(found.order_by(table.sort, table.code)))


def row(kind: Kind, code: str) -> Any:
    """One row. Raises Missing."""
    key: Any = (kind.code, code) if _table(kind) is Code else code
    found = db.session.get(_table(kind), key)
    if found is None:
        raise Missing(code)
    return found


def _table(kind: Kind) -> Any:
    return {"section": Section, "community": Community}.get(kind.code, Code)


def uses(kind: Kind, code: str) -> int | None:
    """How many records use a code; None in lists that the program knows by name."""
    return None if kind.uses is None else int(db.session.scalar(kind.uses(code)) or 0)


@command
def add(actor: Actor, kind: Kind, code: str, words: Words) -> None:
    """Add a code to an open list. Raises Refused when it is there already or has the wrong shape."""
    if not kind.is_open:
        raise NotNow(_("这张表的代码由程序使用，只能改名称，不能增加。"))
    if not CODE.fullmatch(code):
        raise Refused(_("代码请用小写英文字母开头，只含小写字母、数字和下划线，2 到 20 个字符。"))
    if any(known.code == code for known in rows(kind)):
        raise Refused(_("代码“%(code)s”已经有了，请换一个。", code=code))
    new = Code(kind=kind.code, code=code) if _table(kind) is Code else _table(kind)(code=code)
    _fill(new, words)
    db.session.add(new)
    _note(actor, "add", kind, code, {"name": words.name_zh})


@command
def change(actor: Actor, kind: Kind, code: str, words: Words) -> None:
    """Change the words of a code; every record that carries it shows the new ones."""
    known = row(kind, code)
    old = known.name_zh
    _fill(known, words)
    _note(actor, "change", kind, code, {"old": old, "new": words.name_zh})


@command
def delete(actor: Actor, kind: Kind, code: str) -> None:
    """Delete a code that no record uses. Raises NotNow otherwise."""
    known = row(kind, code)
    used = uses(kind, code)
    if used is None:
        raise NotNow(_("这张表的代码由程序使用，不能删除。"))
    if used:
        raise NotNow(_("“%(name)s”正被 %(n)s 处使用，不能删除。可以改名称。", name=known.name_zh, n=used))
    db.session.delete(known)
    _note(actor, "delete", kind, code, {"name": known.name_zh})


def _fill(target: Any, words: Words) -> None:
    target.name_zh, target.name_en, target.sort = words.name_zh, words.name_en, words.sort
    if isinstance(target, Community):
        target.kind, target.households, target.note = words.community_kind, words.households, words.note


def _note(actor: Actor, deed: str, kind: Kind, code: str, data: dict[str, Any]) -> None:
    ledger.record(actor, f"code.{deed}", f"code:{kind.code}.{code}", data)
    after_commit(reference.forget)


def counts() -> dict[str, int]:
    """How many codes each list holds."""
    counted = sa.select(Code.kind, sa.func.count().label("n")).group_by(Code.kind)
    found = {row.kind: row.n for row in db.session.execute(counted)}
    for kind, table in (("section", Section), ("community", Community)):
        found[kind] = db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
    return found
