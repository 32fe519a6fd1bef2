"""Law 1: every route says who may call it, the list below the tests says the same, and the answer is as declared.

`routes.tsv` is kept by hand: method, rule, who. A new route is written there by whoever adds it, after thinking.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.routing import AnyConverter, IntegerConverter

from matchhub.core import access
from matchhub.core.access import PUBLIC
from matchhub.domain.models import Role
from matchhub.search import site
from tests import factories as make

TABLE = Path(__file__).with_name("routes.tsv")


def written() -> list[tuple[str, str, str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines if line and not line.startswith("#")]


def test_the_list_and_the_routes_say_the_same(app):
    assert access.table(app) == sorted(written())


def addresses(app):
    """(method, an address that fits the rule, who) for each route."""
    adapter = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        arguments = {name: _value(converter) for name, converter in rule._converters.items()}
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            who = access.declared(app.view_functions[rule.endpoint], method)
            found.append((method, adapter.build(rule.endpoint, arguments, method=method), who))
    return found


def _value(converter):
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[0]
    return 1 if isinstance(converter, IntegerConverter) else "x"


@pytest.fixture(autouse=True)
def _searchable(app):
    site.reindex()


@pytest.mark.parametrize("role", [None, *Role], ids=lambda role: str(role) if role else "visitor")
def test_only_the_declared_roles_pass_the_door(app, client_as, role):
    """Whoever may not is turned away before the view runs: visitors to the sign-in page, others with 403."""
    client = client_as(make.user(role) if role else None)
    for method, path, who in addresses(app):
        answer = client.open(path, method=method)
        allowed = who == PUBLIC or (role is not None and (who == access.SIGNED_IN or role.value in who))
        if allowed:
            assert not (answer.status_code in (301, 302, 303) and "/login?next" in answer.headers.get("Location", ""))
            assert answer.status_code < 500, (method, path, answer.status_code)
        elif role is None:
            assert answer.status_code == 302 and answer.headers["Location"].startswith("/login"), (method, path)
        else:
            assert answer.status_code == 403, (method, path, answer.status_code)
        if (method, path) == ("POST", "/logout") and allowed:
            client = client_as(make.user(role) if role else None)


def test_a_route_without_a_mark_stops_start_up(app, monkeypatch):
    from flask import Flask

    bare = Flask("bare")
    bare.add_url_rule("/open", view_func=lambda: "x", endpoint="open")
    with pytest.raises(RuntimeError, match="open"):
        access.init_app(bare)


def test_every_answer_carries_the_security_headers(app, client_as):
    client = client_as(None)
    for path in ("/", "/needs", "/login", "/nowhere", "/workbench"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_a_visitors_page_sets_no_cookie(app, client_as):
    for path in ("/", "/needs", "/projects", "/orgs", "/notices", "/outcomes", "/search?q=x"):
        assert "Set-Cookie" not in client_as(None).get(path).headers, path


# Mail programs leave a list with a POST of their own (RFC 8058); the signed address is what a form's token is elsewhere.
BY_MAIL_PROGRAM = ("/follow/leave/", "/search/follow/leave/")


def test_every_form_is_refused_without_its_token(app, client_as):
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        client = client_as(make.user(*Role, organisation=make.organisation()))
        for method, path, _who in addresses(app):
            if method == "POST":
                wanted = 404 if path.startswith(BY_MAIL_PROGRAM) else 400  # there is no such address to leave
                assert client.post(path).status_code == wanted, path
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
