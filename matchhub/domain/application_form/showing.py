"""A document as it is read: labels, words for codes, tables with their sums. Knows nothing of pages."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from matchhub.core import money
from matchhub.core.i18n import _
from matchhub.domain import reference
from matchhub.domain.application_form.reading import Document, is_blank, part_of
from matchhub.domain.application_form.rules import options
from matchhub.domain.application_form.spec import PARTS, Field, Kind, Part
from matchhub.domain.application_form.sums import amount_fen, figures, row_fen


@dataclass(slots=True)
class Table:
    head: list[str]
    rows: list[list[str]]
    # Indexes of the columns of numbers.
    num: list[int]
    # (label, value) lines below the table.
    totals: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Entry:
    """One answer: `text` for a line, `long` for paragraphs, `items` for a list, `table` for rows."""

    name: str
    label: str
    text: str = ""
    long: bool = False
    items: list[str] = field(default_factory=list)
    table: Table | None = None

    @property
    def is_empty(self) -> bool:
        return not self.text and not self.items and not (self.table and self.table.rows)


@dataclass(slots=True)
class ShownPart:
    code: str
    title: str
    entries: list[Entry]


def shown(document: Document, hide_names: bool = False, only: str | None = None) -> list[ShownPart]:
    """The document in the language in use, part by part; of one part only when `only` names it.

    With `hide_names` the names and telephone numbers of people are left out (texts that mention them are not changed).
    """
    return [_part(part, document, hide_names) for part in PARTS if only in (None, part.code)]


def _part(part: Part, document: Document, hide: bool) -> ShownPart:
    values = part_of(document, part.code)
    entries = [_entry(one, values[one.name], hide) for one in part.fields]
    for entry in entries:
        if entry.table and entry.table.rows and entry.name == "rows":
            _complete(part.code, entry.table, document)
    return ShownPart(part.code, _(part.title), entries)


def _entry(one: Field, value: Any, hide: bool) -> Entry:
    entry = Entry(one.name, _(one.label), long=one.kind is Kind.LONG)
    if one.kind is Kind.ROWS:
        entry.table = _table(one, value, hide)
    elif one.kind is Kind.TEXTS:
        entry.items = list(value)
    else:
        entry.text = _text(one, value, hide)
    return entry


def field_text(one: Field, value: Any) -> str:
    """One answer (not a table or a list) as it is read, in the language in use."""
    return _text(one, value, False)


def cell_text(one: Field, value: Any) -> str:
    """One cell of a table as it is read."""
    return _cell(one, value, False)


def _text(one: Field, value: Any, hide: bool) -> str:
    if is_blank(value):
        return _("未勾选") if one.kind is Kind.TICK else ""
    if one.person and hide:
        return _("（姓名不显示）")
    match one.kind:
        case Kind.TICK:
            return _("已勾选")
        case Kind.MONEY:
            return _("%(amount)s 元", amount=money.yuan(value))
        case Kind.WHOLE:
            return f"{value:,}"
        case Kind.CHOICE:
            return options(one).get(value, value)
    return str(value)


def _cell(one: Field, value: Any, hide: bool) -> str:
    return money.yuan(value) if one.kind is Kind.MONEY and value is not None else _text(one, value, hide)


def _table(one: Field, rows: list[dict[str, Any]], hide: bool) -> Table:
    numbers = [i for i, column in enumerate(one.columns) if column.kind in (Kind.WHOLE, Kind.MONEY)]
    cells = [[_cell(column, row.get(column.name), hide) for column in one.columns] for row in rows]
    return Table([_(column.label) for column in one.columns], cells, numbers)


def _complete(part: str, table: Table, document: Document) -> None:
    """Sums below the plan and the budget, and the amount of each budget row."""
    if part == "plan":
        sums = figures(document)
        table.totals = [(_("合计场次"), f"{sums.sessions:,}"), (_("合计人次"), f"{sums.people:,}")]
    elif part == "budget":
        rows = part_of(document, "budget")["rows"]
        table.head.insert(4, _("金额（元）"))
        for cells, row in zip(table.rows, rows, strict=True):
            cells.insert(4, money.yuan(row_fen(row)))
        table.num = [2, 3, 4]
        table.totals = budget_totals(document)


def budget_totals(document: Document) -> list[tuple[str, str]]:
    """Lines below a budget: by source, then the share of each category in the amount applied for."""
    sums, amount = figures(document), amount_fen(document)
    lines = [(_("申请来源合计"), _("%(amount)s 元", amount=money.yuan(sums.applied_fen)))]
    for label, fen in ((_("配套合计"), sums.matched_fen), (_("自筹合计"), sums.own_fen)):
        if fen:
            lines.append((label, _("%(amount)s 元", amount=money.yuan(fen))))
    for code, name in reference.codes("budget_category").items():
        if fen := sums.by_category.get(code, 0):
            share = f"{Decimal(fen) * 100 / amount:.1f}" if amount else "–"
            lines.append((str(name), _("%(amount)s 元，占申请金额 %(share)s%%", amount=money.yuan(fen), share=share)))
    return lines
