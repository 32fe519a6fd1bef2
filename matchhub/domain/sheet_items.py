"""An item of a rubric as components/sheet.html prints it: as reviewers and closing judges score it, and as supervisors do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from matchhub.core.i18n import _, language, pick
from matchhub.domain import reference, visit_scoring
from matchhub.domain.models import Rubric, RubricItem
from matchhub.domain.scoring import anchors
from matchhub.domain.scoring.bands import MATCH_POINTS
from matchhub.domain.scoring.numbers import HALF_POINT
from matchhub.domain.scoring.sheet import Kind

VISIT = "supervision"


def plain(value: Any) -> str:
    """A number without needless zeros and without an exponent: "5.5", "8"."""
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(rubric: Rubric) -> list[dict[str, Any]]:
    """Every item as whoever scores with this rubric meets it."""
    make = for_visit if rubric.kind == VISIT else for_judge
    return [make(item) for item in rubric.items]


def for_judge(item: RubricItem, allow_na: bool = True) -> dict[str, Any]:
    """For reviewers and closing judges: a number, beside it the anchors in the language in use."""
    texts = (item.anchor_en if language() == "en" and item.anchor_en else item.anchor_zh).split("|")
    worded = [
        (_(word), text, plain(points))
        for (word, points), text in zip(anchors.suggested(Decimal(item.maximum)), texts, strict=False)
        if text
    ]
    return {
        "code": item.code,
        "title": pick(item.name_zh, item.name_en),
        "max": plain(item.maximum),
        "group": pick(item.group_zh, item.group_en),
        "anchors": worded,
        "computed": item.how == "computed",
        "allow_na": allow_na and item.kind == Kind.score,
        "veto": item.veto,
        "kind": item.kind if item.kind != Kind.score else "",
    }


def for_visit(item: RubricItem) -> dict[str, Any]:
    """For supervisors on their way: big buttons, photos and remarks; what the system computes is only shown."""
    made: dict[str, Any] = {
        "code": item.code, "title": pick(item.name_zh, item.name_en), "max": plain(item.maximum),
        "group": item.group_code, "veto": item.veto, "computed": item.how == "computed",
    }  # fmt: skip
    if made["computed"]:
        return made
    words = pick(item.anchor_zh, item.anchor_en).split("|")
    made |= {"anchors": [(_(word), text) for (word, _share), text in zip(anchors.ANCHORS, words, strict=False)]}
    if item.how == "choice":
        made |= {"choices": match_choices(), "allow_na": True}
    else:
        made |= _scale(item) | {"allow_na": not item.veto, "remark_hint": _remark_hint(), "photo": True}
    if item.veto:
        made["hint"] = _("发现挪用时选 0 分并写明事实：本次总分记 0，必须整改，并报街道处理。")
    return made


def match_choices() -> list[tuple[str, str]]:
    """The three choices of B2 and B3 as big buttons: (points, word), worst first."""
    found = [(f"{MATCH_POINTS[match]:f}", _(word)) for match, word in visit_scoring.MATCH_WORDS.items()]
    return found[::-1]


def _scale(item: RubricItem) -> dict[str, Any]:
    big = [(plain(points), _(word)) for points, word in visit_scoring.levels(item.maximum)]
    if item.veto and big[0][0] != "0":
        big = [("0", _("违规")), *big]
    taken = {value for value, _word in big}
    steps = [plain(HALF_POINT * n) for n in range(int(Decimal(item.maximum) / HALF_POINT) + 1)]
    return {"choices": big, "more": [value for value in steps if value not in taken]}


def _remark_hint() -> str:
    low, high = (plain(reference.setting(key)) for key in ("remark_low", "remark_high"))
    return _("低于满分的 %(low)s%%、高于 %(high)s%% 或选“不适用”时，请写明理由。", low=low, high=high)
