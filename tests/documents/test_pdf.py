"""A paper as PDF: readable, selectable, numbered, and whatever a person typed stays text."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime

import pytest

from matchhub.core import clock, i18n
from matchhub.documents import pdf, word
from matchhub.documents.paper import (
    Code,
    Facts,
    Heading,
    Look,
    Paper,
    Party,
    Signing,
    Table,
    Text,
    paragraphs,
    plain,
)
from tests.documents import reading

HOSTILE = (
    '#import "x": * #{ 1 + 1 } $a^2$ \\ \\u{41} @label <label> *b* _i_ `r` = H ~ // c /* d */ "q" \'q\' {{ x }} [ ] '
    "--- ... <script>alert(1)</script> & &amp; %(n)s 《楼道》“引号”"
)
PAPER = Paper(
    title="关于《楼道议事》拟立项的公示",
    number="公示编号：GS-2026-003",
    blocks=[
        Heading("名单"),
        Text("第一段。\n第二行。\n\n第二段。"),
        Table(["名次", "机构", "得分"], [["1", "某某中心", "86.5"], ["2", "另一家"]], widths=[1, 4, 1], numbers={2}),
        Facts([("联系人", "陈静"), ("电话", "021-6000 0000")]),
        Code("https://matchhub.example/n/3", "扫码查看"),
        Signing([Party("甲方（盖章）", "街道办事处", ["日期"]), Party("乙方（盖章）", "某某中心", ["日期"])]),
    ],
    issuer="某某街道办事处",
    issued_on="2026 年 11 月 24 日",
    footer="曹杨益家",
)


@pytest.mark.parametrize("look", list(Look))
@pytest.mark.parametrize("landscape", [False, True])
def test_every_word_of_a_paper_can_be_selected(look, landscape):
    text = reading.text_of_pdf(pdf.write(dataclasses.replace(PAPER, look=look, landscape=landscape)))
    for words in ("关于《楼道议事》拟立项的公示", "公示编号：GS-2026-003", "名单", "第一段。第二行。第二段。", "某某中心",
                  "86.5", "另一家", "联系人", "陈静", "扫码查看", "https://matchhub.example/n/3", "甲方（盖章）", "乙方（盖章）",
                  "某某街道办事处", "2026年11月24日", "曹杨益家", "第1页，共"):  # fmt: skip
        assert words in text


def test_what_was_typed_is_printed_as_it_was_typed():
    paper = Paper(
        title=HOSTILE, number=HOSTILE, meta=[HOSTILE], issuer=HOSTILE, issued_on=HOSTILE, footer=HOSTILE,
        blocks=[Text(HOSTILE), Heading(HOSTILE), Facts([(HOSTILE, HOSTILE)]), Table([HOSTILE], [[HOSTILE]]),
                Code("https://matchhub.example/", HOSTILE), Signing([Party(HOSTILE, HOSTILE, [HOSTILE])])],
    )  # fmt: skip
    literal = re.sub(r"\s", "", HOSTILE)
    content = pdf.write(paper)
    footers = len(reading.pdf(content).pages)
    assert reading.text_of_pdf(content).count(literal) == 15 + footers
    assert reading.text_of_word(word.write(paper)).count(literal) == 15, "without the footer"


def test_signs_that_cannot_be_printed_are_dropped_and_others_have_a_font():
    typed = "甲\x00\x07\x1b\x7f\ud800\u202e乙\ufffe😀①\u2713ü"
    assert plain(typed) == "甲乙😀①\u2713ü"
    content = pdf.write(Paper("表情", [Text(typed)]))
    assert "甲乙😀①\u2713ü" in reading.text_of_pdf(content)
    assert "甲乙😀①\u2713ü" in reading.text_of_word(word.write(Paper("表情", [Text(typed)])))


def test_a_very_long_word_stays_on_the_paper():
    """It is broken without a character being added: a checksum that is copied out is still the checksum."""
    long = "0123456789abcdef" * 16
    content = pdf.write(Paper("校验", [Text(long), Facts([("值", long)]), Table(["a", "b"], [[long, long]])]))
    assert reading.text_of_pdf(content).count(long) >= 2
    edge = float(reading.pdf(content).pages[0].mediabox.width)
    seen: list[float] = []
    reading.pdf(content).pages[0].extract_text(
        visitor_text=lambda text, cm, tm, font, size: seen.append(cm[4] + tm[4]) if text.strip() else None
    )
    assert seen
    assert max(seen) < edge - 30


def test_a_long_paper_counts_its_pages_and_repeats_the_head_of_its_table():
    content = pdf.write(Paper("台账", [Table(["序号", "事项名称"], [[str(n), "活动"] for n in range(120)])]))
    pages = reading.pdf(content).pages
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        text = re.sub(r"\s", "", page.extract_text())
        assert f"第{number}页，共{len(pages)}页" in text
        assert "事项名称" in text


def test_fonts_are_embedded_in_part_and_the_document_names_itself():
    with clock.stopped(datetime(2026, 11, 24, 1, 2, 3, 456)):
        content = pdf.write(PAPER)
    read = reading.pdf(content)
    assert read.metadata.title == PAPER.title
    assert read.metadata.author == PAPER.issuer
    assert read.metadata.creation_date.strftime("%Y-%m-%d %H:%M") == "2026-11-24 01:02"
    fonts = [font.get_object() for font in read.pages[0]["/Resources"]["/Font"].values()]
    assert fonts
    assert all(re.match(r"/[A-Z]{6}\+Noto", font["/BaseFont"]) and "/ToUnicode" in font for font in fonts)
    assert len(content) < 120_000
    # Tagged, in Chinese: a screen reader knows headings and tables, and in which language to speak.
    assert read.trailer["/Root"]["/Lang"].startswith("zh")
    assert "/StructTreeRoot" in read.trailer["/Root"]


def test_two_papers_one_after_the_other_do_not_mix():
    first, second = pdf.write(Paper("甲", [Text("只在甲")])), pdf.write(Paper("乙", [Text("只在乙")]))
    assert "只在甲" in reading.text_of_pdf(first)
    assert "只在甲" not in reading.text_of_pdf(second)


def test_the_words_of_the_frame_follow_the_readers_language():
    i18n.speak("en")
    try:
        text = reading.text_of_pdf(pdf.write(Paper("Notice", [Text("Text")], language="en")))
    finally:
        i18n.speak("zh")
    assert "Page1of1" in text


def test_a_row_may_be_shorter_than_its_table_but_not_longer():
    pdf.write(Paper("表", [Table(["a", "b"], [["1"]])]))
    with pytest.raises(ValueError, match="3 cells"):
        pdf.write(Paper("表", [Table(["a", "b"], [["1", "2", "3"]])]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", []), ("一\n二", [["一", "二"]]), ("一\r\n\r\n二\n \n\n三", [["一"], ["二"], ["三"]])],
)
def test_blank_lines_part_paragraphs(text, expected):
    assert paragraphs(text) == expected


def test_an_empty_paper_and_empty_values_are_set():
    content = pdf.write(Paper("空", [Text(""), Facts([("", "")]), Facts([]), Table(["a"], []), Table(["a"], [[""]])]))
    assert "空" in reading.text_of_pdf(content)
    assert "空" in reading.text_of_word(
        word.write(Paper("空", [Text(""), Facts([("", "")]), Facts([]), Table(["a"], [])]))
    )
