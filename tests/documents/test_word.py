"""A paper as Word: the same words as the PDF, in Chinese fonts, with page numbers that Word fills in."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile

from docx import Document
from docx.oxml.ns import qn

from matchhub.documents import word
from matchhub.documents.paper import Look
from tests.documents import reading
from tests.documents.test_pdf import PAPER


def test_word_says_what_the_pdf_says():
    text = reading.text_of_word(word.write(PAPER))
    for words in ("关于《楼道议事》拟立项的公示", "公示编号：GS-2026-003", "名单", "第一段。第二行。第二段。", "某某中心",
                  "86.5", "联系人", "陈静", "扫码查看", "甲方（盖章）", "街道办事处", "某某街道办事处2026年11月24日"):  # fmt: skip
        assert words in text


def test_fonts_are_chinese_and_heads_are_repeated():
    document = Document(io.BytesIO(word.write(PAPER)))
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "宋体"
    assert document.styles["Heading 1"].element.rPr.rFonts.get(qn("w:eastAsia")) == "黑体"
    assert document.core_properties.title == PAPER.title
    heads = [row for table in document.tables for row in table.rows if row._tr.trPr.find(qn("w:tblHeader")) is not None]
    assert len(heads) == 1
    assert [cell.text for cell in heads[0].cells] == ["名次", "机构", "得分"]


def test_pages_are_numbered_by_word_itself():
    content = word.write(dataclasses.replace(PAPER, look=Look.OFFICIAL, landscape=True, mark="草稿"))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        footer = next(parts.read(name).decode() for name in parts.namelist() if "footer" in name)
    assert re.findall(r"<w:instrText[^>]*>(\w+)<", footer) == ["PAGE", "NUMPAGES"]
    section = Document(io.BytesIO(content)).sections[0]
    assert section.page_width > section.page_height
    assert "【草稿】" in reading.text_of_word(content)
