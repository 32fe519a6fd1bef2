"""Notices made from the record they concern: what they say happens afterwards happens, by whoever may bring it about."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock, ledger
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.domain import lifecycle, reference
from matchhub.domain.models import (
    Notice,
    NoticeState,
    ObjectionState,
    Organisation,
    OrganisationState,
    Project,
    ProjectState,
    Report,
    ReportState,
    Role,
    Setting,
)
from matchhub.features.notices import service
from tests import factories as make


@pytest.fixture
def staff(app):
    return make.staff()


@pytest.fixture
def approver(app):
    return make.approver()


@pytest.fixture
def pending(app):
    return make.organisation(OrganisationState.PENDING, name="花园坊社区服务中心")


@pytest.fixture
def project(app):
    return make.project(starts_on=date(2026, 7, 1), ends_on=date(2026, 12, 31), started_at=clock.now())


def over(staff, notice, later, *, upheld: bool = False) -> None:
    """Publish a notice, let its period pass and conclude it, with an upheld objection or without any."""
    service.publish(staff, notice)
    if upheld:
        make.objection(notice, state=ObjectionState.ANSWERED, upheld=True)
    later(days=20)
    service.conclude(staff, notice, None, "公示期满。", upheld)


def the_notice() -> Notice:
    return db.session.scalars(sa.select(Notice).order_by(Notice.id.desc())).first()


def state_of(row):
    db.session.expire_all()
    return db.session.get(type(row), row.id).state


# Admission


def test_an_admission_notice_is_made_on_the_page_of_the_organisation_and_admits_at_its_end(
    client_as, staff, pending, later
):
    desk = client_as(staff)
    assert "起草入驻公示" in desk.get(f"/staff/orgs/{pending.ref}").text
    answer = desk.post(f"/staff/orgs/{pending.ref}/admission-notice")
    notice = the_notice()
    assert answer.location == f"/staff/notices/{notice.ref}" and notice.state is NoticeState.DRAFT
    assert notice.organisation_id == pending.id and "花园坊社区服务中心" in notice.title
    assert "机构正式入驻" in desk.get(answer.location).text
    assert desk.post(f"/staff/orgs/{pending.ref}/admission-notice").location == answer.location, (
        "a second one is not made"
    )
    over(staff, notice, later)
    assert state_of(pending) is OrganisationState.ADMITTED
    assert db.session.get(Organisation, pending.id).admitted_at == clock.now()


def test_an_upheld_objection_returns_the_organisation_with_the_published_reason(staff, pending, later):
    over(staff, service.draft_admission(staff, pending), later, upheld=True)
    assert state_of(pending) is OrganisationState.RETURNED
    assert db.session.get(Organisation, pending.id).decision_reason == "公示期满。"


def test_while_its_admission_is_on_notice_nobody_is_admitted_past_it(staff, pending):
    notice = service.draft_admission(staff, pending)
    assert lifecycle.refusal(pending, "admit", staff, clock.now()) is None
    service.publish(staff, notice)
    assert "入驻公示还没有结束" in str(lifecycle.refusal(pending, "admit", staff, clock.now()))


def test_the_draft_of_an_admission_that_was_refused_cannot_go_up_and_waits_for_nobody(client_as, staff, pending):
    notice = service.draft_admission(staff, pending)
    desk = client_as(staff)
    assert "去发布" in desk.get("/workbench").text
    _refuse(staff, pending)
    assert "去发布" not in desk.get("/workbench").text
    assert f"/staff/notices/{notice.ref}/publish" not in desk.get(f"/staff/notices/{notice.ref}").text
    assert "不在等待核验" in str(lifecycle.refusal(notice, "publish", staff, clock.now()))


@command
def _refuse(staff, pending) -> None:
    lifecycle.advance(pending, "refuse", staff, reason="资料没有补齐。")


@command
def _require_notices() -> None:
    db.session.get(Setting, "admission_notice_required").value = "1"


def test_the_settings_may_ask_for_a_notice_before_every_admission(staff, pending, later):
    _require_notices()
    reference.forget()
    assert "入驻须先公示" in str(lifecycle.refusal(pending, "admit", staff, clock.now()))
    over(staff, service.draft_admission(staff, pending), later)
    assert state_of(pending) is OrganisationState.ADMITTED
    reference.forget()


def test_a_revoked_admission_notice_leaves_the_organisation_waiting(staff, approver, pending):
    notice = service.publish(staff, service.draft_admission(staff, pending))
    service.revoke(approver, notice, None, "材料有误。")
    assert state_of(pending) is OrganisationState.PENDING


def test_what_was_decided_meanwhile_stays(staff, pending, later):
    notice = service.publish(staff, service.draft_admission(staff, pending))
    pending.state = OrganisationState.REFUSED
    db.session.commit()
    later(days=20)
    service.conclude(staff, notice, None, "公示期满。")
    assert state_of(pending) is OrganisationState.REFUSED


# Early end


def test_an_early_end_is_announced_from_the_project_pauses_it_and_ends_it(client_as, staff, approver, project, later):
    report = make.report(ReportState.AWAITED, project=project, month=date(2026, 12, 1))
    desk, url = client_as(staff), f"/staff/projects/{project.ref}/termination-notice"
    assert "请写明终止的理由" in desk.post(url, data={"reason": ""}).text
    answer = desk.post(url, data={"reason": "负责人离职，无法继续。"})
    notice = the_notice()
    assert answer.location == f"/staff/notices/{notice.ref}" and "负责人离职" in notice.body
    service.publish(staff, notice)
    assert state_of(project) is ProjectState.PAUSED
    later(days=20)
    with pytest.raises(NotYours, match="须由街道审批人"):
        service.conclude(staff, notice, None, "公示期满。")
    assert "须由街道审批人" in client_as(staff).get(f"/staff/notices/{notice.ref}/conclude").text
    service.conclude(approver, notice, None, "公示期满。")
    assert state_of(project) is ProjectState.TERMINATED
    assert db.session.get(Project, project.id).end_reason == "负责人离职，无法继续。"
    assert state_of(report) is ReportState.EXEMPT


def test_after_an_upheld_objection_the_project_goes_on(approver, project, later):
    over(approver, service.draft_termination(approver, project, "无法继续。"), later, upheld=True)
    assert state_of(project) is ProjectState.ACTIVE


def test_a_revoked_notice_of_an_early_end_lets_the_project_go_on(approver, project):
    notice = service.publish(approver, service.draft_termination(approver, project, "无法继续。"))
    service.revoke(approver, notice, None, "依据有误。")
    assert state_of(project) is ProjectState.ACTIVE


def test_a_project_that_was_paused_for_another_reason_stays_paused(approver, later):
    project = make.project(ProjectState.PAUSED, pause_reason="场地装修")
    over(approver, service.draft_termination(approver, project, "无法继续。"), later, upheld=True)
    assert state_of(project) is ProjectState.PAUSED


def test_an_early_end_corrected_on_the_way_still_ends_the_project(approver, project, later):
    notice = service.publish(approver, service.draft_termination(approver, project, "无法继续。"))
    made = service.amend(approver, notice, None, {"title": "更正", "body": "更正。"}, "写错一个字。", substantial=False)
    later(days=20)
    service.conclude(approver, made, None, "公示期满。")
    assert state_of(project) is ProjectState.TERMINATED


@pytest.mark.parametrize("state", [ProjectState.CLOSING, ProjectState.CLOSED, ProjectState.TERMINATED])
def test_what_is_over_is_neither_ended_nor_changed_by_notice(staff, state):
    project = make.project(state)
    with pytest.raises(NotNow, match="已经进入结项或已经结束"):
        service.draft_termination(staff, project, "无法继续。")
    with pytest.raises(NotNow, match="已经进入结项或已经结束"):
        service.draft_change(
            staff, project, "people", [{"title": "负责人", "before": "甲", "after": "乙"}], "换人", None
        )


# Change


def test_a_change_is_announced_from_the_project_and_moves_its_end(client_as, staff, project, later):
    url = f"/staff/projects/{project.ref}/change-notice"
    filled = {"kind": "period", "ends_on": "2027-02-28", "reason": "汛期停工。", "rows-0-title": "活动次数",
              "rows-0-before": "12 场", "rows-0-after": "14 场"}  # fmt: skip
    answer = client_as(staff).post(url, data=filled)
    notice = the_notice()
    assert answer.location == f"/staff/notices/{notice.ref}"
    assert [(row["title"], row["before"], row["after"]) for row in notice.rows] == [
        ("项目结束日期", "2026-12-31", "2027-02-28"), ("活动次数", "12 场", "14 场")]  # fmt: skip
    over(staff, notice, later)
    db.session.expire_all()
    assert db.session.get(Project, project.id).ends_on == date(2027, 2, 28)
    found = sa.select(Report.month).where(Report.project_id == project.id, Report.month > date(2026, 12, 1))
    assert list(db.session.scalars(found.order_by(Report.month))) == [date(2027, 1, 1), date(2027, 2, 1)]
    assert ledger.history(f"project:{project.ref}")[0].deed == "project.change"


def test_a_change_that_an_objection_upset_changes_nothing(staff, project, later):
    rows = [{"title": "负责人", "before": "甲", "after": "乙"}]
    notice = service.draft_change(staff, project, "period", rows, "换人", project.ends_on + timedelta(days=60))
    over(staff, notice, later, upheld=True)
    db.session.expire_all()
    assert db.session.get(Project, project.id).ends_on == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"ends_on": "2026-10-01"}, "要晚于现在的"),
        ({"ends_on": "2031-10-01"}, "一次最多延长 24 个月"),
        ({"ends_on": "", "rows-0-title": ""}, "请至少写一项变更"),
        ({"kind": ""}, "请选择变更类型"),
        ({"reason": ""}, "请写明变更的理由"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_change_is_said_and_kept(client_as, staff, project, typed, sentence):
    filled = {"kind": "period", "ends_on": "2027-02-28", "reason": "汛期停工。", "rows-0-title": ""}
    answer = client_as(staff).post(f"/staff/projects/{project.ref}/change-notice", data=filled | typed)
    assert answer.status_code in (409, 422) and sentence in answer.text
    assert the_notice() is None


def test_the_table_that_came_from_a_record_is_not_typed_over(client_as, staff, project):
    rows = [{"title": "负责人", "before": "甲", "after": "乙"}]
    notice = service.draft_change(staff, project, "people", rows, "换人", None)
    page = client_as(staff).get(f"/staff/notices/{notice.ref}/edit").text
    assert 'name="rows-0-organisation"' not in page and "乙" in page
    service.save(staff, notice, None, {"title": "变更公示", "rows": []})
    assert notice.rows[0]["after"] == "乙"


def test_what_a_published_notice_will_bring_about_cannot_be_changed(staff, project):
    notice = service.publish(staff, service.draft_change(staff, project, "period", [], "延期", date(2027, 2, 28)))
    number = notice.id
    db.session.rollback()
    with pytest.raises(sa.exc.DBAPIError, match="never changes"), db.engine.begin() as connection:
        connection.execute(sa.update(Notice).where(Notice.id == number).values(proposal={"deed": "change"}))


def test_staff_of_another_section_make_no_notice_of_a_project(client_as, project):
    stranger = client_as(make.staff(section_code="pab"))
    for page in ("change-notice", "termination-notice"):
        assert stranger.get(f"/staff/projects/{project.ref}/{page}").status_code == 404
    assert (
        client_as(make.user(Role.CENTRE_STAFF)).get(f"/staff/projects/{project.ref}/change-notice").status_code == 403
    )
    assert "起草变更公示" not in stranger.get(f"/staff/projects/{project.ref}").text


def test_every_kind_says_what_follows(app):
    from matchhub.domain import noticing
    from matchhub.domain.models import NoticeKind

    for kind in NoticeKind:
        notice = make.notice(kind=kind, proposal={"deed": "x"})
        assert len(noticing.what_follows(notice)) == 2
        assert noticing.what_follows(make.notice(kind=kind)) or kind not in noticing.ALWAYS_MOVES


def test_a_notice_written_freely_moves_nothing(staff, later):
    from matchhub.domain.models import NoticeKind

    notice = service.draft(staff, NoticeKind.TERMINATION, {"title": "终止公示", "body": "现予公示。"})
    over(staff, notice, later)
    assert notice.state is NoticeState.CONCLUDED


def test_refused_is_no_server_error(client_as, staff, pending):
    pending.state = OrganisationState.ADMITTED
    db.session.commit()
    with pytest.raises(Refused):
        service.draft_admission(staff, pending)
    assert client_as(staff).post(f"/staff/orgs/{pending.ref}/admission-notice").status_code == 409


# A draft that is not needed any more


def test_a_draft_of_an_admission_is_discarded_by_page_and_another_can_be_drafted(staff, pending, client_as):
    notice = service.draft_admission(staff, pending)
    ref, desk = notice.ref, client_as(staff)
    assert "丢弃草稿" in desk.get(f"/staff/notices/{ref}").text
    answer = desk.post(f"/staff/notices/{ref}/discard", data={"version": notice.version})
    assert answer.status_code == 303
    db.session.expire_all()
    assert db.session.scalar(sa.select(Notice).where(Notice.ref == ref)) is None
    assert desk.get(f"/staff/notices/{ref}").status_code == 404
    assert [row.deed for row in ledger.history(f"notice:{ref}")] == ["notice.discard", "notice.draft"]
    assert service.draft_admission(staff, pending).ref != ref


def test_what_is_published_or_follows_from_a_review_is_not_discarded(staff, pending, client_as):
    published = service.publish(staff, service.draft_admission(staff, pending))
    award = make.notice(NoticeState.DRAFT)
    for notice in (published, award):
        with pytest.raises(NotNow, match="只有还没有发布的"):
            service.discard(staff, notice)
        assert "丢弃草稿" not in client_as(staff).get(f"/staff/notices/{notice.ref}").text
    assert client_as(make.user(Role.CENTRE_STAFF)).post(f"/staff/notices/{award.ref}/discard").status_code == 403
