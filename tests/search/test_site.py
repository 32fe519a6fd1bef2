"""The site's search finds what a reader may know, and nothing else, also when the index is behind or broken."""

from __future__ import annotations

import pytest

from matchhub.core import outbox
from matchhub.core.db import command, db
from matchhub.domain import lifecycle
from matchhub.domain.models import AssessmentState, ClosingState, NeedState, Role
from matchhub.search import site
from matchhub.search.documents import everything
from tests import factories as make
from tests.search.conftest import mark, throw_away

pytestmark = pytest.mark.usefixtures("engine")


def titles(user, text, **more):
    return [result.title.striptags() for result in site.search(user, text, **more).results]


def test_two_characters_find_a_need_and_are_marked(app):
    need = make.need(title="曹杨一村加装电梯意愿征询")
    mark(need)
    outbox.drain()
    answer = site.search(None, "加梯")
    assert [result.ref for result in answer.results] == [need.ref]
    assert "<mark>加装电梯</mark>" in answer.results[0].title


def test_a_draft_is_found_by_the_street_only(app):
    need = make.need(NeedState.DRAFT, title="独居老人陪伴")
    mark(need)
    outbox.drain()
    assert titles(None, "独居老人") == []
    assert site.search(None, "独居老人").total == 0
    assert titles(make.org_admin(), "独居老人") == []
    assert titles(make.staff(), "独居老人") == ["独居老人陪伴"]


def test_a_stale_index_never_shows_what_is_no_longer_public(app):
    need = make.need(title="垃圾分类入户指导")
    mark(need)
    outbox.drain()
    need.title = "垃圾分类入户指导（草稿）"
    setattr(need, "state", NeedState.DRAFT)  # noqa: B010 - the index is not told
    db.session.commit()
    assert titles(None, "垃圾分类") == []


def test_a_need_that_closed_by_the_clock_is_indexed_as_closed(app, later):
    need = make.need(title="停车矛盾调处")
    mark(need)
    outbox.drain()
    assert "need.open" in site.search(None, "停车").facets["status"]
    later(days=11)
    outbox.drain()
    assert "need.closed" in site.search(None, "停车").facets["status"]


def test_a_project_is_found_by_its_experience_card_once_the_grade_stands(app):
    report = make.closing_report(
        ClosingState.ACCEPTED, card_practice="先请楼组长带着走一圈", card_pitfalls="怕采光受影响"
    )
    mark(report.project)
    outbox.drain()
    assert titles(None, "楼组长带着走") == titles(make.staff(), "经验卡 采光") == []
    make.assessment(AssessmentState.FINAL, project=report.project, strengths="台账规整")
    mark(report.project)
    outbox.drain()
    for typed in ("楼组长带着走", "经验卡 采光", "台账规整"):
        assert titles(None, typed) == [report.project.title]
    assert "<mark>采光</mark>" in site.search(None, "采光").results[0].text


def test_a_broken_index_falls_back_to_titles_and_is_built_anew(app):
    need = make.need(title="楼道堆物清理")
    throw_away(app)
    answer = site.search(None, "堆物")
    assert answer.degraded
    assert [result.ref for result in answer.results] == [need.ref]
    mark(need)
    outbox.drain()
    assert not site.search(None, "堆物").degraded


def test_the_nightly_comparison_repairs_what_the_index_missed(app):
    make.need(title="社区花园共建")
    assert titles(None, "花园") == []
    assert len(site.reconcile().missing) == 1
    assert titles(None, "花园") == ["社区花园共建"]


def test_an_organisation_finds_itself_before_it_is_admitted(app):
    from matchhub.domain.models import OrganisationState

    organisation = make.organisation(OrganisationState.PENDING, name="清风调解工作室")
    mark(organisation)
    outbox.drain()
    assert titles(None, "清风") == []
    assert titles(make.user(Role.ORG_ADMIN, organisation=organisation), "清风") == ["清风调解工作室"]


def test_in_the_database_a_record_is_found_as_soon_as_its_deed_is_done(app, engine):
    mark(make.need(title="老旧小区雨污分流"))
    found = titles(None, "雨污")
    assert found == (["老旧小区雨污分流"] if engine == "database" else [])


def test_a_deed_that_fails_leaves_no_trace_in_the_index(app, engine):
    need = make.need(title="雨污分流")

    @command
    def half_done():
        need.title = "雨污合流"
        lifecycle.touch(need)
        raise RuntimeError("half done")

    mark(need)
    outbox.drain()
    with pytest.raises(RuntimeError, match="half done"):
        half_done()
    outbox.drain()
    assert (titles(None, "雨污合流"), titles(None, "雨污分流")) == ([], ["雨污分流"])


def test_a_rebuild_never_undoes_what_a_deed_wrote_meanwhile(app, engine):
    first, second = make.need(title="道路积水甲"), make.need(title="道路积水乙")
    mark(first, second)

    @command
    def rename():
        second.title = "道路积水丙"
        lifecycle.touch(second)

    def docs():
        read = list(everything())
        rename()
        yield from read

    site.index().rebuild(docs)
    outbox.drain()
    assert sorted(titles(None, "积水")) == ["道路积水丙", "道路积水甲"]
