"""Many choices as small checkboxes: in columns, or in parts that fold and say how many are ticked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from matchhub.core.i18n import _
from matchhub.markup.controls import choices_of
from matchhub.markup.forms import heading, hint_of, sentences
from matchhub.markup.pieces import attribute, html, made


def _boxes(f: Any, choices: Iterable[tuple[Any, Any, bool]]) -> str:
    at, name, found = html(f.id), html(f.name), []
    for value, label, chosen in choices:
        code = html(value)
        found.append(
            f'<div class="col"><div class="mh-check mh-check--small"><input class="mh-check__box" type="checkbox" '
            f'id="{at}-{code}" name="{name}" value="{code}"{" checked" if chosen else ""}>\n  '
            f'<label class="mh-check__label" for="{at}-{code}">{html(label)}</label></div></div>'
        )
    return "".join(found)


def _set(f: Any, required: bool, about: str, inner: str) -> Markup:
    wrong = " is-wrong" if f.errors else ""
    name = heading(f, True if required else None, None)
    return made(
        f'\n<fieldset class="mh-field mh-set mw-100{wrong}" id="{html(f.id)}"{attribute("aria-describedby", about)}>\n  '
        f'<legend class="mh-label">{name}</legend>\n  {inner}\n</fieldset>\n'
    )


def grouped(f: Any, groups: Sequence[tuple[Any, Sequence[tuple[Any, Any]]]], required: bool = False) -> Markup:
    """`groups`: (name, [(code, word), …]). The first is open where nothing is ticked yet."""
    ticked, parts = set(f.data or ()), []
    for n, (kind, options) in enumerate(groups):
        mine = sum(code in ticked for code, _word in options)
        is_open = " open" if mine or (n == 0 and not ticked) else ""
        words = html(_("%(kind)s（%(total)s 个，已选 %(n)s 个）", kind=kind, total=len(options), n=mine))
        inner = _boxes(f, ((code, word, code in ticked) for code, word in options))
        parts.append(
            f'<details class="mh-facet"{is_open}><summary>{words}</summary>\n  '
            f'<div class="row row-cols-1 row-cols-sm-2 row-cols-lg-3 g-0">\n  {inner}\n  </div></details>\n  '
        )
    return _set(f, required, f"{f.id}-error" if f.errors else "", f"{sentences(f)}\n  {''.join(parts)}")


def grid(f: Any, required: bool = False) -> Markup:
    """All choices of the field in columns."""
    about = " ".join(([f"{f.id}-hint"] if f.description else []) + ([f"{f.id}-error"] if f.errors else []))
    inner = f'<div class="row row-cols-2 row-cols-md-3 row-cols-lg-4 g-0">\n  {_boxes(f, choices_of(f))}\n  </div>'
    return _set(f, required, about, f"{hint_of(f, None)}\n  {sentences(f)}\n  {inner}")
