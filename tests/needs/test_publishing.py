"""The approver publishes, and a need ends; whoever is concerned hears of it."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.domain import coding, intake, sheets
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Message,
    Need,
    NeedPhase,
    NeedState,
    NoticeState,
    OrganisationState,
    Role,
)
from matchhub.features.admin import settings
from matchhub.features.needs import service
from tests import factories as make
from tests.needs.drafted import form, the_need


def told(user) -> list[str]:
    return list(db.session.scalars(sa.select(Message.event).where(Message.user_id == user.id).order_by(Message.id)))


def test_from_draft_to_published_by_page(app, client_as, staff, desk):
    approver, raiser = make.approver(), make.user(Role.NEIGHBOURHOOD, community_code="yuanyuan")
    fitting, other = make.org_admin(), make.org_admin()
    waiting = make.org_admin(make.organisation(OrganisationState.PENDING))
    for user, field in ((fitting, "lift"), (other, "waste"), (waiting, "lift")):
        coding.set_codes(user.organisation, "field", [field])
    db.session.commit()
    desk.post("/staff/needs/new", data=form())
    need = the_need()
    page = desk.get(f"/staff/needs/{need.ref}").text
    assert "如果今天发布" in page and "2026-09-30 17:00" in page
    assert desk.post(f"/staff/needs/{need.ref}/submit", data={"version": need.version}).status_code == 303
    assert told(approver) == ["need.submit"]
    assert desk.post(f"/staff/needs/{need.ref}/publish", data={"version": need.version}).status_code == 403
    answer = client_as(approver).post(f"/staff/needs/{need.ref}/publish", data={"version": need.version})
    assert answer.status_code == 303
    db.session.refresh(need)
    assert need.phase is NeedPhase.OPEN
    assert need.published_at == clock.now()
    # 15 days: questions close on day 9, answers are due on day 12 (a Sunday, moved past Mid-Autumn), call ends on day 15.
    assert need.questions_close_at == datetime(2026, 9, 24, 9)
    assert need.questions_close_at < need.answers_due_at < need.closes_at
    assert need.closes_at == datetime(2026, 9, 30, 9)
    assert told(fitting) == ["need.published_match"]
    assert told(other) == told(waiting) == []
    assert told(raiser) == ["need.publish"]
    assert "need.publish" in told(staff)
    message = db.session.scalars(sa.select(Message).where(Message.user_id == raiser.id)).one()
    assert message.url == f"/needs/{need.ref}"


def test_published_words_never_change(app, staff, desk):
    need = make.need()
    assert desk.get(f"/staff/needs/{need.ref}/edit").status_code == 409
    with pytest.raises(NotNow, match="发布以后不能再修改"):
        service.save(staff, need, need.version, {"budget_fen": 1})
    assert db.session.get(Need, need.id).budget_fen == 100_000_00


def test_a_need_is_sent_back_with_reasons(app, client_as, staff):
    need, approver = make.need(NeedState.INTERNAL_REVIEW, internal_note="先前的话"), make.approver()
    page = client_as(approver).get(f"/staff/needs/{need.ref}/send_back")
    assert "退回修改" in page.text
    empty = client_as(approver).post(f"/staff/needs/{need.ref}/send_back", data={"reason": " "})
    assert empty.status_code == 422 and "请写明理由" in empty.text
    client_as(approver).post(f"/staff/needs/{need.ref}/send_back", data={"reason": "预算没有依据"})
    db.session.refresh(need)
    assert need.state is NeedState.DRAFT
    assert need.internal_note == "先前的话\n2026-09-15 退回：预算没有依据"
    assert told(staff) == ["need.send_back"]
    assert client_as(staff).get(f"/staff/needs/{need.ref}/send_back").status_code == 403


def test_an_open_need_is_withdrawn_with_a_public_reason(app, client_as, staff, desk):
    need, applicant, asker = make.need(), make.org_admin(), make.org_admin()
    make.application(ApplicationState.DRAFT, need=need, organisation=applicant.organisation)
    service.ask(asker, need, "还办吗？")
    page = desk.post(
        f"/staff/needs/{need.ref}/withdraw", data={"reason": "房管将出台统一办法。", "version": need.version}
    )
    assert page.status_code == 303
    db.session.refresh(need)
    assert (need.state, need.public_reason, need.ended_at) == (NeedState.WITHDRAWN, "房管将出台统一办法。", clock.now())
    assert told(applicant) == ["need.withdraw"] and told(asker) == ["need.withdraw"]
    assert "房管将出台统一办法。" in client_as(None).get(f"/needs/{need.ref}").text


def test_after_the_deadline_it_cannot_be_withdrawn_only_cancelled(app, client_as, staff, later):
    need, approver = make.need(), make.approver()
    assert "征集还没有截止" in client_as(approver).get(f"/staff/needs/{need.ref}/cancel").text
    later(days=11)
    desk = client_as(staff)
    assert "征集已经截止，不能撤回" in desk.get(f"/staff/needs/{need.ref}/withdraw").text
    answer = desk.post(f"/staff/needs/{need.ref}/withdraw", data={"reason": "不想办了，理由写了很长"})
    assert answer.status_code == 409 and "不想办了，理由写了很长" in answer.text
    assert need.state is NeedState.OPEN
    assert desk.get(f"/staff/needs/{need.ref}/cancel").status_code == 403
    client_as(approver).post(f"/staff/needs/{need.ref}/cancel", data={"reason": "预算取消。"})
    assert db.session.get(Need, need.id).state is NeedState.CANCELLED


def test_a_failed_need_leaves_no_application_waiting(app, client_as):
    need, approver, org = make.need(NeedState.REVIEWING), make.approver(), make.org_admin()
    waiting = make.application(ApplicationState.QUALIFIED, need=need, organisation=org.organisation)
    service.fail(approver, need, need.version, "都没有达到合格线。")
    row = db.session.get(Application, waiting.id)
    assert (row.state, row.result_reason) == (ApplicationState.NOT_SELECTED, "都没有达到合格线。")
    assert told(org) == ["need.fail", "application.reject"]


def test_a_need_in_public_notice_is_not_cancelled_beside_its_notice(app):
    need, approver = make.need(NeedState.NOTICE), make.approver()
    notice = make.notice(NoticeState.PUBLISHED, need_id=need.id)
    with pytest.raises(NotNow, match=f"公示 {notice.ref} 还没有结束，请先撤销公示"):
        service.cancel(approver, need, need.version, "不办了")
    assert db.session.get(Need, need.id).state is NeedState.NOTICE


def test_how_it_is_scored_is_published_with_the_need_and_stays(app, client_as, later):
    """Whoever applies has read the rules: a change of the settings afterwards is for later needs."""
    approver = make.approver()
    need = make.need(NeedState.INTERNAL_REVIEW, review_mode="both")
    service.publish(approver, need)
    page = client_as(None).get(f"/needs/{need.ref}").text
    for words in ("书面评审占 70%，路演占 30%，合计 100%", "合格线 70 分", "合计 100 分", "需求契合"):
        assert words in page, words
    admin = make.user(Role.SYSADMIN)
    values = {"weight_written": "50", "weight_roadshow": "50"}
    settings.change(admin, "weight_written", values, settings.fingerprint(settings.together("weight_written")))
    assert "书面评审占 70%，路演占 30%" in client_as(None).get(f"/needs/{need.ref}").text
    assert intake.rules(db.session.get(Need, need.id)).weight_roadshow == 30
    assert intake.rules().weight_roadshow == 50
    later_need = make.need(NeedState.INTERNAL_REVIEW, review_mode="both")
    service.publish(approver, later_need)
    assert intake.rules(later_need).weight_roadshow == 50


def test_a_rubric_that_does_not_sum_to_100_cannot_be_published_with(app):
    rubric = sheets.newest_rubric("A")
    rubric.items[0].maximum += 1
    db.session.commit()
    need = make.need(NeedState.INTERNAL_REVIEW)
    with pytest.raises(NotNow, match="合计应为 100 分，现在是 101 分"):
        service.publish(make.approver(), need)


def test_what_stands_beside_the_100_points_does_not_count_in_the_sum(app):
    rubric = sheets.newest_rubric("A")
    rubric.items[0].kind = "bonus"
    rubric.items[1].maximum += rubric.items[0].maximum
    db.session.commit()
    need = make.need(NeedState.INTERNAL_REVIEW)
    service.publish(make.approver(), need)
    assert need.state is NeedState.OPEN


def test_publishing_into_a_year_that_is_only_guessed_warns_in_words(app, client_as):
    approver = make.approver()
    need = make.need(NeedState.INTERNAL_REVIEW)
    with clock.stopped(clock.utc(date(2026, 12, 25))):
        client = client_as(approver)
        assert "2027 年的放假安排还没有录入完整" in client.get(f"/staff/needs/{need.ref}").text
        client.post(f"/staff/needs/{need.ref}/publish", data={"version": need.version})
        page = client.get(f"/staff/needs/{need.ref}").text
        assert "需求已发布。请注意：2027 年的放假安排还没有录入完整" in page
        assert "需要改期时请发布更正" in page
