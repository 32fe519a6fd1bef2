"""Repeatable rows of a form: a FieldList of FormField as a table, stacked on phones, that works without script."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from matchhub.core.assets import icon
from matchhub.core.i18n import _
from matchhub.markup.controls import control
from matchhub.markup.forms import hidden, hint_of, sentences
from matchhub.markup.pieces import attribute, html, made, texts

Column = Sequence[Any]


def _kind(column: Column) -> str:
    return f"mh-rows__{html(column[2])}" if len(column) > 2 and column[2] else ""


def one_row(row: Any, columns: Sequence[Column], prefix: str, n: int, remove: bool, sum: str | None) -> str:
    away = html(_("删除"))
    place, nth = html(_("第 {n} 行")), html(_("第 {n} 行").replace("{n}", str(n)))
    cells = []
    for column in columns:
        f = row[column[0]]
        entry = control(f, sum=prefix if sum == column[0] else None)
        cells.append(
            f'<td class="{_kind(column)}{" is-wrong" if f.errors else ""}"><label class="mh-rows__label" '
            f'for="{html(f.id)}">{html(column[1])}</label>{sentences(f)}{entry}</td>\n'
        )
    if remove:
        kept = "".join(hidden(f.name, f._value()) for f in row if f.type == "HiddenField")
        cells.append(
            f'<td class="mh-rows__act">{kept}<button class="mh-btn mh-btn--quiet" type="submit" name="remove-row-{n - 1}" '
            f'value="{html(prefix)}" formnovalidate data-row-remove>{icon("trash3")}<span>{away}</span>'
            f'<span class="visually-hidden" data-row-label="{place}">{nth}</span></button></td>'
        )
    return (
        f'\n<tr data-row>\n  <th scope="row" class="mh-rows__n" data-row-label="{place}">{nth}</th>\n  '
        f"{''.join(cells)}\n</tr>\n"
    )


def rows(
    flist: Any, columns: Sequence[Column], legend: Any = None, add: Any = None, remove: bool = True,
    sum: str | None = None, blank: Any = None, hint: Any = None, unit: Any = None,
) -> Markup:  # fmt: skip
    name = html(flist.name)
    shown = "".join(
        one_row(getattr(entry, "form", entry), columns, flist.name, n, remove, sum)
        for n, entry in enumerate(flist.entries, start=1)
    )
    wrong = "".join(
        f'<p class="mh-error">{icon("exclamation-circle")}<span>{html(e)}</span></p>' for e in texts(flist.errors)
    )
    spare = one_row(blank, columns, flist.name, len(flist.entries) + 1, remove, sum) if blank else ""
    template = f"<template data-row-template>{spare}</template>" if blank else ""
    first = html(_("保存"))
    # Enter in a field means the form's first button, which must not be one that takes a row away.
    return made(
        f'\n<fieldset class="mh-field mh-rows" id="{html(flist.id)}" data-rows="{name}">\n  '
        f'<legend class="mh-label">{html(legend or _(flist.label.text))}</legend>\n  '
        f'<button class="visually-hidden" type="submit" tabindex="-1" aria-hidden="true">{first}</button>\n  '
        f'{hint_of(flist, hint)}\n  {wrong}\n  <table class="mh-rows__table">\n    {_head(columns, remove)}\n'
        f"    <tbody data-rows-body>\n    {shown}\n    </tbody>\n  </table>\n  {template}\n  "
        f"{_foot(name, add, sum, unit)}\n</fieldset>\n"
    )


def _head(columns: Sequence[Column], remove: bool) -> str:
    cells = "".join(f'<th scope="col"{attribute("class", _kind(column))}>{html(column[1])}</th>' for column in columns)
    act = '<th scope="col" class="mh-rows__act"><span class="visually-hidden">' + html(_("操作")) + "</span></th>"
    number = html(_("序号"))
    return f'<thead><tr><th scope="col" class="mh-rows__n">{number}</th>{cells}{act if remove else ""}</tr></thead>'


def _foot(name: str, add: Any, sum: str | None, unit: Any) -> str:
    word, total = html(add or _("增加一行")), ""
    if sum:
        in_all, of = html(_("合计")), html(unit or _("元"))
        total = f'<p class="mh-rows__sum">{in_all} <output class="mh-num" data-sum-of="{name}">–</output> {of}</p>'
    return (
        f'<div class="mh-rows__foot">\n    <button class="mh-btn mh-btn--line" type="submit" name="add-row" value="{name}" '
        f"formnovalidate data-row-add>{icon('plus-lg')}<span>{word}</span></button>\n    {total}\n  </div>"
    )
