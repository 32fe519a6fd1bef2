"""Tables go out as Excel and come back: every wrong cell is named, what will change is shown, and only then it changes."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from matchhub.core.db import db
from matchhub.documents import table_read
from matchhub.domain import application_form as form
from matchhub.features.applications import reading, service, tables
from tests import factories as make
from tests.applications.conftest import applicant

BUDGET = form.BY_CODE["budget"]


def url(application, rest):
    return f"/my/applications/{application.ref}/{rest}"


def downloaded(application, client, part="budget"):
    return load_workbook(io.BytesIO(client.get(url(application, f"{part}/table.xlsx")).data))


def content(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(client, application, data, part="budget", name="预算.xlsx"):
    return client.post(url(application, f"{part}/table"), data={"file": (io.BytesIO(data), name)})


def hidden(page):
    """What the preview page carries on to its confirmation."""
    from html import unescape

    return {name: unescape(re.search(rf'name="{name}" value="([^"]*)"', page.text)[1]) for name in ("seen", "rows")}


def rows(application, part="budget"):
    db.session.expire_all()
    return form.part_of(application.body.document, part)["rows"]


@pytest.mark.parametrize("part", ["plan", "budget", "team"])
def test_a_table_that_comes_back_untouched_changes_nothing(org, client_as, part):
    application, client = org.filled(), client_as(org.admin)
    before = rows(application, part)
    answer = upload(client, application, content(downloaded(application, client, part)), part)
    assert answer.status_code == 200 and "没有要改的" in answer.text
    assert rows(application, part) == before


def test_the_file_has_drop_downs_what_was_typed_and_an_explanation(org, client_as):
    application, client = org.filled(), client_as(org.admin)
    book = downloaded(application, client)
    sheet = book["预算明细"]
    assert [cell.value for cell in sheet[1]] == ["类别", "事项", "单价（元）", "数量", "来源", "备注"]
    assert [cell.value for cell in sheet[2]][:4] == ["活动费", "协商会场次费", 500, 60]
    kinds = sorted(rule.type for rule in sheet.data_validations.dataValidation)
    assert kinds == ["decimal", "list", "list", "whole"]
    assert application.ref in book["填表说明"]["A1"].value
    assert all(one.sheet_state == "visible" for one in book.worksheets)


def test_a_text_that_looks_like_a_formula_stays_a_text(org):
    service.save_part(org.admin, org.start(), "budget", {"rows": [{"item": "=1+1", "note": "@cmd"}]})
    application = org.start()
    sheet = load_workbook(io.BytesIO(tables.write(BUDGET, application.body.document, application.ref)))["预算明细"]
    assert (sheet["B2"].data_type, sheet["B2"].value) == ("s", "=1+1")


def test_what_will_change_is_shown_and_only_the_confirmation_changes_it(org, client_as):
    application, client = org.filled(), client_as(org.admin)
    before = rows(application)
    book = downloaded(application, client)
    sheet = book["预算明细"]
    sheet["C2"], sheet["B5"], sheet["A5"], sheet["C5"], sheet["D5"], sheet["E5"] = (
        520.5,
        "志愿者保险",
        "物资",
        "20",
        50,
        "自筹",
    )
    sheet.delete_rows(3)
    answer = upload(client, application, content(book))
    assert answer.status_code == 200
    assert "新增 1 行，修改 1 行，删去 1 行" in answer.text
    assert "志愿者保险" in answer.text and "顾问咨询" in answer.text and "520.50" in answer.text
    assert rows(application) == before
    done = client.post(url(application, "budget/table/take"), data=hidden(answer))
    assert done.status_code == 303
    kept = rows(application)
    assert [row["item"] for row in kept] == ["协商会场次费", "场地", "志愿者保险"]
    assert kept[0]["unit_price_fen"] == 520_50
    assert kept[2] == {"category": "materials", "item": "志愿者保险", "unit_price_fen": 20_00, "quantity": 50,
                       "source": "own", "note": ""}  # fmt: skip
    # The other answers of the part stay, and it is finished no longer: the sum does not fit any more.
    assert form.part_of(application.body.document, "budget")["amount_fen"] == 90_000_00
    assert "budget" not in application.body.done_parts


@pytest.mark.parametrize(
    ("cell", "value", "told"),
    [
        ("C2", "五百", "C2：单价（元）请只填数字，例如 120.50"),
        ("C2", 1.005, "C2：单价（元）最多两位小数"),
        ("C2", -3, "C2：单价（元）不能是负数"),
        ("C2", 10**11, "C2：单价（元）太大，请核对单位是不是元"),
        ("C2", "=1+1", "C2：单价（元）是公式，请改填算好的结果"),
        ("C2", True, "C2：单价（元）请只填数字"),
        ("D3", 1.5, "D3：数量请只填整数，例如 12"),
        ("D3", 2_000_000, "D3：数量要在 0 到 1,000,000 之间"),
        ("A4", "娱乐", "A4：类别请从下拉列表里选择：活动费"),
        ("E4", "借款", "E4：来源请从下拉列表里选择：申请、配套、自筹"),
        ("B2", "很" * 120, "B2：事项最多 100 字，请删去 20 字"),
    ],
)
def test_each_wrong_cell_is_named(org, client_as, cell, value, told):
    application, client = org.filled(), client_as(org.admin)
    before, book = rows(application), downloaded(application, client)
    book["预算明细"][cell] = value
    answer = upload(client, application, content(book))
    assert answer.status_code == 422 and told in answer.text
    assert "申报书还没有改动" in answer.text and "确认，写进申报书" not in answer.text
    assert rows(application) == before


@pytest.mark.parametrize(
    ("cell", "value", "told"),
    [("E2", "下个月", "E2：开始月份请按“年-月”填写，例如 2026-03"), ("B2", "旅游", "B2：形式请从下拉列表里选择")],
)
def test_each_wrong_cell_of_the_plan_is_named(org, client_as, cell, value, told):
    application, client = org.filled(), client_as(org.admin)
    book = downloaded(application, client, "plan")
    book["活动计划"][cell] = value
    answer = upload(client, application, content(book), "plan")
    assert answer.status_code == 422 and told in answer.text


def spoilt(how):
    """A table spoilt in one way."""
    book = Workbook()
    sheet = book.active
    sheet.title = "预算明细"
    sheet.append([form_column.label for form_column in tables.table_of(BUDGET).columns])
    sheet.append(["活动费", "协商会", 100, 1, "申请", ""])
    match how:
        case "hidden sheet":
            book.create_sheet("底稿").sheet_state = "hidden"
        case "merged":
            sheet.merge_cells("B2:C2")
        case "hidden row":
            sheet.append(["活动费", "暗行", 100, 1, "申请", ""])
            sheet.row_dimensions[3].hidden = True
        case "hidden column":
            sheet.column_dimensions["F"].hidden = True
        case "renamed column":
            sheet["C1"] = "价钱"
        case "wrong sheet":
            sheet.title, sheet["A1"] = "明细", "日期"
        case "empty":
            sheet.delete_rows(2)
        case "too many":
            for _n in range(form.MOST_ROWS):
                sheet.append(["活动费", "协商会", 100, 1, "申请", ""])
        case "far":
            sheet["A5000"] = "远"
    return content(book)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("hidden sheet", "隐藏的工作表“底稿”"),
        ("merged", "有合并单元格 B2:C2。请取消合并"),
        ("hidden row", "第 3 行被隐藏或筛选掉了"),
        ("hidden column", "F 列被隐藏了"),
        ("renamed column", "第 1 行找不到“单价（元）”这一列"),
        ("wrong sheet", "找不到工作表“预算明细”（现有：明细）"),
        ("empty", "表格里没有填任何一行"),
        ("too many", "表格里有 61 行，最多 60 行"),
        ("far", "表格太大：内容一直到"),
    ],
)
def test_a_table_that_hides_or_mixes_anything_is_refused_with_its_sentence(org, client_as, how, told):
    application = org.filled()
    answer = upload(client_as(org.admin), application, spoilt(how))
    assert answer.status_code == 422 and told in answer.text


def package(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in {"[Content_Types].xml": "<a/>", "xl/workbook.xml": "<a/>"}.items():
            book.writestr(name, text)
        for name, text in members.items():
            book.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "请选择要上传的表格|这不是 Excel 表格"),
        ("类别,事项\n".encode(), "这不是 Excel 表格"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 100, "旧版 .xls 文件"),
        (package(**{"xl/worksheets/sheet1.xml": "0" * (table_read.MOST_UNPACKED + 1)}), "解开后太大"),
        (package(**{"xl/vbaProject.bin": "x"}), "带有宏"),
        (package(**{"xl/externalLinks/externalLink1.xml": "<a/>"}), "链接着别的文件"),
        (package(**{"xl/sharedStrings.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}), "不是 Excel 保存的"),
        (package(), "打不开，可能已经损坏"),
        (package()[:-30], "这不是 Excel 表格"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused_with_its_sentence(org, client_as, data, told):
    application = org.filled()
    before = rows(application)
    answer = upload(client_as(org.admin), application, data)
    assert answer.status_code == 422 and re.search(told, answer.text)
    assert rows(application) == before


def test_a_huge_file_is_not_even_unpacked():
    with pytest.raises(table_read.BadTable, match="最多 2 MB"):
        reading.read(b"x" * (table_read.MOST_BYTES + 1), BUDGET)


def test_a_colleagues_change_between_preview_and_confirmation_is_not_overwritten(org, client_as):
    application, client = org.filled(), client_as(org.admin)
    book = downloaded(application, client)
    book["预算明细"]["C2"] = 600
    page = upload(client, application, content(book))
    service.save_part(org.member, application, "budget", make.document()["budget"] | {"rows": [{"item": "同事的行"}]})
    answer = client.post(url(application, "budget/table/take"), data=hidden(page))
    assert answer.status_code == 409 and "同事改过这张表" in answer.text
    assert [row["item"] for row in rows(application)] == ["同事的行"]


def test_rows_made_up_by_hand_are_refused(org, client_as):
    application, client = org.filled(), client_as(org.admin)
    before = rows(application)
    for bad in ("", "[", "{}", '["x"]', '[{"password": "x"}]', '[{"quantity": "x"}]'):
        data = {"seen": service.fingerprint(application.body.document, "budget"), "rows": bad}
        assert client.post(url(application, "budget/table/take"), data=data).status_code == 409, bad
    assert rows(application) == before


def test_nothing_is_taken_after_the_deadline_and_nobody_else_reaches_it(org, client_as, later):
    application, client = org.filled(), client_as(org.admin)
    page = upload(client, application, spoilt(""))
    other = applicant(org.need)
    for rest in ("budget/table.xlsx", "budget/table", "word"):
        assert client_as(other.admin).get(url(application, rest)).status_code == 404
    later(days=11)
    answer = client_as(org.admin).post(url(application, "budget/table/take"), data=hidden(page))
    assert answer.status_code == 409 and "征集已经截止" in answer.text
    assert len(rows(application)) == 3


def test_a_table_downloaded_in_english_is_read_in_chinese(org, client_as):
    application, client = org.filled(), client_as(org.admin)
    client.set_cookie("lang", "en")
    english = content(downloaded(application, client))
    client.set_cookie("lang", "zh")
    assert "没有要改的" in upload(client, application, english).text


def test_the_whole_form_is_a_word_file_with_answers_hints_and_limits(org, client_as):
    import docx

    application = org.start()
    service.save_part(org.admin, application, "project", {"title": "楼组加梯陪伴计划"})
    answer = client_as(org.member).get(url(application, "word"))
    assert answer.status_code == 200 and "wordprocessingml" in answer.content_type
    paper = docx.Document(io.BytesIO(answer.data))
    text = "\n".join(
        [one.text for one in paper.paragraphs]
        + [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    )
    assert "楼组加梯陪伴计划" in text and application.ref in text and org.need.title in text
    assert "最多 500 字" in text and "必填" in text and "申报机构（盖章）" in text
    assert all(form.BY_CODE[code].title in text for code in form.BY_CODE)
