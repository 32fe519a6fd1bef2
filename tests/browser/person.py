"""Somebody at a screen: finds fields by their labels and buttons by their words, as people do."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

OPTIONAL = r"\s*(（选填）|（勾选时必填）)?"


def _exactly(words: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(words)}{OPTIONAL}\s*$")


class Person:
    """One person with a browser of their own. `phone`: they tap on a small screen instead of clicking."""

    def __init__(
        self,
        context: BrowserContext,
        login: str = "",
        password: str = "",
        *,
        phone: bool = False,
        look: Callable[[Page], None] = lambda _page: None,
    ) -> None:
        """`look` is called with every page that this person comes to."""
        self.login, self.password, self.phone, self.look = login, password, phone, look
        self.page: Page = context.new_page()

    # --- going about ----------------------------------------------------------------------------------------------

    def go(self, path: str) -> Person:
        """Open `path`; whoever has been signed out meanwhile signs in again on the way."""
        answer = self.page.goto(path)
        assert answer is not None and answer.status == 200, f"{path}: {answer and answer.status}"
        if self.login and path != "/register" and not self.page.locator(".mh-top__me").count():
            if "/login" not in self.page.url:
                self.page.goto(f"/login?next={path}")
            self.sign_in()
        self.look(self.page)
        return self

    def sign_in(self) -> None:
        """Fill the sign-in form in; the page must be open."""
        self.write({"邮箱或手机号": self.login, "密码": self.password})
        self.press("登录", within=self.page.locator("main form").first)
        expect(self.page.locator(".mh-top__me, .mh-summary").first).to_be_visible()

    @property
    def path(self) -> str:
        return re.sub(r"^https?://[^/]+", "", self.page.url)

    @property
    def ref(self) -> str:
        """The reference in the address of the page, like XQ-2026-001."""
        found = re.search(r"[A-Z]{2}-\d{4}-\w+", self.page.url)
        assert found, self.page.url
        return found[0]

    # --- reading --------------------------------------------------------------------------------------------------

    def reads(self, *words: str) -> None:
        """The page says all of this where it can be seen."""
        for one in words:
            expect(self.page.locator("body")).to_contain_text(one)

    def reads_not(self, *words: str) -> None:
        for one in words:
            expect(self.page.locator("body")).not_to_contain_text(one)

    def told(self, words: str) -> None:
        """The green message says this."""
        expect(self.page.locator(".mh-flash--ok")).to_contain_text(words)

    # --- typing ---------------------------------------------------------------------------------------------------

    def write(self, values: dict[str, Any], within: Page | Locator | None = None) -> None:
        """Fill fields in by their labels: texts, choices by their words, ticks by True, files by Files."""
        for label, value in values.items():
            field = (within or self.page).get_by_label(_exactly(label))
            self.unfold(field)
            self._fill(field, value)

    def _fill(self, field: Locator, value: Any) -> None:
        if isinstance(value, bool):
            field.set_checked(value)
        elif isinstance(value, list):
            field.set_input_files(value)
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(str(value))

    def choose(self, legend: str, *words: str, within: Page | Locator | None = None) -> None:
        """Tick these choices of a group."""
        group = (within or self.page).get_by_role("group", name=_exactly(legend), include_hidden=True)
        for one in words:
            choice = group.get_by_label(_exactly(one))
            self.unfold(choice)
            choice.check()

    def row(self, legend: str, number: int, values: dict[str, Any]) -> None:
        """Fill the row `number` (from 1) of a table of fields."""
        rows = self.page.get_by_role("group", name=_exactly(legend), include_hidden=True).locator("[data-row]")
        self.write(values, within=rows.nth(number - 1))

    def unfold(self, field: Locator) -> None:
        """Open the folded part in which a field lies, if it lies in one."""
        folded = field.locator("xpath=ancestor::details[not(@open)]")
        for n in range(folded.count()):
            folded.nth(n).locator("> summary").click()

    # --- doing ----------------------------------------------------------------------------------------------------

    def press(self, words: str | re.Pattern[str], *, sure: bool = False, within: Page | Locator | None = None) -> None:
        """Press a button; `sure`: the page asks first, and the same word is pressed in its dialogue."""
        button = (within or self.page).get_by_role("button", name=words, exact=True)
        if button.get_attribute("data-row-add") is not None or button.get_attribute("data-row-remove") is not None:
            self.touch(button)
            return
        if sure:
            self.touch(button)
            button = self.page.get_by_role("dialog").get_by_role("button", name=words, exact=True)
        self.leave_by(button)

    def follow(self, words: str | re.Pattern[str], *, within: Page | Locator | None = None) -> None:
        """Follow a link by its words."""
        self.leave_by((within or self.page).get_by_role("link", name=words, exact=True).first)

    def leave_by(self, target: Locator) -> None:
        """Touch what leads to another page, and wait for that page."""
        with self.page.expect_navigation():
            self.touch(target)
        self.look(self.page)

    def touch(self, target: Locator) -> None:
        if self.phone:
            target.tap()
        else:
            target.click()
