"""Lists as Excel files, written one row after another: a list of any length needs the memory of a few rows.

Every text is written as a text, whatever it begins with: no cell of these files is ever a formula, and `quotePrefix`
keeps it a text when somebody edits the cell. Amounts, scores, days and moments are numbers and dates with a format.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from matchhub.core import clock
from matchhub.core.i18n import _
from matchhub.documents.table import About, Kind, Table

# What one cell of Excel holds.
LONGEST_TEXT = 32_767
WIDTHS = {Kind.TEXT: 22, Kind.LONG: 44, Kind.NUMBER: 10, Kind.YUAN: 16, Kind.POINTS: 10, Kind.DAY: 12, Kind.MOMENT: 18}
FORMATS = {
    Kind.NUMBER: "0",
    Kind.YUAN: "#,##0.00",
    Kind.POINTS: "0.##",
    Kind.DAY: "yyyy-mm-dd",
    Kind.MOMENT: "yyyy-mm-dd hh:mm",
}


def write(target: IO[bytes], table: Table, rows: Iterable[Sequence[Any]], about: About) -> int:
    """See table.py."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_sheet_name(_(table.title)))
    for position, column in enumerate(table.columns, 1):
        sheet.column_dimensions[get_column_letter(position)].width = WIDTHS[column.kind]
    sheet.freeze_panes = "A2"
    cells, count = _Cells(sheet), 0
    sheet.append([cells.head(_(column.title)) for column in table.columns])
    for row in rows:
        sheet.append([cells.made(column.kind, value) for column, value in zip(table.columns, row, strict=True)])
        count += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(table.columns))}{count + 1}"
    _explain(book.create_sheet(_("说明")), about(count))
    book.save(target)
    return count


def _explain(sheet: Any, pairs: Iterable[tuple[str, Any]]) -> None:
    cells = _Cells(sheet)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 18, 80
    for title, value in pairs:
        kind = Kind.MOMENT if isinstance(value, datetime) else Kind.NUMBER if isinstance(value, int) else Kind.LONG
        sheet.append([cells.head(title), cells.made(kind, value)])


def _sheet_name(title: str) -> str:
    """What Excel takes as a name: at most 31 signs and none of its own."""
    return "".join(" " if sign in r"[]:*?/\'" else sign for sign in title)[:31].strip() or _("清单")


class _Cells:
    """Makes the cells of one sheet; cells of one kind share one style."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        head, text = WriteOnlyCell(sheet), WriteOnlyCell(sheet)
        head.font, head.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="0E5A5F")
        head.alignment = Alignment(wrap_text=True, vertical="center")
        text.quotePrefix, text.alignment = True, Alignment(wrap_text=True, vertical="top")
        self._styles = {"head": head._style, "text": text._style}
        for kind, form in FORMATS.items():
            sample = WriteOnlyCell(sheet)
            sample.number_format, sample.alignment = form, Alignment(vertical="top")
            self._styles[kind.value] = sample._style

    def head(self, text: str) -> Any:
        return self._text(text, "head")

    def made(self, kind: Kind, value: Any) -> Any:
        """A cell of its kind; a value that is none of its kind (a word among numbers) is a text."""
        if value is None or value == "":
            return None
        typed = _typed(kind, value)
        if isinstance(typed, str):
            return self._text(typed, "text")
        cell = WriteOnlyCell(self._sheet, typed)
        cell._style = self._styles[kind.value]
        return cell

    def _text(self, text: str, style: str) -> Any:
        cell = WriteOnlyCell(self._sheet)
        cell.value = writable(text)
        cell.data_type = "s"  # openpyxl takes "=1+1" for a formula and "#N/A" for an error
        cell._style = self._styles[style]
        return cell


def _typed(kind: Kind, value: Any) -> Any:
    """The number, day or moment that a cell holds, or a text."""
    if kind is Kind.YUAN and isinstance(value, int):
        return Decimal(value).scaleb(-2)
    if kind is Kind.MOMENT and isinstance(value, datetime):
        return clock.local(value).replace(tzinfo=None, second=0, microsecond=0)
    if kind is Kind.DAY and isinstance(value, datetime):
        return clock.local(value).date()
    if kind is Kind.DAY and isinstance(value, date):
        return value
    if kind in (Kind.NUMBER, Kind.POINTS) and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return value
    return str(value)


def writable(text: str) -> str:
    """The text without the signs that no workbook may hold, cut to what a cell holds."""
    return ILLEGAL_CHARACTERS_RE.sub("", text).encode("utf-8", "ignore").decode("utf-8")[:LONGEST_TEXT]
