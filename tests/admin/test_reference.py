"""Settings, lists, calendar and score sheets: changed within their bounds, each change on record."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from matchhub import seeds
from matchhub.core.db import db
from matchhub.core.errors import NotNow, Refused
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import reference, sheets
from matchhub.domain.models import Code, Holiday, NeedState, Rubric, Setting
from matchhub.domain.roles import Role
from matchhub.features.admin import codes, holidays, rubrics
from matchhub.features.admin import settings as rules
from tests import factories as make


@pytest.fixture
def admin(app):
    return make.user(Role.SYSADMIN, name="毕云舟")


def seen(key: str) -> str:
    return rules.fingerprint(rules.together(key))


def value(key: str) -> str:
    db.session.expire_all()
    return db.session.get(Setting, key).value


def last_deed() -> LedgerEntry:
    return db.session.query(LedgerEntry).order_by(LedgerEntry.seq.desc()).first()


def test_a_setting_is_changed_recorded_and_used_at_once(app, admin, client_as):
    data = {"panel_size": "7", "panel_minimum": "3", "seen": seen("panel_size")}
    assert client_as(admin).post("/admin/settings/panel_size", data=data).status_code == 303
    assert reference.setting("panel_size") == 7
    row = last_deed()
    assert (row.deed, row.subject, row.details) == ("setting.change", "setting:panel_size", {"old": "5", "new": "7"})
    page = client_as(admin).get("/admin/settings/panel_size").text
    assert "毕云舟" in page


@pytest.mark.parametrize(
    ("key", "typed", "says"),
    [
        ("notice_days", "2", "不能小于 3"), ("notice_days", "31", "不能大于 30"), ("notice_days", "五", "请只填整数"),
        ("notice_days", "5.5", "请只填整数"), ("notice_days", "", "请只填整数"), ("group_floor", "abc", "请只填数字"),
        ("group_floor", "100.1", "不能大于 100"), ("close_time", "25:00", "24 小时制"), ("report_reminders", "-5,x", "用逗号隔开"),
        ("audit_threshold_yuan", "-1", "不能小于 0"), ("site_name", "长" * 201, "最多 200 字"),
    ],
)  # fmt: skip
def test_a_value_out_of_bounds_is_refused_with_its_bound(app, admin, client_as, key, typed, says):
    before = value(key)
    answer = client_as(admin).post(f"/admin/settings/{key}", data={key: typed, "seen": seen(key)})
    assert answer.status_code == 422
    assert says in answer.text
    assert value(key) == before


@pytest.mark.parametrize(
    ("key", "values", "says"),
    [
        ("weight_c1", {"weight_c1": "40", "weight_c2": "30", "weight_c3": "40"}, "合计应为 100"),
        ("pay_last", {"pay_first": "50", "pay_middle": "40", "pay_last": "20"}, "合计应为 100"),
        ("track_weight_reports", {"track_weight_closing": "0.5", "track_weight_reports": "0.4", "track_weight_rectify": "0.2"},
         "合计应为 1"),
        ("grade_good", {"grade_excellent": "90", "grade_good": "65", "grade_pass": "70", "grade_improve": "60"}, "从高到低"),
        ("light_yellow", {"light_green": "80", "light_yellow": "85"}, "从高到低"),
        ("call_days", {"call_days": "10", "minimum_call_days": "7", "question_close_day": "9", "answer_due_day": "12"},
         "不能晚于征集期"),
        ("call_days", {"call_days": "13", "minimum_call_days": "14", "question_close_day": "9", "answer_due_day": "12"},
         "最短征集期"),
    ],
)  # fmt: skip
def test_settings_that_belong_together_are_checked_together(app, admin, client_as, key, values, says):
    before = seen(key)
    answer = client_as(admin).post(f"/admin/settings/{key}", data=values | {"seen": before})
    assert answer.status_code == 422
    assert says in answer.text
    assert seen(key) == before


def test_weights_move_together_in_one_deed(app, admin, client_as):
    data = {"weight_c1": "20", "weight_c2": "30", "weight_c3": "50", "seen": seen("weight_c1")}
    assert client_as(admin).post("/admin/settings/weight_c3", data=data).status_code == 303
    assert (reference.setting("weight_c1"), reference.setting("weight_c3")) == (Decimal(20), Decimal(50))
    subjects = [row.subject for row in db.session.query(LedgerEntry).filter_by(deed="setting.change")]
    assert subjects == ["setting:weight_c1", "setting:weight_c3"]


def test_whoever_saves_on_an_old_page_is_told(app, admin, client_as):
    old = seen("notice_days")
    rules.change(admin, "notice_days", {"notice_days": "7"}, old)
    answer = client_as(admin).post("/admin/settings/notice_days", data={"notice_days": "10", "seen": old})
    assert answer.status_code == 422
    assert "别人改过这项设置" in answer.text
    assert 'value="10"' in answer.text
    assert value("notice_days") == "7"


def test_every_seeded_setting_passes_its_own_check(app):
    for row in db.session.query(Setting):
        assert rules.read(row, row.value) is not None, row.key
        rows = rules.together(row.key)
        assert rules.check(rows, {one.key: one.value for one in rows}) is None, row.key


def test_the_street_approver_keeps_settings_too_and_others_do_not(app, client_as):
    approver, staff, auditor = make.approver(), make.staff(), make.user(Role.AUDITOR)
    for address in (
        "/admin/settings",
        "/admin/settings/notice_days",
        "/admin/codes",
        "/admin/holidays",
        "/admin/rubrics",
    ):
        assert client_as(approver).get(address).status_code == 200, address
        assert client_as(staff).get(address).status_code == 403, address
    assert client_as(auditor).get("/admin/settings").status_code == 403
    assert client_as(auditor).get("/admin/rubrics").status_code == 200
    assert client_as(auditor).post("/admin/rubrics/1/version").status_code == 403


def test_a_setting_that_is_not_there(app, admin, client_as):
    assert client_as(admin).get("/admin/settings/nonsense").status_code == 404


def test_a_word_is_changed_everywhere(app, admin, client_as):
    data = {"name_zh": "老楼加梯", "name_en": "Lifts", "sort": "20"}
    assert client_as(admin).post("/admin/codes/field/lift", data=data).status_code == 303
    assert reference.word("field", "lift") == "老楼加梯"
    row = last_deed()
    assert (row.deed, row.subject) == ("code.change", "code:field.lift")
    assert row.details == {"old": "加装电梯", "new": "老楼加梯"}


def test_a_code_is_added_and_deleted_again_while_nothing_uses_it(app, admin, client_as):
    client = client_as(admin)
    data = {"code": "night_school", "name_zh": "夜校", "name_en": "Night school", "sort": "300"}
    assert client.post("/admin/codes/field/new", data=data).status_code == 303
    assert "夜校" in client.get("/admin/codes/field").text
    assert client.post("/admin/codes/field/new", data=data).status_code == 422
    assert client.post("/admin/codes/field/night_school/delete").status_code == 303
    assert db.session.get(Code, ("field", "night_school")) is None


@pytest.mark.parametrize("code", ["Night", "1a", "a", "a b", "夜校", "x" * 21, ""])
def test_a_code_has_a_plain_shape(app, admin, client_as, code):
    data = {"code": code, "name_zh": "夜校", "name_en": "Night school", "sort": "1"}
    assert client_as(admin).post("/admin/codes/field/new", data=data).status_code == 422


@pytest.mark.parametrize(
    ("kind", "code"), [("field", "lift"), ("community", "yuanyuan"), ("section", "zzb"), ("org_type", "service")]
)
def test_a_code_that_is_used_is_never_deleted(app, admin, client_as, kind, code):
    make.need()
    make.organisation()
    answer = client_as(admin).post(f"/admin/codes/{kind}/{code}/delete")
    assert answer.status_code == 409
    assert "处使用，不能删除" in answer.text
    assert codes.row(codes.KINDS[kind], code)


@pytest.mark.parametrize("kind", ["visit_kind", "grade", "budget_category", "notice_kind"])
def test_codes_that_the_program_knows_are_only_renamed(app, admin, kind):
    known = codes.KINDS[kind]
    words = codes.Words("新的", "New", 1)
    with pytest.raises(NotNow):
        codes.add(admin, known, "something", words)
    first = codes.rows(known)[0].code
    with pytest.raises(NotNow):
        codes.delete(admin, known, first)
    codes.change(admin, known, first, words)
    assert reference.word(kind, first) == "新的"


def test_every_list_of_the_reference_data_can_be_kept(app):
    kinds = {row.kind for row in db.session.query(Code)}
    assert kinds <= set(codes.KINDS)


def test_loading_the_reference_data_again_brings_nothing_back(app, admin):
    """Every start loads it: what the street renamed or deleted must stay so."""
    words = codes.Words("改过的名字", "Changed", 5)
    codes.change(admin, codes.KINDS["community"], "yuanyuan", codes.Words("源园新名", "New", 0, "old", 10, ""))
    codes.change(admin, codes.KINDS["field"], "waste", words)
    codes.delete(admin, codes.KINDS["field"], "employment")
    free = db.session.query(Holiday).order_by(Holiday.day).first().day
    holidays.delete(admin, free)
    seeds.load()
    assert reference.word("community", "yuanyuan") == "源园新名"
    assert reference.word("field", "waste") == "改过的名字"
    assert db.session.get(Code, ("field", "employment")) is None
    assert db.session.get(Holiday, free) is None


def test_days_are_entered_and_corrected_line_by_line(app, admin, client_as):
    client = client_as(admin)
    assert "2027 年的放假安排还没有录入完整" in client.get("/admin/holidays").text
    typed = "2027-01-01 放假 元旦\n2027年2月14日，上班，春节调休\n\n２０２７/3/1 休\n2027.3.2 Off Spring"
    assert client.post("/admin/holidays", data={"lines": typed}).location == "/admin/holidays?year=2027"
    calendar = reference.calendar()
    assert not calendar.is_working(date(2027, 1, 1))
    assert calendar.is_working(date(2027, 2, 14))
    assert not calendar.is_working(date(2027, 3, 1))
    assert not calendar.is_working(date(2027, 3, 2))
    client.post("/admin/holidays", data={"lines": "2027-01-01 上班"})
    assert reference.calendar().is_working(date(2027, 1, 1))
    row = last_deed()
    assert (row.subject, row.details["old_working"], row.details["working"]) == ("holiday:2027-01-01", False, True)


def test_a_year_counts_as_certain_once_it_is_marked_complete(app, admin, client_as):
    """The first of January of a year is known long before its other days: rows alone make no year complete."""
    client = client_as(admin)
    client.post("/admin/holidays", data={"lines": "2027-01-01 放假 元旦"})
    assert not reference.calendar().covers(2027)
    assert client.post("/admin/holidays/2027/complete").status_code == 303
    assert reference.calendar().covers(2027)
    page = client.get("/admin/holidays?year=2027").text
    assert "录入完整" in page and "2027 年的放假安排还没有录入完整" not in page
    assert last_deed().deed == "calendar_year.complete"
    client.post("/admin/holidays/2027/reopen")
    assert not reference.calendar().covers(2027)
    seeds.load()
    assert not reference.calendar().covers(2027)


def test_a_year_taken_back_stays_open_and_an_empty_one_cannot_be_complete(app, admin, client_as):
    client = client_as(admin)
    client.post("/admin/holidays/2026/reopen")
    seeds.load()
    assert not reference.calendar().covers(2026)
    later_year = 2028
    with pytest.raises(NotNow, match="还没有录入任何一天"):
        holidays.complete(admin, later_year)
    assert client.post("/admin/holidays/2031/complete").status_code == 404


def test_a_line_that_cannot_be_read_is_named_and_nothing_is_saved(app, admin, client_as):
    before = db.session.query(Holiday).count()
    answer = client_as(admin).post(
        "/admin/holidays", data={"lines": "2027-01-01 放假 元旦\n2027-02-30 放假\n下周 休息"}
    )
    assert answer.status_code == 422
    assert "第 2 行读不懂" in answer.text
    assert "第 3 行读不懂" in answer.text
    assert "2027-02-30 放假" in answer.text
    assert db.session.query(Holiday).count() == before


def test_a_deleted_day_is_as_its_weekday_says(app, admin, client_as):
    client = client_as(admin)
    assert client.post("/admin/holidays/2026-10-01/delete").location == "/admin/holidays?year=2026"
    assert reference.calendar().is_working(date(2026, 10, 1))
    assert client.post("/admin/holidays/2026-10-01/delete").status_code == 409
    assert client.post("/admin/holidays/nonsense/delete").status_code == 404
    assert client.get("/admin/holidays?year=1999").status_code == 404


def posted(rubric: Rubric, **maxima: str) -> dict[str, str]:
    """What the page of a rubric sends, with some maxima changed."""
    data = {"note": rubric.note}
    for item in rubric.items:
        data[f"max-{item.code}"] = maxima.get(item.code, f"{item.maximum.normalize():f}")
        for side, joined in (("zh", item.anchor_zh), ("en", item.anchor_en)):
            for n, anchor in enumerate(joined.split("|")):
                data[f"{side}-{item.code}-{n}"] = anchor
    return data


def test_a_new_version_takes_over_and_needs_keep_the_old_one(app, admin, client_as):
    old = sheets.newest_rubric("A")
    need = make.need(NeedState.OPEN)
    data = posted(old, A1="9", A2="7")
    answer = client_as(admin).post(f"/admin/rubrics/{old.id}/version", data=data)
    made = sheets.newest_rubric("A")
    assert answer.location == f"/admin/rubrics/{made.id}"
    assert (made.number, rubrics.total(made)) == (old.number + 1, 100)
    assert {item.code: item.maximum for item in made.items}["A1"] == 9
    assert [item.anchor_zh for item in made.items] == [item.anchor_zh for item in old.items]
    db.session.expire_all()
    assert db.session.get(type(need), need.id).rubric_id == old.id
    page = client_as(admin).get(f"/admin/rubrics/{made.id}").text
    assert "上一版 8" in page
    assert last_deed().subject == f"rubric:A.{made.number}"


@pytest.mark.parametrize(
    ("maxima", "says"),
    [({"A1": "9"}, "合计应为 100 分，现在是 101 分"), ({"A1": "8.3"}, "0.5 为步长"), ({"A1": "八"}, "0.5 为步长"),
     ({"A1": "NaN"}, "0.5 为步长"), ({"A1": "-8"}, "0.5 为步长")],
)  # fmt: skip
def test_maxima_that_do_not_make_a_rubric_are_refused_and_stay_on_the_page(app, admin, client_as, maxima, says):
    rubric = sheets.newest_rubric("A")
    answer = client_as(admin).post(f"/admin/rubrics/{rubric.id}/version", data=posted(rubric, **maxima))
    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{maxima["A1"]}"' in answer.text
    assert sheets.newest_rubric("A").number == rubric.number


def test_what_the_system_computes_keeps_its_maximum(app, admin, client_as):
    rubric = sheets.newest_rubric("B")
    answer = client_as(admin).post(f"/admin/rubrics/{rubric.id}/version", data=posted(rubric, B1="9", B6="9"))
    assert answer.status_code == 422
    assert "B1" in answer.text
    assert "满分不能改" in answer.text


def test_four_anchors_or_none(app, admin, client_as):
    rubric = sheets.newest_rubric("A")
    data = posted(rubric) | {"zh-A1-2": ""}
    answer = client_as(admin).post(f"/admin/rubrics/{rubric.id}/version", data=data)
    assert "四条评分标准要么都填，要么都不填" in answer.text
    bar = posted(rubric) | {"zh-A1-2": "甲|乙"}
    assert "不能有竖线" in client_as(admin).post(f"/admin/rubrics/{rubric.id}/version", data=bar).text


def test_a_used_version_is_frozen_and_an_unused_one_can_be_corrected(app, admin, client_as):
    old = sheets.newest_rubric("A")
    edits = {
        item.code: rubrics.Edit(item.maximum, item.anchor_zh.split("|"), item.anchor_en.split("|"))
        for item in old.items
    }
    made = rubrics.new_version(admin, old, edits, "第二版")
    client = client_as(admin)
    assert client.post(f"/admin/rubrics/{made.id}/edit", data=posted(made, A1="9", A2="7")).status_code == 303
    make.need(NeedState.OPEN, rubric_id=made.id)
    refused = client.post(f"/admin/rubrics/{made.id}/edit", data=posted(made, A1="8", A2="8"))
    assert refused.status_code == 422
    assert "已经有人使用" in refused.text
    db.session.expire_all()
    assert {item.code: item.maximum for item in db.session.get(Rubric, made.id).items}["A1"] == 9
    with pytest.raises(Refused):
        rubrics.change(admin, made, edits, "")
