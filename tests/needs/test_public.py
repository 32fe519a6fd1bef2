"""What everybody sees of needs, and what nobody may see before the deadline."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import coding, reference
from matchhub.domain.models import (
    ApplicationState,
    EventKind,
    EventState,
    NeedCorrection,
    NeedPhase,
    NeedState,
    NoticeState,
    OrganisationState,
    Question,
)
from matchhub.features.needs import queries, showing
from tests import factories as make


@pytest.fixture
def visitor(client_as):
    return client_as(None)


def statements(app, deed):
    """How many SQL statements `deed` sends."""
    sent = []

    def count(_connection, _cursor, statement, *_more):
        if not statement.startswith(("PRAGMA", "BEGIN", "SET ")):
            sent.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", count)
    try:
        deed()
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", count)
    return len(sent)


def test_residents_find_published_needs_and_no_drafts(app, visitor):
    shown, draft = make.need(NeedState.OPEN), make.need(NeedState.DRAFT, title="还在起草的事")
    page = visitor.get("/needs").text
    assert shown.title in page and f"/needs/{shown.ref}" in page
    assert draft.title not in page
    assert visitor.get(f"/needs/{draft.ref}").status_code == 404


@pytest.mark.parametrize("phase", queries.PUBLIC_PHASES)
def test_the_filter_by_phase_shows_what_the_tag_says(app, visitor, phase):
    rows = [make.need(state) for state in NeedState]
    rows.append(make.need(NeedState.OPEN, closes_at=clock.now() - timedelta(hours=1)))
    page = visitor.get(f"/needs?phase={phase}").text
    wanted = {row.ref for row in rows if row.phase is phase}
    assert wanted == set(re.findall(r'href="/needs/(XQ-[\d-]+)"', page))
    assert wanted


def test_filters_by_field_community_section_year_and_words(app, visitor):
    mine, other = make.need(title="小区花园共建"), make.need(section_code="fgb", title="楼道扶手加装")
    coding.set_codes(other, "field", ["environment"])
    coding.set_codes(other, "community", ["guiyang"])
    db.session.commit()
    for query, found in (
        ("field=environment", other), ("community=guiyang", other), ("section=zzb", mine), ("q=花园", mine),
        (f"q={other.ref}", other),
    ):  # fmt: skip
        page = visitor.get(f"/needs?{query}").text
        titles = [row.title for row in (mine, other) if f"/needs/{row.ref}" in page]
        assert titles == [found.title], query
    assert mine.ref in visitor.get("/needs?year=2026").text
    assert mine.ref not in visitor.get("/needs?year=2025").text


def test_search_words_with_wildcards_are_taken_as_they_are(app, visitor):
    make.need(title="小区花园共建")
    assert "没有找到符合条件的需求" in visitor.get("/needs?q=%25").text


def test_the_address_holds_the_filters_and_each_can_be_dropped(app, visitor):
    page = visitor.get("/needs?phase=open&field=lift&sort=deadline&page=1").text
    assert 'href="/needs?field=lift&amp;sort=deadline"' in page
    assert "没有找到符合条件的需求" in page
    assert "清除全部条件" in page


def test_an_empty_site_says_so(app, visitor):
    assert "还没有发布的需求" in visitor.get("/needs").text


def test_what_closes_next_comes_first_when_asked(app, visitor):
    late = make.need(title="晚截止", closes_at=clock.now() + timedelta(days=9))
    soon = make.need(title="早截止", closes_at=clock.now() + timedelta(days=1))
    over = make.need(NeedState.REVIEWING, title="已过")
    page = visitor.get("/needs?sort=deadline").text
    assert page.index(soon.ref) < page.index(late.ref) < page.index(over.ref)


def test_a_list_costs_three_statements_however_long_it_is(app, visitor):
    visitor.get("/needs")
    reference.setting("site_owner")
    for rows in (3, 40):
        for _ in range(rows):
            make.need()
        db.session.remove()
        assert statements(app, lambda: visitor.get("/needs")) <= 3


def test_a_page_shows_every_public_field(app, visitor):
    need = make.need(
        background="楼高六层", essential=["有加梯经验"], preferred=["有调解员"], target_note="四楼以上", problem="support",
        procurement="comparison", joint_allowed=True, suggested="安阶", internal_note="先问房管", review_mode="both",
        review_on=clock.today() + timedelta(days=30), source="neighbourhood",
    )  # fmt: skip
    page = visitor.get(f"/needs/{need.ref}").text
    for said in (need.ref, need.title, need.summary, "楼高六层", "完成征询的楼组", "每周到场一次。", "有加梯经验", "有调解员",
                 "四楼以上", "加装电梯", "源园（曹杨一村）", "老年人", "100,000 元", "街道购买", "比选", "书面评审和路演", "立项评审量表",
                 "合计 100 分", "社区自治办", "王岚", "5 个工作日", "2026-10-01 至 2027-06-30"):  # fmt: skip
        assert said in page, said
    for hidden in ("安阶", "先问房管", "居委会上报"):
        assert hidden not in page


def test_a_budget_that_is_not_public_is_nowhere_on_the_site(app, visitor):
    need = make.need(budget_public=False, budget_fen=123_456_00)
    for address in ("/needs", f"/needs/{need.ref}"):
        assert "123,456" not in visitor.get(address).text
    assert "不公开" in visitor.get(f"/needs/{need.ref}").text


def test_before_the_deadline_nobody_learns_how_many_apply(app, client_as):
    """The pages are letter by letter the same with no application and with three."""
    need = make.need()
    street, other = make.staff(), make.org_admin()
    people = [None, street, other]

    def pages():
        texts = [client_as(user).get(f"/needs/{need.ref}").text for user in people]
        texts.append(client_as(street).get(f"/staff/needs/{need.ref}").text)
        return [re.sub(r'(csrf_token"?( value)?="|X-CSRFToken": ")[^"]+', "", text) for text in texts]

    before = pages()
    for _ in range(3):
        make.application(ApplicationState.SUBMITTED, need=need)
    assert pages() == before


def test_a_closed_question_shows_the_answer_and_hides_who_asked(app, visitor):
    need, asker = make.need(), make.organisation(name="问题很多的机构")
    make.add(Question(need=need, organisation=asker, asker_mark="abcdef", text="可以联合申报吗？"))
    answered = make.add(
        Question(need=need, organisation=asker, asker_mark="abcdef", text="要到场几次？", answer="每周一次。",
                 answered_at=need.answers_due_at + timedelta(hours=1))
    )  # fmt: skip
    page = visitor.get(f"/needs/{need.ref}").text
    assert answered.text in page and "每周一次。" in page and "超过答复期限" in page
    assert "可以联合申报吗？" not in page
    assert "问题很多的机构" not in page and "abcdef" not in page


def test_linked_notices_and_the_project_are_shown(app, visitor):
    project = make.project()
    shown = make.notice(need_id=project.need_id, title="拟立项公示甲")
    draft = make.notice(NoticeState.DRAFT, need_id=project.need_id, title="没发布的公示")
    page = visitor.get(f"/needs/{project.need.ref}").text
    assert shown.title in page and project.title in page and project.organisation.name in page
    assert draft.title not in page


def test_an_ended_need_says_why_and_when(app, visitor):
    need = make.need(NeedState.FAILED, public_reason="没有机构申报。", ended_at=clock.now())
    page = visitor.get(f"/needs/{need.ref}").text
    assert "没有机构申报。" in page and "流标，2026-09-15" in page


@pytest.mark.parametrize(
    ("state", "current"),
    [(NeedState.OPEN, "申报"), (NeedState.REVIEWING, "评审"), (NeedState.NOTICE, "公示"), (NeedState.MATCHED, "实施")],
)
def test_the_steps_show_where_a_need_stands(app, state, current):
    need = make.need(state)
    steps = showing.details(need).steps
    assert [step["title"] for step in steps] == ["发布", "申报", "评审", "公示", "实施", "结项"]
    assert [step["title"] for step in steps if step["state"] == "current"] == [current]
    assert steps[0]["state"] == "done"


def test_a_need_past_its_deadline_stands_at_the_review(app, later):
    need = make.need()
    later(days=11)
    assert need.phase is NeedPhase.CLOSED
    assert [step["state"] for step in showing.details(need).steps[:3]] == ["done", "done", "current"]


def test_only_an_admitted_organisation_is_offered_to_apply(app, client_as):
    need = make.need()
    link = f"/my/applications/new?need={need.ref}"
    assert link in client_as(make.org_admin()).get(f"/needs/{need.ref}").text
    for user in (None, make.staff(), make.org_admin(make.organisation(OrganisationState.PENDING))):
        assert link not in client_as(user).get(f"/needs/{need.ref}").text
    closed = make.need(NeedState.REVIEWING)
    assert "/my/applications/new" not in client_as(make.org_admin()).get(f"/needs/{closed.ref}").text


def test_a_need_leads_to_its_events_as_far_as_one_may_see_them(app, client_as):
    need = make.need(NeedState.REVIEWING)
    told = make.event(need=need, kind=EventKind.ROADSHOW)
    planned = make.event(EventState.PLANNED, need=need, kind=EventKind.ROADSHOW)
    other = make.event(kind=EventKind.ROADSHOW)
    page = client_as(None).get(f"/needs/{need.ref}").text
    assert f'href="/events/{told.ref}"' in page and told.title in page
    assert planned.ref not in page and other.ref not in page
    desk = client_as(make.staff()).get(f"/staff/needs/{need.ref}").text
    assert f'href="/staff/events/{told.ref}"' in desk and f'href="/staff/events/{planned.ref}"' in desk
    assert other.ref not in desk


def test_corrections_kin_and_events_of_a_need_cost_one_statement_together(app, visitor):
    earlier, need = make.need(NeedState.FAILED), make.need(NeedState.MATCHED)
    need.related_need_id = earlier.id
    db.session.commit()
    visitor.get(f"/needs/{need.ref}")  # words and settings are read once
    need.title = "另一个标题"  # and the kept page is made anew
    db.session.commit()
    before = statements(app, lambda: visitor.get(f"/needs/{need.ref}"))
    make.event(EventState.ENDED, need=need)
    make.need(related_need_id=need.id)
    db.session.add(NeedCorrection(need_id=need.id, number=1, text="地点改了。", moved={}, by_id=make.staff().id))
    db.session.commit()
    assert 0 < statements(app, lambda: visitor.get(f"/needs/{need.ref}")) == before


def test_a_suspended_organisation_is_told_that_and_not_to_join(app, client_as):
    need = make.need()
    suspended = make.org_admin(make.organisation(OrganisationState.SUSPENDED))
    page = client_as(suspended).get(f"/needs/{need.ref}").text
    assert "贵机构已被暂停参与" in page and "请先在“机构资料”里完成入驻" not in page
