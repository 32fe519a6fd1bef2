"""Records that become public at some state of their life, and what is said about them in confidence."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.domain.models import (
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
    Role,
    User,
)
from matchhub.domain.policy.viewers import Clause, Rules, is_inside, raises_for, works_for

NEED_PUBLIC = {NeedState.OPEN, NeedState.REVIEWING, NeedState.NOTICE, NeedState.MATCHED, NeedState.FAILED,
               NeedState.CANCELLED, NeedState.WITHDRAWN}  # fmt: skip
ORGANISATION_PUBLIC = {OrganisationState.ADMITTED, OrganisationState.SUSPENDED, OrganisationState.LEFT}
NOTICE_PUBLIC = {NoticeState.PUBLISHED, NoticeState.AMENDED, NoticeState.REVOKED, NoticeState.CONCLUDED}
EVENT_PUBLIC = {EventState.OPEN, EventState.RUNNING, EventState.ENDED, EventState.PUBLISHED}
OBJECTION_ROLES = {Role.STREET_STAFF, Role.STREET_APPROVER, Role.AUDITOR}


def _need(user: User | None, need: Need) -> bool:
    return need.state in NEED_PUBLIC or is_inside(user) or need.drafted_by_id == raises_for(user)


def _needs(user: User | None) -> Clause:
    if is_inside(user):
        return sa.true()
    return sa.or_(Need.state.in_(NEED_PUBLIC), Need.drafted_by_id == raises_for(user))


def _organisation(user: User | None, organisation: Organisation) -> bool:
    return organisation.state in ORGANISATION_PUBLIC or is_inside(user) or works_for(user) == organisation.id


def _organisations(user: User | None) -> Clause:
    if is_inside(user):
        return sa.true()
    return sa.or_(Organisation.state.in_(ORGANISATION_PUBLIC), Organisation.id == works_for(user))


def _notice(user: User | None, notice: Notice) -> bool:
    return notice.state in NOTICE_PUBLIC or is_inside(user)


def _notices(user: User | None) -> Clause:
    return sa.true() if is_inside(user) else Notice.state.in_(NOTICE_PUBLIC)


def _objection(user: User | None, _objection: Objection) -> bool:
    """An objector's name is for the street and the auditor alone, not even for the service centre."""
    return user is not None and user.active and bool(user.roles & OBJECTION_ROLES)


def _objections(user: User | None) -> Clause:
    known = user is not None and user.active and bool(user.roles & OBJECTION_ROLES)
    return sa.true() if known else sa.false()


def _hearing(user: User | None, hearing: Hearing) -> bool:
    """Whom the street asked, and those who may read the objection itself."""
    return works_for(user) == hearing.organisation_id or _objection(user, hearing.objection)


def _hearings(user: User | None) -> Clause:
    return sa.or_(_objections(user), Hearing.organisation_id == works_for(user))


def _event(user: User | None, event: Event) -> bool:
    """Everybody from its announcement on; what was cancelled before that stays inside."""
    if event.state in EVENT_PUBLIC or is_inside(user):
        return True
    return event.state is EventState.CANCELLED and event.announced_at is not None


def _events(user: User | None) -> Clause:
    if is_inside(user):
        return sa.true()
    told = sa.and_(Event.state == EventState.CANCELLED, Event.announced_at.is_not(None))
    return sa.or_(Event.state.in_(EVENT_PUBLIC), told)


def _library_entry(user: User | None, entry: LibraryEntry) -> bool:
    """Everybody while it is published; what is being written of the next version is never on the row's own columns."""
    return entry.state is LibraryState.PUBLISHED or is_inside(user)


def _library(user: User | None) -> Clause:
    return sa.true() if is_inside(user) else LibraryEntry.state == LibraryState.PUBLISHED


RULES: Rules = {
    Need: (_need, _needs),
    Organisation: (_organisation, _organisations),
    Notice: (_notice, _notices),
    Objection: (_objection, _objections),
    Hearing: (_hearing, _hearings),
    Event: (_event, _events),
    LibraryEntry: (_library_entry, _library),
}
