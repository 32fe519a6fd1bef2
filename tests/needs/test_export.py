"""Taking a list away: exactly what is filtered, all pages, on record, and never a formula."""

from __future__ import annotations

import json
from datetime import datetime

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import exporting
from matchhub.domain.models import NeedState, Role
from tests import factories as make
from tests import reading_tables as reading


def exports():
    found = sa.select(LedgerEntry).where(LedgerEntry.deed == "list.export").order_by(LedgerEntry.seq)
    return list(db.session.scalars(found))


def test_the_page_leads_to_the_export_with_its_filters(app, client_as):
    for number in range(25):
        make.need(title=f"加装电梯 {number}")
    visitor = client_as(None)
    page = visitor.get("/needs?q=加装&page=2&field=").text
    assert 'href="/needs/export?q=%E5%8A%A0%E8%A3%85"' in page and "全部 25 行，不只这一页" in page
    shown = visitor.get("/needs/export?q=加装").text
    assert "筛选：关键词" in shown and "加装" in shown and "25 行" in shown and "预算上限（元）" in shown
    assert 'href="/needs?q=%E5%8A%A0%E8%A3%85"' in shown
    assert "不记您是谁" in shown


def test_a_visitor_takes_all_pages_of_exactly_what_is_filtered(app, client_as):
    wanted = [make.need(title=f"加装电梯 {number}") for number in range(25)]
    make.need(title="垃圾分类")
    make.need(NeedState.DRAFT, title="加装电梯草稿")
    answer = client_as(None).post("/needs/export?q=加装&sort=deadline")
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "attachment" in answer.headers["Content-Disposition"] and ".xlsx" in answer.headers["Content-Disposition"]
    assert {row[0] for row in reading.rows(answer.data)} == {need.ref for need in wanted}
    said = reading.about(answer.data)
    assert said["清单"] == "项目需求" and said["筛选：关键词"] == "加装" and said["筛选：排序"] == "即将截止"
    assert said["行数"] == 25 and said["导出人"] == "访客（没有登录）"
    assert said["导出时间"] == clock.local(clock.now()).replace(tzinfo=None)
    assert said["网页"].endswith("/needs")


def test_the_ledger_knows_the_list_and_the_codes_but_no_typed_words_and_no_visitor(app, client_as):
    make.need(title="给方静的需求")
    client_as(None).post("/needs/export?q=方静&phase=open")
    client_as(make.staff(name="谢宁")).post("/staff/needs/export?section=zzb")
    by_visitor, by_staff = exports()
    assert (by_visitor.actor_id, by_visitor.actor, by_visitor.subject) == (None, "公众", "list:needs")
    assert json.loads(by_visitor.data) == {"filter": {"q": True, "phase": ["open"], "sort": ["newest"]}, "rows": 1}
    assert "方静" not in by_visitor.data
    assert (by_staff.actor, by_staff.subject) == ("谢宁", "list:office-needs")
    assert json.loads(by_staff.data)["filter"] == {"section": ["zzb"]}


def test_looking_at_the_page_of_an_export_writes_nothing(app, client_as):
    client_as(None).get("/needs/export")
    assert exports() == []


def test_money_is_a_number_of_yuan_and_days_are_days(app, client_as):
    need = make.need(budget_fen=8_600_050, budget_public=True)
    hidden = make.need(budget_fen=5_000_000, budget_public=False)
    content = client_as(None).post("/needs/export").data
    sheet = reading.sheets(content)[0]
    titles = [cell.value for cell in sheet[1]]
    by_ref = {row[0].value: dict(zip(titles, row, strict=True)) for row in sheet.iter_rows(min_row=2)}
    yuan, closes = by_ref[need.ref]["预算上限（元）"], by_ref[need.ref]["申报截止"]
    assert (yuan.value, yuan.number_format) == (86000.5, "#,##0.00")
    assert closes.value == clock.local(need.closes_at).replace(tzinfo=None, second=0, microsecond=0)
    assert isinstance(by_ref[need.ref]["发布日期"].value, datetime)
    assert by_ref[hidden.ref]["预算上限（元）"].value is None, "a ceiling that is not public must not travel"


def test_a_title_that_looks_like_a_formula_stays_a_title(app, client_as):
    bad = '=HYPERLINK("http://example.org","中标")'
    make.need(title=bad, summary="@SUM(1)")
    content = client_as(None).post("/needs/export").data
    assert bad in reading.rows(content)[0] and "<f" not in reading.xml(content)


def test_a_visitor_cannot_export_without_end(app, client_as, later):
    visitor = client_as(None)
    for _ in range(exporting.PER_VISITOR):
        assert visitor.post("/needs/export").status_code == 200
    refused = visitor.post("/notices/export")
    assert refused.status_code == 429 and "尝试次数太多" in refused.text
    assert len(exports()) == exporting.PER_VISITOR
    assert client_as(make.staff()).post("/staff/needs/export").status_code == 200
    later(minutes=6)
    assert visitor.post("/needs/export").status_code == 200


def test_a_list_that_is_too_long_is_refused_and_never_cut(app, client_as, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_ROWS", 3)
    for _ in range(4):
        make.need()
    visitor = client_as(None)
    assert "一个文件放不下" in visitor.get("/needs/export").text
    refused = visitor.post("/needs/export")
    assert refused.status_code == 409 and "超过 3 行" in refused.text
    assert exports() == []


def test_sealed_applications_are_in_no_list_that_the_street_takes_away(app, client_as):
    sealed = make.application(need=make.need(NeedState.OPEN))
    need = sealed.need
    for role in (Role.STREET_STAFF, Role.STREET_APPROVER, Role.AUDITOR):
        client = client_as(make.user(role))
        for path in ("/staff/applications/export?show=all", "/staff/needs/export", "/staff/rounds/export"):
            answer = client.post(path)
            assert answer.status_code == 200
            assert sealed.ref not in str(reading.rows(answer.data))
            assert sealed.organisation.name not in str(reading.rows(answer.data))
    assert need.opened_at is None


def test_the_names_of_those_who_object_do_not_travel(app, client_as):
    objection = make.objection()
    content = client_as(make.approver()).post("/staff/objections/export?show=all").data
    assert objection.ref in str(reading.rows(content))
    assert objection.name not in str(reading.rows(content))


def test_accounts_travel_without_ways_to_reach_anybody(app, client_as):
    make.staff(email="somebody@example.org", phone="19912345678")
    content = client_as(make.user(Role.SYSADMIN)).post("/admin/users/export").data
    assert "somebody@example.org" not in str(reading.rows(content)) and "19912345678" not in str(reading.rows(content))
