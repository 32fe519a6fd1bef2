"""What a paper says, told once: `pdf.write` and `word.write` set it, `components/paper.html` shows it on a page.

    paper = Paper(
        title="《楼道议事》拟立项公示",
        number="GS-2026-003",
        blocks=[
            Text("经公开征集和专家评审……\n\n现予公示。"),
            Heading("拟立项名单"),
            Facts([("公示期", "2026-11-25 至 2026-12-01"), ("联系人", "陈静")]),
            Table(["名次", "机构", "得分"], [["1", "某某中心", "86.5"]], widths=[1, 4, 1], numbers={2}),
            Code("https://…/n/GS-2026-003", "扫码查看公示原文"),
            Signing([Party("甲方（盖章）", "某某街道办事处", ["代表签字", "日期"]), …]),
        ],
        issuer="曹杨新村街道办事处", issued_on="2026 年 11 月 24 日", look=Look.OFFICIAL,
    )
    content = pdf.write(paper)

Everything is plain text: nothing that a person typed is ever read as a command of the type-setter, and control
characters are dropped (`plain`). A blank line in a `Text` parts paragraphs, a single line break stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from matchhub.core.i18n import _

# Characters that turn the direction of writing: with them a paper could show other words than it holds.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")


class Look(StrEnum):
    """OFFICIAL: the large type and indents of an official notice (公文). FORM: the small type of tables and sheets."""

    OFFICIAL = "official"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside the paper; `level` 1 or 2."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs, parted by blank lines. `indent` sets the first lines in by two characters, as Chinese prose is."""

    text: str
    indent: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """A table of two columns: what it is, and what it says."""

    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a head that is repeated on each page.

    `widths` are shares of the line (equal when left out), `numbers` the columns (from 0) that stand flush right,
    `tall` gives the rows the height that handwriting needs. Short rows are filled with empty cells.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float] = ()
    numbers: Collection[int] = ()
    tall: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code that leads to `address`, with a caption; the address stands below it for those who type."""

    address: str
    caption: str


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a signature: its part (甲方（盖章）), its name, the lines to be filled in by hand, and what is known."""

    part: str
    name: str
    lines: Sequence[str]
    facts: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Signing:
    """Room for signatures and seals, the parties side by side; never broken over two pages."""

    parties: Sequence[Party]


Block = Heading | Text | Facts | Table | Code | Signing


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper: `number` and `meta` stand below the title, `issuer` and `issued_on` close it at the right (落款);
    `annex` follows them (checksums, a QR code).

    `footer` is a short line at the foot of each page beside the page number, `mark` a word across each page (草稿).
    """

    title: str
    blocks: Sequence[Block]
    number: str = ""
    meta: Sequence[str] = ()
    issuer: str = ""
    issued_on: str = ""
    annex: Sequence[Block] = ()
    footer: str = ""
    mark: str = ""
    look: Look = Look.FORM
    landscape: bool = False
    language: str = "zh"


def plain(text: object) -> str:
    """`text` without what no printer and no XML can hold: control characters, halves of characters, turned writing."""
    joined = _LINE_ENDS.sub("\n", str(text)).replace("\t", " ")
    return "".join(sign for sign in joined if sign == "\n" or not _is_barred(sign))


def _is_barred(sign: str) -> bool:
    # Cc: control characters. Cs: halves of surrogate pairs. The last two code points of each plane are no characters.
    return sign in _TURNING or unicodedata.category(sign) in ("Cc", "Cs") or ord(sign) & 0xFFFE == 0xFFFE


def paragraphs(text: str) -> list[list[str]]:
    """The paragraphs of a text, each as its lines; empty lines between them are dropped."""
    blocks = re.split(r"\n\s*\n", plain(text))
    return [[line.strip() for line in block.strip().split("\n")] for block in blocks if block.strip()]


def fitted(row: Sequence[object], columns: int) -> list[str]:
    """A row with exactly as many cells as its table has columns. Raises ValueError when it has more."""
    if len(row) > columns:
        raise ValueError(f"a row of {len(row)} cells in a table of {columns} columns")
    return [str(cell) for cell in row] + [""] * (columns - len(row))


def page_words() -> tuple[str, str, str]:
    """What stands before, between and after the numbers of “第 1 页，共 2 页”, in the reader's language."""
    before, rest = _("第 %(page)s 页，共 %(pages)s 页", page="\x00", pages="\x01").split("\x00")
    between, after = rest.split("\x01")
    return before, between, after
