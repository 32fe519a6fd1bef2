"""Form fields in the street's words: each checks shape only; what a rule forbids is the domain's to say.

Sentences are constants marked with `_l` and are translated when a check fails. Every text is normalised (NFC, no
control characters, no space at either end) and has a limit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    Field,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    MultipleFileField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms import Form as PlainForm
from wtforms.fields.core import Flags, Label
from wtforms.i18n import get_translations
from wtforms.validators import Optional, ValidationError

from matchhub.core import money
from matchhub.core.form_checks import Agreed, AtMost, Chosen, InRange, Matches, Needed, YuanRange
from matchhub.core.i18n import _, _l, language

__all__ = [
    "Agreed",
    "AtMost",
    "BooleanField",
    "DayField",
    "DecimalField",
    "Field",
    "FieldList",
    "Form",
    "FormField",
    "HiddenField",
    "InRange",
    "IntegerField",
    "Matches",
    "MultipleFileField",
    "Needed",
    "Optional",
    "PasswordField",
    "PlainForm",
    "RadioField",
    "SelectField",
    "SelectMultipleField",
    "StringField",
    "TextAreaField",
    "TimeField",
    "ValidationError",
    "YuanField",
    "choice",
    "choices",
    "clean",
    "day",
    "lines",
    "text",
    "whole",
    "yuan",
]  # fmt: skip

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def clean(value: str | None) -> str:
    """`value` in NFC without control characters (line breaks and tabs stay) and without space at either end."""
    return CONTROL.sub("", unicodedata.normalize("NFC", (value or "").replace("\r\n", "\n"))).strip()


@lru_cache(maxsize=4)
def _library_words(language: str) -> Any:
    """What WTForms says by itself; read from its catalogue once in a process."""
    return get_translations([language])


def _bound(bind: Callable[..., Any], form: Any, unbound: Any, options: dict[str, Any]) -> Any:
    """A field of `form`: made once in a process, and for each form a copy whose parts a view may change."""
    if unbound.field_class not in COPIED or options["prefix"]:
        return bind(form, unbound, options)
    made: dict[str, dict[str, Any]] = unbound.__dict__.setdefault("made", {})
    if (name := options["name"]) not in made:
        made[name] = vars(bind(form, unbound, options)) | {"_form": None, "meta": None, "_choices": None}
    field = object.__new__(unbound.field_class)
    state = field.__dict__
    state.update(made[name], _form=form, meta=form.meta, _translations=options["translations"])
    state["label"] = Label(state["label"].field_id, state["label"].text)
    state["flags"] = flags = Flags()
    flags.__dict__.update(made[name]["flags"].__dict__)
    for part in ("validators", "filters"):
        state[part] = list(state[part])
    if state["render_kw"] is not None:
        state["render_kw"] = dict(state["render_kw"])
    if isinstance(field, ChoiceField | ChoicesField):
        field.choices = list(field.options())
    return field


class Form(FlaskForm):
    """A form of one deed. `version` is the version of the record that its reader saw."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, _form: Any) -> Any:
            return _library_words(language())

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            return _bound(super().bind_field, form, unbound_field, options)

    version = HiddenField("")
    met_a_rule = False  # what was typed is well formed, but a rule of the domain said no

    def seen_version(self) -> int | None:
        """The version this page was made from; None when the form carries none."""
        # Without the field in the answer its data is the record's own number, not text.
        typed = str(self.version.data or "")
        return int(typed) if typed.isdigit() else None

    def refuse(self, field: str, sentence: str) -> None:
        """Put a sentence of the domain beside the field it speaks of."""
        target: Any = self[field]
        target.errors = [*target.errors, sentence]


class _Number:
    """What whole numbers and amounts share: an unreadable entry is kept as typed and answered with a repair."""

    sentence: str

    def complain(self, field: Any) -> None:
        field.data = None
        raise ValueError(_(self.sentence))


class WholeField(_Number, IntegerField):
    sentence = _l("请只填整数，例如 12")

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = unicodedata.normalize("NFKC", "".join(valuelist)).replace(",", "").strip()
        if not typed:
            self.data = None
        elif re.fullmatch(r"-?\d{1,9}", typed):
            self.data = int(typed)
        else:
            self.complain(self)


# What is wrong with an amount that consists of digits; anything else is asked for again in digits.
_AMOUNT_SENTENCES = {
    money.MoneyProblem.negative: _l("金额不能是负数，例如 86000"),
    money.MoneyProblem.too_many_decimals: _l("金额最多两位小数，例如 86000.50"),
    money.MoneyProblem.too_large: _l("金额太大，请核对单位是不是元"),
}


class YuanField(StringField):
    """An amount of money: people type yuan, `data` is fen (int) or None."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else money.yuan(self.data).replace(",", "")

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        typed = "".join(valuelist).strip()
        if typed:
            try:
                self.data = money.parse_yuan(typed)
            except money.MoneyError as error:
                sentence = _AMOUNT_SENTENCES.get(error.code, _l("金额请只填数字，例如 86000 或 86000.50"))
                raise ValueError(_(sentence)) from error


class DayField(DateField):
    """A day; also reads 2026/11/24 and 2026年11月24日."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        typed = unicodedata.normalize("NFKC", "".join(valuelist)).strip()
        if not typed:
            return
        found = re.fullmatch(r"(\d{4})\s*[-/.\u5e74]\s*(\d{1,2})\s*[-/.\u6708]\s*(\d{1,2})\s*\u65e5?", typed)
        try:
            self.data = date(*(int(part) for part in found.groups())) if found else None
        except ValueError:
            self.data = None
        if self.data is None:
            raise ValueError(_("请按“年-月-日”填写日期，例如 2026-11-24"))


def _checks(required: str | None, *more: Any) -> list[Any]:
    return [Needed(required) if required else Optional(), *more]


def text(
    label: str,
    limit: int = 200,
    required: str | None = None,
    hint: str = "",
    long: bool = False,
    checks: Sequence[Any] = (),
) -> StringField:
    """A line of text, or a paragraph when `long`. `required` is the sentence for an empty one; None: optional."""
    kind = TextAreaField if long else StringField
    return kind(label, description=hint, filters=[clean], validators=_checks(required, AtMost(limit), *checks))


def lines(label: str, limit: int = 1000, required: str | None = None, hint: str = "") -> TextAreaField:
    """A list, one entry a line; `data` stays text, split it with `str.splitlines`."""
    return TextAreaField(label, description=hint, filters=[clean], validators=_checks(required, AtMost(limit)))


def whole(label: str, low: int = 0, high: int = 1_000_000, required: str | None = None, hint: str = "") -> WholeField:
    return WholeField(label, description=hint, validators=_checks(required, InRange(low, high)))


def yuan(label: str, required: str | None = None, hint: str = "", most_yuan: int = 100_000_000) -> YuanField:
    return YuanField(label, description=hint, validators=_checks(required, YuanRange(most_yuan)))


def day(label: str, required: str | None = None, hint: str = "") -> DayField:
    return DayField(label, description=hint, validators=_checks(required))


Choices = Callable[[], Iterable[tuple[str, str]]]


class ChoiceField(SelectField):
    """One of the options that `options()` gives at the time of the request: (code, word in the reader's language)."""

    def __init__(self, label: str = "", options: Choices = tuple, **kwargs: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **kwargs)
        self.options = options
        self.choices = list(options())


class RadiosField(ChoiceField, RadioField):
    """The same, shown as a radio group."""


class ChoicesField(SelectMultipleField):
    """Several of the options, shown as checkboxes; `data` is a list of codes."""

    def __init__(self, label: str = "", options: Choices = tuple, **kwargs: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **kwargs)
        self.options = options
        self.choices = list(options())


# Kinds of fields that hold nothing of the form they were made for.
COPIED = {
    StringField, TextAreaField, HiddenField, BooleanField, PasswordField, WholeField, YuanField, DayField, DecimalField,
    TimeField, ChoiceField, RadiosField, ChoicesField,
}  # fmt: skip


def choice(
    label: str, options: Choices, required: str | None = None, hint: str = "", radio: bool = False
) -> ChoiceField:
    kind = RadiosField if radio else ChoiceField
    return kind(label, options=options, description=hint, validators=_checks(required, Chosen("")))


def choices(label: str, options: Choices, required: str | None = None, hint: str = "") -> ChoicesField:
    return ChoicesField(label, options=options, description=hint, validators=_checks(required, Chosen("")))
