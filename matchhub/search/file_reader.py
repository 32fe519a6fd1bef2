"""Take the text out of one PDF, Word or Excel file: a program of its own, for the file may be made to do harm.

    python file_reader.py pdf|docx|xlsx < FILE

It prints {"text": …, "problem": …} and knows nothing of the site. The kernel stops it when it takes too much memory or
time; before that it stops itself and gives what it has read. A file that cannot be read is a problem, never an error.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

MAX_BYTES = 30 * 1024 * 1024
MAX_UNPACKED_BYTES = 60 * 1024 * 1024
MAX_ENTRIES = 2_000
MAX_CHARACTERS = 50_000
MEMORY_BYTES = 768 * 1024 * 1024
# The child's own patience, and that of the kernel, which counts CPU.
SOFT_SECONDS, HARD_SECONDS = 6.0, 10

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SPACED = re.compile(rf"(?<=[{HAN}]) ?\n? ?(?=[{HAN}])")
_CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffd\ufffe\uffff]")


class Problem(Exception):
    """Why nothing, or not all, of a file was read; its text is the code that the site knows."""


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (HARD_SECONDS, HARD_SECONDS + 1))
    content = sys.stdin.buffer.read(MAX_BYTES + 1)
    print(json.dumps(read(content, sys.argv[1])))  # noqa: T201 - this is how it answers
    return 0


def read(content: bytes, kind: str) -> dict[str, str]:
    """The text of a file with the code of its problem: broken, encrypted, too_large, no_text, cut, or none."""
    parts: list[str] = []
    try:
        if len(content) > MAX_BYTES:
            raise Problem("too_large")
        problem = _gathered(READERS[kind](content), parts)
    except Problem as found:
        problem = str(found)
    except MemoryError:
        problem = "too_large"
    except Exception:  # readers raise whatever a broken file leads them to
        problem = "cut" if parts else "broken"
    text = _clean("\n".join(parts), joined=kind == "pdf")
    return {"text": text, "problem": problem or ("" if text else "no_text")}


def _gathered(pieces: Iterator[str], parts: list[str]) -> str:
    """Fill `parts` until there is enough of it; says `cut` when something was left."""
    until, characters = time.process_time() + SOFT_SECONDS, 0
    for piece in pieces:
        parts.append(piece[: MAX_CHARACTERS - characters])
        characters += len(parts[-1])
        if characters >= MAX_CHARACTERS or time.process_time() > until:
            return "cut"
    return ""


def _clean(text: str, joined: bool) -> str:
    """Without control signs, width made equal; lines of a PDF that were only wrapped are joined."""
    text = unicodedata.normalize("NFKC", _CONTROL.sub(" ", text))
    text = re.sub(r"[^\S\n]+", " ", text)
    text = _SPACED.sub("", text) if joined else text
    return " ".join(text.split())[:MAX_CHARACTERS]


def _pdf(content: bytes) -> Iterator[str]:
    import logging

    from pypdf import PdfReader

    logging.disable(logging.CRITICAL)
    reader = PdfReader(io.BytesIO(content))
    # Many PDFs are only protected against changes: those open with an empty password.
    if reader.is_encrypted and not reader.decrypt(""):
        raise Problem("encrypted")
    for page in reader.pages:
        yield page.extract_text()


def _archive(content: bytes) -> io.BytesIO:
    """An Office file that may be unpacked."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Problem("encrypted")  # Office wraps what has a password into its old container
    entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise Problem("too_large")
    return io.BytesIO(content)


def _docx(content: bytes) -> Iterator[str]:
    from docx import Document

    document = Document(_archive(content))
    for block in document.iter_inner_content():
        yield from _block(block)
    for section in document.sections:
        yield from (paragraph.text for paragraph in section.header.paragraphs)


def _block(block: Any) -> Iterator[str]:
    if hasattr(block, "rows"):
        for row in block.rows:
            yield " ".join(dict.fromkeys(cell.text for cell in row.cells))
    else:
        yield block.text


def _xlsx(content: bytes) -> Iterator[str]:
    from openpyxl import load_workbook

    book = load_workbook(_archive(content), read_only=True, data_only=True)
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        yield str(sheet.title)
        for row in sheet.iter_rows(values_only=True):
            yield " ".join(str(value) for value in row if value is not None)


READERS: dict[str, Callable[[bytes], Iterator[str]]] = {"pdf": _pdf, "docx": _docx, "xlsx": _xlsx}

if __name__ == "__main__":
    sys.exit(main())
