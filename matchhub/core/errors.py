"""What can be refused, and the one place that turns a refusal into an answer over HTTP."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


class Refused(Exception):
    """A rule says no; the message says why, in words for the person who tried."""


class NotYours(Refused):
    """The deed exists, but not for this person."""


class NotNow(Refused):
    """The deed is not possible from this state, or a rule of its own refuses."""


class Stale(Refused):
    """Somebody else changed the same record in the meantime."""


class Missing(Exception):
    """There is no such record, or this person must not know that there is."""


STATUS: dict[type[Exception], int] = {NotYours: 403, NotNow: 409, Stale: 409, Refused: 409, Missing: 404}
PAGES = {400: "errors/400.html", 401: "errors/403.html", 403: "errors/403.html", 404: "errors/404.html",
         405: "errors/404.html", 409: "errors/409.html", 410: "errors/404.html", 413: "errors/413.html",
         429: "errors/429.html", 503: "errors/503.html"}  # fmt: skip


def init_app(app: Flask) -> None:
    """Every refusal and every HTTP error gets its page; an unforeseen one is rolled back and gets a number."""
    from flask import render_template, request
    from flask_wtf.csrf import CSRFError
    from werkzeug.exceptions import HTTPException

    from matchhub.core.db import db

    def page(status: int, reason: str = "", **more: Any) -> tuple[str, int]:
        return render_template(PAGES.get(status, "errors/400.html"), reason=reason, status=status, **more), status

    def refused(error: Exception) -> tuple[str, int]:
        return page(next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), str(error))

    def http(error: HTTPException) -> Any:
        if error.response is not None or (error.code or 500) < 400:
            return error
        return page(error.code or 500, error.description or "") if error.code in PAGES else error

    def csrf(_error: CSRFError) -> Any:
        answer = app.make_response(page(400, "csrf"))
        if request.headers.get("HX-Request"):
            answer.headers["HX-Refresh"] = "true"
        return answer

    def crashed(error: Exception) -> tuple[str, int]:
        number = secrets.token_hex(4)
        db.session.rollback()
        app.logger.exception("unforeseen error %s on %s", number, request.path, exc_info=error)
        if app.testing:
            raise error
        return render_template("errors/500.html", number=number), 500

    for kind in STATUS:
        app.register_error_handler(kind, refused)
    app.register_error_handler(CSRFError, csrf)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, crashed)
