"""Applications, sealed until their need is opened, and the rounds in which they are reviewed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.standing import NOW
from matchhub.domain import ties
from matchhub.domain.models import (
    Application,
    ApplicationPartner,
    ApplicationState,
    Need,
    NeedState,
    Panelist,
    PartnerAnswer,
    ReviewRound,
    Role,
    User,
)
from matchhub.domain.parties import Party, parties
from matchhub.domain.policy.viewers import Clause, Rules, is_inside, works_for

APPLICATION_READ = {ApplicationState.QUALIFIED, ApplicationState.PROPOSED, ApplicationState.AWARDED,
                    ApplicationState.NOT_SELECTED}  # fmt: skip


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
    return sa.and_(Need.closes_at <= NOW, Need.opened_at.is_not(None), Need.state != NeedState.WITHDRAWN)


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
    if works_for(user) == application.organisation_id or Party.PARTNER in parties(user, application):
        return True
    if is_sealed(application):
        return False
    return is_inside(user) or Party.REVIEWER in parties(user, application)


def _joined(user: User) -> sa.Select[Any]:
    """The joint applications in which this person's organisation takes part or is asked to."""
    return sa.select(ApplicationPartner.application_id).where(
        ApplicationPartner.organisation_id == works_for(user), ApplicationPartner.answer != PartnerAnswer.DECLINED
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
    ways: list[Clause] = [Application.organisation_id == works_for(user), Application.id.in_(_joined(user))]
    if is_inside(user):
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


def _round(user: User | None, round_: ReviewRound) -> bool:
    return is_inside(user) or Party.REVIEWER in parties(user, round_)


def _rounds(user: User | None) -> Clause:
    if user is None:
        return sa.false()
    if is_inside(user):
        return sa.true()
    if not user.active or Role.REVIEWER not in user.roles:
        return sa.false()
    return ReviewRound.id.in_(sa.select(Panelist.round_id).where(Panelist.user_id == user.id))


RULES: Rules = {
    Application: (_application, _applications),
    ReviewRound: (_round, _rounds),
}
