"""The home page: what a resident needs first, true numbers, few statements, nothing kept of the visitor."""

from __future__ import annotations

import re
from datetime import timedelta

from matchhub.core import clock
from matchhub.domain.models import (
    AssessmentState,
    NeedState,
    NoticeState,
    OrganisationState,
    ProjectState,
    VisitState,
)
from matchhub.features.site import queries
from tests import factories as make


def test_it_stands_in_the_order_of_importance(page):
    need = make.need()
    notice = make.notice()
    project = make.project(ProjectState.CLOSED)
    make.assessment(AssessmentState.FINAL, project=project, final_at=clock.now())
    text = page("/")
    found = [text.index(part) for part in (
        "居民有需求，社会组织来承接", 'name="q"', "常找：", "入驻机构", "正在征集</h2>", need.title, "公示公告</h2>", notice.title,
        "一个项目怎么走完", "项目分布", "已结项的项目", project.title,
    )]  # fmt: skip
    assert found == sorted(found)


def test_only_three_needs_are_shown_the_one_that_closes_next_first(page):
    for days in (9, 3, 6, 12):
        make.need(title=f"第 {days} 天截止", closes_at=clock.now() + timedelta(days=days))
    make.need(NeedState.OPEN, title="已经截止", closes_at=clock.now() - timedelta(days=1))
    make.need(NeedState.DRAFT, title="还是草稿")
    text = page("/")
    shown = re.findall(r"第 (\d+) 天截止", text)
    assert shown == ["3", "6", "9"]
    assert "已经截止" not in text
    assert "还是草稿" not in text


def test_a_need_says_how_many_days_are_left(page):
    make.need(closes_at=clock.now() + timedelta(days=3))
    assert '<b class="mh-num">3</b> 天后截止' in page("/")


def test_a_need_that_closes_today_says_so(page):
    make.need(closes_at=clock.now() + timedelta(hours=3))
    assert "今天截止，2026-09-15 13:00" in page("/")


def test_notices_that_run_come_first_with_the_days_left_and_drafts_never(page):
    make.notice(NoticeState.CONCLUDED, title="已结束的公示", published_at=clock.now())
    make.notice(title="正在公示的", ends_at=clock.utc(clock.today() + timedelta(days=4)))
    make.notice(NoticeState.DRAFT, title="没有发布的公示")
    text = page("/")
    assert text.index("正在公示的") < text.index("已结束的公示")
    assert "公示到 2026-09-18，还剩 4 个工作日" in text
    assert "没有发布的公示" not in text


def test_the_figures_count_what_they_say(app):
    signed = make.project()
    make.project(ProjectState.PREPARING)
    make.assessment(AssessmentState.FINAL, project=make.project(ProjectState.CLOSED), final_at=clock.now())
    make.assessment(AssessmentState.COMPUTED)
    before = queries.counters()
    assert (before.matched, before.active, before.visits, before.assessed) == (3, 1, 0, 1)
    make.organisation()
    make.organisation(OrganisationState.PENDING)
    make.need()
    make.need(NeedState.OPEN, closes_at=clock.now() - timedelta(days=1))
    make.need(NeedState.DRAFT)
    for state in (VisitState.SUBMITTED, VisitState.PLANNED, VisitState.CANCELLED):
        make.visit(state, project=signed)
    after = queries.counters()
    assert after.organisations - before.organisations == 1
    assert after.needs - before.needs == 2
    assert after.open_needs - before.open_needs == 1
    assert after.visits - before.visits == 1


def test_every_figure_leads_to_its_list(page):
    text = page("/")
    for address in ("/orgs?state=admitted", "/needs", "/projects?agreed=yes", "/projects?state=active"):
        assert f'<a class="mh-figure__in" href="{address}">' in text


def test_it_costs_seven_statements_at_most_whatever_the_number_of_records(count, client_as):
    visitor = client_as(None)
    for _ in range(2):
        make.assessment(AssessmentState.FINAL, project=make.project(ProjectState.CLOSED), final_at=clock.now())
        make.need()
        make.notice()
    visitor.get("/")
    few = count(lambda: visitor.get("/"))
    for _ in range(6):
        make.assessment(AssessmentState.FINAL, project=make.project(ProjectState.CLOSED), final_at=clock.now())
        make.need()
        make.notice()
    assert count(lambda: visitor.get("/")) == few <= 7


def test_a_visitor_leaves_nothing_and_a_second_visit_costs_nothing(client_as):
    visitor = client_as(None)
    first = visitor.get("/")
    assert "Set-Cookie" not in first.headers
    assert first.headers["Cache-Control"] == "no-cache"
    again = visitor.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_care_mode_leaves_four_doors_the_notices_and_the_telephone(count, client_as):
    make.notice(title="拟立项公示甲")
    make.need()
    visitor = client_as(None)
    visitor.set_cookie("mode", "care")
    text = visitor.get("/").get_data(as_text=True)
    for part in ("身边的项目", "正在征集的需求", "社会组织", "搜一搜", "拟立项公示甲", 'href="tel:021-00000000"'):
        assert part in text
    assert "一个项目怎么走完" not in text
    assert count(lambda: visitor.get("/")) <= 2


def test_an_empty_site_still_has_a_home_page(page):
    text = page("/")
    assert "现在没有正在征集的需求" in text
    assert "现在没有公示" in text
