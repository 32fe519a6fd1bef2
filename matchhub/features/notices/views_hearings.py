"""Asking an organisation about an objection, and the organisation's page: it never learns who objected."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged
from matchhub.domain import attachments, deadlines, paths, policy, reference, roles
from matchhub.domain.models import Hearing
from matchhub.domain.parties import Party
from matchhub.features import kit
from matchhub.features.notices import forms, hearings, lists
from matchhub.features.notices.objections import Reveals
from matchhub.features.notices.views import bp
from matchhub.features.notices.views_objections import _office_objection


@bp.route("/staff/objections/<ref>/ask", methods=["GET", "POST"])
@access(roles.STREET)
def ask(ref: str) -> Any:
    found = _office_objection(ref)
    named = {one.ref: one for one in hearings.concerned(found.notice)}
    form, status = forms.HearingForm(data={"version": str(found.version)}), 0
    form.organisation.choices = [(one.ref, one.name) for one in named.values()]
    if form.validate_on_submit():
        chosen = named[form.organisation.data]
        try:
            hearings.ask(actor(), found, form.seen_version(), chosen, form.statement.data)
        except Reveals as no:
            form.refuse(no.field, str(no))
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
        else:
            return done(_("已请 %(name)s 说明情况。", name=chosen.name), paths.path(found, paths.STAFF))
    due_on = deadlines.hearing_due_on(clock.now(), found.answer_due_on, reference.terms(), reference.calendar())
    page, shown = kit.shown("notices/ask.html", form, o=found, due_on=due_on, named=named)
    return page, status or shown


@bp.get("/my/hearings")
@access(roles.ORGANISATION)
def my_hearings() -> Any:
    return render_template("notices/my_hearings.html", page=paged(lists.hearings_of(actor()).query))


@kit.offer_export(bp, "my_hearings", "/my/hearings", roles.ORGANISATION)
def _hearings_list() -> Any:
    return lists.hearings_of(actor())


@bp.route("/my/hearings/<ref>", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def hearing(ref: str) -> Any:
    found = policy.find(Hearing, ref, actor())
    policy.require(actor(), found, Party.OWNER)
    form = forms.HearingReplyForm(data={"version": str(found.version)})
    if form.validate_on_submit() and (stored := kit.keep_uploads(form, "files")) is not None:
        with kit.refusals(form):
            hearings.reply(actor(), found, form.seen_version(), form.reply.data, stored)
            return done(_("情况说明已提交，街道会收到。"), url_for("notices.hearing", ref=ref))
    return kit.shown("notices/hearing.html", form, h=found, papers=attachments.of(found, "hearing"))
