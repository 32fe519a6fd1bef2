"""What was computed from the database and is still true, kept in this process's memory.

Everything here is valid for one stamp: the version of the database, which any commit of any process changes, and the
present minute, because a call or a notice may end by the clock alone. The stamp is read before the request reads
anything else, so what is kept can be newer than its stamp but never older: a change is seen by the next request.
Only pages marked with `@kept`, shown to visitors without a session, are kept whole.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import Flask, Response, current_app, g, request
from sqlalchemy.engine import Engine

from matchhub.core import clock, i18n
from matchhub.core.db import db

MOST_PAGES = 256
MOST_OTHERS = 512
COPIED = ("Content-Type", "Content-Encoding", "Cache-Control", "Vary", "ETag")

T = TypeVar("T")
V = TypeVar("V", bound=Callable[..., Any])
Stamp = tuple[str, int]


def kept(view: V) -> V:
    """Mark a public view whose page depends on nothing but its address, language, mode, the database and the minute."""
    view.is_kept = True  # type: ignore[attr-defined]
    return view


class Version:
    """A text that is another one after any commit to the database, by whatever connection or process."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._lock = engine, threading.Lock()
        self._connection: Any = None
        self._opened = 0
        if engine.dialect.name == "sqlite":
            sa.event.listen(engine, "engine_disposed", self._forget)

    def now(self) -> str:
        if self._engine.dialect.name == "sqlite":
            return self._of_file()
        # What a transaction sees is named by its snapshot: the same text, the same rows.
        return str(db.session.scalar(sa.text("SELECT pg_current_snapshot()::text")))

    def _of_file(self) -> str:
        """A connection that never writes is told by SQLite itself when any other one has committed."""
        with self._lock:
            if self._connection is None:
                arguments, options = self._engine.dialect.create_connect_args(self._engine.url)
                self._connection = self._engine.dialect.connect(*arguments, **{**options, "check_same_thread": False})
                self._connection.isolation_level = None
                self._opened += 1
            return f"{self._opened}.{self._connection.execute('PRAGMA data_version').fetchone()[0]}"

    def _forget(self, _engine: Engine) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None


class Shelf:
    """The last `most` things that were asked for, each true for one stamp."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._found: OrderedDict[Hashable, tuple[Stamp, Any]] = OrderedDict()

    def get(self, key: Hashable, stamp: Stamp) -> Any:
        with self._lock:
            entry = self._found.get(key)
            if entry is None or entry[0] != stamp:
                return None
            self._found.move_to_end(key)
            return entry[1]

    def put(self, key: Hashable, stamp: Stamp, value: Any) -> None:
        with self._lock:
            self._found[key] = (stamp, value)
            self._found.move_to_end(key)
            if len(self._found) > self._most:
                self._found.popitem(last=False)


class _Store:
    def __init__(self, engine: Engine) -> None:
        self.version, self.pages, self.others = Version(engine), Shelf(MOST_PAGES), Shelf(MOST_OTHERS)


def init_app(app: Flask) -> None:
    """Call when the database is known."""
    with app.app_context():
        app.extensions["kept"] = _Store(db.engine)


def _store() -> _Store:
    found: _Store = current_app.extensions["kept"]
    return found


def _key() -> tuple[Hashable, ...]:
    accepted = request.accept_encodings
    encoding = "br" if accepted["br"] else "gzip" if accepted["gzip"] else ""
    return (request.host, request.path, request.query_string, i18n.language(), g.mode, encoding)


def begin() -> Response | None:
    """The kept page for this request where there is one that is still true; else note the stamp for what follows."""
    if not current_app.config["KEEP_PAGES"]:
        return None
    known = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    if not known and not _is_kept_view():
        return None
    g.stamp = (_store().version.now(), int(clock.now().timestamp()) // 60)
    if known:
        return None
    g.kept_key = _key()
    found = _store().pages.get(g.kept_key, g.stamp)
    if found is None:
        return None
    del g.kept_key  # it lies there already
    body, headers = found
    return Response(body, headers=headers).make_conditional(request)  # type: ignore[return-value]


def _is_kept_view() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method == "GET" and getattr(view, "is_kept", False)


def forgo() -> None:
    """Do not keep the page that is being made, although its view is marked: it depends on something else as well."""
    g.pop("kept_key", None)


def is_wanted(response: Response) -> bool:
    """Whether this finished response is a page to be kept; never one that sets a cookie or belongs to a session."""
    return (
        "kept_key" in g
        and response.status_code == 200
        and response.mimetype == "text/html"
        and response.headers.get("Cache-Control") == "no-cache"
        and "Set-Cookie" not in response.headers
    )


def keep(response: Response) -> None:
    """Keep a page as it is sent: compressed, with its ETag."""
    headers = {name: response.headers[name] for name in COPIED if name in response.headers}
    _store().pages.put(g.kept_key, g.stamp, (response.get_data(), headers))


def remember(key: Hashable, compute: Callable[[], T]) -> T:
    """What `compute` gives, or what it gave before if nothing can have changed since. The result must not be altered."""
    stamp = g.get("stamp")
    if stamp is None:
        return compute()
    found = _store().others.get(key, stamp)
    if found is None:
        found = compute()
        _store().others.put(key, stamp, found)
    return found


def part(name: str, make: Callable[[], T]) -> T:
    """A part of a page that depends on the page's address and language alone, like the filters of a list.

    For templates: `{% call kept_part("needs.filters") %} … {% endcall %}`.
    """
    return remember((name, request.method, request.path, request.query_string, i18n.language()), make)
