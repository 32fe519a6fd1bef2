"""Pages of an objection against an exclusion: the organisation's and the approver's."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.domain import checklist, eligibility, excluding, paths, roles
from matchhub.domain.models import Application
from matchhub.domain.parties import Party, parties
from matchhub.features.applications import excluding as service
from matchhub.features.applications import forms
from matchhub.features.applications.views import bp, own
from matchhub.features.applications.views_staff import known


@bp.route("/my/applications/<ref>/objection", methods=["GET", "POST"])
@access(get=roles.ORGANISATION, post=roles.ORG_ADMIN)
def object_to_exclusion(ref: str) -> Any:
    application = own(ref)
    form = forms.ExclusionObjectionForm(obj=application)
    if form.validate_on_submit():
        try:
            service.file_objection(actor(), application, form.reason.data, form.seen_version())
            return done(_("异议已收到，街道会由另一位工作人员决定。"), url_for("applications.show", ref=ref))
        except Refused as no:
            form.form_errors.append(str(no))
    return _page("applications/object.html", application, form, paths.MY)


@bp.route("/staff/applications/<ref>/objection", methods=["GET", "POST"])
@access(get=roles.INSIDE, post=roles.APPROVER)
def exclusion(ref: str) -> Any:
    application = known(ref)
    form = forms.ExclusionDecisionForm(obj=application)
    if form.validate_on_submit():
        try:
            row = service.decide_objection(
                actor(), application, form.upheld.data == "yes", form.answer.data, form.seen_version()
            )
            told = _("异议成立，申报恢复为资格通过。") if row.upheld else _("异议不成立，机构会看到理由。")
            return done(told, url_for("applications.staff_show", ref=ref))
        except Refused as no:
            form.form_errors.append(str(no))
    return _page("applications/exclusion.html", application, form, paths.STAFF)


def _page(template: str, application: Application, form: Any, side: str) -> Any:
    failed = [
        {"label": rule.label, "evidence": row.evidence, "links": checklist.links(row, side)}
        for row in application.checks
        if row.passed is False and (rule := eligibility.rule_of(application, row.rule)) is not None
    ]
    row = excluding.objection(application)
    may_decide = Party.APPROVER in parties(viewer(), application) and actor().id != application.excluded_by_id
    page = render_template(
        template, application=application, need=application.need, form=form, failed=failed, objection=row,
        why=excluding.why_not_object(application, clock.now()), may_decide=may_decide,
        may_object=Party.OWNER_ADMIN in parties(viewer(), application),
    )  # fmt: skip
    return page, 409 if form.form_errors else 422 if form.errors else 200
