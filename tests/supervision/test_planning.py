"""Who may plan which visit, and what the plan shows."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow, NotYours
from matchhub.domain.models import (
    JointProject,
    LedgerEntry,
    Message,
    ProjectState,
    Recusal,
    Role,
    SupervisionLine,
    Visit,
    VisitKind,
    VisitStage,
    VisitState,
)
from matchhub.features.supervision import queries, service
from tests import factories as make
from tests.supervision.scene import planned, scene, submitted


def plan(at, actor, who, line=SupervisionLine.COACHING, on=None):
    return service.plan(
        actor, at.project, who, line, VisitStage.START, VisitKind.ON_SITE, on or clock.today(), "上午", "活动室"
    )


def visits():
    return db.session.scalar(sa.select(sa.func.count()).select_from(Visit))


def test_the_street_plans_for_every_supervisor_and_the_organisation_hears_of_it(app):
    at = scene()
    visit = plan(at, at.staff, at.hub)
    assert (visit.state, visit.line, visit.supervisor_id) == (VisitState.PLANNED, SupervisionLine.COACHING, at.hub.id)
    assert db.session.scalar(sa.select(LedgerEntry.deed)) == "visit.plan"
    told = set(db.session.scalars(sa.select(Message.user_id).where(Message.event == "visit.plan")))
    assert told == {at.admin.id, at.member.id, at.hub.id}


def test_a_supervisor_plans_only_visits_of_their_own(app):
    at = scene()
    assert plan(at, at.hub, at.hub).supervisor_id == at.hub.id
    with pytest.raises(NotYours, match="您只能安排自己的走访"):
        plan(at, at.hub, at.backbone)
    assert visits() == 1


@pytest.mark.parametrize("who", ["stranger", "admin", "other_section"])
def test_nobody_else_plans(app, who):
    at = scene()
    people = {
        "stranger": make.user(Role.SUPERVISOR),
        "admin": at.admin,
        "other_section": make.staff(section_code="fgb"),
    }
    with pytest.raises(NotYours, match="只有本项目的督导和主办科室可以安排走访"):
        plan(at, people[who], at.hub)
    assert visits() == 0


def test_only_an_assigned_supervisor_is_sent(app):
    at = scene()
    stranger = make.user(Role.SUPERVISOR)
    with pytest.raises(NotNow, match="还没有被指派督导这个项目"):
        plan(at, at.staff, stranger)


def test_the_line_is_the_one_that_the_supervisor_was_given(app):
    at = scene()
    with pytest.raises(NotNow, match="另一条督导线"):
        plan(at, at.staff, at.hub, SupervisionLine.GUIDANCE)


def tie_by_employer(at):
    at.hub.employer = at.project.organisation.name


def tie_by_board(at):
    at.project.organisation.board = [at.hub.name]


def tie_by_joint_project(at):
    db.session.add(
        JointProject(user_id=at.hub.id, organisation_id=at.project.organisation_id, title="旧项目", until=clock.today())
    )


def tie_declared(at):
    db.session.add(Recusal(user_id=at.hub.id, organisation_id=at.project.organisation_id, kind="family"))


def own_organisation(at):
    at.hub.organisation = at.project.organisation


@pytest.mark.parametrize("tie", [tie_by_employer, tie_by_board, tie_by_joint_project, tie_declared, own_organisation])
def test_nobody_supervises_an_organisation_they_are_tied_to(app, tie, client_as):
    """Law: not by being sent, not by a visit planned before the tie was known, not by looking."""
    at = scene()
    before = planned(at)
    tie(at)
    db.session.commit()
    with pytest.raises(NotNow, match="有利益关系，按回避规定不能督导"):
        plan(at, at.staff, at.hub)
    with pytest.raises(NotYours):
        plan(at, at.hub, at.hub)
    with pytest.raises(NotYours, match="有利益关系的须回避"):
        service.save_draft(at.hub, before, {}, {}, [])
    with pytest.raises(NotYours, match="有利益关系的须回避"):
        service.submit(at.hub, before, {}, {}, [])
    assert queries.supervised(at.hub) == []
    assert at.hub.id not in {seat.user_id for seat in queries.seats(at.project)}
    if tie is not own_organisation:  # the organisation's own people read its visits, but on their own pages
        assert client_as(at.hub).get(f"/supervise/{before.ref}").status_code == 404


def test_a_project_that_does_not_run_is_not_visited(app):
    at = scene(state=ProjectState.ASSESSED)
    with pytest.raises(NotNow, match="项目不在实施期"):
        plan(at, at.staff, at.hub)


def test_no_visit_before_the_project_began(app):
    at = scene()
    with pytest.raises(NotNow, match="不能早于项目开始日"):
        plan(at, at.staff, at.hub, on=at.project.starts_on - timedelta(days=1))
    assert plan(at, at.staff, at.hub, on=at.project.starts_on).planned_on == at.project.starts_on


def test_planning_by_page(app, client_as):
    at = scene()
    browser = client_as(at.hub)
    page = browser.get(f"/supervise/plan?project={at.project.ref}").text
    assert at.hub.name in page
    assert at.backbone.name not in page
    data = {"supervisor": str(at.hub.id), "stage": "middle", "kind": "attend", "planned_on": "2026年9月20日",
            "planned_time": "14:30", "place": "三号楼前"}  # fmt: skip
    refused = browser.post(f"/supervise/plan?project={at.project.ref}", data=data | {"place": ""})
    assert refused.status_code == 422
    assert "请填写地点" in refused.text
    assert "14:30" in refused.text
    assert browser.post(f"/supervise/plan?project={at.project.ref}", data=data).status_code == 303
    visit = db.session.scalars(sa.select(Visit)).one()
    assert (visit.stage, visit.kind, visit.place) == (VisitStage.MIDDLE, VisitKind.ATTEND, "三号楼前")
    assert at.project.title in browser.get("/supervise/plan").text


def test_a_rule_keeps_what_was_typed(app, client_as):
    at = scene()
    data = {
        "supervisor": str(at.hub.id),
        "stage": "start",
        "kind": "on_site",
        "planned_on": "2020-01-01",
        "place": "三号楼前",
    }
    answer = client_as(at.hub).post(f"/supervise/plan?project={at.project.ref}", data=data)
    assert answer.status_code == 422
    assert "走访日期不能早于项目开始日" in answer.text
    assert "三号楼前" in answer.text


def test_the_planning_page_is_not_for_strangers(app, client_as):
    at = scene()
    assert client_as(make.user(Role.SUPERVISOR)).get(f"/supervise/plan?project={at.project.ref}").status_code == 404
    assert client_as(at.admin).get(f"/supervise/plan?project={at.project.ref}").status_code == 403


def test_the_agenda_sorts_visits_by_what_to_do_first(app, client_as, later):
    at = scene()
    today = clock.today()  # a Tuesday
    missed, now, friday, far = (
        planned(at, planned_on=today + timedelta(days=n)) for n in (-1, 0, 3, 20)
    )  # fmt: skip
    done = submitted(at)
    found = queries.agenda(at.hub)
    assert [found.unfinished, found.today, found.week, found.later, found.recent] == [
        [missed],
        [now],
        [friday],
        [far],
        [done],
    ]
    page = client_as(at.hub).get("/supervise").text
    assert 'href="tel:19900000000"' in page
    assert "过期未记录" in page
    assert "兰溪路 1 号" in page
    assert "启动阶段走访还差 1 次" in page


def test_a_visit_may_be_moved_and_called_off_until_it_is_recorded(app, client_as):
    at = scene()
    visit, browser = planned(at), client_as(at.hub)
    data = {"planned_on": "2026-09-18", "planned_time": "上午", "place": "五号楼"}
    assert browser.post(f"/supervise/{visit.ref}/reschedule", data=data).status_code == 303
    assert (db.session.get(Visit, visit.id).place, visit.planned_on.day) == ("五号楼", 18)
    assert "请写明理由" in browser.post(f"/supervise/{visit.ref}/cancel", data={"reason": ""}).text
    assert browser.post(f"/supervise/{visit.ref}/cancel", data={"reason": "活动改期"}).status_code == 303
    assert db.session.get(Visit, visit.id).state is VisitState.CANCELLED
    with pytest.raises(NotNow):
        service.reschedule(at.hub, visit, clock.today(), "", "六号楼")


def test_other_peoples_visits_are_neither_moved_nor_called_off(app, client_as):
    at = scene()
    visit = planned(at)
    with pytest.raises(NotYours):
        service.reschedule(at.backbone, visit, clock.today(), "", "六号楼")
    with pytest.raises(NotYours):
        service.cancel(at.admin, visit, "不方便")
    assert client_as(at.backbone).get(f"/supervise/{visit.ref}/cancel").status_code == 404
