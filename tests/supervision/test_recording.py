"""The record and the sheet of a visit: drafts, submission, lights, vetoes."""

from __future__ import annotations

import io
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from PIL import Image

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import attachments, sheets, supervising
from matchhub.domain.models import (
    Attachment,
    LedgerEntry,
    Message,
    ProjectState,
    Rectification,
    ScoreSheet,
    SheetState,
    Visit,
    VisitState,
)
from matchhub.features.supervision import queries, service
from tests import factories as make
from tests.supervision.scene import ORDERS, SUGGESTIONS, busy, entries, planned, posted, record, scene, submitted

D = Decimal


def fresh(visit):
    db.session.expire_all()
    return db.session.get(Visit, visit.id)


def test_a_submission_fixes_record_and_sheet_and_starts_the_clock(app):
    at = scene()
    visit = planned(at)
    service.submit(at.hub, visit, record(), entries(4), SUGGESTIONS)
    sheet = supervising.sheet_of(visit)
    assert (visit.state, sheet.state, sheet.judge_id) == (VisitState.SUBMITTED, SheetState.SUBMITTED, at.hub.id)
    # Tuesday and three working days: Friday 17:00 in Shanghai.
    assert clock.local(visit.confirm_due_at).strftime("%Y-%m-%d %H:%M") == "2026-09-18 17:00"
    assert [row.text for row in visit.suggestions] == SUGGESTIONS
    assert db.session.scalars(sa.select(Message.user_id).where(Message.event == "visit.submit")).all() == [
        at.admin.id, at.member.id,
    ]  # fmt: skip


def test_the_total_of_a_worked_example(app):
    """All six activities due were held with the people due, recorded in time, and the money fits: B1 10, B4 8, B5 7, B12 4,
    B15 4, B18 5; B17 does not apply (no report is due). Judged items on the second best level: 5 + 5 for B2 and B3, and for
    8, 6, 6, 5, 5, 8, 3, 4, 2 the points 7, 5.5, 5.5, 4.5, 4.5, 7, 2.5, 3.5, 1.5, which are 41.5. Of 95 points that apply
    89.5 were given: 94.21 of 100.
    """
    at = scene()
    busy(at)
    visit = planned(at)
    service.submit(at.hub, visit, record(), entries(3), SUGGESTIONS)
    sheet = supervising.sheet_of(visit)
    found = {line.item.code: line.points for line in sheet.lines if line.item.how == "computed"}
    assert found == {"B1": 10, "B4": 8, "B5": 7, "B12": 4, "B15": 4, "B17": None, "B18": 5}
    assert sheet.total == D("94.21")


def test_computed_items_are_frozen_with_their_numbers(app):
    at = scene()
    visit = submitted(at)
    before = {line.item.code: (line.points, line.explanation) for line in supervising.sheet_of(visit).lines}
    busy(at)
    db.session.expire_all()
    assert {line.item.code: (line.points, line.explanation) for line in supervising.sheet_of(visit).lines} == before
    assert before["B5"][1]["planned"] == "6"


def test_what_is_computed_cannot_be_typed(app):
    at = scene()
    visit = planned(at)
    service.submit(at.hub, visit, record(), entries(4) | {"B5": sheets.Entry(D(7))}, SUGGESTIONS)
    assert next(line.points for line in supervising.sheet_of(visit).lines if line.item.code == "B5") == 0


def test_red_makes_a_rectification_mandatory(app):
    at = scene()
    visit = planned(at)
    with pytest.raises(NotNow, match="低于 65 分，是红灯：必须同时开整改单"):
        service.submit(at.hub, visit, record(), entries(0), SUGGESTIONS)
    assert fresh(visit).state is VisitState.PLANNED
    assert db.session.scalars(sa.select(ScoreSheet)).all() == []
    service.submit(at.hub, visit, record(), entries(0), SUGGESTIONS, ORDERS)
    order = db.session.scalars(sa.select(Rectification)).one()
    # A severe item: three working days after Tuesday.
    assert (order.visit_id, order.due_on.isoformat(), order.items[0].issue) == (visit.id, "2026-09-18", "坡道被占")


def test_a_rectification_may_come_with_any_light(app):
    at = scene()
    busy(at)
    submitted(at, level=3, orders=[{"issue": "缺页", "requirement": "补齐", "severity": "light"}])
    order = db.session.scalars(sa.select(Rectification)).one()
    # Ten working days after 15 September; 25 to 27 September is the mid-autumn holiday where the calendar says so.
    assert order.due_on == make_due(10)


def make_due(days):
    from matchhub.domain import reference

    return reference.calendar().add(clock.today(), days)


def test_misuse_of_money_is_a_veto_with_its_reason(app):
    """B14 with 0 points: the total is 0, the light red, and the reason stands on the sheet."""
    at = scene()
    busy(at)
    visit = planned(at)
    made = entries(4) | {"B14": sheets.Entry(D(0), remark="两张发票是另一个项目的物料。")}
    with pytest.raises(NotNow, match="是红灯"):
        service.submit(at.hub, visit, record(), made, SUGGESTIONS)
    service.submit(at.hub, visit, record(), made, SUGGESTIONS, ORDERS)
    sheet = supervising.sheet_of(visit)
    assert (sheet.total, sheet.vetoes, sheet.comment) == (0, ["misuse"], "两张发票是另一个项目的物料。")


def test_a_veto_without_a_reason_is_refused(app):
    at = scene()
    with pytest.raises(NotNow, match="还有 1 项没有完成"):
        service.submit(at.hub, planned(at), record(), entries(4) | {"B14": sheets.Entry(D(0))}, SUGGESTIONS, ORDERS)


@pytest.mark.parametrize("made", [sheets.Entry(None, True), sheets.Entry(None), sheets.Entry(D("4"))])
def test_not_applicable_and_low_points_need_a_reason_and_nothing_stays_open(app, made):
    """4 of 8 is below 60 %."""
    at = scene()
    with pytest.raises(NotNow, match="还有 1 项没有完成"):
        service.submit(at.hub, planned(at), record(), entries(4) | {"B6": made}, SUGGESTIONS)


def test_an_item_that_does_not_apply_leaves_the_denominator(app):
    at = scene()
    busy(at)
    visit = planned(at)
    service.submit(
        at.hub,
        visit,
        record(),
        entries(4) | {"B8": sheets.Entry(None, True, "台账抽查，没有服务对象在场")},
        SUGGESTIONS,
    )
    assert supervising.sheet_of(visit).total == 100


@pytest.mark.parametrize(
    ("over", "suggestions", "sentence"),
    [
        ({"no_tie_declared": False}, SUGGESTIONS, "请先声明与该机构没有利益关系"),
        ({"observation": ""}, SUGGESTIONS, "请填写走访日期、观察记录和至少一条改进建议"),
        ({}, [], "至少一条改进建议"),
        ({}, ["  "], "至少一条改进建议"),
        ({"visited_on": None}, SUGGESTIONS, "请填写走访日期"),
    ],
)
def test_an_incomplete_record_is_refused(app, over, suggestions, sentence):
    at = scene()
    visit = planned(at)
    with pytest.raises(NotNow, match=sentence):
        service.submit(at.hub, visit, record(**over), entries(4), suggestions)
    assert fresh(visit).state is VisitState.PLANNED


@pytest.mark.parametrize(("days", "sentence"), [(1, "不能晚于今天"), (-400, "不能早于项目开始日")])
def test_the_day_of_a_visit_is_possible(app, days, sentence):
    at = scene()
    with pytest.raises(NotNow, match=sentence):
        service.submit(
            at.hub, planned(at), record(visited_on=clock.today() + timedelta(days=days)), entries(4), SUGGESTIONS
        )


def test_nothing_is_recorded_for_a_project_that_has_ended(app):
    at = scene()
    visit = planned(at)
    db.session.execute(sa.text("UPDATE project SET state = 'terminated'"))
    db.session.commit()
    with pytest.raises(NotNow, match="项目不在实施期"):
        service.submit(at.hub, visit, record(), entries(4), SUGGESTIONS)
    assert at.project.state is ProjectState.TERMINATED


def test_only_the_visiting_supervisor_records(app):
    at = scene()
    visit = planned(at)
    for other in (at.backbone, at.staff, at.approver, at.admin):
        with pytest.raises(NotYours, match="只有这次走访的督导本人"):
            service.submit(other, visit, record(), entries(4), SUGGESTIONS)
    assert fresh(visit).state is VisitState.PLANNED


def test_the_ledger_holds_numbers_and_no_words(app):
    at = scene()
    submitted(at, level=0, orders=ORDERS)
    text = "".join(db.session.scalars(sa.select(LedgerEntry.data)))
    assert "坡道" not in text
    assert "楼组会" not in text
    assert '"total"' in text


def test_a_draft_keeps_everything_and_asks_for_nothing(app):
    at = scene()
    visit = planned(at)
    service.save_draft(at.hub, visit, {"observation": "刚到现场"}, {"B6": sheets.Entry(D(7))}, ["先记一条"], ORDERS)
    visit = fresh(visit)
    assert (visit.state, visit.observation, visit.orders_draft) == (VisitState.PLANNED, "刚到现场", ORDERS)
    assert [row.text for row in visit.suggestions] == ["先记一条"]
    assert {line.item.code: line.points for line in queries.draft_sheet(visit).lines} == {"B6": 7}
    service.save_draft(at.hub, visit, {}, {"B6": sheets.Entry()}, [], [])
    assert {line.item.code: line.points for line in queries.draft_sheet(fresh(visit)).lines} == {"B6": None}


def test_an_old_window_does_not_silently_win(app):
    at = scene()
    visit = planned(at)
    seen = visit.version
    service.save_draft(at.hub, visit, {"observation": "第一次"}, {}, [])
    with pytest.raises(Stale):
        service.save_draft(at.hub, visit, {"observation": "旧窗口"}, {}, [], seen=seen)
    assert fresh(visit).observation == "第一次"


# ---- by page -----------------------------------------------------------------------------------------------------


def test_the_form_shows_computed_items_in_words_and_what_is_left(app, client_as):
    at = scene()
    page = client_as(at.hub).get(f"/supervise/{planned(at).ref}").text
    assert "到 2026-09-15，计划开展 6 场，实际 0 场，达成 0%" in page
    assert "还有 11 项未打分" in page
    assert "80 分及以上绿灯，65 分及以上黄灯" in page
    assert 'name="line-B5-value"' not in page
    assert page.count('name="line-B6-value"') == 17  # every half point from 0 to 8, five of them big


def test_submitting_by_page(app, client_as):
    at = scene()
    visit, browser = planned(at), client_as(at.hub)
    answer = browser.post(f"/supervise/{visit.ref}", data=posted(visit, submit="1"))
    assert answer.status_code == 303
    visit = fresh(visit)
    assert visit.state is VisitState.SUBMITTED
    assert (visit.minutes, visit.problems) == (90, [{"kind": "ledger", "severity": "medium", "text": "纪要缺日期"}])
    page = browser.get(f"/supervise/{visit.ref}").text
    assert "等待机构确认" in page
    assert "2026-09-18 17:00" in page
    assert 'name="submit"' not in page


def test_every_gap_is_named_beside_its_field_and_nothing_typed_is_lost(app, client_as):
    at = scene()
    visit = planned(at)
    data = posted(visit, submit="1", no_tie_declared=None, observation="", highlights="开头让一楼住户先说",
                  **{"suggestions-0-text": "", "line-B6-value": None, "line-B7-remark": "急救包过期"})  # fmt: skip
    answer = client_as(at.hub).post(f"/supervise/{visit.ref}", data=data)
    assert answer.status_code == 422
    for words in (
        "请写下观察记录",
        "请至少写一条改进建议",
        "请先声明没有利益关系",
        'href="#line-B6"',
        "开头让一楼住户先说",
        "急救包过期",
    ):
        assert words in answer.text
    assert fresh(visit).state is VisitState.PLANNED


def test_red_by_page_asks_for_the_rectification_in_the_same_form(app, client_as):
    at = scene()
    visit, browser = planned(at), client_as(at.hub)
    answer = browser.post(f"/supervise/{visit.ref}", data=posted(visit, level=0, submit="1"))
    assert answer.status_code == 422
    assert "是红灯：必须同时开整改单" in answer.text
    half = posted(visit, level=0, submit="1") | {"orders-0-issue": "坡道被占"}
    answer = browser.post(f"/supervise/{visit.ref}", data=half)
    assert "请写明整改要求" in answer.text
    assert "坡道被占" in answer.text
    whole = half | {"orders-0-requirement": "当日恢复通道", "orders-0-severity": "severe"}
    assert browser.post(f"/supervise/{visit.ref}", data=whole).status_code == 303
    assert db.session.scalars(sa.select(Rectification)).one().visit_id == visit.id


def test_a_draft_by_page_needs_nothing_and_comes_back_whole(app, client_as):
    at = scene()
    visit, browser = planned(at), client_as(at.hub)
    data = {"version": str(visit.version), "draft": "1", "observation": "刚到现场", "line-B6-value": "7",
            "line-B6-remark": "准备充分", "orders-0-issue": "坡道被占", "orders-0-severity": "severe"}  # fmt: skip
    assert browser.post(f"/supervise/{visit.ref}", data=data).status_code == 303
    page = browser.get(f"/supervise/{visit.ref}").text
    for words in ("刚到现场", "准备充分", "坡道被占", "还有 10 项未打分"):
        assert words in page


def test_the_enter_key_only_stores(app, client_as):
    """A post without a button's name is a draft."""
    at = scene()
    visit = planned(at)
    assert client_as(at.hub).post(f"/supervise/{visit.ref}", data=posted(visit)).status_code == 303
    assert fresh(visit).state is VisitState.PLANNED


def test_a_second_window_keeps_what_was_typed_and_may_then_win(app, client_as):
    at = scene()
    visit, browser = planned(at), client_as(at.hub)
    old = str(visit.version)
    browser.post(f"/supervise/{visit.ref}", data={"version": old, "draft": "1", "observation": "一号窗口"})
    answer = browser.post(f"/supervise/{visit.ref}", data={"version": old, "draft": "1", "observation": "二号窗口"})
    assert answer.status_code == 409
    assert "二号窗口" in answer.text
    assert "另一个窗口存过" in answer.text
    now = str(fresh(visit).version)
    assert f'name="version" value="{now}"' in answer.text
    browser.post(f"/supervise/{visit.ref}", data={"version": now, "draft": "1", "observation": "二号窗口"})
    assert fresh(visit).observation == "二号窗口"


def test_rows_can_be_added_and_taken_away_without_script(app, client_as):
    at = scene()
    visit, browser = planned(at), client_as(at.hub)
    data = posted(visit) | {"add-row": "suggestions"}
    answer = browser.post(f"/supervise/{visit.ref}", data=data)
    assert answer.status_code == 200
    assert 'name="suggestions-1-text"' in answer.text
    assert "补写时注明补记" in answer.text
    data = posted(visit) | {"suggestions-1-text": "第二条", "remove-row-0": "suggestions"}
    answer = browser.post(f"/supervise/{visit.ref}", data=data)
    assert "第二条" in answer.text
    assert "补写时注明补记" not in answer.text
    assert fresh(visit).suggestions == []


def picture():
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(out, "PNG")
    out.seek(0)
    return out


def test_photos_are_kept_at_once_even_when_the_rest_is_refused(app, client_as):
    at = scene()
    visit, browser = planned(at), client_as(at.hub)
    data = {"version": str(visit.version), "submit": "1", "photos": (picture(), "现场.png"),
            "line-B6-photo": (picture(), "小组.png")}  # fmt: skip
    answer = browser.post(f"/supervise/{visit.ref}", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "现场.png" in answer.text
    assert {row.purpose for row in attachments.of(visit)} == {"visit_photo", "visit_photo_B6"}
    code = attachments.of(visit, "visit_photo")[0].code
    browser.post(f"/supervise/{visit.ref}", data={"drop-file": code, "observation": "还在"})
    assert [row.purpose for row in attachments.of(visit)] == ["visit_photo_B6"]


def test_a_bad_file_is_refused_beside_its_item(app, client_as):
    at = scene()
    visit = planned(at)
    data = {
        "version": str(visit.version),
        "draft": "1",
        "observation": "记录",
        "line-B6-photo": (io.BytesIO(b"x"), "假.png"),
    }
    answer = client_as(at.hub).post(f"/supervise/{visit.ref}", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "不是能识别的图片" in answer.text
    assert "记录" in answer.text
    assert db.session.scalars(sa.select(Attachment)).all() == []


def test_nothing_of_a_draft_is_seen_by_others(app, client_as):
    at = scene()
    visit = planned(at)
    service.save_draft(at.hub, visit, {"observation": "还没有写完的话"}, {"B6": sheets.Entry(D(3))}, ["半句"])
    for user, address in ((at.admin, f"/my/visits/{visit.ref}"), (at.staff, f"/staff/visits/{visit.ref}"),
                          (at.backbone, f"/supervise/{visit.ref}")):  # fmt: skip
        page = client_as(user).get(address)
        assert page.status_code == 200
        assert "还没有写完的话" not in page.text
        assert "半句" not in page.text


def test_strangers_do_not_even_learn_of_a_visit(app, client_as):
    from matchhub.domain.models import Role

    at = scene()
    visit = submitted(at)
    assert client_as(make.user(Role.SUPERVISOR)).get(f"/supervise/{visit.ref}").status_code == 404
    assert client_as(make.org_admin()).get(f"/my/visits/{visit.ref}").status_code == 404
    assert client_as(None).get(f"/supervise/{visit.ref}").status_code in (302, 303, 401)
    other = client_as(at.backbone)
    assert other.get(f"/supervise/{visit.ref}").status_code == 200
    assert other.post(f"/supervise/{visit.ref}", data={"draft": "1"}).status_code == 404
