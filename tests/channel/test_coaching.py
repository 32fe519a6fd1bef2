"""The coaching log: whoever coaches writes what was advised, the organisation reads and answers, everybody reads counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain import coaching, policy, todo
from matchhub.domain.models import CoachingNote, Message, ProjectState, Role, Supervision, SupervisionLine
from matchhub.features.channel import service_coaching as service
from tests import factories as make

FORM = {"given_on": "2026-09-15", "kind": "on_site", "minutes": "45", "topic": "签到表怎样留",
        "advice": "按楼组分页，当天上传。"}  # fmt: skip


@pytest.fixture
def admin(app):
    return make.org_admin()


@pytest.fixture
def project(admin):
    return make.project(organisation=admin.organisation)


@pytest.fixture
def staff(project):
    return make.staff(section_code=project.need.section_code)


def values(**over):
    return {"given_on": clock.today(), "kind": "on_site", "minutes": 45, "topic": "签到表怎样留",
            "advice": "按楼组分页，当天上传。", "wants_reply": False} | over  # fmt: skip


def told(user) -> list[str]:
    return list(db.session.scalars(sa.select(Message.event).where(Message.user_id == user.id).order_by(Message.id)))


def the_note() -> CoachingNote:
    return db.session.scalars(sa.select(CoachingNote).order_by(CoachingNote.id.desc())).first()


def test_a_note_is_written_read_and_answered(client_as, admin, project, staff):
    desk, mine = client_as(staff), client_as(admin)
    assert "写一条辅导记录" in desk.get(f"/staff/projects/{project.ref}").text
    answer = desk.post(f"/coaching/{project.ref}/new", data=FORM | {"wants_reply": "y"})
    note = the_note()
    assert answer.location == f"/coaching/{project.ref}#{note.ref}"
    assert told(admin) == ["coaching_note.give"]
    assert [one.kind for one in todo.mine(todo.gather(admin)) if one.subject_ref == note.ref] == ["答复辅导记录"]
    assert "按楼组分页" in mine.get(f"/my/projects/{project.ref}").text
    assert "请写明做到了什么" in mine.post(f"/coaching/notes/{note.ref}/reply", data={"words": ""}).text
    done = mine.post(f"/coaching/notes/{note.ref}/reply", data={"words": "已经分页。", "version": note.version})
    assert done.status_code == 303 and told(staff) == ["coaching_note.reply"]
    assert "已经分页。" in desk.get(f"/coaching/{project.ref}").text
    assert [one for one in todo.gather(admin) if one.subject_ref == note.ref] == []
    again = mine.post(f"/coaching/notes/{note.ref}/reply", data={"words": "再改"})
    assert again.status_code == 409 and "已经答复过了" in again.text


def test_it_stands_on_the_projects_course_of_events(client_as, project, staff):
    service.give(staff, project, values())
    page = client_as(staff).get(f"/staff/projects/{project.ref}").text
    assert "写辅导记录" in page and "2026-09-15，上门，45 分钟" in page


def test_everybody_reads_how_often_and_how_long_and_nothing_else(client_as, project, staff):
    shown = client_as(None)
    assert "得到辅导" not in shown.get(f"/projects/{project.ref}").text
    service.give(staff, project, values())
    service.give(staff, project, values(minutes=60))
    page = shown.get(f"/projects/{project.ref}").text
    assert "2 次，1.8 小时" in page and "签到表怎样留" not in page
    assert "给 1 个项目辅导了 2 次，共 1.8 小时" in shown.get("/outcomes").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"given_on": ""}, "请填写日期"),
        ({"given_on": "2026-09-16"}, "不能晚于今天"),
        ({"given_on": "2020-01-01"}, "不能早于立项日期"),
        ({"minutes": "0"}, "不能小于 5"),
        ({"minutes": ""}, "请填写用时"),
        ({"kind": ""}, "请选择方式"),
        ({"topic": ""}, "请写一句话"),
        ({"advice": ""}, "请写明说了什么"),
    ],
)
def test_what_is_wrong_is_said_and_kept(client_as, project, staff, typed, sentence):
    answer = client_as(staff).post(f"/coaching/{project.ref}/new", data=FORM | typed)
    assert answer.status_code in (409, 422) and sentence in answer.text
    assert "topic" in typed or "签到表怎样留" in answer.text
    assert the_note() is None


def test_supervisors_write_for_their_own_projects_only(client_as, project):
    person = make.user(Role.SUPERVISOR, variety="hub")
    desk = client_as(person)
    assert desk.get(f"/coaching/{project.ref}/new").status_code == 404
    make.add(Supervision(project_id=project.id, user_id=person.id, line=SupervisionLine.COACHING))
    assert desk.post(f"/coaching/{project.ref}/new", data=FORM).status_code == 303
    assert "签到表怎样留" in desk.get(f"/supervise/projects/{project.ref}").text


def test_nobody_else_writes_or_reads(client_as, admin, project, staff):
    note = service.give(staff, project, values())
    stranger = make.org_admin()
    assert not policy.can_see(stranger, note) and client_as(stranger).get(f"/coaching/{project.ref}").status_code == 404
    assert client_as(stranger).post(f"/coaching/notes/{note.ref}/reply", data={"words": "我"}).status_code == 404
    other = make.staff(section_code="whb" if project.need.section_code != "whb" else "zzb")
    assert client_as(other).get(f"/coaching/{project.ref}").status_code == 200, "the house reads all records"
    with pytest.raises(NotYours):
        service.give(other, project, values())
    with pytest.raises(NotYours):
        service.give(admin, project, values())
    with pytest.raises(NotYours):
        service.reply(staff, note, "我自己答复")


def test_a_project_that_is_over_is_not_coached(client_as):
    over = make.project(ProjectState.CLOSED)
    staff = make.staff(section_code=over.need.section_code)
    with pytest.raises(NotNow, match="已经结束"):
        service.give(staff, over, values())
    assert not coaching.may_write(staff, over)


def test_the_log_of_all_projects_is_filtered(client_as, project, staff):
    service.give(staff, project, values())
    service.give(staff, project, values(kind="phone", topic="宣传费怎样报"))
    desk = client_as(staff)
    page = desk.get("/staff/coaching?kind=phone").text
    assert "宣传费怎样报" in page and "签到表怎样留" not in page
    assert "宣传费怎样报" in desk.get("/staff/coaching?q=宣传费").text
    assert "没有符合条件的辅导记录" in desk.get("/staff/coaching?q=没有的").text


def test_the_database_keeps_what_was_advised_and_answered(admin, project, staff):
    note = service.give(staff, project, values())
    service.reply(admin, note, "做到了")
    later = clock.today() - timedelta(days=1)
    for statement in (
        sa.delete(CoachingNote),
        sa.update(CoachingNote).values(advice="改过"),
        sa.update(CoachingNote).values(given_on=later),
        sa.update(CoachingNote).values(reply="改过的答复"),
    ):
        with pytest.raises(DBAPIError):
            db.session.execute(statement)
        db.session.rollback()
    assert note.given_on == date(2026, 9, 15)


@pytest.mark.parametrize("kind", [CoachingNote, make.HelpResource], ids=lambda kind: kind.__name__)
def test_lists_and_pages_agree_on_who_may_know(app, project, staff, kind):
    """Records without states of their own: the twin of tests/laws/test_visibility.py."""
    rows = [service.give(staff, project, values()), service.give(make.approver(), make.project(), values())]
    rows = rows if kind is CoachingNote else [make.help_resource(), make.help_resource(active=False)]
    person = make.user(Role.SUPERVISOR, variety="hub")
    make.add(Supervision(project_id=project.id, user_id=person.id, line=SupervisionLine.COACHING))
    owner = make.user(Role.ORG_MEMBER, organisation=project.organisation)
    for user in [None, person, owner, staff, make.staff(active=False), *(make.user(role) for role in Role)]:
        listed = set(db.session.scalars(sa.select(kind.id).where(policy.visible(user, kind))))
        assert listed == {row.id for row in rows if policy.can_see(user, row)}, user and user.role_codes
