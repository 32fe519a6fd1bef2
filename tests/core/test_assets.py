"""The front-end files: found, small, kept for ever by browsers, and readable in every colour pair of the design."""

import gzip
import re

import brotli
import pytest
from flask import Flask

from matchhub.core import assets

CSS = (assets.OWN / "app.css").read_text(encoding="utf-8")
SCRIPT = (assets.OWN / "app.js").read_text(encoding="utf-8")


@pytest.fixture
def small_app() -> Flask:
    app = Flask(__name__)
    app.secret_key = "only for this test"
    assets.init_app(app)
    return app


@pytest.fixture
def browser(small_app):
    return small_app.test_client()


def url(app: Flask, name: str) -> str:
    return app.jinja_env.globals["asset_url"](name)


@pytest.mark.parametrize("name", [*assets.VENDOR, *assets.OWN_NAMES])
def test_each_file_is_served_for_ever_and_touches_no_session(small_app, browser, name):
    answer = browser.get(url(small_app, name))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


@pytest.mark.parametrize(
    ("accepts", "unpack"), [("br, gzip", brotli.decompress), ("gzip", gzip.decompress), ("", bytes)]
)
def test_the_packed_bodies_are_the_file(small_app, browser, accepts, unpack):
    answer = browser.get(url(small_app, "app.css"), headers={"Accept-Encoding": accepts})
    assert unpack(answer.data) == CSS.encode()
    assert answer.headers.get("Content-Encoding", "") == accepts.split(",")[0]


def test_an_unchanged_file_is_not_sent_twice(small_app, browser):
    first = browser.get(url(small_app, "htmx.js"))
    again = browser.get(url(small_app, "htmx.js"), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_old_address_leads_to_the_present_file(small_app, browser):
    answer = browser.get("/assets/000000000000/app.css")
    assert (answer.status_code, answer.headers["Location"]) == (302, url(small_app, "app.css"))


@pytest.mark.parametrize("name", ["nothing.css", "..%2f..%2fwsgi.py", "app.py"])
def test_no_other_file_can_be_asked_for(browser, name):
    assert browser.get(f"/assets/000000000000/{name}").status_code == 404


def test_a_new_content_gets_a_new_address():
    assert assets._pack("app.css", b"a{}").digest != assets._pack("app.css", b"b{}").digest


def test_all_files_together_leave_room_for_a_page_in_the_budget():
    assert sum(len(asset.brotli) for asset in assets.load().values()) <= 75_000


def test_an_icon_beside_a_word_is_silent_and_alone_has_a_name():
    assert 'aria-hidden="true"' in assets.icon("printer")
    assert 'aria-label="打印 &lt;b&gt;"' in assets.icon("printer", label="打印 <b>")


def test_an_unknown_icon_is_a_programming_mistake():
    with pytest.raises(LookupError, match="no-such-icon"):
        assets.icon("no-such-icon")


def test_no_icon_breaks_the_content_security_policy():
    drawn = "".join(inner for _box, inner in assets._symbols().values())
    assert not re.search(r"\sstyle=|<script|<style|\son\w+=", drawn)


def test_the_script_works_without_eval_and_writes_no_html():
    assert not re.search(r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write", SCRIPT)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def tokens() -> dict[str, str]:
    found = dict(re.findall(r"--mh-([a-z0-9-]+): (#[0-9A-F]{6});", CSS.split("}")[0]))
    return found | {"white": "#FFFFFF"}


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "paper"), ("ink-2", "paper"), ("ink-2", "muted-t"), ("primary", "white"), ("primary-d", "primary-t"),
        ("white", "primary"), ("white", "accent"), ("accent", "paper"), ("accent", "accent-t"), ("ok", "ok-t"),
        ("warn", "warn-t"), ("danger", "danger-t"), ("danger", "white"), ("info", "info-t"), ("purple", "purple-t"),
        ("muted", "muted-t"), ("top-ink", "top"), ("foot-ink", "foot"),
    ],
)  # fmt: skip
def test_every_text_colour_can_be_read_on_its_ground(ink, ground):
    assert contrast(tokens()[ink], tokens()[ground]) >= 4.5


@pytest.mark.parametrize(
    ("edge", "ground"), [("line-2", "paper"), ("line-2", "white"), ("focus", "ink"), ("focus", "primary")]
)
def test_edges_of_controls_can_be_seen(edge, ground):
    assert contrast(tokens()[edge], tokens()[ground]) >= 3
