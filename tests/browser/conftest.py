"""One Chromium for all browser tests, on the demonstration and on a site that begins empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext

from tests.browser import chromium, pages
from tests.browser.looking import Sight
from tests.browser.pages import Kind
from tests.conftest import needed


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    if request.config.getoption("--database") != "sqlite":
        pytest.fail("browser tests run on SQLite only: --ignore=tests/browser")
    if not chromium.PATH:
        needed("Chromium")
    with chromium.started() as browser:
        yield browser


@pytest.fixture(scope="session")
def demo_address(demo_made: Flask) -> Iterator[str]:
    with chromium.served(demo_made) as address:
        yield address


@pytest.fixture
def kinds(demo_app: Flask) -> list[Kind]:
    """One page of every kind that the demonstration has; looked for once."""
    known = demo_app.extensions
    if "kinds" not in known:
        known["kinds"] = pages.kinds(demo_app)
    return list(known["kinds"])


@pytest.fixture(autouse=True)
def sight(request: pytest.FixtureRequest) -> Iterator[Sight]:
    """Looks at the pages that the test promises with `@pytest.mark.sees("needs/follow_left.html", ...)`."""
    mark = request.node.get_closest_marker("sees")
    sight = Sight(mark.args if mark else ())
    yield sight
    sight.hold()


Open = Callable[..., BrowserContext]


@pytest.fixture
def window(browser: Browser, demo_address: str, demo_app: Flask) -> Iterator[Open]:
    """`window(phone=True, ...)` is a new browser window on the demonstration; its faults fail the test."""
    with ExitStack() as stack:

        def opened(**more: Any) -> BrowserContext:
            return stack.enter_context(chromium.window(browser, demo_address, **more))

        yield opened
