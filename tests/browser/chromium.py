"""Chromium on a live server: how it is started, and what no page may do in it."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright
from werkzeug.serving import make_server

PATH = os.environ.get("CHROME_BIN") or shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
DESKTOP: dict[str, Any] = {"viewport": {"width": 1366, "height": 768}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 1,
}
# How long a page may take: only a broken one reaches this, however slow the machine and however much runs beside.
PATIENCE_MS = 60_000
# Form pages that say what to repair answer with these; Chromium logs every such answer as an error.
SAYS_WHAT_TO_REPAIR = ("status of 422", "status of 409")


@contextmanager
def started() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=PATH, headless=True, chromium_sandbox=False, args=ARGUMENTS
        )
        yield browser
        browser.close()


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """`app` on a free port of this machine, in a thread of this process: its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Watch:
    """Collects what no page may do: script errors, refusals of the content policy, requests to other machines."""

    def __init__(self, base: str, expected: tuple[str, ...] = SAYS_WHAT_TO_REPAIR) -> None:
        self.base, self.expected = base, expected
        self.faults: list[str] = []

    def over(self, context: BrowserContext) -> None:
        """Watch every page of `context`."""
        context.on("page", self._page)

    def _page(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("console", self._console)
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(known in message.text for known in self.expected):
            self.faults.append(f"{message.location.get('url')}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.base}/", "data:", "blob:")):
            self.faults.append(f"asked another machine: {request.url}")


@contextmanager
def window(
    browser: Browser, base: str, *, phone: bool = False, cut_off: bool = False, **more: Any
) -> Iterator[BrowserContext]:
    """A browser window with nothing in it yet. Raises AssertionError at its end when a page did what it may not.

    `cut_off`: its network is going to fail, of which Chromium writes a line.
    """
    watch = Watch(base, (*SAYS_WHAT_TO_REPAIR, "net::ERR_") if cut_off else SAYS_WHAT_TO_REPAIR)
    size = PHONE if phone else DESKTOP
    context = browser.new_context(base_url=base, locale="zh-CN", timezone_id="Asia/Shanghai", **size | more)
    context.set_default_timeout(PATIENCE_MS)
    watch.over(context)
    yield context
    context.close()
    assert not watch.faults, "\n".join(watch.faults)
