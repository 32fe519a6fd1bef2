"""Whatever stands in an address, a query or a form, the answer is no server error: 3,000 strange requests."""

from __future__ import annotations

import random

import pytest
from werkzeug.datastructures import MultiDict
from werkzeug.routing import AnyConverter, IntegerConverter

from matchhub.core.access import READING
from matchhub.domain.models import Role
from matchhub.search import site
from tests import factories as make

STRANGE = ["0", "-1", "9223372036854775808", "2147483648", "a" * 300, "../../etc/passwd", "' OR 1=1 --", "<x>", "电梯", "%", "_", "١٢",
           "\u202e", "null", "None", "[]", "{{7*7}}", "%s%n", "XQ-2026-001", "🙂" * 20, " ", "\t", "..", "a\nb"]  # fmt: skip
FIELDS = ["q", "page", "sort", "state", "phase", "year", "field", "community", "kind", "status", "next", "project", "need",
          "action", "version", "name", "title", "amount", "reason", "csrf_token", "rows-0-name", "add-row", "email",
          "password", "held_on", "people"]  # fmt: skip
ROUNDS = 1500


@pytest.fixture
def client(app, client_as):
    site.reindex()
    # Roles that the site never lets one person hold, so that every door is open to the hostile requests.
    return client_as(make.user(*Role, organisation=make.organisation()))


def address(adapter, rule, chance):
    values = {}
    for name, converter in rule._converters.items():
        if isinstance(converter, AnyConverter):
            values[name] = chance.choice(sorted(converter.items))
        elif isinstance(converter, IntegerConverter):
            values[name] = chance.choice([0, 1, 7, 2**31 - 1, 2**31, 2**63, 10**30])
        else:
            values[name] = chance.choice(STRANGE).replace("\n", "").strip() or "x"
    return adapter.build(rule.endpoint, values, method=next(iter(rule.methods - {"HEAD", "OPTIONS"})))


@pytest.mark.parametrize("seed", [1, 2])
def test_no_request_makes_the_server_fail(app, client, seed):
    chance = random.Random(seed)
    adapter = app.url_map.bind("localhost")
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in ("assets.file", "accounts.logout")]
    faults = []
    for _n in range(ROUNDS):
        rule = chance.choice(rules)
        method = chance.choice(sorted(rule.methods - {"OPTIONS", "HEAD"}))
        given = MultiDict((chance.choice(FIELDS), chance.choice(STRANGE)) for _m in range(chance.randrange(6)))
        try:
            path = address(adapter, rule, chance)
            sent = {"query_string": given} if method in READING else {"data": given}
            answer = client.open(path, method=method, **sent)
        except Exception as error:
            faults.append(f"{method} {rule.rule} {dict(given)}: {type(error).__name__}: {str(error)[:120]}")
            continue
        if answer.status_code >= 500:
            faults.append(f"{method} {path}: {answer.status_code}")
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults[:20])


@pytest.mark.parametrize("path", ["/needs/%00", "/search?q=%00", "/" + "a" * 13_000, "/needs?page=1&page=%00"])
def test_what_no_address_holds_is_a_bad_request(client, path):
    assert client.get(path).status_code in (400, 404, 414)
