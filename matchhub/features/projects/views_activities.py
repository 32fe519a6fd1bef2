"""The ledger (台账): recording an activity on a phone, correcting it, striking it out, and looking through all."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from matchhub.core import clock, files
from matchhub.core.access import access
from matchhub.core.db import db
from matchhub.core.errors import Missing
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.domain import attachments, measuring, policy, reference, roles
from matchhub.domain.models import Activity, Project, ProjectState
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.projects import queries, rules, service
from matchhub.features.projects.forms import ActivityForm, ReasonForm
from matchhub.features.projects.service_activities import PROXIES, completed
from matchhub.features.projects.views import attempt, bp, put_beside
from matchhub.features.projects.views_my import owned

PICTURES = frozenset(files.PICTURES)
SHEETS = PICTURES | {"pdf"}


@bp.route("/my/projects/<ref>/activities/new", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def new_activity(ref: str) -> Any:
    return _new(owned(ref), "my", url_for("projects.own", ref=ref))


@bp.route("/staff/projects/<ref>/activities/new", methods=["GET", "POST"])
@access(roles.STAFF | roles.CENTRE)
def staff_new_activity(ref: str) -> Any:
    """From the paper of an organisation that cannot type it itself (代填)."""
    project = policy.find(Project, ref, viewer())
    policy.require(actor(), project, *PROXIES)
    return _new(project, "staff", url_for("projects.staff_ledger", ref=ref))


def _new(project: Project, side: str, back: str) -> Any:
    form = _form(project, None)
    if form.validate_on_submit() and _recorded(form, project, None):
        return done(_("活动已记入台账。"), back)
    return _page(form, project, None, side)


@bp.route("/my/projects/<ref>/activities/<int:activity_id>/edit", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def edit_activity(ref: str, activity_id: int) -> Any:
    project = owned(ref)
    activity = _of(project, activity_id)
    form = _form(project, activity)
    if form.validate_on_submit() and _recorded(form, project, activity):
        return done(_("活动记录已更新。"), url_for("projects.activity", ref=ref, activity_id=activity_id))
    return _page(form, project, activity)


def _form(project: Project, activity: Activity | None) -> ActivityForm:
    form = ActivityForm()
    if not form.is_submitted():
        form.start_with(activity)
    form.offer(project, _("计划外的活动"), "" if form.is_submitted() or activity else _likely_row(project))
    return form


def _likely_row(project: Project) -> int | str:
    """The row of the plan whose months are now and which has most sessions left; the last row when none has."""
    today = clock.today()
    facts = measuring.facts(project).rows
    open_rows = [row for row in facts if row.from_month <= today and row.done_sessions < row.planned_sessions]
    if not open_rows:
        return facts[-1].row_id if facts else ""
    return max(open_rows, key=lambda row: row.planned_sessions - row.done_sessions).row_id


def _page(form: ActivityForm, project: Project, activity: Activity | None, side: str = "my") -> Any:
    return kit.shown(
        "projects/activity_form.html",
        form,
        project=project,
        activity=activity,
        side=side,
        files=attachments.of(activity) if activity else [],
        least=int(reference.setting("evidence_photos_min")),
        ledger_days=reference.terms().ledger_days,
    )


def _recorded(form: ActivityForm, project: Project, activity: Activity | None) -> bool:
    values, known = form.values(), attachments.of(activity, rules.PHOTO) if activity else []
    dropped = form.dropped.data or []
    photos = len(list(kit.uploads(form.photos.data))) + sum(file.code not in dropped for file in known)
    if put_beside(form, rules.activity(project, completed(project, values), photos)):
        return False
    kept, sheets = kit.keep_uploads(form, "photos", PICTURES), kit.keep_uploads(form, "sign_in", SHEETS)
    if kept is None or sheets is None:
        return False
    sign_in = sheets[0] if sheets else None
    if activity is None:
        return attempt(form, service.record_activity, actor(), project, values, kept, sign_in)
    seen = form.seen_version()
    return attempt(form, service.change_activity, actor(), activity, values, kept, sign_in, dropped, seen)


@bp.route("/my/projects/<ref>/activities/<int:activity_id>")
@access(get=roles.ORGANISATION)
def activity(ref: str, activity_id: int) -> Any:
    return _shown(owned(ref), activity_id, "my")


@bp.route("/staff/projects/<ref>/activities/<int:activity_id>")
@access(get=roles.INSIDE | roles.SUPERVISOR | roles.REVIEWER)
def staff_activity(ref: str, activity_id: int) -> Any:
    return _shown(_seen_inside(ref), activity_id, "staff")


def _shown(project: Project, activity_id: int, side: str) -> Any:
    row = _of(project, activity_id)
    mine = parties(viewer(), project)
    return render_template(
        "projects/activity.html",
        project=project,
        entry=queries.entries([row])[0],
        side=side,
        locked=rules.month_locked(project, row.held_on),
        may_change=Party.OWNER in mine and side == "my",
        may_strike=Party.OWNER in mine or Party.OFFICE in mine,
        missing_words=queries.MISSING,
    )


@bp.route("/my/projects/<ref>/activities/<int:activity_id>/strike", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def strike_activity(ref: str, activity_id: int) -> Any:
    return _strike(owned(ref), activity_id, url_for("projects.ledger", ref=ref))


@bp.route("/staff/projects/<ref>/activities/<int:activity_id>/strike", methods=["GET", "POST"])
@access(roles.STAFF)
def staff_strike(ref: str, activity_id: int) -> Any:
    project = policy.find(Project, ref, viewer())
    policy.require(actor(), project, Party.OFFICE)
    return _strike(project, activity_id, url_for("projects.staff_ledger", ref=ref))


def _strike(project: Project, activity_id: int, back: str) -> Any:
    row = _of(project, activity_id)
    form = ReasonForm(obj=row)
    if form.validate_on_submit() and attempt(
        form, service.strike_activity, actor(), row, form.reason.data, form.seen_version()
    ):
        return done(_("活动记录已划去，不再计入。"), back)
    return kit.shown("projects/strike.html", form, project=project, activity=row, back=back)


@bp.route("/my/projects/<ref>/ledger")
@access(get=roles.ORGANISATION)
def ledger(ref: str) -> Any:
    return _ledger(owned(ref), "my")


@bp.route("/staff/projects/<ref>/ledger")
@access(get=roles.INSIDE | roles.SUPERVISOR | roles.REVIEWER)
def staff_ledger(ref: str) -> Any:
    return _ledger(_seen_inside(ref), "staff")


def _ledger(project: Project, side: str) -> Any:
    entries = queries.ledger(project)
    return render_template(
        "projects/ledger.html",
        project=project,
        entries=entries,
        may_record=project.state is ProjectState.ACTIVE
        and bool(parties(viewer(), project) & ({Party.OWNER} if side == "my" else set(PROXIES))),
        complete=queries.completeness(entries),
        facts=measuring.facts(project),
        side=side,
        missing_words=queries.MISSING,
    )


def _of(project: Project, activity_id: int) -> Activity:
    row = db.session.get(Activity, activity_id)
    if row is None or row.project_id != project.id:
        raise Missing(str(activity_id))
    return row


def _seen_inside(ref: str) -> Project:
    project = policy.find(Project, ref, viewer())
    if not queries.may_look_inside(viewer(), project):
        raise Missing(ref)
    return project
