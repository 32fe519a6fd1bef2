"""The workbench as people see it: for every role, in a bounded number of statements, and for nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import reference
from matchhub.domain.models import (
    ApplicationState,
    AssessmentState,
    ClosingState,
    NeedState,
    NoticeState,
    OrganisationState,
    ProjectState,
    Question,
    RectificationState,
    ReportState,
    Role,
    RoundState,
    VisitState,
)
from matchhub.features.admin import service
from matchhub.features.workbench import nav
from tests import factories as make

BUDGET = 25


@pytest.fixture
def count(app):
    """`count(deed)` is the number of SQL statements that `deed` sends."""

    def run(deed):
        sent = []
        listener = lambda *args: sent.append(args[2])  # noqa: E731
        reference.codes("field")  # reference data is kept per process
        sa.event.listen(db.engine, "before_cursor_execute", listener)
        try:
            deed()
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", listener)
        return len([one for one in sent if not one.startswith(("PRAGMA", "BEGIN", "SET TRANSACTION"))])

    return run


PEOPLE = [
    (Role.STREET_STAFF, {}), (Role.STREET_APPROVER, {}), (Role.CENTRE_STAFF, {}), (Role.ORG_ADMIN, {}),
    (Role.ORG_MEMBER, {}), (Role.REVIEWER, {}), (Role.SUPERVISOR, {"variety": "hub"}), (Role.FOUNDATION, {}),
    (Role.NEIGHBOURHOOD, {"community_code": "yuanyuan"}), (Role.AUDITOR, {}), (Role.SYSADMIN, {}),
]  # fmt: skip


def busy(user):
    """One thing of nearly every kind around `user`."""
    organisation = user.organisation or make.organisation()
    need = make.need()
    make.add(Question(need_id=need.id, organisation_id=organisation.id, asker_mark="甲", text="能分期吗？"))
    make.application(ApplicationState.DRAFT, need=need, organisation=organisation)
    make.need(NeedState.INTERNAL_REVIEW)
    make.application(need=make.need(closes_at=clock.now() - timedelta(days=1)), organisation=organisation)
    round_ = make.round_(RoundState.SCORING, panel=(user,))
    make.application(ApplicationState.QUALIFIED, need=round_.need)
    make.objection(make.notice())
    make.notice(NoticeState.DRAFT)
    make.organisation(OrganisationState.PENDING)
    project = make.project(organisation=organisation)
    make.supervision(project, user)
    make.report(project=project)
    make.report(ReportState.SUBMITTED, project=make.project(organisation=organisation))
    make.visit(project=project, supervisor=user)
    make.visit(VisitState.SUBMITTED, project=project, supervisor=user)
    make.visit(VisitState.CONTESTED, project=project, supervisor=user)
    make.rectification(project, state=RectificationState.ESCALATED)
    make.rectification(project, state=RectificationState.REPORTED)
    closing = make.project(ProjectState.CLOSING, organisation=organisation)
    make.closing_report(ClosingState.SUBMITTED, project=closing)
    make.assessment(AssessmentState.COLLECTING, project=closing, inspector_id=user.id)
    make.project(ProjectState.PREPARING, organisation=organisation)


def account(role, scope):
    return make.user(role, **scope)


@pytest.mark.parametrize(("role", "scope"), PEOPLE, ids=lambda value: getattr(value, "value", ""))
def test_the_workbench_opens_in_a_bounded_number_of_statements_whatever_waits(client_as, count, role, scope):
    user = account(role, scope)
    busy(user)
    browser = client_as(user)
    assert browser.get("/workbench").status_code == 200  # what is read once per process is read now
    few = count(lambda: browser.get("/workbench"))
    for _ in range(3):
        busy(user)
    many = count(lambda: browser.get("/workbench"))
    assert few == many <= BUDGET


@pytest.mark.parametrize(("role", "scope"), PEOPLE, ids=lambda value: getattr(value, "value", ""))
def test_an_empty_desk_says_so(client_as, role, scope):
    user = account(role, scope)
    answer = client_as(user).get("/workbench").get_data(as_text=True)
    if role is not Role.AUDITOR:  # who verifies the ledger every month
        assert "现在没有要您办的事" in answer


def test_visitors_are_sent_to_sign_in(client_as):
    for address in ("/workbench", "/my/messages"):
        answer = client_as(None).get(address)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/login")


def test_rows_say_what_is_due_and_lead_there(client_as):
    staff = make.staff()
    report = make.report(ReportState.SUBMITTED)
    need = make.need(NeedState.INTERNAL_REVIEW)
    page = client_as(staff).get("/workbench").get_data(as_text=True)
    assert f'href="/staff/reports/{report.ref}"' in page
    assert "审核月报" in page
    assert "去审核" in page
    assert f'href="/staff/needs/{need.ref}"' in page
    assert "在等：街道审批人" in page


def test_the_numbers_on_top_lead_to_what_they_count(client_as):
    admin = make.org_admin()
    project = make.project(organisation=admin.organisation)
    make.report(project=project, due_on=clock.today() - timedelta(days=3))
    page = client_as(admin).get("/workbench").get_data(as_text=True)
    assert 'href="#overdue"' in page
    assert 'id="overdue"' in page
    assert "逾期 3 天" in page
    assert 'href="/my/projects"' in page


def test_an_empty_desk_names_what_comes_next(client_as):
    admin = make.org_admin()
    project = make.project(organisation=admin.organisation)
    make.report(project=project, month=clock.today().replace(day=1), due_on=clock.today() + timedelta(days=20))
    page = client_as(admin).get("/workbench").get_data(as_text=True)
    assert "2026 年 9 月月报" in page
    assert "10 月 5 日到期" in page


def test_what_was_done_last_is_listed_with_its_name(client_as, do):
    staff = make.staff()
    report = make.report(ReportState.SUBMITTED)
    do(staff, report, "accept")
    page = client_as(staff).get("/workbench").get_data(as_text=True)
    assert "最近办过" in page
    assert report.project.title in page
    assert "最近办过" not in client_as(make.staff()).get("/workbench").get_data(as_text=True)


def test_the_navigation_counts_what_waits_and_marks_where_one_is(client_as):
    staff = make.staff()
    make.report(ReportState.SUBMITTED)
    page = client_as(staff).get("/workbench").get_data(as_text=True)
    assert '<a href="/workbench" aria-current="page">' in page
    assert '<span class="mh-desknav__n mh-num">1</span>' in page


def test_every_room_of_the_desk_has_its_page(app):
    """Rooms that nobody has built are left out of the navigation; here all of them are built."""
    urls = app.url_map.bind("")
    for group in nav.ROOMS:
        for room in group:
            assert urls.match(room.url, method="GET"), room.url


def test_a_record_lies_in_the_room_of_its_list(app):
    rooms = [room for group in nav.ROOMS for room in group]
    found = {path: nav.current(path, rooms).url for path in (
        "/staff/needs/XQ-2026-001/edit", "/my/reports/YB-2026-001", "/staff/visits/DD-2026-001", "/admin/ledger",
    )}  # fmt: skip
    assert list(found.values()) == ["/staff/needs", "/my/projects", "/staff/supervision", "/admin/ledger"]
    assert nav.current("/needs", rooms) is None


def test_a_public_page_pays_nothing_for_the_desk(client_as, count):
    staff = make.staff()
    browser, visitor = client_as(staff), client_as(None)
    browser.get("/terms")
    visitor.get("/terms")
    assert count(lambda: visitor.get("/terms")) == 0
    # A signed-in person costs the login and the grants, not one duty.
    assert count(lambda: browser.get("/terms")) <= 3


def test_the_same_deed_again_and_again_is_told_once(client_as):
    admin = make.user(Role.SYSADMIN)
    for _ in range(3):
        service.verify_ledger(admin)
    page = client_as(admin).get("/workbench").get_data(as_text=True)
    assert page.count("核验操作记录") == 1
    assert "共 3 次" in page
