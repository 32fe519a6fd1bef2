"""Results in figures: each number says what it counts, when, and where the list is; nothing provisional is shown."""

from __future__ import annotations

from datetime import date, timedelta

from matchhub.core import clock
from matchhub.domain.models import AssessmentState, NeedState, ProjectState, VisitState
from matchhub.features.site import queries
from tests import factories as make


def finished(grade="good", **over):
    return make.assessment(
        AssessmentState.FINAL,
        project=make.project(ProjectState.CLOSED),
        final_at=clock.now(),
        **{"grade": grade} | over,
    )


def test_each_counter_has_its_meaning_its_moment_and_its_list(page):
    text = page("/outcomes")
    assert "统计时间 2026-09-15 10:00" in text
    for label, address in (
        ("入驻机构", "/orgs?state=admitted"), ("发布需求", "/needs"), ("有效对接", "/projects?agreed=yes"), ("在实施", "/projects?state=active"),
        ("督导走访", "/outcomes/visits"), ("已结项测评", "/outcomes/results"),
        ("推介路演", "/events?when=held&amp;kind=roadshow&amp;kind=promotion"),
    ):  # fmt: skip
        assert f"<dt>{label}</dt>" in text
        assert f'href="{address}"' in text
    assert 'id="visits"' in text
    assert 'id="results"' in text


def test_only_final_grades_are_told_with_their_number(page):
    one = finished()
    provisional = make.assessment(
        AssessmentState.NOTICE, project=make.project(ProjectState.CLOSING, title="公示中的项目")
    )
    text = page("/outcomes")
    assert "已定级的 1 个项目" in text
    assert one.project.title in text
    assert provisional.project.title not in text


def test_needs_are_counted_by_the_month_in_shanghai(app):
    # 31 August, 17:30 in UTC is 1 September in Shanghai.
    make.need(published_at=clock.utc(date(2026, 9, 1)) + timedelta(minutes=30))
    make.need(published_at=clock.utc(date(2026, 9, 1)) - timedelta(minutes=30))
    make.need(NeedState.DRAFT)
    counted = dict(queries.needs_by_month())
    assert len(counted) == 12
    assert (counted[date(2026, 8, 1)], counted[date(2026, 9, 1)]) == (1, 1)


def test_activities_that_were_struck_out_do_not_count(app):
    project = make.project()
    make.activity(project, people=20, held_on=date(2026, 9, 1))
    make.activity(project, people=15, held_on=date(2025, 1, 1))
    make.activity(project, people=99, struck_at=clock.now(), struck_reason="重复")
    found = queries.activities()
    assert (found.count, found.people) == (2, 35)
    assert found.by_month[-1] == (date(2026, 9, 1), 1, 20)
    assert sum(n for _month, n, _people in found.by_month) == 1


def test_projects_are_counted_by_field_and_state(app):
    make.project()
    make.project(ProjectState.CLOSED)
    assert queries.projects_by_field() == [("lift", 2)]
    assert queries.projects_by_state() == {ProjectState.ACTIVE: 1, ProjectState.CLOSED: 1}


def test_visits_are_listed_by_project_when_they_took_place(app):
    project = make.project()
    make.visit(VisitState.CONFIRMED, project=project)
    make.visit(VisitState.SUBMITTED, project=project, visited_on=clock.today() - timedelta(days=9))
    make.visit(VisitState.PLANNED, project=make.project())
    assert [(row.ref, row.n, row.last_on) for row in queries.visits_by_project(10)] == [(project.ref, 2, clock.today())]


def test_charts_have_their_tables(page):
    make.activity(make.project())
    finished()
    text = page("/outcomes")
    assert text.count("查看数据表") >= 4


def test_it_costs_the_same_whatever_the_number_of_records(count, client_as):
    visitor = client_as(None)
    finished()
    make.visit(VisitState.CONFIRMED)
    visitor.get("/outcomes")
    few = count(lambda: visitor.get("/outcomes"))
    for _ in range(4):
        finished()
        make.visit(VisitState.CONFIRMED)
    assert count(lambda: visitor.get("/outcomes")) == few <= 10


def test_an_empty_site_says_so(page):
    text = page("/outcomes")
    for sentence in ("还没有项目。", "还没有项目定级。", "还没有走访记录。"):
        assert sentence in text
