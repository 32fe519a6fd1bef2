"""The section drafts, the approver publishes; whoever is concerned hears of it."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta

import brotli
import pytest
import sqlalchemy as sa

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import attachments, coding, intake, sheets
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Message,
    Need,
    NeedPhase,
    NeedState,
    NoticeState,
    OrganisationState,
    Question,
    Role,
)
from matchhub.features.admin import settings
from matchhub.features.needs import service
from tests import factories as make

FORM = {
    "title": "六层老楼加装电梯协商", "section_code": "zzb", "summary": "陪 12 个楼组走完征询", "background": "没有电梯。",
    "problem": "support", "urgency": "high", "source": "hotline", "communities": ["yuanyuan", "guiyang"],
    "target_groups": ["older"], "target_count": "360", "fields": ["lift"], "outcomes-0-indicator": "楼组",
    "outcomes-0-baseline": "3", "outcomes-0-target": "12", "outcomes-1-indicator": "", "requirements": "每周到场。",
    "essential-0-text": "有经验", "essential-1-text": "", "essential-2-text": " 有两名专职 ",
    "preferred-0-text": "有调解员", "starts_on": "2026年12月1日", "ends_on": "2027-06-30",
    "budget_fen": "168,000", "budget_public": "y", "funding": "street", "procurement": "comparison", "collect_days": "15",
    "review_mode": "both", "notice_days": "5", "contact_name": "王岚", "contact_phone": "021-0000 0122", "suggested": "安阶",
}  # fmt: skip


def form(**over):
    return FORM | {"rubric_id": str(sheets.newest_rubric("A").id)} | over


@pytest.fixture
def staff(app):
    return make.staff()


@pytest.fixture
def desk(client_as, staff):
    return client_as(staff)


def the_need() -> Need:
    return db.session.scalars(sa.select(Need).order_by(Need.id.desc())).first()


def told(user) -> list[str]:
    return list(db.session.scalars(sa.select(Message.event).where(Message.user_id == user.id).order_by(Message.id)))


def test_a_section_drafts_a_need_with_every_field(desk):
    answer = desk.post("/staff/needs/new", data=form())
    need = the_need()
    assert answer.status_code == 303 and answer.location == f"/staff/needs/{need.ref}"
    assert need.state is NeedState.DRAFT
    assert (need.budget_fen, need.target_count, need.starts_on) == (168_000_00, 360, date(2026, 12, 1))
    assert need.outcomes == [{"indicator": "楼组", "baseline": "3", "target": "12"}]
    assert need.essential == ["有经验", "有两名专职"]
    assert coding.codes_of(need) == {"community": ["guiyang", "yuanyuan"], "field": ["lift"], "target_group": ["older"]}
    assert need.joint_allowed is False and need.budget_public is True
    assert need.rubric_id == sheets.newest_rubric("A").id


def test_a_draft_needs_nothing_but_a_title(desk):
    only = {"section_code": "zzb", "collect_days": "15", "notice_days": "5", "rubric_id": form()["rubric_id"]}
    assert desk.post("/staff/needs/new", data=only | {"title": "先记一笔"}).status_code == 303
    refused = desk.post("/staff/needs/new", data=only | {"background": "写了很多字的背景"})
    assert refused.status_code == 422
    assert "请填写标题" in refused.text and "写了很多字的背景" in refused.text


def test_a_refused_form_travels_compressed_and_is_kept_by_nobody(desk):
    refused = desk.post("/staff/needs/new", data=form(title=""), headers={"Accept-Encoding": "br"})
    assert refused.status_code == 422 and refused.headers["Content-Encoding"] == "br"
    assert "请填写标题" in brotli.decompress(refused.data).decode()
    assert refused.headers["Cache-Control"] == "no-store" and "ETag" not in refused.headers


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("budget_fen", "十六万", "金额请只填数字，例如 86000"),
        ("budget_fen", "-5", "金额不能是负数"),
        ("budget_fen", "86000.505", "金额最多两位小数"),
        ("budget_fen", "999999999999", "金额太大，请核对单位是不是元"),
        ("starts_on", "明年春天", "请按“年-月-日”填写日期，例如 2026-11-24"),
        ("target_count", "很多", "请只填整数，例如 12"),
        ("summary", "长" * 61, "最多 60 字，请删去 1 字"),
        ("contact_phone", "打不通", "请填完整的手机号"),
        ("related", "XQ-1999-001", "没有编号为 XQ-1999-001 的需求"),
        ("communities", "atlantis", "请从列出的选项里选择"),
    ],
)
def test_what_cannot_be_read_stays_as_typed_and_is_answered_with_a_repair(desk, field, typed, sentence):
    answer = desk.post("/staff/needs/new", data=form(**{field: typed}))
    assert answer.status_code == 422 and sentence in answer.text
    if field != "communities":
        assert typed in answer.text
    assert the_need() is None


def test_rows_are_added_and_removed_without_script(desk):
    more = desk.post("/staff/needs/new", data=form(**{"add-row": "outcomes"}))
    assert more.status_code == 200
    assert 'name="outcomes-2-indicator"' in more.text and "陪 12 个楼组走完征询" in more.text
    fewer = desk.post("/staff/needs/new", data=form(**{"outcomes-1-indicator": "第二项", "remove-row-0": "outcomes"}))
    assert 'value="第二项"' in fewer.text and 'value="楼组"' not in fewer.text
    assert 'name="outcomes-1-indicator"' not in fewer.text.split("<template")[0]
    assert the_need() is None


def test_files_are_kept_shown_and_taken_away(desk, staff):
    paper = (io.BytesIO(b"%PDF-1.4 survey"), "调查表.pdf")
    desk.post("/staff/needs/new", data=form(files=paper), content_type="multipart/form-data")
    need = the_need()
    (kept,) = attachments.of(need, "need")
    assert kept.name == "调查表.pdf"
    assert "调查表.pdf" in desk.get(f"/staff/needs/{need.ref}").text
    desk.post(f"/staff/needs/{need.ref}/edit", data=form(removed=kept.code, version=need.version))
    assert attachments.of(need, "need") == []
    wrong = (io.BytesIO(b"hello"), "程序.exe")
    answer = desk.post("/staff/needs/new", data=form(files=wrong), content_type="multipart/form-data")
    assert answer.status_code == 422 and "格式不支持" in answer.text and "没有电梯。" in answer.text


def test_nobody_drafts_for_another_section(desk, staff):
    answer = desk.post("/staff/needs/new", data=form(section_code="fgb"))
    assert answer.status_code == 422 and "请从列出的选项里选择" in answer.text
    with pytest.raises(NotYours):
        service.draft(staff, {"title": "越界", "section_code": "fgb"})
    assert the_need() is None


def test_two_people_at_once_lose_nothing(app, client_as, staff, desk):
    need = service.draft(staff, {"title": "楼道", "section_code": "zzb", "summary": "甲"})
    seen = need.version
    service.save(make.staff(), need, seen, {"summary": "乙"})
    answer = desk.post(f"/staff/needs/{need.ref}/edit", data=form(version=seen, summary="丙", title="楼道"))
    assert answer.status_code == 409
    assert "别人改过这条记录" in answer.text and "您填的与已保存的不同" in answer.text and "一句话概要" in answer.text
    assert 'value="丙"' in answer.text
    assert db.session.get(Need, need.id).summary == "乙"
    again = desk.post(f"/staff/needs/{need.ref}/edit", data=form(version=need.version, summary="丙", title="楼道"))
    assert again.status_code == 303
    assert db.session.get(Need, need.id).summary == "丙"


def test_a_change_of_codes_alone_counts_as_a_change(app, staff):
    need = service.draft(staff, {"title": "楼道", "section_code": "zzb"})
    before = need.version
    assert service.save(staff, need, before, {"fields": ["lift"]}) == ["fields"]
    assert need.version == before + 1
    with pytest.raises(Stale):
        service.save(staff, need, before, {"fields": ["waste"]})


def test_an_incomplete_draft_says_what_is_missing(desk, staff):
    need = service.draft(staff, {"title": "只有标题", "section_code": "zzb"})
    page = desk.get(f"/staff/needs/{need.ref}").text
    assert "还没有填完，请补充：" in page and "预算上限" in page
    answer = desk.post(f"/staff/needs/{need.ref}/submit", data={"version": need.version})
    assert answer.status_code == 409 and "背景与问题" in answer.text
    assert db.session.get(Need, need.id).state is NeedState.DRAFT


def test_a_call_must_be_long_enough(app, staff):
    need = make.need(NeedState.DRAFT, collect_days=6)
    with pytest.raises(NotNow, match="征集期不能少于 7 天"):
        service.move(staff, need, "submit")


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


def test_an_earlier_need_is_copied_without_its_dates(desk, staff):
    earlier = make.need(NeedState.MATCHED, suggested="安阶", review_on=date(2026, 9, 1))
    answer = desk.post(f"/staff/needs/{earlier.ref}/copy")
    need = the_need()
    assert answer.location == f"/staff/needs/{need.ref}/edit"
    assert need.id != earlier.id and need.state is NeedState.DRAFT
    assert (need.title, need.outcomes, need.suggested) == (earlier.title, earlier.outcomes, "安阶")
    assert (need.starts_on, need.ends_on, need.review_on, need.published_at) == (None, None, None, None)
    assert need.related_need_id == earlier.id
    assert coding.codes_of(need) == coding.codes_of(earlier)


def test_the_list_shows_the_own_section_first_and_filters(app, desk):
    other, mine = make.need(section_code="fgb", title="房管的事"), make.need(NeedState.DRAFT, title="自治办的事")
    other.created_at = clock.now() + timedelta(hours=1)
    db.session.commit()
    page = desk.get("/staff/needs").text
    assert page.index(mine.ref) < page.index(other.ref)
    assert other.ref not in desk.get("/staff/needs?phase=draft").text
    assert mine.ref not in desk.get("/staff/needs?q=房管").text


def test_the_street_sees_other_sections_but_does_not_act_there(app, client_as, desk):
    need = make.need(NeedState.DRAFT, section_code="fgb")
    page = desk.get(f"/staff/needs/{need.ref}")
    assert page.status_code == 200
    assert "提交审核" not in page.text and f"/staff/needs/{need.ref}/edit" not in page.text
    assert desk.get(f"/staff/needs/{need.ref}/edit").status_code == 404
    assert desk.post(f"/staff/needs/{need.ref}/submit").status_code == 404


@pytest.mark.parametrize("role", [Role.ORG_ADMIN, Role.REVIEWER, Role.SUPERVISOR, Role.NEIGHBOURHOOD, Role.SYSADMIN])
def test_the_desk_is_closed_to_others(app, client_as, role):
    client = client_as(make.user(role))
    need = make.need()
    for address in ("/staff/needs", f"/staff/needs/{need.ref}", "/staff/needs/new"):
        assert client.get(address).status_code == 403


def test_the_history_shows_the_deeds_in_words(app, client_as, staff, desk):
    need = service.draft(staff, {"title": "楼道", "section_code": "zzb"})
    service.save(staff, need, None, {"summary": "堆物"})
    page = desk.get(f"/staff/needs/{need.ref}").text
    assert "起草" in page and "修改草稿" in page and staff.name in page
    assert [row.deed for row in ledger.history(f"need:{need.ref}")] == ["need.save", "need.draft"]


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
    need = make.need(NeedState.INTERNAL_REVIEW)
    rubric.items[0].maximum += 1
    db.session.commit()
    with pytest.raises(NotNow, match="合计应为 100 分，现在是 101 分"):
        service.publish(make.approver(), need)
    rubric.items[0].kind = "bonus"
    rubric.items[1].maximum += 8
    db.session.commit()
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


def test_a_copy_has_the_words_of_the_earlier_need_and_none_of_its_call(app):
    staff = make.staff()
    earlier = make.need(NeedState.FAILED, essential=["有经验"], preferred=["本地"], target_note="四楼以上", review_mode="both",
                        internal_note="批示", public_reason="没有人申报", review_on=date(2026, 9, 1))  # fmt: skip
    service_question = make.add(
        Question(need_id=earlier.id, organisation_id=make.organisation().id, asker_mark="甲", text="问")
    )
    copied = service.copy(staff, earlier)
    for name in ("title", "essential", "preferred", "target_note", "review_mode", "budget_fen", "background"):
        assert getattr(copied, name) == getattr(earlier, name), name
    assert coding.codes_of(copied) == coding.codes_of(earlier)
    assert copied.related_need_id == earlier.id and copied.state is NeedState.DRAFT
    assert (copied.closes_at, copied.published_at, copied.review_on, copied.scoring_rules) == (None,) * 4
    assert (copied.internal_note, copied.public_reason, copied.questions) == ("", "", [])
    assert service_question.need_id == earlier.id


def test_a_condition_is_a_must_or_a_preference_not_both(desk):
    answer = desk.post("/staff/needs/new", data=form(**{"preferred-0-text": "有经验"}))
    assert answer.status_code == 422 and "“有经验”已经列为必备条件" in answer.text
    assert db.session.query(Need).count() == 0
