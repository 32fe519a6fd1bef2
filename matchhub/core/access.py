"""Who may call each route. Reading and acting are declared apart; a route without a mark stops start-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from flask_login import current_user

V = TypeVar("V", bound=Callable[..., Any])
Who = frozenset[str]

PUBLIC: Who = frozenset({"public"})
SIGNED_IN: Who = frozenset({"signed_in"})
READING = frozenset({"GET", "HEAD", "OPTIONS"})


def access(who: Who | None = None, *, get: Who | None = None, post: Who | None = None) -> Callable[[V], V]:
    """Mark a view with the roles that may read it (`get`) and act through it (`post`); `who` stands for both.

    It only marks; `enforce` decides before each request.
    """

    def mark(view: V) -> V:
        view.access = {"get": get or who, "post": post or who}  # type: ignore[attr-defined]
        return view

    return mark


def declared(view: Callable[..., Any] | None, method: str) -> Who | None:
    """The roles that may call `view` with `method`; None where nothing was declared."""
    marks: dict[str, Who | None] = getattr(view, "access", {})
    return marks.get("get" if method in READING else "post")


def undeclared(app: Flask) -> list[str]:
    """`METHOD endpoint` of each route that says nothing about who may call it."""
    return sorted(
        f"{method} {rule.endpoint}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"OPTIONS"}
        if declared(app.view_functions.get(rule.endpoint), method) is None
    )


def table(app: Flask) -> list[tuple[str, str, str]]:
    """(method, rule, who) of every route, sorted: what `flask routes-access` prints."""
    return sorted(
        (method, rule.rule, ",".join(sorted(declared(app.view_functions[rule.endpoint], method) or ())))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}
    )


def enforce() -> Any:
    if request.endpoint is None:  # no such route: let Flask answer 404 or 405
        return None
    who = declared(current_app.view_functions.get(request.endpoint), request.method)
    if who is None:
        abort(403)
    if who == PUBLIC:
        return None
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    if who != SIGNED_IN and not who & current_user.role_codes:
        abort(403)
    return None


def init_app(app: Flask) -> None:
    """Call last, when every blueprint is registered. Raises RuntimeError naming each unmarked route."""
    if missing := undeclared(app):
        raise RuntimeError(f"no @access on: {', '.join(missing)}")
    app.before_request(enforce)
