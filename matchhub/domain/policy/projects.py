"""What happens in and around a project: supervision, closing, assessment, pledged support."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain import supporting, ties
from matchhub.domain.models import (
    Assessment,
    AssessmentState,
    ClosingReport,
    ClosingState,
    CoachingNote,
    HelpRequest,
    HelpResource,
    Pledge,
    PresentationJudge,
    Project,
    Rectification,
    Report,
    Role,
    Supervision,
    SupportLine,
    User,
    Visit,
)
from matchhub.domain.parties import Party, parties
from matchhub.domain.policy.viewers import Clause, Rules, is_inside, works_for

ASSESSMENT_TOLD = {AssessmentState.NOTICE, AssessmentState.FINAL}


def _project(_user: User | None, _project: Project) -> bool:
    return True


def _projects(_user: User | None) -> Clause:
    return sa.true()


def _of_project(user: User | None, row: Report | Visit | Rectification | HelpRequest | CoachingNote) -> bool:
    """What happens inside a project: its organisation, the street's people and its supervisors."""
    if user is None:
        return False
    if is_inside(user) or works_for(user) == row.project.organisation_id:
        return True
    seat = sa.select(Supervision.id).where(Supervision.project_id == row.project_id, Supervision.user_id == user.id)
    if isinstance(row, Visit) and row.supervisor_id == user.id and user.active:
        return not ties.bars_from_project(user, row.project)
    sits = user.active and Role.SUPERVISOR in user.roles and db.session.scalar(seat) is not None
    return sits and not ties.bars_from_project(user, row.project)


def _all_of_project(model: Any) -> Callable[[User | None], Clause]:
    def clause(user: User | None) -> Clause:
        if user is None:
            return sa.false()
        if is_inside(user):
            return sa.true()
        own = sa.select(Project.id).where(Project.organisation_id == works_for(user))
        ways: list[Clause] = [model.project_id.in_(own)]
        if user.active:
            free = sa.select(Project.id).where(ties.free_projects(user))
            if Role.SUPERVISOR in user.roles:
                seats = sa.select(Supervision.project_id).where(Supervision.user_id == user.id)
                ways.append(sa.and_(model.project_id.in_(seats), model.project_id.in_(free)))
            if model is Visit:
                ways.append(sa.and_(Visit.supervisor_id == user.id, Visit.project_id.in_(free)))
        return sa.or_(*ways)

    return clause


def _closing(user: User | None, report: ClosingReport) -> bool:
    if user is None:
        return False
    if works_for(user) == report.project.organisation_id:
        return True
    if report.state is ClosingState.DRAFT:
        return False
    return is_inside(user) or bool(parties(user, report) & {Party.INSPECTOR, Party.JUDGE, Party.SUPERVISOR})


def _judged_projects(user: User) -> Clause:
    """Projects around which this person sits as supervisor, inspector or judge, without a tie."""
    seats = sa.union(
        sa.select(Assessment.project_id).where(Assessment.inspector_id == user.id),
        sa.select(Assessment.project_id).join(PresentationJudge).where(PresentationJudge.user_id == user.id),
        *([sa.select(Supervision.project_id).where(Supervision.user_id == user.id)]
          if user.roles & {Role.SUPERVISOR, Role.STREET_STAFF} else []),
    )  # fmt: skip
    return sa.and_(Project.id.in_(seats), ties.free_projects(user))


def _closings(user: User | None) -> Clause:
    if user is None:
        return sa.false()
    own = ClosingReport.project_id.in_(sa.select(Project.id).where(Project.organisation_id == works_for(user)))
    handed_in = ClosingReport.state != ClosingState.DRAFT
    if is_inside(user):
        return sa.or_(own, handed_in)
    if not user.active:
        return own
    return sa.or_(
        own, sa.and_(handed_in, ClosingReport.project_id.in_(sa.select(Project.id).where(_judged_projects(user))))
    )


def _assessment(user: User | None, assessment: Assessment) -> bool:
    if assessment.state is AssessmentState.FINAL:
        return True
    if user is None:
        return False
    if works_for(user) == assessment.project.organisation_id:
        return assessment.state in ASSESSMENT_TOLD
    return is_inside(user) or bool(parties(user, assessment) & {Party.INSPECTOR, Party.JUDGE, Party.SUPERVISOR})


def _assessments(user: User | None) -> Clause:
    final = Assessment.state == AssessmentState.FINAL
    if user is None:
        return final
    if is_inside(user):
        return sa.true()
    mine = sa.select(Project.id).where(Project.organisation_id == works_for(user))
    own = sa.and_(Assessment.project_id.in_(mine), Assessment.state.in_(ASSESSMENT_TOLD))
    if not user.active:
        return sa.or_(final, own)
    seats = sa.select(Project.id).where(_judged_projects(user), Project.organisation_id != (works_for(user) or 0))
    return sa.or_(final, own, Assessment.project_id.in_(seats))


def _support_line(user: User | None, line: SupportLine) -> bool:
    """What the street has confirmed is for everybody, the rest for the organisation and the street."""
    if line.opened_at is not None:
        return True
    return is_inside(user) or works_for(user) == line.project.organisation_id


def _support_lines(user: User | None) -> Clause:
    if is_inside(user):
        return sa.true()
    own = sa.select(Project.id).where(Project.organisation_id == works_for(user))
    return sa.or_(SupportLine.opened_at.is_not(None), SupportLine.project_id.in_(own))


def _pledge(user: User | None, pledge: Pledge) -> bool:
    """A pledge is between its foundation, the organisation and the street; everybody reads sums only."""
    if is_inside(user) or supporting.foundation_id(user) == pledge.foundation_id:
        return True
    return works_for(user) == pledge.line.project.organisation_id


def _pledges(user: User | None) -> Clause:
    if is_inside(user):
        return sa.true()
    own = sa.select(SupportLine.id).join(Project).where(Project.organisation_id == works_for(user))
    return sa.or_(Pledge.foundation_id == supporting.foundation_id(user), Pledge.line_id.in_(own))


def _resource(user: User | None, _resource: HelpResource) -> bool:
    """The directory is the house's own; an organisation reads whom it was referred to on its request."""
    return is_inside(user) or (user is not None and user.active and Role.SYSADMIN in user.roles)


def _resources(user: User | None) -> Clause:
    known = is_inside(user) or (user is not None and user.active and Role.SYSADMIN in user.roles)
    return sa.true() if known else sa.false()


RULES: Rules = {
    Project: (_project, _projects),
    Report: (_of_project, _all_of_project(Report)),
    Visit: (_of_project, _all_of_project(Visit)),
    Rectification: (_of_project, _all_of_project(Rectification)),
    HelpRequest: (_of_project, _all_of_project(HelpRequest)),
    CoachingNote: (_of_project, _all_of_project(CoachingNote)),
    HelpResource: (_resource, _resources),
    ClosingReport: (_closing, _closings),
    Assessment: (_assessment, _assessments),
    SupportLine: (_support_line, _support_lines),
    Pledge: (_pledge, _pledges),
}
