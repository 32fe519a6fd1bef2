"""The street takes objections up, answers or refuses them, and never names who objected."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core import ledger
from matchhub.core.db import db
from matchhub.domain.models import ObjectionState, Role
from matchhub.features.notices import service
from tests import factories as make


def test_objections_are_handled_by_page(client_as, desk, staff):
    objection = make.objection(notice_ := make.notice(), contact="19911112222")
    page = desk.get("/staff/objections").text
    assert objection.ref in page and "钱居民" not in page
    page = desk.get(f"/staff/objections/{objection.ref}").text
    assert "钱居民" in page and "19911112222" in page and "该机构去年的项目没有做完。" in page
    early = desk.post(
        f"/staff/objections/{objection.ref}/answer?action=answer",
        data={"findings": "查了", "answer": "答了很长一段", "upheld": "no", "public_reason": "不成立。"},
    )
    assert early.status_code == 409 and "答了很长一段" in early.text
    assert (
        desk.post(f"/staff/objections/{objection.ref}/accept", data={"version": objection.version}).status_code == 303
    )
    empty = desk.post(f"/staff/objections/{objection.ref}/answer?action=answer", data={"answer": "好"})
    assert empty.status_code == 422 and "请选择异议是否成立" in empty.text
    done = desk.post(
        f"/staff/objections/{objection.ref}/answer?action=answer",
        data={"findings": "内部查了台账", "answer": "经核查不成立。", "upheld": "no", "public_reason": "事实不符。"},
    )
    assert done.status_code == 303
    db.session.refresh(objection)
    assert (objection.state, objection.upheld, objection.answered_by_id) == (ObjectionState.ANSWERED, False, staff.id)
    followed = client_as(None).get(f"/objections/{objection.follow_code}").text
    assert "经核查不成立。" in followed and "异议不成立" in followed and "内部查了台账" not in followed
    assert notice_.ref in client_as(None).get("/notices").text


def test_an_objection_is_refused_with_its_reason(client_as, desk):
    objection = make.objection()
    page = desk.get(f"/staff/objections/{objection.ref}/answer?action=reject").text
    assert "不予受理的理由" in page and "异议是否成立" not in page
    desk.post(
        f"/staff/objections/{objection.ref}/answer?action=reject",
        data={"answer": "与公示内容无关。", "public_reason": "与公示内容无关。"},
    )
    db.session.refresh(objection)
    assert (objection.state, objection.upheld) == (ObjectionState.REJECTED, None)
    assert "不予受理" in client_as(None).get(f"/objections/{objection.follow_code}").text


def test_the_objector_is_known_to_the_street_and_the_auditor_alone(client_as, app):
    objection = make.objection()
    for role in (Role.STREET_APPROVER, Role.AUDITOR, Role.STREET_STAFF):
        assert "钱居民" in client_as(make.user(role)).get(f"/staff/objections/{objection.ref}").text
    for role in (Role.CENTRE_STAFF, Role.ORG_ADMIN, Role.REVIEWER, Role.SUPERVISOR, Role.SYSADMIN, Role.NEIGHBOURHOOD):
        assert client_as(make.user(role)).get(f"/staff/objections/{objection.ref}").status_code == 403
        assert client_as(make.user(role)).get("/staff/objections").status_code == 403
    auditor = client_as(make.user(Role.AUDITOR))
    assert auditor.post(f"/staff/objections/{objection.ref}/accept").status_code == 403


def test_the_ledger_names_no_objector(staff):
    notice = make.notice()
    objection = service.object_to(notice, {"name": "钱居民", "contact": "19911112222", "reason": "不对"})
    service.accept(staff, objection)
    service.answer(staff, objection, None, "答复。", findings="查了", upheld=True, public_reason="成立。")
    rows = ledger.history(f"objection:{objection.ref}")
    assert [row.deed for row in rows] == ["objection.answer", "objection.accept", "objection.receive"]
    for row in rows:
        assert "钱居民" not in f"{row.actor}{row.data}" and "19911112222" not in row.data
    assert rows[-1].actor_id is None and rows[0].details["upheld"] is True


def test_an_objector_with_an_address_gets_mail(app, staff, monkeypatch):
    from matchhub.core import mail, outbox

    monkeypatch.setitem(mail._settings, "server", "localhost:25")
    notice = make.notice()
    objection = service.object_to(notice, {"name": "沈", "contact": "shen@example.org", "reason": "不对"})
    service.accept(staff, objection)
    sent = list(db.session.scalars(sa.select(outbox.OutboxRow).where(outbox.OutboxRow.kind == "mail")))
    mine = [row.payload for row in sent if row.payload["to"] == "shen@example.org"]
    assert [(m["subject"], m["path"]) for m in mine] == [
        ("您的异议已受理，正在核查。", f"/objections/{objection.follow_code}")
    ]
    assert not any("shen" in str(row.payload) for row in sent if row.payload["to"] != "shen@example.org")
