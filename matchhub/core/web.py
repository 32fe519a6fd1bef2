"""What every request passes through, and small helpers that every view uses."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, TypeVar
from urllib.parse import urlencode, urlsplit

import brotli
import sqlalchemy as sa
from flask import Flask, Response, abort, current_app, flash, g, has_request_context, redirect, request, session
from flask_login import current_user
from werkzeug.routing import IntegerConverter, Map, Rule

from matchhub.core import i18n, kept
from matchhub.core.access import READING
from matchhub.core.db import commands_allowed, db, tx_mode

T = TypeVar("T")

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: over https the CSRF check compares the referrer's host.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(self)",
}
COMPRESSIBLE = ("text/", "application/json", "application/xml", "application/atom+xml", "image/svg+xml")
# What is shown as a whole page: found, or a form again with what was typed.
WHOLE_PAGES = (200, 422)
PAGE_SIZE = 20
MOST_COUNTED = 1000
PIECE_BYTES = 64 * 1024
# The endpoint that gives a list away is named like that of its page, with this behind it (features/kit.py).
EXPORT = "_export"


def viewer() -> Any:
    """The signed-in account, or None for a visitor."""
    return current_user._get_current_object() if current_user.is_authenticated else None


def actor() -> Any:
    """The signed-in account, in a view that only signed-in people reach."""
    account = viewer()
    if account is None:
        abort(401)
    return account


def safe_next(target: str | None, default: str = "/") -> str:
    """`target` when it is a path of this site, else `default`."""
    if not target or len(target) > 512 or not target.startswith("/") or target[1:2] in {"/", "\\"}:
        return default
    if "\\" in target or any(ord(char) <= 32 or ord(char) == 127 for char in target):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target


def done(sentence: str, to: str) -> Response:
    """Tell what was done and show the page at `to` (POST, redirect, GET)."""
    flash(sentence, "success")
    return redirect(to, 303)  # type: ignore[return-value]


@dataclass(slots=True)
class Page:
    """One page of a list. `total` is None beyond MOST_COUNTED, where counting would cost more than it tells."""

    rows: Sequence[Any]
    number: int
    size: int
    total: int | None
    more: bool

    @property
    def pages(self) -> int | None:
        return None if self.total is None else max(1, -(-self.total // self.size))

    @property
    def has_prev(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.more

    def url(self, number: int) -> str:
        """This list's address with another page number; its filters stay."""
        kept = [(key, value) for key, value in request.args.items(multi=True) if key != "page"]
        return f"{request.path}?{urlencode([*kept, ('page', number)])}"

    @property
    def export_url(self) -> str | None:
        """Where this list, with its filters and all its pages, can be taken away; None where there is nothing to take."""
        if not self.rows or f"{request.endpoint}{EXPORT}" not in current_app.view_functions:
            return None
        return with_filters(f"{request.path}/export")


def with_filters(path: str) -> str:
    """`path` with the conditions of the list being shown, whatever its page."""
    chosen = [(key, value) for key, value in request.args.items(multi=True) if key != "page" and value]
    return f"{path}?{urlencode(chosen)}" if chosen else path


def page_number() -> int:
    typed = request.args.get("page", "1")
    return min(int(typed), 10_000) if typed.isdigit() and typed.isascii() and len(typed) < 7 and int(typed) else 1


def paged(query: sa.Select[Any], size: int = PAGE_SIZE, scalars: bool = True) -> Page:
    """The page of `query` (which must be ordered) that the address asks for: two statements, whatever its length."""
    number = page_number()
    found = db.session.execute(query.limit(size + 1).offset((number - 1) * size))
    rows = list(found.scalars().unique()) if scalars else list(found)
    counted = sa.select(sa.func.count()).select_from(query.order_by(None).limit(MOST_COUNTED + 1).subquery())
    more = len(rows) > size
    total = (number - 1) * size + len(rows) if not more and (rows or number == 1) else db.session.scalar(counted)
    return Page(rows[:size], number, size, None if (total or 0) > MOST_COUNTED else total, more)


def page_of(rows: Sequence[Any], total: int, size: int = PAGE_SIZE) -> Page:
    """A page whose rows somebody else has cut (the search engine)."""
    number = page_number()
    return Page(rows, number, size, total, number * size < total)


def from_file(file: IO[bytes], content_type: str) -> Response:
    """What stands in an open file, which may be larger than memory. It is closed with its last piece, when the reader
    leaves, or at once where only the head is asked for. No piece needs the request any more.
    """
    size_bytes = file.seek(0, os.SEEK_END)
    file.seek(0)
    answer = Response(() if request.method == "HEAD" else _pieces(file), content_type=content_type)
    answer.content_length = size_bytes
    if request.method == "HEAD":
        file.close()
    answer.call_on_close(file.close)
    return answer


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE_BYTES):
            yield piece


def _begin() -> Response | None:
    """Nothing outside a command may write, and a request that only looks may not call a command."""
    tx_mode.set("read")
    commands_allowed.set(request.method not in READING)
    wanted = request.cookies.get("lang", i18n.SOURCE)
    i18n.speak(wanted)
    g.mode = "care" if request.cookies.get("mode") == "care" else "normal"
    _sane_input()
    return kept.begin()


def _sane_input() -> None:
    """NUL and other control characters never belong in an address; PostgreSQL cannot even store them."""
    asked = f"{request.path}{request.query_string.decode('latin-1')}"
    if "\x00" in asked or "%00" in asked or len(asked) > 12_000:
        abort(400)


def _end(_error: BaseException | None = None) -> None:
    tx_mode.set("write")
    commands_allowed.set(True)
    i18n.speak(i18n.SOURCE)


def is_private(response: Response) -> bool:
    """Whether a copy of this response must not be kept: it belongs to a session or is no success."""
    return response.status_code >= 400 or (session.accessed and bool(session)) or session.modified


def _headers(response: Response) -> Response:
    """Security headers on every response; it touches no database, for it also runs after failures."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if "Cache-Control" not in response.headers:
        private = is_private(response) or request.method not in READING
        response.headers["Cache-Control"] = "no-store" if private else "no-cache"
    if "immutable" not in response.headers["Cache-Control"]:
        response.vary.update(["Cookie", "Accept-Encoding"])
    return _compressed(response)


def _compressed(response: Response) -> Response:
    if response.direct_passthrough or response.is_streamed or "Content-Encoding" in response.headers:
        return response
    if not response.content_type.startswith(COMPRESSIBLE) or response.status_code not in WHOLE_PAGES:
        return response
    keeping = kept.is_wanted(response)
    if request.method == "GET" and response.headers["Cache-Control"] == "no-cache":
        response.add_etag()
        if not keeping and response.make_conditional(request).status_code == 304:
            return response
    _encode(response, quality=5 if keeping else 1)
    if keeping:
        kept.keep(response)
        response.make_conditional(request)
    return response


def _encode(response: Response, quality: int) -> None:
    """What is sent many times may take longer to compress than what is sent once."""
    data = response.get_data()
    if len(data) < 1000:
        return
    if request.accept_encodings["br"]:
        response.set_data(brotli.compress(data, quality=quality))
        response.headers["Content-Encoding"] = "br"
    elif request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(data, quality, mtime=0))
        response.headers["Content-Encoding"] = "gzip"


def here() -> str:
    """Path and query of the page being shown."""
    return request.full_path.rstrip("?") if has_request_context() else "/"


def upload_limit_bytes() -> int:
    return int(current_app.config["UPLOAD_LIMIT_MB"]) * 1024 * 1024


class RowNumber(IntegerConverter):
    """`<int:…>` in an address: a number that a database can hold; anything larger is no page."""

    def __init__(self, url_map: Map, max: int = 2**31 - 1, **more: Any) -> None:  # noqa: A002 - the converter's own name
        super().__init__(url_map, max=max, **more)


class Route(Rule):
    """A rule whose builder of addresses is compiled when an address is first asked for; pages build few of them."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled = super()._compile_builder

        def build(rule: Route, /, **values: Any) -> tuple[str, str]:
            made: Callable[..., tuple[str, str]] = compiled(append_unknown).__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", made)
            return made(**values)

        return build


def init_app(app: Flask) -> None:
    """Call before every other extension that hooks into requests."""
    app.url_map.converters["int"] = RowNumber
    app.url_rule_class = Route
    app.before_request(_begin)
    app.after_request(_headers)
    app.teardown_request(_end)
