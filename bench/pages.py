"""What pages cost: CPU against bare Flask under the same server, statements, and bytes that travel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask

from bench import instance
from bench.serving import Server, serve
from bench.table import Row, median

ROUNDS = 5
PER_ROUND = 40
ACCEPT = {"Accept-Encoding": "br, gzip"}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
RUBRIC = re.compile(r'name="rubric_id".*?<option value="(\d+)"', re.S)
ASSET = re.compile(r'(?:href|src)="(/assets/[^"]+)"')
FIRST_VISIT_KB, REPEAT_VISIT_KB = 120, 25


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be measured. `most` and `statements` are the targets of the design; None: none was set."""

    name: str
    url: str
    role: str = ""
    most: float | None = None
    statements: int | None = None


def pages(app: Flask) -> list[Page]:
    from matchhub.domain.models import Need, NeedState, Organisation, OrganisationState, Project, ProjectState

    with app.app_context():
        need = instance.first_ref(Need, NeedState.OPEN)
        project = instance.first_ref(Project, ProjectState.ACTIVE)
        organisation = instance.first_ref(Organisation, OrganisationState.ADMITTED)
    return [
        Page("home", "/", most=7),
        Page("list of needs", "/needs", most=7, statements=3),
        Page("list of projects", "/projects", most=7, statements=3),
        Page("list of organisations", "/orgs", most=7, statements=3),
        Page("list of notices", "/notices", most=7, statements=3),
        Page("a need", f"/needs/{need}", most=6, statements=4),
        Page("a project", f"/projects/{project}", most=6, statements=4),
        Page("an organisation", f"/orgs/{organisation}", most=6, statements=4),
        Page("outcomes", "/outcomes"),
        Page("search", "/search?q=%E5%8A%A0%E6%A2%AF", most=10.5),
        Page("workbench", "/workbench", "street_staff", 15),
        Page("staff list of needs", "/staff/needs", "street_staff", 15, 6),
        Page("staff list of projects", "/staff/projects", "street_staff", 15, 6),
        Page("form of a need, shown", "/staff/needs/new", "street_staff", 8),
    ]


def run(folder: Path) -> Iterator[tuple[str, list[Row]]]:
    """Tables: CPU under a server, statements, bytes."""
    app = instance.make_app(folder)
    listed = pages(app)
    cookies = {role: browsed(app, role) for role in {page.role for page in listed if page.role}}
    headers = {page: ACCEPT | ({"Cookie": cookies[page.role]} if page.role else {}) for page in listed}
    yield (
        "Pages: CPU of the server's processes per request (gunicorn, 1 worker x 4 threads)",
        list(_cpu(folder, listed, headers)),
    )
    yield "Statements per page (transaction control aside)", list(_statements(folder, listed, headers))
    yield "Bytes of public pages as they travel, brotli", list(_bytes(folder, listed))


def browsed(app: Flask, role: str) -> str:
    """The session cookie as a browser has it after its first page: with the token of the forms."""
    with app.app_context():
        login = instance.login_of(role)
    cookie = instance.session_cookie(app, login)
    first = app.test_client(use_cookies=False).get("/workbench", headers={"Cookie": cookie})
    return first.headers["Set-Cookie"].split(";")[0] if "Set-Cookie" in first.headers else cookie


Ask = Callable[[], object]


def _cpu(folder: Path, listed: list[Page], headers: dict[Page, dict[str, str]]) -> Iterator[Row]:
    with ExitStack() as stack:
        hello = stack.enter_context(serve("bench.hello:app", folder / "hello.sock", instance.surroundings(folder)))
        kept = stack.enter_context(serve("wsgi:app", folder / "kept.sock", instance.surroundings(folder)))
        anew = stack.enter_context(
            serve("wsgi:app", folder / "anew.sock", instance.surroundings(folder, KEEP_PAGES="0"))
        )
        targets: dict[str, tuple[Server, Ask, float | None]] = {
            "hello": (hello, lambda: hello.ask("/", ACCEPT), None),
        }
        for page in listed:
            for server, label in ((kept, ""), (anew, ", made anew")):
                targets[page.name + label] = (server, _asker(server, page, headers[page]), page.most)
        tag = kept.ask("/needs", ACCEPT)[1]["etag"]
        again = ACCEPT | {"If-None-Match": tag}
        targets["list of needs, repeated visit"] = (kept, lambda: kept.ask("/needs", again, fine=(304,)), 2)
        yield from _compared(targets)
        form = next(page for page in listed if page.name == "form of a need, shown")
        # What writes comes last: after each commit the other pages are made anew once.
        writing = {
            "hello": targets["hello"],
            "form of a need, posted with errors": (kept, _refused(kept, headers[form]), 8),
            "form of a need, posted and stored": (kept, _stored(kept, headers[form]), 8),
        }
        yield from _compared(writing)


def _asker(server: Server, page: Page, headers: dict[str, str]) -> Ask:
    return lambda: server.ask(page.url, headers)


def _form(server: Server, headers: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The fields that every post of the form carries, and headers with the session cookie that goes with its token."""
    _status, got, body = server.ask("/staff/needs/new", headers | {"Accept-Encoding": "identity"})
    token, rubric = TOKEN.search(body.decode()), RUBRIC.search(body.decode())
    assert token is not None and rubric is not None
    fields = {
        "csrf_token": token[1],
        "rubric_id": rubric[1],
        "section_code": "zzb",
        "title": "楼道堆物清理和楼组公约",
        "collect_days": "15",
        "notice_days": "5",
    }
    cookie = got["set-cookie"].split(";")[0] if "set-cookie" in got else headers["Cookie"]
    return fields, headers | {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}


def _refused(server: Server, headers: dict[str, str]) -> Ask:
    fields, sent = _form(server, headers)
    body = urlencode(fields | {"budget_fen": "many"})
    return lambda: server.ask("/staff/needs/new", sent, body, fine=(422,))


def _stored(server: Server, headers: dict[str, str]) -> Ask:
    fields, sent = _form(server, headers)
    body = urlencode(fields)
    return lambda: server.ask("/staff/needs/new", sent, body, fine=(303,))


def _compared(targets: dict[str, tuple[Server, Ask, float | None]]) -> Iterator[Row]:
    """Every target in every round, one after the other; the median of the rounds counts."""
    spent: dict[str, list[float]] = {name: [] for name in targets}
    for _name, (_server, ask, _most) in targets.items():
        for _warm in range(3):
            ask()
    for _round in range(ROUNDS):
        for name, (server, ask, _most) in targets.items():
            count = PER_ROUND * 5 if name == "hello" else PER_ROUND
            before = server.cpu_seconds()
            for _request in range(count):
                ask()
            spent[name].append((server.cpu_seconds() - before) / count * 1000)
    floor = median(spent["hello"])
    yield Row("hello: bare Flask", floor, "ms")
    for name, (_server, _ask, most) in targets.items():
        if name != "hello":
            yield Row(name, median(spent[name]), "ms", f"{floor:.2f} ms hello", median(spent[name]) / floor, most)


@contextmanager
def _counted(app: Flask) -> Iterator[list[str]]:
    from matchhub.core.db import db

    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not re.match(r"PRAGMA|BEGIN|SET", statement):
            found.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def _statements(folder: Path, listed: list[Page], headers: dict[Page, dict[str, str]]) -> Iterator[Row]:
    for keeps, label in ((True, ""), (False, ", made anew")):
        app = instance.make_app(folder, KEEP_PAGES=keeps)
        client = app.test_client(use_cookies=False)
        for page in listed:
            client.get(page.url, headers=headers[page])
            with _counted(app) as found:
                client.get(page.url, headers=headers[page])
            yield Row(page.name + label, len(found), "statements", most=page.statements)


def _bytes(folder: Path, listed: list[Page]) -> Iterator[Row]:
    """A first visit loads the page and its front-end files; a repeated one the page alone, or nothing when it stands."""
    client = instance.make_app(folder).test_client(use_cookies=False)
    for page in listed:
        if page.role:
            continue
        html = len(client.get(page.url, headers=ACCEPT).data)
        names = sorted(set(ASSET.findall(client.get(page.url).text)))
        assets = sum(len(client.get(name, headers=ACCEPT).data) for name in names)
        yield Row(f"{page.name}, first visit ({1 + len(names)} requests)", (html + assets) / 1024, "KB",
                  most=FIRST_VISIT_KB)  # fmt: skip
        yield Row(f"{page.name}, repeated visit", html / 1024, "KB", most=REPEAT_VISIT_KB)
