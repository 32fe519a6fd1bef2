"""The fields of a form with label, hint and errors; templates/components/forms.html says how templates call them."""

from __future__ import annotations

from typing import Any

from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from matchhub.core.assets import icon as picture
from matchhub.core.i18n import _
from matchhub.markup.controls import choices_of, control, described, needed, options, plain_input, value_of
from matchhub.markup.pieces import attribute, html, made, texts

__all__ = [
    "actions", "checkbox", "checkboxes", "control", "csrf", "datalist", "date", "datetime", "error_summary", "field",
    "fieldset", "file", "hidden", "hint_of", "money", "month", "number", "password", "radios", "search_box", "select",
    "sentences", "submit", "text", "textarea", "time",
]  # fmt: skip

NUMBERS = ("WholeField", "IntegerField", "DecimalField", "FloatField", "DecimalRangeField", "IntegerRangeField")


def csrf(form: Any = None) -> Markup:
    """The token that proves that the form is ours, and the form's hidden fields."""
    inner = [hidden(f.name, f._value()) for f in form if f.type == "HiddenField"] if form else []
    return made(hidden("csrf_token", generate_csrf()), *inner)


def hidden(name: str, value: Any) -> Markup:
    return made(f'<input type="hidden" name="{html(name)}" value="{html(value)}">')


def sentences(f: Any) -> Markup:
    """What is wrong with a field."""
    if not f.errors:
        return made()
    word, mark, first = html(_("错误：")), picture("exclamation-circle"), f'id="{html(f.id)}-error"'
    return made(
        *(
            f'<p class="mh-error" {"" if n else first}>{mark}'
            f'<span><span class="visually-hidden">{word}</span>{html(error)}</span></p>'
            for n, error in enumerate(texts(f.errors))
        )
    )


def hint_text(f: Any, hint: Any) -> Any:
    return hint or (_(f.description) if f.description else "")


def hint_of(f: Any, hint: Any) -> Markup:
    said = hint_text(f, hint)
    return made(f'<p class="mh-hint" id="{html(f.id)}-hint">{html(said)}</p>' if said else "")


def heading(f: Any, required: bool | None, label: Any) -> str:
    """The field's name, and that it may stay empty."""
    name = html(label or _(f.label.text))
    if needed(f, required):
        return name
    return f'{name}<span class="mh-optional">' + html(_("（选填）")) + "</span>"


def wrapped(f: Any, hint: Any, required: bool | None, label: Any, inner: str) -> Markup:
    wrong = " is-wrong" if f.errors else ""
    return made(
        f'\n<div class="mh-field{wrong}">\n  <label class="mh-label" for="{html(f.id)}">',
        heading(f, required, label),
        "</label>\n  ",
        hint_of(f, hint),
        sentences(f),
        "\n  ",
        inner,
        "\n</div>\n",
    )


def text(
    f: Any, hint: Any = None, width: str = "", inputmode: Any = None, autocomplete: Any = None, suffix: Any = None,
    type: str = "text", placeholder: Any = None, list: Any = None, required: bool | None = None, label: Any = None,
) -> Markup:  # fmt: skip
    inner = plain_input(
        f, type, hint, width, suffix, required, inputmode=inputmode, autocomplete=autocomplete,
        placeholder=placeholder, list=list,
    )  # fmt: skip
    return wrapped(f, hint, required, label, inner)


def textarea(
    f: Any, hint: Any = None, rows: int = 5, limit: int | None = None, required: bool | None = None, label: Any = None
) -> Markup:
    """Its limit is counted while people write."""
    most = limit or f.flags.maxlength or next((v.limit for v in f.validators if hasattr(v, "limit")), None)
    name, about = html(f.id), described(f, hint, f"{f.id}-count" if most else "")
    must = ' aria-required="true"' if needed(f, required) else ""
    inner = (
        f'<textarea class="mh-input" id="{name}" name="{html(f.name)}" rows="{rows}"{attribute("data-limit", most)}'
        f"{must}{about}>\n{html(f._value())}</textarea>\n"
    )
    if most:
        left, over, words = html(_("还可以写 {n} 字")), html(_("超出 {n} 字，请删减")), html(_("最多 %(n)s 字", n=most))
        inner += f'<p class="mh-count" id="{name}-count" data-left="{left}" data-over="{over}">{words}</p>'
    return wrapped(f, hint, required, label, inner)


def number(
    f: Any, hint: Any = None, suffix: Any = None, width: str = "short", required: bool | None = None, label: Any = None
) -> Markup:
    """Text with a numeric keyboard: a number input loses what was typed when it is not a number."""
    keyboard = "numeric" if f.type in ("IntegerField", "WholeField") else "decimal"
    inner = plain_input(f, "text", hint, width, suffix, required, inputmode=keyboard, autocomplete="off")
    return wrapped(f, hint, required, label, inner)


def money(f: Any, hint: Any = None, required: bool | None = None, label: Any = None, suffix: Any = None) -> Markup:
    unit = suffix or _("元")
    inner = plain_input(f, "text", hint, "short", unit, required, inputmode="decimal", autocomplete="off")
    return wrapped(f, hint, required, label, inner)


def _when(type: str, width: str = "short") -> Any:
    def shown(
        f: Any,
        hint: Any = None,
        min: Any = None,
        max: Any = None,
        required: bool | None = None,
        label: Any = None,
    ) -> Markup:
        value = str(value_of(f)).replace(" ", "T") if type == "datetime-local" else None
        inner = plain_input(f, type, hint, width, None, required, value, min=min, max=max)
        return wrapped(f, hint, required, label, inner)

    return shown


date, time, month = _when("date"), _when("time"), _when("month")
datetime = _when("datetime-local", "medium")


def password(
    f: Any, hint: Any = None, autocomplete: str = "current-password", required: bool | None = None, label: Any = None
) -> Markup:
    entry = plain_input(f, "password", hint, "medium", None, required, "", autocomplete=autocomplete)
    hide, show = html(_("隐藏")), html(_("显示"))
    inner = (
        f'<div class="mh-secret">{entry}\n<button class="mh-btn mh-btn--quiet" type="button" hidden '
        f'data-reveal="{html(f.id)}" data-hide-word="{hide}" aria-pressed="false">{show}</button></div>'
    )
    return wrapped(f, hint, required, label, inner)


def select(
    f: Any, hint: Any = None, width: str = "", blank: Any = None, required: bool | None = None, label: Any = None
) -> Markup:
    shape = f"mh-input mh-select mh-input--{html(width)}" if width else "mh-input mh-select"
    many = " multiple" if f.type in ("SelectMultipleField", "ChoicesField") else ""
    must = ' aria-required="true"' if needed(f, required) else ""
    first = "" if blank is None else f'<option value="">{html(blank)}</option>'
    inner = (
        f'<select class="{shape}" id="{html(f.id)}" name="{html(f.name)}"{many}{must}{described(f, hint)}>'
        f"{first}{_grouped(f)}</select>"
    )
    return wrapped(f, hint, required, label, inner)


def _grouped(f: Any) -> str:
    if not f.has_groups():
        return options(choices_of(f))
    found = []
    for name, group in f.iter_groups():
        inner = options((c.value, c.label, c.selected) for c in group)
        found.append(f'<optgroup label="{html(_(name))}">{inner}</optgroup>' if name else inner)
    return "".join(found)


def _choice_set(
    f: Any, kind: str, hint: Any, inline: bool, hints: dict[Any, Any], required: bool | None, label: Any
) -> Markup:
    name, field_name = html(f.id), html(f.name)
    ids = [f"{name}-hint"] if hint or f.description else []
    ids += [f"{name}-error"] if f.errors else []
    about = attribute("aria-describedby", " ".join(ids))
    boxes = []
    for n, (value, word, chosen) in enumerate(choices_of(f)):
        one, more = f"{name}-{n}", hints.get(value) if hints else None
        told = f' aria-describedby="{one}-hint"' if more else ""
        boxes.append(
            f'<div class="mh-check"><input class="mh-check__box" type="{kind}" id="{one}" name="{field_name}" '
            f'value="{html(value)}"{" checked" if chosen else ""}{told}>\n'
            f'    <label class="mh-check__label" for="{one}">{html(_(word)) if word else ""}</label>'
            + (f'<p class="mh-check__hint" id="{one}-hint">{html(more)}</p></div>\n' if more else "</div>\n")
        )
    return made(
        f'\n<fieldset class="mh-field mh-set{" is-wrong" if f.errors else ""}" id="{name}"{about}>\n  '
        f'<legend class="mh-label">{heading(f, required, label)}</legend>\n  {hint_of(f, hint)}{sentences(f)}\n  '
        f'<div class="mh-choices{" mh-choices--inline" if inline else ""}">\n  {"".join(boxes)}  </div>\n</fieldset>\n'
    )


def radios(
    f: Any, hint: Any = None, inline: bool = False, hints: Any = None, required: bool | None = None, label: Any = None
) -> Markup:
    return _choice_set(f, "radio", hint, inline, hints, required, label)


def checkboxes(
    f: Any, hint: Any = None, inline: bool = False, hints: Any = None, required: bool | None = None, label: Any = None
) -> Markup:
    return _choice_set(f, "checkbox", hint, inline, hints, required, label)


def checkbox(f: Any, hint: Any = None, required: bool | None = None, label: Any = None) -> Markup:
    name, said = html(f.id), hint_text(f, hint)
    below = f'<p class="mh-check__hint" id="{name}-hint">{html(said)}</p>' if said else ""
    return made(
        f'\n<div class="mh-field{" is-wrong" if f.errors else ""}">\n  {sentences(f)}\n  <div class="mh-check">'
        f'<input class="mh-check__box" type="checkbox" id="{name}" name="{html(f.name)}" value="y"'
        f"{' checked' if f.data else ''}{described(f, hint)}>\n  "
        f'<label class="mh-check__label" for="{name}">{html(label or _(f.label.text))}</label>{below}</div>\n</div>\n'
    )


def file(
    f: Any, hint: Any = None, multiple: bool | None = None, accept: Any = None, required: bool | None = None,
    label: Any = None,
) -> Markup:  # fmt: skip
    many = f.type == "MultipleFileField" if multiple is None else multiple
    must = ' aria-required="true"' if needed(f, required) else ""
    name = html(f.id)
    inner = (
        f'<div class="mh-drop"><input class="mh-drop__input" type="file" id="{name}" name="{html(f.name)}"'
        f"{' multiple' if many else ''}{attribute('accept', accept)}{must}{described(f, hint)}>\n"
        f'<ul class="mh-drop__list" data-chosen="{name}" aria-live="polite"></ul></div>'
    )
    return wrapped(f, hint, required, label, inner)


def datalist(
    f: Any, options: Any, hint: Any = None, width: str = "", placeholder: Any = None, required: bool | None = None,
    label: Any = None,
) -> Markup:  # fmt: skip
    """Text with suggestions."""
    name = f"{f.id}-options"
    entry = plain_input(f, "text", hint, width, None, required, autocomplete="off", placeholder=placeholder, list=name)
    shown = "".join(
        f'<option value="{html(o)}"></option>'
        if isinstance(o, str)
        else f'<option value="{html(o[0])}">{html(o[1])}</option>'
        for o in options
    )
    return wrapped(f, hint, required, label, f'{entry}\n<datalist id="{html(name)}">{shown}</datalist>')


def field(f: Any, **kwargs: Any) -> Markup:
    """The right one of the above for a field, by its type."""
    kind = f.type
    if kind == "CSRFTokenField":
        return made()
    if kind == "HiddenField":
        return hidden(f.name, f._value())
    if kind in MAILED:
        entry, filled = MAILED[kind]
        return text(f, type=entry, autocomplete=kwargs.pop("autocomplete", filled), **kwargs)
    return _shown_as(f, kind)(f, **kwargs)


MAILED = {"EmailField": ("email", "email"), "TelField": ("tel", "tel"), "URLField": ("url", None)}


def _shown_as(f: Any, kind: str) -> Any:
    if kind in NUMBERS:
        return number
    for part, shown in (("TextArea", textarea), ("Yuan", money), ("Money", money), ("DateTime", datetime),
                        ("Month", month), ("Date", date), ("DayField", date), ("Time", time), ("Password", password),
                        ("Radio", radios)):  # fmt: skip
        if part in kind:
            return shown
    if kind in ("SelectMultipleField", "ChoicesField"):
        return checkboxes
    if hasattr(f, "iter_choices"):
        return select
    return checkbox if kind == "BooleanField" else file if "File" in kind else text


def error_summary(*forms: Any) -> Markup:
    """Every mistake with a link to its field, on top of the page; nothing when there is none."""
    found: list[tuple[str | None, Any]] = []
    for form in forms:
        if form:
            found += [(None, error) for error in form.form_errors or ()]
            for f in form:
                _collect(f, found)
    if not found:
        return made()
    rows = [f'<li><a href="#{html(at)}">{html(e)}</a></li>' if at else f"<li>{html(e)}</li>" for at, e in found]
    title = html(_("有 %(n)s 处需要修改", n=len(found)))
    return made(
        '\n<div class="mh-summary" role="alert" tabindex="-1" data-error-summary aria-labelledby="error-summary-title">\n'
        f'  <h2 class="mh-summary__title" id="error-summary-title">{picture("exclamation-circle")}<span>{title}</span></h2>\n'
        f'  <ul class="mh-summary__list">{"".join(rows)}</ul>\n</div>'
    )


def _collect(f: Any, found: list[tuple[str | None, Any]]) -> None:
    if hasattr(f, "entries"):
        found += [(f.id, error) for error in texts(f.errors)]
        for entry in f.entries:
            _collect(entry, found)
    elif hasattr(f, "form") and hasattr(f.form, "errors"):
        for inner in f.form:
            _collect(inner, found)
    elif f.type != "CSRFTokenField":
        found += [(f.id, error) for error in f.errors]


def submit(label: Any, kind: str = "primary", name: Any = None, value: Any = None, icon: str | None = None) -> Markup:
    pressed = f' name="{html(name)}" value="{html("1" if value is None else value)}"' if name else ""
    drawn = picture(icon) if icon else ""
    return made(
        f'\n<button class="mh-btn mh-btn--{html(kind)}" type="submit"{pressed}>{drawn}<span>{html(label)}</span></button>'
    )


def actions(caller: Any) -> Markup:
    return made(f'<div class="mh-actions">{caller()}</div>')


def fieldset(legend: Any, hint: Any = None, *, caller: Any) -> Markup:
    said = f'<p class="mh-hint">{html(hint)}</p>' if hint else ""
    return made(
        f'\n<fieldset class="mh-group"><legend class="mh-group__legend">{html(legend)}</legend>{said}{caller()}</fieldset>\n'
    )


def search_box(
    action: str, value: Any = "", name: str = "q", label: Any = None, placeholder: Any = None, hidden: Any = None,
    big: bool = False,
) -> Markup:  # fmt: skip
    kept = "".join(f'<input type="hidden" name="{html(k)}" value="{html(v)}">' for k, v in (hidden or {}).items())
    word, key = html(_("搜索")), html(name)
    return made(
        f'\n<form class="mh-search{" mh-search--big" if big else ""}" role="search" method="get" action="{html(action)}">\n'
        f'  {kept}\n  <label class="visually-hidden" for="search-{key}">{html(label) if label else word}</label>\n'
        f'  <input class="mh-input mh-search__input" id="search-{key}" type="search" name="{key}" value="{html(value or "")}"'
        f'{attribute("placeholder", placeholder)} autocomplete="off" enterkeyhint="search" data-search>\n'
        f'  <button class="mh-btn mh-search__go" type="submit">{picture("search")}<span>{word}</span></button>\n</form>\n'
    )
