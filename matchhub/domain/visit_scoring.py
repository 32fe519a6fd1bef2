"""Rubric B of a supervision visit: what is computed from the records, in which words, and the visit's traffic light.

B1, B4, B5, B12, B15, B17 and B18 are computed on the day of the visit and frozen when the record is submitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from matchhub.core import clock, money
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain import measuring, reference, sheets
from matchhub.domain.measuring import Facts
from matchhub.domain.models import Rectification, RectificationState, Visit, VisitState
from matchhub.domain.scoring import bands
from matchhub.domain.scoring.bands import Computed, Light
from matchhub.domain.scoring.numbers import HALF_POINT, round_to

COMPUTED = ("B1", "B4", "B5", "B12", "B15", "B17", "B18")
MATCHED = ("B2", "B3")
# The code of the list `veto` that a score of 0 on this item raises.
VETOES = {"B14": "misuse"}

# The five steps of an observed item, worst first: its share of the maximum in percent, and its word.
LEVELS: tuple[tuple[int, str], ...] = (
    (40, _l("差")), (60, _l("中")), (75, _l("良")), (90, _l("优")), (100, _l("满分")),
)  # fmt: skip
MATCH_WORDS: dict[bands.Match, str] = {
    bands.Match.same: _l("一致"), bands.Match.mostly: _l("基本一致"), bands.Match.different: _l("不符"),
}  # fmt: skip
LIGHT_WORDS: dict[Light, str] = {Light.green: _l("绿灯"), Light.yellow: _l("黄灯"), Light.red: _l("红灯")}
LIGHT_TONES: dict[Light, str] = {Light.green: "ok", Light.yellow: "warn", Light.red: "danger"}

BAND_WORDS: dict[str, str] = {
    "full": _l("100% 及以上"), "over_80": _l("80% 至 100%"), "over_60": _l("60% 至 80%"), "below_60": _l("不足 60%"),
    "within_15": _l("相差 15% 以内"), "within_25": _l("相差 15% 至 25%"), "within_40": _l("相差 25% 至 40%"),
    "beyond_40": _l("相差超过 40%"), "unplanned": _l("没有计划却有支出"),
    "all_on_time": _l("全部按时"), "share_on_time": _l("按比例得分"),
    "all_cleared": _l("全部消除"), "partly_cleared": _l("部分消除"), "none_cleared": _l("都没有消除"),
}  # fmt: skip

SENTENCES: dict[str, str] = {
    "B1": _l("到 %(day)s，计划中已到时间的有 %(planned)s 项，跟上进度的有 %(done)s 项，占 %(ratio)s%%（%(band)s）。"),
    "B4": _l("到 %(day)s，计划服务 %(planned)s 人次，实际 %(done)s 人次，达成 %(ratio)s%%（%(band)s）。"),
    "B5": _l("到 %(day)s，计划开展 %(planned)s 场，实际 %(done)s 场，达成 %(ratio)s%%（%(band)s）。"),
    "B12": _l("到 %(day)s，共 %(planned)s 场活动，%(done)s 场在规定天数内记入台账，占 %(ratio)s%%（%(band)s）。"),
    "B15": _l("到 %(day)s，计划支出 %(planned)s 元，实际支出 %(done)s 元，为计划的 %(ratio)s%%（%(band)s）。"),
    "B17": _l("到 %(day)s，应报月报 %(planned)s 份，按时 %(done)s 份，占 %(ratio)s%%（%(band)s）。"),
    "B18": _l("上次督导以来到期的整改共 %(planned)s 项：消除 %(cleared)s 项，部分消除 %(partly)s 项，未消除 %(left)s 项（%(band)s）。"),
}  # fmt: skip
UNPLANNED = _l("到 %(day)s，计划里没有应支出的钱，实际支出 %(done)s 元（%(band)s）。")
NOT_APPLICABLE: dict[str, str] = {
    "B1": _l("到 %(day)s，计划里还没有到时间的活动，这一项不适用，不计入总分。"),
    "B4": _l("到 %(day)s，计划里还没有应服务的人次，这一项不适用，不计入总分。"),
    "B5": _l("到 %(day)s，计划里还没有应开展的场次，这一项不适用，不计入总分。"),
    "B12": _l("到 %(day)s，还没有活动记录，这一项不适用，不计入总分。"),
    "B15": _l("到 %(day)s，计划里还没有应支出的钱，也没有支出，这一项不适用，不计入总分。"),
    "B17": _l("到 %(day)s，还没有应报的月报，这一项不适用，不计入总分。"),
}
NONE_OPEN = _l("上次督导以来没有到期的整改项，得满分。")


@dataclass(frozen=True, slots=True)
class Repairs:
    """How the items of earlier rectifications stand: cleared, partly cleared, and not cleared though due."""

    cleared: int = 0
    partly: int = 0
    left: int = 0


def computed(facts: Facts, repairs: Repairs) -> dict[str, Computed]:
    """The computed items of rubric B from the numbers of a project."""
    return {
        "B1": bands.progress(facts.rows_due, facts.rows_done),
        "B4": bands.visits(facts.due_people, facts.done_people),
        "B5": bands.sessions(facts.due_sessions, facts.done_sessions),
        "B12": bands.on_time(facts.sessions, facts.sessions - facts.records_late, Decimal(4)),
        "B15": bands.spending(facts.due_fen, facts.spent_fen),
        "B17": bands.on_time(facts.reports_due, facts.reports_on_time),
        "B18": bands.rectified(repairs.cleared, repairs.partly, repairs.left),
    }


def entries(visit: Visit, on: date | None = None) -> dict[str, sheets.Entry]:
    """The computed items of this visit as entries of its sheet: `on` a day, or the visit's own, or today."""
    until = on or visit.visited_on or clock.today()
    repairs = repairs_before(visit, until)
    found = computed(measuring.facts(visit.project, until), repairs)
    return {code: _entry(code, result, until, repairs) for code, result in found.items()}


def _entry(code: str, result: Computed, until: date, repairs: Repairs) -> sheets.Entry:
    numbers: dict[str, Any] = {
        "until": until.isoformat(), "planned": str(result.planned), "done": str(result.done),
        "ratio": None if result.ratio is None else str(result.ratio), "band": result.band,
    }  # fmt: skip
    if code == "B18":
        numbers |= {"cleared": repairs.cleared, "partly": repairs.partly, "left": repairs.left}
    return sheets.Entry(result.points, result.not_applicable, explanation=numbers)


def repairs_before(visit: Visit, until: date) -> Repairs:
    """The items of earlier orders (整改单) that were open at, or issued after, the visit before this one.

    What is still within its period, or answered and not yet verified, is not judged. An order that was closed before
    the last visit has been counted there.
    """
    since = db.session.scalar(
        sa.select(sa.func.max(Visit.submitted_at)).where(
            Visit.project_id == visit.project_id,
            Visit.id != visit.id,
            Visit.state.not_in((VisitState.PLANNED, VisitState.CANCELLED)),
        )
    )
    orders = (
        sa.select(Rectification)
        .where(Rectification.project_id == visit.project_id)
        .where(sa.or_(Rectification.visit_id.is_(None), Rectification.visit_id != visit.id))
        .options(selectinload(Rectification.items))
    )
    if since is not None:
        orders = orders.where(
            sa.or_(Rectification.state != RectificationState.CLOSED, Rectification.verified_at > since)
        )
    return _sum(db.session.scalars(orders), until)


def _sum(orders: Iterable[Rectification], until: date) -> Repairs:
    cleared = partly = left = 0
    for order in orders:
        if clock.local(order.issued_at).date() > until:
            continue
        is_due = until > order.due_on and order.state is not RectificationState.REPORTED
        for item in order.items:
            cleared += item.result == "fixed"
            partly += item.result == "partly"
            left += item.result == "not_fixed" or (not item.result and is_due)
    return Repairs(cleared, partly, left)


def words(code: str, numbers: Mapping[str, Any]) -> str:
    """How the points of a computed item came about, from what its line has kept; empty for any other line."""
    if not numbers or code not in COMPUTED:
        return ""
    if numbers["band"] == "none_open":
        return _(NONE_OPEN)
    if numbers["band"] in ("nothing_planned", "nothing_due"):
        return _(NOT_APPLICABLE[code], day=numbers["until"])
    in_fen = code == "B15"
    values = {
        "day": numbers["until"], "planned": _number(numbers["planned"], in_fen), "done": _number(numbers["done"], in_fen),
        "ratio": _plain(numbers["ratio"] or "0"), "band": _(BAND_WORDS[numbers["band"]]),
    }  # fmt: skip
    values |= {name: str(numbers.get(name, 0)) for name in ("cleared", "partly", "left")}
    return _(UNPLANNED if numbers["band"] == "unplanned" else SENTENCES[code], **values)


def _number(text: str, in_fen: bool) -> str:
    return money.yuan(int(Decimal(text))) if in_fen else _plain(text)


def _plain(text: str) -> str:
    number = f"{Decimal(text):f}"
    return number.rstrip("0").rstrip(".") if "." in number else number


def levels(maximum: Decimal) -> list[tuple[Decimal, str]]:
    """The five choices of an observed item, worst first: half points nearest to 40, 60, 75, 90 and 100 %, all different."""
    found: list[tuple[Decimal, str]] = []
    for share, word in reversed(LEVELS):
        points = round_to(Decimal(maximum) * share / 100, HALF_POINT)
        if found:
            points = max(min(points, found[-1][0] - HALF_POINT), Decimal(0))
        found.append((points, word))
    return found[::-1]


def light(total: Decimal) -> Light:
    """The traffic light of a visit's total; on a border the better one. Red: a rectification is mandatory."""
    return bands.light(
        Decimal(total), Decimal(reference.setting("light_green")), Decimal(reference.setting("light_yellow"))
    )
