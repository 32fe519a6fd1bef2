"""Forms of supervision: shapes only; what a record must contain is the domain's to say."""

from __future__ import annotations

from datetime import date
from typing import Any

from matchhub.core.forms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    Matches,
    MultipleFileField,
    PlainForm,
    choice,
    day,
    text,
    whole,
)
from matchhub.core.i18n import _, _l
from matchhub.domain import reference
from matchhub.domain.models import VisitKind, VisitStage
from matchhub.features.supervision.rectifying import RESULTS

SEVERITIES = reference.options("issue_severity")
PROBLEM_KINDS: dict[str, str] = {
    "progress": _l("进度"), "quality": _l("服务质量"), "safety": _l("安全"), "ledger": _l("台账"),
    "money": _l("经费"), "privacy": _l("隐私"), "other": _l("其他"),
}  # fmt: skip
KEEP, CORRECT = "keep", "correct"


def problem_kinds() -> list[tuple[str, str]]:
    return [(code, _(word)) for code, word in PROBLEM_KINDS.items()]


class PlanForm(Form):
    """Who visits, when and how. The line comes with the supervisor's seat."""

    supervisor = choice(_l("督导人"), list, required=_l("请选择督导人"), radio=True)
    stage = choice(_l("阶段"), reference.options("visit_phase"), required=_l("请选择阶段"), radio=True)
    kind = choice(_l("方式"), reference.options("visit_kind"), required=_l("请选择方式"), radio=True)
    planned_on = day(_l("日期"), required=_l("请填写走访日期"))
    planned_time = text(
        _l("时段"), 20, hint=_l("例如 14:30，或“上午”"),
        checks=[Matches(r"[^<>]{1,20}", _l("请填写时段，例如 14:30"))],
    )  # fmt: skip
    place = text(_l("地点"), 200, required=_l("请填写地点，例如“源园居民活动室”"))

    def stage_value(self) -> VisitStage:
        return VisitStage(self.stage.data)

    def kind_value(self) -> VisitKind:
        return VisitKind(self.kind.data)


class RescheduleForm(Form):
    planned_on = day(_l("日期"), required=_l("请填写走访日期"))
    planned_time = text(_l("时段"), 20, hint=_l("例如 14:30，或“上午”"))
    place = text(_l("地点"), 200, required=_l("请填写地点，例如“源园居民活动室”"))


class ReasonForm(Form):
    reason = text(_l("理由"), 1000, required=_l("请写明理由"), long=True)


class ProblemRow(PlainForm):
    kind = choice(_l("类别"), problem_kinds)
    severity = choice(_l("程度"), SEVERITIES)
    text = text(_l("问题和依据"), 500, long=True)


class SuggestionRow(PlainForm):
    text = text(_l("建议"), 500, long=True)


class OrderRow(PlainForm):
    issue = text(_l("问题"), 500, long=True)
    basis = text(_l("依据"), 300, long=True)
    requirement = text(_l("整改要求"), 500, long=True)
    severity = choice(_l("程度"), SEVERITIES)


def gather(rows: FieldList) -> bool:
    """Let the list know of errors that were put beside its fields after validation; whether there are any."""
    rows.errors = [entry.form.errors for entry in rows.entries]
    return any(rows.errors)


class OrderRows:
    """What a form with items of a rectification shares."""

    orders: Any

    def order_items(self) -> list[dict[str, str]]:
        """The items that say anything."""
        rows = [{name: value or "" for name, value in row.items() if name != "csrf_token"} for row in self.orders.data]
        return [row for row in rows if row["issue"] or row["requirement"] or row["basis"]]

    def half_filled(self) -> bool:
        """Put a sentence beside each item without an issue or without a requirement; whether there was any."""
        for entry in self.orders.entries:
            row = entry.form
            if not (row.issue.data or row.requirement.data or row.basis.data):
                continue
            for field, sentence in ((row.issue, _("请写明问题")), (row.requirement, _("请写明整改要求"))):
                if not field.data:
                    field.errors = [*field.errors, sentence]
        return gather(self.orders)


class RecordForm(OrderRows, Form):
    """The record of a visit. Nothing is required in a draft; `complete` checks what a submission needs."""

    visited_on = day(_l("走访日期"))
    minutes = whole(_l("用时"), low=5, high=600)
    place = text(_l("地点"), 200)
    present = text(_l("机构在场人"), 200, hint=_l("姓名和职责，例如“方静，项目负责人”"))
    materials = text(_l("查阅的材料"), 1000, long=True, hint=_l("例如：9 月签到表、两场活动照片、会议纪要"))
    observation = text(_l("观察记录"), 3000, long=True, hint=_l("看到了什么、听到了什么，先写事实再写判断"))
    interviewed = whole(_l("现场访谈人数"), low=0, high=500, hint=_l("打“服务对象现场反馈”要随机问三人以上"))
    interview_notes = text(_l("访谈要点"), 1500, long=True, hint=_l("不写姓名、门牌和电话"))
    highlights = text(_l("亮点"), 1500, long=True)
    problems = FieldList(FormField(ProblemRow), _l("发现的问题"), min_entries=1, max_entries=12)
    suggestions = FieldList(FormField(SuggestionRow), _l("改进建议"), min_entries=1, max_entries=12)
    orders = FieldList(FormField(OrderRow), _l("整改问题"), min_entries=1, max_entries=12)
    photos = MultipleFileField(_l("照片和材料"))
    no_tie_declared = BooleanField(_l("我与该机构没有任职、理事、近亲属、合作项目或同一团队等利益关系"))

    def record(self) -> dict[str, Any]:
        """The fields of the record as the service takes them."""
        names = ("visited_on", "minutes", "present", "materials", "observation", "interview_notes", "highlights")
        found = {name: self[name].data for name in names}
        if self.place.data:
            found["place"] = self.place.data
        return found | {
            "interviewed": self.interviewed.data or 0,
            "problems": [
                {"kind": row["kind"], "severity": row["severity"], "text": row["text"]}
                for row in self.problems.data
                if row["text"]
            ],
            "no_tie_declared": bool(self.no_tie_declared.data),
        }

    def suggested(self) -> list[str]:
        return [row["text"] for row in self.suggestions.data if row["text"]]

    def complete(self, today: date) -> bool:
        """Put a sentence beside each field that a submission still needs; True when there is none."""
        if self.visited_on.data is None:
            self.refuse("visited_on", _("请填写走访日期"))
        elif self.visited_on.data > today:
            self.refuse("visited_on", _("走访日期不能晚于今天"))
        if not self.observation.data:
            self.refuse("observation", _("请写下观察记录"))
        if not self.suggested():
            self.suggestions.entries[0].form.text.errors = [_("请至少写一条改进建议，机构要逐条答复")]
        if not self.no_tie_declared.data:
            self.refuse("no_tie_declared", _("请先声明没有利益关系；有利益关系的，请不要打分，告诉主办科室换人"))
        half = self.half_filled()
        return (
            not half
            and bool(self.suggested())
            and not any(self[name].errors for name in ("visited_on", "observation", "no_tie_declared"))
        )


class IssueForm(OrderRows, Form):
    """A rectification apart from a visit."""

    orders = FieldList(FormField(OrderRow), _l("整改问题"), min_entries=1, max_entries=12)

    def complete(self) -> bool:
        if self.half_filled():
            return False
        if not self.order_items():
            self.orders.entries[0].form.issue.errors = [_("请至少写一个问题和整改要求")]
            return not gather(self.orders)
        return True


class AnswerForm(Form):
    """The answer to one suggestion."""

    answer = text(
        _l("答复"), 1000, required=_l("请写明答复：打算怎么做、什么时候做；不采纳的写明原因"), long=True
    )  # fmt: skip


class ContestForm(Form):
    reason = text(
        _l("异议理由"), 2000, required=_l("请写明异议理由：哪一项、事实是什么、有什么材料"), long=True,
        hint=_l("写清是哪一项、您认为的事实和能核对的材料。街道会看到全文，督导也会看到。"),
    )  # fmt: skip
    papers = MultipleFileField(_l("佐证材料"))


def settle_choices() -> list[tuple[str, str]]:
    return [(KEEP, _("维持原分")), (CORRECT, _("更正下列指标"))]


class SettleForm(Form):
    decision = choice(_l("处理决定"), settle_choices, required=_l("请选择维持原分还是更正"), radio=True)
    answer = text(_l("处理意见和理由"), 2000, required=_l("请写明处理意见和理由，机构会看到"), long=True)


class ReplyRow(PlainForm):
    reply = text(_l("整改情况"), 1500, long=True)


class ReplyForm(Form):
    """The organisation's reply to each item of a rectification."""

    replies = FieldList(FormField(ReplyRow))
    evidence = MultipleFileField(_l("整改材料和照片"))

    def complete(self) -> bool:
        for entry in self.replies.entries:
            if not entry.form.reply.data:
                entry.form.reply.errors = [_("请写明这一项怎么改的、改到什么程度")]
        return not gather(self.replies)


def results() -> list[tuple[str, str]]:
    return [(code, _(word)) for code, word in RESULTS.items()]


class ResultRow(PlainForm):
    result = choice(_l("核验结果"), results, required=_l("请选择核验结果"), radio=True)
    note = text(_l("说明"), 500, long=True)


class VerifyForm(Form):
    results = FieldList(FormField(ResultRow))
    note = text(_l("总的意见"), 1000, long=True)

    def judged(self) -> list[tuple[str, str]]:
        return [(row["result"] or "", row["note"] or "") for row in self.results.data]
