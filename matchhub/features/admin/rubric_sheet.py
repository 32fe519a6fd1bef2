"""A rubric as one sheet of Excel: written with every item, and read back with every cell that is wrong by its name."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from matchhub.core import forms
from matchhub.core.i18n import _, _l
from matchhub.documents.table_read import BadTable, bare, both, check_sheet, open_book
from matchhub.domain.models import Rubric
from matchhub.domain.sheet_items import plain
from matchhub.features.admin.rubric_draft import ANCHORS, CODE, Item, items_of
from matchhub.features.admin.rubrics import WORDS

if TYPE_CHECKING:  # openpyxl costs every start what few requests need
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

KINDS: dict[str, str] = {"score": _l("评分"), "bonus": _l("加分"), "deduction": _l("扣分")}
HOWS: dict[str, str] = {"observed": _l("打分"), "choice": _l("固定档次"), "computed": _l("系统测算")}
YES, NO = _l("是"), _l("否")
Group = tuple[str, str, str]  # code, word, English word
MOST_ITEMS = 60


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    label: str
    width: int
    limit: int = 200


COLUMNS: tuple[Column, ...] = (
    Column("code", _l("编号"), 8, 10),
    Column("group_zh", _l("组"), 14, 60),
    Column("name_zh", _l("指标"), 24, 60),
    Column("name_en", _l("指标（英文）"), 24, 120),
    Column("kind", _l("类别"), 8),
    Column("maximum", _l("满分"), 8),
    Column("how", _l("打分方式"), 11),
    Column("veto", _l("一票否决"), 10),
    *(Column(f"zh{n}", word, 30) for n, word in enumerate((_l("优"), _l("良"), _l("中"), _l("差")))),
    *(
        Column(f"en{n}", word, 30, 300)
        for n, word in enumerate((_l("优（英文）"), _l("良（英文）"), _l("中（英文）"), _l("差（英文）")))
    ),
)


def write(rubric: Rubric) -> bytes:
    """The rubric with all its items, one a row, with drop-downs where there is a choice."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment

    from matchhub.documents.table_write import LINE, dress_head, put

    book = Workbook()
    sheet: Worksheet = book.active
    sheet.title = f"{rubric.code}.{rubric.number}"
    dress_head(sheet, [(_(column.label), column.width) for column in COLUMNS])
    for number, item in enumerate(items_of(rubric), 2):
        for position, value in enumerate(_values(item), 1):
            cell = sheet.cell(number, position)
            put(cell, value)
            cell.border, cell.alignment = LINE, Alignment(wrap_text=True, vertical="top")
    _choices(sheet)
    sheet.freeze_panes = "C2"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _values(item: Item) -> list[Any]:
    plain_ones = [
        item.code, item.group_zh, item.name_zh, item.name_en or None, _(KINDS[item.kind]), float(item.maximum),
        _(HOWS[item.how]), _(YES if item.veto else NO),
    ]  # fmt: skip
    return [*plain_ones, *_four(item.anchors_zh), *_four(item.anchors_en)]


def _four(anchors: Sequence[str]) -> list[str | None]:
    return [text or None for text in [*anchors, *[""] * ANCHORS][:ANCHORS]]


def _choices(sheet: Worksheet) -> None:
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    for name, words in (("kind", KINDS.values()), ("how", HOWS.values()), ("veto", (YES, NO))):
        letter = get_column_letter(next(n for n, column in enumerate(COLUMNS, 1) if column.name == name))
        listed = ",".join(_(word) for word in words)
        rule = DataValidation("list", formula1=f'"{listed}"', allow_blank=False, showErrorMessage=True)
        rule.error = _("请从下拉列表里选择")
        rule.add(f"{letter}2:{letter}{MOST_ITEMS + 1}")
        sheet.add_data_validation(rule)


@dataclass(slots=True)
class Read:
    """What a file says: its items, and each cell that could not be read with a sentence."""

    items: list[Item] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)


def read(data: bytes, rubric: Rubric) -> Read:
    """The items of the file, groups by the words that `rubric` has. Raises BadTable when it is no such sheet."""
    sheet = _sheet(open_book(data))
    check_sheet(sheet)
    places = {column.name: _place(sheet, column) for column in COLUMNS}
    found = Read()
    groups = {bare(item.group_zh): (item.group_code, item.group_zh, item.group_en) for item in items_of(rubric)}
    for number in range(2, sheet.max_row + 1):
        cells = {name: sheet.cell(number, position) for name, position in places.items()}
        if any(cell.value not in (None, "") for cell in cells.values()):
            row = _row(cells, groups, found.wrong)
            if row is not None:
                found.items.append(row)
    if not found.items and not found.wrong:
        raise BadTable(_("表格里一项也没有，量表没有改动。"))
    if len(found.items) > MOST_ITEMS:
        raise BadTable(_("表格里有 %(n)s 项，最多 %(most)s 项。", n=len(found.items), most=MOST_ITEMS))
    found.wrong += _doubled(found.items)
    return found


def _sheet(book: Any) -> Any:
    shown = [one for one in book.worksheets if one.sheet_state == "visible"]
    if len(shown) != 1 or len(book.worksheets) != 1:
        raise BadTable(_("文件里要正好有一张工作表。请在本页下载表格，只改里面的内容。"))
    return shown[0]


def _place(sheet: Any, column: Column) -> int:
    words = both(column.label)
    for position in range(1, sheet.max_column + 1):
        if bare(sheet.cell(1, position).value) in words:
            return position
    raise BadTable(_("第 1 行找不到“%(column)s”这一列。请不要改列名，或重新下载表格。", column=_(column.label)))


def _row(cells: dict[str, Cell], groups: dict[str, Group], wrong: list[tuple[str, str]]) -> Item | None:
    """One item, or None when a cell of it is wrong."""
    before, values = len(wrong), {}
    readers: dict[str, Callable[[str], Any]] = {
        "code": _code, "name_zh": _needed, "kind": _word_of(KINDS), "maximum": _maximum, "how": _word_of(HOWS),
        "veto": _word_of({"yes": YES, "no": NO}),
        "group_zh": lambda text: _group(text, groups, values.get("kind", "score")),
    }  # fmt: skip
    for column in sorted(COLUMNS, key=lambda column: column.name != "kind"):  # the kind decides about the group
        cell = cells[column.name]
        try:
            values[column.name] = readers.get(column.name, str)(_text(cell, column))
        except ValueError as error:
            wrong.append((str(cell.coordinate), f"{_(column.label)}{_('：')}{error}"))
    for side, word in (("zh", _("中文")), ("en", _("英文"))):
        four = [values.get(f"{side}{n}", "") for n in range(ANCHORS)]
        if any(four) and not all(four):
            cell = next(cells[f"{side}{n}"] for n in range(ANCHORS) if not four[n])
            wrong.append((str(cell.coordinate), _("四条评分标准（%(side)s）要么都填，要么都不填", side=word)))
        values[side] = [] if not any(four) else four
    if len(wrong) > before:
        return None
    group_code, group_zh, group_en = values["group_zh"]
    return Item(
        code=values["code"], group_code=group_code, group_zh=group_zh, group_en=group_en,
        name_zh=values["name_zh"], name_en=values["name_en"], kind=values["kind"], how=values["how"],
        veto=values["veto"] == "yes", maximum=values["maximum"], anchors_zh=tuple(values["zh"]),
        anchors_en=tuple(values["en"]), cell=str(cells["code"].coordinate),
    )  # fmt: skip


def _text(cell: Cell, column: Column) -> str:
    """What a cell says, as text. Raises ValueError for formulas and errors and for what is too long."""
    if cell.value is None:
        return ""
    if cell.data_type == "f":
        raise ValueError(_("是公式，请改填算好的结果"))
    if cell.data_type == "e":
        raise ValueError(_("是错误值 %(value)s，请重新填写", value=cell.value))
    value = (
        plain(cell.value) if isinstance(cell.value, int | float) and not isinstance(cell.value, bool) else cell.value
    )
    text = forms.clean(str(value))
    if len(text) > column.limit:
        raise ValueError(_("最多 %(limit)s 字，请删去 %(over)s 字", limit=column.limit, over=len(text) - column.limit))
    if "|" in text:
        raise ValueError(_("不能有竖线“|”"))
    return text


def _needed(text: str) -> str:
    if not text:
        raise ValueError(_("请填写这一项"))
    return text


def _code(text: str) -> str:
    if not re.fullmatch(CODE, text):
        raise ValueError(_("请填一个大写字母加数字，例如 A18"))
    return text


def _group(text: str, groups: dict[str, Group], kind: str) -> Group:
    """Items beside the 100 stand in a group of their own, whatever the cell says."""
    if kind in WORDS:
        return kind, *WORDS[kind]
    if bare(text) not in groups:
        words = _("、").join(zh for code, zh, _en in groups.values() if code not in WORDS)
        raise ValueError(_("请填这个量表已有的组：%(words)s", words=words))
    return groups[bare(text)]


def _word_of(words: dict[str, str]) -> Callable[[str], str]:
    def read_word(text: str) -> str:
        for code, word in words.items():
            if bare(text) in both(word):
                return code
        raise ValueError(_("请填：%(words)s", words=_("、").join(_(word) for word in words.values())))

    return read_word


def _maximum(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or not 0 < value <= 100 or value * 2 % 1:
        raise ValueError(_("请填 0.5 到 100 之间、以 0.5 为步长的数字"))
    return value


def _doubled(items: Sequence[Item]) -> list[tuple[str, str]]:
    seen: dict[str, str] = {}
    wrong = []
    for item in items:
        if item.code in seen:
            wrong.append((item.cell, _("编号 %(code)s 和 %(cell)s 重复", code=item.code, cell=seen[item.code])))
        seen.setdefault(item.code, item.cell)
    return wrong
