"""A roadshow sheet as `S.score_item` shows it on a phone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from matchhub.core.i18n import _, language, pick
from matchhub.domain import intake
from matchhub.domain.models import Application, ReviewRound, Rubric, RubricItem, ScoreLine, ScoreSheet
from matchhub.domain.scoring import anchors


def pairs(
    rubric: Rubric, sheet: ScoreSheet | None, round_: ReviewRound, application: Application
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(item, line) of every item, with what is kept of it; the residents' ballots as they were counted."""
    kept = {line.item.code: line for line in sheet.lines} if sheet is not None else {}
    return [(_item(item), _line(item, kept.get(item.code), round_, application)) for item in rubric.items]


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _item(item: RubricItem) -> dict[str, Any]:
    texts = (item.anchor_en if language() == "en" and item.anchor_en else item.anchor_zh).split("|")
    most = Decimal(item.maximum)
    worded = [
        (_(word), text, _plain(points))
        for (word, points), text in zip(anchors.suggested(most), texts, strict=False)
        if text
    ]
    return {
        "code": item.code, "title": pick(item.name_zh, item.name_en), "max": _plain(most), "anchors": worded,
        "group": pick(item.group_zh, item.group_en), "computed": item.how == "computed", "allow_na": False,
    }  # fmt: skip


def _line(item: RubricItem, line: ScoreLine | None, round_: ReviewRound, application: Application) -> dict[str, Any]:
    points = None if line is None or line.points is None else _plain(Decimal(line.points))
    made: dict[str, Any] = {
        "value": points,
        "na": False,
        "remark": line.remark if line is not None else "",
        "errors": [],
    }
    if item.how == "computed":
        counted = intake.prefill_ballots(round_, application, item)
        made["value"] = _plain(counted.points) if counted is not None and counted.points is not None else None
        made["explanation"] = counted.remark if counted is not None else _("居民投票截止后自动填入。")
    return made
