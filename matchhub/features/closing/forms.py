"""Forms of a closing: shape only; what a rule forbids is said by the services."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from matchhub.core.forms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    MultipleFileField,
    Optional,
    PlainForm,
    choice,
    choices,
    day,
    text,
    whole,
    yuan,
)
from matchhub.core.i18n import _, _l
from matchhub.domain import reference, sheets
from matchhub.domain.models import ClosingReport
from matchhub.domain.scoring import assessment_words
from matchhub.features.closing.reporting import NUMBERS, TEXTS

MOST_EXTRAS = 5


class GoalRow(PlainForm):
    actual = text(_l("实际完成"), 200)
    explanation = text(_l("说明"), 300)


class AccountRow(PlainForm):
    spent_fen = yuan(_l("实际支出"))
    explanation = text(_l("说明"), 300)


class ReportForm(Form):
    """The closing report; every field is optional here, submission asks for what must be there."""

    goals = FieldList(FormField(GoalRow), _l("目标完成对照"))
    outcomes = text(_l("成效"), 2000, long=True, hint=_l("居民和小区发生了什么变化，写前后对比"))
    method = text(_l("测量方法"), 1000, long=True, hint=_l("数据从哪里来、什么时候测的、怎样核对"))
    satisfaction_valid = whole(_l("有效份数"), high=100_000)
    satisfaction_satisfied = whole(_l("其中满意的份数"), high=100_000)
    satisfaction_sampling = text(_l("抽样说明"), 500, long=True, hint=_l("问了哪些人、怎样选的、当面还是电话"))
    account = FieldList(FormField(AccountRow), _l("经费决算"))
    balance_handling = text(_l("结余处理"), 500, long=True, hint=_l("有结余写退回或转用的办法；没有结余请写“无结余”"))
    teams = text(_l("孵化的自治团队"), 1000, long=True, hint=_l("队名、人数、做什么、谁牵头；半年后会回访"))
    resources = text(_l("撬动的资源"), 1000, long=True, hint=_l("资金、场地、物资、人力，写清来源"))
    card_practice = text(_l("做法"), 1000, long=True, hint=_l("一两句话讲清这个办法"))
    card_conditions = text(_l("条件"), 1000, long=True, hint=_l("做成这件事要先有什么"))
    card_steps = text(_l("步骤"), 2000, long=True, hint=_l("按先后分步写"))
    card_pitfalls = text(_l("踩过的坑"), 1000, long=True, hint=_l("哪里做错过、怎样改的"))
    card_copying = text(_l("可复制条件"), 1000, long=True, hint=_l("什么样的小区可以照着做"))
    shortcomings = text(_l("不足与建议"), 2000, long=True)
    handover = text(_l("移交事项"), 1000, long=True, hint=_l("工具、名册、钥匙、群，交给谁、签收没有"))
    files = MultipleFileField(_l("附件"), validators=[Optional()])
    audit = MultipleFileField(_l("审计报告"), validators=[Optional()])
    pledge = BooleanField(_l("本机构承诺：以上内容和附件真实、完整，愿意接受复点和核查"))

    def values(self) -> dict[str, Any]:
        """What was typed, as `reporting.save_report` wants it."""
        skipped = {"goals", "account", "files", "audit", "pledge", "version", "csrf_token"}
        found = {field.name: field.data for field in self if field.name not in skipped}
        return found | {"goals": [e.form.data for e in self.goals], "account": [e.form.data for e in self.account]}


def report_form(report: ClosingReport) -> ReportForm:
    """The form with what the report holds; zero answers show as an empty field."""
    shown = {name: getattr(report, name) for name in (*TEXTS, "goals", "account", "version")}
    return ReportForm(obj=SimpleNamespace(**shown, **{name: getattr(report, name) or None for name in NUMBERS}))


class ReplyForm(Form):
    reply = text(_l("给机构的意见"), 1000, long=True)


class InspectorForm(Form):
    inspector = choice(_l("督察人"), list, required=_l("请选择督察人"))

    def offer(self, people: Mapping[str, str]) -> None:
        self.inspector.choices = [("", _("请选择")), *people.items()]


class PresentationForm(Form):
    on = day(_l("汇报日期"), required=_l("请填写汇报日期，例如 2026-11-24"))
    place = text(
        _l("地点和时间"), 200, required=_l("请填写地点和时间"), hint=_l("例如：社会组织服务中心二楼，14:00 开始")
    )
    judges = choices(_l("评分人"), list, required=_l("请选择评分人"))


class ExtraRow(PlainForm):
    kind = choice(_l("事由"), lambda: [("", ""), *assessment_words.EXTRAS.items()])
    points = text(_l("加分"), 6)
    evidence = text(_l("核实的依据"), 300)


class AdjustForm(Form):
    extras = FieldList(FormField(ExtraRow), _l("附加分"), min_entries=1, max_entries=MOST_EXTRAS)

    def given(self) -> list[dict[str, Any]]:
        """The rows in which anything was entered; what is no number becomes NaN, which the service refuses."""
        rows = [entry.form.data for entry in self.extras]
        return [row | {"points": sheets.entry(row["points"]).points or Decimal(0)} for row in rows if any(row.values())]


class AdviceForm(Form):
    strengths = text(_l("做得好的"), 1500, long=True, hint=_l("一行一条，机构和居民都会读到"))
    next_steps = text(_l("下一步"), 1500, long=True, hint=_l("一行一条，写能做到的事"))


class ReasonForm(Form):
    reason = text(_l("理由"), 1000, long=True)


def confirmed_vetoes(posted: Mapping[str, str]) -> list[dict[str, str]]:
    """The vetoes ticked on the page, each with its reason: fields `veto-CODE` and `veto-CODE-reason`."""
    return [
        {"code": code, "reason": posted.get(f"veto-{code}-reason", "").strip()[:1000]}
        for code in reference.codes("veto")
        if posted.get(f"veto-{code}") == "y"
    ]
