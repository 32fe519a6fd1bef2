"""Lists as Excel files: texts stay texts whatever they begin with, numbers and days are numbers and days."""

from __future__ import annotations

import io
import tracemalloc
from datetime import date, datetime

import pytest

from matchhub.core import i18n
from matchhub.documents import table
from matchhub.documents.table import Column, Kind, Table
from tests import reading_tables as reading

HOSTILE = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=cmd|' /C calc'!A0", "＝1+1", " =1+1", "#N/A", "#REF!",
           '=HYPERLINK("http://example.org","点我")', "{=1}", "'=1", "=", "-", "00123", "1e5", "2026-01-01", "TRUE"]  # fmt: skip
SHEET = Table("things", "东西", (
    Column("名称", Kind.LONG), Column("数", Kind.NUMBER), Column("金额", Kind.YUAN), Column("分", Kind.POINTS),
    Column("日", Kind.DAY), Column("时刻", Kind.MOMENT),
))  # fmt: skip


def made(rows, about=()):
    file = io.BytesIO()
    count = table.write(file, SHEET, rows, lambda n: [("行数", n), *about])
    return count, file.getvalue()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("kind", Kind)
def test_no_text_becomes_a_formula_whatever_the_column_is_for(text, kind):
    file = io.BytesIO()
    table.write(file, Table("x", text, (Column(text, kind),)), [(text,)], lambda _n: [(text, text)])
    content = file.getvalue()
    for sheet in reading.sheets(content):
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.value is None or isinstance(cell.value, int) or cell.data_type == "s", cell.value
    assert "<f>" not in reading.xml(content) and "<f " not in reading.xml(content)
    assert 't="inlineStr"' in reading.xml(content)
    cell = reading.sheets(content)[0]["A2"]
    assert cell.value.strip() == text.strip()
    assert cell.quotePrefix, "whoever edits the cell would turn it into a formula"


def test_numbers_money_days_and_moments_are_what_they_look_like():
    row = ("灯", -3, 8_600_050, 87.5, date(2026, 3, 1), datetime(2026, 3, 1, 16, 30, 12))
    count, content = made([row])
    sheet = reading.sheets(content)[0]
    assert count == 1
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "n", "n", "d", "d"]
    name, number, yuan, points, day, moment = sheet[2]
    assert (number.value, yuan.value, points.value) == (-3, 86000.5, 87.5)
    assert yuan.number_format == "#,##0.00"
    assert day.value == datetime(2026, 3, 1) and day.number_format == "yyyy-mm-dd"
    # 16:30 UTC is half past midnight in Shanghai.
    assert moment.value == datetime(2026, 3, 2, 0, 30) and moment.number_format == "yyyy-mm-dd hh:mm"
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:F2"
    assert name.value == "灯"


def test_what_is_missing_is_empty_and_not_a_word():
    assert reading.rows(made([(None, None, None, None, None, None)])[1]) == []
    assert reading.rows(made([("有", None, 0, None, None, None)])[1]) == [("有", None, 0, None, None, None)]


def test_signs_that_no_workbook_may_hold_are_dropped_and_long_texts_cut():
    _count, content = made([("响\x07铃\x0b\ud800", 1, 1, 1, date(2026, 1, 1), datetime(2026, 1, 1))])
    assert reading.rows(content)[0][0] == "响铃"
    _count, content = made([("长" * 40_000, 1, 1, 1, date(2026, 1, 1), datetime(2026, 1, 1))])
    assert len(reading.rows(content)[0][0]) == 32_767


def test_the_second_sheet_says_what_the_first_is():
    _count, content = made([("一", 1, 1, 1, None, None)], [("导出人", "=方静"), ("时间", datetime(2026, 1, 1, 2))])
    assert reading.about(content) == {"行数": 1, "导出人": "=方静", "时间": datetime(2026, 1, 1, 10)}


def test_a_name_that_excel_would_not_take_is_changed():
    file = io.BytesIO()
    table.write(file, Table("x", "一/二[三]:*?" + "长" * 60, (Column("名"),)), [], lambda _n: [])
    title = reading.sheets(file.getvalue())[0].title
    assert len(title) <= 31 and not set(title) & set("[]:*?/\\")


def test_the_words_of_the_file_follow_the_language():
    i18n.speak("en")
    try:
        _count, content = made([])
        assert reading.sheets(content)[1].title == "Notes"
    finally:
        i18n.speak("zh")


def test_twenty_thousand_rows_need_the_memory_of_a_few():
    row = ("社区治理项目" * 5, 12, 8_600_000, 88, date(2026, 3, 1), datetime(2026, 3, 1, 16, 30))

    def peak(rows: int) -> int:
        with io.BytesIO() as file:
            tracemalloc.start()
            table.write(file, SHEET, (row for _ in range(rows)), lambda _n: [])
            used = tracemalloc.get_traced_memory()[1] - file.getbuffer().nbytes
            tracemalloc.stop()
        return used

    few, many = peak(200), peak(5_000)
    assert many < few + 1_000_000, (few, many)
