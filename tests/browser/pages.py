"""One page of every kind that the demonstration has: found by following links as everybody who has an account."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask, template_rendered
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import HTTPException

from matchhub import demo_accounts
from matchhub.core import access
from matchhub.core.db import db
from matchhub.domain import accounts
from matchhub.domain.models import User
from tests.laws import demo_site

# Of one rule so many pages are opened by people with the same roles: enough to meet its states. What everybody may
# read was seen by the visitor already; others look at it only for where it leads them.
MOST_OF_A_RULE = 20
MOST_OF_A_PUBLIC_RULE = 2
# Whose pages differ from those of the others.
ROLES = (
    "org_admin",
    "reviewer",
    "supervisor",
    "neighbourhood",
    "foundation",
    "sysadmin",
    "street_staff",
    "street_approver",
)
LINK = re.compile(r'<a [^>]*?href="([^"]+)"')
SKIPPED = re.compile(r"^/(assets|prefs|files)/|^/logout")


@dataclass(frozen=True)
class Kind:
    """A page of one route in one template, and who opened it (None: a visitor)."""

    rule: str
    template: str
    path: str
    user_id: int | None


def kinds(app: Flask) -> list[Kind]:
    """The longest page of each route and template that anybody reaches from the home page or their workbench."""
    with app.app_context():
        logins = {role: login for role, login, _password in demo_accounts.accounts()}
        people: list[int | None] = [None, *(accounts.by_login(logins[role]).id for role in ROLES)]
        best: dict[tuple[str, str], tuple[int, Kind]] = {}
        opened: Counter[tuple[str, frozenset[str]]] = Counter()
        for user_id in people:
            for kind, size in _walk(app, user_id, opened):
                key = (kind.rule, kind.template)
                if key not in best or size > best[key][0]:
                    best[key] = (size, kind)
    return sorted((kind for _size, kind in best.values()), key=lambda kind: (kind.rule, kind.template))


def _walk(app: Flask, user_id: int | None, opened: Counter[tuple[str, frozenset[str]]]) -> Iterator[tuple[Kind, int]]:
    """Follow links, those first whose rule was opened least, so that few pages suffice to come everywhere."""
    user = db.session.get(User, user_id) if user_id else None
    roles = frozenset(user.role_codes) if user else frozenset()
    client = demo_site.sign_in(app, user)
    start = ["/workbench"] if user_id else ["/", "/login", "/styleguide"]
    waiting, seen = {path: _rule(app, path) for path in start}, set(start)
    with _rendered(app) as names:
        while waiting:
            path = min(waiting, key=lambda one: opened[waiting[one], roles])
            rule = waiting.pop(path)
            if opened[rule, roles] >= _most(app, rule, user_id) and path not in start:
                continue
            opened[rule, roles] += 1
            names.clear()
            answer = client.get(path)
            html = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
            links = LINK.findall(html) if answer.status_code == 200 else [answer.headers.get("Location", "")]
            for link in links:
                found = _inside(path, unescape(link))
                if found and found not in seen and (leads_to := _rule(app, found)):
                    seen.add(found)
                    waiting[found] = leads_to
            if html and answer.status_code == 200 and names:  # a page kept from before renders nothing
                yield Kind(rule, names[-1], path, user_id), len(html)


def _most(app: Flask, rule: str, user_id: int | None) -> int:
    return MOST_OF_A_PUBLIC_RULE if user_id and _is_public(app, rule) else MOST_OF_A_RULE


@cache
def _is_public(app: Flask, rule: str) -> bool:
    return (("GET", rule, "public")) in access.table(app)


@contextmanager
def _rendered(app: Flask) -> Iterator[list[str]]:
    names: list[str] = []

    def note(_sender: Any, template: Any, **_context: Any) -> None:
        names.append(template.name)

    with template_rendered.connected_to(note, app):
        yield names


def _rule(app: Flask, path: str) -> str:
    """The route of a path; empty for none."""
    try:
        found, _arguments = app.url_map.bind("localhost").match(urlsplit(path).path, method="GET", return_rule=True)
        return str(found.rule)
    except HTTPException:
        return ""


def _inside(path: str, link: str) -> str | None:
    parts = urlsplit(urljoin(f"http://localhost{path}", link))
    if parts.netloc != "localhost" or parts.scheme != "http" or SKIPPED.match(parts.path):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def cookie(app: Flask, address: str, user_id: int | None) -> list[dict[str, str]]:
    """The session cookie of a browser in which this person has signed in; none for a visitor."""
    if user_id is None:
        return []
    with app.app_context():
        token = demo_site._start(db.session.get_one(User, user_id))
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return [{"name": "session", "value": signer.dumps({"_user_id": token, "_fresh": True}), "url": address}]
