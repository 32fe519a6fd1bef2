"""The site's search finds what a reader may know, and nothing else, also when the index is behind or broken."""

from __future__ import annotations

import shutil

import pytest

from matchhub.core import outbox
from matchhub.core.db import command, db
from matchhub.domain import lifecycle
from matchhub.domain.models import NeedState, Role
from matchhub.search import site
from tests import factories as make


@pytest.fixture(autouse=True)
def empty_index(app):
    shutil.rmtree(app.config["INSTANCE"] / "index", ignore_errors=True)
    site.reindex()


@command
def mark(*rows):
    for row in rows:
        lifecycle.touch(row)


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


def test_a_broken_index_falls_back_to_titles_and_is_built_anew(app):
    need = make.need(title="楼道堆物清理")
    shutil.rmtree(app.config["INSTANCE"] / "index")
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
