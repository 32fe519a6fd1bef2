"""The legal publicity page: what it says, when objections are taken, and what stays hidden."""

from __future__ import annotations

import io
import re
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock, ledger
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow
from matchhub.domain import attachments, reference
from matchhub.domain.models import Message, NoticeKind, NoticePhase, NoticeState, Objection, ObjectionState, Role
from matchhub.features.notices import queries, service
from tests import factories as make
from tests.needs.test_public import statements

ROWS = [{"rank": "1", "organisation": "安阶加梯陪伴中心", "title": "一梯一档", "score": "88.70", "amount": "159,741 元", "result": "拟立项"},
        {"rank": "2", "organisation": "和邻促进中心", "title": "", "score": "84.10", "amount": "", "result": "未入选"}]  # fmt: skip
FORM = {
    "name": "钱居民",
    "contact": "19911112222",
    "against": "安阶加梯陪伴中心",
    "reason": "去年的项目没有做完。",
    "agreed": "y",
}


@pytest.fixture
def visitor(client_as):
    return client_as(None)


@pytest.fixture
def notice(app):
    return make.notice(
        title="“社区花园”拟立项公示", rows=ROWS, basis="评审编号 PS-2026-001", contact="服务中心，021-0000 0000"
    )


def the_objection() -> Objection | None:
    return db.session.scalars(sa.select(Objection).order_by(Objection.id.desc())).first()


def test_running_notices_come_first_with_the_working_days_left(app, visitor):
    over = make.notice(ends_at=clock.now() - timedelta(hours=1), published_at=clock.now())
    live = make.notice(published_at=clock.now() - timedelta(days=3))
    draft = make.notice(NoticeState.DRAFT)
    page = visitor.get("/notices").text
    assert page.index(live.ref) < page.index(over.ref)
    assert draft.ref not in page
    # From Tuesday 15 to Sunday 20 September 2026: Tuesday to Friday, and Sunday, which is worked before the holiday.
    assert f"还剩 {reference.calendar().between(datetime(2026, 9, 14).date(), datetime(2026, 9, 20).date())}" in page


@pytest.mark.parametrize("phase", queries.PUBLIC_PHASES)
def test_the_filter_by_phase_shows_what_the_tag_says(app, visitor, phase):
    rows = [make.notice(state) for state in NoticeState] + [make.notice(ends_at=clock.now() - timedelta(hours=1))]
    rows.append(make.notice(starts_at=clock.now() + timedelta(hours=1)))
    page = visitor.get(f"/notices?phase={phase}").text
    wanted = {row.ref for row in rows if row.phase is phase}
    assert wanted == set(re.findall(r'href="/notices/(GS-[\d-]+)"', page))
    assert wanted


def test_a_list_costs_no_more_however_long_it_is(app, visitor):
    visitor.get("/notices")
    for rows in (3, 40):
        for _ in range(rows):
            make.notice()
        db.session.remove()
        assert statements(app, lambda: visitor.get("/notices")) <= 2


def test_the_draw_that_the_basis_names_is_a_link(app, visitor):
    drawn = make.notice(basis="评审编号 PS-2026-009；抽签记录 /draws/PS-2026-009", published_at=clock.now())
    assert 'href="/draws/PS-2026-009"' in visitor.get(f"/notices/{drawn.ref}").text


def test_filter_by_kind(app, visitor):
    award, change = make.notice(), make.notice(kind=NoticeKind.CHANGE)
    page = visitor.get("/notices?kind=change").text
    assert change.ref in page and award.ref not in page


def test_the_page_says_all_that_a_notice_must_say(app, visitor, notice):
    from matchhub.core.files import Stored

    @command
    def attach():
        attachments.attach(notice, "notice", Stored("ab" * 32, "纪要.pdf", "application/pdf", 10), make_actor)

    make_actor = make.staff()
    attach()
    page = visitor.get(f"/notices/{notice.ref}").text
    for said in (notice.ref, notice.title, "评审编号 PS-2026-001", "现予公示。", "安阶加梯陪伴中心", "一梯一档", "88.70", "159,741 元",
                 "未入选", "ab" * 32, "怎样提出异议", "服务中心，021-0000 0000", "曹杨新村街道", "还剩 5 个工作日", "提出异议",
                 "公示期自 2026 年 9 月 15 日 至 2026 年 9 月 20 日"):  # fmt: skip
        assert said in page, said


def test_the_page_shows_the_head_of_the_ledger_of_its_day(app, visitor, later):
    staff = make.staff()
    made = service.draft(staff, NoticeKind.CHANGE, {"title": "延期", "body": "延期两个月。"})
    service.publish(staff, made)
    head = ledger.head()
    assert head[1] in visitor.get(f"/notices/{made.ref}").text
    later(days=2)
    service.draft(make.staff(), NoticeKind.CHANGE, {"title": "另一份", "body": "。"})
    page = visitor.get(f"/notices/{made.ref}").text
    assert head[1] in page and f"第 {head[0]} 行" in page and ledger.head()[1] not in page


def test_drafts_are_for_the_street(app, client_as, visitor):
    draft = make.notice(NoticeState.DRAFT)
    assert visitor.get(f"/notices/{draft.ref}").status_code == 404
    assert client_as(make.org_admin()).get(f"/notices/{draft.ref}").status_code == 404
    assert client_as(make.staff()).get(f"/notices/{draft.ref}").location == f"/staff/notices/{draft.ref}"


def test_anybody_objects_with_a_real_name_and_follows_by_code(client_as, visitor, notice):
    staff, approver, centre = make.staff(), make.approver(), make.user(Role.CENTRE_STAFF)
    assert visitor.get(f"/notices/{notice.ref}/object").status_code == 200
    photo = (io.BytesIO(b"%PDF-1.4 proof"), "证据.pdf")
    answer = visitor.post(
        f"/notices/{notice.ref}/object", data=FORM | {"files": photo}, content_type="multipart/form-data"
    )
    made = the_objection()
    assert answer.status_code == 303 and answer.location == f"/objections/{made.follow_code}"
    # Received on Tuesday 15 September: five working days, the last of them the worked Sunday's following Monday.
    assert made.answer_due_on == reference.calendar().add(clock.today(), 5)
    page = visitor.get(answer.location)
    assert page.headers["Cache-Control"] == "no-store" and page.headers["X-Robots-Tag"] == "noindex"
    assert made.follow_code in page.text and "去年的项目没有做完。" in page.text and "钱居民" not in page.text
    told = {user: list(db.session.scalars(sa.select(Message).where(Message.user_id == user.id)))
            for user in (staff, approver, centre)}  # fmt: skip
    assert [m.event for m in told[staff]] == [m.event for m in told[approver]] == ["objection.receive"]
    assert told[centre] == []
    assert all("钱居民" not in f"{m.title}{m.note}" for rows in told.values() for m in rows)
    assert [row.name for row in attachments.of(made, "evidence")] == ["证据.pdf"]
    assert attachments.can_fetch(staff, attachments.of(made)[0])
    assert not attachments.can_fetch(centre, attachments.of(made)[0])
    assert visitor.get("/objections/nosuchcode").status_code == 404


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "", "匿名的异议不能受理"),
        ("contact", "", "请填写能联系到您的电话或邮箱"),
        ("contact", "找我", "请填电话号码或邮箱"),
        ("reason", "", "请写明异议的理由"),
        ("agreed", "", "请确认内容属实"),
    ],
)
def test_an_objection_says_what_is_missing_and_keeps_what_was_typed(visitor, notice, field, typed, sentence):
    answer = visitor.post(f"/notices/{notice.ref}/object", data=FORM | {field: typed})
    assert answer.status_code == 422 and sentence in answer.text
    assert ("去年的项目没有做完。" in answer.text) == (field != "reason")
    assert the_objection() is None


def test_objections_are_taken_only_while_the_period_runs(app, visitor):
    early = make.notice(starts_at=clock.now() + timedelta(hours=14), ends_at=clock.now() + timedelta(days=6))
    over = make.notice(ends_at=clock.now())
    for row, word in ((early, "公示期还没有开始"), (over, "公示期已经结束")):
        assert word in visitor.get(f"/notices/{row.ref}/object").text
        assert f"/notices/{row.ref}/object" not in visitor.get(f"/notices/{row.ref}").text
        answer = visitor.post(f"/notices/{row.ref}/object", data=FORM)
        assert answer.status_code == 409
        assert "只有公示期内可以提出异议" in answer.text and "去年的项目没有做完。" in answer.text
    last = make.notice(ends_at=clock.now() + timedelta(seconds=1))
    assert visitor.post(f"/notices/{last.ref}/object", data=FORM).status_code == 303
    with pytest.raises(NotNow):
        service.object_to(make.notice(NoticeState.REVOKED), FORM)


def test_the_same_contact_objects_three_times_at_most(visitor, notice):
    for _ in range(3):
        assert visitor.post(f"/notices/{notice.ref}/object", data=FORM).status_code == 303
    answer = visitor.post(f"/notices/{notice.ref}/object", data=FORM)
    assert answer.status_code == 409 and "已经提出过 3 条异议" in answer.text


def test_one_address_cannot_flood_the_street(visitor, notice):
    for n in range(5):
        assert (
            visitor.post(f"/notices/{notice.ref}/object", data=FORM | {"contact": f"1991111222{n}"}).status_code == 303
        )
    answer = visitor.post(f"/notices/{notice.ref}/object", data=FORM | {"contact": "19911112229"})
    assert answer.status_code == 409 and "尝试次数太多" in answer.text


def test_while_it_runs_nobody_is_told_how_many_object(app, client_as, notice):
    readers = [None, make.org_admin()]
    before = [client_as(user).get(f"/notices/{notice.ref}").text for user in readers]
    make.objection(notice)
    after = [client_as(user).get(f"/notices/{notice.ref}").text for user in readers]
    hide = re.compile(r'(csrf_token" value="|X-CSRFToken": ")[^"]+')
    assert [hide.sub("", page) for page in before] == [hide.sub("", page) for page in after]


def test_afterwards_only_numbers_are_public(app, client_as, visitor, notice, later):
    concerned = make.org_admin(make.organisation(name="安阶加梯陪伴中心"))
    for state, upheld in (
        (ObjectionState.ANSWERED, True),
        (ObjectionState.ANSWERED, False),
        (ObjectionState.REJECTED, None),
    ):
        make.objection(notice, state=state, upheld=upheld, name="只有街道知道的人", contact="19900001111",
                       reason="只有街道看的理由", findings="内部核查", answer="给提出人的话")  # fmt: skip
    later(days=6)
    assert notice.phase is NoticePhase.ENDED
    for user in (None, concerned, make.user(Role.CENTRE_STAFF), make.user(Role.REVIEWER)):
        page = client_as(user).get(f"/notices/{notice.ref}").text
        assert "3 条" in page and "公示结果" in page
        for hidden in ("只有街道知道的人", "19900001111", "只有街道看的理由", "内部核查", "给提出人的话"):
            assert hidden not in page


def test_who_kept_only_the_code_finds_the_objection_by_typing_it(app, visitor, notice):
    visitor.post(f"/notices/{notice.ref}/object", data=FORM)
    code = the_objection().follow_code
    assert 'href="/objections"' in visitor.get("/notices").text
    typed = f" {code[:4].upper()} {code[4:8]}-{code[8:]}"
    answer = visitor.post("/objections", data={"code": typed})
    assert answer.status_code == 303 and answer.location == f"/objections/{code}"
    wrong = visitor.post("/objections", data={"code": "abcdabcdabcdabcd"})
    assert wrong.status_code == 422 and "没有找到这个查询码" in wrong.text
    assert "请填写查询码" in visitor.post("/objections", data={}).text
