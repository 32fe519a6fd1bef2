"""Writing an application in Chromium: saved by itself on and off the network, two people on one part, a table from Excel."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook
from playwright.sync_api import Browser, BrowserContext, Page, expect

from matchhub.config import ROOT
from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import reference
from matchhub.domain.models import Application, Role, User
from matchhub.features.applications import service
from matchhub.search import site
from tests import factories as make
from tests.browser import chromium, pages
from tests.browser.looking import Sight, until
from tests.browser.story import empty_site, started_at

BAR = "[data-autosave-text]"
SAVED = re.compile(r"已暂存 \d\d:\d\d")


class Desk:
    """A site with one organisation of two people and a draft that is filled in."""

    def __init__(self, app: Flask, browser: Browser, address: str, stack: ExitStack) -> None:
        self.app, self.browser, self.address, self.stack = app, browser, address, stack
        with app.app_context():
            organisation = make.organisation(name="和邻治理社")
            self.head = make.org_admin(organisation, name="方静").id
            self.member = make.user(Role.ORG_MEMBER, organisation=organisation, name="李同事").id
            actor = db.session.get_one(User, self.head)
            application = service.start(actor, make.need())
            for part, values in make.document().items():
                service.save_part(actor, application, part, values)
            self.ref = application.ref
            db.session.remove()

    def window(self, user_id: int, **more: bool) -> BrowserContext:
        context = self.stack.enter_context(chromium.window(self.browser, self.address, **more))
        context.add_cookies(pages.cookie(self.app, self.address, user_id))  # type: ignore[arg-type]
        return context

    def stored(self, part: str, field: str) -> object:
        with self.app.app_context():
            found = db.session.query(Application).filter_by(ref=self.ref).one().body.document[part][field]
            db.session.remove()
            return found

    def url(self, rest: str = "") -> str:
        return f"/my/applications/{self.ref}{rest}"


@pytest.fixture
def desk(browser: Browser, folder: Path) -> Iterator[Desk]:
    place = folder / "applying"
    with ExitStack() as stack:
        stack.callback(_forget, folder, place)
        stack.enter_context(clock.stopped(started_at()))
        app = empty_site(place)
        stack.callback(_close, app)
        address = stack.enter_context(chromium.served(app))
        yield Desk(app, browser, address, stack)


def _close(app: Flask) -> None:
    with app.app_context():
        db.engine.dispose()


def _forget(folder: Path, place: Path) -> None:
    shutil.rmtree(place)
    site.configure(folder, ROOT / "seed" / "reference")
    reference.forget()


def kept_on_device(page: Page) -> list[str]:
    return list(page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('keep:'))"))


def test_what_is_typed_is_saved_by_itself_and_a_lost_network_loses_nothing(desk: Desk) -> None:
    context = desk.window(desk.head, phone=True, cut_off=True)
    page = context.new_page()
    page.goto(desk.url("/risks"))
    page.get_by_label("风险与预案").fill("遇雨改在活动室")
    expect(page.locator(BAR)).to_have_text(SAVED)
    assert desk.stored("risks", "risks") == "遇雨改在活动室"
    assert kept_on_device(page) == []
    # Without a network nothing is said to be saved, and the text stays on the device.
    context.route("**/keep", lambda route: route.abort())
    page.get_by_label("风险与预案").fill("断网时写的预案")
    page.get_by_label("安全与隐私承诺").focus()
    expect(page.locator(BAR)).to_contain_text("没有暂存：连不上网络")
    assert desk.stored("risks", "risks") == "遇雨改在活动室"
    until(page, "Object.keys(localStorage).some(k => k.startsWith('keep:'))")
    # As soon as it is back the text goes by itself.
    context.unroute("**/keep")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(BAR)).to_have_text(SAVED)
    assert desk.stored("risks", "risks") == "断网时写的预案"
    until(page, "!Object.keys(localStorage).some(k => k.startsWith('keep:'))")


def test_rows_typed_without_a_network_come_back_after_a_reload(desk: Desk) -> None:
    context = desk.window(desk.head, phone=True, cut_off=True)
    page = context.new_page()
    page.goto(desk.url("/budget"))
    context.route("**/keep", lambda route: route.abort())
    page.get_by_role("button", name="增加一行预算").click()
    page.locator('[name="rows-3-item"]').fill("断网时加的一行")
    until(page, "Object.values(localStorage).some(v => v.includes('rows-3-item'))")
    page.reload()
    expect(page.locator('[name="rows-3-item"]')).to_have_count(0)
    page.get_by_role("button", name="恢复内容").click()
    expect(page.locator('[name="rows-3-item"]')).to_have_value("断网时加的一行")
    context.unroute("**/keep")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator(BAR)).to_have_text(SAVED)
    rows = desk.stored("budget", "rows")
    assert isinstance(rows, list) and rows[3]["item"] == "断网时加的一行"


def test_signing_out_sends_what_was_typed_first(desk: Desk) -> None:
    page = desk.window(desk.head).new_page()
    page.goto(desk.url("/team"))
    page.get_by_label("志愿者安排").fill("二十名志愿者")
    page.locator(".mh-me summary").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.locator(".mh-top__me")).to_have_count(0)
    assert desk.stored("team", "volunteers") == "二十名志愿者"


@pytest.mark.sees("applications/conflict.html")
def test_two_people_on_one_answer_choose_between_their_texts(desk: Desk, sight: Sight) -> None:
    mine, theirs = (desk.window(one).new_page() for one in (desk.head, desk.member))
    mine.goto(desk.url("/risks"))
    theirs.goto(desk.url("/risks"))
    theirs.get_by_label("风险与预案").fill("意见不一。先个别谈。")
    expect(theirs.locator(BAR)).to_have_text(SAVED)
    mine.get_by_label("风险与预案").fill("意见不一。先开楼组会。")
    expect(mine.locator(BAR)).to_contain_text("没有暂存：李同事在")
    mine.get_by_role("button", name="对照两份内容").click()
    expect(mine.locator("h1")).to_have_text("对照两份内容")
    sight(mine)
    expect(mine.locator(".mh-side").nth(0)).to_contain_text("开楼组会")
    expect(mine.locator(".mh-side").nth(1)).to_contain_text("个别谈")
    mine.get_by_label("两份都留，我的在前").check()
    mine.get_by_role("button", name="按选择保存").click()
    expect(mine.locator(".mh-flash--ok")).to_contain_text("已存下")
    assert desk.stored("risks", "risks") == "意见不一。先开楼组会。\n\n意见不一。先个别谈。"
    assert kept_on_device(mine) == []


def test_going_back_never_lays_an_old_text_over_a_colleagues(desk: Desk) -> None:
    mine, theirs = desk.window(desk.head).new_page(), desk.window(desk.member).new_page()
    for page in (mine, theirs):
        page.goto(desk.url("/risks"))
    theirs.get_by_label("风险与预案").fill("先个别谈")
    expect(theirs.locator(BAR)).to_have_text(SAVED)
    mine.get_by_label("风险与预案").fill("先开楼组会")
    expect(mine.locator(BAR)).to_contain_text("没有暂存")
    mine.get_by_role("button", name="对照两份内容").click()
    expect(mine.locator("h1")).to_have_text("对照两份内容")
    mine.go_back()
    # The page shows what is stored; the own text is offered, and is compared again when it is taken.
    expect(mine.get_by_label("风险与预案")).to_have_value("先个别谈")
    mine.get_by_role("button", name="恢复内容").click()
    expect(mine.get_by_label("风险与预案")).to_have_value("先开楼组会")
    mine.get_by_role("button", name="先存着，回头再填").click()
    expect(mine.locator("h1")).to_have_text("对照两份内容")
    assert desk.stored("risks", "risks") == "先个别谈"


@pytest.mark.sees("applications/table.html", "applications/table_preview.html")
def test_a_table_from_excel_is_seen_before_it_is_taken(desk: Desk, sight: Sight) -> None:
    page = desk.window(desk.head, phone=True).new_page()
    page.goto(desk.url("/budget"))
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 Excel 表格").click()
    book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    page.get_by_role("link", name="上传填好的表格").click()
    sight(page)
    book["预算明细"]["C2"] = "五百元整"
    send(page, book)
    expect(page.locator(".mh-summary")).to_contain_text("C2：单价（元）请只填数字，例如 120.50")
    page.get_by_role("link", name="改好后重新上传").click()
    book["预算明细"]["C2"] = 450
    send(page, book)
    expect(page.locator("main")).to_contain_text("新增 0 行，修改 1 行，删去 0 行")
    sight(page)
    page.get_by_role("button", name="确认，写进申报书").click()
    expect(page.locator(".mh-flash--ok")).to_contain_text("已按上传的表格更新，共 3 行")
    rows = desk.stored("budget", "rows")
    assert isinstance(rows, list) and rows[0]["unit_price_fen"] == 450_00


def send(page: Page, book: object) -> None:
    out = io.BytesIO()
    book.save(out)  # type: ignore[attr-defined]
    page.get_by_label("填好的表格").set_input_files(
        {"name": "预算.xlsx", "mimeType": "application/octet-stream", "buffer": out.getvalue()}
    )
    page.get_by_role("button", name="上传并查看对照").click()


PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def test_files_go_up_one_by_one_and_a_failed_one_can_be_tried_again(desk: Desk) -> None:
    context = desk.window(desk.head, cut_off=True)
    page = context.new_page()
    page.goto(desk.url("/files"))
    page.get_by_label("需求调研材料").check()
    context.route("**/files", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_label("选择文件").set_input_files(
        [{"name": "访谈.pdf", "mimeType": "application/pdf", "buffer": PDF},
         {"name": "清单.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"}]
    )  # fmt: skip
    page.get_by_role("button", name="上传").click()
    expect(page.locator(".mh-upload", has_text="访谈.pdf")).to_contain_text("没有传上")
    expect(page.locator(".mh-upload", has_text="清单.exe")).to_contain_text("没有上传：只收 PDF")
    context.unroute("**/files")
    page.get_by_role("button", name="重试 访谈.pdf").click()
    expect(page.locator(".mh-upload", has_text="访谈.pdf")).to_contain_text("上传完成")
    page.goto(desk.url("/files"))
    expect(page.locator("main")).to_contain_text("访谈.pdf")
