"""Rubrics as data: looked at as the judge meets them, taken away and brought back as Excel, frozen once somebody used them."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from html import unescape

import pytest
import sqlalchemy as sa
from openpyxl import Workbook, load_workbook
from sqlalchemy.exc import DBAPIError

from matchhub.core.db import db
from matchhub.domain import sheets
from matchhub.domain.models import NeedState, Role, Rubric, RubricItem
from matchhub.features.admin import rubric_draft, rubric_sheet, rubrics
from tests import factories as make
from tests.admin.test_rubric_extras import posted


@pytest.fixture
def boss(app):
    return make.approver()


def book_of(client, rubric):
    answer = client.get(f"/admin/rubrics/{rubric.id}/table.xlsx")
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.data))


def sent(client, rubric, book):
    buffer = io.BytesIO()
    book.save(buffer)
    data = {"file": (io.BytesIO(buffer.getvalue()), "量表.xlsx")}
    return client.post(f"/admin/rubrics/{rubric.id}/import", data=data, content_type="multipart/form-data")


def taken(client, rubric, page, note="改了"):
    draft = unescape(re.search(r'name="draft" value="([^"]*)"', page.text)[1])
    return client.post(f"/admin/rubrics/{rubric.id}/import/take", data={"draft": draft, "note": note})


def column(sheet, word):
    return next(cell.column for cell in sheet[1] if cell.value == word)


def row_of(sheet, code):
    return next(number for number in range(2, sheet.max_row + 1) if sheet.cell(number, 1).value == code)


# Looking


@pytest.mark.parametrize("code", ["A", "A2", "B", "C1", "C2"])
def test_a_rubric_is_looked_at_as_its_judge_meets_it(client_as, boss, code):
    rubric = sheets.newest_rubric(code)
    page = client_as(boss).get(f"/admin/rubrics/{rubric.id}/preview").text
    assert page.count('class="mh-item') >= len(rubric.items)
    assert all(item.name_zh in unescape(page) for item in rubric.items)
    assert ("mh-scale__input" in page) == (code == "B"), "supervisors have big buttons, the others a number"


def test_a_change_is_looked_at_before_it_is_kept(client_as, boss):
    old = sheets.newest_rubric("A")
    data = posted(old, look="1", **{"beside-0-kind": "bonus", "beside-0-zh": "自带配套资源", "beside-0-maximum": "3"})
    data |= {"max-A1": "9", "max-A2": "7"}
    answer = client_as(boss).post(f"/admin/rubrics/{old.id}/version", data=data)
    assert answer.status_code == 200 and "预览好了，还没有保存" in answer.text
    assert "加分项，最多 3" in answer.text and "满分 9" in answer.text and 'value="9"' in answer.text
    assert sheets.newest_rubric("A").id == old.id
    assert (
        db.session.scalar(sa.select(sa.func.count()).select_from(RubricItem).where(RubricItem.rubric_id.is_(None))) == 0
    )
    wrong = client_as(boss).post(f"/admin/rubrics/{old.id}/version", data=data | {"max-A1": "10"})
    assert wrong.status_code == 422 and "合计应为 100 分，现在是 101 分" in wrong.text


# As a file


@pytest.mark.parametrize("code", ["A", "A2", "B", "C1", "C2"])
def test_what_was_taken_away_and_brought_back_changes_nothing(client_as, boss, code):
    rubric, desk = sheets.newest_rubric(code), client_as(boss)
    book = book_of(desk, rubric)
    assert len(book.worksheets) == 1 and book.active.max_row == len(rubric.items) + 1
    found = rubric_sheet.read(desk.get(f"/admin/rubrics/{rubric.id}/table.xlsx").data, rubric)
    assert found.wrong == [] and rubric_draft.differences(rubric, found.items) == []
    answer = sent(desk, rubric, book)
    assert answer.status_code == 200 and "表格和这个版本一样" in answer.text and 'name="draft"' not in answer.text
    assert sheets.newest_rubric(code).id == rubric.id


def test_the_same_in_english(client_as, boss):
    rubric, desk = sheets.newest_rubric("B"), client_as(boss)
    desk.set_cookie("lang", "en")
    book = book_of(desk, rubric)
    assert "表格和这个版本一样" in sent(client_as(boss), rubric, book).text


def test_a_file_makes_a_version_once_it_was_looked_at(client_as, boss):
    rubric, desk = sheets.newest_rubric("A"), client_as(boss)
    book = book_of(desk, rubric)
    sheet = book.active
    name, most, good = (column(sheet, word) for word in ("指标", "满分", "优"))
    sheet.cell(row_of(sheet, "A1"), most, 7)
    sheet.cell(row_of(sheet, "A2"), name, "需求调研扎实")
    sheet.cell(row_of(sheet, "A3"), good, "说清是谁、在哪里")
    sheet.append(["A18", "需求契合", "向居民讲得明白", "Explained to residents", "评分", 1, "打分", "否",
                  "讲过并记录", "讲过", "只贴通知", "没有讲"])  # fmt: skip
    sheet.append(["P1", "", "自带配套资源", "", "加分", 3, "打分", "否"])
    page = sent(desk, rubric, book)
    assert page.status_code == 200 and sheets.newest_rubric("A").id == rubric.id, "looking writes nothing"
    text = unescape(page.text)
    assert "8 → 7" in text and "需求调研真实充分 → 需求调研扎实" in text and "向居民讲得明白，1 分" in text
    assert "加分项，最多 3" in text
    answer = taken(desk, rubric, page)
    made = sheets.newest_rubric("A")
    assert answer.location == f"/admin/rubrics/{made.id}" and made.number == rubric.number + 1
    by_code = {item.code: item for item in made.items}
    assert rubrics.total(made) == 100 and by_code["A1"].maximum == 7 and by_code["A2"].name_zh == "需求调研扎实"
    assert by_code["A18"].anchor_zh == "讲过并记录|讲过|只贴通知|没有讲" and by_code["A18"].group_code == "fit"
    assert (by_code["P1"].kind, by_code["P1"].group_code, by_code["P1"].maximum) == ("bonus", "bonus", Decimal(3))
    found = rubric_sheet.read(desk.get(f"/admin/rubrics/{made.id}/table.xlsx").data, made)
    assert rubric_draft.differences(made, found.items) == []


def test_every_bad_cell_is_named_and_nothing_is_written(client_as, boss):
    rubric, desk = sheets.newest_rubric("A"), client_as(boss)
    book = book_of(desk, rubric)
    sheet = book.active
    most, kind, group, good = (column(sheet, word) for word in ("满分", "类别", "组", "优"))
    sheet.cell(2, most, "八分")
    sheet.cell(3, most, 4.3)
    sheet.cell(4, kind, "送分")
    sheet.cell(5, group, "没有的组")
    sheet.cell(6, good).value = None
    sheet.cell(7, column(sheet, "编号"), "a-1")
    sheet.cell(8, column(sheet, "指标"), "=1+1")
    sheet.cell(9, column(sheet, "指标")).value = None
    sheet.cell(10, column(sheet, "编号"), sheet.cell(11, 1).value)
    answer = sent(desk, rubric, book)
    assert answer.status_code == 422 and 'name="draft"' not in answer.text
    cells = re.findall(r"<t[hd][^>]*>\s*(?:<[^>]*>)?([A-Z]+\d+)<", answer.text)
    wanted = [(2, most), (3, most), (4, kind), (5, group), (6, good), (7, 1), (8, 3), (9, 3), (11, 1)]
    assert sorted(cells) == sorted(sheet.cell(*place).coordinate for place in wanted)
    assert "什么都没有写" in answer.text and sheets.newest_rubric("A").id == rubric.id


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda sheet: sheet.cell(row_of(sheet, "A1"), 6, 9), "合计应为 100 分，现在是 101 分"),
        (lambda sheet: sheet.delete_rows(row_of(sheet, "A12")), "少了 A12"),
        (lambda sheet: sheet.cell(row_of(sheet, "A12"), 6, 6), "A12 属地经验与既往表现：计算要用到它"),
        (lambda sheet: sheet.append(["A19", "需求契合", "新项", "", "评分", 1, "系统测算", "否"]), "只能由人打分"),
        (lambda sheet: sheet.append(["P1", "", "多", "", "加分", 30, "打分", "否"]), "0.5 到 20"),
    ],
)
def test_what_makes_no_rubric_is_refused(client_as, boss, change, sentence):
    rubric, desk = sheets.newest_rubric("A"), client_as(boss)
    book = book_of(desk, rubric)
    change(book.active)
    answer = sent(desk, rubric, book)
    assert answer.status_code == 422 and sentence in unescape(answer.text)
    assert sheets.newest_rubric("A").id == rubric.id


def test_only_reviews_have_items_beside_the_hundred(client_as, boss):
    rubric, desk = sheets.newest_rubric("B"), client_as(boss)
    book = book_of(desk, rubric)
    book.active.append(["P1", "", "多", "", "加分", 3, "打分", "否"])
    assert "只有立项评审和路演的量表" in sent(desk, rubric, book).text


def test_a_file_that_is_no_sheet_is_refused(client_as, boss):
    rubric, desk = sheets.newest_rubric("A"), client_as(boss)
    url = f"/admin/rubrics/{rubric.id}/import"
    assert "请选择要上传的表格" in desk.post(url, data={}).text
    answer = desk.post(url, data={"file": (io.BytesIO(b"no"), "a.xlsx")}, content_type="multipart/form-data")
    assert answer.status_code == 422 and "这不是 Excel 表格" in answer.text
    other = Workbook()
    other.active.append(["随便"])
    assert "第 1 行找不到“编号”这一列" in sent(desk, rubric, other).text


def test_a_draft_that_nobody_looked_at_is_not_taken(client_as, boss):
    rubric, desk = sheets.newest_rubric("A"), client_as(boss)
    book = book_of(desk, rubric)
    book.active.cell(row_of(book.active, "A2"), column(book.active, "指标"), "需求调研扎实")
    page = sent(desk, rubric, book)
    draft = unescape(re.search(r'name="draft" value="([^"]*)"', page.text)[1])
    url = f"/admin/rubrics/{rubric.id}/import/take"
    assert "A2" in draft and desk.post(url, data={"draft": draft.replace("A2", "A9"), "note": ""}).status_code == 404
    assert desk.post(url, data={"draft": draft + "x", "note": ""}).status_code == 404
    other = sheets.newest_rubric("B")
    assert desk.post(f"/admin/rubrics/{other.id}/import/take", data={"draft": draft}).status_code == 404
    assert sheets.newest_rubric("A").id == rubric.id


def test_who_may(client_as):
    rubric = sheets.newest_rubric("A")
    auditor, staff = client_as(make.user(Role.AUDITOR)), client_as(make.staff())
    assert auditor.get(f"/admin/rubrics/{rubric.id}/table.xlsx").status_code == 200
    assert auditor.get(f"/admin/rubrics/{rubric.id}/import").status_code == 403
    assert staff.get(f"/admin/rubrics/{rubric.id}/preview").status_code == 403


# Frozen


def test_the_database_freezes_a_version_in_use(app, boss):
    old = sheets.newest_rubric("A")
    same = {item.code: rubrics.Edit(item.maximum, item.anchor_zh.split("|"), item.anchor_en.split("|"))
            for item in rubrics.scored(old)}  # fmt: skip
    made = rubrics.new_version(boss, old, same, "第二版")
    db.session.execute(sa.update(RubricItem).where(RubricItem.rubric_id == made.id).values(name_en="free"))
    db.session.commit()
    make.need(NeedState.OPEN, rubric_id=made.id)
    item = {"rubric_id": made.id, "code": "Z1", "group_code": "fit", "group_zh": "需", "group_en": "", "name_zh": "新",
            "name_en": "", "maximum": 1, "anchor_zh": "", "anchor_en": "", "how": "observed", "veto": False,
            "kind": "score", "sort": 1}  # fmt: skip
    for statement in (
        sa.update(RubricItem).where(RubricItem.rubric_id == made.id).values(maximum=1),
        sa.delete(RubricItem).where(RubricItem.rubric_id == made.id),
        sa.insert(RubricItem).values(**item),
        sa.update(Rubric).where(Rubric.id == made.id).values(cap=50),
    ):
        with pytest.raises(DBAPIError):
            db.session.execute(statement)
        db.session.rollback()
