"""The early end of a project, at once or after a public notice (终止公示). Functions run inside the caller's command."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _, _l
from matchhub.domain import lifecycle, noticing
from matchhub.domain.models import (
    Notice,
    NoticeKind,
    NoticeState,
    Project,
    ProjectState,
    Report,
    ReportState,
    User,
)

GOING_ON = (ProjectState.PREPARING, ProjectState.ACTIVE, ProjectState.PAUSED)
# A notice is kept in the source language: marked here, filled in below, never translated.
TITLE = _l("关于终止《%(title)s》的公示")
BODY = _l(
    "%(name)s承接的《%(title)s》（%(ref)s）拟提前终止。理由：%(reason)s\n\n公示期间项目暂停。如有异议，请在公示期内实名提出。"
)
RESULT, PAUSED = _l("拟终止"), _l("终止公示期间暂停（%(ref)s）")


def terminate(project: Project, reason: str, actor: User) -> None:
    """End a project early, with a public reason; reports of months that have not begun are no longer needed."""
    project.end_reason, project.ended_at = reason, clock.now()
    lifecycle.advance(project, "terminate", actor, reason=reason)
    let_lapse(project, actor)


def let_lapse(project: Project, actor: User) -> None:
    """Exempt the awaited reports of months that have not begun."""
    found = sa.select(Report).where(
        Report.project_id == project.id, Report.state == ReportState.AWAITED, Report.month > clock.today()
    )
    for report in db.session.scalars(found.order_by(Report.month)):
        lifecycle.advance(report, "lapse", actor)


def draft_notice(project: Project, reason: str, actor: User) -> Notice:
    """The draft of the notice of an early end. Raises NotNow when the project is over or one is under way."""
    if project.state not in GOING_ON:
        raise NotNow(_("项目已经进入结项或已经结束，不能再公示终止。"))
    if open_notice(project, NoticeKind.TERMINATION) is not None:
        raise NotNow(_("这个项目的终止公示已经起草或正在公示。"))
    name = project.organisation.name
    values = {"title": project.title, "ref": project.ref, "name": name, "reason": reason}
    return noticing.draft(
        NoticeKind.TERMINATION,
        (TITLE % values)[:120],
        BODY % values,
        [{"organisation": name, "title": project.title, "result": RESULT}],
        actor,
        organisation=project.organisation,
        project=project,
        proposal={"deed": "terminate", "reason": reason},
    )


def open_notice(project: Project, kind: NoticeKind) -> Notice | None:
    """The notice of this kind about a project that is drafted or runs, if what it announces is still to come."""
    found = sa.select(Notice).where(
        Notice.project_id == project.id,
        Notice.kind == kind,
        Notice.proposal.is_not(None),
        Notice.state.in_((NoticeState.DRAFT, NoticeState.PUBLISHED)),
    )
    return db.session.scalar(found.order_by(Notice.id.desc()).limit(1))


def on_publish(notice: Notice, actor: User) -> None:
    """While the end of a project is announced, it is paused."""
    project = noticing.project_of(notice)
    if project.state not in GOING_ON:
        raise NotNow(_("项目已经进入结项或已经结束，不能再公示终止。"))
    if project.state is ProjectState.ACTIVE:
        project.pause_reason = PAUSED % {"ref": notice.ref}
        lifecycle.advance(project, "pause", actor, notice=notice.ref)


def on_conclude(notice: Notice, actor: User, upheld: bool) -> None:
    """End the project, or after an upheld objection let it go on; nothing when it was decided meanwhile."""
    project = noticing.project_of(notice)
    if project.state not in GOING_ON:
        return
    if upheld:
        on_revoke(notice, actor)
    else:
        terminate(project, str((notice.proposal or {}).get("reason", "")), actor)


def on_revoke(notice: Notice, actor: User) -> None:
    """The project goes on, if it was this notice that paused it."""
    project = noticing.project_of(notice)
    if project.state is ProjectState.PAUSED and project.pause_reason == PAUSED % {"ref": first_of(notice).ref}:
        lifecycle.advance(project, "resume", actor, notice=notice.ref)


def first_of(notice: Notice) -> Notice:
    """The notice with which a chain of corrections began."""
    return first_of(notice.corrects) if notice.corrects else notice
