"""Pages of pledges: making one, answering it, and accounting for what it brought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import render_template, request

from matchhub.core import ledger
from matchhub.core.access import access
from matchhub.core.errors import Missing
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged
from matchhub.domain import deeds, lifecycle, paths, policy, roles, supporting
from matchhub.domain.models import EntryKind, Pledge, SupportLine
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.support import lists, queries, service
from matchhub.features.support.forms import EntryForm, PledgeForm, ReasonForm, ReportForm
from matchhub.features.support.views import bp

AROUND = roles.ORGANISATION | roles.FOUNDATION | roles.INSIDE
PLEDGE_ENDS = {"decline", "withdraw"}


@bp.route("/support/<ref>/pledge", methods=["GET", "POST"])
@access(roles.FOUNDATION)
def pledge(ref: str) -> Any:
    line = policy.find(SupportLine, ref, actor())
    form = PledgeForm(data={"version": str(line.version)})
    form.fit(line.kind)
    if form.validate_on_submit():
        with kit.refusals(form):
            values = (form.quantity, form.details.data or "", form.conditions.data or "", form.seen_version())
            made = service.pledge(actor(), line, *values)
            return done(_("支持意向已提出，机构和街道会收到消息。"), paths.path(made))
    rest = supporting.left(line)
    return kit.shown("support/pledge.html", form, line=line, rest=supporting.amount_words(line.kind, rest),
                            asking=supporting.is_asking(line) and rest > 0, own=queries.own_standing(actor(), line))  # fmt: skip


@bp.get("/fund/pledges")
@access(roles.FOUNDATION)
def my_pledges() -> Any:
    page = paged(lists.pledges(actor()).query)
    return render_template(
        "support/my_pledges.html", page=page, brought=queries.brought(queries.all_pledges_of(actor())),
        amount=supporting.amount_words,
    )  # fmt: skip


@kit.offer_export(bp, "my_pledges", "/fund/pledges", roles.FOUNDATION)
def _pledges_list() -> Any:
    return lists.pledges(actor())


@bp.get("/pledges/<ref>")
@access(AROUND)
def show_pledge(ref: str) -> Any:
    one = policy.find(Pledge, ref, actor())
    mine = parties(actor(), one)
    return render_template(
        "support/show_pledge.html", one=one, line=one.line, amount=supporting.amount_words, files_of=queries.files_of(one),
        kinds=supporting.KIND_WORDS, offers=kit.offers(one, actor()), receipt=EntryKind.RECEIPT,
        may_receive=queries.takes_receipts(one) and bool(mine & {Party.OWNER, Party.OFFICE}),
        may_use=queries.takes_uses(one) and Party.OWNER in mine,
        history=deeds.timeline(ledger.history(f"pledge:{ref}")),
    )  # fmt: skip


@bp.post("/pledges/<ref>/<any(accept):action>")
@access(roles.ORGANISATION | roles.STREET)
def move_pledge(ref: str, action: str) -> Any:
    one = policy.find(Pledge, ref, actor())
    policy.require(actor(), one, Party.OWNER, Party.OFFICE, Party.APPROVER)
    service.accept(actor(), one, kit.seen_version())
    return done(_("已接受，基金会会收到消息。"), paths.path(one))


@bp.route("/pledges/<ref>/reason", methods=["GET", "POST"])
@access(roles.ORGANISATION | roles.STREET | roles.FOUNDATION)
def reason_pledge(ref: str) -> Any:
    one = policy.find(Pledge, ref, actor())
    action = request.args.get("action", "")
    move = lifecycle.engine.find(one, action)
    if action not in PLEDGE_ENDS or move is None or not set(move.by) & parties(actor(), one):
        raise Missing(ref)
    form = ReasonForm(data={"version": str(one.version)})
    if form.validate_on_submit():
        with kit.refusals(form):
            service.end_pledge(actor(), one, action, form.reason.data, form.seen_version())
            return done(_("已办理。"), paths.path(one))
    return kit.shown("support/reason.html", form, subject=one, title=one.line.title, move=move)


@bp.route("/pledges/<ref>/receive", methods=["GET", "POST"])
@access(roles.ORGANISATION | roles.STAFF)
def receive(ref: str) -> Any:
    return _entry(ref, service.receive, _("登记到账"), _("到账已登记，基金会会看到。"), Party.OWNER, Party.OFFICE)


@bp.route("/pledges/<ref>/use", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def use(ref: str) -> Any:
    return _entry(ref, service.use, _("登记使用"), _("使用已登记，基金会会看到。"), Party.OWNER)


def _entry(ref: str, deed: Callable[..., None], title: str, told: str, *wanted: Party) -> Any:
    one = policy.find(Pledge, ref, actor())
    policy.require(actor(), one, *wanted)
    form = EntryForm(data={"version": str(one.version)})
    form.fit(one.line.kind)
    if form.validate_on_submit() and (stored := kit.keep_uploads(form, "files")) is not None:
        with kit.refusals(form):
            values = (form.on_day.data, form.quantity, form.words.data)
            deed(actor(), one, *values, stored=stored, seen=form.seen_version())
            return done(told, paths.path(one))
    return kit.shown("support/entry.html", form, one=one, title=title, amount=supporting.amount_words)


@bp.route("/pledges/<ref>/report", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def report(ref: str) -> Any:
    one = policy.find(Pledge, ref, actor())
    policy.require(actor(), one, Party.OWNER)
    form = ReportForm(data={"version": str(one.version)})
    if form.validate_on_submit():
        with kit.refusals(form):
            service.report(actor(), one, form.outcome.data, form.remainder.data or "", form.seen_version())
            return done(_("已反馈，基金会会收到消息。"), paths.path(one))
    return kit.shown("support/report.html", form, one=one, amount=supporting.amount_words)
