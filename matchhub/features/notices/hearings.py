"""Asking an organisation about an objection, without a word of who raised it, and the organisation's answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.domain import attachments, deadlines, lifecycle, messages, numbering, paths, policy, reference
from matchhub.domain.models import Hearing, Notice, Objection, ObjectionState, Organisation, User
from matchhub.domain.parties import Party, parties, people
from matchhub.features.notices.objections import keep_unnamed


def concerned(notice: Notice) -> list[Organisation]:
    """The organisations that a notice is about: the linked one first, then those named in its table."""
    names = {str(row.get("organisation")) for row in notice.rows if row.get("organisation")}
    found = sa.select(Organisation).where(
        sa.or_(Organisation.id == notice.organisation_id, Organisation.name.in_(sorted(names)))
    )
    rows = db.session.scalars(found.order_by(Organisation.name)).all()
    return sorted(rows, key=lambda one: one.id != notice.organisation_id)


def of_objection(objection: Objection) -> list[Hearing]:
    """Who was asked about an objection, in the order of asking."""
    found = sa.select(Hearing).where(Hearing.objection_id == objection.id).order_by(Hearing.id)
    return list(db.session.scalars(found))


@command
def ask(actor: User, objection: Objection, seen: int | None, organisation: Organisation, statement: str) -> Hearing:
    """Ask an organisation about an objection that is investigated; it reads `statement`, the street's own summary.

    Raises NotNow outside the investigation, for an organisation that the notice does not name, and for one that has
    not answered yet; Reveals when the summary names the objector.
    """
    lifecycle.same_version(objection, seen)
    if not parties(actor, objection) & {Party.OFFICE, Party.APPROVER}:
        raise NotYours(_("只有街道工作人员可以办理异议。"))
    if objection.state is not ObjectionState.INVESTIGATING:
        raise NotNow(_("先受理异议，再请机构说明情况。"))
    if organisation not in concerned(objection.notice):
        raise NotNow(_("这份公示没有涉及这家机构，请重新选择。"))
    if any(one.organisation_id == organisation.id and one.is_open for one in of_objection(objection)):
        raise NotNow(_("已经请这家机构说明情况，正在等它答复。"))
    keep_unnamed(objection, statement, "statement")
    due_on = deadlines.hearing_due_on(clock.now(), objection.answer_due_on, reference.terms(), reference.calendar())
    hearing = Hearing(
        ref=numbering.sealed_ref(numbering.HEARING), objection=objection, notice=objection.notice,
        organisation=organisation, statement=statement, due_on=due_on, asked_by_id=actor.id,
    )  # fmt: skip
    db.session.add(hearing)
    db.session.flush()
    lifecycle.record(actor, hearing, "ask", {"notice": objection.notice.ref, "organisation": organisation.ref})
    team = [user for user in organisation.people if user.active]
    messages.send("hearing.ask", team, objection.notice.title, paths.path(hearing, paths.MY), due_on.isoformat())
    return hearing


@command
def reply(actor: User, hearing: Hearing, seen: int | None, text: str, stored: Sequence[Stored] = ()) -> None:
    """The organisation's answer, given once. The street is told. Raises NotNow when it is answered or decided."""
    lifecycle.same_version(hearing, seen)
    if Party.OWNER not in parties(actor, hearing):
        raise NotYours(_("只有被询问的机构可以答复。"))
    if not hearing.is_open:
        raise NotNow(_("这件事已经答复过，或街道已经作出结论，不能再改。"))
    for one in stored:
        attachments.attach(hearing, "hearing", one, actor)
    hearing.reply, hearing.replied_at, hearing.replied_by_id = text, clock.now(), actor.id
    lifecycle.record(actor, hearing, "reply")
    street = {user.id: user for party in (Party.OFFICE, Party.APPROVER) for user in people(hearing, party)}
    messages.send("hearing.reply", street.values(), hearing.notice.title, paths.path(hearing, paths.STAFF))


def listed(user: User) -> sa.Select[Any]:
    """What this person's organisation was asked, newest first."""
    return (
        sa.select(Hearing)
        .where(policy.visible(user, Hearing), Hearing.organisation_id == user.organisation_id)
        .order_by(Hearing.replied_at.is_not(None), Hearing.id.desc())
    )
