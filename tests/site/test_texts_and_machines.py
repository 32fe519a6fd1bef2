"""Pages that every site must have, and what machines ask for."""

from __future__ import annotations

import json
import re
import shutil
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from matchhub.core import clock, guards, outbox
from matchhub.core.db import db
from matchhub.domain import reference
from matchhub.domain.models import NeedState, NoticeState, OrganisationState, OutboxRow
from tests import factories as make

TEXTS = ("/help", "/accessibility", "/privacy", "/terms", "/sitemap", "/styleguide")


@pytest.mark.parametrize("address", TEXTS)
def test_each_opens_for_everybody_with_one_heading_and_no_style_of_its_own(client_as, address):
    answer = client_as(None).get(address)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert len(re.findall(r"<h1[ >]", text)) == 1
    # The style guide shows buttons that post, and so a token of a session.
    assert ("Set-Cookie" in answer.headers) is (address == "/styleguide")
    assert 'style="' not in text


def test_the_accessibility_statement_names_the_norms_and_a_way_to_complain(page):
    text = page("/accessibility")
    for part in ("GB/T 37668", "WCAG 2.2", "关怀版", str(reference.setting("site_phone"))):
        assert part in text


def test_the_privacy_page_says_what_why_how_long_and_which_rights(page):
    text = page("/privacy")
    for part in ("个人信息保护法", "收集什么", "为什么", "保存多久", "查阅和复制", "更正", "删除", "撤回同意"):
        assert part in text


def test_the_help_tells_the_periods_that_are_set(page):
    text = page("/help")
    terms = reference.terms()
    assert f"征集期一般是 {terms.call_days} 天" in text
    assert f"月报在次月 {terms.report_due_day} 日前提交" in text


def test_robots_are_kept_from_the_desk_and_told_of_the_map(client_as):
    answer = client_as(None).get("/robots.txt")
    assert answer.mimetype == "text/plain"
    lines = answer.get_data(as_text=True).splitlines()
    assert {"Disallow: /workbench", "Disallow: /my/", "Disallow: /staff/", "Disallow: /admin/"} <= set(lines)
    assert any(line.startswith("Sitemap: http") and line.endswith("/sitemap.xml") for line in lines)


def test_the_map_for_machines_lists_what_is_public_and_nothing_else(app, client_as):
    shown = [make.need(), make.organisation(), make.notice(), make.project()]
    hidden = [make.need(NeedState.DRAFT), make.organisation(OrganisationState.PENDING), make.notice(NoticeState.DRAFT)]
    answer = client_as(None).get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    tree = ElementTree.fromstring(answer.data)
    found = {el.text for el in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert all(url.startswith(app.config["PUBLIC_URL"]) for url in found)
    refs = {url.rsplit("/", 1)[1] for url in found}
    assert {row.ref for row in shown} <= refs
    assert not {row.ref for row in hidden} & refs


def health(client):
    answer = client.get("/healthz")
    return answer.status_code, json.loads(answer.data), answer


def test_a_sound_installation_is_ready(index, client_as):
    index()
    status, found, answer = health(client_as(None))
    assert (status, found["status"], found["database"], found["triggers"]) == (200, "ok", "ok", [])
    assert found["index"]["usable"] is True
    assert found["outbox"] == {"waiting": 0, "given_up": 0}
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_lag_of_index_and_outbox_is_told(index, client_as, later):
    index()
    for tries in (0, 0, outbox.TRIES):
        make.add(OutboxRow(kind="index", payload={}, created_at=clock.now(), due_at=clock.now(), tries=tries))
    later(seconds=90)
    _status, found, _answer = health(client_as(None))
    assert (found["index"]["lag"], found["index"]["lag_seconds"]) == (2, 90)
    assert found["outbox"] == {"waiting": 2, "given_up": 1}


def test_without_a_usable_index_it_is_not_ready(app, client_as):
    shutil.rmtree(app.config["INSTANCE"] / "index", ignore_errors=True)
    status, found, _answer = health(client_as(None))
    assert (status, found["status"], found["index"]["usable"]) == (503, "not_ready", False)


def test_without_its_triggers_it_is_not_ready(index, client_as):
    index()
    with db.engine.begin() as connection:
        guards.drop(connection)
    try:
        status, found, _answer = health(client_as(None))
        assert status == 503
        assert any(name.startswith("ledger_fixed") for name in found["triggers"])
    finally:
        with db.engine.begin() as connection:
            guards.ensure(connection)


def test_an_old_migration_is_not_ready(index, client_as):
    index()
    with db.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('0000_before')"))
    try:
        status, found, _answer = health(client_as(None))
        assert status == 503
        assert found["migrations"].startswith("at 0000_before, should be ")
    finally:
        with db.engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE alembic_version"))


def test_an_unreachable_database_is_told_and_not_an_error(client_as, monkeypatch):
    def refuse():
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("no such host"))

    visitor = client_as(None)
    monkeypatch.setattr(db.session, "connection", refuse)
    status, found, _answer = health(visitor)
    assert (status, found["status"], found["database"]) == (503, "not_ready", "unreachable")
    assert "no such host" not in json.dumps(found)
