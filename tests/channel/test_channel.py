"""The green channel: a project asks, the street answers within its office hours, and the organisation has the last word."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import helping, reminding, todo
from matchhub.domain.models import (
    HelpEntry,
    HelpOutcome,
    HelpRequest,
    HelpState,
    Message,
    ProjectState,
    Role,
    Supervision,
    SupervisionLine,
)
from matchhub.features.channel import service
from tests import factories as make

FORM = {"kind": "mediator", "title": "三号楼分摊方案谈不拢", "details": "谈了四次，还差两户。", "urgency": "normal",
        "contact_name": "许师傅", "contact_phone": "021-62570001"}  # fmt: skip


@pytest.fixture
def admin(app):
    return make.org_admin()


@pytest.fixture
def project(admin):
    return make.project(organisation=admin.organisation)


@pytest.fixture
def staff(project):
    return make.staff(section_code=project.need.section_code)


@pytest.fixture
def centre(app):
    return make.user(Role.CENTRE_STAFF)


def told(user) -> list[str]:
    return list(db.session.scalars(sa.select(Message.event).where(Message.user_id == user.id).order_by(Message.id)))


def the_request() -> HelpRequest:
    return db.session.scalars(sa.select(HelpRequest).order_by(HelpRequest.id.desc())).first()


def todos(user, ref) -> list[str]:
    return [one.kind for one in todo.mine(todo.gather(user)) if one.subject_ref == ref]


# From asking to the end


def test_a_project_asks_by_one_button_and_everybody_concerned_hears_at_once(client_as, admin, project, staff, centre):
    other = make.staff(section_code="whb" if project.need.section_code != "whb" else "zzb")
    mine = client_as(admin)
    assert "求助绿色通道" in mine.get(f"/my/projects/{project.ref}").text
    page = mine.get(f"/my/projects/{project.ref}/channel/new").text
    assert admin.name in page and "16 个办公小时内答复" in page
    answer = mine.post(f"/my/projects/{project.ref}/channel/new", data=FORM)
    request = the_request()
    assert answer.location == f"/channel/{request.ref}"
    # Tuesday 10:00: sixteen office hours of eight a day end on Thursday at 10:00.
    assert clock.local(request.answer_due_at).strftime("%m-%d %H:%M") == "09-17 10:00"
    assert told(staff) == told(centre) == ["help_request.raise"] and told(other) == []
    assert todos(staff, request.ref) == todos(centre, request.ref) == ["答复求助"] and todos(other, request.ref) == []
    assert "三号楼分摊方案谈不拢" in client_as(centre).get("/staff/channel").text


def test_the_whole_way_by_page(client_as, admin, project, staff, later):
    resource = make.help_resource()
    request = make.help_request(project=project, by=admin)
    page = client_as(staff).get(f"/channel/{request.ref}").text
    assert "先答复" in page and "对接资源" in page and "确认结果" not in page
    later(hours=3)
    desk, mine = client_as(staff), client_as(admin)
    answer = desk.post(f"/channel/{request.ref}/answer", data={"words": "收到，今天约调解员。", "version": 1})
    assert answer.status_code == 303
    db.session.expire_all()
    assert (request.state, request.answer_minutes, request.is_late) == (HelpState.ANSWERED, 180, False)
    assert "3 小时" in desk.get(f"/channel/{request.ref}").text
    data = {"resource": resource.id, "words": "周四下午两点在居委会。", "version": request.version}
    assert desk.post(f"/channel/{request.ref}/refer", data=data).status_code == 303
    page = mine.get(f"/channel/{request.ref}").text
    assert "021-62570099" in page and "周四下午两点" in page, "the organisation reads whom it was referred to"
    assert "对接过" in desk.get("/staff/resources").text
    db.session.expire_all()
    data = {"outcome": "solved", "words": "五户都签了。", "version": request.version}
    assert desk.post(f"/channel/{request.ref}/conclude", data=data).status_code == 303
    assert todos(admin, request.ref) == ["确认求助结果"]
    db.session.expire_all()
    assert mine.post(f"/channel/{request.ref}/close", data={"version": request.version}).status_code == 303
    db.session.expire_all()
    assert (request.state, request.outcome) == (HelpState.CLOSED, HelpOutcome.SOLVED)
    assert told(admin) == ["help_request.answer", "help_request.refer", "help_request.conclude"]
    assert "help_request.close" in told(staff)
    assert todo.gather(admin) == [] or todos(admin, request.ref) == []


def test_what_was_not_solved_is_asked_for_again(client_as, admin, project, staff):
    request = make.help_request(HelpState.CONCLUDED, project=project, by=admin)
    mine = client_as(admin)
    url = f"/channel/{request.ref}/reason?action=reopen"
    assert "请写明理由" in mine.post(url, data={"words": ""}).text
    assert mine.post(url, data={"words": "还差一户。", "version": request.version}).status_code == 303
    db.session.expire_all()
    assert request.state is HelpState.ANSWERED and request.answer_minutes == 60, "the first answer is measured once"
    assert "help_request.reopen" in told(staff) and "还差一户。" in client_as(staff).get(f"/channel/{request.ref}").text


def test_a_referral_as_the_first_deed_stops_the_clock(admin, project, staff, later):
    request, resource = make.help_request(project=project), make.help_resource()
    later(days=3)
    service.refer(staff, request, resource, "马上联系。")
    assert request.first_answered_at == clock.now() and request.is_late
    assert request.answer_minutes == 3 * 8 * 60


def test_both_sides_add_words_while_it_is_open(client_as, admin, project, staff):
    request = make.help_request(HelpState.ANSWERED, project=project, by=admin)
    answer = client_as(admin).post(f"/channel/{request.ref}/words", data={"words": "补一张照片说明。", "version": 1})
    assert answer.status_code == 303 and told(staff) == ["help_request.add_words"]
    assert client_as(staff).post(f"/channel/{request.ref}/words", data={"words": ""}).status_code == 422
    closed = make.help_request(HelpState.CLOSED, project=project, by=admin)
    with pytest.raises(NotNow, match="已经有结果"):
        service.add_words(admin, closed, "还有一句")


# Refusals


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": ""}, "请选择需要谁帮忙"),
        ({"title": ""}, "请写一句话"),
        ({"details": ""}, "请写明遇到什么"),
        ({"contact_name": ""}, "请填写联系人"),
        ({"contact_phone": "下午打"}, "请填写电话号码"),
    ],
)
def test_what_is_wrong_is_said_and_kept(client_as, admin, project, typed, sentence):
    answer = client_as(admin).post(f"/my/projects/{project.ref}/channel/new", data=FORM | typed)
    assert answer.status_code == 422 and sentence in answer.text
    assert "title" in typed or FORM["title"] in answer.text
    assert the_request() is None


@pytest.mark.parametrize("state", [ProjectState.ASSESSED, ProjectState.CLOSED, ProjectState.TERMINATED])
def test_what_is_over_asks_no_more(client_as, admin, state):
    project = make.project(state, organisation=admin.organisation)
    answer = client_as(admin).post(f"/my/projects/{project.ref}/channel/new", data=FORM)
    assert answer.status_code == 409 and "不能再求助" in answer.text and the_request() is None


def test_nobody_else_asks_answers_or_knows(client_as, admin, project, staff):
    request = make.help_request(project=project, by=admin)
    stranger, visitor = client_as(make.org_admin()), client_as(None)
    assert stranger.get(f"/channel/{request.ref}").status_code == 404
    assert stranger.post(f"/my/projects/{project.ref}/channel/new", data=FORM).status_code == 404
    assert visitor.get(f"/channel/{request.ref}").status_code in (302, 303)
    other = make.staff(section_code="whb" if project.need.section_code != "whb" else "zzb")
    with pytest.raises(NotYours):
        service.answer(other, request, "收到")
    with pytest.raises(NotYours):
        service.answer(admin, request, "我自己答复")
    auditor = client_as(make.user(Role.AUDITOR))
    assert auditor.get(f"/channel/{request.ref}").status_code == 200
    assert auditor.post(f"/channel/{request.ref}/answer", data={"words": "收到"}).status_code == 403
    db.session.expire_all()
    assert request.state is HelpState.RAISED and request.first_answered_at is None


def test_a_supervisor_reads_the_requests_of_its_project_only(client_as, admin, project):
    request = make.help_request(project=project, by=admin)
    person = make.user(Role.SUPERVISOR, variety="hub")
    assert client_as(person).get(f"/channel/{request.ref}").status_code == 404
    make.add(Supervision(project_id=project.id, user_id=person.id, line=SupervisionLine.COACHING))
    assert client_as(person).get(f"/channel/{request.ref}").status_code == 200


def test_an_old_page_is_refused_and_keeps_what_was_typed(client_as, project, staff, centre):
    request = make.help_request(project=project)
    service.answer(centre, request, "收到", request.version)
    with pytest.raises(Stale):
        service.answer(staff, request, "我也答复", 1)
    answer = client_as(staff).post(f"/channel/{request.ref}/answer", data={"words": "我也来答复", "version": 1})
    assert answer.status_code == 409 and "我也来答复" in answer.text


def test_the_database_keeps_what_was_said_and_measured(admin, project, staff):
    request = make.help_request(project=project)
    service.answer(staff, request, "收到")
    for statement in (
        sa.update(HelpEntry).values(words="改过"),
        sa.delete(HelpEntry),
        sa.delete(HelpRequest),
        sa.update(HelpRequest).values(first_answered_at=clock.now() - timedelta(hours=9)),
        sa.update(HelpRequest).values(answer_minutes=1),
    ):
        with pytest.raises(DBAPIError):
            db.session.execute(statement)
        db.session.rollback()


# From the monthly report


def test_the_tick_of_a_report_leads_to_the_channel(client_as, admin, project):
    project.starts_on, project.ends_on = clock.today() - timedelta(days=90), clock.today() + timedelta(days=90)
    db.session.commit()
    report = make.report(project=project, month=date(2026, 8, 1), due_on=date(2026, 9, 5))
    mine = client_as(admin)
    written = {"summary": "筹备", "no_activity_reason": "场地在修", "next_month": "开工", "problems": "停车方案谈不拢",
               "asks_for_help": "y", "submit": "1", "version": report.version}  # fmt: skip
    answer = mine.post(f"/my/reports/{report.ref}", data=written)
    assert answer.location == f"/my/projects/{project.ref}/channel/new?report={report.ref}"
    assert todos(admin, report.ref) == ["写明求助的事情"]
    assert "写明求助的事情" in mine.get(f"/my/reports/{report.ref}").text
    url = f"/my/projects/{project.ref}/channel/new?report={report.ref}"
    assert "停车方案谈不拢" in mine.get(url).text
    assert mine.post(url, data=FORM).status_code == 303
    request = the_request()
    assert request.report_id == report.id and todos(admin, report.ref) == []
    assert request.ref in mine.get(f"/my/reports/{report.ref}").text
    again = mine.post(url, data=FORM)
    assert again.status_code == 409 and "已经提出过了" in again.text
    foreign = make.report(project=make.project(organisation=admin.organisation))
    assert mine.get(f"/my/projects/{project.ref}/channel/new?report={foreign.ref}").status_code == 404


# The clock


def test_reminders_come_at_the_moment_and_a_working_day_later(admin, project, staff, centre, later):
    boss = make.approver()
    values = FORM | {"urgency": helping.Urgency.URGENT}
    request = service.raise_(admin, project, values)
    assert request.answer_due_at - clock.now() == timedelta(hours=4)
    later(hours=5)
    reminding.tick()
    reminding.tick()
    assert told(staff).count("help_request.unanswered") == told(centre).count("help_request.unanswered") == 1
    assert told(boss) == []
    assert [one.kind for one in todo.gather(boss) if one.subject_ref == request.ref] == ["答复求助"]
    later(days=1)
    reminding.tick()
    assert told(boss) == ["help_request.overdue"]


def test_no_reminder_once_it_is_answered_and_one_to_confirm(admin, project, staff, later):
    request = service.raise_(admin, project, FORM | {"urgency": helping.Urgency.NORMAL})
    service.answer(staff, request, "收到")
    later(days=4)
    reminding.tick()
    assert "help_request.unanswered" not in told(staff)
    service.conclude(staff, request, HelpOutcome.PARTLY, "谈成三户")
    later(days=3, minutes=1)
    reminding.tick()
    assert told(admin).count("help_request.unconfirmed") == 1


# Figures


def answered(minutes: int, **over):
    raised_at = over.pop("raised_at", clock.now() - timedelta(days=40))
    fields = {
        "first_answered_at": raised_at + timedelta(minutes=minutes),
        "answer_minutes": minutes,
        "raised_at": raised_at,
    }
    return make.help_request(HelpState.CLOSED, **fields | over)


def test_the_median_is_the_middle_and_says_its_n(client_as, staff):
    for minutes in (30, 60, 90, 240):
        answered(minutes)
    late = clock.now() - timedelta(days=5)
    make.help_request(raised_at=late, answer_due_at=late + timedelta(days=2))  # nobody has answered this one
    make.help_request()  # still has time: counted nowhere yet
    found = helping.lately()
    assert (found.answered, found.counted, found.in_time, found.median_minutes) == (4, 5, 4, 75)
    page = client_as(staff).get("/staff/channel").text
    assert "1 小时 15 分钟" in page and "n = 4" in page


def test_the_public_page_is_silent_while_the_figures_would_point_at_somebody(client_as):
    shown = client_as(None)
    one = make.project()
    for minutes in (30, 60, 90, 120, 150):
        answered(minutes, project=one)
    page = shown.get("/outcomes").text
    assert "暂时不公布用时" in page and "中位数" not in page, "five requests, but of one organisation"
    answered(90)
    answered(45)
    page = shown.get("/outcomes").text
    assert "1 小时 30 分钟" in page and "n = 7" in page and "暂时不公布" not in page


def test_the_present_month_is_not_published(app):
    for _each in range(6):
        answered(60, raised_at=datetime(2026, 9, 2, 2, 0))
    assert helping.published().answered == 0 and helping.lately().answered == 6


# The directory


def test_the_directory_is_kept_by_the_centre_and_administrators(client_as, staff, centre):
    entry = {"kind": "lawyer", "name": "陆律师（物业合同）", "body": "", "abilities": "解答物业合同", "hours": "",
             "contact_name": "陆承泽", "contact_phone": "13900000000", "active": "y"}  # fmt: skip
    desk = client_as(centre)
    assert "请填写名称" in desk.post("/staff/resources/new", data=entry | {"name": ""}).text
    assert desk.post("/staff/resources/new", data=entry).status_code == 303
    assert "陆律师" in client_as(staff).get("/staff/resources").text
    row = helping.resources()[0]
    out = desk.post(f"/staff/resources/{row.ref}", data={**entry, "active": "", "version": row.version})
    assert out.status_code == 303
    db.session.expire_all()
    assert not row.active and helping.resources() == []
    assert client_as(staff).get(f"/staff/resources/{row.ref}").status_code == 403
    assert client_as(make.org_admin()).get("/staff/resources").status_code == 403
    assert client_as(make.user(Role.SYSADMIN)).get("/staff/resources").status_code == 200
    with pytest.raises(NotYours):
        service.keep_resource(staff, None, {})


def test_nobody_is_referred_to_who_is_out_of_use(client_as, project, staff):
    request, gone = make.help_request(project=project), make.help_resource(active=False)
    with pytest.raises(NotNow, match="已经停用"):
        service.refer(staff, request, gone, "联系")
    answer = client_as(staff).post(f"/channel/{request.ref}/refer", data={"resource": gone.id, "words": "联系"})
    assert answer.status_code == 422 and "请从列出的选项里选择" in answer.text


def test_settings_of_the_office_hold_together(client_as):
    admin = client_as(make.user(Role.SYSADMIN))
    page = admin.get("/admin/settings/office_opens").text
    assert "办公时间结束" in page
    from matchhub.features.admin import settings

    rows = settings.together("office_opens")
    assert settings.check(rows, {"office_opens": "17:00", "office_closes": "09:00"}) == "办公时间的开始要早于结束。"
    assert settings.check(rows, {"office_opens": "09:00", "office_closes": "09:30"}) is None
