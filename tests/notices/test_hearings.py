"""The organisation concerned is asked without learning who objected; nobody but the street and the auditor does."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa

from matchhub.core import clock, mail, outbox
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import attachments, reference, todo
from matchhub.domain.models import Attachment, Hearing, Message, Notice, NoticePhase, ObjectionState, Role
from matchhub.features.notices import hearings, service
from matchhub.features.notices.objections import Reveals
from matchhub.search import site
from tests import factories as make

NAME, CONTACT, WORDS = "钱墨言", "moyan.qian@example.org", "我住三号楼，亲眼看见活动室锁着门。"


@pytest.fixture
def staff(app):
    return make.staff()


@pytest.fixture
def organisation(app):
    return make.organisation(name="花园坊社区服务中心")


@pytest.fixture
def member(organisation):
    return make.org_admin(organisation)


@pytest.fixture
def notice(organisation):
    rows = [{"organisation": organisation.name, "result": "拟立项"}, {"organisation": "别的机构", "result": "未入选"}]
    return make.notice(title="“社区花园”拟立项公示", rows=rows)


@pytest.fixture
def objection(client_as, notice):
    """Raised by page, with evidence whose name tells who it is from."""
    form = {"name": NAME, "contact": CONTACT, "reason": WORDS, "agreed": "y",
            "files": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), f"{NAME}拍的照片.pdf")}  # fmt: skip
    client_as(None).post(f"/notices/{notice.ref}/object", data=form)
    from matchhub.domain.models import Objection

    return db.session.scalars(sa.select(Objection)).one()


@pytest.fixture
def taken_up(staff, objection):
    service.accept(staff, objection)
    return objection


def asked(staff, objection, organisation, statement="反映活动室在活动时间锁门。") -> Hearing:
    return hearings.ask(staff, objection, None, organisation, statement)


def test_the_form_of_an_objection_is_checked_by_its_day_and_answered_by_its_own(objection):
    calendar, today = reference.calendar(), clock.today()
    assert objection.check_due_on == calendar.add(today, int(reference.setting("objection_check_days")))
    assert objection.answer_due_on == calendar.add(today, int(reference.setting("objection_days")))


def test_what_waits_is_first_the_check_then_the_answer(client_as, staff, objection):
    first = [one for one in todo.gather(staff) if one.subject_ref == objection.ref]
    assert [(one.kind, one.due_on) for one in first] == [("受理异议", objection.check_due_on)]
    client_as(staff).post(f"/staff/objections/{objection.ref}/accept", data={"version": objection.version})
    db.session.expire_all()
    assert (objection.checked_by_id, objection.checked_at) == (staff.id, clock.now())
    then = [one for one in todo.gather(staff) if one.subject_ref == objection.ref]
    assert [(one.kind, one.due_on) for one in then] == [("答复异议", objection.answer_due_on)]


def test_an_organisation_is_asked_and_answers_by_page(client_as, staff, taken_up, organisation, member):
    desk, url = client_as(staff), f"/staff/objections/{taken_up.ref}/ask"
    assert "花园坊社区服务中心" in desk.get(url).text
    filled = {"organisation": organisation.ref, "statement": "反映活动室在活动时间锁门。", "version": taken_up.version}
    assert desk.post(url, data=filled).status_code == 303
    hearing = db.session.scalars(sa.select(Hearing)).one()
    mine = client_as(member)
    assert hearing.ref in mine.get("/my/hearings").text
    assert [one.url for one in todo.gather(member) if one.subject_ref == hearing.ref] == [f"/my/hearings/{hearing.ref}"]
    page = mine.get(f"/my/hearings/{hearing.ref}").text
    assert "反映活动室在活动时间锁门。" in page and WORDS not in page
    assert "请写明情况" in mine.post(f"/my/hearings/{hearing.ref}", data={"reply": ""}).text
    answer = {"reply": "当日停电，活动改在隔壁。", "files": (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "停电通知.pdf")}
    assert mine.post(f"/my/hearings/{hearing.ref}", data=answer).status_code == 303
    seen = client_as(staff).get(f"/staff/objections/{taken_up.ref}").text
    assert "当日停电，活动改在隔壁。" in seen and "停电通知.pdf" in seen
    told = set(db.session.scalars(sa.select(Message.event).where(Message.user_id == staff.id)))
    assert "hearing.reply" in told
    again = mine.post(f"/my/hearings/{hearing.ref}", data={"reply": "再说一遍。"})
    assert again.status_code == 409 and "再说一遍。" not in db.session.get(Hearing, hearing.id).reply
    assert not [one for one in todo.gather(member) if one.subject_ref == hearing.ref]


def test_the_answer_is_due_before_the_streets_own(staff, taken_up, organisation, later):
    hearing = asked(staff, taken_up, organisation)
    assert hearing.due_on <= taken_up.answer_due_on
    later(days=20)
    late = asked(staff, taken_up, make.organisation(name="别的机构"))
    assert late.due_on == clock.today()


@pytest.mark.parametrize("hidden", [NAME, "钱 墨 言", CONTACT, "MOYAN.QIAN@EXAMPLE.ORG"])
def test_a_summary_or_a_public_reason_that_names_the_objector_is_refused(
    client_as, staff, taken_up, organisation, hidden
):
    desk = client_as(staff)
    answer = desk.post(
        f"/staff/objections/{taken_up.ref}/ask",
        data={"organisation": organisation.ref, "statement": f"{hidden}反映锁门。", "version": taken_up.version},
    )
    assert answer.status_code == 422 and "请删去能认出提出人的内容" in answer.text
    assert db.session.scalars(sa.select(Hearing)).all() == []
    answer = desk.post(
        f"/staff/objections/{taken_up.ref}/answer?action=answer",
        data={"findings": "查了", "answer": "答复", "upheld": "no", "public_reason": f"{hidden}的反映不成立。"},
    )
    assert answer.status_code == 422 and "请删去能认出提出人的内容" in answer.text
    db.session.expire_all()
    assert taken_up.state is ObjectionState.INVESTIGATING
    with pytest.raises(Reveals):
        service.answer(staff, taken_up, None, "答复", findings="查了", upheld=False, public_reason=hidden)


def test_asking_has_its_order(staff, objection, organisation):
    with pytest.raises(NotNow, match="先受理异议"):
        asked(staff, objection, organisation)
    service.accept(staff, objection)
    with pytest.raises(NotNow, match="没有涉及这家机构"):
        asked(staff, objection, make.organisation(name="无关机构"))
    asked(staff, objection, organisation)
    with pytest.raises(NotNow, match="正在等它答复"):
        asked(staff, objection, organisation)
    with pytest.raises(NotYours):
        asked(make.user(Role.CENTRE_STAFF), objection, organisation)


def test_after_the_decision_nobody_answers_any_more(client_as, staff, taken_up, organisation, member):
    hearing = asked(staff, taken_up, organisation)
    service.answer(staff, taken_up, None, "答复。", findings="查了", upheld=False, public_reason="不成立。")
    with pytest.raises(NotNow, match="已经作出结论"):
        hearings.reply(member, hearing, None, "晚了。")
    assert "街道已经作出结论" in client_as(member).get(f"/my/hearings/{hearing.ref}").text


def test_an_answer_never_changes(staff, taken_up, organisation, member):
    hearing = asked(staff, taken_up, organisation)
    hearings.reply(member, hearing, None, "当日停电。")
    number = hearing.id
    db.session.rollback()
    with pytest.raises(sa.exc.DBAPIError, match="never changes"), db.engine.begin() as connection:
        connection.execute(sa.update(Hearing).where(Hearing.id == number).values(reply="改口"))


def test_only_the_organisation_that_was_asked_reads_and_answers(client_as, staff, taken_up, organisation):
    hearing = asked(staff, taken_up, organisation)
    other = make.org_admin(make.organisation(name="别的机构"))
    assert client_as(other).get(f"/my/hearings/{hearing.ref}").status_code == 404
    assert hearing.ref not in client_as(other).get("/my/hearings").text
    assert client_as(None).get(f"/my/hearings/{hearing.ref}").status_code == 302
    assert client_as(make.user(Role.REVIEWER)).get(f"/my/hearings/{hearing.ref}").status_code == 403


def test_outcome_and_reason_are_public_after_the_period_and_not_before(client_as, staff, notice, taken_up, later):
    service.answer(
        staff, taken_up, None, "给您的答复。", findings="内部", upheld=True, public_reason="反映属实，已要求整改。"
    )
    assert "反映属实" not in client_as(None).get(f"/notices/{notice.ref}").text
    later(days=10)
    assert db.session.get(Notice, notice.id).phase is NoticePhase.ENDED
    page = client_as(None).get(f"/notices/{notice.ref}").text
    assert "异议成立" in page and "反映属实，已要求整改。" in page
    for hidden in (NAME, CONTACT, WORDS, "给您的答复。", "内部"):
        assert hidden not in page


def test_on_its_first_day_a_notice_says_when_objections_open_and_end(client_as, staff):
    from matchhub.domain.models import NoticeKind

    made = service.publish(
        staff, service.draft(staff, NoticeKind.ADMISSION, {"title": "入驻公示", "body": "现予公示。"})
    )
    assert made.phase is NoticePhase.ANNOUNCED
    page = client_as(None).get(f"/notices/{made.ref}").text
    assert "2026-09-16 起可以提出异议" in page and "2026 年 9 月 16 日 00:00 起" in page
    # Sunday 20 September is worked before the holiday: five working days end on Monday.
    assert "2026 年 9 月 21 日 24:00 止" in page and "5 个工作日" in page and "公示期满以后" in page
    assert f"/notices/{made.ref}/object" not in page and "公示中" not in re.sub(r"<nav.*?</nav>", "", page, flags=re.S)
    assert "2026-09-16 00:00 起可以提出异议" in client_as(None).get(f"/notices/{made.ref}/object").text


def test_the_street_is_reminded_of_what_it_owes(staff, objection, later):
    from matchhub.domain import reminding

    later(days=1)
    reminding.tick()
    told = set(db.session.scalars(sa.select(Message.event).where(Message.user_id == staff.id)))
    assert "objection.check_due" in told and "objection.answer_due" not in told


SEEING = {Role.STREET_STAFF, Role.STREET_APPROVER, Role.AUDITOR}


def test_canary_no_page_row_or_index_gives_the_objector_away(
    app, client_as, staff, taken_up, organisation, member, notice, monkeypatch
):
    """The name, the contact and the words of an objector go through the whole procedure and show up nowhere else."""
    monkeypatch.setitem(mail._settings, "server", "localhost:25")
    hearing = asked(staff, taken_up, organisation)
    hearings.reply(member, hearing, None, "当日停电。")
    service.answer(staff, taken_up, None, "答复。", findings="查了", upheld=True, public_reason="属实。")
    site.reindex()
    urls = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    known = {"<ref>": [notice.ref, taken_up.ref, hearing.ref, organisation.ref], "<code>": [], "<path:name>": []}
    pages = set()
    for url in urls:
        slots = re.findall(r"<[^>]+>", url)
        if not slots:
            pages.add(url)
        elif slots == ["<ref>"]:
            pages |= {url.replace("<ref>", ref) for ref in known["<ref>"]}
    pages |= {f"/search?q={word}" for word in (NAME, CONTACT, "亲眼看见")}
    pages -= {"/logout"}
    secret = re.compile(f"{NAME}|{re.escape(CONTACT)}|亲眼看见")
    for role in [None, *Role]:
        if role in SEEING:
            continue
        user = None if role is None else member if role is Role.ORG_ADMIN else make.user(role)
        client = client_as(user)
        for page in sorted(pages):
            text = client.get(page).data.decode(errors="replace")
            if "?q=" in page:  # what was typed stands in the box and in the sentence that answers it, and nowhere else
                text = re.sub(r"<(input|title)[^>]*>[^<]*|q=[^\"&]*|“[^”]*”", "", text)
            assert not secret.search(text), f"{role}: {page}"
    for file in db.session.scalars(sa.select(Attachment).where(Attachment.subject_kind == "objection")):
        assert not attachments.can_fetch(member, file) and not attachments.can_fetch(None, file)
    rows = db.session.execute(sa.text("SELECT actor, subject, data FROM ledger")).all()
    assert rows and not secret.search(str(rows))
    messages = db.session.execute(sa.select(Message.title, Message.note, Message.url)).all()
    assert messages and not secret.search(str(messages))
    queued = [row.payload for row in db.session.scalars(sa.select(outbox.OutboxRow))]
    mails = [payload for payload in queued if payload.get("to") != CONTACT]
    assert mails and not secret.search(str(mails))
    to_objector = [payload for payload in queued if payload.get("to") == CONTACT]
    assert to_objector and not re.search(f"{NAME}|亲眼看见", str(to_objector))
