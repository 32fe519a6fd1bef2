"""The pages of the desk itself, and the navigation that every desk page shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, current_app, g, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from matchhub.core import i18n, kept
from matchhub.core.access import PUBLIC, SIGNED_IN, Who, access, declared
from matchhub.core.i18n import _
from matchhub.core.web import actor, viewer
from matchhub.domain import roles, timeliness, todo
from matchhub.domain.models import User
from matchhub.features.workbench import nav, queries, words
from matchhub.matching import fitting

bp = Blueprint("workbench", __name__)
MOST_FITS = 3
T = TypeVar("T")


def _kept(what: str, read: Callable[[User], T]) -> T:
    """What `read` says about the signed-in person; read again only when something may have changed."""
    user = actor()
    return kept.remember((what, user.id, i18n.language()), lambda: read(user))


def _todos() -> list[todo.Todo]:
    """Everything that waits for or around the signed-in person: read at most once in a request."""
    if "todos" not in g:
        g.todos = _kept("todos", todo.gather)
    found: list[todo.Todo] = g.todos
    return found


def _may_read(user: User) -> Any:
    """Whether there is a page at an address, and this person's roles may read it."""
    mine = user.role_codes

    def look(url: str) -> bool:
        who = _readers(url)
        return who is not None and (who in (PUBLIC, SIGNED_IN) or bool(who & mine))

    return look


def _readers(url: str) -> Who | None:
    """Who may read the page at an address, None where there is none: asked of the router once in a process."""
    known: dict[str, Who | None] = current_app.extensions.setdefault("readers", {})
    if url not in known:
        try:
            endpoint, _args = current_app.url_map.bind("").match(url, method="GET")
            known[url] = declared(current_app.view_functions.get(endpoint), "GET")
        except HTTPException:
            known[url] = None
    return known[url]


@bp.app_context_processor
def _desk() -> dict[str, Any]:
    """`desk_nav` for _desk.html. It costs nothing until a template prints it."""

    def build() -> Markup:
        user = viewer()
        if user is None:
            return Markup()
        here = nav.room_at(request.path)
        return _kept(f"nav {here}", lambda user: nav.html(nav.desk_nav(user, here, _todos, _may_read(user))))

    return {"desk_nav": nav.Lazy(build)}


@bp.get("/workbench")
@access(SIGNED_IN)
def workbench() -> str:
    found = _todos()
    groups = words.grouped(todo.mine(found))
    return render_template(
        "workbench/workbench.html",
        groups=groups,
        figures=_figures(groups),
        waiting=todo.waiting_for_others(found),
        recent=_kept("recent", queries.recent),
        next_up=todo.next_up(found),
        due=words.due_words,
        tone=words.tone,
        fits=_kept("fits", lambda user: fitting.best_for(user, MOST_FITS)),
        soon=_kept("soon", _soon) if actor().role_codes & roles.INSIDE else None,
        may_raise=bool(actor().role_codes & roles.NEIGHBOURHOOD),
        may_draft=bool(actor().role_codes & roles.STAFF),
    )


def _soon(user: User) -> tuple[float | None, int, list[timeliness.Group]]:
    """How soon calls find somebody: the median, of how many calls, and with and without invitations."""
    rows = timeliness.calls(user)
    return timeliness.middle(rows), len(rows), timeliness.by_invitation(rows)


def _figures(groups: list[words.Group]) -> list[dict[str, Any]]:
    """The four numbers on top; each leads to what it counts."""
    counts = {group.anchor: len(group.todos) for group in groups}

    def figure(anchor: str, label: str, tone: str = "") -> dict[str, Any]:
        n = counts[anchor]
        return {"value": n, "label": label, "url": f"#{anchor if n else 'todos'}", "tone": tone if n else ""}

    running = _kept("running", queries.running)
    return [
        figure("overdue", _("已逾期"), "danger"),
        figure("today", _("今天到期"), "warn"),
        figure("week", _("本周到期")),
        {"value": running.count, "label": _(running.label), "url": running.url},
    ]
