"""A judge and a resident at a roadshow, on their phones, in a room whose network comes and goes."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, BrowserContext, Page, expect

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.domain import eventing, logins
from matchhub.domain.models import Ballot, Presentation, ScoreSheet, SheetState, Signup, User
from matchhub.features.events import running
from tests.browser import chromium
from tests.browser.looking import Sight, until
from tests.events import scene

KEPT = "已保存在本机，联网后自动提交"
# What the big screen's countdown shows, in seconds.
LEFT = """document.querySelector("[data-clock-left]").textContent.trim().split(":").reduce((m, s) => 60 * m + Number(s), 0)"""


@command
def _start(user: User) -> str:
    return logins.start(user, "tests")


def sign_in(app: Flask, context: BrowserContext, user: User, base: str) -> None:
    cookie = (
        SecureCookieSessionInterface().get_signing_serializer(app).dumps({"_user_id": _start(user), "_fresh": True})
    )
    context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": cookie, "url": base}])


def count(model: Any, *where: Any) -> int:
    db.session.rollback()
    found = db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*where)) or 0
    db.session.rollback()  # an open transaction of the test would keep the site's writers waiting
    return found


def status(page: Page) -> Any:
    return page.locator("[data-offline-status]").first


@pytest.fixture
def room(app: Flask) -> scene.Roadshow:
    """A roadshow that has begun: the first of two presenters talks."""
    made = scene.running(applicants=2)
    running.run(made.staff, made.items[0], "talk")
    return made


@pytest.mark.sees("events/check_in.html", "events/ballots.html", "events/door_closed.html")
def test_a_resident_checks_in_and_votes_though_the_network_drops(
    app: Flask, browser: Browser, room: scene.Roadshow, sight: Sight
) -> None:
    ref, code = room.event.ref, eventing.door_code(room.event, clock.now())
    db.session.rollback()
    with chromium.served(app) as base, chromium.window(browser, base, phone=True) as phone:
        page = phone.new_page()
        page.goto(f"/check-in/{ref}?t={code}")
        sight(page)
        page.get_by_label("姓名").fill("钱阿姨")
        phone.set_offline(True)
        page.get_by_role("button", name="签到").tap()
        expect(status(page)).to_contain_text(KEPT)
        assert count(Signup) == 0  # not called submitted before the server has it
        phone.set_offline(False)
        expect(page.locator("body")).to_contain_text("签到成功")
        assert count(Signup, Signup.checked_in_at.is_not(None)) == 1
        page.get_by_role("link", name="给各家投票").tap()
        expect(page.locator("h1")).to_have_text("居民投票")
        sight(page)
        phone.set_offline(True)
        page.get_by_label("9", exact=True).check(force=True)
        page.get_by_role("button", name="投票").tap()
        expect(status(page)).to_contain_text(KEPT)
        assert count(Ballot) == 0
        phone.set_offline(False)
        expect(page.locator("body")).to_contain_text("已提交：您给了 9 分")
        assert count(Ballot, Ballot.points == 9) == 1
        # The same code a minute later, on another phone: it has changed.
        with clock.stopped(clock.now() + eventing.timedelta(seconds=70)):
            other = phone.new_page()
            phone.clear_cookies()
            other.goto(f"/check-in/{ref}?t={code}")
            expect(other.locator("body")).to_contain_text("这个签到码已经换了")
            sight(other)


@pytest.mark.sees("events/live.html", "events/live_sheet.html")
def test_a_judge_loses_nothing_and_is_told_the_truth(
    app: Flask, browser: Browser, room: scene.Roadshow, sight: Sight
) -> None:
    item, judge = room.items[0], room.judges[0]
    ref, number = room.event.ref, item.id
    voter, name, title = scene.resident(room.event).id, item.organisation.name, room.event.title
    db.session.rollback()
    with chromium.served(app) as base, chromium.window(browser, base, phone=True) as phone:
        sign_in(app, phone, judge, base)
        db.session.rollback()
        page = phone.new_page()
        page.goto(f"/review/live/{ref}")
        expect(page.locator("[data-clock-left]")).to_have_text("08:00")
        sight(page)
        page.get_by_role("link", name=f"1. {name}").tap()
        expect(page.locator("#line-R1-value")).to_be_visible()
        sight(page)
        for code, points in (("R1", "20"), ("R2", "21"), ("R3", "19.5"), ("R4", "12")):
            page.locator(f"#line-{code}-value").fill(points)
        page.wait_for_timeout(600)  # typing is kept half a second later
        page.reload()
        expect(page.locator("#line-R3-value")).to_have_value("19.5")
        expect(page.get_by_role("button", name="提交评分")).to_be_hidden()
        _close_the_ballots(room, voter, number)
        expect(page.get_by_role("button", name="提交评分")).to_be_visible(timeout=10_000)
        page.get_by_label("我已核对，提交后不能再改").check()
        phone.set_offline(True)
        page.get_by_role("button", name="提交评分").tap()
        expect(status(page)).to_contain_text(KEPT)
        assert count(ScoreSheet, ScoreSheet.state == SheetState.SUBMITTED) == 0
        phone.set_offline(False)
        expect(page.locator("h1")).to_have_text(title)
        expect(page.locator(".mh-row").first).to_contain_text("已提交")
    db.session.rollback()
    sheet = db.session.scalars(sa.select(ScoreSheet).where(ScoreSheet.judge_id == judge.id)).one()
    assert (sheet.state, sheet.total) == (SheetState.SUBMITTED, 80.5)  # 72.5 of the judge, 8 of the room


def _seconds_left(page: Page) -> int:
    return int(page.evaluate(LEFT))


def _close_the_ballots(room: scene.Roadshow, voter: int, number: int) -> None:
    from matchhub.features.events import signing

    signing.vote(db.session.get(Signup, voter), db.session.get(Presentation, number), 8)
    for deed in ("answer", "finish"):
        running.run(room.staff, db.session.get(Presentation, number), deed)
    running.close_ballots(room.staff, db.session.get(Presentation, number))
    db.session.rollback()


@pytest.mark.sees("events/screen.html", "events/ballots_of.html", "events/desk.html", "events/countdown.html")
def test_the_big_screen_counts_on_without_a_network(
    app: Flask, browser: Browser, room: scene.Roadshow, sight: Sight
) -> None:
    with chromium.served(app) as base, chromium.window(browser, base) as window:
        sign_in(app, window, room.staff, base)
        ref, name = room.event.ref, room.items[0].organisation.name
        db.session.rollback()
        page = window.new_page()
        page.goto(f"/events/{ref}/countdown")
        sight(page)
        page.goto(f"/staff/events/{ref}/run")
        sight(page)
        page.get_by_role("link", name="纸质票和截止").first.click()
        expect(page.locator("h1")).to_have_text("居民投票")
        sight(page)
        page.goto(f"/staff/events/{ref}/screen")
        expect(page.locator("[data-clock-title]")).to_have_text(name)
        expect(page.locator("[data-door]")).to_be_visible()
        sight(page)
        window.set_offline(True)
        before = _seconds_left(page)
        until(page, f"{LEFT} <= {before - 3}")
        expect(page.locator("[data-clock-net]")).to_contain_text("网络断开，计时照常走")
        window.set_offline(False)
