"""The main job, walked by its people in Chromium through the real pages: clerks at desks, others on their phones.

Each chapter is a module of this folder. What people repeat many times is done once by page and then by the services.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from matchhub.config import ROOT
from matchhub.core import clock, ledger, outbox
from matchhub.core.db import db
from matchhub.domain import reference
from matchhub.search import site
from tests.browser import (
    chromium,
    looking,
    part1_joining,
    part2_needing,
    part3_applying,
    part4_judging,
    part5_noticing,
    part6_delivering,
    part7_visiting,
    part8_closing,
)
from tests.browser.story import Story, empty_site, started_at

CHAPTERS = (
    part1_joining,
    part2_needing,
    part3_applying,
    part4_judging,
    part5_noticing,
    part6_delivering,
    part7_visiting,
    part8_closing,
)


@pytest.fixture
def story(browser: Browser, folder: Path) -> Iterator[Story]:
    """A site of their own, CSRF on, its clock stopped in March; at the end no page may have done what it must not."""
    place = folder / "journey"
    with ExitStack() as stack:
        stack.enter_context(clock.stopped(started_at()))
        app = empty_site(place)
        address = stack.enter_context(chromium.served(app))
        yield Story(app, browser, address, place, stack)
    with app.app_context():
        db.engine.dispose()
    shutil.rmtree(place)
    site.configure(folder, ROOT / "seed" / "reference")
    reference.forget()


def test_the_whole_chain_walked_by_its_people(story: Story) -> None:
    for chapter in CHAPTERS:
        chapter.play(story)
    wrong = [sentence for found in story.looked_at.values() for sentence in found]
    assert not wrong, "\n".join(wrong)
    assert set(story.looked_at) == looking.SEEN_ON_THE_JOURNEY
    with story.inside():
        assert ledger.verify().broken_at is None
        outbox.drain()
        assert not site.reconcile()
    found = story["resident"].go("/search?q=加梯")
    found.reads(part3_applying.PROJECT)
