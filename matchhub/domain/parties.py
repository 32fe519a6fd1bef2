"""Who a person is to a record: the one answer that every permission is built from."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.i18n import _l
from matchhub.domain import coding, supporting, ties
from matchhub.domain.models import (
    Application,
    ApplicationPartner,
    ApplicationState,
    Assessment,
    ClosingReport,
    CoachingNote,
    Event,
    Grant,
    Hearing,
    HelpRequest,
    Need,
    Organisation,
    OrganisationState,
    Panelist,
    PartnerAnswer,
    Pledge,
    PresentationJudge,
    Project,
    Rectification,
    Report,
    ReviewRound,
    Role,
    ScoreSheet,
    Supervision,
    SupportLine,
    User,
    Visit,
)


class Party(StrEnum):
    PUBLIC = "public"
    MEMBER = "member"
    OWNER = "owner"
    OWNER_ADMIN = "owner_admin"
    PARTNER = "partner"
    OFFICE = "office"
    APPROVER = "approver"
    CENTRE = "centre"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    INSPECTOR = "inspector"
    JUDGE = "judge"
    AUTHOR = "author"
    FOUNDATION = "foundation"
    NEIGHBOURHOOD = "neighbourhood"
    AUDITOR = "auditor"
    SYSADMIN = "sysadmin"


WORDS: dict[Party, str] = {
    Party.PUBLIC: _l("任何人"),
    Party.MEMBER: _l("已入驻机构"),
    Party.OWNER: _l("本机构"),
    Party.OWNER_ADMIN: _l("本机构负责人"),
    Party.PARTNER: _l("联合申报机构"),
    Party.OFFICE: _l("主办科室"),
    Party.APPROVER: _l("街道审批人"),
    Party.CENTRE: _l("服务中心"),
    Party.REVIEWER: _l("本轮评审人"),
    Party.SUPERVISOR: _l("本项目督导"),
    Party.INSPECTOR: _l("台账督察人"),
    Party.JUDGE: _l("汇报评分人"),
    Party.AUTHOR: _l("打分人本人"),
    Party.FOUNDATION: _l("基金会"),
    Party.NEIGHBOURHOOD: _l("居民区"),
    Party.AUDITOR: _l("监督审计"),
    Party.SYSADMIN: _l("系统管理员"),
}

BY_ROLE = {
    Role.STREET_APPROVER: Party.APPROVER,
    Role.CENTRE_STAFF: Party.CENTRE,
    Role.FOUNDATION: Party.FOUNDATION,
    Role.AUDITOR: Party.AUDITOR,
    Role.SYSADMIN: Party.SYSADMIN,
}


# The role from which each party of the office comes.
HOLDERS = {party: role for role, party in BY_ROLE.items()} | {
    Party.OFFICE: Role.STREET_STAFF,
    Party.NEIGHBOURHOOD: Role.NEIGHBOURHOOD,
}


def organisation_of(subject: Any) -> Organisation | None:
    """The organisation that a record belongs to; None where it belongs to the street."""
    match subject:
        case Organisation():
            return subject
        case Application() | Project() | Hearing():
            return subject.organisation
        case Report() | Visit() | Rectification() | ClosingReport() | Assessment():
            return subject.project.organisation
        case SupportLine() | HelpRequest() | CoachingNote():
            return subject.project.organisation
        case Pledge():
            return subject.line.project.organisation
    return None


def need_of(subject: Any) -> Need | None:
    """The need from which a record grew; None where there is none."""
    match subject:
        case Need():
            return subject
        case Application() | Project() | ReviewRound() | Event():
            return subject.need
        case Report() | Visit() | Rectification() | ClosingReport() | Assessment():
            return subject.project.need
        case SupportLine() | HelpRequest() | CoachingNote():
            return subject.project.need
        case Pledge():
            return subject.line.project.need
    return None


def parties(user: User | None, subject: Any) -> frozenset[Party]:
    """Every party that `user` is to `subject`; None is a visitor who has not signed in."""
    found = {Party.PUBLIC}
    if user is None or not user.active:
        return frozenset(found)
    roles = user.roles
    found |= {party for role, party in BY_ROLE.items() if role in roles}
    if isinstance(subject, Pledge) and subject.foundation_id != supporting.foundation_id(user):
        found.discard(Party.FOUNDATION)  # a pledge is the business of the foundation that made it
    if Role.STREET_STAFF in roles and is_office(user, subject):
        found.add(Party.OFFICE)
    if Role.NEIGHBOURHOOD in roles and _is_neighbour(user, subject):
        found.add(Party.NEIGHBOURHOOD)
    found |= _as_organisation(user, roles, subject)
    found |= _as_judge(user, roles, subject)
    if isinstance(subject, ScoreSheet) and subject.judge_id == user.id:
        found.add(Party.AUTHOR)
    return frozenset(found)


def is_office(user: User, subject: Any) -> bool:
    """Staff belong to the need's section; what has no section (organisations, notices) belongs to all of them."""
    need, sections = need_of(subject), user.sections()
    return need is None or not sections or need.section_code in sections


def _is_neighbour(user: User, subject: Any) -> bool:
    """A residents' committee belongs to the needs that it raised or that name its community, and to what grew from them."""
    need = need_of(subject)
    if need is None or need.drafted_by_id == user.id:
        return True
    return bool(user.communities() & set(coding.codes_of(need).get("community", [])))


def _as_organisation(user: User, roles: set[Role], subject: Any) -> set[Party]:
    found: set[Party] = set()
    if not roles & {Role.ORG_ADMIN, Role.ORG_MEMBER} or user.organisation is None:
        return found
    if user.organisation.state is OrganisationState.ADMITTED:
        found.add(Party.MEMBER)
    owner = organisation_of(subject)
    if owner is not None and owner.id == user.organisation_id:
        found.add(Party.OWNER)
        if Role.ORG_ADMIN in roles:
            found.add(Party.OWNER_ADMIN)
    if (
        isinstance(subject, Application)
        and subject.id is not None
        and db.session.scalar(_seat(user, subject)) is not None
    ):
        found.add(Party.PARTNER)
    return found


def _seat(user: User, application: Application) -> sa.Select[Any]:
    """The place of this person's organisation in a joint application that it has not declined."""
    return sa.select(ApplicationPartner.id).where(
        ApplicationPartner.application_id == application.id,
        ApplicationPartner.organisation_id == user.organisation_id,
        ApplicationPartner.answer != PartnerAnswer.DECLINED,
    )


def _as_judge(user: User, roles: set[Role], subject: Any) -> set[Party]:
    owner = organisation_of(subject)
    found: set[Party] = set()
    if isinstance(subject, ReviewRound | Application) and Role.REVIEWER in roles and _on_panel(user, subject):
        found.add(Party.REVIEWER)
    if isinstance(subject, Project | Report | Visit | Rectification | ClosingReport | Assessment | HelpRequest):
        found |= _around_project(user, roles, subject)
    # A tie (回避) takes the part away, whoever gave it.
    return set() if found and owner is not None and _is_tied(user, subject, owner) else found


def _is_tied(user: User, subject: Any, owner: Organisation) -> bool:
    if isinstance(subject, Application):
        return any(ties.bars(user, one) for one in (owner, *partners_of(subject)))
    return ties.bars_from_project(user, subject if isinstance(subject, Project) else subject.project)


def partners_of(application: Application) -> list[Organisation]:
    """The organisations that have agreed to a joint application, besides the applicant."""
    found = (
        sa.select(Organisation)
        .join(ApplicationPartner, ApplicationPartner.organisation_id == Organisation.id)
        .where(
            ApplicationPartner.application_id == application.id, ApplicationPartner.answer == PartnerAnswer.CONFIRMED
        )
        .order_by(ApplicationPartner.id)
    )
    return list(db.session.scalars(found))


def _on_panel(user: User, subject: ReviewRound | Application) -> bool:
    seat = sa.select(Panelist.declared_at).join(ReviewRound).where(Panelist.user_id == user.id)
    if isinstance(subject, ReviewRound):
        return db.session.execute(seat.where(ReviewRound.id == subject.id)).first() is not None
    found = db.session.execute(seat.where(ReviewRound.need_id == subject.need_id)).first()
    hidden = (ApplicationState.DRAFT, ApplicationState.SUBMITTED, ApplicationState.CORRECTION,
              ApplicationState.UNQUALIFIED, ApplicationState.WITHDRAWN)  # fmt: skip
    return found is not None and found.declared_at is not None and subject.state not in hidden


def _around_project(user: User, roles: set[Role], subject: Any) -> set[Party]:
    found: set[Party] = set()
    project = subject if isinstance(subject, Project) else subject.project
    if isinstance(subject, Visit):
        if subject.supervisor_id == user.id:
            found.add(Party.SUPERVISOR)
    elif roles & {Role.SUPERVISOR, Role.STREET_STAFF} and _supervises(user, project):
        found.add(Party.SUPERVISOR)
    if isinstance(subject, Assessment | ClosingReport | Project):
        assessment = subject if isinstance(subject, Assessment) else _assessment_of(project)
        if assessment is not None:
            if assessment.inspector_id == user.id:
                found.add(Party.INSPECTOR)
            seat = sa.select(PresentationJudge.id).where(
                PresentationJudge.assessment_id == assessment.id, PresentationJudge.user_id == user.id
            )
            if db.session.scalar(seat) is not None:
                found.add(Party.JUDGE)
    return found


def _supervises(user: User, project: Project) -> bool:
    seat = sa.select(Supervision.id).where(Supervision.project_id == project.id, Supervision.user_id == user.id)
    return db.session.scalar(seat) is not None


def _assessment_of(project: Project) -> Assessment | None:
    return db.session.scalar(sa.select(Assessment).where(Assessment.project_id == project.id))


def people(subject: Any, party: Party) -> list[User]:
    """The accounts that are `party` to `subject`, for messages; never everybody (PUBLIC, MEMBER give nobody)."""
    match party:
        case Party.OWNER | Party.OWNER_ADMIN:
            owner = organisation_of(subject)
            everyone = list(owner.people) if owner else []
        case Party.PARTNER:
            everyone = _people_of_partners(subject) if isinstance(subject, Application) else []
        case Party.REVIEWER:
            everyone = [seat.user for seat in _round_of(subject).panel] if _round_of(subject) else []
        case Party.SUPERVISOR:
            everyone = [subject.supervisor] if isinstance(subject, Visit) else _supervisors(subject)
        case Party.INSPECTOR:
            everyone = [subject.inspector] if isinstance(subject, Assessment) and subject.inspector else []
        case Party.JUDGE:
            everyone = [seat.user for seat in subject.judges] if isinstance(subject, Assessment) else []
        case Party.PUBLIC | Party.MEMBER:
            everyone = []
        case _:
            everyone = list(db.session.scalars(sa.select(User).where(User.active, _may_be(party))))
    return [user for user in everyone if user.active and party in parties(user, subject)]


def _people_of_partners(application: Application) -> list[User]:
    asked = sa.select(ApplicationPartner.organisation_id).where(ApplicationPartner.application_id == application.id)
    return list(db.session.scalars(sa.select(User).where(User.active, User.organisation_id.in_(asked))))


def _may_be(party: Party) -> sa.ColumnElement[bool]:
    """Narrows the search to accounts with the role that this party comes from; `parties` decides about each."""
    role = HOLDERS.get(party)
    return User.id.in_(sa.select(Grant.user_id).where(Grant.role == role)) if role else sa.true()


def _round_of(subject: Any) -> Any:
    if isinstance(subject, ReviewRound):
        return subject
    need = need_of(subject)
    return db.session.scalar(sa.select(ReviewRound).where(ReviewRound.need_id == need.id)) if need else None


def _supervisors(subject: Any) -> list[User]:
    project = subject if isinstance(subject, Project) else getattr(subject, "project", None)
    return [seat.user for seat in project.supervisors] if project else []
