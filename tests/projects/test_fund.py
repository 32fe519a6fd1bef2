"""What the foundation pays for, and lists that show as many projects as the counters that lead to them."""

from __future__ import annotations

import re

import pytest

from matchhub.core import clock
from matchhub.domain.models import NeedState, ProjectState
from matchhub.domain.roles import Role
from tests import factories as make


@pytest.fixture
def foundation(app):
    return make.user(Role.FOUNDATION)


def funded(**over):
    return make.need(NeedState.MATCHED, funding="community_foundation", **over)


def test_the_foundation_sees_what_it_pays_for_and_nothing_else(foundation, client_as):
    project = make.project(title="基金会的项目", need=funded())
    project_of_the_street = make.project(title="街道的项目")
    waiting = make.need(title="等人申报的需求", funding="community_foundation")
    text = client_as(foundation).get("/fund").text
    assert f'href="/projects/{project.ref}"' in text
    assert f'href="/needs/{waiting.ref}"' in text
    assert project_of_the_street.ref not in text
    assert "街道的项目" not in text


def test_drafts_of_the_street_are_not_shown_to_the_foundation(foundation, client_as):
    make.need(NeedState.DRAFT, title="还没有发布", funding="community_foundation")
    text = client_as(foundation).get("/fund").text
    assert "还没有发布" not in text
    assert "还没有社区基金会资助的需求" in text


def test_the_foundation_sums_what_was_awarded_and_paid(foundation, client_as):
    project = make.project(need=funded(), amount_fen=100_000_00)
    project.instalments[0].paid_on = clock.today()
    make.add(project)
    paid = project.instalments[0].amount_fen
    text = client_as(foundation).get("/fund").text
    assert f"{paid // 100:,}" in text
    assert "100,000" in text


def test_the_number_of_running_projects_leads_to_the_foundations_list(foundation, client_as):
    make.project(need=funded())
    make.project()
    text = client_as(foundation).get("/workbench").text
    assert re.search(r'href="/fund"><span class="mh-figure__value"><b class="mh-num">1</b>', text)


def test_the_page_costs_the_same_whatever_its_length(foundation, client_as, statements):
    client = client_as(foundation)
    make.project(need=funded())
    client.get("/fund")
    statements()
    client.get("/fund")
    few = len(statements())
    for _ in range(4):
        make.project(need=funded())
    statements()
    client.get("/fund")
    assert len(statements()) == few


def test_nobody_else_reads_it(client_as):
    assert client_as(make.staff()).get("/fund").status_code == 403


def test_the_counter_of_matches_leads_to_as_many_projects(app, client_as):
    make.project()
    make.project(ProjectState.TERMINATED)
    make.project(ProjectState.PREPARING)
    visitor = client_as(None)
    counted = re.search(r'href="/projects\?agreed=yes"><span class="mh-figure__value"><b class="mh-num">(\d+)</b>',
                        visitor.get("/").text)  # fmt: skip
    assert counted[1] == "2"
    assert "2 个项目" in visitor.get("/projects?agreed=yes").text


@pytest.mark.parametrize(("source", "found"), [("community_foundation", True), ("welfare_lottery", False)])
def test_projects_are_found_by_who_pays(app, client_as, source, found):
    project = make.project(need=funded())
    assert (project.ref in client_as(None).get(f"/projects?funding={source}").text) is found
