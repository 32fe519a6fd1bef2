"""A score sheet between the page and the domain: reading what was typed, and showing it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from matchhub.core.forms import clean
from matchhub.core.i18n import _, _l, pick
from matchhub.domain import sheets
from matchhub.domain.models import Rubric, RubricItem, ScoreSheet
from matchhub.domain.scoring.assessment_words import number
from matchhub.domain.scoring.numbers import HALF_POINT, round_to
from matchhub.domain.sheets import Entry

# The four written anchors: their word, and their share of the maximum in percent.
ANCHORS = ((_l("优"), 90), (_l("良"), 75), (_l("中"), 60), (_l("差"), 40))
LONGEST_REMARK, LONGEST_COMMENT = 500, 2000


@dataclass(frozen=True, slots=True)
class Typed:
    """What came from the page: the entries by item code, the raw text of the numbers, and what is wrong with them."""

    entries: dict[str, Entry]
    raw: dict[str, str]
    comment: str
    vetoes: list[str]
    wrong: dict[str, str] = field(default_factory=dict)


def read(rubric: Rubric, posted: Any) -> Typed:
    """The sheet in a posted form: fields CODE-value, CODE-na, CODE-remark, and `comment`, `vetoes`."""
    raw = {item.code: posted.get(f"{item.code}-value", "").strip() for item in rubric.items}
    entries = {
        code: sheets.entry(text, posted.get(f"{code}-na") == "y", clean(posted.get(f"{code}-remark", "")))
        for code, text in raw.items()
    }
    wrong = sheets.problems(rubric, entries)
    for code, entry in entries.items():
        if len(entry.remark) > LONGEST_REMARK:
            wrong.setdefault(code, _("备注最多 %(limit)s 字，请删减。", limit=LONGEST_REMARK))
    comment = clean(posted.get("comment", ""))[:LONGEST_COMMENT]
    return Typed(entries, raw, comment, posted.getlist("vetoes"), wrong)


def rows(
    rubric: Rubric,
    sheet: ScoreSheet | None,
    hints: Mapping[str, str],
    typed: Typed | None = None,
    wrong: Mapping[str, str] | None = None,
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(item, line) pairs for `S.score_item`: what was typed wins over what is stored."""
    stored = {line.item.code: line for line in sheet.lines} if sheet else {}
    pairs = []
    for item in rubric.items:
        line = _typed(typed, item.code) if typed else _stored(stored.get(item.code))
        errors = [wrong[item.code]] if wrong and item.code in wrong else []
        pairs.append((_item(item, hints.get(item.code, "")), line | {"errors": errors}))
    return pairs


def _item(item: RubricItem, hint: str) -> dict[str, Any]:
    texts = pick(item.anchor_zh, item.anchor_en).split("|")
    shares = [round_to(Decimal(item.maximum) * share / 100, HALF_POINT) for _word, share in ANCHORS]
    return {
        "code": item.code,
        "title": pick(item.name_zh, item.name_en),
        "max": number(item.maximum),
        "hint": hint,
        "anchors": [
            (_(word), text, number(points))
            for (word, _share), text, points in zip(ANCHORS, texts, shares, strict=False)
        ],
        "allow_na": True,
        "veto": item.veto,
    }


def _typed(typed: Typed, code: str) -> dict[str, Any]:
    entry = typed.entries[code]
    return {"value": typed.raw[code] or None, "na": entry.not_applicable, "remark": entry.remark}


def _stored(line: Any) -> dict[str, Any]:
    if line is None:
        return {"value": None, "na": False, "remark": ""}
    value = None if line.points is None else number(line.points)
    return {"value": value, "na": line.not_applicable, "remark": line.remark}


def unscored(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> int:
    """How many items still have neither points nor "not applicable"."""
    return sum(line["value"] is None and not line["na"] for _item, line in pairs)
