"""What every page owes its reader; checked on every page that the crawl opens."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """A page read into what the checks need: links, headings, title, ids, forms and their tokens."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.links: list[str] = []
        self.ids: list[str] = []
        self.h1: list[str] = []
        self.title = ""
        self.posts = self.tokens = 0
        self.lang = ""
        self.faults: list[str] = []
        self._open: list[str] = []
        self._form_is_post = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append(tag)
        if "id" in at:
            self.ids.append(at["id"])
        if "style" in at or any(name.startswith("on") for name in at):
            self.faults.append(f"<{tag}> carries style or script")
        match tag:
            case "html":
                self.lang = at.get("lang", "")
            case "h1":
                self.h1.append("")
            case "a" if at.get("href"):
                self.links.append(at["href"])
            case "form":
                self._form_is_post = at.get("method", "get").lower() == "post"
                self.posts += self._form_is_post
            case "input" if at.get("name") == "csrf_token" and self._form_is_post:
                self.tokens += 1
            case "img" if "alt" not in at:
                self.faults.append("a picture without alt")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "form":
            self._form_is_post = False

    def handle_data(self, data: str) -> None:
        if "title" in self._open and "svg" not in self._open:
            self.title += data
        elif "h1" in self._open and self.h1:
            self.h1[-1] += data

    def check(self) -> list[str]:
        """What is wrong with this page; empty when nothing is."""
        wrong = list(self.faults)
        if len(self.h1) != 1:
            wrong.append(f"{len(self.h1)} h1")
        if not self.title.strip() or not self.lang:
            wrong.append("no title or language")
        twice = {one for one in self.ids if self.ids.count(one) > 1}
        if twice:
            wrong.append(f"ids twice: {sorted(twice)[:3]}")
        if self.posts != self.tokens:
            wrong.append(f"{self.posts} POST forms, {self.tokens} tokens")
        text = re.sub(r"<[^>]+>", " ", self.html)
        wrong += [f"left over: {left}" for left in ("{{", "{%", "%(", "Undefined", "&lt;Markup") if left in text]
        if re.search(r">\s*None\s*<", re.sub(r"<textarea.*?</textarea>", "", self.html, flags=re.S)):
            wrong.append("None is shown")
        return wrong
