"""What waits for a person: derived from the state of the records and their clocks, never ticked off by hand.

Each duty reads its records in one statement and hides what its reader may not know. A duty disappears when the deed is
done, because the state has changed.
"""

from __future__ import annotations

from collections.abc import Callable

from matchhub.domain.models import Role, User
from matchhub.domain.todo import (
    admission,
    approver,
    channel,
    events,
    exclusions,
    invitations,
    joint,
    judging,
    openings,
    organisations,
    others,
    street_needs,
    street_projects,
    support,
)
from matchhub.domain.todo.base import Area, Asking, Duty, Todo, answered

__all__ = ["DUTIES", "Area", "Duty", "Todo", "gather", "mine", "next_up", "waiting_for_others"]

LAST = "9999"
ORG = frozenset({Role.ORG_ADMIN, Role.ORG_MEMBER})
STAFF = frozenset({Role.STREET_STAFF})
APPROVER = frozenset({Role.STREET_APPROVER})
STREET = STAFF | APPROVER
CENTRE = frozenset({Role.CENTRE_STAFF})
REVIEWER = frozenset({Role.REVIEWER})
# People of the street supervise as well, on the line of guidance (引导).
SUPERVISING = frozenset({Role.SUPERVISOR, Role.STREET_STAFF})
JUDGING = SUPERVISING | APPROVER | REVIEWER


def _duties(roles: frozenset[Role], *found: Callable[[User], list[Todo] | Asking]) -> list[Duty]:
    return [Duty(roles, find) for find in found]


DUTIES: list[Duty] = [
    *_duties(ORG, admission.profile, admission.documents, organisations.applications, organisations.projects,
             organisations.reports, organisations.hearings, organisations.visits, organisations.rectifications, joint.partnerships),
    *_duties(STAFF | CENTRE, street_needs.organisations),
    *_duties(STAFF, street_needs.needs, street_needs.questions, street_needs.eligibility, street_needs.rounds,
             street_projects.projects, street_projects.payments, street_projects.reports, street_projects.closings, street_projects.assessments),
    *_duties(STREET, street_needs.notices, street_needs.objections, street_projects.visits,
             street_projects.rectifications),
    *_duties(APPROVER, approver.needs, approver.failed_calls, approver.answers, approver.rounds, approver.ties_to_undo, approver.assessments),
    *_duties(STREET | CENTRE, events.hosting),
    *_duties(ORG, events.presenting, invitations.unanswered),
    *_duties(ORG, exclusions.may_object, exclusions.declarations),
    *_duties(APPROVER, exclusions.to_decide),
    *_duties(STREET, openings.to_open),
    *_duties(openings.ROLES, openings.held, openings.passphrase),
    *_duties(REVIEWER, events.judging, judging.reviews, judging.discussions, judging.scales),
    *_duties(SUPERVISING, judging.visits, judging.rectifications),
    *_duties(JUDGING, judging.closings),
    *_duties(frozenset({Role.NEIGHBOURHOOD}), others.neighbourhood),
    *_duties(frozenset({Role.FOUNDATION}), others.foundation, support.giving),
    *_duties(ORG, support.asking, support.receiving),
    *_duties(STAFF, support.confirming),
    *_duties(ORG, channel.asked, channel.coached),
    *_duties(STAFF | CENTRE, channel.to_answer),
    *_duties(APPROVER, channel.overdue),
    *_duties(frozenset({Role.AUDITOR}), others.ledger, others.open_objections),
    *_duties(frozenset({Role.SYSADMIN}), others.deliveries, others.calendar),
]  # fmt: skip


def gather(user: User) -> list[Todo]:
    """Everything that waits for this person or, around them, for others; what is due first comes first."""
    roles = user.roles
    found = answered(user, (duty.find(user) for duty in DUTIES if duty.roles & roles))
    return sorted(_without_doubles(found), key=_order)


def _without_doubles(found: list[Todo]) -> list[Todo]:
    """Who holds several roles may meet a record from several sides: what is to be done hides what is waited for."""
    own = {(todo.kind, todo.subject_ref) for todo in found if not todo.waits_for}
    kept: dict[tuple[str, str, bool], Todo] = {}
    for todo in found:
        key = (todo.kind, todo.subject_ref)
        if not (todo.waits_for and key in own):
            kept.setdefault((*key, bool(todo.waits_for)), todo)
    return list(kept.values())


def _order(todo: Todo) -> tuple[str, str, str, str]:
    """By day, then by moment (a day without one comes last), then by how long it has waited."""
    day = todo.due_day
    moment = todo.due_at.isoformat() if todo.due_at else LAST
    return day.isoformat() if day else LAST, moment, todo.since.isoformat() if todo.since else LAST, todo.subject_ref


def mine(found: list[Todo]) -> list[Todo]:
    """What is to be done by this person now."""
    return [todo for todo in found if not todo.waits_for and not todo.is_next]


def waiting_for_others(found: list[Todo]) -> list[Todo]:
    """What somebody else must do first."""
    return [todo for todo in found if todo.waits_for]


def next_up(found: list[Todo]) -> Todo | None:
    """What comes next although it is not to be done yet: for an empty list."""
    return next((todo for todo in found if todo.is_next), None)
