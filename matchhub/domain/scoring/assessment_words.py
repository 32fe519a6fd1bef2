"""The words in which people read an activity assessment: grades, components, extras, and how each number came about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.domain.scoring.assessment import Grade

# grade -> (word, what it says of the organisation, tone of its tag)
GRADES: dict[str, tuple[str, str, str]] = {
    Grade.excellent: (_l("优秀"), _l("高度活跃"), "ok"),
    Grade.good: (_l("良好"), _l("活跃"), "primary"),
    Grade.acceptable: (_l("合格"), _l("一般"), "info"),
    Grade.to_improve: (_l("待提升"), _l("需要辅导"), "warn"),
    Grade.failed: (_l("不合格"), _l("沉寂"), "danger"),
}

COMPONENTS: dict[str, str] = {
    "c1": _l("台账督察 C1"),
    "c2": _l("现场汇报 C2"),
    "c3": _l("日常督导 C3"),
}

# Verified extras: what they are given for.
EXTRAS: dict[str, str] = {
    "leverage": _l("撬动其他资源"),
    "team": _l("孵化的自治团队仍在活动"),
    "spread": _l("做法在市区级推广"),
}

# rule of a Step in scoring/assessment.py -> what was done
RULES: dict[str, str] = {
    "daily": _l("日常督导 C3：各次走访得分按权重取平均"),
    "weighted": _l("三项按权重合计"),
    "extras": _l("经核实的附加分"),
    "satisfaction": _l("满意率与底线相比"),
    "veto": _l("一票否决，总分记 0 分"),
    "score": _l("活跃度得分"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the story: what was done, the sum written out, and the number that came of it."""

    rule: str
    title: str
    formula: str
    result: str


def grade_word(grade: str) -> str:
    """优秀（高度活跃）, in the language in use; empty for no grade."""
    if grade not in GRADES:
        return ""
    word, meaning, _tone = GRADES[grade]
    return _("%(word)s（%(meaning)s）", word=_(word), meaning=_(meaning))


def grade_tag(grade: str) -> tuple[str, str]:
    """(word, tone) for `U.tag`."""
    word, _meaning, tone = GRADES[grade]
    return _(word), tone


def number(value: Any) -> str:
    """A number without needless zeros."""
    text = f"{Decimal(str(value)):.2f}"
    return text.rstrip("0").rstrip(".")


def story(steps: Iterable[Mapping[str, Any]], words: Callable[[str], str]) -> list[Told]:
    """The stored steps of a result as sentences. `words` gives the word of a veto's code.

    A step is {"rule", "values": [[name, number], …], "result"} as `domain.assessing` stores it.
    """
    return [
        Told(
            step["rule"], _(RULES[step["rule"]]), FORMULAS[step["rule"]](step["values"], words), number(step["result"])
        )
        for step in steps
    ]


Values = Sequence[Sequence[Any]]
Words = Callable[[str], str]


def _daily(values: Values, _words: Words) -> str:
    pairs = list(zip(values[::2], values[1::2], strict=True))
    tops = " + ".join(f"{number(score[1])} × {number(weight[1])}" for score, weight in pairs)
    weights = " + ".join(number(weight[1]) for _score, weight in pairs)
    return f"({tops}) ÷ ({weights})"


def _weighted(values: Values, _words: Words) -> str:
    by_name = {name: number(value) for name, value in values}
    return " + ".join(f"{by_name[part]} × {by_name[f'weight_{part}']}%" for part in ("c1", "c2", "c3"))


def _extras(values: Values, _words: Words) -> str:
    *given, cap = values
    parts = " + ".join(f"{_(EXTRAS[name])} {number(points)}" for name, points in given)
    return _("%(parts)s，最多加 %(cap)s 分", parts=parts, cap=number(cap[1]))


def _satisfaction(values: Values, _words: Words) -> str:
    return _("低于 %(floor)s%% 时，等级最高为合格", floor=number(values[0][1]))


def _veto(values: Values, words: Words) -> str:
    return "；".join(words(code) for code, _zero in values)


def _score(values: Values, _words: Words) -> str:
    by_name = {name: number(value) for name, value in values}
    return _(
        "%(weighted)s + 附加分 %(extras)s，最高 %(cap)s 分",
        weighted=by_name["weighted"], extras=by_name["extras"], cap=by_name["cap"],
    )  # fmt: skip


FORMULAS: dict[str, Callable[[Values, Words], str]] = {
    "daily": _daily,
    "weighted": _weighted,
    "extras": _extras,
    "satisfaction": _satisfaction,
    "veto": _veto,
    "score": _score,
}
