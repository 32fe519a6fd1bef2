"""The pages' forms, made from the form's own description: drafts are checked for shape only, nothing is demanded."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from wtforms import FieldList, FormField

from matchhub.core import forms
from matchhub.core.i18n import _, _l
from matchhub.domain import application_form as spec
from matchhub.domain import eligibility
from matchhub.domain.application_form import Field, Kind, Part

TYPED_MONTH = re.compile(r"(\d{4})\s*[-/.\u5e74]\s*(\d{1,2})\s*\u6708?")


class MonthField(forms.StringField):
    """A month as `2026-03`; also reads 2026/3 and 2026年3月, for browsers without a month picker."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = unicodedata.normalize("NFKC", "".join(valuelist)).strip()
        self.data = typed
        if not typed:
            return
        found = TYPED_MONTH.fullmatch(typed)
        if not found or not 1 <= int(found[2]) <= 12:
            raise ValueError(_("请按“年-月”填写月份，例如 2026-03"))
        self.data = f"{found[1]}-{int(found[2]):02d}"


class NotTooMany:
    """At most `most` rows; nothing that was typed is dropped silently."""

    def __init__(self, most: int) -> None:
        self.most = most

    def __call__(self, _form: Any, field: Any) -> None:
        if len(field.entries) > self.most:
            raise forms.ValidationError(_("最多 %(most)s 行，请合并相近的行", most=self.most))


def _choices(field: Field) -> Any:
    return lambda: [("", _("请选择")), *spec.options(field).items()]


def _control(field: Field) -> Any:
    match field.kind:
        case Kind.ROWS:
            row = type("Row", (forms.PlainForm,), {column.name: _control(column) for column in field.columns})
            return FieldList(
                FormField(row),
                field.label,
                description=field.hint,
                min_entries=1,
                validators=[NotTooMany(spec.MOST_ROWS)],
            )
        case Kind.WHOLE:
            return forms.whole(field.label, 0, field.limit, hint=field.hint)
        case Kind.MONEY:
            return forms.yuan(field.label, hint=field.hint)
        case Kind.DAY:
            return forms.day(field.label, hint=field.hint)
        case Kind.MONTH:
            return MonthField(field.label, description=field.hint, validators=[forms.Optional()])
        case Kind.CHOICE:
            return forms.choice(field.label, _choices(field), hint=field.hint)
        case Kind.TICK:
            return forms.BooleanField(field.label)
        case Kind.TEXTS:
            return forms.choices(field.label, tuple, hint=field.hint)
    return forms.text(field.label, field.limit, hint=field.hint, long=field.kind is Kind.LONG)


@lru_cache(maxsize=len(spec.PARTS))
def part_form(code: str) -> type[forms.Form]:
    """The form class of one part. `seen` is the fingerprint of the part that its editor saw."""
    fields = {field.name: _control(field) for field in spec.BY_CODE[code].fields}
    more = {"seen": forms.HiddenField(), "done": forms.BooleanField(_l("本部分已完成"))}
    return type("PartForm", (forms.Form,), fields | more)


def values(form: forms.Form, part: Part) -> dict[str, Any]:
    """What was typed, as `application_form.read_part` takes it."""
    return {field.name: form[field.name].data for field in part.fields}


# What cannot be read is kept out; a text that is too long is still the person's text and is kept.
READ = (Kind.MONEY, Kind.WHOLE, Kind.DAY, Kind.MONTH, Kind.CHOICE)
LONGEST_TIMES = 10


def _unreadable(control: Any, field: Field) -> bool:
    if not control.errors:
        return False
    if field.kind in (Kind.MONEY, Kind.WHOLE):
        return control.data is None
    return field.kind in READ or len(str(control.data or "")) > LONGEST_TIMES * field.limit


def sound_values(form: forms.Form, part: Part, stored: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What was typed without what cannot be read, for saving on the way, and a sentence for each thing left out.

    An answer that cannot be read keeps its stored value; a cell that cannot be read is left empty.
    """
    kept, left_out = values(form, part), []
    before = spec.part_of(stored, part.code)
    for field in part.fields:
        control = form[field.name]
        if field.kind is Kind.ROWS:
            if len(control.entries) > spec.MOST_ROWS:
                kept[field.name] = before[field.name]
                left_out.append(_("最多 %(most)s 行，请合并相近的行", most=spec.MOST_ROWS))
            else:
                kept[field.name], wrong = _sound_rows(control, field)
                left_out += wrong
        elif _unreadable(control, field):
            kept[field.name] = before[field.name]
            left_out.append(_("“%(name)s”没有存：%(why)s", name=_(field.label), why=control.errors[0]))
    return kept, left_out


def _sound_rows(control: Any, field: Field) -> tuple[list[dict[str, Any]], list[str]]:
    found, left_out = [], []
    for number, entry in enumerate(control.entries, 1):
        row = dict(entry.form.data)
        for column in field.columns:
            cell = entry.form[column.name]
            if _unreadable(cell, column):
                row[column.name] = None
                words = {"n": number, "name": _(column.label), "why": cell.errors[0]}
                left_out.append(_("第 %(n)s 行“%(name)s”没有存：%(why)s", **words))
        found.append(row)
    return found, left_out


def initial(part: Part, stored: dict[str, Any]) -> dict[str, Any]:
    """A stored part as the form's data: days as dates."""
    from datetime import date

    days = {field.name for field in part.fields if field.kind is Kind.DAY}
    return {
        name: (date.fromisoformat(value) if value else None) if name in days else value
        for name, value in stored.items()
    }


def show_problems(form: forms.Form, problems: list[spec.Problem]) -> None:
    """Put each problem beside the control that it speaks of."""
    for problem in problems:
        name, _dash, rest = problem.field.partition("-")
        target: Any = form[name]
        if rest:
            number, _dash, column = rest.partition("-")
            target = target.entries[int(number)].form[column]
        target.errors = [*target.errors, problem.sentence]


class FilesForm(forms.Form):
    purpose = forms.choice(
        _l("材料种类"),
        lambda: [(code, _(word)) for code, word in eligibility.PURPOSES.items()],
        _l("请选择材料种类"),
        radio=True,
    )
    files = forms.MultipleFileField(
        _l("选择文件"), description=_l("PDF、Word、Excel、PPT 或图片，每个不超过 20 MB；一次可以选几个")
    )


class StartForm(forms.Form):
    """Nothing to fill in."""


class SubmitForm(forms.Form):
    """`body` is the version of the draft that was checked."""

    body = forms.HiddenField()

    def seen_body(self) -> int | None:
        typed = str(self.body.data or "")
        return int(typed) if typed.isdigit() else None


class RuleForm(forms.Form):
    passed = forms.choice(
        _l("结论"), lambda: [("yes", _("符合")), ("no", _("不符合"))], _l("请选择符合或不符合"), radio=True
    )
    evidence = forms.text(
        _l("依据"), 1000, _l("请写明依据，例如“登记证书业务范围第 2 项”"), long=True,
        hint=_l("机构会看到；不符合时请写清缺什么"),
    )  # fmt: skip


def correction_parts() -> list[tuple[str, str]]:
    return [*((part.code, _(part.title)) for part in spec.PARTS), ("files", _("附件"))]


class CorrectionForm(forms.Form):
    note = forms.text(
        _l("需要补正什么"), 2000, _l("请写明需要补正什么"), long=True, hint=_l("机构会看到；逐条写清缺什么、怎样补"),
    )  # fmt: skip
    parts = forms.choices(_l("可以修改的部分"), correction_parts, _l("请至少选择一个可以修改的部分"),
                          hint=_l("机构只能修改这里选中的部分"))  # fmt: skip


class DisqualifyForm(forms.Form):
    reason = forms.text(
        _l("不通过的理由"), 2000, _l("请写明理由"), long=True, hint=_l("机构会看到；请写明不符合哪一条、依据是什么"),
    )  # fmt: skip


class ExclusionObjectionForm(forms.Form):
    reason = forms.text(
        _l("异议理由"), 2000, _l("请写明异议理由"), long=True, hint=_l("写明哪一条的判断不对、依据是什么；已经上传的材料请写明名称"),
    )  # fmt: skip


class ExclusionDecisionForm(forms.Form):
    upheld = forms.choice(
        _l("决定"), lambda: [("yes", _("异议成立，恢复资格")), ("no", _("异议不成立，维持资格不通过"))],
        required=_l("请选择决定"), radio=True,
    )  # fmt: skip
    answer = forms.text(_l("决定的理由"), 2000, _l("请写明理由"), long=True, hint=_l("机构会看到"))


class TableForm(forms.Form):
    """A table filled in with Excel."""

    file = forms.MultipleFileField(_l("填好的表格"), description=_l("在本页下载、填好后保存的 .xlsx 文件，不超过 2 MB"))


class VerifyForm(forms.Form):
    """A file whose content is compared and not kept."""

    file = forms.MultipleFileField(
        _l("要核对的文件"), description=_l("在回执上下载的“规范文本”（.json），不会保存到平台")
    )


class CopyForm(forms.Form):
    """`parts` are those to be taken over."""

    parts = forms.choices(_l("照搬哪些部分"), tuple, _l("请至少选择一个部分"))


class AnswerForm(forms.Form):
    """A partner's yes to the terms that its page showed (`terms`: their hash)."""

    terms = forms.HiddenField()
    agreed = forms.BooleanField(
        _l("我代表本机构确认参加，并承担上面写明的工作"),
        validators=[forms.Agreed(_l("请勾选，确认贵机构承担上面写明的工作"))],
    )


class DeclineForm(forms.Form):
    note = forms.text(_l("不参加的说明"), 500, hint=_l("申报机构会看到，例如“人手已排满，建议明年再合作”"), long=True)
