"""Law 9: the demonstration obeys every rule, shows every state, and every page of it opens for everybody."""

from __future__ import annotations

import json
import re
from collections import Counter
from urllib.parse import urljoin, urlsplit

import pytest
import sqlalchemy as sa
from werkzeug.exceptions import HTTPException

from matchhub import demo, demo_accounts, seeds
from matchhub.core import clock, guards, ledger, outbox
from matchhub.core.db import db
from matchhub.domain import reference
from matchhub.domain.accounts import by_login
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.models import LedgerEntry, Need, Organisation, Project, Role, User
from matchhub.search import site
from tests.laws.demo_site import sign_in
from tests.pages import Page

# Of one kind of page so many are opened per role: what differs is their state, and there are not more than a dozen.
MOST_PER_RULE = 12
BUDGETS = {"public": 12, "desk": 55}


def test_playing_it_leaves_a_ledger_that_verifies(demo_app):
    assert ledger.verify().broken_at is None
    assert ledger.head()[0] > 3000


def test_it_is_as_large_as_the_street(demo_app):
    def count(model):
        return db.session.scalar(sa.select(sa.func.count()).select_from(model))

    assert (count(Organisation), count(Need), count(Project)) == (48, 33, 17)


def test_it_is_never_played_into_a_database_in_use(demo_app):
    with pytest.raises(RuntimeError, match="empty"):
        demo.play(demo_app.config["INSTANCE"])


def test_every_state_of_every_life_occurs(demo_app):
    passed: dict[str, set[str]] = {}
    for data, deed in db.session.execute(sa.select(LedgerEntry.data, LedgerEntry.deed)):
        details = json.loads(data)
        if {"from", "to"} <= set(details):
            passed.setdefault(deed.split(".")[0], set()).update((details["from"], details["to"]))
    for model, life in LIVES.items():
        now = {state.value for state in db.session.scalars(sa.select(model.state).distinct())}
        never = {state.value for state in life.states} - now - passed.get(life.kind, set())
        assert not never, f"{life.kind}: {never}"


def test_an_excluded_applicant_is_heard_and_one_is_reinstated(demo_app):
    deeds = list(db.session.scalars(sa.select(LedgerEntry.deed).where(LedgerEntry.deed.startswith("application."))))
    assert deeds.count("application.keep_exclusion") == 2 and deeds.count("application.reinstate") == 1


def test_every_role_has_an_account_that_may_be_printed(demo_app):
    assert {role for role, _login, _password in demo_accounts.accounts()} == {role.value for role in Role}


def test_the_reference_data_loads_twice_without_a_change(demo_app):
    before = ledger.head()
    seeds.load()
    assert ledger.head() == before
    db.session.rollback()
    with db.engine.connect() as connection:
        assert guards.missing(connection) == []


def test_every_record_of_it_is_in_the_index(demo_app):
    outbox.drain()
    assert not site.reconcile()
    assert site.search(None, "加梯").total > 0


ACCOUNTS = [None, *Role]


@pytest.mark.parametrize("role", ACCOUNTS, ids=lambda role: str(role or "visitor"))
def test_every_link_opens_and_every_page_is_whole(demo_app, role):
    login = {r: login for r, login, _password in demo_accounts.accounts()}.get(role.value if role else "")
    user = by_login(login) if login else None
    client = sign_in(demo_app, user)
    db.session.rollback()  # reading outside a request begins a writer's turn, which the pages may want
    adapter = demo_app.url_map.bind("localhost")
    opened: Counter[str] = Counter()
    seen: set[str] = set()
    queue = ["/"] + (["/workbench"] if user else [])
    faults = []
    while queue:
        path = queue.pop(0)
        rule = _rule(adapter, path)
        if path in seen or rule is None or opened[rule] >= MOST_PER_RULE:
            continue
        seen.add(path)
        opened[rule] += 1
        faults += _open(demo_app, client, path, user, queue)
    assert not faults, "\n".join(faults)
    assert len(seen) > (40 if user else 30)


def _rule(adapter, path):
    try:
        return adapter.match(urlsplit(path).path, method="GET", return_rule=True)[0].rule
    except HTTPException:
        return path


def _open(app, client, path, user, queue):
    with app.app_context():
        reference.synonyms()  # reference data is read anew every few seconds for all pages together: no page's own statements
        db.session.rollback()
        counted: list[str] = []

        def count(_c, _cursor, statement, *_more):
            counted.append(statement)

        sa.event.listen(db.engine, "before_cursor_execute", count)
        try:
            answer = client.get(path)
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", count)
    if answer.status_code in (301, 302, 303) and (user is None or "/login" not in answer.headers["Location"]):
        queue.append(answer.headers["Location"])
        return []
    if answer.status_code != 200:
        return [f"{path}: {answer.status_code}"]
    if answer.mimetype != "text/html":
        return []
    page = Page(answer.get_data(as_text=True))
    queue += [found for link in page.links if (found := _inside(path, link))]
    wrong = page.check()
    statements = [one for one in counted if not re.match(r"PRAGMA|SET|BEGIN", one)]
    budget = BUDGETS["desk" if user else "public"]
    if len(statements) > budget:
        wrong.append(f"{len(statements)} statements, allowed {budget}")
    return [f"{path}: {one}" for one in wrong]


def _inside(path, link):
    parts = urlsplit(urljoin(f"http://localhost{path}", link))
    if parts.netloc != "localhost" or parts.scheme != "http" or parts.path.startswith(("/assets/", "/prefs/")):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def test_people_of_the_story_are_invented(demo_app):
    """Names of the case study are nobody's names here."""
    names = {"史信彪", "合美公益", "花甲天使"}
    text = " ".join(db.session.scalars(sa.select(User.name))) + " ".join(
        db.session.scalars(sa.select(Organisation.name))
    )
    assert not any(name in text for name in names)
    assert clock.today() >= db.session.scalar(sa.select(sa.func.min(Need.created_at))).date()
