"""A paper as PDF: `pdf.write(paper) -> bytes` (A4, tagged, page numbers, fonts subset and embedded, text selectable).

The type-setter is Typst and its fonts are Noto Sans CJK and Noto Emoji, all from Python packages: nothing of the system
is used, so a site set up by `make run` alone prints. Both are loaded on the first paper (docs/decisions/0008).
"""

from __future__ import annotations

import json
import threading
from datetime import UTC
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from matchhub.core import clock
from matchhub.documents import qr
from matchhub.documents.paper import (
    Block,
    Code,
    Facts,
    Heading,
    Paper,
    Party,
    Signing,
    Table,
    Text,
    fitted,
    page_words,
    paragraphs,
    plain,
)

MIMETYPE = "application/pdf"
TEMPLATE = Path(__file__).with_name("paper.typ")
FONTS = ("manimgx_fonts_cjk", "manimgx_fonts")

# One compiler for the process: it holds the fonts. It keeps its inputs between two papers, so one at a time.
_turn = threading.Lock()


def write(paper: Paper) -> bytes:
    """`paper` as PDF. Takes 5 to 60 ms, the first one of a process about 50 ms more."""
    inputs = {"paper": json.dumps(_told(paper))}
    written_at = clock.now().replace(microsecond=0, tzinfo=UTC)
    with _turn:
        return bytes(_compiler().compile(sys_inputs=inputs, format="pdf", timestamp=written_at))


@lru_cache(maxsize=1)
def _compiler() -> Any:
    # Imported on the first paper: most processes never print one.
    import typst

    # The root is the folder that holds nothing but the template; packages are looked for nowhere.
    nowhere = str(TEMPLATE.with_name("no-packages"))
    return typst.Compiler(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        font_paths=[str(files(name)) for name in FONTS],
        ignore_system_fonts=True,
        package_path=nowhere,
        package_cache_path=nowhere,
    )


def _told(paper: Paper) -> dict[str, Any]:
    """The paper in the words of paper.typ."""
    return {
        "title": plain(paper.title).replace("\n", " "),
        "number": plain(paper.number),
        "meta": [plain(line) for line in paper.meta],
        "issuer": plain(paper.issuer),
        "issued_on": plain(paper.issued_on),
        "footer": plain(paper.footer),
        "mark": plain(paper.mark),
        "look": paper.look.value,
        "landscape": paper.landscape,
        "lang": "en" if paper.language == "en" else "zh",
        "region": "us" if paper.language == "en" else "cn",
        "pages": page_words(),
        "blocks": [_block(block) for block in paper.blocks],
        "annex": [_block(block) for block in paper.annex],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "text": plain(block.text), "level": block.level}
        case Text():
            return {"kind": "text", "parts": paragraphs(block.text), "indent": block.indent}
        case Facts():
            return {"kind": "facts", "rows": [[paragraphs(name), paragraphs(value)] for name, value in block.rows]}
        case Table():
            return _table(block)
        case Code():
            svg = qr.svg(block.address)
            return {"kind": "code", "svg": svg, "address": plain(block.address), "caption": plain(block.caption)}
        case Signing():
            return {"kind": "signing", "parties": [_party(party) for party in block.parties]}


def _table(block: Table) -> dict[str, Any]:
    columns = len(block.head)
    return {
        "kind": "table",
        "head": [paragraphs(word) for word in block.head],
        "rows": [[paragraphs(cell) for cell in fitted(row, columns)] for row in block.rows],
        "widths": [float(share) for share in block.widths or [1] * columns],
        "numbers": sorted(block.numbers),
        "tall": block.tall,
    }


def _party(party: Party) -> dict[str, Any]:
    return {"part": plain(party.part), "name": plain(party.name), "lines": [plain(line) for line in party.lines],
            "facts": [plain(fact) for fact in party.facts]}  # fmt: skip
