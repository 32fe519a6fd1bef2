"""Word and Excel files that belong to needs of the story (seed/demo/files.csv), made anew each time."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from matchhub.core import files
from matchhub.core.files import Stored

LIMIT = 2 * 1024 * 1024


def stored(instance: Path, name: str, text: str) -> Stored:
    """The file in the store of `instance`. `text` has its paragraphs, or its rows with cells, apart by signs."""
    lines = text.split(";")
    made = _sheet(lines) if name.endswith(".xlsx") else _letter(lines)
    out = io.BytesIO()
    made.save(out)
    out.seek(0)
    return files.save(instance, out, name, LIMIT)


def _letter(lines: list[str]) -> Any:
    from docx import Document

    document = Document()
    for line in lines:
        document.add_paragraph(line)
    return document


def _sheet(lines: list[str]) -> Any:
    from openpyxl import Workbook

    book = Workbook()
    for line in lines:
        book.active.append(line.split("|"))
    return book
