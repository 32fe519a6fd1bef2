"""Reads the Excel files that lists give away, as a program reads them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet


def sheets(content: bytes) -> tuple[Worksheet, Worksheet]:
    """The list, and the sheet that says what it is."""
    first, second = load_workbook(io.BytesIO(content)).worksheets
    return first, second


def rows(content: bytes) -> list[tuple[Any, ...]]:
    """The rows of the list, without its head."""
    return list(sheets(content)[0].iter_rows(min_row=2, values_only=True))


def about(content: bytes) -> dict[str, Any]:
    return dict(sheets(content)[1].iter_rows(values_only=True))


def xml(content: bytes) -> str:
    """The first sheet as it is stored."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode("utf-8")
