"""Law: every page with a list gives it away as an Excel file, exactly as it lists it, or says here why not."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from matchhub.core import access, ledger, web
from matchhub.core.access import PUBLIC, SIGNED_IN
from matchhub.core.db import db
from matchhub.core.ledger import LedgerEntry
from matchhub.core.web import EXPORT
from matchhub.domain import exporting, lifecycle
from matchhub.domain.models import Role
from matchhub.search import site
from tests import factories as make
from tests import reading_tables as reading
from tests.laws import cast

FEATURES = Path(__file__).parents[2] / "matchhub" / "features"
# Pages that list something and do not give it away.
NOT_GIVEN = {
    "/styleguide": "shows what pages are made of; its list is made up",
    "/my/applications/new": "chooses the need to apply for; the same needs are the list /needs?phase=open",
    "/search": "the best matches of all kinds, ranked; each kind's own list gives away what its filters find",
}
# A need's row here stands for the applications to it: one row each.
MANY_ROWS = {"/staff/applications"}


def exports(app):
    """rule of the list -> who may take it away."""
    found = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint.endswith(EXPORT):
            view = app.view_functions[rule.endpoint]
            assert access.declared(view, "GET") == access.declared(view, "POST")
            found[rule.rule.removesuffix("/export")] = access.declared(view, "GET")
    return found


def who_reads(app, path):
    rule = next(rule for rule in app.url_map.iter_rules() if rule.rule == path and "GET" in rule.methods)
    return rule.endpoint, access.declared(app.view_functions[rule.endpoint], "GET")


def calls_of_paged():
    """(file, line) of every place in the rooms that cuts a list into pages."""
    found = set()
    for path in FEATURES.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {alias.asname or alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
                 and node.module == "matchhub.core.web" for alias in node.names} & {"paged", "page_of"}  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                plain = isinstance(called, ast.Name) and called.id in names
                of_web = isinstance(called, ast.Attribute) and called.attr in ("paged", "page_of")
                if plain or (of_web and isinstance(called.value, ast.Name) and called.value.id == "web"):
                    found.add((str(path), node.lineno))
    return found


@pytest.fixture
def people(app):
    """A visitor and an account of each role."""
    site.reindex()
    return [None, *(make.user(role) for role in Role)]


def test_every_page_with_a_list_gives_it_away(app, client_as, people, monkeypatch):
    lists, lines, made = set(), set(), web.Page.__init__

    def noted(self, *args, **kwargs):
        made(self, *args, **kwargs)
        lists.add(web.request.url_rule.rule)
        frame = sys._getframe(1)
        while frame.f_code.co_filename == web.__file__:
            frame = frame.f_back
        lines.add((frame.f_code.co_filename, frame.f_lineno))

    monkeypatch.setattr(web.Page, "__init__", noted)
    paths = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    for person in people:
        client = client_as(person)
        for path in paths:
            who = who_reads(app, path)[1]
            if who in (PUBLIC, SIGNED_IN) or (person is not None and who & person.role_codes):
                client.get(path)
    assert lists == set(exports(app)) | set(NOT_GIVEN)
    assert not set(exports(app)) & set(NOT_GIVEN)
    assert {(name, number) for name, number in calls_of_paged()} <= lines, "a list that this law never saw"


def test_whoever_reads_a_list_may_take_it_away_and_nobody_else(app):
    for path, who in exports(app).items():
        endpoint, readers = who_reads(app, path)
        assert who == readers, path
        assert f"{endpoint}{EXPORT}" in app.view_functions, path


def test_the_file_holds_exactly_what_the_page_lists_for_each_role(app, client_as, people, monkeypatch):
    for kind, life in lifecycle.LIVES.items():
        for state in life.states:
            cast.subject(kind, state)
    totals = {}
    paged = web.paged

    def counted(query, *args, **kwargs):
        totals["page"] = db.session.scalar(sa.select(sa.func.count()).select_from(query.order_by(None).subquery()))
        return paged(query, *args, **kwargs)

    for name, module in list(sys.modules.items()):
        if name.startswith("matchhub.features") and hasattr(module, "paged"):
            monkeypatch.setattr(module, "paged", counted)
    monkeypatch.setattr(web, "paged", counted)
    monkeypatch.setattr(exporting, "PER_VISITOR", 1000)
    monkeypatch.setattr(exporting, "PER_ACCOUNT", 1000)
    seen = set()
    for person in people:
        client = client_as(person)
        for path, who in exports(app).items():
            if who not in (PUBLIC, SIGNED_IN) and not (person is not None and who & person.role_codes):
                continue
            if who == SIGNED_IN and person is None:
                continue
            page = client.get(path)
            assert page.status_code == 200 and (f'{path}/export"' in page.text) == (totals["page"] > 0), path
            answer = client.post(f"{path}/export")
            assert answer.status_code == 200, (path, person and person.role_codes)
            rows = reading.rows(answer.data)
            if path in MANY_ROWS:
                rows = list({row[0]: row for row in rows}.values())
            assert len(rows) == totals["page"], (path, person and person.role_codes)
            seen |= {path} if rows else set()
    assert len(seen) > 20, f"too few lists held anything: {sorted(seen)}"
    last = db.session.scalar(sa.select(LedgerEntry).order_by(LedgerEntry.seq.desc()).limit(1))
    assert last.deed == "list.export" and ledger.verify().broken_at is None
