"""Joint applications: asking partners from the applicant's page, and what a partner sees and answers."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for

from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged, viewer
from matchhub.domain import application_form as form_spec
from matchhub.domain import attachments, eligibility, paths, policy, roles
from matchhub.domain.models import Application, ApplicationState, NeedPhase
from matchhub.domain.parties import Party
from matchhub.features import kit
from matchhub.features.applications import forms, joining, lists, submitting
from matchhub.features.applications.views import bp, own


@bp.post("/my/applications/<ref>/partners")
@access(roles.ORGANISATION)
def ask_partners(ref: str) -> Any:
    try:
        names = joining.ask_partners(actor(), own(ref))
    except Refused as no:
        flash(str(no), "warn")
        return redirect(url_for("applications.show", ref=ref, _anchor="joint"), 303)
    sentence = _("已请%(names)s确认分工，答复会发消息告诉您。", names=_("、").join(f"“{name}”" for name in names))
    return done(sentence, url_for("applications.show", ref=ref, _anchor="joint"))


@bp.get("/my/partnerships")
@access(roles.ORGANISATION)
def partnerships() -> Any:
    return render_template("applications/partnerships.html", page=paged(lists.joint(actor()).query))


@kit.offer_export(bp, "partnerships", "/my/partnerships", roles.ORGANISATION)
def _joint_list() -> Any:
    return lists.joint(actor())


def joint(ref: str) -> Application:
    """The application, for people of a partner; 404 for everybody else."""
    application = policy.find(Application, ref, viewer())
    policy.require(actor(), application, Party.PARTNER)
    return application


@bp.get("/my/partnerships/<ref>")
@access(roles.ORGANISATION)
def partnership(ref: str) -> Any:
    return partner_page(joint(ref), forms.AnswerForm(), forms.DeclineForm())


def partner_page(application: Application, form: Any, decline: Any) -> Any:
    """The whole application to be read, the partner's own line, and its answer."""
    document = _text(application)
    share = joining.share_of(application, actor().organisation)
    named = eligibility.files_of(document, attachments.of(application))
    if share is not None and not form.is_submitted():
        form.terms.data = share.terms_sha256
    page = render_template(
        "applications/partnership.html",
        application=application, need=application.need, need_url=paths.path(application.need), form=form,
        decline=decline, share=share, shares=form_spec.shares(application, document),
        parts=form_spec.shown(document), files=[row for _purpose, row in named],
        closed=joining.why_not_ask(application), is_open=application.need.phase is NeedPhase.OPEN,
        confirmed=share is not None and share.stand == "confirmed",
        locked=application.state is ApplicationState.SUBMITTED,
        may_answer=bool(roles.ORG_ADMIN & actor().role_codes),
    )  # fmt: skip
    refused = bool(form.form_errors or decline.form_errors)
    return page, 409 if refused else 422 if form.errors or decline.errors else 200


def _text(application: Application) -> dict[str, Any]:
    """What a partner reads: what is being written, and after the deadline what was handed in."""
    last = form_spec.latest(application)
    if last is not None and application.need.phase is not NeedPhase.OPEN:
        return last.own_text
    return submitting.draft_document(application)


@bp.post("/my/partnerships/<ref>/confirm")
@access(roles.ORG_ADMIN)
def confirm_partner(ref: str) -> Any:
    application, form = joint(ref), forms.AnswerForm()
    if form.validate_on_submit():
        try:
            joining.confirm(actor(), application, form.terms.data or "")
            return done(_("已确认参加，申报机构会收到消息。"), url_for("applications.partnership", ref=ref))
        except Refused as no:
            form.form_errors.append(str(no))
    return partner_page(application, form, forms.DeclineForm(formdata=None))


@bp.post("/my/partnerships/<ref>/decline")
@access(roles.ORG_ADMIN)
def decline_partner(ref: str) -> Any:
    application, decline = joint(ref), forms.DeclineForm()
    if decline.validate_on_submit():
        try:
            joining.decline(actor(), application, decline.note.data or "")
            return done(_("已答复不参加，申报机构会收到消息。"), url_for("applications.partnerships"))
        except Refused as no:
            decline.form_errors.append(str(no))
    return partner_page(application, forms.AnswerForm(formdata=None), decline)
