"""Feeds, calendar, robots and site map as machines read them: valid, with lasting identifiers, leading somewhere."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain.models import Event, EventState, Need
from tests import factories as make

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
FEEDS = ("/feeds/needs.atom", "/feeds/notices.atom", "/feeds/events.atom")
HOSTILE = "议事 <b>&\"' ]]> &#1; 会"


@pytest.fixture
def visitor(client_as, app):
    make.need(title=HOSTILE)
    make.notice(title=HOSTILE)
    make.event(EventState.OPEN, title=HOSTILE)
    return client_as(None)


def at(text):
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None, f"{text} names no zone"
    return moment.astimezone(UTC)


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_valid_atom(visitor, app, path):
    base, answer = app.config["PUBLIC_URL"], visitor.get(path)
    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.data)
    assert feed.tag == f"{ATOM}feed"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == base + path and feed.findtext(f"{ATOM}id") == base + path
    assert links["alternate"].startswith(base) and feed.findtext(f"{ATOM}title")
    assert feed.find(f"{ATOM}author").findtext(f"{ATOM}name")
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [HOSTILE]
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == len(ids)
    for entry in entries:
        assert entry.findtext(f"{ATOM}id").startswith(base)
        assert at(entry.findtext(f"{ATOM}updated")) <= at(feed.findtext(f"{ATOM}updated"))
        link = entry.find(f"{ATOM}link").get("href")
        assert visitor.get(link.removeprefix(base)).status_code == 200


@pytest.mark.parametrize("path", FEEDS)
def test_an_entry_keeps_its_identifier_when_its_text_changes(visitor, app, path):
    def ids():
        return [e.findtext(f"{ATOM}id") for e in ElementTree.fromstring(visitor.get(path).data).findall(f"{ATOM}entry")]

    before = ids()
    # A notice is not among them: once published it never changes.
    for kind in (Need, Event):
        for row in db.session.query(kind):
            row.title = "改了题目"
    db.session.commit()
    assert ids() == before != []


def calendar(visitor):
    answer = visitor.get("/feeds/events.ics")
    assert answer.mimetype == "text/calendar"
    found = Calendar.from_ical(answer.data)
    assert str(found["version"]) == "2.0" and found["prodid"]
    return found


def test_the_calendar_is_read_by_a_calendar_program(visitor):
    found = calendar(visitor)
    [event] = found.walk("VEVENT")
    row = db.session.query(Event).filter_by(title=HOSTILE).one()
    assert event["summary"] == HOSTILE
    assert event.decoded("dtstart") == row.starts_at.replace(tzinfo=UTC)
    assert event.decoded("dtend") == row.ends_at.replace(tzinfo=UTC)
    assert event["uid"] and event["dtstamp"] and str(event["status"]) == "CONFIRMED"


def test_times_are_in_utc_so_no_table_of_zones_can_be_missing(visitor):
    raw = visitor.get("/feeds/events.ics").data.decode()
    zones = set(re.findall(r"TZID=([^:;]+)", raw))
    assert zones <= set(re.findall(r"^TZID:(.+)$", raw, re.M)) or not zones
    assert re.search(r"^DTSTART:\d{8}T\d{6}Z\r$", raw, re.M)


def test_a_moved_date_keeps_its_identifier_and_raises_its_sequence(visitor):
    row = db.session.query(Event).filter_by(title=HOSTILE).one()

    def one():
        return next(event for event in calendar(visitor).walk("VEVENT") if row.ref in event["uid"])

    before = one()
    row.starts_at, row.ends_at = row.starts_at + timedelta(days=1), row.ends_at + timedelta(days=1)
    db.session.commit()
    after = one()
    assert after["uid"] == before["uid"] and int(after["sequence"]) > int(before["sequence"])


def test_the_site_map_names_each_public_page_once_and_each_opens(visitor, app):
    base = app.config["PUBLIC_URL"]
    found = ElementTree.fromstring(visitor.get("/sitemap.xml").data)
    places = [url.findtext(f"{MAP}loc") for url in found.findall(f"{MAP}url")]
    assert len(places) == len(set(places)) < 50_000
    assert {f"{base}/outcomes/{name}" for name in ("results", "visits", "activities")} <= set(places)
    for place in places:
        assert place.startswith(base) and visitor.get(place.removeprefix(base)).status_code == 200, place
    for url in found.findall(f"{MAP}url"):
        day = url.findtext(f"{MAP}lastmod")
        assert day is None or datetime.fromisoformat(day).date() <= clock.today()


def test_robots_leave_out_what_is_personal_and_find_the_map(visitor, app):
    text = visitor.get("/robots.txt").text
    assert f"Sitemap: {app.config['PUBLIC_URL']}/sitemap.xml" in text
    for path in ("/staff/", "/my/", "/admin/", "/login", "/*/export"):
        assert f"Disallow: {path}\n" in text
