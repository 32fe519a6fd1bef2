"""Beginning from an earlier application: which one, and which of its parts."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.domain import application_form as form_spec
from matchhub.domain import policy, roles
from matchhub.domain.models import Application
from matchhub.domain.parties import Party
from matchhub.features.applications import copying, forms, service
from matchhub.features.applications.views import bp, frame, own


@bp.route("/my/applications/<ref>/copy", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def copy(ref: str) -> Any:
    application = own(ref)
    wanted = request.args.get("from", "")
    if not wanted:
        found = copying.sources(actor(), application)
        return render_template("applications/copy_choose.html", sources=found, text=copying.text, **frame(application))
    source = policy.find(Application, wanted, viewer())
    policy.require(actor(), source, Party.OWNER)
    form = _form(application, source)
    if form.validate_on_submit():
        try:
            return _copied(application, copying.copy(actor(), application, source, form.parts.data))
        except Refused as no:
            form.form_errors.append(str(no))
    return _page(application, source, form)


def _form(application: Application, source: Application) -> forms.CopyForm:
    """Parts with something in them; chosen beforehand are those that are still empty here."""
    given, here = copying.text(source), application.body.document
    codes = [code for code in copying.COPIED
             if form_spec.has_content(given, code) and service.why_closed(application, code) is None]  # fmt: skip
    form = forms.CopyForm(data={"parts": [code for code in codes if not form_spec.has_content(here, code)]})
    form.parts.choices = [(code, _(form_spec.BY_CODE[code].title)) for code in codes]
    return form


def _page(application: Application, source: Application, form: forms.CopyForm) -> Any:
    given = copying.text(source)
    hints, found = {}, []
    for code, title in form.parts.choices:
        replaces = form_spec.has_content(application.body.document, code)
        hints[code] = _("这里已经写了内容，照搬会替换它") if replaces else ""
        problems = copying.misfits(given, application.need, code, application.organisation)
        found += [(title, problem) for problem in problems]
    page = render_template(
        "applications/copy.html", source=source, form=form, hints=hints, misfits=found, **frame(application)
    )
    return page, 409 if form.form_errors else 422 if form.errors else 200


def _copied(application: Application, found: list[form_spec.Problem]) -> Any:
    """Straight to the first part that needs a repair, with all its sentences; else to the task list."""
    if not found:
        return done(_("已照搬，请逐部分核对后标为“已完成”。"), url_for("applications.show", ref=application.ref))
    sentence = _("已照搬，有 %(n)s 处与本需求不符，请先修改：%(first)s", n=len(found), first=found[0].sentence)
    return done(sentence, url_for("applications.part", ref=application.ref, part=found[0].part, check=1))
