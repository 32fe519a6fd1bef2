"""Reading a table that somebody filled in with Excel: whatever is wrong is named by its cell, nothing is guessed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from matchhub.core import forms, money
from matchhub.core.i18n import _
from matchhub.documents.table_read import MOST_WIDTH, BadTable, bare, both, check_sheet, open_book
from matchhub.domain import application_form as spec
from matchhub.domain import reference
from matchhub.domain.application_form import Field, Kind, Part
from matchhub.features.applications.forms import TYPED_MONTH
from matchhub.features.applications.tables import table_of

if TYPE_CHECKING:  # openpyxl costs every start what few requests need
    from openpyxl.cell.cell import Cell
    from openpyxl.workbook.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet


@dataclass(slots=True)
class Read:
    """`rows` as `application_form.read_part` takes them; `wrong` names each cell that could not be read."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)


def read(data: bytes, part: Part) -> Read:
    """The rows of the file. Raises BadTable when it is no such table."""
    table = table_of(part)
    book = open_book(data)
    sheet = _sheet(book, table)
    check_sheet(sheet)
    columns = _columns(sheet, table)
    found = Read()
    for number in range(2, sheet.max_row + 1):
        cells = {name: sheet.cell(number, position) for name, position in columns.items()}
        if any(_is_filled(cell) for cell in cells.values()):
            found.rows.append(_row(table, cells, found.wrong))
    if not found.rows:
        raise BadTable(_("表格里没有填任何一行，申报书没有改动。"))
    if len(found.rows) > spec.MOST_ROWS:
        raise BadTable(_("表格里有 %(n)s 行，最多 %(most)s 行，请合并相近的行", n=len(found.rows), most=spec.MOST_ROWS))
    return found


# --- the file --------------------------------------------------------------------------------------------------------


def _sheet(book: Workbook, table: Field) -> Worksheet:
    """The sheet with the table: by its name, else the one whose first row has its columns."""
    if hidden := [one.title for one in book.worksheets if one.sheet_state != "visible"]:
        raise BadTable(_("文件里有隐藏的工作表“%(name)s”。请取消隐藏，核对或删去后再上传。", name=hidden[0]))
    names = both(table.label)
    named = next((one for one in book.worksheets if bare(one.title) in names), None)
    if named is not None:
        return named
    wanted = [both(column.label) for column in table.columns]
    for one in book.worksheets:
        head = {bare(one.cell(1, position).value) for position in range(1, min(one.max_column, MOST_WIDTH) + 1)}
        if all(words & head for words in wanted):
            return one
    present = _("、").join(one.title for one in book.worksheets[:5])
    raise BadTable(
        _("文件里找不到工作表“%(name)s”（现有：%(present)s）。请确认下载的是这一部分的表格。",
          name=_(table.label), present=present)
    )  # fmt: skip


def _columns(sheet: Worksheet, table: Field) -> dict[str, int]:
    """Where each column stands, by the words of the first row; further columns are the person's own and not read."""
    head = {bare(sheet.cell(1, position).value): position for position in range(sheet.max_column, 0, -1)}
    places: dict[str, int] = {}
    for column in table.columns:
        position = next((head[word] for word in both(column.label) if word in head), None)
        if position is None:
            raise BadTable(_("第 1 行找不到“%(column)s”这一列。请不要改列名，或重新下载表格。", column=_(column.label)))
        places[column.name] = position
    return places


# --- cells -----------------------------------------------------------------------------------------------------------


def _is_filled(cell: Cell) -> bool:
    return cell.value is not None and str(cell.value).strip() != ""


def _row(table: Field, cells: dict[str, Cell], wrong: list[tuple[str, str]]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for column in table.columns:
        cell = cells[column.name]
        try:
            row[column.name] = _value(column, cell)
        except ValueError as error:
            row[column.name] = None
            wrong.append((str(cell.coordinate), str(error)))
    return row


def _value(column: Field, cell: Cell) -> Any:
    """What a cell says, in the type of its column. Raises ValueError with the sentence for the person."""
    value, name = cell.value, _(column.label)
    if not _is_filled(cell):
        return None
    if cell.data_type == "f":
        raise ValueError(_("%(name)s是公式，请改填算好的结果", name=name))
    if cell.data_type == "e":
        raise ValueError(_("%(name)s是错误值 %(value)s，请重新填写", name=name, value=value))
    match column.kind:
        case Kind.WHOLE:
            return _whole(column, value, name)
        case Kind.MONEY:
            return _money(column, value, name)
        case Kind.MONTH:
            return _month(value, name)
        case Kind.CHOICE:
            return _choice(column, value, name)
    return _text(column, value, name)


def _whole(column: Field, value: Any, name: str) -> int:
    text = unicodedata.normalize("NFKC", str(value)).replace(",", "").strip()
    try:
        number = Decimal(text)
        whole = int(number)
    except (InvalidOperation, ValueError, OverflowError):
        number, whole = Decimal("0.5"), 0
    if isinstance(value, bool | date) or number != whole:
        raise ValueError(_("%(name)s请只填整数，例如 12", name=name))
    if not 0 <= whole <= column.limit:
        raise ValueError(_("%(name)s要在 0 到 %(most)s 之间", name=name, most=f"{column.limit:,}"))
    return whole


def _money(column: Field, value: Any, name: str) -> int:
    if isinstance(value, bool | date):
        raise ValueError(_("%(name)s请只填数字，例如 120.50", name=name))
    # A number that Excel computed may carry dust beyond the eighth decimal; more than two real decimals are refused.
    text = f"{round(value, 8):.8f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    try:
        fen = money.parse_yuan(text)
    except money.MoneyError as error:
        if error.code is money.MoneyProblem.too_many_decimals:
            raise ValueError(_("%(name)s最多两位小数，例如 120.50", name=name)) from error
        if error.code is money.MoneyProblem.negative:
            raise ValueError(_("%(name)s不能是负数", name=name)) from error
        if error.code is money.MoneyProblem.too_large:
            raise ValueError(_("%(name)s太大，请核对单位是不是元", name=name)) from error
        raise ValueError(_("%(name)s请只填数字，例如 120.50", name=name)) from error
    if fen > column.limit:
        raise ValueError(_("%(name)s太大，请核对单位是不是元", name=name))
    return fen


def _month(value: Any, name: str) -> str:
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m}"
    found = TYPED_MONTH.fullmatch(unicodedata.normalize("NFKC", str(value)).strip())
    if not found or not 1 <= int(found[2]) <= 12:
        raise ValueError(_("%(name)s请按“年-月”填写，例如 2026-03", name=name))
    return f"{found[1]}-{int(found[2]):02d}"


def _choice(column: Field, value: Any, name: str) -> str:
    typed = bare(value)
    for code, words in _words_of(column):
        if typed in words:
            return code
    raise ValueError(
        _("%(name)s请从下拉列表里选择：%(words)s", name=name, words=_("、").join(spec.options(column).values()))
    )


def _words_of(column: Field) -> Iterable[tuple[str, set[str]]]:
    """Each code with its words in every language."""
    if column.options == "source":
        return [(code, both(word) | {bare(code)}) for code, word in spec.SOURCES.items()]
    names = reference.codes(column.options)
    return [(code, {bare(code), bare(name.zh), bare(name.en)}) for code, name in names.items()]


def _text(column: Field, value: Any, name: str) -> str:
    if isinstance(value, datetime):
        value = value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat(" ", "minutes")
    elif isinstance(value, float) and value.is_integer():
        value = int(value)
    text = forms.clean(str(value))
    if len(text) > column.limit:
        raise ValueError(
            _(
                "%(name)s最多 %(limit)s 字，请删去 %(over)s 字",
                name=name,
                limit=column.limit,
                over=len(text) - column.limit,
            )
        )
    return text
