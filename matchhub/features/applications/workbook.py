"""The tables of an application as Excel files: drop-downs, and what has been typed. Imported when one is asked for."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from matchhub.core import clock, money
from matchhub.core.i18n import _
from matchhub.documents.table_write import LINE, dress_head, put
from matchhub.domain import application_form as spec
from matchhub.domain.application_form import Field, Kind, Part
from matchhub.features.applications.tables import table_of

WIDTHS = {"wide": 34, "num": 12, "short": 14, "third": 14}


def write(part: Part, document: spec.Document, ref: str) -> bytes:
    """The table with what has been typed so far, room for more rows, drop-downs, and a sheet that explains it."""
    field, book = table_of(part), Workbook()
    sheet: Worksheet = book.active
    sheet.title = _(field.label)
    choices = book.create_sheet(_("选项（请勿改动）"))
    rows = spec.part_of(document, part.code)[field.name]
    dress_head(sheet, [(_(column.label), WIDTHS.get(column.width, 18)) for column in field.columns])
    for number in range(spec.MOST_ROWS):
        _row(sheet, number + 2, field, rows[number] if number < len(rows) else {})
    for position, column in enumerate(field.columns, 1):
        _rule(sheet, choices, position, column)
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    _explain(book.create_sheet(_("填表说明")), field, ref)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _row(sheet: Worksheet, number: int, field: Field, row: dict[str, Any]) -> None:
    for position, column in enumerate(field.columns, 1):
        cell = sheet.cell(number, position)
        put(cell, _typed(column, row.get(column.name)))
        cell.border, cell.alignment = LINE, Alignment(wrap_text=True, vertical="top")
        if column.kind is Kind.MONEY:
            cell.number_format = "#,##0.00"
        elif column.kind is Kind.MONTH:
            cell.number_format = "yyyy-mm"


def _typed(column: Field, value: Any) -> Any:
    """A value as its cell holds it: money in yuan, months as dates, codes as words."""
    if spec.is_blank(value):
        return None
    match column.kind:
        case Kind.MONEY:
            return float(money.yuan(value).replace(",", ""))
        case Kind.WHOLE:
            return value
        case Kind.MONTH:
            return date(int(value[:4]), int(value[5:]), 1)
        case Kind.CHOICE:
            return spec.options(column).get(value, value)
    return str(value)


def _rule(sheet: Worksheet, choices: Worksheet, position: int, column: Field) -> None:
    """What may be typed in a column: Excel then says at once what is wrong."""
    letter = get_column_letter(position)
    area = f"{letter}2:{letter}{spec.MOST_ROWS + 1}"
    rule = None
    if column.kind is Kind.CHOICE:
        words = list(spec.options(column).values())
        put(choices.cell(1, position), _(column.label))
        for number, word in enumerate(words, 2):
            put(choices.cell(number, position), word)
        rule = DataValidation(
            "list", formula1=f"'{choices.title}'!${letter}$2:${letter}${len(words) + 1}", allow_blank=True
        )
        rule.error = _("请从下拉列表里选择")
    elif column.kind is Kind.WHOLE:
        rule = DataValidation("whole", operator="between", formula1="0", formula2=str(column.limit), allow_blank=True)
        rule.error = _("请只填整数，例如 12")
    elif column.kind is Kind.MONEY:
        rule = DataValidation(
            "decimal", operator="between", formula1="0", formula2=str(column.limit // 100), allow_blank=True
        )
        rule.error = _("请只填数字，例如 120.50")
    if rule is not None:
        rule.errorTitle = _(column.label)
        rule.showErrorMessage = True
        rule.add(area)
        sheet.add_data_validation(rule)


def _explain(sheet: Worksheet, field: Field, ref: str) -> None:
    lines = [
        _("这是申报书 %(ref)s 的“%(table)s”，%(at)s 下载。", ref=ref, table=_(field.label),
          at=clock.local(clock.now()).strftime("%Y-%m-%d %H:%M")),
        _("一行填一项，最多 %(n)s 行；不要改第一行的列名，不要合并单元格，不要用公式。", n=spec.MOST_ROWS),
        _("填好后保存，在平台同一页点“上传填好的表格”。平台先显示会改哪些行，您确认后才写进申报书。"),
        _("上传的表格会替换申报书里原来的各行：表格里没有的行会被删去。"),
    ]  # fmt: skip
    lines += [_("%(column)s：%(hint)s", column=_(column.label), hint=_about(column)) for column in field.columns]
    sheet.column_dimensions["A"].width = 96
    for number, line in enumerate(lines, 1):
        put(sheet.cell(number, 1), line)
        sheet.cell(number, 1).alignment = Alignment(wrap_text=True)


def _about(column: Field) -> str:
    """What a column takes, in one clause."""
    match column.kind:
        case Kind.CHOICE:
            return _("从下拉列表里选择：%(words)s", words=_("、").join(spec.options(column).values()))
        case Kind.WHOLE:
            return _("整数，最大 %(n)s", n=f"{column.limit:,}")
        case Kind.MONEY:
            return _("金额，单位元，最多两位小数，例如 120.50")
        case Kind.MONTH:
            return _("月份，例如 2026-03")
    return _("文字，最多 %(n)s 字", n=column.limit)
