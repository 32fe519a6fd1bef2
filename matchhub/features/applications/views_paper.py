"""The application form as PDF: for its organisation at any time, for the street once it is opened."""

from __future__ import annotations

from typing import Any

from flask import abort

from matchhub.core.access import access
from matchhub.core.i18n import _
from matchhub.documents import application as papers
from matchhub.domain import application_form as form_spec
from matchhub.domain import attachments, eligibility, roles
from matchhub.domain.models import Application
from matchhub.features import kit
from matchhub.features.applications import queries, submitting
from matchhub.features.applications.views import bp, own
from matchhub.features.applications.views_staff import known


@bp.get("/my/applications/<ref>/form.pdf")
@access(roles.ORGANISATION)
def own_form(ref: str) -> Any:
    """What stands there now: marked as a draft, because only a version was submitted."""
    application = own(ref)
    parts = form_spec.shown(submitting.draft_document(application))
    paper = papers.of(application, parts, label=application.organisation.name, signing=True)
    return kit.sent(paper, "pdf", _("项目申报书 %(ref)s", ref=ref))


@bp.get("/my/applications/<ref>/versions/<int(max=9999):number>.pdf")
@access(roles.ORGANISATION)
def own_version_form(ref: str, number: int) -> Any:
    application = own(ref)
    found = queries.version(application, number) or abort(404)
    return _sent(application, found, found.own_text, signing=True)


@bp.get("/staff/applications/<ref>/form.pdf")
@access(roles.INSIDE)
def staff_form(ref: str) -> Any:
    """The same that the street's page shows: the newest version, once the applications are opened."""
    application = known(ref)
    found = form_spec.latest(application) or abort(404)
    return _sent(application, found, found.document)


def _sent(application: Application, version: Any, text: dict[str, Any], signing: bool = False) -> Any:
    files = [(row.name, row.sha256) for _purpose, row in eligibility.files_of(text, attachments.of(application))]
    paper = papers.of(
        application, form_spec.shown(text), label=application.organisation.name, version=version, files=files,
        signing=signing,
    )  # fmt: skip
    return kit.sent(paper, "pdf", _("项目申报书 %(ref)s 第 %(n)s 版", ref=application.ref, n=version.number))
