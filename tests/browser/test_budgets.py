"""Promises of the interface: bytes and requests, no sideways scroll, the keyboard's way, life without script, targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser import looking, pages
from tests.browser.pages import Kind

FIRST_VISIT_BYTES = 120 * 1024
REPEAT_VISIT_BYTES = 25 * 1024
REQUESTS = 12

Window = Callable[..., BrowserContext]


@pytest.fixture
def public(kinds: list[Kind]) -> list[str]:
    """An address of each public page."""
    return sorted({kind.path for kind in kinds if kind.user_id is None})


# --- bytes -----------------------------------------------------------------------------------------------------------


class Meter:
    """Counts what really came over the wire, as the browser's own network log tells it."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.session.send("Network.enable")
        self.session.on("Network.responseReceived", self._answered)
        self.session.on("Network.loadingFinished", self._finished)
        self.reset()

    def reset(self) -> None:
        self.received = self.requests = 0
        self.cached: set[str] = set()

    def _answered(self, event: dict[str, Any]) -> None:
        if event["response"].get("fromDiskCache") or event["response"]["url"].startswith("data:"):
            self.cached.add(event["requestId"])
        else:
            self.requests += 1

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self.cached:
            self.received += int(event["encodedDataLength"])


def test_every_public_page_keeps_to_its_bytes(window: Window, public: list[str]) -> None:
    context, over = window(), []
    page = context.new_page()
    meter = Meter(page)
    for path in public:
        meter.session.send("Network.clearBrowserCache")
        for most, visit in ((FIRST_VISIT_BYTES, "first"), (REPEAT_VISIT_BYTES, "repeat")):
            meter.reset()
            page.goto(path, wait_until="networkidle")
            if meter.received > most or meter.requests > REQUESTS:
                over.append(f"{path}, {visit} visit: {meter.received} bytes in {meter.requests} requests")
            assert meter.received > 500, "the meter does not count"
    assert not over, "\n".join(over)


# --- width -----------------------------------------------------------------------------------------------------------


def test_no_page_scrolls_sideways(window: Window, demo_made: Flask, demo_address: str, kinds: list[Kind]) -> None:
    context, wide = window(phone=True), []
    page = context.new_page()
    signed_in: int | bool | None = False
    for kind in sorted(kinds, key=lambda kind: kind.user_id or 0):
        if signed_in != kind.user_id:
            context.clear_cookies()
            context.add_cookies(pages.cookie(demo_made, demo_address, kind.user_id))
            signed_in = kind.user_id
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(kind.path)
        wide += [f"{kind.path} ({kind.template}): {one}" for one in looking.too_wide(page)]
    assert not wide, "\n".join(wide)


# --- keyboard --------------------------------------------------------------------------------------------------------


def test_the_first_tab_is_the_skip_link(window: Window, public: list[str]) -> None:
    """Of every page but the list of components, where a summary of errors stands that takes the focus."""
    page = window().new_page()
    for path in public:
        if path.startswith("/styleguide"):
            continue
        page.goto(path)
        page.keyboard.press("Tab")
        expect(page.locator(".mh-skip"), path).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_the_error_summary_takes_the_focus_and_its_links_lead_to_the_fields(window: Window) -> None:
    page = window().new_page()
    page.goto("/register")
    page.get_by_role("button", name="注册并继续").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    links = summary.get_by_role("link")
    for n in range(links.count()):
        anchor = (links.nth(n).get_attribute("href") or "")[1:]
        links.nth(n).press("Enter")
        field = f"[id='{anchor}']:focus, [id='{anchor}'] input:focus"
        expect(page.locator(field)).to_have_count(1)
    assert links.count() >= 7


# --- without script --------------------------------------------------------------------------------------------------


def test_search_and_an_objection_work_without_script(window: Window, demo_made: Flask, kinds: list[Kind]) -> None:
    page = window(phone=True, java_script_enabled=False).new_page()
    page.goto("/")
    page.get_by_role("searchbox").fill("加装电梯")
    page.get_by_role("button", name="搜索").click()
    expect(page.locator("main")).to_contain_text("加装电梯")
    expect(page.locator("main mark").first).to_be_visible()
    page.locator("header").get_by_role("link", name="公示公告").click()
    path = next(kind.path for kind in kinds if kind.template == "notices/object.html")
    page.goto(path)
    page.get_by_label("您的真实姓名或单位").fill("钱居民")
    page.get_by_role("button", name="提交异议").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_contain_text("请填写能联系到您的电话或邮箱")
    expect(page.get_by_label("您的真实姓名或单位")).to_have_value("钱居民")


# --- targets ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "least"), [("normal", 44), ("care", 60)])
def test_what_is_touched_is_large_enough(
    window: Window, demo_made: Flask, demo_address: str, kinds: list[Kind], mode: str, least: int
) -> None:
    context, small = window(phone=True), []
    page = context.new_page()
    signed_in: int | bool | None = False
    for kind in sorted(kinds, key=lambda kind: kind.user_id or 0):
        if signed_in != kind.user_id:
            context.clear_cookies()
            context.add_cookies([{"name": "mode", "value": mode, "url": demo_address}])
            context.add_cookies(pages.cookie(demo_made, demo_address, kind.user_id))
            signed_in = kind.user_id
        page.goto(kind.path)
        small += [f"{kind.path} ({kind.template}): {one}" for one in page.evaluate(looking.TOO_SMALL, least)]
    assert not small, "\n".join(small)
