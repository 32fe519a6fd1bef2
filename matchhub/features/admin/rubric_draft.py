"""A whole rubric that is about to become a version: its items, what is wrong with them, and the version itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from matchhub.core import links
from matchhub.core.db import command, db
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.ledger import Actor
from matchhub.domain.intake import BALLOT_ITEM, TRACK_ITEM
from matchhub.domain.models import Rubric, RubricItem
from matchhub.features.admin import rubrics

CODE = r"[A-Z][0-9]{1,3}"
ANCHORS = 4
WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a draft; `cell` is where its file says its code, for sentences about it."""

    code: str
    group_code: str
    group_zh: str
    group_en: str
    name_zh: str
    name_en: str
    kind: str
    how: str
    veto: bool
    maximum: Decimal
    anchors_zh: tuple[str, ...] = ()
    anchors_en: tuple[str, ...] = ()
    cell: str = ""


def items_of(rubric: Rubric) -> list[Item]:
    """The items of a version, in the order of its sheet."""
    return [
        Item(item.code, item.group_code, item.group_zh, item.group_en, item.name_zh, item.name_en, item.kind, item.how,
             item.veto, Decimal(item.maximum), _split(item.anchor_zh), _split(item.anchor_en))
        for item in rubric.items
    ]  # fmt: skip


def _split(joined: str) -> tuple[str, ...]:
    return tuple(joined.split("|")) if joined else ()


def is_fixed(rubric: Rubric, item: Item) -> bool:
    """Whether a calculation names this item, so that every version must have it as it is."""
    return item.how != "observed" or item.veto or (rubric.code, item.code) in (TRACK_ITEM, BALLOT_ITEM)


def problems(rubric: Rubric, items: Sequence[Item]) -> list[tuple[str, str]]:
    """(cell, sentence) of what keeps these items from being a version of `rubric`; the cell is empty for the whole."""
    found: list[tuple[str, str]] = []
    have = sum((item.maximum for item in items if item.kind == "score"), Decimal(0))
    if have != WHOLE:
        found.append(("", _("各项满分合计应为 100 分，现在是 %(have)s 分。", have=f"{have.normalize():f}")))
    known, made = {item.code: item for item in items_of(rubric)}, {item.code: item for item in items}
    for item in known.values():
        if is_fixed(rubric, item) and item.code not in made:
            found.append(("", _("少了 %(code)s %(name)s：计算要用到它，不能去掉。", code=item.code, name=item.name_zh)))
    for item in items:
        found += _item_problems(rubric, known.get(item.code), item)
    return found + _beside_problems(rubric, items)


def _item_problems(rubric: Rubric, before: Item | None, item: Item) -> list[tuple[str, str]]:
    what = {"code": item.code, "name": item.name_zh}
    if before is not None and is_fixed(rubric, before):
        same = (before.maximum, before.how, before.veto, before.kind) == (item.maximum, item.how, item.veto, item.kind)
        sentence = _("%(code)s %(name)s：计算要用到它，满分、类别、打分方式和一票否决不能改", **what)
        return [] if same else [(item.cell, sentence)]
    if item.how != "observed" or item.veto:
        return [(item.cell, _("%(code)s %(name)s：新的指标只能由人打分，不能是系统测算、固定档次或一票否决", **what))]
    if item.kind != "score" and (item.anchors_zh or item.anchors_en):
        return [(item.cell, _("%(code)s %(name)s：加分项和扣分项没有评分标准", **what))]
    return []


def _beside_problems(rubric: Rubric, items: Sequence[Item]) -> list[tuple[str, str]]:
    beside = [item for item in items if item.kind != "score"]
    if beside and rubric.kind not in rubrics.WITH_EXTRAS:
        return [(beside[0].cell, _("只有立项评审和路演的量表可以有加分项和扣分项"))]
    extras = rubrics.Extras([rubrics.Beside(one.kind, one.name_zh, one.name_en, one.maximum) for one in beside])
    sentence = rubrics.extras_problem(extras)
    return [(beside[0].cell if beside else "", sentence)] if sentence else []


def differences(rubric: Rubric, items: Sequence[Item]) -> list[tuple[str, str, str]]:
    """(code, what differs, from what to what) against a version; nothing where the two are the same."""
    before, after = ({item.code: item for item in rows} for rows in (items_of(rubric), items))
    found = [(code, _("去掉"), item.name_zh) for code, item in before.items() if code not in after]
    for code, item in after.items():
        old = before.get(code)
        if old is None:
            found.append(
                (code, _("新增"), _("%(name)s，%(n)s 分", name=item.name_zh, n=f"{item.maximum.normalize():f}"))
            )
        elif old != replace(item, cell=""):
            found += [(code, word, text) for word, text in _changes(old, item)]
    places = [code for code in before if code in after], [code for code in after if code in before]
    return found if found or places[0] == places[1] else [("", _("顺序"), "、".join(places[1]))]


def _changes(old: Item, new: Item) -> list[tuple[str, str]]:
    words = {"name_zh": _("指标"), "name_en": _("指标（英文）"), "group_zh": _("组"), "kind": _("类别")}
    found = [
        (word, f"{getattr(old, name)} → {getattr(new, name)}")
        for name, word in words.items()
        if getattr(old, name) != getattr(new, name)
    ]
    if old.maximum != new.maximum:
        found.append((_("满分"), f"{old.maximum.normalize():f} → {new.maximum.normalize():f}"))
    if (old.anchors_zh, old.anchors_en) != (new.anchors_zh, new.anchors_en):
        found.append((_("评分标准"), _("文字有改动")))
    return found


def preview(rubric: Rubric, items: Sequence[Item]) -> Rubric:
    """A rubric that is only looked at: it is never added to the session."""
    made = Rubric(code=rubric.code, number=rubric.number, name_zh=rubric.name_zh, name_en=rubric.name_en,
                  kind=rubric.kind, cap=rubric.cap, hidden=rubric.hidden)  # fmt: skip
    made.items = [_row(item, place) for place, item in enumerate(items, 1)]
    return made


def _row(item: Item, place: int) -> RubricItem:
    return RubricItem(
        code=item.code, group_code=item.group_code, group_zh=item.group_zh, group_en=item.group_en, how=item.how,
        name_zh=item.name_zh, name_en=item.name_en, kind=item.kind, veto=item.veto, maximum=item.maximum,
        anchor_zh="|".join(item.anchors_zh), anchor_en="|".join(item.anchors_en), sort=place * 10,
    )  # fmt: skip


@command
def adopt(actor: Actor, rubric: Rubric, items: Sequence[Item], note: str) -> Rubric:
    """Make the next version from a whole draft. Raises Refused when something is wrong or nothing differs."""
    if found := problems(rubric, items):
        raise Refused("".join(sentence for _cell, sentence in found))
    if not differences(rubric, items):
        raise Refused(_("表格和这个版本一样，没有建立新版本。"))
    made = preview(rubric, items)
    made.number, made.note = rubrics.next_number(rubric), note
    db.session.add(made)
    db.session.flush()
    rubrics.record(actor, "new_version", made, rubric)
    return made


def packed(rubric: Rubric, items: Sequence[Item]) -> str:
    """The draft as signed text, for a hidden field between its preview and its adoption."""
    rows = [asdict(item) | {"maximum": f"{item.maximum:f}"} for item in items]
    return links.sign(_purpose(rubric), json.dumps(rows))


def unpacked(rubric: Rubric, text: str) -> list[Item] | None:
    """The draft that `packed` made for this rubric; None for anything else."""
    read = links.read(_purpose(rubric), text)
    return None if read is None else [_item(row) for row in json.loads(read)]


def _item(row: dict[str, Any]) -> Item:
    many = {name: tuple(row[name]) for name in ("anchors_zh", "anchors_en")}
    return Item(**row | many | {"maximum": Decimal(row["maximum"])})


def _purpose(rubric: Rubric) -> str:
    return f"rubric draft {rubric.id}"
