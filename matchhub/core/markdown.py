"""Markdown that people write, as safe HTML: no HTML of theirs, no pictures, no style, and links only where a page may lead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

SCHEMES = frozenset({"http", "https", "mailto", "tel"})
# Texts longer than this are shown as far as they go; forms refuse them before.
LONGEST = 60_000
HIGHEST_HEADING = 2


def may_lead(url: str) -> bool:
    """Whether a link may stand in a page: a path of this site, a part of the page, or a known scheme."""
    plain = re.sub(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202f\ufeff]", "", url)
    if plain != url or "\\" in url:
        return False
    if url.startswith(("/", "#")):
        return not url.startswith("//")
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme.lower() in SCHEMES and bool(parts.netloc or parts.path) and "//" not in parts.path


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False}).enable("table")
    made.disable(["image", "html_block", "html_inline"])
    made.validateLink = may_lead  # type: ignore[method-assign]
    return made


def render(text: str) -> Markup:
    """`text` as HTML whose highest heading is an h2, for a page that has its own h1."""
    parser = _parser()
    tokens = parser.parse(text[:LONGEST])
    _plain(tokens)
    # Every text was escaped by the parser, which lets no HTML of the writer through.
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704


def _plain(tokens: Sequence[Token]) -> None:
    """Move the headings to where they belong, and replace the style of table cells by a class."""
    levels = sorted({int(token.tag[1]) for token in tokens if token.type == "heading_open"})
    place = {level: min(6, HIGHEST_HEADING + number) for number, level in enumerate(levels)}
    for token in _all(tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{place[int(token.tag[1])]}"
        if "right" in str(token.attrs.pop("style", "")):
            token.attrs["class"] = "mh-num"
        if token.type == "link_open" and not str(token.attrs.get("href", "")).startswith(("/", "#")):
            token.attrs["rel"] = "noopener noreferrer nofollow"


def _all(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())


def plain(text: str, prose_only: bool = False) -> str:
    """What `text` says, in one line, without the marks: for search. `prose_only` leaves headings and tables out."""
    tokens, said, before = _parser().parse(text[:LONGEST]), [], ""
    for token in tokens:
        if not (prose_only and before in ("heading_open", "th_open", "td_open")):
            said += [" ", *_words(token)]
        before = token.type
    return " ".join("".join(said).split())


def _words(token: Token) -> Iterator[str]:
    for one in _all([token]):
        if one.type in ("text", "code_inline", "fence", "code_block"):
            yield one.content
        elif one.type in ("softbreak", "hardbreak"):
            yield " "
