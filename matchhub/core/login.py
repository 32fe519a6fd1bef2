"""Flask-Login, told to trust nothing but the login table: the cookie holds a token, never an account's number."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask import Flask, Response, redirect, request, session
from flask_login import LoginManager, login_user, logout_user

from matchhub.core import clock
from matchhub.core.db import db, writing
from matchhub.core.web import here

Finder = Callable[[str, timedelta, timedelta], Any]


def init_app(app: Flask, find: Finder, is_stale: Callable[[Any], bool]) -> None:
    """`find(token, idle, longest)` gives the login or None; `is_stale(login)` says when to note that it is in use."""
    manager = LoginManager(app)
    # "strong" breaks sessions on phone networks, and copied cookies are dealt with by the login table.
    manager.session_protection = None
    idle = timedelta(minutes=app.config["SESSION_IDLE_MINUTES"])
    longest = timedelta(hours=app.config["SESSION_HOURS"])

    @manager.user_loader
    def load(token: str) -> Any:
        row = find(token, idle, longest)
        if row is None:
            return None
        row.user.login_token = token
        if is_stale(row):
            _note_use(row)
        return row.user

    @manager.unauthorized_handler
    def ask_to_sign_in() -> Response:
        if request.headers.get("HX-Request"):
            return Response(status=401, headers={"HX-Redirect": "/login"})
        target = here() if request.method == "GET" else ""
        return redirect(f"/login?next={quote(target)}" if target else "/login")  # type: ignore[return-value]


def open_session(user: Any, token: str) -> None:
    """From here on this browser is signed in as `user`; nothing of its session before remains."""
    session.clear()
    user.login_token = token
    login_user(user)


def close_session() -> str:
    """Forget who is signed in, in this browser; the token of the login that must now be ended, empty for none."""
    token = str(session.get("_user_id", ""))
    logout_user()
    session.clear()
    return token


def _note_use(row: Any) -> None:
    """A short write of its own: the page's transaction is read-only and must stay so."""
    table = type(row).__table__
    with writing(), db.engine.begin() as connection:
        connection.execute(sa.update(table).where(table.c.token_sha256 == row.token_sha256).values(seen_at=clock.now()))
