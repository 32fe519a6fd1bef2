"""The text of a file is taken out by a program that can be stopped: whatever the file is, it answers with a word."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from matchhub.search import file_reader, file_texts
from tests.search import papers


def read(content: bytes, kind: str) -> tuple[str, str]:
    """As the site does it: in a process of its own."""
    child = subprocess.run(
        [sys.executable, "-I", str(file_texts.READER), kind], input=content, capture_output=True, check=True
    )
    answer = json.loads(child.stdout)
    return answer["text"], answer["problem"]


def test_a_pdf_gives_its_text_with_wrapped_lines_joined():
    text, problem = read(papers.pdf_of("六层楼加装电梯的费用，由全体业主按楼层分摊。" * 12), "pdf")
    assert problem == ""
    assert text.count("由全体业主按楼层分摊") == 12


def test_a_word_file_gives_paragraphs_and_tables_in_their_order():
    assert read(papers.docx_of("分摊办法", ("二层", "５%")), "docx") == ("分摊办法 二层 5%", "")


def test_an_excel_file_gives_its_visible_sheets():
    text, problem = read(papers.xlsx_of(["楼组", "户数"], ["十二号", 24], hidden=["未定稿"]), "xlsx")
    assert (text, problem) == ("Sheet 楼组 户数 十二号 24", "")


@pytest.mark.parametrize(
    ("content", "kind", "problem"),
    [
        (b"%PDF-1.7 \x00 rubbish", "pdf", "broken"),
        (b"", "pdf", "broken"),
        (b"PK\x03\x04 rubbish", "docx", "broken"),
        (b"\xd0\xcf\x11\xe0" + bytes(500), "xlsx", "encrypted"),
        (papers.locked_pdf("看不到"), "pdf", "encrypted"),
        (papers.bomb(), "docx", "too_large"),
        (papers.docx_of(" "), "docx", "no_text"),
        (papers.xlsx_of(["电" * 30_000] * 3), "xlsx", "cut"),
    ],
    ids=["torn pdf", "empty", "torn docx", "locked xlsx", "locked pdf", "bomb", "blank", "long"],
)
def test_what_cannot_be_read_is_named(content, kind, problem):
    text, found = read(content, kind)
    assert found == problem
    assert len(text) == (file_reader.MAX_CHARACTERS if problem == "cut" else 0)


def test_a_pdf_that_unfolds_without_end_takes_neither_memory_nor_time():
    import zlib

    stream = zlib.compress(bytes(300 * 1024 * 1024), 9)
    content = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/MediaBox[0 0 9 9]>>endobj\n4 0 obj<</Filter/FlateDecode/Length "
        + str(len(stream)).encode() + b">>stream\n" + stream + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n"
    )  # fmt: skip
    started = time.monotonic()
    text, problem = read(content, "pdf")
    assert (text, problem) in (("", "too_large"), ("", "broken"), ("", "cut"))
    assert time.monotonic() - started < file_texts.WALL_SECONDS
