"""Entries out of a Markdown or Word file: each heading of the second level begins one.

`## 12. 怎样申请加装电梯？` is number 12; a heading without a number is known by its title. A first line `类别：办事指南`
says what kind it is. What cannot be read is named in a sentence, and the rest is read.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from matchhub.core import files
from matchhub.core.forms import clean
from matchhub.core.i18n import _
from matchhub.domain import reference

ENDINGS = ("md", "markdown", "txt", "docx")
LONGEST_NUMBER, LONGEST_TITLE, LONGEST_TEXT = 20, 120, 20_000
MOST_ENTRIES = 500
# Of a text file; a Word file may be as large as any upload.
MOST_BYTES = 5 * 1024 * 1024
NUMBER = re.compile(r"[A-Z]{0,6}-?\d{1,6}")
# 12. 12、 12： 第12问 Q-12. A bare number before a measure word is a part of the title: 2026 年, 3 个.
HEADING = re.compile(
    r"第?\s*(?P<number>[A-Za-z]{0,6}-?\d{1,6})(?:\s*[问条号]\s*[.、:,，\s]?\s*|\s*[.、:)](?!\d)\s*|\s+(?![年月日号个项条件步种类次天户人%]))(?P<title>\S.*)"
)
KIND = re.compile(r"\s*类别\s*[：:]\s*(.+?)\s*")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ESCAPED = r"\\\1"
MARKS = re.compile(r"([\\`*_\[\]<>])")


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry as a file gives it; `number` is empty where the heading has none, `kind` where the text says none."""

    number: str
    title: str
    text: str
    kind: str = ""


@dataclass(slots=True)
class Found:
    """The entries of a file in its order, and a sentence for each part that cannot be taken in."""

    drafts: list[Draft] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def plain_number(typed: str) -> str:
    """`typed` as numbers are kept: half-width capitals, without leading zeros."""
    text = unicodedata.normalize("NFKC", typed).strip().upper()
    return re.sub(r"(?<!\d)0+(?=\d)", "", text)


def read(content: bytes, name: str) -> Found:
    """The entries of one file. Raises files.BadFile with a sentence when it cannot be read at all."""
    name = files.clean_name(name)
    ending = name.rpartition(".")[2].lower()
    if ending not in ENDINGS:
        raise files.BadFile(_("“%(name)s”的格式不支持，请换成 Markdown（.md）或 Word（.docx）。", name=name))
    if not content.strip():
        raise files.BadFile(_("“%(name)s”是空文件，请重新选择。", name=name))
    text = _word(content, name) if ending == "docx" else _text(content, name)
    found = Found()
    for heading, body in _parts(text):
        _take(found, heading, body)
    if not found.drafts and not found.problems:
        raise files.BadFile(_("“%(name)s”里没有二级标题，请把每一条的标题设为“## 标题”或 Word 的“标题 2”。", name=name))
    return found


def _text(content: bytes, name: str) -> str:
    if len(content) > MOST_BYTES:
        raise files.BadFile(
            _("“%(name)s”超过 %(limit)s MB，请拆分后再导入。", name=name, limit=MOST_BYTES // 1024 // 1024)
        )
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise files.BadFile(_("“%(name)s”不是文本文件，请用 UTF-8 编码另存后再导入。", name=name))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """(heading, text) of each second-level heading; headings inside of fenced code are code."""
    lines: list[str] = []
    heading = fence = ""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if mark := FENCE.match(line):
            sign = mark[1][0] * 3
            fence = "" if fence == sign else fence or sign
        if not fence and (line.startswith(("## ", "# ", "##\t")) or line.strip() == "##"):
            if heading:
                yield heading, "\n".join(lines)
            # A heading of the first level ends the entry before it and belongs to none.
            heading, lines = ("" if line.startswith("# ") else line[2:].strip().rstrip("#").strip() or "##"), []
        else:
            lines.append(line)
    if heading:
        yield heading, "\n".join(lines)


def _take(found: Found, heading: str, body: str) -> None:
    """Check one part and put it with the entries, or its problem with the problems."""
    draft = _draft(heading, body)
    if why := _problem(draft, found):
        found.problems.append(_("“%(heading)s”没有导入：%(why)s", heading=heading[:40], why=why))
    else:
        found.drafts.append(draft)


def _draft(heading: str, body: str) -> Draft:
    heading = clean(re.sub(r"\s+", " ", heading))
    parts = HEADING.fullmatch(unicodedata.normalize("NFKC", heading))
    # The title is cut from the heading itself: full-width signs in it stay as they were typed.
    title = _tail(heading, parts["title"]) if parts else heading
    number = plain_number(parts["number"]) if parts else ""
    first, _sep, rest = clean(body).partition("\n")
    if kind := KIND.fullmatch(first):
        return Draft(number, title, clean(rest), kind[1])
    return Draft(number, title, clean(body))


def _tail(heading: str, title: str) -> str:
    typed = heading[-len(title) :]
    return typed if unicodedata.normalize("NFKC", typed) == title else title


def _problem(draft: Draft, found: Found) -> str:
    if len(found.drafts) >= MOST_ENTRIES:
        return _("一个文件最多 %(n)s 条，请拆分。", n=MOST_ENTRIES)
    if draft.title in ("", "##"):
        return _("标题是空的。")
    if len(draft.title) > LONGEST_TITLE:
        return _("标题超过 %(n)s 个字。", n=LONGEST_TITLE)
    if not draft.text:
        return _("正文是空的。")
    if len(draft.text) > LONGEST_TEXT:
        return _("正文超过 %(n)s 个字，请拆成几条。", n=LONGEST_TEXT)
    if draft.kind and not kind_code(draft.kind):
        return _("没有“%(kind)s”这个类别。", kind=draft.kind[:20])
    if draft.number and any(other.number == draft.number for other in found.drafts):
        return _("编号 %(number)s 在文件里用了两次。", number=draft.number)
    if any(not draft.number and other.title == draft.title for other in found.drafts):
        return _("这个标题在文件里用了两次。")
    return ""


def kind_code(word: str) -> str:
    """The code of a kind that a file names by its word in either language or by the code; empty for an unknown one."""
    known = reference.codes("library_kind").items()
    return next((code for code, name in known if word.strip().lower() in (code, name.zh, name.en.lower())), "")


# --- Word ------------------------------------------------------------------------------------------------------------


def _word(content: bytes, name: str) -> str:
    """A Word file as Markdown: headings, paragraphs, lists and tables; what is drawn in it is left out."""
    files.check_office(content, name, "docx")
    import docx

    try:
        body = list(docx.Document(io.BytesIO(content)).iter_inner_content())
        return "\n".join(line for block in body for line in _block(block))
    except Exception as error:  # a broken file breaks its library in many ways; all mean the same to who brought it
        raise files.BadFile(_("“%(name)s”打不开，请用 Office 或 WPS 另存后再上传。", name=name)) from error


def _block(block: Any) -> list[str]:
    if hasattr(block, "rows"):
        return _table(block)
    text = " ".join(block.text.split())
    style = str(block.style.name) if block.style is not None else ""
    if not text:
        return [""]
    if level := re.fullmatch(r"(?:Heading|标题) ?(\d)", style, flags=re.I):
        return ["", f"{'#' * int(level[1])} {text if level[1] in '12' else MARKS.sub(_ESCAPED, text)}", ""]
    numbered = block._p.pPr is not None and block._p.pPr.numPr is not None
    if style.startswith("List") or numbered:
        return [f"{'1.' if style.startswith('List Number') else '-'} {MARKS.sub(_ESCAPED, text)}"]
    # A paragraph that begins like a heading, a list or a quotation would become one.
    return ["", re.sub(r"^(\d*)([#.)+-])", r"\1\\\2", MARKS.sub(_ESCAPED, text)), ""]


def _table(table: Any) -> list[str]:
    rows = [
        [MARKS.sub(_ESCAPED, " ".join(cell.text.split())).replace("|", r"\|") for cell in row.cells]
        for row in table.rows
    ]
    if not rows:
        return []
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return ["", lines[0], f"|{' --- |' * len(rows[0])}", *lines[1:], ""]
