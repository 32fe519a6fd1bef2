"""For the laws: a record of each kind in each state, and one account for each party to it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from matchhub.core.db import db
from matchhub.domain.models import (
    Application,
    ApplicationPartner,
    Assessment,
    ClosingReport,
    Event,
    HelpRequest,
    LibraryEntry,
    Need,
    Notice,
    Objection,
    Organisation,
    Panelist,
    Pledge,
    PresentationJudge,
    Project,
    Rectification,
    Report,
    ReviewRound,
    Role,
    ScoreSheet,
    SheetState,
    SubjectKind,
    Supervision,
    SupervisionLine,
    SupportLine,
    User,
    Visit,
)
from matchhub.domain.parties import Party, need_of, organisation_of
from matchhub.domain.sheets import newest_rubric
from tests import factories as make


def _sheet(state: StrEnum) -> ScoreSheet:
    from matchhub.core import clock

    done = {} if state is SheetState.DRAFT else {"total": 80, "submitted_at": clock.now(), "digest": "0" * 64}
    return make.add(
        ScoreSheet(
            state=state,
            rubric=newest_rubric("A"),
            subject_kind=SubjectKind.APPLICATION,
            subject_id=next(make.n),
            judge=make.user(Role.REVIEWER),
            **done,
        )
    )


MAKERS: dict[type, Callable[[Any], Any]] = {
    Organisation: make.organisation,
    Need: make.need,
    Application: make.application,
    ReviewRound: make.round_,
    Notice: make.notice,
    SupportLine: make.support_line,
    Pledge: make.pledge,
    HelpRequest: make.help_request,
    Objection: lambda state: make.objection(state=state),
    Project: make.project,
    Report: make.report,
    Visit: make.visit,
    Rectification: lambda state: make.rectification(state=state),
    ClosingReport: make.closing_report,
    Assessment: make.assessment,
    ScoreSheet: _sheet,
    Event: make.event,
    LibraryEntry: make.library_entry,
}


def subject(kind: type, state: StrEnum) -> Any:
    return MAKERS[kind](state)


def member(party: Party, row: Any) -> User | None:
    """An account that is `party` to `row`; None for a visitor and where no such party exists for this kind."""
    match party:
        case Party.PUBLIC:
            return None
        case Party.MEMBER:
            return make.user(Role.ORG_MEMBER)
        case Party.OWNER | Party.OWNER_ADMIN:
            owner = organisation_of(row)
            role = Role.ORG_ADMIN if party is Party.OWNER_ADMIN else Role.ORG_MEMBER
            return make.user(role, organisation=owner) if owner else None
        case Party.PARTNER:
            return _partner(row)
        case Party.OFFICE:
            need = need_of(row)
            return make.staff(section_code=need.section_code if need else "zzb")
        case Party.REVIEWER:
            return _reviewer(row)
        case Party.SUPERVISOR:
            return _supervisor(row)
        case Party.INSPECTOR | Party.JUDGE:
            return _judge(party, row)
        case Party.AUTHOR:
            return row.judge if isinstance(row, ScoreSheet) else None
        case Party.NEIGHBOURHOOD:
            return make.user(Role.NEIGHBOURHOOD, community_code="yuanyuan")
        case Party.FOUNDATION if isinstance(row, Pledge):
            return make.user(Role.FOUNDATION, organisation=row.foundation)
    roles = {
        Party.APPROVER: Role.STREET_APPROVER,
        Party.CENTRE: Role.CENTRE_STAFF,
        Party.FOUNDATION: Role.FOUNDATION,
        Party.AUDITOR: Role.AUDITOR,
        Party.SYSADMIN: Role.SYSADMIN,
    }
    return make.user(roles[party])


def _partner(row: Any) -> User | None:
    if not isinstance(row, Application):
        return None
    person = make.user(Role.ORG_MEMBER, organisation=make.organisation())
    make.add(ApplicationPartner(application_id=row.id, organisation_id=person.organisation_id, terms_sha256="0" * 64,
                                asked_by_id=person.id))  # fmt: skip
    return person


def _reviewer(row: Any) -> User | None:
    from matchhub.core import clock

    judge = make.user(Role.REVIEWER)
    if isinstance(row, ReviewRound):
        make.add(Panelist(round_id=row.id, user_id=judge.id, declared_at=clock.now()))
        db.session.expire(row)
        return judge
    if isinstance(row, Application):
        found = db.session.query(ReviewRound).filter_by(need_id=row.need_id).first() or make.round_(need=row.need)
        make.add(Panelist(round_id=found.id, user_id=judge.id, declared_at=clock.now()))
        return judge
    return None


def _supervisor(row: Any) -> User | None:
    if isinstance(row, Visit):
        return row.supervisor
    project = row if isinstance(row, Project) else getattr(row, "project", None)
    if not isinstance(project, Project):
        return None
    person = make.user(Role.SUPERVISOR, variety="hub")
    make.add(Supervision(project_id=project.id, user_id=person.id, line=SupervisionLine.COACHING))
    return person


def _judge(party: Party, row: Any) -> User | None:
    if not isinstance(row, Assessment):
        return None
    person = make.user(Role.REVIEWER if party is Party.JUDGE else Role.SUPERVISOR)
    if party is Party.JUDGE:
        make.add(PresentationJudge(assessment_id=row.id, user_id=person.id))
    elif row.inspector_id is None:
        db.session.execute(Assessment.__table__.update().where(Assessment.id == row.id).values(inspector_id=person.id))
        db.session.commit()
        db.session.expire(row)
    return person
