"""Matching as the street and the organisations see it. Everything here is advice, and says so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, url_for

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done
from matchhub.domain import policy, roles
from matchhub.domain.models import InvitationAnswer, Need, NeedPhase, Organisation
from matchhub.features import kit
from matchhub.features.matching import digest, queries, service  # noqa: F401 - the digest runs by the clock
from matchhub.features.matching.chance import fair_chance
from matchhub.features.matching.forms import AnswerForm, InviteForm
from matchhub.matching import brands, fitting

bp = Blueprint("matching", __name__)
YEAR = timedelta(days=365)


@bp.get("/staff/matching")
@access(roles.INSIDE)
def index() -> Any:
    needs = queries.current(actor())
    return kit.shown("matching/index.html", needs=needs, invited=queries.invited_counts(needs))


@bp.route("/staff/needs/<ref>/matches", methods=["GET", "POST"])
@access(get=roles.INSIDE, post=roles.OFFICE)
def need(ref: str) -> Any:
    """The ranking of a need that looks for organisations; of another one only what was suggested and done."""
    wanted = policy.find(Need, ref, actor())
    lines = queries.lines(service.ranked(wanted)) if wanted.state in queries.LOOKING else []
    form = InviteForm()
    form.organisations.choices = [(line.organisation.ref, line.organisation.name) for line in lines]
    if form.validate_on_submit():
        try:
            service.invite(actor(), wanted, service.named(form.organisations.data), form.note.data)
            return done(_("已发出邀请，名次和各项得分已存档。"), url_for("matching.need", ref=ref))
        except Refused as no:
            form.form_errors.append(str(no))
    invited = queries.invitations(wanted)
    return kit.shown(
        "matching/need.html",
        form,
        need=wanted,
        lines=lines,
        first=queries.FIRST,
        invited=invited,
        outcomes=queries.outcomes(actor(), wanted, invited),
        runs=queries.runs(wanted),
        may_invite=wanted.phase is NeedPhase.OPEN and bool(roles.OFFICE & actor().role_codes),
    )


@bp.get("/staff/needs/<ref>/matches/<int(max=999999):number>")
@access(roles.INSIDE)
def run(ref: str, number: int) -> Any:
    wanted = policy.find(Need, ref, actor())
    kept = queries.run_of(wanted, number) or abort(404)
    return kit.shown("matching/run.html", need=wanted, run=kept, lines=queries.kept_lines(kept))


@bp.get("/staff/matching/chance")
@access(roles.INSIDE)
def chance() -> Any:
    return kit.shown("matching/chance.html", chance=fair_chance(clock.now() - YEAR))


@bp.get("/staff/orgs/<ref>/fits")
@access(roles.INSIDE)
def organisation(ref: str) -> Any:
    org = policy.find(Organisation, ref, actor())
    fits = fitting.fits(org.id, queries.current(actor()))
    return kit.shown(
        "matching/organisation.html",
        org=org,
        fits=fits,
        communities=queries.communities_for(org),
        brands=brands.fits(org),
    )


@bp.get("/my/matches")
@access(roles.ORGANISATION)
def mine() -> Any:
    org = actor().organisation or abort(404)
    return kit.shown(
        "matching/mine.html",
        fits=fitting.fits(org.id, fitting.taking_applications()),
        communities=queries.communities_for(org),
        brands=brands.fits(org),
        invitations=queries.my_invitations(org),
    )


@bp.route("/my/matches/<ref>/answer", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def answer(ref: str) -> Any:
    wanted = policy.find(Need, ref, actor())
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            service.answer(actor(), wanted, InvitationAnswer(form.answer.data), form.reason.data)
            return done(_("已答复街道的邀请。"), url_for("matching.mine"))
        except Refused as no:
            form.form_errors.append(str(no))
    return kit.shown("matching/answer.html", form, need=wanted)
