"""Cells of Excel files that people fill in and send back: a text is always a text, and the head says what is asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

HEAD = PatternFill("solid", fgColor="0E5A5F")
LINE = Border(*(Side(style="thin", color="D8DEDC"),) * 4)


def put(cell: Cell, value: Any) -> None:
    """Write a value; a text is always a text, never a formula, whatever it begins with."""
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
        cell.number_format = "@"
    else:
        cell.value = value


def dress_head(sheet: Worksheet, columns: Iterable[tuple[str, int]]) -> None:
    """The first row: the words of the columns, and their widths."""
    for position, (word, width) in enumerate(columns, 1):
        cell = sheet.cell(1, position)
        put(cell, word)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(position)].width = width
