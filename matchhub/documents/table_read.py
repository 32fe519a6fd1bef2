"""Opening an Excel file that somebody sends: what must hold before a single cell is read.

Sizes are the file's own claim, so each part is unpacked with a limit; macros, links to other files, definitions of XML,
hidden rows and merged cells are refused with what to do about them.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from typing import TYPE_CHECKING, Any

from matchhub.core import i18n
from matchhub.core.i18n import _

if TYPE_CHECKING:  # openpyxl costs every start what few requests need
    from openpyxl.workbook.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

MOST_BYTES = 2 * 1024 * 1024
# What a table of sixty rows unpacks to is far below this; a file that unpacks to more is not unpacked.
MOST_UNPACKED = 20 * 1024 * 1024
MOST_MEMBERS = 200
MOST_TIMES = 200
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
# Rows and columns beyond these are not looked at, and the file is refused.
MOST_HEIGHT, MOST_WIDTH = 1000, 40


class BadTable(Exception):
    """The file as a whole cannot be used; the message says what to do."""


def open_book(data: bytes) -> Workbook:
    """The workbook, formulas as they are typed. Raises BadTable."""
    from openpyxl import load_workbook

    _check_package(data)
    try:
        return load_workbook(io.BytesIO(data), data_only=False, keep_links=False)
    except Exception as error:  # openpyxl raises whatever its parsers raise; for the person it is one thing
        raise BadTable(_("这个文件打不开，可能已经损坏。请重新下载表格，填好后再上传。")) from error


def _check_package(data: bytes) -> None:
    if len(data) > MOST_BYTES:
        size = f"{len(data) / 1024 / 1024:.1f}"
        raise BadTable(_("文件有 %(size)s MB，最多 2 MB。请删去图片和多余的工作表后再上传。", size=size))
    if data.startswith(OLD_EXCEL):
        raise BadTable(_("这是旧版 .xls 文件，或加了打开密码。请去掉密码，另存为 .xlsx 后再上传。"))
    try:
        package = zipfile.ZipFile(io.BytesIO(data))
        members = package.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise BadTable(_("这不是 Excel 表格（.xlsx）。请在本页下载表格，填好后上传。")) from error
    if "[Content_Types].xml" not in package.namelist() or "xl/workbook.xml" not in package.namelist():
        raise BadTable(_("这不是 Excel 表格（.xlsx）。请在本页下载表格，填好后上传。"))
    _check_members(members)
    _check_contents(package, members)


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    unpacked, packed = sum(one.file_size for one in members), sum(one.compress_size for one in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or unpacked > MOST_TIMES * max(packed, 1):
        raise BadTable(_("这个文件解开后太大，没有读取。请在本页重新下载表格，只填表格里的内容。"))
    names = [one.filename.lower() for one in members]
    if any("vbaproject" in name for name in names):
        raise BadTable(_("文件里带有宏。请另存为不带宏的 .xlsx 后再上传。"))
    if any("externallinks/" in name for name in names):
        raise BadTable(_("文件里链接着别的文件。请把内容粘贴为数值，另存后再上传。"))


def _check_contents(package: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Sizes are the file's own claim, so each part is unpacked here with a limit; definitions of XML are refused."""
    total = 0
    for one in members:
        try:
            with package.open(one) as stream:
                content = stream.read(MOST_UNPACKED + 1)
        except (zipfile.BadZipFile, RuntimeError, OSError, EOFError, ValueError, NotImplementedError) as error:
            raise BadTable(_("这个文件打不开，可能已经损坏。请重新下载表格，填好后再上传。")) from error
        total += len(content)
        if total > MOST_UNPACKED:
            raise BadTable(_("这个文件解开后太大，没有读取。请在本页重新下载表格，只填表格里的内容。"))
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise BadTable(_("这个文件不是 Excel 保存的，没有读取。请在本页下载表格，填好后上传。"))


def check_sheet(sheet: Worksheet) -> None:
    """Raises BadTable for merged or hidden cells and for a table that never ends."""
    from openpyxl.utils import get_column_letter

    if merged := sorted(str(one) for one in sheet.merged_cells.ranges):
        raise BadTable(_("有合并单元格 %(cells)s。请取消合并，每格只填一项，再上传。", cells=merged[0]))
    if sheet.max_row > MOST_HEIGHT or sheet.max_column > MOST_WIDTH:
        cell = f"{get_column_letter(sheet.max_column)}{sheet.max_row}"
        raise BadTable(_("表格太大：内容一直到 %(cell)s。请删去多余的行和列（整行删除），再上传。", cell=cell))
    rows = [number for number, one in sheet.row_dimensions.items() if one.hidden and 1 < number <= sheet.max_row]
    if rows:
        raise BadTable(_("第 %(n)s 行被隐藏或筛选掉了。请取消隐藏和筛选，核对后再上传。", n=min(rows)))
    for letter, one in sheet.column_dimensions.items():
        if one.hidden:
            raise BadTable(_("%(letter)s 列被隐藏了。请取消隐藏，核对后再上传。", letter=letter))


def both(label: str) -> set[str]:
    """A label in every language in which the table may have been downloaded."""
    return {bare(i18n.translated(label, language)) for language in i18n.LANGUAGES}


def bare(text: Any) -> str:
    """A word as it is compared: without spaces, widths and cases."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text or ""))).casefold()
