"""Forms of the review: shape only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from matchhub.core import forms
from matchhub.core.i18n import _, _l
from matchhub.domain import reference
from matchhub.domain.models import Application, User
from matchhub.domain.scoring.words import CONFIDENCE

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


def _confidences() -> list[tuple[str, str]]:
    return [(code, _(word)) for code, word in CONFIDENCE.items()]


class SheetForm(forms.Form):
    comment = forms.text(
        _l("给机构的意见"),
        limit=1000,
        long=True,
        hint=_l("请写优点、不足和改进建议；街道整理后反馈给机构，不写评审人是谁。"),
    )
    private_note = forms.text(
        _l("只给街道看的备注"), limit=1000, long=True, hint=_l("机构看不到；例如需要核实的疑点。")
    )
    confidence = forms.choice(
        _l("把握度"), _confidences, radio=True, hint=_l("您对这份评分有多大把握；只供参考，不影响得分。")
    )
    opened = forms.HiddenField()

    def spent_seconds(self, now: float) -> int:
        """Seconds since the page was opened; 0 when that cannot be known."""
        typed = str(self.opened.data or "")
        return max(0, int(now) - int(typed)) if typed.isdigit() and len(typed) < 12 else 0


class ReviseForm(SheetForm):
    reason = forms.text(
        _l("修改理由"), limit=500, long=True, required=_l("请写明合议后修改评分的理由"),
        hint=_l("理由和新旧两张评分表都会保留，审批人看得到。"),
    )  # fmt: skip


class DrawForm(forms.Form):
    wanted = forms.whole(_l("抽取人数"), low=1, high=9, required=_l("请填写抽取几位评审人"))


class UntieForm(forms.Form):
    reason = forms.text(
        _l("撤销理由和核实情况"), limit=500, long=True, required=_l("请写明撤销的理由和核实情况"),
        hint=_l("写明本人说错在哪里、怎样核实；写进操作记录的只有谁、何时、哪一条。"),
    )  # fmt: skip


class UntieAnswerForm(forms.Form):
    answer = forms.text(_l("核准意见"), limit=500, long=True)


class SignForm(forms.Form):
    reason = forms.text(_l("会签意见"), limit=500, long=True, hint=_l("不同意必须写理由；同意可以不写。"))


class ScaleForm(forms.Form):
    note = forms.text(_l("我的说明"), limit=500, long=True, hint=_l("选填；街道会和体检结果一起看到。"))


def discussion_form(speakers: Sequence[User], **kwargs: Any) -> Any:
    """The record of a discussion: the day, what was said, and for each reviewer whether they took part and score anew."""
    fields: dict[str, Any] = {
        "held_on": forms.day(_l("合议日期"), required=_l("请选择合议日期")),
        "minutes": forms.text(
            _l("合议记录"), limit=4000, long=True, required=_l("请写明合议中说了什么、结论是什么"),
            hint=_l("写明分歧在哪里、各方理由、结论；不用写是谁打了多少分。"),
        ),
    }  # fmt: skip
    for one in speakers:
        fields[f"voice_{one.id}"] = forms.choice(one.name, _voices, required=_("请选择%(name)s是否参加", name=one.name))
    return type("DiscussionForm", (forms.Form,), fields)(**kwargs)


def _voices() -> list[tuple[str, str]]:
    return [
        ("", _("请选择")),
        ("keeps", _("参加，不改评分")),
        ("changes", _("参加，要重新评分")),
        ("absent", _("没有参加")),
    ]


def voices(form: Any, speakers: Sequence[User]) -> dict[int, bool]:
    """From a valid record: by id of each who took part, whether they want to score anew."""
    given = {one.id: form[f"voice_{one.id}"].data for one in speakers}
    return {user_id: word == "changes" for user_id, word in given.items() if word in ("keeps", "changes")}


def feedback_form(sheet_ids: Sequence[int], **kwargs: Any) -> Any:
    """One text for each comment of a reviewer."""
    fields = {f"text_{one}": forms.text(_l("给机构看的文字"), limit=1000, long=True) for one in sheet_ids}
    return type("FeedbackForm", (forms.Form,), fields)(**kwargs)


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
