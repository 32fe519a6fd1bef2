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
    part1_joining,
    part2_needing,
    part3_applying,
    part4_judging,
    part5_noticing,
    part6_delivering,
    part7_visiting,
    part8_closing,
)
from tests.browser.looking import Sight
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
def story(browser: Browser, folder: Path, sight: Sight) -> Iterator[Story]:
    """A site of their own, CSRF on, its clock stopped in March; at the end no page may have done what it must not."""
    place = folder / "journey"
    with ExitStack() as stack:
        stack.enter_context(clock.stopped(started_at()))
        app = empty_site(place)
        address = stack.enter_context(chromium.served(app))
        yield Story(app, browser, address, place, stack, sight)
    with app.app_context():
        db.engine.dispose()
    shutil.rmtree(place)
    site.configure(folder, ROOT / "seed" / "reference")
    reference.forget()


@pytest.mark.sees(
    "admin/initial_password.html",
    "applications/ask_correction.html",
    "applications/check.html",
    "applications/disqualify.html",
    "applications/files.html",
    "applications/part.html",
    "closing/report.html",
    "closing/report_read.html",
    "closing/rescore.html",
    "closing/self_score.html",
    "notices/closed.html",
    "notices/follow.html",
    "organisations/initial_password.html",
    "organisations/leave.html",
    "organisations/submit.html",
    "projects/agreement.html",
    "projects/exempt.html",
    "projects/payment.html",
    "projects/reply.html",
    "reviews/approve.html",
    "reviews/declare.html",
    "reviews/propose.html",
    "reviews/set_up.html",
    "site/home_care.html",
    "supervision/cancel.html",
    "supervision/contest.html",
    "supervision/reply.html",
    "supervision/score.html",
)
def test_the_whole_chain_walked_by_its_people(story: Story) -> None:
    for chapter in CHAPTERS:
        chapter.play(story)
    with story.inside():
        assert ledger.verify().broken_at is None
        outbox.drain()
        assert not site.reconcile()
    found = story["resident"].go("/search?q=加梯")
    found.reads(part3_applying.PROJECT)
