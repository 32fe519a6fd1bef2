"""What a page says of itself to search engines and to whoever shares its address: one home, in the layout."""

from __future__ import annotations

import io
import re
from html import unescape
from pathlib import Path

import pytest
from PIL import Image

from matchhub.domain.models import AssessmentState, ProjectState, Role
from tests import factories as make

TEMPLATES = Path(__file__).parents[2] / "templates"
TAG = re.compile(r'<meta property="og:([a-z_:]+)" content="([^"]*)">')
CANONICAL = re.compile(r'<link rel="canonical" href="([^"]*)">')
LISTS = (
    "/",
    "/needs",
    "/projects",
    "/orgs",
    "/notices",
    "/events",
    "/library",
    "/outcomes",
    "/outcomes/results",
    "/open",
    "/support",
)


def said(text):
    return {name: unescape(value) for name, value in TAG.findall(text)}


@pytest.fixture
def base(app):
    return app.config["PUBLIC_URL"]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_names_its_lasting_address_whatever_is_filtered(page, base, path):
    text = page(f"{path}?q=x&page=1")
    found = said(text)
    assert CANONICAL.findall(text) == [base + path] and found["url"] == base + path
    assert found["type"] == "website" and found["title"] and len(found["description"]) > 8
    assert found["locale"] == "zh_CN" and found["site_name"] == "曹杨益家"
    assert text.count('<meta name="description"') == 1


def test_a_record_is_shared_under_its_own_title(app, page, base):
    need = make.need(title='楼道 "议事" <b>', summary='一句"话"说清 & 讲明')
    project, event = make.project(), make.event()
    final = make.assessment(AssessmentState.FINAL, project=make.project(ProjectState.CLOSED), grade="good")
    org = make.organisation(intro="做社区服务的机构。")
    for path, title in (
        (f"/needs/{need.ref}", need.title), (f"/projects/{project.ref}", project.title), (f"/events/{event.ref}", event.title),
        (f"/orgs/{org.ref}", org.name), (f"/assessments/{final.ref}", final.project.title),
    ):  # fmt: skip
        text = page(path)
        found = said(text)
        assert title in found["title"] and found["type"] == "article", path
        assert found["url"] == base + path and CANONICAL.findall(text) == [base + path]
    assert said(page(f"/needs/{need.ref}"))["description"] == need.summary


def test_the_picture_has_an_absolute_address_and_its_size(page, client_as, base):
    found = said(page("/needs"))
    assert found["image"].startswith(f"{base}/assets/") and found["image:alt"]
    answer = client_as(None).get(found["image"].removeprefix(base))
    with Image.open(io.BytesIO(answer.data)) as picture:
        assert answer.mimetype == "image/png"
        assert picture.size == (int(found["image:width"]), int(found["image:height"])) == (1200, 630)


def test_in_english_it_is_said_in_english(client_as, app):
    visitor = client_as(None)
    visitor.set_cookie("lang", "en")
    found = said(visitor.get("/needs").text)
    assert found["locale"] == "en_GB" and found["title"].isascii()


def test_pages_of_people_and_pages_that_are_none_are_not_shared(client_as, app):
    staff = client_as(make.user(Role.STREET_STAFF))
    for client, path in ((staff, "/staff/needs"), (staff, "/workbench"), (client_as(None), "/login"),
                         (client_as(None), "/needs/XQ-2026-nonsense"), (client_as(None), "/nonsense")):  # fmt: skip
        text = client.get(path).text
        assert "og:" not in text and "canonical" not in text, path


def test_only_the_layout_writes_these_tags():
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        if path.name != "_layout.html":
            assert (
                'property="og:' not in text and '<meta name="description"' not in text and 'rel="canonical"' not in text
            ), path
