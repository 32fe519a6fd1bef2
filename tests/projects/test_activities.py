"""The ledger (台账): what may be recorded, until when it may be changed, and what striking does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import attachments, measuring
from matchhub.domain.models import Activity, ProjectState, ReportState, Role
from matchhub.features.projects import queries, service
from tests import factories as make
from tests.projects.conftest import jpeg


def record(scene, picture, held_on=None, **over):
    return service.record_activity(scene.boss, scene.project, scene.values(held_on, **over), [picture()])


def test_an_activity_takes_name_and_form_from_its_plan_row(running, picture):
    activity = record(running, picture)
    assert (activity.name, activity.form, activity.people) == ("楼组协商会", "mediation", 20)
    assert (activity.recorded_at, activity.recorded_by_id) == (clock.now(), running.boss.id)
    assert [file.purpose for file in attachments.of(activity)] == ["photo"]


def test_recording_is_in_the_ledger_with_its_numbers_and_without_its_story(running, picture):
    activity = record(running, picture, summary="李阿婆同意了。", expense_fen=300_00, expense_category="activity")
    entry = ledger.history(f"project:{running.project.ref}")[0]
    assert entry.deed == "project.record_activity"
    assert entry.details["people"] == 20 and entry.details["expense_fen"] == 300_00
    assert entry.details["activity"] == activity.id
    assert "李阿婆" not in entry.data


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"held_on": date(2026, 9, 16)}, "活动日期不能晚于今天"),
        ({"held_on": date(2026, 8, 31)}, "活动日期要在项目期限内：2026-09-01 至 2027-02-28"),
        ({"plan_row_id": 99_999}, "请从本项目的活动计划里选择"),
        ({"plan_row_id": None}, "计划外的活动请填写名称"),
        ({"new_people": 21}, "新增人数不能多于参加人次"),
        ({"expense_fen": 100}, "有支出时请选择支出类别"),
    ],
)
def test_what_may_not_be_recorded(running, picture, over, sentence):
    with pytest.raises(NotNow, match=sentence):
        record(running, picture, **over)
    assert running.project.activities == []


def test_a_photo_is_needed_or_a_reason(running, picture):
    with pytest.raises(NotNow, match="每场活动至少上传 1 张照片"):
        service.record_activity(running.boss, running.project, running.values(), [])
    values = running.values(no_photo_reason="个案走访，不便拍照")
    activity = service.record_activity(running.boss, running.project, values, [])
    assert queries.entries([activity])[0].missing == ("sign_in", "photos")


def test_only_a_running_project_takes_activities(scene, picture):
    with pytest.raises(NotNow, match="待启动"):
        record(scene, picture)
    scene.begin()
    service.pause(scene.staff, scene.project, "施工")
    with pytest.raises(NotNow, match="已暂停"):
        record(scene, picture)


def test_only_its_own_organisation_records_and_the_section_for_it(running, picture):
    for user in (make.org_admin(), make.staff(section_code="fgb"), running.coach, running.approver):
        with pytest.raises(NotYours):
            service.record_activity(user, running.project, running.values(), [picture()])
    member = make.user(Role.ORG_MEMBER, organisation=running.project.organisation)
    assert service.record_activity(member, running.project, running.values(), [picture()]).people == 20


def test_more_than_seven_days_later_is_late(running, picture):
    in_time = record(running, picture, clock.today() - timedelta(days=7))
    late = record(running, picture, clock.today() - timedelta(days=8))
    assert [entry.is_late for entry in queries.entries([in_time, late])] == [False, True]
    assert measuring.facts(running.project).records_late == 1


def test_a_record_can_be_corrected_and_its_files_exchanged(running, picture):
    activity = record(running, picture)
    old = attachments.of(activity)[0]
    values = running.values(people=26, name="六号门协商会")
    sheet = picture("签到表.jpg", 90)
    service.change_activity(running.boss, activity, values, [picture("新.jpg", 30)], sheet, dropped=[old.code])
    assert (activity.people, activity.name) == (26, "六号门协商会")
    assert sorted(file.name for file in attachments.of(activity)) == ["新.jpg", "签到表.jpg"]
    assert queries.entries([activity])[0].complete


def test_the_last_photo_cannot_be_dropped(running, picture):
    activity = record(running, picture)
    code = attachments.of(activity)[0].code
    with pytest.raises(NotNow, match="至少上传 1 张照片"):
        service.change_activity(running.boss, activity, running.values(), dropped=[code])
    assert len(attachments.of(activity)) == 1


def test_two_people_do_not_overwrite_each_other(running, picture):
    activity = record(running, picture)
    seen = activity.version
    service.change_activity(running.boss, activity, running.values(people=21), seen=seen)
    with pytest.raises(Stale):
        service.change_activity(running.boss, activity, running.values(people=22), seen=seen)
    assert activity.people == 21


@pytest.fixture
def reported(running, picture, later):
    """October 2nd: the activity of 5 September stands in a submitted report."""
    activity = record(running, picture)
    later(days=17)
    report = running.reports()[0]
    service.submit_report(running.boss, report, {"summary": "开了会。", "next_month": "再开会。"})
    return activity, report


def test_a_month_that_is_reported_is_closed_for_its_organisation(running, picture, reported):
    activity, report = reported
    with pytest.raises(NotNow, match="2026-09 的月报已经提交"):
        service.change_activity(running.boss, activity, running.values(activity.held_on, people=99))
    service.accept_report(running.staff, report)
    for deed in (
        lambda: service.change_activity(running.boss, activity, running.values(activity.held_on, people=99)),
        lambda: service.strike_activity(running.boss, activity, "记错了"),
        lambda: record(running, picture, date(2026, 9, 20)),
    ):
        with pytest.raises(NotNow, match="2026-09 的月报已经通过"):
            deed()
    assert (activity.people, activity.struck_at) == (20, None)


def test_an_activity_cannot_be_moved_into_a_reported_month(running, picture, reported):
    other = record(running, picture, date(2026, 10, 1))
    with pytest.raises(NotNow, match="2026-09 的月报已经提交"):
        service.change_activity(running.boss, other, running.values(date(2026, 9, 20)))


def test_a_returned_report_opens_its_month_again(running, picture, reported):
    activity, report = reported
    service.return_report(running.staff, report, "请核对人数")
    service.change_activity(running.boss, activity, running.values(activity.held_on, people=18))
    assert activity.people == 18


def test_the_street_strikes_also_after_acceptance_and_the_report_stays(running, reported):
    activity, report = reported
    service.accept_report(running.staff, report)
    service.strike_activity(running.staff, activity, "复点签到只有 3 人")
    assert activity.struck_reason == "复点签到只有 3 人"
    assert measuring.facts(running.project).sessions == 0
    assert report.figures["people"] == 20
    with pytest.raises(NotNow, match="已经划去"):
        service.strike_activity(running.staff, activity, "再划一次")


def test_striking_needs_a_reason_and_a_right(running, picture):
    activity = record(running, picture)
    with pytest.raises(NotNow, match="请写明划去的理由"):
        service.strike_activity(running.boss, activity, "")
    for user in (make.org_admin(), make.staff(section_code="fgb"), running.coach):
        with pytest.raises(NotYours):
            service.strike_activity(user, activity, "不对")
    service.strike_activity(running.boss, activity, "重复记录")
    assert activity.struck_at == clock.now()
    with pytest.raises(NotNow, match="已经划去，不能再改"):
        service.change_activity(running.boss, activity, running.values())


def test_an_activity_is_never_deleted(running, picture):
    activity = record(running, picture)
    with pytest.raises(DatabaseError, match="never deleted"):
        db.session.execute(sa.delete(Activity).where(Activity.id == activity.id))
    db.session.rollback()


# ---- pages -----------------------------------------------------------------------------------------------------------


def typed(scene, **over):
    return {
        "plan_row": str(scene.project.plan[0].id), "held_on": "2026-09-05", "place": "源园居民活动室", "people": "20",
    } | over  # fmt: skip


def test_recording_by_page_with_photos_and_sign_in_sheet(running, client_as):
    client, ref = client_as(running.boss), running.project.ref
    assert "楼组协商会" in client.get(f"/my/projects/{ref}/activities/new").text
    data = typed(running, photos=[(jpeg(1), "一.jpg"), (jpeg(2), "二.jpg")], sign_in=(jpeg(3), "签到.jpg"), expense="300.50",
                 expense_category="activity", summary="谈了费用分摊。")  # fmt: skip
    assert client.post(f"/my/projects/{ref}/activities/new", data=data).status_code == 303
    (activity,) = running.project.activities
    assert activity.expense_fen == 300_50
    assert [file.purpose for file in attachments.of(activity)] == ["photo", "photo", "sign_in"]
    page = client.get(f"/my/projects/{ref}/activities/{activity.id}").text
    assert "资料齐全" in page and "迟报" in page
    assert "源园居民活动室" in client.get(f"/my/projects/{ref}/ledger").text


def test_a_refused_record_keeps_what_was_typed_and_says_how_to_repair(running, client_as):
    client, ref = client_as(running.boss), running.project.ref
    answer = client.post(f"/my/projects/{ref}/activities/new", data=typed(running, people="二十", place="三号楼门厅"))
    assert answer.status_code == 422
    assert "请只填整数，例如 12" in answer.text and "三号楼门厅" in answer.text
    answer = client.post(f"/my/projects/{ref}/activities/new", data=typed(running))
    assert "每场活动至少上传 1 张照片" in answer.text
    answer = client.post(
        f"/my/projects/{ref}/activities/new", data=typed(running, photos=(jpeg(), "一.jpg"), held_on="2027-01-01")
    )
    assert "活动日期不能晚于今天" in answer.text
    assert running.project.activities == []


def test_a_text_is_not_taken_for_a_photo(running, client_as):
    import io

    data = typed(running, photos=(io.BytesIO(b"no picture"), "一.jpg"))
    answer = client_as(running.boss).post(f"/my/projects/{running.project.ref}/activities/new", data=data)
    assert answer.status_code == 422
    assert "不是能识别的图片" in answer.text
    assert running.project.activities == []


def test_correcting_and_striking_by_page(running, picture, client_as):
    activity = record(running, picture)
    client, address = client_as(running.boss), f"/my/projects/{running.project.ref}/activities/{activity.id}"
    assert 'value="20"' in client.get(f"{address}/edit").text
    data = typed(running, people="23", version=str(activity.version), held_on=activity.held_on.isoformat())
    assert client.post(f"{address}/edit", data=data).status_code == 303
    assert activity.people == 23
    assert client.post(f"{address}/edit", data=data | {"people": "24"}).status_code == 422  # the page was old
    assert activity.people == 23
    assert client.post(f"{address}/strike", data={"reason": "重复"}).status_code == 303
    assert "已划去" in client.get(address).text


def test_who_reads_the_ledger_of_a_project(running, picture, client_as):
    activity = record(running, picture)
    ref = running.project.ref
    pages = (f"/staff/projects/{ref}/ledger", f"/staff/projects/{ref}/activities/{activity.id}")
    for user in (
        running.staff,
        running.approver,
        running.coach,
        make.user(Role.AUDITOR),
        make.staff(section_code="fgb"),
    ):
        assert [client_as(user).get(page).status_code for page in pages] == [200, 200]
    for user in (make.user(Role.SUPERVISOR), make.user(Role.REVIEWER)):
        assert [client_as(user).get(page).status_code for page in pages] == [404, 404]
    stranger = client_as(make.org_admin())
    assert stranger.get(f"/my/projects/{ref}").status_code == 404
    assert stranger.get(f"/my/projects/{ref}/activities/{activity.id}").status_code == 404
    assert stranger.get(f"/staff/projects/{ref}/ledger").status_code == 403


def test_an_activity_is_found_only_under_its_own_project(running, picture, client_as):
    activity = record(running, picture)
    other = make.project(ProjectState.ACTIVE, organisation=running.project.organisation)
    client = client_as(running.boss)
    assert client.get(f"/my/projects/{other.ref}/activities/{activity.id}").status_code == 404


def test_the_ledger_costs_the_same_whatever_its_length(running, picture, client_as, statements):
    client, address = client_as(running.boss), f"/my/projects/{running.project.ref}/ledger"
    record(running, picture)
    client.get(address)
    statements()
    client.get(address)
    few = len(statements())
    for _ in range(6):
        record(running, picture)
    statements()
    client.get(address)
    assert len(statements()) == few


def test_the_report_state_of_the_month_decides(running):
    from matchhub.features.projects import rules

    report = make.report(ReportState.RETURNED, project=running.project, month=date(2026, 8, 1))
    assert rules.month_locked(running.project, date(2026, 8, 9)) is None
    assert report.state is ReportState.RETURNED
