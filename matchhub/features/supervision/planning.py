"""Planning visits: who visits which project, when and how."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import lifecycle, messages, numbering, ties
from matchhub.domain.models import (
    Project,
    ProjectState,
    Supervision,
    SupervisionLine,
    User,
    Visit,
    VisitKind,
    VisitStage,
    VisitState,
)
from matchhub.domain.parties import Party, parties

RUNNING = (ProjectState.ACTIVE, ProjectState.PAUSED, ProjectState.CLOSING)


def seat_of(project: Project, user: User) -> Supervision | None:
    """The seat of this person among the supervisors of a project."""
    found = sa.select(Supervision).where(Supervision.project_id == project.id, Supervision.user_id == user.id)
    return db.session.scalar(found)


@command
def plan(
    actor: User,
    project: Project,
    supervisor: User,
    line: SupervisionLine,
    stage: VisitStage,
    kind: VisitKind,
    planned_on: date,
    planned_time: str = "",
    place: str = "",
) -> Visit:
    """Put a visit into the plan and tell the organisation.

    A supervisor plans visits of their own, the street those of every supervisor of the project. Raises NotYours for
    anybody else, NotNow when the supervisor has no seat on this line, is tied to the organisation, or the project
    does not run.
    """
    _may_plan(actor, project, supervisor)
    _may_visit(project, supervisor, line)
    if planned_on < (project.starts_on or planned_on):
        raise NotNow(_("走访日期不能早于项目开始日 %(day)s。", day=project.starts_on))
    visit = Visit(
        ref=numbering.next_ref(numbering.VISIT), project=project, supervisor=supervisor, line=line, stage=stage,
        kind=kind, planned_on=planned_on, planned_time=planned_time, place=place,
    )  # fmt: skip
    db.session.add(visit)
    db.session.flush()
    lifecycle.record(actor, visit, "plan", {"project": project.ref, "on": planned_on.isoformat(), "kind": kind.value})
    messages.tell(visit, "plan", (Party.OWNER, Party.SUPERVISOR), actor, note=planned_on.isoformat())
    return visit


def _may_plan(actor: User, project: Project, supervisor: User) -> None:
    mine = parties(actor, project)
    if mine & {Party.OFFICE, Party.APPROVER}:
        return
    if Party.SUPERVISOR not in mine:
        raise NotYours(_("只有本项目的督导和主办科室可以安排走访。"))
    if supervisor.id != actor.id:
        raise NotYours(_("您只能安排自己的走访；别人的走访请主办科室安排。"))


def _may_visit(project: Project, supervisor: User, line: SupervisionLine) -> None:
    if ties.bars_from_project(supervisor, project):
        raise NotNow(_("%(name)s与承接机构有利益关系，按回避规定不能督导这个项目。", name=supervisor.name))
    seat = seat_of(project, supervisor)
    if seat is None:
        raise NotNow(_("%(name)s还没有被指派督导这个项目，请先在项目页指派。", name=supervisor.name))
    if seat.line is not line:
        raise NotNow(_("%(name)s负责的是另一条督导线，请按指派的督导线安排。", name=supervisor.name))
    if project.state not in RUNNING:
        raise NotNow(_("项目不在实施期，不能安排走访。"))


@command
def reschedule(
    actor: User, visit: Visit, planned_on: date, planned_time: str, place: str, seen: int | None = None
) -> None:
    """Move a planned visit to another day, time or place. Raises NotNow once it is recorded."""
    lifecycle.same_version(visit, seen)
    if not parties(actor, visit) & {Party.SUPERVISOR, Party.OFFICE}:
        raise NotYours(_("只有督导本人和主办科室可以改期。"))
    if visit.state is not VisitState.PLANNED:
        raise NotNow(_("这次走访已有记录或已取消，不能改期。"))
    visit.planned_on, visit.planned_time, visit.place = planned_on, planned_time, place
    lifecycle.record(actor, visit, "reschedule", {"on": planned_on.isoformat()})
    messages.tell(visit, "plan", (Party.OWNER, Party.SUPERVISOR), actor, note=planned_on.isoformat())


@command
def cancel(actor: User, visit: Visit, reason: str, seen: int | None = None) -> None:
    """Call a planned visit off."""
    lifecycle.same_version(visit, seen)
    if why := lifecycle.refusal(visit, "cancel", actor, clock.now()):
        raise why
    visit.cancel_reason = reason
    lifecycle.advance(visit, "cancel", actor, reason=reason)
