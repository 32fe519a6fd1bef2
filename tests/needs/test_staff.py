"""The section drafts a need: every field, nothing lost, nobody else's."""

from __future__ import annotations

import io
from datetime import date, timedelta

import brotli
import pytest

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours, Stale
from matchhub.domain import attachments, coding, sheets
from matchhub.domain.models import Need, NeedState, Question, Role
from matchhub.features.needs import service
from tests import factories as make
from tests.needs.drafted import form, the_need


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
