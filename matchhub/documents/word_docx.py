"""How `word.write` sets a paper with python-docx.

Fonts are named, not embedded: 宋体 and 黑体 stand on every Chinese computer, and
Word, WPS and LibreOffice replace them where they are missing.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from matchhub.core import clock
from matchhub.documents import qr
from matchhub.documents.paper import (
    Block,
    Code,
    Facts,
    Heading,
    Look,
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

SONG, HEI, LATIN = "宋体", "黑体", "Times New Roman"
SHADE, GREY = "F2F2F2", RGBColor(0x46, 0x46, 0x46)
TEXT_MM, LABEL_MM = 174, 36
LINE_OF_HAND = "＿" * 9


def write(paper: Paper) -> bytes:
    """`paper` as a Word document that can be edited."""
    document = Document()
    _set_up(document, paper)
    _head(document, paper)
    for block in paper.blocks:
        _draw(document, block, paper)
    _close(document, paper)
    for block in paper.annex:
        _draw(document, block, paper)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _size(paper: Paper) -> float:
    return 15 if paper.look is Look.OFFICIAL else 10.5


def _set_up(document: Any, paper: Paper) -> None:
    about, section = document.core_properties, document.sections[0]
    about.title, about.author, about.language = plain(paper.title)[:255], plain(paper.issuer)[:255], paper.language
    about.created = about.modified = clock.now()
    about.comments = ""
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm((210 - TEXT_MM) / 2)
    section.top_margin = section.bottom_margin = Mm(22)
    if paper.landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = section.page_height, section.page_width
    for style, font in (("Normal", SONG), ("Heading 1", HEI), ("Heading 2", HEI), ("Title", HEI)):
        _font(document.styles[style], font, _size(paper))
    _font(document.styles["Footer"], SONG, 9)
    normal = document.styles["Normal"].paragraph_format
    normal.space_after, normal.line_spacing = Pt(4), 1.35
    _footer(section, paper)


def _font(style: Any, name: str, size: float) -> None:
    """Set a style's fonts for both scripts; Word takes the Chinese one from `eastAsia` alone."""
    style.font.name, style.font.size, style.font.color.rgb = LATIN, Pt(size), RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), name)
    if style.name == "Title":
        # The template draws a line below its title.
        for border in style.element.iter(qn("w:pBdr")):
            border.getparent().remove(border)
            break


def _footer(section: Any, paper: Paper) -> None:
    line = section.footer.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    before, between, after = page_words()
    for part in (
        f"{plain(paper.footer)}    {before}".strip() if paper.footer else before,
        "PAGE",
        between,
        "NUMPAGES",
        after,
    ):
        run = _number(line, part) if part in ("PAGE", "NUMPAGES") else line.add_run(part)
        run.font.color.rgb = GREY


def _number(line: Any, field: str) -> Any:
    """A field that Word fills in: the page's number, or how many there are."""
    run = line.add_run()
    for kind, text in (("begin", ""), ("", field), ("separate", ""), ("value", "1"), ("end", "")):
        if kind == "":
            part = OxmlElement("w:instrText")
            part.set(qn("xml:space"), "preserve")
            part.text = text
        elif kind == "value":
            part = OxmlElement("w:t")
            part.text = text
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        run._r.append(part)
    return run


def _head(document: Any, paper: Paper) -> None:
    title = document.add_paragraph(style="Title")
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = title.add_run(plain(paper.title).replace("\n", " "))
    run.bold, run.font.size = True, Pt(22 if paper.look is Look.OFFICIAL else 17)
    marks = [f"【{plain(paper.mark)}】"] if paper.mark else []
    for text in [*marks, *([plain(paper.number)] if paper.number else []), *map(plain, paper.meta)]:
        line = document.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.paragraph_format.space_after = Pt(2)
        run = line.add_run(text)
        run.font.size, run.font.color.rgb = Pt(10), GREY


def _draw(document: Any, block: Block, paper: Paper) -> None:
    match block:
        case Heading():
            heading = document.add_heading(plain(block.text), level=block.level)
            heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(10), Pt(4)
            heading.runs[0].font.size = Pt(_size(paper) * (1.12 if block.level == 1 else 1))
        case Text():
            _text(document, block, paper)
        case Facts():
            _facts(document, block)
        case Table():
            _table(document, block, paper)
        case Code():
            _code(document, block)
        case Signing():
            _signing(document, block.parties)


def _text(document: Any, block: Text, paper: Paper) -> None:
    for lines in paragraphs(block.text):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
        if block.indent and paper.language == "zh":
            paragraph.paragraph_format.first_line_indent = Pt(_size(paper) * 2)
        _lines(paragraph, lines)


def _lines(paragraph: Any, lines: Sequence[str], bold: bool = False) -> None:
    for n, line in enumerate(lines):
        run = paragraph.add_run(line)
        run.bold = bold or None
        if n + 1 < len(lines):
            run.add_break()


def _grid(document: Any, rows: int, widths_mm: Sequence[float]) -> Any:
    """A bordered table with fixed columns."""
    table = document.add_table(rows=rows, cols=len(widths_mm))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
        for cell in column.cells:
            cell.width = Mm(width)
    for row in table.rows:
        _flag(row, "w:cantSplit")
    return table


def _flag(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _fill(cell: Any, text: str, *, bold: bool = False, shade: bool = False, right: bool = False) -> None:
    blocks = paragraphs(text) or [[""]]
    for n, lines in enumerate(blocks):
        paragraph = cell.paragraphs[0] if n == 0 else cell.add_paragraph()
        shape = paragraph.paragraph_format
        shape.space_before, shape.space_after, shape.line_spacing = Pt(2), Pt(2), 1.1
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _lines(paragraph, lines, bold)
        for run in paragraph.runs:
            run.font.size = Pt(10)
    if shade:
        colour = OxmlElement("w:shd")
        colour.set(qn("w:val"), "clear")
        colour.set(qn("w:fill"), SHADE)
        cell._tc.get_or_add_tcPr().append(colour)


def _facts(document: Any, block: Facts) -> None:
    table = _grid(document, len(block.rows), (LABEL_MM, TEXT_MM - LABEL_MM))
    for cells, (name, value) in zip(table.rows, block.rows, strict=True):
        _fill(cells.cells[0], name, shade=True)
        _fill(cells.cells[1], value)
    _gap(document)


def _table(document: Any, block: Table, paper: Paper) -> None:
    columns, room = len(block.head), TEXT_MM + (87 if paper.landscape else 0)
    shares = list(block.widths) or [1.0] * columns
    table = _grid(document, len(block.rows) + 1, [room * share / sum(shares) for share in shares])
    _flag(table.rows[0], "w:tblHeader")
    for n, (cell, word) in enumerate(zip(table.rows[0].cells, block.head, strict=True)):
        _fill(cell, word, bold=True, shade=True, right=n in block.numbers)
    for line, row in zip(list(table.rows)[1:], block.rows, strict=True):
        if block.tall:
            line.height = Mm(11)
        for n, (cell, text) in enumerate(zip(line.cells, fitted(row, columns), strict=True)):
            _fill(cell, text, right=n in block.numbers)
    _gap(document)


def _gap(document: Any) -> None:
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _code(document: Any, block: Code) -> None:
    picture = document.add_paragraph()
    picture.paragraph_format.keep_with_next = True
    picture.add_run().add_picture(io.BytesIO(qr.png(block.address)), width=Mm(28))
    words = document.add_paragraph()
    words.add_run(plain(block.caption)).bold = True
    words.add_run("\n" + plain(block.address)).font.size = Pt(9)


def _signing(document: Any, parties: Sequence[Party]) -> None:
    _gap(document)
    table = document.add_table(rows=1, cols=len(parties))
    for cell, party in zip(table.rows[0].cells, parties, strict=True):
        first = cell.paragraphs[0]
        first.add_run(plain(party.part)).bold = True
        first.add_run("\n" + plain(party.name))
        for line in party.lines:
            cell.add_paragraph(f"{plain(line)} {LINE_OF_HAND}").paragraph_format.space_before = Pt(14)
        for fact in party.facts:
            cell.add_paragraph(plain(fact)).paragraph_format.space_before = Pt(14)
    _flag(table.rows[0], "w:cantSplit")


def _close(document: Any, paper: Paper) -> None:
    for text in (paper.issuer, paper.issued_on):
        if text:
            line = document.add_paragraph(plain(text))
            line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            line.paragraph_format.keep_with_next = text != paper.issued_on
