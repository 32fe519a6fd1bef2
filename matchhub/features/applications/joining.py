"""Joint applications: asking partners, and their answers. The rules are in domain/application_form/partners.py."""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.core.i18n import _
from matchhub.domain import application_form as form
from matchhub.domain import lifecycle, messages, paths
from matchhub.domain.lifecycle import application as guards
from matchhub.domain.models import (
    Application,
    ApplicationPartner,
    ApplicationState,
    Organisation,
    PartnerAnswer,
    User,
)
from matchhub.domain.parties import Party, parties, people

S = ApplicationState
BEFORE_DEADLINE = (S.DRAFT, S.SUBMITTED, S.WITHDRAWN)
WAITING = ("new", "declined", "changed")


def why_not_ask(application: Application) -> str | None:
    """Why partners cannot be asked or answer now; None when they can."""
    now = clock.now()
    if not application.need.joint_allowed:
        return _("本需求不接受联合申报。")
    if application.state in BEFORE_DEADLINE:
        return guards.call_open(application, now)
    if application.state is S.CORRECTION and "organisation" in application.correction_parts:
        return guards.within_correction(application, now)
    return _("申报书已经进入审查，联合申报的安排不能再改。")


@command
def ask_partners(actor: User, application: Application) -> list[str]:
    """Ask every partner on the platform that has not agreed to the present terms; the names of those asked."""
    if Party.OWNER not in parties(actor, application):
        raise NotYours(_("只有申报机构的人可以邀请联合申报机构。"))
    if why := why_not_ask(application):
        raise NotNow(why)
    wanted = [one for one in form.shares(application, application.body.document) if one.stand in WAITING]
    if not wanted:
        raise Refused(_("没有需要再邀请的机构：平台上的联合机构都已经邀请过了。"))
    for one in wanted:
        assert one.organisation is not None  # who stands outside is never waiting for an answer
        _ask(actor, application, one, one.organisation)
    lifecycle.record(actor, application, "ask_partner", {"partners": len(wanted)})
    return [one.name for one in wanted]


def _ask(actor: User, application: Application, share: form.Share, organisation: Organisation) -> None:
    row = share.row or ApplicationPartner(application_id=application.id, organisation_id=organisation.id)
    row.answer, row.terms_sha256, row.note = PartnerAnswer.ASKED, share.terms_sha256, ""
    row.asked_at, row.asked_by_id, row.answered_at, row.answered_by_id = clock.now(), actor.id, None, None
    db.session.add(row)
    db.session.flush()
    to = [one for one in people(application, Party.PARTNER) if one.organisation_id == organisation.id]
    _send("ask_partner", to, application, note=application.organisation.name)


@command
def confirm(actor: User, application: Application, seen_terms: str) -> None:
    """Agree to the terms that the page showed. Raises Refused when they have changed since, or bind elsewhere."""
    share = _mine(actor, application)
    assert share.row is not None
    if share.row.answer is PartnerAnswer.CONFIRMED and share.terms_sha256 == share.row.terms_sha256:
        return
    if share.terms_sha256 != seen_terms:
        raise NotNow(_("申报机构刚刚改过分工。请看过新的分工再确认。"))
    if why := form.why_bound(actor.organisation, application) if actor.organisation else None:
        raise NotNow(why)
    share.row.terms_sha256 = share.terms_sha256
    _answered(actor, application, share.row, PartnerAnswer.CONFIRMED)
    lifecycle.record(actor, application, "confirm_partner")
    _send("confirm_partner", people(application, Party.OWNER), application, note=share.name)


@command
def decline(actor: User, application: Application, note: str) -> None:
    """Say no, or step back before the application is submitted. The application is no longer to be seen then."""
    share = _mine(actor, application)
    assert share.row is not None
    if share.row.answer is PartnerAnswer.CONFIRMED and application.state is S.SUBMITTED:
        raise NotNow(_("申报书已经提交。要退出请联系申报机构：请它撤回申报，或改好分工后重新提交。"))
    owners = people(application, Party.OWNER)
    share.row.note = note
    _answered(actor, application, share.row, PartnerAnswer.DECLINED)
    lifecycle.record(actor, application, "decline_partner")
    _send("decline_partner", owners, application, note=share.name)


def _answered(actor: User, application: Application, row: ApplicationPartner, answer: PartnerAnswer) -> None:
    row.answer, row.answered_at, row.answered_by_id = answer, clock.now(), actor.id
    db.session.flush()


def _mine(actor: User, application: Application) -> form.Share:
    """The actor's own line of the division of work. Raises NotYours or NotNow."""
    if Party.PARTNER not in parties(actor, application):
        raise NotYours(_("贵机构没有被邀请参加这份申报。"))
    if why := why_not_ask(application):
        raise NotNow(why)
    share = share_of(application, actor.organisation)
    if share is None or share.row is None:
        raise NotNow(_("申报机构已经改了联合申报的安排，贵机构不在里面了。"))
    return share


def share_of(application: Application, organisation: Organisation | None) -> form.Share | None:
    """The line of the present division of work that speaks of this organisation."""
    listed = form.shares(application, application.body.document)
    return next((one for one in listed if one.organisation and one.organisation is organisation), None)


def drop_absent(actor: User, application: Application) -> None:
    """Whoever the division of work no longer names is out; called when that part is saved, inside its command."""
    named = {one.organisation.id for one in form.shares(application, application.body.document) if one.organisation}
    for row in form.partner_rows(application):
        if row.organisation_id in named:
            continue
        to = [one for one in people(application, Party.PARTNER) if one.organisation_id == row.organisation_id]
        _send("drop_partner", to, application, url="/my/partnerships")
        db.session.delete(row)
        lifecycle.record(actor, application, "drop_partner")


def _send(deed: str, to: list[User], application: Application, note: str = "", url: str | None = None) -> None:
    where = url or paths.path(application, paths.MY)
    messages.send(f"application.{deed}", to, messages.title_of(application), where, note)


# --- what a partner lists ------------------------------------------------------------------------------------------


def joined(user: User) -> sa.Select[ApplicationPartner]:
    """The joint applications in which this person's organisation takes part or is asked to, newest first."""
    return (
        sa.select(ApplicationPartner)
        .where(
            ApplicationPartner.organisation_id == user.organisation_id,
            ApplicationPartner.answer != PartnerAnswer.DECLINED,
        )
        .order_by(ApplicationPartner.asked_at.desc(), ApplicationPartner.id.desc())
    )
