"""The street's pages and the project as its supervisors see it."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain.models import Role, VisitKind, VisitPhase, VisitState
from matchhub.domain.visit_scoring import light
from matchhub.features.supervision import board, queries, service
from tests import factories as make
from tests.supervision.scene import ORDERS, busy, planned, scene, submitted


def test_the_phases_in_sql_are_those_of_the_rows(app, later):
    at = scene()
    waiting, silent, done, contested = (submitted(at) for _n in range(4))
    planned(at)
    make.visit(project=at.project, supervisor=at.hub, planned_on=clock.today() - timedelta(days=1))
    make.visit(VisitState.CANCELLED, project=at.project, supervisor=at.hub)
    service.confirm(at.admin, done)
    service.contest(at.admin, contested, "不同意")
    db.session.execute(sa.text(f"UPDATE visit SET state = 'submitted' WHERE id = {waiting.id}"))
    db.session.commit()
    later(days=4)
    late = submitted(at)
    rows = list(db.session.scalars(queries.of_visits()))
    for phase in [*VisitState, *VisitPhase]:
        found = set(db.session.scalars(queries.of_visits().where(board.in_phases([phase.value]))))
        assert found == {row for row in rows if row.phase is phase}, phase
    assert silent.phase is VisitPhase.SILENT
    assert late.phase is VisitState.SUBMITTED


def test_the_lights_in_sql_are_those_of_the_scores(app):
    from matchhub.domain import supervising

    at = scene()
    low = submitted(at, level=0, orders=ORDERS)
    middle = submitted(at, level=4)
    busy(at)
    high = submitted(at, level=4)
    sheets = supervising.sheets_of([low, middle, high])
    assert {light(sheet.total).value for sheet in sheets.values()} == {"red", "yellow", "green"}
    for wanted in ("red", "yellow", "green"):
        found = {visit.id for visit in db.session.scalars(queries.of_visits().where(board.in_lights([wanted])))}
        assert found == {number for number, sheet in sheets.items() if light(sheet.total).value == wanted}


def test_the_board_filters_and_counts(app, client_as):
    at = scene()
    red = submitted(at, level=0, orders=ORDERS, kind=VisitKind.LEDGER)
    other = submitted(at, at.staff)
    service.contest(at.admin, other, "不同意")
    browser = client_as(at.approver)
    page = browser.get("/staff/supervision").text
    assert red.ref in page
    assert other.ref in page
    assert board.counts() == board.Counts(0, 0, 1, 1, 1, 1, 0)
    for query, shown, hidden in (
        ({"light": "red"}, red, other), ({"state": "contested"}, other, red), ({"kind": "ledger"}, red, other),
        ({"line": "guidance"}, other, red), ({"q": at.project.ref, "line": "coaching"}, red, other),
    ):  # fmt: skip
        text = browser.get(f"/staff/supervision?{urlencode(query)}").text
        assert shown.ref in text, query
        assert hidden.ref not in text, query
    assert "没有符合条件的走访" in browser.get("/staff/supervision?stage=end").text


def test_the_board_of_projects_names_what_is_missing(app, client_as):
    at = scene()
    service.confirm(at.admin, submitted(at))
    page = client_as(at.staff).get("/staff/supervision/projects").text
    assert at.project.title in page
    assert "中期走访还差 1 次" in page
    assert at.hub.name in page


def test_the_board_of_rectifications(app, client_as, later):
    at = scene()
    order = service.issue(at.staff, at.project, ORDERS)
    browser = client_as(at.staff)
    assert order.ref in browser.get("/staff/supervision/rectifications?state=issued").text
    assert order.ref not in browser.get("/staff/supervision/rectifications?state=overdue").text
    later(days=20)
    assert order.ref in client_as(at.staff).get("/staff/supervision/rectifications?state=overdue").text


@pytest.mark.parametrize("address", ["/staff/supervision", "/staff/supervision/projects", "/supervise", "/my/visits"])
def test_a_page_costs_the_same_whatever_its_length(app, client_as, address):
    at = scene()
    user = {"/supervise": at.hub, "/my/visits": at.admin}.get(address, at.staff)
    browser, counted = client_as(user), []

    def statements():
        found = []
        sa.event.listen(db.engine, "before_cursor_execute", lambda *args: found.append(args[2]))
        browser.get(address)
        counted.append(len(found))

    submitted(at, level=0, orders=ORDERS)
    statements()
    for _n in range(6):
        submitted(at, level=0, orders=ORDERS)
        planned(at, planned_on=clock.today() + timedelta(days=3))
    more = scene()
    submitted(more)
    make.supervision(more.project, at.hub)
    statements()
    assert counted[1] <= counted[0] + 1, counted


def test_the_project_as_its_supervisors_see_it(app, client_as):
    at = scene()
    busy(at)
    visit = submitted(at)
    service.confirm(at.admin, visit)
    page = client_as(at.hub).get(f"/supervise/projects/{at.project.ref}").text
    for words in ("日常督导分（C3）目前", "三号楼协商会", "结项前还要补的走访", "楼组协商会", visit.ref):
        assert words in page
    assert client_as(make.user(Role.SUPERVISOR)).get(f"/supervise/projects/{at.project.ref}").status_code == 404
    assert client_as(at.admin).get(f"/supervise/projects/{at.project.ref}").status_code == 403


def test_the_fragment_of_scores_says_what_counts(app):
    at = scene()
    render = app.jinja_env.get_template("supervision/_scores.html").module.daily_scores
    assert "还没有提交过督导记录" in str(render(queries.daily_scores(at.project), "staff"))
    visit = submitted(at)
    assert "暂不计入（待机构确认）" in str(render(queries.daily_scores(at.project), "my"))
    service.confirm(at.admin, visit)
    text = str(render(queries.daily_scores(at.project), "my"))
    assert "计入（已确认）" in text
    assert f"/my/visits/{visit.ref}" in text
