"""Behind every number of the page of results stands its list, with exactly as many rows."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from matchhub.core import clock
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.models import (
    Assessment,
    Event,
    Need,
    Organisation,
    Project,
    Visit,
    VisitState,
)
from tests import factories as make
from tests import reading_tables as reading
from tests.laws import cast

FIGURE = re.compile(
    r'<a class="mh-figure__in" href="([^"]+)"><span class="mh-figure__value"><b class="mh-num">(\d+)</b>'
)
# The label or the number is the link; the number stands in the same row.
BAR = re.compile(r'<a href="([^"]+)">[^<]+</a></th>\s*<td>.*?<span class="mh-hbar__value mh-num">(\d+)', re.S)
CELL = re.compile(r'<td class="mh-num" data-label="[^"]*"><a href="([^"]+)">(\d+)</a></td>')


@pytest.fixture
def full(app):
    """A record of each kind in every state, events of every kind, and more visits than a page holds."""
    for kind in (Organisation, Need, Project, Visit, Assessment, Event):
        for state in LIVES[kind].states:
            cast.subject(kind, state)
    for state in LIVES[Event].states:
        for kind in ("roadshow", "promotion", "training"):
            make.event(state, kind=kind, ends_at=clock.now() - timedelta(days=1))
    often = make.project()
    for day in range(23):
        make.visit(VisitState.CONFIRMED, project=often, visited_on=clock.today() - timedelta(days=day))
    make.activity(often, people=12)
    make.activity(often, people=30, held_on=clock.today() - timedelta(days=40))
    make.activity(often, people=99, struck_at=clock.now(), struck_reason="重复")


def listed(client, url):
    """How many rows the list at this address has: what is taken away from there, and what it says of itself."""
    path, _mark, query = url.partition("?")
    content = client.post(f"{path}/export?{query}").data
    rows = reading.rows(content)
    assert reading.about(content)["行数"] == len(rows)
    return rows


def numbers(text):
    found = [(unescape(url), int(n)) for shape in (FIGURE, BAR, CELL) for url, n in shape.findall(text)]
    assert all(url.startswith("/") for url, _n in found)
    return found


def test_every_number_opens_a_list_with_exactly_as_many_rows(full, client_as, monkeypatch):
    from matchhub.domain import exporting

    monkeypatch.setattr(exporting, "PER_VISITOR", 1000)
    visitor = client_as(None)
    found = numbers(visitor.get("/outcomes").text)
    kinds = {url.partition("?")[0] for url, _n in found}
    assert kinds == {"/orgs", "/needs", "/projects", "/events", "/outcomes/visits", "/outcomes/results",
                     "/outcomes/activities"}  # fmt: skip
    for url, number in found:
        rows = listed(visitor, url)
        if url.startswith("/outcomes/activities"):
            assert number in (len(rows), sum(row[-1] for row in rows)), url
        else:
            assert number == len(rows), url


def test_the_numbers_of_the_home_page_open_their_lists_too(full, client_as, monkeypatch):
    from matchhub.domain import exporting

    monkeypatch.setattr(exporting, "PER_VISITOR", 1000)
    visitor = client_as(None)
    found = numbers(visitor.get("/").text)
    assert len(found) >= 5
    for url, number in found:
        assert number == len(listed(visitor, url)), url


def test_a_visit_is_listed_without_its_score_and_who_made_it(app, client_as):
    visit = make.visit(VisitState.CONFIRMED)
    text = client_as(None).get("/outcomes/visits").text
    assert visit.project.title in text and visit.supervisor.name not in text


def test_an_activity_is_listed_by_its_name_in_the_plan(app, client_as):
    make.activity(make.project(), name="给独居的王奶奶过生日", place="某路 1 号 101 室", people=7)
    text = client_as(None).get(f"/outcomes/activities?month={clock.today():%Y-%m}").text
    assert "王奶奶" not in text and "101 室" not in text
    assert "共 1 行" in text and "共 7 人次。" in text


def test_an_empty_list_says_so_and_leads_back(client_as, app):
    text = client_as(None).get("/outcomes/results?grade=excellent").text
    assert "没有符合条件的记录" in text and 'href="/outcomes"' in text
