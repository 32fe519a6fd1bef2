"""The formula page: every number of a frozen result and how it came about, from what was stored at the computing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from matchhub.core.db import db
from matchhub.core.i18n import _, pick
from matchhub.domain import evidence, reference
from matchhub.domain.assessing import frozen_text
from matchhub.domain.models import Assessment, Setting
from matchhub.domain.scoring import assessment_words
from matchhub.domain.scoring.assessment_words import COMPONENTS, EXTRAS, GRADES, Told, number

THRESHOLDS = (("excellent", "grade_excellent"), ("good", "grade_good"), ("acceptable", "grade_pass"),
              ("to_improve", "grade_improve"), ("failed", ""))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A rubric item in the result: its points, the organisation's own, and its maximum."""

    name: str
    points: str
    own: str
    maximum: str


@dataclass(frozen=True, slots=True)
class FormulaPage:
    """What the page prints; all numbers are text already."""

    score: str
    grade: str
    meaning: str
    tone: str
    is_capped: bool
    grade_by_score: str
    thresholds: list[tuple[str, str, bool]]
    bars: list[tuple[str, Decimal]]
    story: list[Told]
    c1: list[Row]
    c2: list[Row]
    evidence: dict[str, Any]
    visits: list[dict[str, Any]]
    line: list[tuple[str, Decimal]]
    extras: list[tuple[str, str, str]]
    vetoes: list[tuple[str, str]]
    rules: dict[str, Any]
    canonical: str


def page(assessment: Assessment) -> FormulaPage:
    """The page of a computed assessment."""
    result, rules = assessment.result, assessment.inputs["rules"]
    details: dict[str, Any] = result["evidence"]
    word, meaning, tone = GRADES[assessment.grade]
    own = {line["code"]: line["points"] for line in (details["self"] or {"lines": ()})["lines"]}
    return FormulaPage(
        score=number(result["score"]),
        grade=_(word),
        meaning=_(meaning),
        tone=tone,
        is_capped=result["is_capped"],
        grade_by_score=_(GRADES[result["grade_by_score"]][0]),
        thresholds=list(_thresholds(rules, assessment.grade)),
        bars=[(_(COMPONENTS[part]), Decimal(number(result[part]))) for part in COMPONENTS if result[part] is not None],
        story=assessment_words.story(result["steps"], lambda code: reference.word("veto", code)),
        c1=_rows(details["c1"], {}),
        c2=_rows(details["c2"], own),
        evidence=details,
        visits=details["visits"],
        line=[(visit["on"][5:], Decimal(number(visit["score"]))) for visit in details["visits"]],
        extras=[(_(EXTRAS[row["kind"]]), number(row["points"]), row["evidence"]) for row in assessment.extras],
        vetoes=[(reference.word("veto", row["code"]), row["reason"]) for row in assessment.vetoes],
        rules=rules,
        canonical=frozen_text(assessment),
    )


def _thresholds(rules: dict[str, Any], grade: str) -> Iterator[tuple[str, str, bool]]:
    """(word, its span of points, whether it is this one) for each grade, best first."""
    above = ""
    for code, setting in THRESHOLDS:
        least = number(rules[setting]) if setting else ""
        if not above:
            span = _("%(least)s 分及以上", least=least)
        elif least:
            span = _("%(least)s 分及以上，不到 %(above)s 分", least=least, above=above)
        else:
            span = _("不到 %(above)s 分", above=above)
        yield assessment_words.grade_word(code), span, code == grade
        above = least


def _rows(part: dict[str, Any] | None, own: dict[str, Any]) -> list[Row]:
    if part is None:
        return []
    items = {item.code: item for item in evidence.rubric_of(part["rubric"]).items}
    return [
        Row(
            pick(items[line["code"]].name_zh, items[line["code"]].name_en),
            _points(line["points"]),
            _points(own.get(line["code"])),
            number(line["maximum"]),
        )
        for line in part["lines"]
    ]


def _points(value: Any) -> str:
    return _("不适用") if value is None else number(value)


def csv_rows(assessment: Assessment, veto_word: Callable[[str], str]) -> Iterator[list[str]]:
    """The frozen inputs, the rules and the result: code, category, name, number, weight.

    static/recompute.py reads the codes, people the rest.
    """
    yield from _input_rows(assessment.inputs["inputs"], assessment.inputs["rules"]["visit_weights"], veto_word)
    for name, value in assessment.inputs["rules"].items():
        if name != "visit_weights":
            yield [f"rule.{name}", _("规则"), _rule_word(name), str(value), ""]
    grade = assessment_words.grade_word(assessment.grade)
    yield ["result.score", _("结果"), _("活跃度得分"), assessment.result["score"], ""]
    yield [f"result.grade.{assessment.grade}", _("结果"), _("等级"), grade, ""]
    yield ["result.sha256", _("结果"), "SHA-256", assessment.digest, ""]


def _input_rows(
    inputs: dict[str, Any], weights: dict[str, str], veto_word: Callable[[str], str]
) -> Iterator[list[str]]:
    for part in ("c1", "c2"):
        if inputs[part] is not None:
            yield [f"input.{part}", _("输入"), _(COMPONENTS[part]), inputs[part], ""]
    for visit in inputs["visits"]:
        name = f"{visit['reference']} {reference.word('visit_kind', visit['kind'])}"
        yield [f"visit.{visit['kind']}", _("督导走访"), name, visit["score"], weights[visit["kind"]]]
    for extra in inputs["extras"]:
        yield [f"extra.{extra['code']}", _("附加分"), _(EXTRAS[extra["code"]]), extra["points"], ""]
    if answers := inputs["satisfaction"]:
        yield ["satisfaction.valid", _("满意度"), _("有效份数"), str(answers["valid"]), ""]
        yield ["satisfaction.satisfied", _("满意度"), _("其中满意的份数"), str(answers["satisfied"]), ""]
    for code in inputs["vetoes"]:
        yield [f"veto.{code}", _("一票否决"), veto_word(code), "", ""]


def _rule_word(name: str) -> str:
    """A setting's own name; the code where the settings do not know it."""
    setting = db.session.get(Setting, name)
    return pick(setting.name_zh, setting.name_en) if setting else name
