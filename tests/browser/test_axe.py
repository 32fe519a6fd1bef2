"""axe finds nothing: one page of every kind, as somebody who may open it, at a desk and on a phone in care mode."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserContext, Page

from matchhub.config import ROOT
from tests.browser import pages
from tests.browser.looking import OPEN_EVERYTHING, violations
from tests.browser.pages import Kind

ENGLISH_EVERY = 6


def test_every_page_is_looked_at_here_or_where_a_test_walks_to_it(kinds: list[Kind]) -> None:
    folder = ROOT / "templates"
    whole = {str(path.relative_to(folder)) for path in folder.rglob("*.html") if _is_page(path)}
    promised = _promised()
    assert promised <= whole
    assert whole - {kind.template for kind in kinds} <= promised


def _promised() -> set[str]:
    """What tests of this folder say that they look at; each of them fails when it does not (conftest.sight)."""
    modules = [import_module(f"tests.browser.{path.stem}") for path in Path(__file__).parent.glob("test_*.py")]
    tests = [one for module in modules for name, one in vars(module).items() if name.startswith("test_")]
    marks = [mark for test in tests for mark in getattr(test, "pytestmark", []) if mark.name == "sees"]
    return {template for mark in marks for template in mark.args}


def _is_page(path: Path) -> bool:
    return not path.name.startswith("_") and path.parent.name not in {"components", "errors"}


def look(page: Page, kind: Kind, opening: bool) -> list[str]:
    answer = page.goto(kind.path)
    if answer is None or answer.status != 200:
        return [f"{kind.path}: {answer and answer.status}"]
    if opening:
        page.evaluate(OPEN_EVERYTHING)
    return [f"{kind.template}: {one}" for one in violations(page)]


def findings(app: Flask, context: BrowserContext, address: str, kinds: list[Kind], **cookies: str) -> list[str]:
    """What axe finds on these pages, each as the person who found it; one person after the other in one window."""
    page = context.new_page()
    wrong: list[str] = []
    signed_in: int | bool | None = False
    for kind in sorted(kinds, key=lambda kind: kind.user_id or 0):
        if signed_in != kind.user_id:
            context.clear_cookies()
            context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
            context.add_cookies(pages.cookie(app, address, kind.user_id))
            signed_in = kind.user_id
        wrong += look(page, kind, opening=bool(cookies))
    return wrong


def test_at_a_desk(window: Any, demo_made: Flask, demo_address: str, kinds: list[Kind]) -> None:
    assert not (wrong := findings(demo_made, window(), demo_address, kinds)), "\n".join(wrong)


def test_on_a_phone_in_care_mode_with_everything_open(
    window: Any, demo_made: Flask, demo_address: str, kinds: list[Kind]
) -> None:
    wrong = findings(demo_made, window(phone=True), demo_address, kinds, mode="care")
    assert not wrong, "\n".join(wrong)


def test_in_english(window: Any, demo_made: Flask, demo_address: str, kinds: list[Kind]) -> None:
    wrong = findings(demo_made, window(), demo_address, kinds[::ENGLISH_EVERY], lang="en")
    assert not wrong, "\n".join(wrong)
