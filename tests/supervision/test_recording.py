"""The record and the sheet of a visit: drafts, submission, lights, vetoes."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import sheets, supervising
from matchhub.domain.models import LedgerEntry, Message, ProjectState, Rectification, ScoreSheet, SheetState, VisitState
from matchhub.features.supervision import queries, service
from tests.supervision.scene import ORDERS, SUGGESTIONS, D, busy, entries, fresh, planned, record, scene, submitted


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
