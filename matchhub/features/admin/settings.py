"""The street's settings: which belong together, what their values must hold to, and changing them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal, InvalidOperation
from itertools import pairwise

import sqlalchemy as sa

from matchhub.core import ledger
from matchhub.core.db import after_commit, command, db
from matchhub.core.errors import Missing, Stale
from matchhub.core.i18n import _, _l
from matchhub.core.ledger import Actor
from matchhub.domain import reference
from matchhub.domain.models import Setting

Values = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that hold only together and are therefore changed on one page. `check` gives a sentence or None."""

    keys: tuple[str, ...]
    check: Callable[[Values], str | None]


def _sum(total: int, *keys: str) -> Group:
    def check(values: Values) -> str | None:
        have = sum((values[key] for key in keys), Decimal(0))
        return (
            None if have == total else _("这几项合计应为 %(total)s，现在是 %(have)s。", total=total, have=f"{have:f}")
        )

    return Group(keys, check)


def _falling(*keys: str) -> Group:
    def check(values: Values) -> str | None:
        falls = all(values[high] > values[low] for high, low in pairwise(keys))
        return None if falls else _("这几项要从高到低，前一项必须大于后一项。")

    return Group(keys, check)


def _rising(*keys: str) -> Group:
    def check(values: Values) -> str | None:
        rises = all(values[low] <= values[high] for low, high in pairwise(keys))
        return None if rises else _("这几项要按先后排列，前一项不能大于后一项。")

    return Group(keys, check)


def _call(values: Values) -> str | None:
    if not values["question_close_day"] <= values["answer_due_day"] <= values["call_days"]:
        return _("提问截止日不能晚于答复截止日，答复截止日不能晚于征集期最后一天。")
    return None if values["minimum_call_days"] <= values["call_days"] else _("征集期不能短于最短征集期。")


def _office(values: Values) -> str | None:
    return None if values["office_opens"] < values["office_closes"] else _("办公时间的开始要早于结束。")


GROUPS = (
    Group(("call_days", "minimum_call_days", "question_close_day", "answer_due_day"), _call),
    _sum(100, "weight_written", "weight_roadshow"),
    _rising("pass_line", "single_bid_pass_line"),
    _falling("light_green", "light_yellow"),
    _falling("remark_high", "remark_low"),
    _sum(100, "weight_c1", "weight_c2", "weight_c3"),
    _falling("grade_excellent", "grade_good", "grade_pass", "grade_improve"),
    _sum(100, "pay_first", "pay_middle", "pay_last"),
    _sum(1, "track_weight_closing", "track_weight_reports", "track_weight_rectify"),
    _rising("panel_minimum", "panel_size"),
    _rising("objection_check_days", "objection_days"),
    _sum(
        100,
        "match_field",
        "match_target",
        "match_community",
        "match_text",
        "match_capacity",
        "match_record",
        "match_ability",
        "match_new_bonus",
    ),
    _rising("budget_change_free", "budget_change_filed"),
    _rising("help_hours_urgent", "help_hours"),
    Group(("office_opens", "office_closes"), _office),
)
# Where the table itself gives no limits.
LIMITS = {
    "points": (Decimal(0), Decimal(100)),
    "percent": (Decimal(0), Decimal(100)),
    "yuan": (Decimal(0), Decimal(10**9)),
}

UNITS = {
    "days": _l("天"), "working_days": _l("个工作日"), "people": _l("人"), "points": _l("分"), "percent": _l("%"),
    "seconds": _l("秒"), "minutes": _l("分钟"), "day_of_month": _l("日"), "photos": _l("张"), "yuan": _l("元"), "visits": _l("次"),
    "months": _l("个月"), "answers": _l("份"), "years": _l("年"), "projects": _l("个项目"), "hours": _l("小时"),
    "office_hours": _l("个办公小时"),
    "MB": _l("MB"), "activities": _l("场"), "yes_no": _l("（1 是，0 否）"),
}  # fmt: skip


def group_of(key: str) -> Group | None:
    return next((group for group in GROUPS if key in group.keys), None)


def together(key: str) -> list[Setting]:
    """The setting with this key, and those that can only be changed with it. Raises Missing."""
    group = group_of(key)
    keys = group.keys if group else (key,)
    found = {row.key: row for row in db.session.scalars(sa.select(Setting).where(Setting.key.in_(keys)))}
    if key not in found:
        raise Missing(key)
    return [found[name] for name in keys if name in found]


def read(setting: Setting, typed: str) -> str:
    """What a person typed, as it is stored. Raises ValueError with a sentence that says how to repair it."""
    text = typed.strip()
    match setting.type:
        case "int" | "decimal" | "money":
            return _number(setting, text)
        case "time":
            return _time(text)
        case "list":
            return _list(text)
        case "choice":
            return _choice(setting, text)
    if len(text) > 200:
        raise ValueError(_("最多 200 字，请缩短。"))
    return text


def limits(setting: Setting) -> tuple[Decimal | None, Decimal | None]:
    """Lowest and highest value; None where that side is open."""
    low, high = LIMITS.get(setting.unit, (None, None))
    return (
        Decimal(setting.minimum) if setting.minimum else low,
        Decimal(setting.maximum) if setting.maximum else high,
    )


def _number(setting: Setting, text: str) -> str:
    whole = setting.type == "int"
    try:
        value = Decimal(text.replace(",", "")) if re.fullmatch(r"-?[\d,]+(\.\d{1,4})?", text) else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if value.is_nan() or (whole and value != value.to_integral_value()):
        raise ValueError(_("请只填整数，例如 12") if whole else _("请只填数字，例如 12 或 12.5"))
    low, high = limits(setting)
    if low is not None and value < low:
        raise ValueError(_("不能小于 %(low)s", low=f"{low:f}"))
    if high is not None and value > high:
        raise ValueError(_("不能大于 %(high)s", high=f"{high:f}"))
    return str(int(value)) if whole else f"{value.normalize():f}"


def _time(text: str) -> str:
    try:
        return time.fromisoformat(text).strftime("%H:%M")
    except ValueError as error:
        raise ValueError(_("请按 24 小时制填写时间，例如 17:00")) from error


def _choice(setting: Setting, text: str) -> str:
    """A choice is one of the codes whose kind is the setting's key."""
    if text not in reference.codes(setting.key):
        raise ValueError(_("请从列表中选择一项。"))
    return text


def _list(text: str) -> str:
    parts = [part.strip() for part in re.split(r"[,，、]", text) if part.strip()]
    if not parts or any(not re.fullmatch(r"-?\d{1,3}", part) for part in parts):
        raise ValueError(_("请填整数，用逗号隔开，例如 -5,-1,1,5"))
    return ",".join(str(int(part)) for part in parts)


def check(rows: list[Setting], values: Mapping[str, str]) -> str | None:
    """The sentence for values that do not hold together, or None."""
    group = group_of(rows[0].key)
    if group is None or set(group.keys) - set(values):
        return None
    return group.check({key: _figure(values[key]) for key in group.keys})


def _figure(value: str) -> Decimal:
    """A stored value as a number that can be compared: a time of day in minutes."""
    if ":" not in value:
        return Decimal(value)
    at = time.fromisoformat(value)
    return Decimal(at.hour * 60 + at.minute)


def fingerprint(rows: list[Setting]) -> str:
    """The values that a page showed, to notice that somebody else has changed one meanwhile."""
    return "|".join(row.value for row in rows)


@command
def change(actor: Actor, key: str, values: Mapping[str, str], seen: str) -> int:
    """Change a setting, or those that belong together; how many differ now. `values` must have passed `read`.

    Raises Stale when somebody else has changed one of them since the page was made.
    """
    rows = together(key)
    if fingerprint(rows) != seen:
        raise Stale(_("您打开页面之后，别人改过这项设置。请刷新页面，核对后再试。"))
    changed = 0
    for row in rows:
        new = values[row.key]
        if new != row.value:
            ledger.record(actor, "setting.change", f"setting:{row.key}", {"old": row.value, "new": new})
            row.value = new
            changed += 1
    after_commit(reference.forget)
    return changed


# A section of the page begins at each of these keys, in the order of the table.
SECTIONS = {
    "call_days": _l("征集与补正"), "panel_size": _l("评审"), "notice_days": _l("公示与立项"), "report_due_day": _l("月报、台账与预算"),
    "visit_weight_on_site": _l("督导"), "help_hours": _l("绿色通道"),
    "rectify_days": _l("整改"), "weight_c1": _l("结项测评"), "pay_first": _l("拨款"),
    "track_years": _l("既往表现"), "tie_window_months": _l("回避与提醒"), "site_name": _l("网站信息"),
    "open_licence_zh": _l("开放数据"),
}  # fmt: skip


def shown() -> list[tuple[str, list[Setting]]]:
    """All settings in their order, in sections: (title, rows)."""
    sections: list[tuple[str, list[Setting]]] = []
    for row in db.session.scalars(sa.select(Setting).order_by(Setting.sort)):
        if row.key in SECTIONS or not sections:
            sections.append((_(SECTIONS.get(row.key, "")), []))
        sections[-1][1].append(row)
    return sections
