"""What no page may break, looked for on a page that is open: axe's rules, width, and the size of what is touched."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from flask import has_request_context, request, template_rendered
from playwright.sync_api import Page

from tests.browser.chromium import PATIENCE_MS

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}
OPEN_EVERYTHING = "document.querySelectorAll('details').forEach(d => { d.open = true })"
WHAT_IS_OPEN = "[...document.querySelectorAll('details')].map(d => d.open)"
AS_IT_WAS = """open => { document.documentElement.dataset.mode = 'normal';
    document.querySelectorAll('details').forEach((d, n) => { d.open = open[n] }) }"""

SIZES = ((1366, 768), (390, 844))
WIDTHS = ((390, "100%"), (320, "100%"), (390, "200%"))
TOO_SMALL = """least => [...document.querySelectorAll(
    'button, .mh-btn, nav a, .mh-top__tools a, .mh-menu__sum, .mh-scale__cell, select, input[type=text], input[type=search]')]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('.visually-hidden') && !e.hidden)
    .map(e => [e, e.getBoundingClientRect()])
    .filter(([e, r]) => r.width > 1 && (r.height < least - 0.5 || r.width < least - 0.5))
    .map(([e, r]) => `${e.className || e.tagName} “${e.textContent.trim().slice(0, 12)}” ${r.width.toFixed(0)}×${r.height.toFixed(0)}`)"""


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now, as sentences."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{page.url}: {one['id']}: {_where(one)}" for one in found]


def in_every_way(page: Page) -> list[str]:
    """At a desk and on a phone, as it is and in care mode with everything open; at last it stands as it stood."""
    size, opened, found = page.viewport_size, page.evaluate(WHAT_IS_OPEN), []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for mode, opening in (("normal", ""), ("care", OPEN_EVERYTHING)):
            page.evaluate(f"document.documentElement.dataset.mode = '{mode}'; {opening}")
            found += violations(page)
    page.evaluate(AS_IT_WAS, opened)
    found += [f"{page.url}: {one}" for one in [*page.evaluate(TOO_SMALL, 44), *too_wide(page)]]
    if size:
        page.set_viewport_size(size)
        page.evaluate(AS_IT_WAS, opened)  # the menu folds and unfolds with the width
    return found


def too_wide(page: Page) -> list[str]:
    """Where the page scrolls sideways: on a phone, on a small one, and with text twice as large."""
    found = []
    for width, text in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        page.evaluate("size => { document.documentElement.style.fontSize = size }", "" if text == "100%" else text)
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            found.append(f"{needed} wide at {width}, text {text}")
    page.evaluate("document.documentElement.style.fontSize = ''")
    return found


def until(page: Page, script: str) -> None:
    """Wait for `script` to be true; the pages' content policy forbids Playwright's own way of polling."""
    give_up = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(script):
        assert time.monotonic() < give_up, f"never true: {script}"
        page.wait_for_timeout(50)


class Sight:
    """Looks once at the page of each template that a test has promised to open; the pages that are come to are given it."""

    def __init__(self, promised: Iterable[str]) -> None:
        self.promised = set(promised)
        self.found: dict[str, list[str]] = {}
        self._shown: dict[str, str] = {}
        template_rendered.connect(self._note)  # for as long as this lives

    def _note(self, _sender: Any, template: Any, **_context: Any) -> None:
        if has_request_context():
            self._shown[request.path] = template.name

    def __call__(self, page: Page) -> None:
        name = self._shown.get(urlsplit(page.url).path, "")
        if name in self.promised and name not in self.found:
            self.found[name] = in_every_way(page)

    def hold(self) -> None:
        """Raises AssertionError when a promised page was not opened, or when something was found."""
        wrong = [f"{name}: {one}" for name, found in self.found.items() for one in found]
        assert not wrong, "\n".join(wrong)
        assert set(self.found) == self.promised, f"not opened: {sorted(self.promised - set(self.found))}"


def _where(violation: dict[str, Any]) -> str:
    return f"{violation['help']} {[node['target'] for node in violation['nodes'][:3]]}"
