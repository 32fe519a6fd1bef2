"""What is kept in memory is true: any change is seen by the next request, and so is the end of a call."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.kept import Shelf
from matchhub.domain import logins
from matchhub.domain.models import NeedState, Role
from matchhub.search import site
from tests import factories as make


@pytest.fixture
def keeping(app):
    app.config["KEEP_PAGES"] = True
    yield app
    app.config["KEEP_PAGES"] = False


def asked(run):
    """How many statements `run` sends, and what it returns."""
    found = []

    def note(_connection, _cursor, statement, *_more):
        if not statement.startswith(("PRAGMA", "BEGIN", "SET", "SELECT pg_current_snapshot")):
            found.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        return run(), len(found)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def open_need(**values):
    return make.need(NeedState.OPEN, closes_at=clock.now() + timedelta(days=3), **values)


def test_a_page_that_cannot_have_changed_costs_no_statement(keeping, client_as):
    address, visitor = f"/needs/{open_need().ref}", client_as(None)
    first, some = asked(lambda: visitor.get(address))
    second, none = asked(lambda: visitor.get(address))
    assert some > 0 and none == 0
    assert (second.data, second.headers["ETag"]) == (first.data, first.headers["ETag"])
    assert second.headers["Cache-Control"] == "no-cache" and "Content-Security-Policy" in second.headers


def test_a_repeated_visit_is_answered_without_a_body(keeping, client_as):
    open_need()
    visitor = client_as(None)
    tag = visitor.get("/needs").headers["ETag"]
    answer, none = asked(lambda: visitor.get("/needs", headers={"If-None-Match": tag}))
    assert (answer.status_code, answer.data, none) == (304, b"", 0)


def test_a_change_by_whoever_is_seen_at_once(keeping, client_as):
    need, visitor = open_need(title="加装电梯意愿征询"), client_as(None)
    assert "加装电梯意愿征询" in visitor.get("/needs").text
    ref = need.ref
    db.session.rollback()
    with db.engine.begin() as connection:  # not even the ledger knows of it
        connection.execute(sa.text("UPDATE need SET title = '垃圾分类宣传' WHERE ref = :ref"), {"ref": ref})
    page = visitor.get("/needs").text
    assert "垃圾分类宣传" in page and "加装电梯意愿征询" not in page


def test_the_tag_stays_the_same_while_the_page_does(keeping, client_as, later):
    """A change elsewhere makes the server look again, not the browser load again."""
    open_need()
    visitor = client_as(None)
    tag = visitor.get("/orgs").headers["ETag"]
    later(minutes=2)
    open_need()
    assert visitor.get("/orgs", headers={"If-None-Match": tag}).status_code == 304


def test_a_call_that_ends_by_the_clock_is_shown_as_ended(keeping, client_as, later):
    need, visitor = open_need(), client_as(None)
    assert "征集中" in visitor.get(f"/needs/{need.ref}").text
    later(days=3)
    page = visitor.get(f"/needs/{need.ref}").text
    assert "已截止" in page and "征集中" not in page


def test_each_language_mode_and_address_has_its_own_page(keeping, client_as):
    open_need()
    visitor = client_as(None)
    chinese = visitor.get("/needs").data
    visitor.set_cookie("lang", "en")
    english = visitor.get("/needs").data
    visitor.set_cookie("mode", "care")
    care = visitor.get("/needs").data
    sorted_ = visitor.get("/needs?sort=deadline").data
    assert len({chinese, english, care, sorted_}) == 4


def test_what_a_signed_in_person_sees_is_never_shown_to_a_visitor(keeping, client_as):
    open_need()
    somebody = make.user(Role.STREET_STAFF)
    mine = client_as(somebody).get("/needs").text
    theirs = client_as(None).get("/needs").text
    assert somebody.name in mine and somebody.name not in theirs
    assert client_as(somebody).get("/needs").headers["Cache-Control"] == "no-store"


def test_pages_with_a_form_are_made_anew_for_everybody(keeping, client_as):
    first, second = (client_as(None).get("/login") for _ in range(2))
    assert first.headers["Cache-Control"] == second.headers["Cache-Control"] == "no-store"


def test_duties_are_read_again_after_a_change(keeping, client_as):
    person = make.user(Role.STREET_APPROVER)
    browser = client_as(person)
    title = "楼组议事厅共建"
    browser.get("/workbench")
    _page, few = asked(lambda: browser.get("/workbench"))
    make.need(NeedState.INTERNAL_REVIEW, title=title)
    page, more = asked(lambda: browser.get("/workbench"))
    assert title in page.text and more > few


@command
def end_every_login(person):
    logins.end_others(db.session.get(type(person), person.id))


def test_a_signed_in_person_is_known_without_asking_until_the_login_ends(keeping, client_as):
    person = make.user(Role.STREET_STAFF)
    browser = client_as(person)
    browser.get("/workbench")
    page, none = asked(lambda: browser.get("/workbench"))
    assert page.status_code == 200 and none == 0
    end_every_login(person)
    assert browser.get("/workbench").status_code == 302


def test_a_role_that_was_taken_away_is_gone_with_the_next_request(keeping, client_as):
    person = make.user(Role.STREET_STAFF)
    number, browser = person.id, client_as(person)
    assert browser.get("/staff/needs").status_code == 200
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM role_grant WHERE user_id = :id"), {"id": number})
    assert browser.get("/staff/needs").status_code == 403


def test_the_navigation_is_each_persons_own_and_counts_anew_after_a_change(keeping, client_as):
    clerk, approver = client_as(make.user(Role.STREET_STAFF)), client_as(make.user(Role.STREET_APPROVER))
    for browser in (clerk, approver, clerk, approver):
        assert browser.get("/staff/needs").status_code == 200
    before = navigation(approver)
    assert (
        navigation(clerk) != before and 'href="/admin/settings"' in before and 'href="/admin' not in navigation(clerk)
    )
    make.need(NeedState.INTERNAL_REVIEW, title="楼组议事厅共建")
    assert navigation(approver) != before and 'mh-desknav__n mh-num">1<' in navigation(approver)


def navigation(browser):
    return browser.get("/staff/needs").text.partition('class="mh-desknav"')[2].partition("</nav>")[0]


def test_a_search_is_kept_like_a_list(keeping, client_as):
    open_need(title="加装电梯意愿征询")
    visitor = client_as(None)
    first, some = asked(lambda: visitor.get("/search?q=电梯"))
    if "暂时只按标题查找" in first.text:  # without an index nothing is kept: it may be built at any moment
        assert asked(lambda: visitor.get("/search?q=电梯"))[1] > 0
    site.reindex()
    visitor.get("/search?q=电梯")
    again, none = asked(lambda: visitor.get("/search?q=电梯"))
    assert "加装电梯意愿征询" in again.text.replace("<mark>", "").replace("</mark>", "") and some > 0 and none == 0


def test_a_full_shelf_loses_what_was_asked_for_longest_ago():
    shelf = Shelf(2)
    for key in "ab":
        shelf.put(key, ("1", 0), key.upper())
    shelf.get("a", ("1", 0))
    shelf.put("c", ("1", 0), "C")
    assert [shelf.get(key, ("1", 0)) for key in "abc"] == ["A", None, "C"]


def test_nothing_is_found_under_another_stamp():
    shelf = Shelf(2)
    shelf.put("a", ("1", 0), "A")
    assert shelf.get("a", ("2", 0)) is None and shelf.get("a", ("1", 1)) is None
