"""The street publishes, corrects, revokes and concludes; published words never change."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import noticing, reference
from matchhub.domain.models import (
    Message,
    NeedState,
    Notice,
    NoticeKind,
    NoticePhase,
    NoticeState,
    Objection,
    ObjectionState,
    Role,
)
from matchhub.features.notices import service
from tests import factories as make

FORM = {"kind": "admission", "title": "关于某机构入驻的公示", "basis": "入驻办法第三条", "body": "拟同意入驻，现予公示。",
        "rows-0-organisation": "某机构", "rows-0-title": "", "rows-0-result": "拟入驻", "rows-1-organisation": "",
        "working_days": "5"}  # fmt: skip


def the_notice() -> Notice:
    return db.session.scalars(sa.select(Notice).order_by(Notice.id.desc())).first()


def draft(staff, **values) -> Notice:
    return service.draft(staff, NoticeKind.ADMISSION, {"title": "入驻公示", "body": "现予公示。"} | values)


def test_a_notice_is_drafted_and_published_by_page(client_as, desk, staff):
    organisation = make.organisation(name="某机构")
    member = make.org_admin(organisation)
    answer = desk.post("/staff/notices/new", data=FORM | {"organisation": "某机构"})
    notice = the_notice()
    assert answer.location == f"/staff/notices/{notice.ref}"
    assert notice.rows == [{"organisation": "某机构", "title": "", "result": "拟入驻"}]
    assert notice.organisation_id == organisation.id
    assert notice.issuer == reference.setting("site_owner") and reference.setting("site_phone") in notice.contact
    page = desk.get(f"/staff/notices/{notice.ref}/publish").text
    assert "发布后不能修改，也不能删除" in page and "公示期自 2026 年 9 月 16 日" in page
    wrong = desk.post(f"/staff/notices/{notice.ref}/publish", data={"confirm": "好的", "version": notice.version})
    assert wrong.status_code == 422 and f"请输入公示编号 {notice.ref}" in wrong.text
    assert notice.state is NoticeState.DRAFT
    done = desk.post(f"/staff/notices/{notice.ref}/publish", data={"confirm": notice.ref, "version": notice.version})
    assert done.status_code == 303
    db.session.refresh(notice)
    # Published on Tuesday: from Wednesday, five full working days on the calendar with its worked Sunday (20 September).
    assert notice.starts_at == datetime(2026, 9, 15, 16)
    last = reference.calendar().window(date(2026, 9, 16), 5)[1]
    assert notice.ends_at == clock.utc(last) + (clock.utc(date(2026, 1, 2)) - clock.utc(date(2026, 1, 1)))
    assert notice.published_at == clock.now()
    events = list(db.session.scalars(sa.select(Message.url).where(Message.user_id == member.id)))
    assert events == [f"/notices/{notice.ref}"]
    assert "某机构" in client_as(None).get(f"/notices/{notice.ref}").text


def test_the_word_publishes_as_well_as_the_number(desk, staff):
    notice = draft(staff)
    assert desk.post(f"/staff/notices/{notice.ref}/publish", data={"confirm": "发布"}).status_code == 303
    assert db.session.get(Notice, notice.id).state is NoticeState.PUBLISHED


def test_a_notice_without_text_is_not_published(desk, staff):
    notice = draft(staff, body="")
    assert "公示的标题和正文都要填写" in desk.get(f"/staff/notices/{notice.ref}/publish").text
    answer = desk.post(f"/staff/notices/{notice.ref}/publish", data={"confirm": "发布"})
    assert answer.status_code == 409 and "公示的标题和正文都要填写" in answer.text
    assert db.session.get(Notice, notice.id).published_at is None


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("title", "", "请填写标题"),
        ("kind", "", "请选择公示的类型"),
        ("kind", "award", "请从列出的选项里选择"),
        ("organisation", "没有这家", "平台上没有叫“没有这家”的机构"),
        ("project", "XM-1999-001", "没有编号为 XM-1999-001 的项目"),
        ("working_days", "2", "不能小于 3"),
    ],
)
def test_what_is_wrong_is_said_and_kept(desk, field, typed, sentence):
    answer = desk.post("/staff/notices/new", data=FORM | {field: typed})
    assert answer.status_code == 422 and sentence in answer.text and "拟同意入驻，现予公示。" in answer.text
    assert the_notice() is None


def test_awards_and_assessments_are_not_written_by_hand(staff):
    with pytest.raises(NotNow, match="不能手工起草"):
        service.draft(staff, NoticeKind.AWARD, {"title": "我来定", "body": "。"})
    assert the_notice() is None


def test_rows_are_added_without_script(desk):
    more = desk.post("/staff/notices/new", data=FORM | {"add-row": "rows"})
    assert more.status_code == 200 and 'name="rows-2-organisation"' in more.text and "拟入驻" in more.text


def test_a_draft_is_edited_and_two_people_do_not_overwrite_each_other(desk, staff):
    notice = draft(staff)
    seen = notice.version
    answer = desk.post(f"/staff/notices/{notice.ref}/edit", data=FORM | {"version": seen, "title": "新标题"})
    assert answer.status_code == 303 and db.session.get(Notice, notice.id).title == "新标题"
    late = desk.post(f"/staff/notices/{notice.ref}/edit", data=FORM | {"version": seen, "title": "旧页面的标题"})
    assert late.status_code == 409 and "旧页面的标题" in late.text
    assert db.session.get(Notice, notice.id).title == "新标题"


def test_the_table_of_an_award_is_not_edited_by_hand(desk, staff):
    rows = [{"rank": "1", "organisation": "安阶", "score": "88.70"}]
    notice = make.notice(NoticeState.DRAFT, rows=rows)
    page = desk.get(f"/staff/notices/{notice.ref}/edit").text
    assert "88.70" in page and "rows-0-organisation" not in page
    desk.post(f"/staff/notices/{notice.ref}/edit", data=FORM | {"version": notice.version, "title": "改标题"})
    saved = db.session.get(Notice, notice.id)
    assert saved.title == "改标题" and saved.rows == rows


def test_published_words_never_change(desk, staff):
    notice = draft(staff)
    service.publish(staff, notice)
    assert desk.get(f"/staff/notices/{notice.ref}/edit").status_code == 409
    with pytest.raises(NotNow, match="有误请发布更正公告"):
        service.save(staff, notice, None, {"title": "悄悄改"})
    number = notice.id
    db.session.rollback()  # the session's own transaction would hold the writers' turn
    with pytest.raises(DBAPIError, match="a published notice never changes"), db.engine.begin() as connection:
        connection.execute(sa.update(Notice).where(Notice.id == number).values(body="悄悄改"))
    assert db.session.get(Notice, notice.id).body == "现予公示。"


def test_a_correction_is_a_notice_of_its_own_with_its_own_period(client_as, desk, staff, later):
    notice = draft(staff, rows=[{"organisation": "某机构", "title": "", "result": "拟入住"}])
    service.publish(staff, notice)
    later(days=2)
    desk = client_as(staff)
    filled = {"title": "入驻公示（更正）", "body": "现予更正公示。", "basis": "", "rows-0-organisation": "某机构",
              "rows-0-result": "拟入驻", "reason": "“入住”应为“入驻”。", "version": notice.version, "substantial": "no"}  # fmt: skip
    assert "重新计算公示期" in desk.get(f"/staff/notices/{notice.ref}/amend").text
    assert desk.post(f"/staff/notices/{notice.ref}/amend", data=filled | {"confirm": "好"}).status_code == 422
    answer = desk.post(f"/staff/notices/{notice.ref}/amend", data=filled | {"confirm": "发布"})
    made = the_notice()
    assert answer.location == f"/staff/notices/{made.ref}" and made.id != notice.id
    db.session.refresh(notice)
    assert (notice.state, made.state, made.corrects_id) == (NoticeState.AMENDED, NoticeState.PUBLISHED, notice.id)
    assert made.starts_at == datetime(2026, 9, 17, 16) and notice.starts_at == datetime(2026, 9, 15, 16)
    assert notice.rows[0]["result"] == "拟入住" and made.rows[0]["result"] == "拟入驻"
    visitor = client_as(None)
    old, new = visitor.get(f"/notices/{notice.ref}").text, visitor.get(f"/notices/{made.ref}").text
    assert f"/notices/{made.ref}" in old and f"/notices/{notice.ref}" in new
    assert "“入住”应为“入驻”。" in old and "“入住”应为“入驻”。" in new


def test_an_objection_to_the_first_text_must_be_answered_before_the_corrected_one_ends(client_as, staff, later):
    notice = draft(staff)
    service.publish(staff, notice)
    later(days=1)
    objection = service.object_to(notice, {"name": "钱", "contact": "19911112222", "reason": "不对"})
    made = service.amend(staff, notice, None, {"title": "更正", "body": "更正。"}, "写错了")
    later(days=20)
    with pytest.raises(NotNow, match="还有 1 条异议没有答复"):
        service.conclude(staff, made, None, "没有异议。")
    service.accept(staff, objection)
    service.answer(staff, objection, None, "已核实。", findings="查了", upheld=False, public_reason="不成立。")
    service.conclude(staff, made, None, "异议不成立。")
    assert "收到异议" in client_as(None).get(f"/notices/{made.ref}").text


def test_only_the_approver_revokes_and_says_why(client_as, desk, staff):
    notice, approver = draft(staff), make.approver()
    service.publish(staff, notice)
    assert desk.get(f"/staff/notices/{notice.ref}/revoke").status_code == 403
    with pytest.raises(NotYours):
        service.revoke(staff, notice, None, "我想撤")
    client = client_as(approver)
    assert client.post(f"/staff/notices/{notice.ref}/revoke", data={"reason": ""}).status_code == 422
    assert client.post(f"/staff/notices/{notice.ref}/revoke", data={"reason": "材料有误。"}).status_code == 303
    assert db.session.get(Notice, notice.id).state is NoticeState.REVOKED
    page = client_as(None).get(f"/notices/{notice.ref}").text
    assert "这份公示已经撤销" in page and "材料有误。" in page


def test_a_notice_is_concluded_after_its_period_and_not_before(client_as, desk, staff, later):
    notice = draft(staff)
    service.publish(staff, notice)
    assert "公示期还没有结束" in desk.get(f"/staff/notices/{notice.ref}/conclude").text
    answer = desk.post(f"/staff/notices/{notice.ref}/conclude", data={"outcome": "没有异议。"})
    assert answer.status_code == 409 and "公示期还没有结束" in answer.text
    later(days=14)
    desk = client_as(staff)
    page = desk.get(f"/staff/notices/{notice.ref}/conclude").text
    assert "公示期内没有收到异议。" in page and 'name="upheld"' not in page
    assert desk.post(f"/staff/notices/{notice.ref}/conclude", data={"outcome": "没有异议。"}).status_code == 303
    db.session.refresh(notice)
    assert notice.state is NoticeState.CONCLUDED and notice.phase is NoticePhase.CONCLUDED
    assert "没有异议。" in client_as(None).get(f"/notices/{notice.ref}").text
    row = ledger.history(f"notice:{notice.ref}")[0]
    assert row.details == {"from": "published", "to": "concluded", "objections": 0, "upheld": False}


def test_an_upheld_objection_asks_for_its_consequence(client_as, staff, later):
    notice = draft(staff)
    service.publish(staff, notice)
    later(days=2)
    make.objection(notice, state=ObjectionState.ANSWERED, upheld=True)
    later(days=14)
    desk = client_as(staff)
    assert "影响结果，退回重新研究" in desk.get(f"/staff/notices/{notice.ref}/conclude").text
    none = desk.post(f"/staff/notices/{notice.ref}/conclude", data={"outcome": "有异议。"})
    assert none.status_code == 422 and "请选择异议成立以后怎么办" in none.text
    desk.post(f"/staff/notices/{notice.ref}/conclude", data={"outcome": "有异议。", "upheld": "yes"})
    assert ledger.history(f"notice:{notice.ref}")[0].details["upheld"] is True


def test_without_an_upheld_objection_nothing_goes_back(staff, later):
    notice = draft(staff)
    service.publish(staff, notice)
    later(days=14)
    with pytest.raises(NotNow, match="没有成立的异议"):
        service.conclude(staff, notice, None, "退回", upheld=True)
    assert notice.state is NoticeState.PUBLISHED


def test_lottery_money_is_noticed_for_its_calendar_days(app, staff):
    need = make.need(NeedState.NOTICE, funding="welfare_lottery")
    notice = draft(staff, need=need)
    service.publish(staff, notice)
    days = int(reference.setting("notice_days_welfare"))
    assert notice.starts_at == datetime(2026, 9, 15, 16)
    assert notice.ends_at >= notice.starts_at + (clock.utc(date(2026, 1, 1 + days)) - clock.utc(date(2026, 1, 1)))
    assert notice.working_days == reference.calendar().between(
        date(2026, 9, 15), clock.local(notice.ends_at).date()
    ) - reference.calendar().is_working(clock.local(notice.ends_at).date())


def test_a_need_gives_its_notice_days(app, staff):
    need = make.need(NeedState.REVIEWING, notice_days=7)
    assert draft(staff, need=need).working_days == 7
    assert draft(staff).working_days == reference.setting("notice_days")


def test_only_the_street_drafts(app, client_as):
    with pytest.raises(NotYours):
        draft(make.org_admin())
    for role in (Role.ORG_ADMIN, Role.REVIEWER, Role.NEIGHBOURHOOD, Role.SYSADMIN):
        assert client_as(make.user(role)).get("/staff/notices").status_code == 403
    for role in (Role.CENTRE_STAFF, Role.AUDITOR):
        assert client_as(make.user(role)).get("/staff/notices").status_code == 200
        assert client_as(make.user(role)).get("/staff/notices/new").status_code == 403


def test_an_old_page_is_refused(staff):
    objection = make.objection()
    service.accept(staff, objection, objection.version)
    with pytest.raises(Stale):
        service.answer(staff, objection, 1, "答复", findings="查了", upheld=True, public_reason="成立。")
    assert db.session.get(Objection, objection.id).answer == ""


def test_awards_and_assessments_know_what_they_move(app):
    assert noticing.effect_of(make.notice(kind=NoticeKind.CHANGE)) is None
    for kind in (NoticeKind.AWARD, NoticeKind.ASSESSMENT):
        effect = noticing.effect_of(make.notice(kind=kind))
        assert callable(effect.on_publish) and callable(effect.on_conclude)
