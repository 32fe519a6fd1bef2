"""Notices that are made from the record they concern: an admission, a change or an early end of a project."""

from __future__ import annotations

from typing import Any

from flask import redirect, request

from matchhub.core import rows
from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done
from matchhub.domain import admitting, changing, ending, paths, policy, roles
from matchhub.domain.models import Notice, NoticeKind, Organisation, Project
from matchhub.domain.parties import Party
from matchhub.features import kit
from matchhub.features.notices import forms, service
from matchhub.features.notices.views import bp


@bp.post("/staff/orgs/<ref>/admission-notice")
@access(roles.STREET)
def from_admission(ref: str) -> Any:
    organisation = policy.find(Organisation, ref, actor())
    policy.require(actor(), organisation, Party.OFFICE, Party.APPROVER)
    if (known := admitting.open_notice(organisation)) is not None:
        return redirect(paths.path(known, paths.STAFF), 303)
    return _drafted(service.draft_admission(actor(), organisation))


@bp.route("/staff/projects/<ref>/termination-notice", methods=["GET", "POST"])
@access(roles.STREET)
def from_termination(ref: str) -> Any:
    project = _project(ref)
    if (known := ending.open_notice(project, NoticeKind.TERMINATION)) is not None:
        return redirect(paths.path(known, paths.STAFF), 303)
    form = forms.DecidingForm()
    if form.validate_on_submit():
        with kit.refusals(form):
            return _drafted(service.draft_termination(actor(), project, form.reason.data))
    return kit.shown("notices/from_termination.html", form, project=project)


@bp.route("/staff/projects/<ref>/change-notice", methods=["GET", "POST"])
@access(roles.STREET)
def from_change(ref: str) -> Any:
    project = _project(ref)
    if (known := ending.open_notice(project, NoticeKind.CHANGE)) is not None:
        return redirect(paths.path(known, paths.STAFF), 303)
    form = forms.ChangeForm()
    if (request.method == "POST" and rows.changed(form, request.form)) or not form.validate_on_submit():
        return _change_page(form, project)
    if (why := changing.problem(project, form.ends_on.data)) is not None:
        form.refuse("ends_on", why)
        return _change_page(form, project)
    values = (form.kind.data, form.table(), form.reason.data, form.ends_on.data)
    try:
        return _drafted(service.draft_change(actor(), project, *values))
    except Refused as no:
        form.form_errors.append(str(no))
        return _change_page(form, project)[0], 409


def _change_page(form: forms.ChangeForm, project: Project) -> Any:
    blank = forms.ChangeRowForm(prefix=f"rows-{len(form.rows.entries)}-")
    return kit.shown("notices/from_change.html", form, project=project, blank=blank)


def _project(ref: str) -> Project:
    project = policy.find(Project, ref, actor())
    policy.require(actor(), project, Party.OFFICE, Party.APPROVER)
    return project


def _drafted(notice: Notice) -> Any:
    told = _("公示草稿 %(ref)s 已生成，请核对文字，再发布。", ref=notice.ref)
    return done(told, paths.path(notice, paths.STAFF))
