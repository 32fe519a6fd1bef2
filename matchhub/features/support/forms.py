"""Forms of support: shape only."""

from __future__ import annotations

from typing import Any

from matchhub.core.forms import (
    Form,
    MultipleFileField,
    ValidationError,
    choice,
    day,
    text,
    whole,
    yuan,
)
from matchhub.core.i18n import _, _l
from matchhub.domain import supporting
from matchhub.domain.models import Project, SupportKind

MOST_HOURS = 2000


class LineForm(Form):
    """What a project asks for. Money and goods in yuan, expertise in hours."""

    kind = choice(
        _l("要哪种支持"), lambda: [(kind.value, _(word)) for kind, word in supporting.KIND_WORDS.items()],
        _l("请选择要哪种支持"), radio=True,
    )  # fmt: skip
    title = text(_l("要什么"), 80, _l("请写一句话，例如“给独居老人装 40 个门磁”"), _l("会公开显示，基金会先看到这一句"))
    amount = yuan(_l("金额或估值"), hint=_l("资金和物资填写；物资按市场价估"))
    hours = whole(_l("小时数"), 1, MOST_HOURS, hint=_l("专业服务填写"))
    details = text(_l("具体要求"), 1000, hint=_l("物资写明品名和数量，专业服务写明专业和内容"), long=True)
    budget_row = choice(_l("对应项目预算的哪一行"), lambda: [("", _("预算以外"))])
    why = text(_l("为什么需要"), 2000, _l("请写明为什么需要、会怎样用"), _l("会公开显示"), long=True)
    until = day(_l("需要在哪一天前落实"), _l("请填写日期"))

    def offer_budget(self, project: Project) -> None:
        rows = [(str(n), str(row.get("item") or n)) for n, row in enumerate(project.budget, 1)]
        self.budget_row.choices = [("", _("预算以外")), *rows]

    def validate_kind(self, field: Any) -> None:
        needs = self.hours if field.data == SupportKind.EXPERTISE.value else self.amount
        if not needs.data and not needs.errors:
            sentence = _("请填写小时数") if needs is self.hours else _("请填写金额或估值，例如 20000")
            needs.errors = [*needs.errors, sentence]
            raise ValidationError(sentence)

    def values(self) -> dict[str, Any]:
        expertise = self.kind.data == SupportKind.EXPERTISE.value
        return {
            "kind": SupportKind(self.kind.data), "title": self.title.data, "details": self.details.data or "",
            "quantity": self.hours.data if expertise else self.amount.data, "why": self.why.data,
            "until": self.until.data, "budget_row": int(self.budget_row.data) if self.budget_row.data else None,
        }  # fmt: skip


class _Quantity(Form):
    """A quantity in yuan or in hours: `fit` leaves the field of the kind."""

    amount = yuan(_l("金额"), _l("请填写金额，例如 20000"))
    hours = whole(_l("小时数"), 1, MOST_HOURS, _l("请填写小时数"))

    def fit(self, kind: SupportKind) -> None:
        if kind is SupportKind.EXPERTISE:
            del self.amount
        else:
            del self.hours

    @property
    def quantity(self) -> int:
        return int((self.hours if "hours" in self else self.amount).data or 0)


class PledgeForm(_Quantity):
    details = text(_l("具体内容"), 1000, hint=_l("物资写明品名、数量和估值依据；专业服务写明由谁提供"), long=True)
    conditions = text(_l("条件"), 1000, hint=_l("例如用途限制、公示署名、到账时间；没有可以不填"), long=True)


class EntryForm(_Quantity):
    on_day = day(_l("日期"), _l("请填写日期"))
    words = text(_l("说明"), 200, _l("请写明说明"))
    files = MultipleFileField(
        _l("凭证"), description=_l("照片、PDF、Word 或 Excel，可以多选；只有基金会、承接机构和街道看得到")
    )


class ReasonForm(Form):
    reason = text(_l("理由"), 500, _l("请写明理由"), _l("对方会看到"), long=True)


class ReportForm(Form):
    outcome = text(_l("使用结果"), 2000, _l("请写明用这份支持做了什么、效果怎样"), _l("基金会会看到"), long=True)
    remainder = text(
        _l("结余和没有到账的部分怎样处理"), 500, hint=_l("到账没有用完，或者约定的没有全部到账时填写"), long=True
    )
