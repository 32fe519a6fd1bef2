"""The agreement: its page for the section, and its text as PDF and Word for both sides."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from matchhub.core.access import access
from matchhub.core.errors import Missing
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.documents import agreement as papers
from matchhub.domain import agreeing, attachments, policy, roles
from matchhub.domain.models import Project
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.projects import rules, service
from matchhub.features.projects.forms import AgreementForm
from matchhub.features.projects.views import attempt, bp, put_beside
from matchhub.features.projects.views_staff import of_office

# It names bank account and telephone numbers: for both sides and the auditor, not for every office.
READERS = roles.STREET | roles.AUDITOR


@bp.route("/staff/projects/<ref>/agreement", methods=["GET", "POST"])
@access(roles.STAFF)
def agreement(ref: str) -> Any:
    project = of_office(ref)
    agreed, form = agreeing.of(project), AgreementForm()
    if not form.is_submitted():
        form.start_with(project, agreed)
    if form.validate_on_submit():
        if "prepare" in request.form and _prepared(project, form):
            return done(_("协议文本已拟好，可以下载；承接机构也收到了消息。"), url_for("projects.agreement", ref=ref))
        if "prepare" not in request.form and _signed(project, form):
            return done(_("协议已登记。"), url_for("projects.staff", ref=ref))
    return kit.shown(
        "projects/agreement.html",
        form,
        project=project,
        agreed=agreed,
        files=attachments.of(project, "agreement"),
        conditions=[agreeing.condition(code) for code in ("signing", "middle", "closing")],
        barred=agreeing.approved_award(actor(), project),
    )


def _wrong(project: Project, form: AgreementForm, signed_on: Any) -> bool:
    """Whether a rule speaks against the terms; its sentence stands beside the field."""
    terms = form.terms()
    found = rules.agreement(project, signed_on, terms.starts_on, terms.ends_on, terms.amount_fen, terms.percents)
    return put_beside(form, [*found, *rules.agreement_number(project, terms.number)])


def _prepared(project: Project, form: AgreementForm) -> bool:
    if _wrong(project, form, None):
        return False
    return attempt(form, service.prepare, actor(), project, form.terms(), form.seen_version())


def _signed(project: Project, form: AgreementForm) -> bool:
    ours = form.signed_on.data
    if ours is None:
        form.refuse("signed_on", _("请填写签订日期"))
        return False
    theirs = form.organisation_signed_on.data or ours
    if _wrong(project, form, max(ours, theirs)):
        return False
    kept = kit.keep_uploads(form, "agreement")
    if kept is None:
        return False
    return attempt(
        form, service.sign, actor(), project, form.agreement_no.data, ours, form.starts_on.data, form.ends_on.data,
        form.amount.data, form.percents, agreement=kept, seen=form.seen_version(), organisation_signed_on=theirs,
    )  # fmt: skip


@bp.get("/projects/<ref>/agreement.<any(pdf,docx):kind>")
@access(READERS | roles.ORGANISATION)
def agreement_paper(ref: str, kind: str) -> Response:
    project = policy.find(Project, ref, viewer())
    agreed = agreeing.of(project)
    reads = actor().role_codes & READERS or Party.OWNER in parties(actor(), project)
    if agreed is None or not reads:
        raise Missing(ref)
    return kit.sent(papers.of(agreed), kind, _("协议 %(ref)s", ref=ref))
