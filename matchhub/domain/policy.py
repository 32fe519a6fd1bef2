"""Who may see what: for each kind of record a predicate and its twin as a WHERE clause.

`can_see(user, row)` decides one row, `visible(user, Model)` a whole list. They are changed together;
tests/laws/test_visibility.py compares them for every user and every state.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import Missing
from matchhub.domain import supporting, ties
from matchhub.domain.models import (
    Application,
    ApplicationPartner,
    ApplicationState,
    Assessment,
    AssessmentState,
    ClosingReport,
    ClosingState,
    Event,
    EventState,
    Hearing,
    LibraryEntry,
    LibraryState,
    Need,
    NeedState,
    Notice,
    NoticeState,
    Objection,
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
    Supervision,
    SupportLine,
    User,
    Visit,
)
from matchhub.domain.parties import Party, parties

Clause = sa.ColumnElement[bool]
T = TypeVar("T")

INSIDE_ROLES = {Role.STREET_STAFF, Role.STREET_APPROVER, Role.CENTRE_STAFF, Role.AUDITOR}
OBJECTION_ROLES = {Role.STREET_STAFF, Role.STREET_APPROVER, Role.AUDITOR}

NEED_PUBLIC = {NeedState.OPEN, NeedState.REVIEWING, NeedState.NOTICE, NeedState.MATCHED, NeedState.FAILED,
               NeedState.CANCELLED, NeedState.WITHDRAWN}  # fmt: skip
ORGANISATION_PUBLIC = {OrganisationState.ADMITTED, OrganisationState.SUSPENDED, OrganisationState.LEFT}
NOTICE_PUBLIC = {NoticeState.PUBLISHED, NoticeState.AMENDED, NoticeState.REVOKED, NoticeState.CONCLUDED}
ASSESSMENT_TOLD = {AssessmentState.NOTICE, AssessmentState.FINAL}
EVENT_PUBLIC = {EventState.OPEN, EventState.RUNNING, EventState.ENDED, EventState.PUBLISHED}
APPLICATION_READ = {ApplicationState.QUALIFIED, ApplicationState.PROPOSED, ApplicationState.AWARDED,
                    ApplicationState.NOT_SELECTED}  # fmt: skip


def _is_inside(user: User | None) -> bool:
    """Street, centre and auditor: they may read the records of every section, though not act on them."""
    return user is not None and user.active and bool(user.roles & INSIDE_ROLES)


def _works_for(user: User | None) -> int | None:
    """The organisation whose records this person may see as its own."""
    if user is None or not user.active or not user.roles & {Role.ORG_ADMIN, Role.ORG_MEMBER}:
        return None
    return user.organisation_id


def _raises_for(user: User | None) -> int:
    """The account whose raised needs this person may follow before they are public; -1, which nobody has, for others."""
    return user.id if user is not None and user.active and Role.NEIGHBOURHOOD in user.roles else -1


def _need(user: User | None, need: Need) -> bool:
    return need.state in NEED_PUBLIC or _is_inside(user) or need.drafted_by_id == _raises_for(user)


def _needs(user: User | None) -> Clause:
    if _is_inside(user):
        return sa.true()
    return sa.or_(Need.state.in_(NEED_PUBLIC), Need.drafted_by_id == _raises_for(user))


def _organisation(user: User | None, organisation: Organisation) -> bool:
    return organisation.state in ORGANISATION_PUBLIC or _is_inside(user) or _works_for(user) == organisation.id


def _organisations(user: User | None) -> Clause:
    if _is_inside(user):
        return sa.true()
    return sa.or_(Organisation.state.in_(ORGANISATION_PUBLIC), Organisation.id == _works_for(user))


def is_sealed(application: Application) -> bool:
    """Before the need was opened nobody but the applicant may know even that an application exists."""
    if application.state in (ApplicationState.DRAFT, ApplicationState.WITHDRAWN):
        return True
    return not is_opened(application.need)


def is_opened(need: Need) -> bool:
    """Whether the deadline is over and the sealed applications were opened; a withdrawn need never is."""
    if need.state is NeedState.WITHDRAWN or need.closes_at is None or need.closes_at > clock.now():
        return False
    return need.opened_at is not None


def opened() -> Clause:
    """`is_opened` as a WHERE clause over Need."""
    return sa.and_(Need.closes_at <= clock.now(), Need.opened_at.is_not(None), Need.state != NeedState.WITHDRAWN)


def unsealed() -> Clause:
    """`not is_sealed` as a WHERE clause over Application joined with Need."""
    return sa.and_(
        Application.state.not_in((ApplicationState.DRAFT, ApplicationState.WITHDRAWN)),
        Application.need_id.in_(sa.select(Need.id).where(opened())),
    )


def sealed_subjects() -> sa.Select[str]:
    """The ledger's subjects of every application that is still sealed.

    A page that shows the ledger leaves them out: `LedgerEntry.subject.not_in(policy.sealed_subjects())`. The rows stay in
    the chain, so `ledger.verify` counts them.
    """
    return sa.select(sa.literal("application:") + Application.ref).where(sa.not_(unsealed()))


def _application(user: User | None, application: Application) -> bool:
    if user is None:
        return False
    if _works_for(user) == application.organisation_id or Party.PARTNER in parties(user, application):
        return True
    if is_sealed(application):
        return False
    return _is_inside(user) or Party.REVIEWER in parties(user, application)


def _joined(user: User) -> sa.Select[Any]:
    """The joint applications in which this person's organisation takes part or is asked to."""
    return sa.select(ApplicationPartner.application_id).where(
        ApplicationPartner.organisation_id == _works_for(user), ApplicationPartner.answer != PartnerAnswer.DECLINED
    )


def _tied_by_partner(user: User) -> sa.Select[Any]:
    """Applications that a tie to one of the partners keeps from this reviewer."""
    return sa.select(ApplicationPartner.application_id).where(
        ApplicationPartner.answer == PartnerAnswer.CONFIRMED,
        sa.not_(ties.free(user, ApplicationPartner.organisation_id)),
    )


def _applications(user: User | None) -> Clause:
    if user is None:
        return sa.false()
    ways: list[Clause] = [Application.organisation_id == _works_for(user), Application.id.in_(_joined(user))]
    if _is_inside(user):
        ways.append(unsealed())
    if user.active and Role.REVIEWER in user.roles:
        mine = (
            sa.select(ReviewRound.need_id)
            .join(Panelist)
            .where(Panelist.user_id == user.id, Panelist.declared_at.is_not(None))
        )
        ways.append(
            sa.and_(
                unsealed(),
                Application.state.in_(APPLICATION_READ),
                Application.need_id.in_(mine),
                ties.free(user, Application.organisation_id),
                Application.id.not_in(_tied_by_partner(user)),
            )
        )
    return sa.or_(*ways)


def _project(_user: User | None, _project: Project) -> bool:
    return True


def _projects(_user: User | None) -> Clause:
    return sa.true()


def _notice(user: User | None, notice: Notice) -> bool:
    return notice.state in NOTICE_PUBLIC or _is_inside(user)


def _notices(user: User | None) -> Clause:
    return sa.true() if _is_inside(user) else Notice.state.in_(NOTICE_PUBLIC)


def _objection(user: User | None, _objection: Objection) -> bool:
    """An objector's name is for the street and the auditor alone, not even for the service centre."""
    return user is not None and user.active and bool(user.roles & OBJECTION_ROLES)


def _objections(user: User | None) -> Clause:
    known = user is not None and user.active and bool(user.roles & OBJECTION_ROLES)
    return sa.true() if known else sa.false()


def _of_project(user: User | None, row: Report | Visit | Rectification) -> bool:
    """What happens inside a project: its organisation, the street's people and its supervisors."""
    if user is None:
        return False
    if _is_inside(user) or _works_for(user) == row.project.organisation_id:
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
        if _is_inside(user):
            return sa.true()
        own = sa.select(Project.id).where(Project.organisation_id == _works_for(user))
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


def _round(user: User | None, round_: ReviewRound) -> bool:
    return _is_inside(user) or Party.REVIEWER in parties(user, round_)


def _rounds(user: User | None) -> Clause:
    if user is None:
        return sa.false()
    if _is_inside(user):
        return sa.true()
    if not user.active or Role.REVIEWER not in user.roles:
        return sa.false()
    return ReviewRound.id.in_(sa.select(Panelist.round_id).where(Panelist.user_id == user.id))


def _closing(user: User | None, report: ClosingReport) -> bool:
    if user is None:
        return False
    if _works_for(user) == report.project.organisation_id:
        return True
    if report.state is ClosingState.DRAFT:
        return False
    return _is_inside(user) or bool(parties(user, report) & {Party.INSPECTOR, Party.JUDGE, Party.SUPERVISOR})


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
    own = ClosingReport.project_id.in_(sa.select(Project.id).where(Project.organisation_id == _works_for(user)))
    handed_in = ClosingReport.state != ClosingState.DRAFT
    if _is_inside(user):
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
    if _works_for(user) == assessment.project.organisation_id:
        return assessment.state in ASSESSMENT_TOLD
    return _is_inside(user) or bool(parties(user, assessment) & {Party.INSPECTOR, Party.JUDGE, Party.SUPERVISOR})


def _assessments(user: User | None) -> Clause:
    final = Assessment.state == AssessmentState.FINAL
    if user is None:
        return final
    if _is_inside(user):
        return sa.true()
    mine = sa.select(Project.id).where(Project.organisation_id == _works_for(user))
    own = sa.and_(Assessment.project_id.in_(mine), Assessment.state.in_(ASSESSMENT_TOLD))
    if not user.active:
        return sa.or_(final, own)
    seats = sa.select(Project.id).where(_judged_projects(user), Project.organisation_id != (_works_for(user) or 0))
    return sa.or_(final, own, Assessment.project_id.in_(seats))


def _event(user: User | None, event: Event) -> bool:
    """Everybody from its announcement on; what was cancelled before that stays inside."""
    if event.state in EVENT_PUBLIC or _is_inside(user):
        return True
    return event.state is EventState.CANCELLED and event.announced_at is not None


def _events(user: User | None) -> Clause:
    if _is_inside(user):
        return sa.true()
    told = sa.and_(Event.state == EventState.CANCELLED, Event.announced_at.is_not(None))
    return sa.or_(Event.state.in_(EVENT_PUBLIC), told)


def _library_entry(user: User | None, entry: LibraryEntry) -> bool:
    """Everybody while it is published; what is being written of the next version is never on the row's own columns."""
    return entry.state is LibraryState.PUBLISHED or _is_inside(user)


def _library(user: User | None) -> Clause:
    return sa.true() if _is_inside(user) else LibraryEntry.state == LibraryState.PUBLISHED


def _hearing(user: User | None, hearing: Hearing) -> bool:
    """Whom the street asked, and those who may read the objection itself."""
    return _works_for(user) == hearing.organisation_id or _objection(user, hearing.objection)


def _hearings(user: User | None) -> Clause:
    return sa.or_(_objections(user), Hearing.organisation_id == _works_for(user))


def _support_line(user: User | None, line: SupportLine) -> bool:
    """What the street has confirmed is for everybody, the rest for the organisation and the street."""
    if line.opened_at is not None:
        return True
    return _is_inside(user) or _works_for(user) == line.project.organisation_id


def _support_lines(user: User | None) -> Clause:
    if _is_inside(user):
        return sa.true()
    own = sa.select(Project.id).where(Project.organisation_id == _works_for(user))
    return sa.or_(SupportLine.opened_at.is_not(None), SupportLine.project_id.in_(own))


def _pledge(user: User | None, pledge: Pledge) -> bool:
    """A pledge is between its foundation, the organisation and the street; everybody reads sums only."""
    if _is_inside(user) or supporting.foundation_id(user) == pledge.foundation_id:
        return True
    return _works_for(user) == pledge.line.project.organisation_id


def _pledges(user: User | None) -> Clause:
    if _is_inside(user):
        return sa.true()
    own = sa.select(SupportLine.id).join(Project).where(Project.organisation_id == _works_for(user))
    return sa.or_(Pledge.foundation_id == supporting.foundation_id(user), Pledge.line_id.in_(own))


RULES: dict[type, tuple[Callable[[User | None, Any], bool], Callable[[User | None], Clause]]] = {
    Need: (_need, _needs),
    Organisation: (_organisation, _organisations),
    Application: (_application, _applications),
    Project: (_project, _projects),
    Notice: (_notice, _notices),
    Objection: (_objection, _objections),
    Hearing: (_hearing, _hearings),
    SupportLine: (_support_line, _support_lines),
    Pledge: (_pledge, _pledges),
    Report: (_of_project, _all_of_project(Report)),
    Visit: (_of_project, _all_of_project(Visit)),
    Rectification: (_of_project, _all_of_project(Rectification)),
    ReviewRound: (_round, _rounds),
    ClosingReport: (_closing, _closings),
    Assessment: (_assessment, _assessments),
    Event: (_event, _events),
    LibraryEntry: (_library_entry, _library),
}


def can_see(user: User | None, row: Any) -> bool:
    """Whether `user` (None: a visitor) may know of this record at all."""
    return RULES[type(row)][0](user, row)


def visible(user: User | None, model: type) -> Clause:
    """`can_see` as a WHERE clause over `model`."""
    return RULES[model][1](user)


def find(model: type[T], ref: str, user: User | None) -> T:
    """The record with this reference. Raises Missing when there is none and when this person must not know of it."""
    row: T | None = db.session.scalar(sa.select(model).where(model.ref == ref))  # type: ignore[attr-defined, arg-type]
    if row is None or not can_see(user, row):
        raise Missing(ref)
    return row


def require(user: User | None, row: Any, *wanted: Party) -> None:
    """Raises Missing unless `user` is one of these parties to the record: pages that only some of its viewers have."""
    if not parties(user, row) & set(wanted):
        raise Missing(getattr(row, "ref", ""))
