"""The parts that lists and pages are made of most; templates/components/ui.html says how templates call them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from matchhub.core.assets import icon as picture
from matchhub.core.i18n import _
from matchhub.markup.pieces import html, made, of

__all__ = [
    "banner", "breadcrumbs", "button_link", "card", "details", "empty", "facet", "figures", "filters", "link_more",
    "list_row", "list_rows", "meta_line", "page_head", "row", "section_head", "summary_list", "tag", "todo_row",
]  # fmt: skip

BANNERS = {"ok": "check-circle", "warn": "exclamation-triangle", "danger": "exclamation-circle"}


def tag(word: Any, tone: Any = "info") -> Markup:
    return made(f'<span class="mh-tag mh-tag--{html(tone)}">{html(word)}</span>')


def breadcrumbs(items: Sequence[Any]) -> Markup:
    last, links = len(items) - 1, []
    for n, item in enumerate(items):
        word = html(item[0])
        link = (
            f'<a href="{html(item[1])}">{word}</a>'
            if item[1] and n < last
            else f'<span aria-current="page">{word}</span>'
        )
        links.append(f"<li>{link}</li>")
    name = html(_("当前位置"))
    return made(f'\n<nav class="mh-crumbs" aria-label="{name}"><ol>{"".join(links)}</ol></nav>\n')


def meta_line(meta: Iterable[Any]) -> Markup:
    """Strings, or (icon, text); what is empty is left out."""
    shown = []
    for m in meta:
        if not m:
            continue
        if isinstance(m, str) or len(m) != 2:
            shown.append(f"<li>{html(m)}</li>")
        else:
            shown.append(f"<li>{picture(m[0])}<span>{html(m[1])}</span></li>")
    return made(f'\n<ul class="mh-metas">{"".join(shown)}</ul>\n')


def page_head(
    title: Any,
    tag: Any = None,
    lead: Any = None,
    crumbs: Any = (),
    meta: Any = (),
    note: Any = None,
    caller: Any = None,
) -> Markup:
    head = breadcrumbs(crumbs) if crumbs else ""
    told = f' <span class="mh-meta">{html(note)}</span>' if note else ""
    mark = f'<span class="mh-tag mh-tag--{html(tag[1])}">{html(tag[0])}</span>' if tag else ""
    return made(
        f'\n{head}\n<div class="mh-head">\n  <div class="mh-head__text">\n    ',
        f'<p class="mh-head__tag">{mark}{told}</p>' if tag else "",
        f"\n    <h1>{html(title)}</h1>\n    ",
        f'<p class="mh-lead">{html(lead)}</p>' if lead else "",
        meta_line(meta) if meta else "",
        "\n  </div>\n  ",
        f'<div class="mh-head__side">{caller()}</div>' if caller else "",
        "\n</div>\n",
    )


def section_head(title: Any, url: Any = None, more: Any = None, id: Any = None) -> Markup:
    at = f' id="{html(id)}"' if id else ""
    link = link_more(more or _("更多"), url) if url else ""
    return made(f'\n<div class="mh-sec"><h2{at}>{html(title)}</h2>{link}</div>\n')


def link_more(label: Any, url: Any) -> Markup:
    return made(f'<a class="mh-more" href="{html(url)}"><span>{html(label)}</span>{picture("chevron-right")}</a>')


def button_link(label: Any, url: Any, kind: str = "primary", icon: str | None = None) -> Markup:
    drawn = picture(icon) if icon else ""
    return made(f'\n<a class="mh-btn mh-btn--{html(kind)}" href="{html(url)}">{drawn}<span>{html(label)}</span></a>')


def summary_list(rows: Iterable[Sequence[Any]]) -> Markup:
    """Rows of (label, value) or (label, value, address of the page that changes it)."""
    word, shown = html(_("修改")), []
    for r in rows:
        name, value = html(r[0]), "–" if r[1] is None or r[1] == "" else html(r[1])
        change = _change(r[2], word, name) if len(r) > 2 and r[2] else ""
        shown.append(
            f'<div class="mh-dl__row"><dt>{name}</dt><dd><span class="mh-dl__value">{value}</span>{change}</dd></div>'
        )
    return made(f'\n<dl class="mh-dl">{"".join(shown)}</dl>\n')


def _change(url: Any, word: str, name: str) -> str:
    return f'<a class="mh-dl__change" href="{html(url)}">{word}<span class="visually-hidden"> {name}</span></a>'


def row(label: Any, change: Any = None, *, caller: Any) -> Markup:
    name = html(label)
    link = _change(change, html(_("修改")), name) if change else ""
    return made(
        f'<div class="mh-dl__row"><dt>{name}</dt><dd><div class="mh-dl__value">{caller()}</div>{link}</dd></div>'
    )


def filters(count: int = 0, *, caller: Any) -> Markup:
    """Open beside a list, folded behind one line on phones."""
    word = html(_("筛选（%(n)s）", n=count) if count else _("筛选"))
    return made(
        f'\n<details class="mh-filters" open data-phone-closed><summary class="mh-filters__sum">{picture("sliders")}'
        f'<span>{word}</span></summary>\n<div class="mh-filters__body">{caller()}</div></details>\n'
    )


def facet(title: Any, name: Any, options: Iterable[Any], open: Any = True) -> Markup:
    word, key, boxes = html(title), html(name), []
    for n, o in enumerate(options):
        at, count = f"facet-{key}-{n}", of(o, "count")
        number = "" if count is None else f' <span class="mh-facet__n mh-num">{html(count)}</span>'
        boxes.append(
            f'<div class="mh-check mh-check--small"><input class="mh-check__box" type="checkbox" id="{at}" name="{key}" '
            f'value="{html(of(o, "value"))}"{" checked" if of(o, "checked") else ""}>\n'
            f'<label class="mh-check__label" for="{at}">{html(of(o, "label"))}{number}</label></div>\n'
        )
    return made(
        f'\n<details class="mh-facet"{" open" if open else ""}><summary>{word}</summary>\n'
        f'<fieldset class="mh-facet__set"><legend class="visually-hidden">{word}</legend>\n{"".join(boxes)}'
        "</fieldset></details>\n"
    )


def figures(items: Iterable[Any], tone: Any = "") -> Markup:
    shape = f" mh-figures--{html(tone)}" if tone else ""
    return made(f'\n<ul class="mh-figures{shape}">\n{"".join(map(_figure, items))}</ul>\n')


def _figure(f: Any) -> str:
    url, unit, tone = of(f, "url"), of(f, "unit"), of(f, "tone")
    colour = f" mh-figure--{html(tone)}" if tone else ""
    inner = (
        f'<span class="mh-figure__value"><b class="mh-num">{html(of(f, "value"))}</b>'
        f"{f' <span>{html(unit)}</span>' if unit else ''}</span>"
        f'<span class="mh-figure__label">{html(of(f, "label"))}</span>'
    )
    if url:
        return f'<li class="mh-figure{colour}"><a class="mh-figure__in" href="{html(url)}">{inner}</a></li>\n'
    return f'<li class="mh-figure{colour}"><div class="mh-figure__in">{inner}</div></li>\n'


def empty(title: Any, text: Any = None, action: Any = None, icon: str = "search") -> Markup:
    told = f'<p class="mh-empty__text">{html(text)}</p>' if text else ""
    link = button_link(action[0], action[1], "line") if action else ""
    return made(
        f'\n<div class="mh-empty"><span class="mh-empty__pic">{picture(icon)}</span>'
        f'<p class="mh-empty__title">{html(title)}</p>{told}{link}</div>\n'
    )


def banner(kind: Any, title: Any, text: Any = None, caller: Any = None) -> Markup:
    word, told = html(title), f"<p>{html(text)}</p>" if text else ""
    return made(
        f'\n<section class="mh-banner mh-banner--{html(kind)}" aria-label="{word}"><span class="mh-banner__pic">'
        f'{picture(BANNERS.get(kind, "info-circle"))}</span>\n<div class="mh-banner__body">'
        f'<p class="mh-banner__title">{word}</p>{told}{caller() if caller else ""}</div></section>\n'
    )


def list_rows(caller: Any) -> Markup:
    return made(f'<ul class="mh-list">{caller()}</ul>')


def list_row(title: Any, url: Any, tag: Any = None, meta: Any = (), side: Any = None, text: Any = None) -> Markup:
    mark = (
        f'<p class="mh-row__tag"><span class="mh-tag mh-tag--{html(tag[1])}">{html(tag[0])}</span></p>' if tag else ""
    )
    return made(
        f'\n<li class="mh-row"><div class="mh-row__main">\n  {mark}\n  <h3 class="mh-row__title"><a href="{html(url)}">'
        f"{html(title)}</a></h3>\n  ",
        f'<p class="mh-row__text">{html(text)}</p>\n  ' if text else "",
        meta_line(meta) if meta else "",
        "</div>\n  ",
        _side(side) if side else "",
        "</li>\n",
    )


def _side(side: Any) -> str:
    big, small = of(side, "big"), of(side, "small")
    number = (
        f'<span class="mh-row__big"><b class="mh-num">{html(big)}</b> {html(of(side, "word") or "")}</span>'
        if big
        else ""
    )
    told = f'<span class="mh-meta">{html(small)}</span>' if small else ""
    return f'<p class="mh-row__side">{number}{told}</p>'


def todo_row(kind: Any, title: Any, due: Any, url: Any, verb: Any, tone: Any = "") -> Markup:
    name, colour, colon = html(title), f" is-{html(tone)}" if tone else "", html(_("："))
    return made(
        f'\n<li class="mh-todo"><span class="mh-todo__kind">{html(kind)}</span><span class="mh-todo__title">{name}</span>'
        f'<span class="mh-todo__due{colour}">{html(due or "")}</span>\n<a class="mh-btn mh-btn--line mh-todo__go" '
        f'href="{html(url)}">{html(verb)}<span class="visually-hidden">{colon}{name}</span></a></li>\n'
    )


def card(title: Any = None, *, caller: Any) -> Markup:
    name = html(title) if title else ""
    label, head = (f' aria-label="{name}"', f'<h2 class="mh-card__title">{name}</h2>') if title else ("", "")
    return made(f'<section class="mh-card"{label}>{head}{caller()}</section>')


def details(summary: Any, open: Any = False, *, caller: Any) -> Markup:
    return made(
        f'<details class="mh-details"{" open" if open else ""}><summary>{html(summary)}</summary>'
        f'<div class="mh-details__body">{caller()}</div></details>'
    )
