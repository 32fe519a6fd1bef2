"""What the street does with a project: payments, supervisors, and its moves; the agreement stands in service_signing."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _
from matchhub.domain import (
    assessing,
    deadlines,
    ending,
    lifecycle,
    measuring,
    messages,
    numbering,
    paths,
    reference,
    ties,
)
from matchhub.domain.models import (
    Project,
    ProjectState,
    Report,
    Role,
    Supervision,
    SupervisionLine,
    User,
    Visit,
    VisitState,
)
from matchhub.domain.parties import Party
from matchhub.features.projects import rules

GOING_ON = (ProjectState.PREPARING, ProjectState.ACTIVE, ProjectState.PAUSED, ProjectState.CLOSING)


@command
def pay(staff: User, project: Project, seq: int, paid_on: date) -> None:
    """Record that an instalment was paid. Refused before its condition is met (`rules.payment`)."""
    rules.must_be(staff, project, Party.OFFICE)
    instalment = next((row for row in project.instalments if row.seq == seq), None)
    if instalment is None:
        raise NotNow(_("协议里没有这一期付款。"))
    rules.refuse(rules.payment(project, instalment, paid_on))
    instalment.paid_on = paid_on
    facts = {"seq": seq, "amount_fen": instalment.amount_fen, "paid_on": paid_on}
    lifecycle.record(staff, project, "pay", facts)


@command
def assign_supervisor(staff: User, project: Project, user: User, line: SupervisionLine) -> Supervision:
    """Name a supervisor: street staff on the guidance line, a supervisor without a tie on the coaching line."""
    rules.must_be(staff, project, Party.OFFICE)
    rules.must_be_in(project, *GOING_ON)
    _may_supervise(project, user, SupervisionLine(line))
    seat = Supervision(project=project, user=user, line=SupervisionLine(line))
    db.session.add(seat)
    db.session.flush()
    lifecycle.record(staff, project, "assign_supervisor", {"line": seat.line.value, "user": user.id})
    messages.send("project.assign_supervisor", [user], project.title, paths.path(project, paths.JUDGE))
    return seat


def _may_supervise(project: Project, user: User, line: SupervisionLine) -> None:
    role, word = {
        SupervisionLine.GUIDANCE: (Role.STREET_STAFF, _("引导人应是街道经办，请重新选择。")),
        SupervisionLine.COACHING: (Role.SUPERVISOR, _("辅导人应是登记的督导，请重新选择。")),
    }[line]
    if not user.active or role not in user.roles:
        raise NotNow(word)
    if any(seat.user_id == user.id for seat in project.supervisors):
        raise NotNow(_("%(name)s 已经是这个项目的督导。", name=user.name))
    if ties.bars_from_project(user, project):
        raise NotNow(_("%(name)s 与承接机构有利益关系，需要回避，请另选一位。", name=user.name))


@command
def release_supervisor(staff: User, project: Project, user: User) -> None:
    """Take a supervisor off a project for which no visit by them stands."""
    rules.must_be(staff, project, Party.OFFICE)
    rules.must_be_in(project, *GOING_ON)
    seat = next((seat for seat in project.supervisors if seat.user_id == user.id), None)
    if seat is None:
        raise NotNow(_("这个人已经不是项目的督导。"))
    visits = sa.select(Visit.id).where(
        Visit.project_id == project.id, Visit.supervisor_id == user.id, Visit.state != VisitState.CANCELLED
    )
    if db.session.scalar(visits.limit(1)) is not None:
        raise NotNow(_("%(name)s 已有督导记录，不能取消指派；可以再指派一位。", name=user.name))
    project.supervisors.remove(seat)
    db.session.delete(seat)
    lifecycle.record(staff, project, "release_supervisor", {"line": seat.line.value, "user": user.id})


@command
def start(staff: User, project: Project, seen: int | None = None) -> None:
    """Start a project: all its monthly reports are made, each with the day on which it is due."""
    lifecycle.same_version(project, seen)
    project.started_at = clock.now()
    lifecycle.advance(project, "start", staff)
    assert project.starts_on is not None and project.ends_on is not None  # the guard of the move
    this_month, terms = clock.today().replace(day=1), reference.terms()
    for month in measuring.months(project.starts_on, project.ends_on):
        # A month that was over before the start is due with the month of the start, not before it was known.
        asked = max(month, this_month)
        due_on = deadlines.report_due_on(asked.year, asked.month, terms)
        ref = numbering.next_ref(numbering.REPORT)
        db.session.add(Report(ref=ref, project=project, month=month, due_on=due_on))


@command
def pause(actor: User, project: Project, reason: str, seen: int | None = None) -> None:
    lifecycle.same_version(project, seen)
    project.pause_reason = reason
    lifecycle.advance(project, "pause", actor, reason=reason)


@command
def resume(actor: User, project: Project, seen: int | None = None) -> None:
    lifecycle.same_version(project, seen)
    lifecycle.advance(project, "resume", actor)


@command
def terminate(actor: User, project: Project, reason: str, seen: int | None = None) -> None:
    """End a project early, with a public reason. Reports of months that have not begun are no longer needed."""
    lifecycle.same_version(project, seen)
    ending.terminate(project, reason, actor)


@command
def close_up(actor: User, project: Project, seen: int | None = None) -> None:
    """Bring a project into its closing: its closing report and assessment begin.

    Reports of months that have not begun are no longer needed.
    """
    lifecycle.same_version(project, seen)
    lifecycle.advance(project, "close_up", actor)
    assessing.begin(project, actor)
    ending.let_lapse(project, actor)


@command
def finish(staff: User, project: Project, seen: int | None = None) -> None:
    """Put an assessed project into the archive."""
    lifecycle.same_version(project, seen)
    project.ended_at = clock.now()
    lifecycle.advance(project, "finish", staff)


MOVES = {"start": start, "resume": resume, "close_up": close_up, "finish": finish}
