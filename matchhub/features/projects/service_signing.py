"""The agreement of a project: drawing up its text, and putting on record that both sides have signed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from matchhub.core.db import command, db
from matchhub.core.files import Stored
from matchhub.domain import agreeing, attachments, founding, lifecycle, messages
from matchhub.domain.agreeing import Terms
from matchhub.domain.models import Agreement, Project, ProjectState, User
from matchhub.domain.parties import Party
from matchhub.features.projects import rules


@command
def prepare(staff: User, project: Project, terms: Terms, seen: int | None = None) -> Agreement:
    """Draw up the text of the agreement from the newest template; its organisation is told and can read it.

    Raises Refused when the terms break a rule, or the project has started.
    """
    lifecycle.same_version(project, seen)
    rules.must_be(staff, project, Party.OFFICE)
    rules.must_be_in(project, ProjectState.PREPARING)
    rules.refuse(rules.agreement(project, None, terms.starts_on, terms.ends_on, terms.amount_fen, terms.percents))
    rules.refuse(rules.agreement_number(project, terms.number))
    row = agreeing.draw_up(project, terms, staff)
    # What was signed before is agreed no longer: the project cannot start until the new text is signed.
    row.street_signed_on = row.organisation_signed_on = row.signed_by_id = project.signed_on = None
    facts = {"agreement_no": terms.number, "amount_fen": terms.amount_fen, "digest": row.digest}
    lifecycle.record(staff, project, "prepare_agreement", facts | {"template": row.template.number})
    messages.tell(project, "prepare_agreement", (Party.OWNER,), staff)
    return row


@command
def sign(
    staff: User,
    project: Project,
    agreement_no: str,
    signed_on: date,
    starts_on: date,
    ends_on: date,
    amount_fen: int,
    percents: Sequence[int],
    agreement: Sequence[Stored] = (),
    seen: int | None = None,
    organisation_signed_on: date | None = None,
) -> None:
    """Record the signed agreement of a project that has not started; `percents` of signing, mid-term and closing.

    `signed_on` is the day of the street's signature, and of the organisation's unless that is told apart; the agreement
    is dated by the later one. A text drawn up with the same terms stays as it is, otherwise it is made anew. The activity
    plan moves with the agreed period (`founding.schedule`). It may be repeated until the start, or until the first
    payment. Whoever approved the award does not put the agreement on record.
    """
    theirs = organisation_signed_on or signed_on
    lifecycle.same_version(project, seen)
    rules.must_be(staff, project, Party.OFFICE)
    rules.must_be_in(project, ProjectState.PREPARING)
    rules.refuse(rules.agreement(project, max(signed_on, theirs), starts_on, ends_on, amount_fen, percents))
    rules.refuse(rules.agreement_number(project, agreement_no))
    rules.two_people(staff, project)
    row = agreeing.draw_up(project, Terms(agreement_no, starts_on, ends_on, amount_fen, tuple(percents)), staff)
    row.street_signed_on, row.organisation_signed_on, row.signed_by_id = signed_on, theirs, staff.id
    project.agreement_no, project.signed_on = agreement_no, max(signed_on, theirs)
    project.starts_on, project.ends_on, project.amount_fen = starts_on, ends_on, amount_fen
    _carry_plan(project, starts_on, ends_on)
    project.instalments = []
    db.session.flush()  # the old instalments leave before the new ones take their numbers
    project.instalments = founding.instalments(amount_fen, percents)
    for stored in agreement:
        attachments.attach(project, "agreement", stored, staff)
    facts = {"agreement_no": agreement_no, "starts_on": starts_on, "ends_on": ends_on, "amount_fen": amount_fen}
    more = {"signed_on": signed_on, "organisation_signed_on": theirs, "percents": list(percents), "digest": row.digest}
    lifecycle.record(staff, project, "sign", facts | more)
    messages.tell(project, "sign", (Party.OWNER,), staff)


def _carry_plan(project: Project, starts_on: date, ends_on: date) -> None:
    plan = founding.submitted(project.application)["plan"]
    for row, (first, last) in zip(project.plan, founding.schedule(plan, starts_on, ends_on), strict=True):
        row.from_month, row.to_month = first, last
