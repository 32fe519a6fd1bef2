"""The forms of projects: shape only; what a rule forbids stands in rules.py."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from matchhub.core import clock
from matchhub.core.forms import (
    BooleanField,
    Form,
    MultipleFileField,
    SelectMultipleField,
    YuanField,
    choice,
    day,
    text,
    whole,
    yuan,
)
from matchhub.core.i18n import _l
from matchhub.domain import agreeing, reference
from matchhub.domain.models import Activity, Agreement, Project, Report, SupervisionLine, User

LINES = {SupervisionLine.GUIDANCE: _l("引导（街道）"), SupervisionLine.COACHING: _l("辅导（枢纽机构或自治骨干）")}
CONDITIONS = {"signing": _l("签约后拨付"), "middle": _l("中期督导达标后拨付"), "closing": _l("测评达标后拨付")}


class AgreementForm(Form):
    agreement_no = text(_l("协议编号"), 60, required=_l("请填写协议编号，例如 曹街购〔2026〕18 号"))
    starts_on = day(_l("开始日期"), required=_l("请填写开始日期"))
    ends_on = day(_l("结束日期"), required=_l("请填写结束日期"))
    amount = yuan(_l("协议金额"), required=_l("请填写协议金额"))
    first = whole(_l("首期拨款比例"), 0, 100, required=_l("请填写首期拨款比例，没有就填 0"))
    middle = whole(_l("中期拨款比例"), 0, 100, required=_l("请填写中期拨款比例，没有就填 0"))
    last = whole(_l("尾款比例"), 0, 100, required=_l("请填写尾款比例，没有就填 0"))
    # Needed only when the signing is put on record, not while the text is drawn up.
    signed_on = day(_l("甲方签订日期"))
    organisation_signed_on = day(_l("乙方签订日期"))
    agreement = MultipleFileField(_l("协议文本"))

    def start_with(self, project: Project, agreed: Agreement | None) -> None:
        """Show what is known: the text as it was drawn up or signed, or the plan of the application."""
        terms = agreeing.suggested_terms(project)
        self.version.data, self.agreement_no.data = str(project.version), terms.number or agreeing.next_number()
        self.starts_on.data, self.ends_on.data = project.starts_on, project.ends_on
        self.amount.data = terms.amount_fen
        self.first.data, self.middle.data, self.last.data = terms.percents
        if agreed is not None:
            self.starts_on.data, self.ends_on.data = agreed.starts_on, agreed.ends_on
            self.signed_on.data = agreed.street_signed_on
            self.organisation_signed_on.data = agreed.organisation_signed_on

    def terms(self) -> agreeing.Terms:
        return agreeing.Terms(
            self.agreement_no.data, self.starts_on.data, self.ends_on.data, self.amount.data, self.percents
        )

    @property
    def percents(self) -> tuple[int, int, int]:
        return self.first.data, self.middle.data, self.last.data


class PaymentForm(Form):
    paid_on = day(_l("拨款日期"), required=_l("请填写拨款日期"))


class SupervisorForm(Form):
    line = choice(_l("督导线"), lambda: [(line.value, word) for line, word in LINES.items()],
                  required=_l("请选择督导线"), radio=True)  # fmt: skip
    user = choice(_l("督导人"), list, required=_l("请选择督导人"))

    def offer(self, people: Iterable[tuple[str, list[tuple[User, str]]]]) -> None:
        """The accounts that may be named: (group, [(account, its words)])."""
        self.user.choices = [("", _l("请选择"))] + [
            (str(user.id), words) for _group, row in people for user, words in row
        ]


class ReasonForm(Form):
    reason = text(_l("理由"), 500, required=_l("请写明理由"), long=True)


class ReplyForm(Form):
    reason = text(_l("街道意见"), 500, long=True)


class ActivityForm(Form):
    plan_row = choice(_l("对应的活动计划"), list)
    held_on = day(_l("活动日期"), required=_l("请填写活动日期"))
    place = text(_l("地点"), 100, required=_l("请填写地点，例如 源园居民活动室"))
    people = whole(_l("参加人次"), 0, 100_000, required=_l("请填写参加人次，例如 26"))
    photos = MultipleFileField(_l("现场照片"))
    sign_in = MultipleFileField(_l("签到表"))
    summary = text(_l("活动记录"), 500, long=True)
    no_photo_reason = text(_l("没有照片的原因"), 200)
    name = text(_l("活动名称"), 100)
    form = choice(_l("活动形式"), reference.options("activity_form", blank=""))
    new_people = whole(_l("其中新增人数"), 0, 100_000)
    volunteers = whole(_l("志愿者人数"), 0, 10_000)
    volunteer_hours = whole(_l("志愿服务小时"), 0, 100_000)
    feedback = text(_l("居民反馈"), 500, long=True)
    expense = yuan(_l("本场支出"))
    expense_category = choice(_l("支出类别"), reference.options("budget_category", blank=""))
    dropped = SelectMultipleField(_l("删去这些文件"), choices=[], validate_choice=False)

    MORE = ("name", "form", "new_people", "volunteers", "volunteer_hours", "feedback", "expense", "expense_category")

    def offer(self, project: Project, outside: str, likely: int | str = "") -> None:
        """The rows of the plan, and `outside` for an activity beside it; a new record starts with the row `likely`."""
        self.plan_row.choices = [(str(row.id), row.name) for row in project.plan] + [("", outside)]
        if not self.is_submitted() and self.plan_row.data is None and project.plan:
            self.plan_row.data = str(likely)

    def start_with(self, activity: Activity | None) -> None:
        if activity is None:
            self.held_on.data = clock.today()
            return
        for name in ("held_on", "place", "people", "summary", "no_photo_reason", "name", "form", "feedback",
                     "new_people", "volunteers", "volunteer_hours", "expense_category"):  # fmt: skip
            self[name].data = getattr(activity, name)
        self.plan_row.data = str(activity.plan_row_id or "")
        self.expense.data = activity.expense_fen or None
        self.version.data = str(activity.version)

    def values(self) -> dict[str, Any]:
        """What `service.record_activity` takes; an empty number is 0."""
        numbers = {name: self[name].data or 0 for name in ("new_people", "volunteers", "volunteer_hours")}
        texts = ("place", "summary", "no_photo_reason", "name", "form", "feedback", "expense_category")
        return numbers | {
            "held_on": self.held_on.data,
            "people": self.people.data,
            "plan_row_id": int(self.plan_row.data) if self.plan_row.data else None,
            "expense_fen": self.expense.data or 0,
        } | {name: self[name].data or "" for name in texts}  # fmt: skip

    def has_more(self) -> bool:
        """Whether something stands in the part that is closed at first."""
        return any(self[name].data or self[name].errors for name in self.MORE)


class ReportForm(Form):
    """`report_form` adds a field for each budget category: `other_<category>`."""

    summary = text(_l("本月概述"), 300, long=True)
    no_activity_reason = text(_l("本月没有活动的原因"), 300, long=True)
    suggestions_done = text(_l("督导建议落实情况"), 800, long=True)
    feedback = text(_l("居民反馈"), 500, long=True)
    problems = text(_l("困难与需求"), 500, long=True)
    asks_for_help = BooleanField(_l("求助绿色通道（需要街道帮助协调）"))
    team_changes = text(_l("人员变动"), 300, long=True)
    next_month = text(_l("下月计划"), 500, long=True)
    vouchers = MultipleFileField(_l("经费凭证"))

    PLAIN = ("summary", "no_activity_reason", "suggestions_done", "feedback", "problems", "asks_for_help",
             "team_changes", "next_month")  # fmt: skip

    @property
    def others(self) -> dict[str, YuanField]:
        """The fields of spending beside activities, by category."""
        return {name.removeprefix("other_"): field for name, field in self._fields.items() if name.startswith("other_")}

    def start_with(self, report: Report) -> None:
        for name in self.PLAIN:
            self[name].data = getattr(report, name)
        known = report.figures.get("other", {})
        for category, field in self.others.items():
            field.data = known.get(category)
        self.version.data = str(report.version)

    def values(self) -> dict[str, Any]:
        """What `service.save_report` takes."""
        plain: dict[str, Any] = {name: self[name].data or "" for name in self.PLAIN}
        plain["asks_for_help"] = bool(self.asks_for_help.data)
        return plain | {"other": {category: field.data or 0 for category, field in self.others.items()}}


def report_form(categories: Iterable[str]) -> type[ReportForm]:
    """The report's form with a field of money for each category that the project's budget has."""
    fields = {f"other_{category}": yuan(reference.word("budget_category", category)) for category in categories}
    return type("ReportForm", (ReportForm,), fields)
