"""Forms of the review: shape only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from matchhub.core import forms
from matchhub.core.i18n import _, _l
from matchhub.domain import reference
from matchhub.domain.models import Application

NO_TIE = "none"


class SetUpForm(forms.Form):
    due_on = forms.day(
        _l("评分截止日期"), required=_l("请选择评分截止日期"), hint=_l("评审人在这一天的截止时刻前完成评分。")
    )


class BallotForm(forms.Form):
    ref = forms.HiddenField()
    count = forms.whole(_l("票数"), low=1, high=10_000, required=_l("请填写收回的票数"))
    average = forms.text(
        _l("平均分"),
        limit=5,
        required=_l("请填写平均分"),
        checks=[forms.Matches(r"10(\.0{1,2})?|\d(\.\d{1,2})?", _l("请填 0 到 10 之间的数字，例如 8.5"))],
    )

    def average_points(self) -> Decimal:
        return Decimal(str(self.average.data))


class SheetForm(forms.Form):
    comment = forms.text(_l("总体意见"), limit=1000, long=True, hint=_l("请写优点、不足和改进建议，街道汇总后反馈。"))


class SendBackForm(forms.Form):
    reason = forms.text(_l("退回理由"), limit=500, long=True, required=_l("请写明退回的理由"))


def _tie_options() -> list[tuple[str, str]]:
    return [("", _("请选择")), (NO_TIE, _("没有利益关系")), *reference.options("tie_kind")()]


def declaration_form(entries: Iterable[Application], **kwargs: Any) -> Any:
    """A form with one choice and one note per applicant; nothing is chosen beforehand."""
    fields: dict[str, Any] = {}
    for entry in entries:
        name = entry.organisation.name
        fields[f"tie_{entry.organisation_id}"] = forms.choice(
            name, _tie_options, required=_("请选择您与%(name)s的关系；没有就选“没有利益关系”", name=name)
        )
        fields[f"note_{entry.organisation_id}"] = forms.text(_l("情况说明"), limit=200)
    return type("DeclarationForm", (forms.Form,), fields)(**kwargs)


def declared(form: Any, entries: Iterable[Application]) -> dict[int, tuple[str, str]]:
    """From a valid declaration: organisation id -> (kind, note) of each tie."""
    found = {}
    for entry in entries:
        kind = form[f"tie_{entry.organisation_id}"].data
        if kind and kind != NO_TIE:
            found[entry.organisation_id] = (kind, form[f"note_{entry.organisation_id}"].data or "")
    return found


def opinion_form(entries: Sequence[Application], **kwargs: Any) -> Any:
    """The form of the decision page: the chosen one, a reason for each, and the notes that go with it."""

    def options() -> list[tuple[str, str]]:
        return [(str(entry.id), entry.organisation.name) for entry in entries]

    fields: dict[str, Any] = {
        "chosen": forms.choice(_l("拟立项机构"), options, radio=True, hint=_l("只能选一家。低于合格线的不能选。")),
        "amount": forms.yuan(_l("拟立项金额"), hint=_l("不能高于申请金额和预算上限。")),
        "memo": forms.text(
            _l("会议记录"), limit=4000, long=True, hint=_l("记下讨论要点；需要复议或合议的，写明结论和理由。")
        ),
        "necessity_note": forms.text(
            _l("必要性和可行性说明"), limit=2000, long=True, hint=_l("只有一份申报时必须填写。")
        ),
    }
    for entry in entries:
        fields[f"reason_{entry.id}"] = forms.text(_l("理由"), limit=600, long=True)
        fields[f"feedback_{entry.id}"] = forms.text(_l("给机构的反馈"), limit=1000, long=True)
    return type("OpinionForm", (forms.Form,), fields)(**kwargs)
