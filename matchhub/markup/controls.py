"""Inputs without their labels, written from a field's data; WTForms' own widgets cost ten times as much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from markupsafe import Markup

from matchhub.core.forms import ChoiceField, ChoicesField
from matchhub.core.i18n import _
from matchhub.markup.pieces import attribute, html, made

WHOLE = ("IntegerField", "WholeField")
DECIMAL = ("DecimalField", "FloatField", "YuanField")
INPUTS = {"DateField": "date", "DayField": "date", "TimeField": "time", "MonthField": "month"}


def value_of(f: Any) -> Any:
    """What stands in the input: as typed when it was refused."""
    return f._value() if hasattr(f, "_value") else f.data or ""


def needed(f: Any, required: bool | None) -> bool:
    return bool(f.flags.required if required is None else required)


def described(f: Any, hint: Any, more: str = "") -> str:
    """The ids of the hint, the errors and `more` that an input is described by, and whether it is wrong."""
    name = html(f.id)
    ids = [f"{name}-hint"] if hint or f.description else []
    if f.errors:
        ids.append(f"{name}-error")
    if more:
        ids.append(html(more))
    found = f' aria-describedby="{" ".join(ids)}"' if ids else ""
    return f'{found} aria-invalid="true"' if f.errors else found


def choices_of(f: Any) -> Iterator[tuple[Any, Any, bool]]:
    """(value, label, whether chosen) of each choice. Our own fields hold plain pairs, which need no objects."""
    if isinstance(f, ChoiceField | ChoicesField):
        chosen = f.data if isinstance(f.data, list) else (f.data,)
        for value, label in f.choices:
            yield value, label, value in chosen
    else:
        for choice in f.iter_choices():
            yield choice.value, choice.label, choice.selected


def options(choices: Iterable[tuple[Any, Any, bool]]) -> str:
    return "".join(
        f'<option value="{html(value)}"{" selected" if chosen else ""}>{html(_(label)) if label else ""}</option>'
        for value, label, chosen in choices
    )


def control(f: Any, list: str | None = None, sum: str | None = None) -> Markup:
    """One input without its label, for a cell of a table."""
    kind, name = f.type, f'id="{html(f.id)}" name="{html(f.name)}"'
    about = described(f, None)
    if hasattr(f, "iter_choices") and f.choices is not None:
        return made(f'<select class="mh-input mh-select" {name}{about}>{options(choices_of(f))}</select>')
    if kind == "BooleanField":
        ticked = " checked" if f.data else ""
        return made(f'<input class="mh-check__box" type="checkbox" {name} value="y"{ticked}{about}>')
    if "TextArea" in kind:
        return made(f'<textarea class="mh-input" {name} rows="2"{about}>\n{html(value_of(f))}</textarea>')
    if "File" in kind:
        return made(f'<input class="mh-input" type="file" {name}{about}>')
    shape = "datetime-local" if "DateTime" in kind else INPUTS.get(kind, "text")
    keyboard = ' inputmode="numeric"' if kind in WHOLE else ' inputmode="decimal"' if kind in DECIMAL else ""
    suggestions = f' list="{html(list)}" autocomplete="off"' if list else ""
    return made(
        f'<input class="mh-input" {name} value="{html(value_of(f))}" type="{shape}"{keyboard}'
        f"{suggestions}{attribute('data-sum', sum)}{about}>"
    )


def plain_input(
    f: Any,
    type: str,
    hint: Any,
    cls: str = "",
    suffix: Any = None,
    required: bool | None = None,
    value: Any = None,
    **more: Any,
) -> str:
    """An input with its unit; `more` are attributes of the same names, left out when they are None or empty."""
    name = html(f.id)
    shape = f"mh-input mh-input--{html(cls)}" if cls else "mh-input"
    extra = "".join(attribute(key, found) for key, found in more.items())
    if needed(f, required):
        extra += ' aria-required="true"'
    if f.render_kw and f.render_kw.get("readonly"):
        extra += " readonly"
    shown = html(value_of(f) if value is None else value)
    about = described(f, hint, f"{f.id}-unit" if suffix else "")
    entry = f'<input class="{shape}" id="{name}" name="{html(f.name)}" type="{type}" value="{shown}"{extra}{about}>'
    if not suffix:
        return entry
    return f'<div class="mh-affix">{entry}<span class="mh-affix__unit" id="{name}-unit">{html(suffix)}</span></div>'
