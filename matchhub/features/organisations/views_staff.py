"""Organisations as the street sees them: the register, verification, standing."""

from __future__ import annotations

from typing import Any

from flask import abort, request, url_for

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged
from matchhub.domain import admitting, coding, declarations, lifecycle, noticing, paths, policy, roles
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.models import Organisation, OrganisationState
from matchhub.domain.parties import Party
from matchhub.features import kit
from matchhub.features.organisations import lists, queries, service
from matchhub.features.organisations.forms import DecisionForm, StandingForm
from matchhub.features.organisations.views import bp
from matchhub.features.organisations.words import PURPOSES

DECISIONS = {move.action: move for move in LIVES[Organisation].moves if move.page == "organisations.decide"}


@bp.get("/staff/orgs")
@access(roles.INSIDE)
def staff_index() -> Any:
    filters = queries.filters(request.path, request.args, staff=True)
    page = paged(lists.office(actor(), filters).query)
    return kit.shown(
        "organisations/staff_index.html", filters=filters, page=page, codes=queries.codes_of(page.rows),
        expiries=queries.expiries(page.rows),
    )  # fmt: skip


@kit.offer_export(bp, "staff_index", "/staff/orgs", roles.INSIDE)
def _staff_list() -> Any:
    return lists.office(actor(), queries.filters(request.path, request.args, staff=True))


@bp.get("/staff/orgs/<ref>")
@access(roles.INSIDE)
def staff_show(ref: str) -> Any:
    org = policy.find(Organisation, ref, actor())
    return kit.shown(
        "organisations/staff_show.html", org=org, codes=coding.codes_of(org), papers=queries.documents(org),
        titles=PURPOSES, kinds=declarations.KINDS, declared=declarations.newest(org.id),
        runs_out=queries.runs_out, carried=queries.projects(actor(), org),
        offers=kit.offers(org, actor()), history=queries.history(org),
        may_record=bool(roles.STREET & actor().role_codes), notices=noticing.about(organisation=org),
        may_notice=org.state is OrganisationState.PENDING and bool(roles.STREET & actor().role_codes)
        and admitting.open_notice(org) is None,
    )  # fmt: skip


@bp.route("/staff/orgs/<ref>/decide", methods=["GET", "POST"])
@access(roles.OFFICE)
def decide(ref: str) -> Any:
    org = policy.find(Organisation, ref, actor())
    policy.require(actor(), org, Party.OFFICE, Party.APPROVER, Party.CENTRE)
    action = request.args.get("action", "")
    if action not in DECISIONS:
        abort(404)
    if request.method == "GET" and (why := lifecycle.refusal(org, action, actor(), clock.now())):
        raise why
    form = DecisionForm(data={"version": org.version})
    if form.validate_on_submit():
        try:
            service.decide(actor(), org, action, form.reason.data or "", form.seen_version())
            return done(_("已办理，机构会收到消息。"), paths.path(org, paths.STAFF))
        except Refused as no:
            form.refuse("reason", str(no))
    needed = action in service.NEEDS_REASON
    return kit.shown("organisations/decide.html", form, org=org, move=DECISIONS[action], needed=needed)


@bp.route("/staff/orgs/<ref>/standing", methods=["GET", "POST"])
@access(roles.STREET)
def standing(ref: str) -> Any:
    org = policy.find(Organisation, ref, actor())
    form = StandingForm(obj=org)
    if form.validate_on_submit():
        try:
            values = {name: form[name].data for name in service.STANDING}
            service.set_standing(actor(), org, values, form.seen_version())
            return done(_("已登记。"), url_for("organisations.staff_show", ref=ref))
        except Refused as no:
            form.form_errors.append(str(no))
    return kit.shown("organisations/standing.html", form, org=org)
