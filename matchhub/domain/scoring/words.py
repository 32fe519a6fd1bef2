"""The words in which people read how a number came about: rules, the numbers that went in, verdicts, tie-breaks."""

from __future__ import annotations

from decimal import Decimal

from matchhub.core.i18n import _, _l
from matchhub.domain.scoring.aggregate import TieBreak, Verdict

# rule of a Step in scoring/aggregate.py -> what was done
RULES: dict[str, str] = {
    "plain_mean": _l("全部有效评分取平均"),
    "drop_lowest": _l("去掉一个最低分"),
    "drop_highest": _l("去掉一个最高分"),
    "trimmed_mean": _l("其余评分取平均"),
    "combined": _l("书面评审与路演按权重合计"),
    "one_stage": _l("只有一个评审环节，以该环节得分为总分"),
    "pass_line": _l("总分与合格线相比，相差"),
    "single_bid_line": _l("只有一份申报，总分与较高的合格线相比，相差"),
    "group_floor": _l("分组得分率与底线相比，相差"),
}

# name of a value that went into a step -> what it is; the code of a group stands for its percentage
VALUES: dict[str, str] = {
    "score": _l("评分"),
    "written": _l("书面评审"),
    "weight_written": _l("书面评审权重（%）"),
    "roadshow": _l("路演"),
    "weight_roadshow": _l("路演权重（%）"),
    "total": _l("总分"),
    "line": _l("合格线"),
    "floor": _l("底线（%）"),
    "fit": _l("需求契合得分率（%）"),
    "plan": _l("方案设计得分率（%）"),
    "result": _l("产出成效得分率（%）"),
    "org": _l("组织能力得分率（%）"),
    "budget": _l("预算合理得分率（%）"),
    "sustain": _l("创新可持续得分率（%）"),
}

STAGES: dict[str, str] = {
    "application": _l("书面评审"),
    "roadshow": _l("路演"),
    "total": _l("总分"),
}

VERDICTS: dict[str, str] = {
    Verdict.passed: _l("达到合格线"),
    Verdict.reconsider: _l("须复议：有分组低于底线"),
    Verdict.below_line: _l("低于合格线"),
}
VERDICT_TONES: dict[str, str] = {Verdict.passed: "ok", Verdict.reconsider: "warn", Verdict.below_line: "danger"}

# from this W on (highest first) -> what it means
AGREEMENT: tuple[tuple[Decimal, str], ...] = (
    (Decimal("0.7"), _l("评审人的排序比较一致")),
    (Decimal("0.4"), _l("评审人的排序有一定分歧")),
    (Decimal(0), _l("评审人的排序分歧很大，建议合议")),
)

CONFIDENCE: dict[str, str] = {"high": _l("高"), "medium": _l("中"), "low": _l("低")}

TIE_BREAKS: dict[str, str] = {
    TieBreak.total: _l("总分较低，排在前一名之后"),
    TieBreak.fit: _l("总分相同，需求契合得分较低，排在前一名之后"),
    TieBreak.amount: _l("总分和需求契合都相同，申请金额较高，排在前一名之后"),
    TieBreak.submitted: _l("总分、需求契合和金额都相同，提交较晚，排在前一名之后"),
    TieBreak.equal: _l("四项都相同，与前一名并列"),
}


def rule(code: str) -> str:
    """The words of a step's rule in the language in use; the code itself for a rule without words."""
    return _(RULES[code]) if code in RULES else code


def value(name: str) -> str:
    """The words of a number that went into a step; the name itself where there are none."""
    return _(VALUES[name]) if name in VALUES else name


def agreement(w: str) -> str:
    """What a coefficient of concordance says, in words."""
    return _(next(sentence for least, sentence in AGREEMENT if Decimal(w) >= least))
