"""Rectifications: issued, acknowledged, answered, verified, issued again, escalated; and no closing while one is open."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import attachments, lifecycle, reference
from matchhub.domain.models import LedgerEntry, Message, ProjectState, Rectification, RectificationState, Role
from matchhub.domain.models import RectificationState as R
from matchhub.features.supervision import service
from tests import factories as make
from tests.supervision.scene import ORDERS, scene, submitted

ITEMS = [
    {"issue": "签到表缺页", "basis": "量表 B11", "requirement": "补齐并说明", "severity": "medium"},
    {"issue": "纪要没有日期", "basis": "", "requirement": "补日期", "severity": "light"},
]


def issued(at, items=ITEMS, **over):
    return service.issue(at.staff, at.project, items, **over)


def fresh(order):
    db.session.expire_all()
    return db.session.get(Rectification, order.id)


def answered(at, order):
    service.reply(at.admin, order, ["已找到并补入。", "已补日期。"])
    return order


@pytest.mark.parametrize(("severity", "days"), [("light", 10), ("medium", 10), ("severe", 3)])
def test_the_gravest_item_decides_the_period(app, severity, days):
    at = scene()
    order = issued(at, [ITEMS[1], ITEMS[0] | {"severity": severity}])
    assert order.due_on == reference.calendar().add(clock.today(), days)


def test_the_street_and_the_supervisors_issue_nobody_else(app):
    at = scene()
    for who in (at.staff, at.approver, at.hub):
        assert service.issue(who, at.project, ITEMS).issued_by_id == who.id
    for who in (at.admin, make.user(Role.SUPERVISOR), make.staff(section_code="fgb")):
        with pytest.raises(NotYours, match="只有主办科室和本项目的督导"):
            service.issue(who, at.project, ITEMS)
    assert len(db.session.scalars(sa.select(Rectification)).all()) == 3


@pytest.mark.parametrize("items", [[], [{"issue": "缺页", "requirement": ""}], [{"issue": "", "requirement": "补"}]])
def test_an_order_names_problem_and_requirement(app, items):
    with pytest.raises(NotNow, match="请写明每个整改问题和整改要求"):
        issued(scene(), items)


def test_no_order_for_a_project_that_does_not_run(app):
    with pytest.raises(NotNow, match="项目不在实施期"):
        issued(scene(state=ProjectState.PREPARING))


def test_from_order_to_closing(app):
    at = scene()
    order = issued(at)
    service.acknowledge(at.member, order)
    answered(at, order)
    assert (order.state, order.was_on_time) == (R.REPORTED, True)
    service.verify(at.hub, order, [("fixed", "看过原件"), ("fixed", "")], "close", "都到位了。")
    assert (order.state, order.verify_note) == (R.CLOSED, "都到位了。")
    deeds = [row.deed for row in reversed(ledger.history(f"rectification:{order.ref}"))]
    assert deeds == [f"rectification.{deed}" for deed in ("issue", "acknowledge", "report", "close")]
    assert "签到" not in "".join(db.session.scalars(sa.select(LedgerEntry.data)))
    told = set(db.session.scalars(sa.select(Message.user_id).where(Message.event == "rectification.issue")))
    assert told == {at.admin.id, at.member.id}


def test_a_closed_order_never_changes(app):
    at = scene()
    order = answered(at, issued(at))
    service.verify(at.hub, order, [("fixed", ""), ("fixed", "")], "close")
    for deed in (
        lambda: service.acknowledge(at.admin, order), lambda: service.escalate(at.staff, order),
        lambda: service.reply(at.admin, order, ["改写", "改写"]),
        lambda: service.verify(at.hub, order, [("partly", ""), ("fixed", "")], "reissue"),
    ):  # fmt: skip
        with pytest.raises(NotNow, match="整改单已经完成"):
            deed()
    for statement in ("UPDATE rectification SET verify_note = 'x'", "UPDATE rectification_item SET reply = 'x'",
                      "DELETE FROM rectification_item", "DELETE FROM rectification"):  # fmt: skip
        with pytest.raises(sa.exc.DatabaseError, match=r"never changes|stays"):
            db.session.execute(sa.text(statement))
        db.session.rollback()


def test_every_item_must_be_answered(app):
    at = scene()
    order = issued(at)
    with pytest.raises(NotNow, match="还有 1 个问题没有回复"):
        service.reply(at.admin, order, ["已补入。", " "])
    assert fresh(order).state is R.ISSUED
    assert fresh(order).items[0].reply == ""


def test_what_is_not_fixed_goes_another_round_and_nothing_of_the_first_is_lost(app, later):
    at = scene()
    order = answered(at, issued(at))
    first_due = order.due_on
    with pytest.raises(NotNow, match="还有 1 个问题没有整改到位"):
        service.verify(at.staff, order, [("fixed", ""), ("partly", "没有写原因")], "close")
    later(days=7)
    service.verify(at.staff, order, [("fixed", ""), ("partly", "没有写原因")], "reissue", "请补原因。")
    assert (order.state, order.items[1].reply) == (R.ACKNOWLEDGED, "")
    assert order.due_on == reference.calendar().add(clock.today(), 10) > first_due
    service.reply(at.admin, order, ["这一项不用再答", "原因已补写。"])
    assert [item.reply for item in order.items] == ["已找到并补入。", "原因已补写。"]
    service.verify(at.staff, order, [("fixed", ""), ("fixed", "")], "close")
    history = order.items[1].history
    assert [(row["reply"], row["result"], row["note"]) for row in history] == [("已补日期。", "partly", "没有写原因")]
    assert order.items[0].history == []


def test_reissuing_needs_something_that_is_not_fixed(app):
    at = scene()
    order = answered(at, issued(at))
    with pytest.raises(NotNow, match="各项都已到位"):
        service.verify(at.staff, order, [("fixed", ""), ("fixed", "")], "reissue")
    with pytest.raises(NotNow, match="请逐项选择核验结果"):
        service.verify(at.staff, order, [("fixed", ""), ("", "")], "reissue")


def test_the_organisation_does_not_verify_and_the_supervisor_does_not_answer(app):
    at = scene()
    order = issued(at)
    with pytest.raises(NotYours):
        service.reply(at.hub, order, ["替答", "替答"])
    with pytest.raises(NotYours):
        service.acknowledge(make.org_admin(), order)
    answered(at, order)
    with pytest.raises(NotYours):
        service.verify(at.admin, order, [("fixed", ""), ("fixed", "")], "close")


def test_an_order_is_escalated_only_after_its_day(app, later):
    at = scene()
    order = issued(at)
    with pytest.raises(NotNow, match="整改期限还没有到"):
        service.escalate(at.hub, order)
    later(days=(order.due_on - clock.today()).days)
    with pytest.raises(NotNow, match="整改期限还没有到"):
        service.escalate(at.hub, order)
    later(days=1)
    assert lifecycle.word(order) == "逾期未改"
    service.escalate(at.hub, order)
    assert order.state is R.ESCALATED
    answered(at, order)
    assert (order.state, order.was_on_time) == (R.REPORTED, False)


# ---- by page -----------------------------------------------------------------------------------------------------


def test_issuing_by_page(app, client_as):
    at = scene()
    browser, address = client_as(at.staff), f"/rectifications/new?project={at.project.ref}"
    assert browser.get(address).status_code == 200
    empty = browser.post(address, data={"orders-0-issue": ""})
    assert empty.status_code == 422
    assert "请至少写一个问题和整改要求" in empty.text
    half = browser.post(address, data={"orders-0-issue": "缺页", "orders-0-requirement": ""})
    assert "请写明整改要求" in half.text
    assert "缺页" in half.text
    row = browser.post(address, data={"orders-0-issue": "缺页", "add-row": "orders"})
    assert 'name="orders-1-issue"' in row.text
    data = {"orders-0-issue": "缺页", "orders-0-requirement": "补齐", "orders-0-severity": "severe"}
    assert browser.post(address, data=data).status_code == 303
    assert db.session.scalars(sa.select(Rectification)).one().items[0].severity == "severe"
    assert client_as(make.user(Role.SUPERVISOR)).get(address).status_code == 404


def test_replying_by_page_with_evidence(app, client_as):
    at = scene()
    order, browser = issued(at), client_as(at.admin)
    page = browser.get(f"/my/rectifications/{order.ref}").text
    assert "签到表缺页" in page
    assert f'action="/rectifications/{order.ref}/acknowledge"' in page
    assert browser.post(f"/rectifications/{order.ref}/acknowledge", data={"version": order.version}).status_code == 303
    address, order = f"/my/rectifications/{order.ref}/reply", fresh(order)
    assert f'href="{address}' in browser.get(f"/my/rectifications/{order.ref}").text
    half = browser.post(address, data={"version": order.version, "replies-0-reply": "已补入。", "replies-1-reply": ""})
    assert half.status_code == 422
    assert "请写明这一项怎么改的" in half.text
    assert "已补入。" in half.text
    data = {"version": order.version, "replies-0-reply": "已补入。", "replies-1-reply": "已补日期。",
            "evidence": (io.BytesIO(b"%PDF-1.7 x"), "签到.pdf")}  # fmt: skip
    assert browser.post(address, data=data, content_type="multipart/form-data").status_code == 303
    order = fresh(order)
    assert (order.state, [row.name for row in attachments.of(order)]) == (R.REPORTED, ["签到.pdf"])


def test_verifying_by_page_twice(app, client_as):
    at = scene()
    order = answered(at, issued(at))
    browser, address = client_as(at.hub), f"/rectifications/{order.ref}/verify"
    assert f'href="{address}' in browser.get(f"/rectifications/{order.ref}").text
    assert "已找到并补入。" in browser.get(address + "?action=close").text
    data = {
        "version": order.version,
        "results-0-result": "fixed",
        "results-1-result": "partly",
        "results-1-note": "缺原因",
    }
    undecided = browser.post(address, data={"version": order.version, "action": "close", "results-0-result": "fixed"})
    assert undecided.status_code == 422
    assert "请选择核验结果" in undecided.text
    wrong = browser.post(address, data=data | {"action": "close"})
    assert wrong.status_code == 422
    assert "还有 1 个问题没有整改到位" in wrong.text
    assert "缺原因" in wrong.text
    assert browser.post(address, data=data | {"action": "reissue"}).status_code == 303
    order = fresh(order)
    assert order.state is R.ACKNOWLEDGED
    reply = client_as(at.admin).get(f"/my/rectifications/{order.ref}/reply").text
    assert "纪要没有日期" in reply
    assert "签到表缺页" not in reply
    sent = {"version": order.version, "replies-0-reply": "原因已补写。"}
    assert client_as(at.admin).post(f"/my/rectifications/{order.ref}/reply", data=sent).status_code == 303
    order = fresh(order)
    data = {"version": order.version, "results-0-result": "fixed", "results-1-result": "fixed", "action": "close"}
    assert browser.post(address, data=data).status_code == 303
    page = client_as(at.admin).get(f"/my/rectifications/{order.ref}").text
    for words in ("整改已完成", "第 1 次回复", "已补日期。", "缺原因", "原因已补写。", "核验未全部到位，继续整改"):
        assert words in page


def test_strangers_see_no_order(app, client_as):
    at = scene()
    order = issued(at)
    assert client_as(make.user(Role.SUPERVISOR)).get(f"/rectifications/{order.ref}").status_code == 404
    assert client_as(make.org_admin()).get(f"/my/rectifications/{order.ref}").status_code == 404
    assert client_as(at.hub).get(f"/my/rectifications/{order.ref}").status_code == 403
    assert client_as(at.backbone).get(f"/rectifications/{order.ref}").status_code == 200


@pytest.mark.parametrize("state", [state for state in RectificationState if state is not R.CLOSED])
def test_no_project_closes_while_a_rectification_is_open(app, client_as, state):
    """Asked of the project's own page, as its organisation presses the button."""
    at = scene()
    make.rectification(at.project, state=state)
    answer = client_as(at.admin).post(f"/projects/{at.project.ref}/close_up", data={})
    page = client_as(at.admin).get(f"/my/projects/{at.project.ref}")
    assert "还有 1 份整改单没有完成，不能结项" in page.text
    assert answer.status_code in (404, 405, 409)
    assert at.project.state is ProjectState.ACTIVE
    with pytest.raises(NotNow, match="还有 1 份整改单没有完成"):
        raise lifecycle.refusal(at.project, "close_up", at.admin, clock.now())


def test_a_closed_one_is_no_hindrance(app):
    at = scene()
    order = answered(at, issued(at))
    service.verify(at.hub, order, [("fixed", ""), ("fixed", "")], "close")
    why = lifecycle.refusal(at.project, "close_up", at.admin, clock.now())
    assert "整改单" not in str(why)


def test_the_next_visit_judges_the_repair(app, later):
    """Two items, one cleared and one partly: 75 % of 5, to the nearest half 4."""
    from matchhub.domain import supervising

    at = scene()
    submitted(at, level=0, orders=[ORDERS[0], ITEMS[0]])
    order = db.session.scalars(sa.select(Rectification)).one()
    later(days=1)
    service.reply(at.admin, order, ["坡道已恢复。", "已补。"])
    service.verify(at.hub, order, [("fixed", ""), ("partly", "")], "reissue")
    later(days=1)
    second = submitted(at, level=4)
    line = next(line for line in supervising.sheet_of(second).lines if line.item.code == "B18")
    assert (line.points, line.explanation["cleared"], line.explanation["partly"]) == (4, 1, 1)
