"""Pages of supervisors: what to visit when, planning a visit, and a project as its supervisors see it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for

from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.domain import coaching, measuring, policy, roles
from matchhub.domain.models import Project, Supervision, Visit
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.supervision import board, queries, service
from matchhub.features.supervision.forms import PlanForm, ReasonForm, RescheduleForm

bp = Blueprint("supervision", __name__)
# The guidance line is the street's own, so its people visit as well.
VISITING = roles.SUPERVISOR | roles.STREET
PLANNING = (Party.SUPERVISOR, Party.OFFICE, Party.APPROVER)


def told(form: Any, no: Refused) -> None:
    """Put a rule's sentence on top of the form; what was typed stays."""
    form.form_errors = [*form.form_errors, str(no)]


from matchhub.features.supervision import (  # noqa: E402 - they add their routes to bp
    views_answer,  # noqa: F401
    views_board,  # noqa: F401
    views_orders,  # noqa: F401
    views_paper,  # noqa: F401
    views_score,  # noqa: F401
)


@bp.get("/supervise")
@access(get=VISITING)
def agenda() -> Any:
    user = actor()
    return render_template(
        "supervision/agenda.html", agenda=queries.agenda(user), projects=queries.supervised(user), lines=board.LINES
    )


@bp.route("/supervise/plan", methods=["GET", "POST"])
@access(VISITING)
def plan() -> Any:
    user, ref = actor(), request.args.get("project", "")
    if not ref:
        return render_template("supervision/choose.html", projects=queries.plannable(user))
    project = policy.find(Project, ref, user)
    policy.require(user, project, *PLANNING)
    form, seats = PlanForm(), _seats(project)
    form.supervisor.choices = [(str(seat.user_id), _seat_word(seat)) for seat in seats]
    if request.method == "GET" and len(seats) == 1:
        form.supervisor.data = str(seats[0].user_id)
    if form.validate_on_submit():
        seat = next(seat for seat in seats if str(seat.user_id) == form.supervisor.data)
        try:
            visit = service.plan(
                user, project, seat.user, seat.line, form.stage_value(), form.kind_value(), form.planned_on.data,
                form.planned_time.data, form.place.data,
            )  # fmt: skip
        except Refused as no:
            told(form, no)
        else:
            home = "supervision.agenda" if visit.supervisor_id == user.id else "supervision.board"
            return done(_("走访已安排，机构会收到通知。"), url_for(home))
    return kit.shown(
        "supervision/plan.html", form, project=project, seats=seats, missing=queries.missing(project), edit=None
    )


def _seats(project: Project) -> list[Supervision]:
    """Whom this person may plan for: everybody with a seat for the street, otherwise only oneself."""
    user, found = actor(), queries.seats(project)
    if parties(user, project) & {Party.OFFICE, Party.APPROVER}:
        return found
    return [seat for seat in found if seat.user_id == user.id]


def _seat_word(seat: Supervision) -> str:
    return _("%(name)s（%(line)s线）", name=seat.user.name, line=_(board.LINES[seat.line.value]))


@bp.route("/supervise/<ref>/reschedule", methods=["GET", "POST"])
@access(VISITING)
def reschedule(ref: str) -> Any:
    visit = policy.find(Visit, ref, viewer())
    policy.require(actor(), visit, Party.SUPERVISOR, Party.OFFICE)
    form = RescheduleForm(obj=visit)
    if form.validate_on_submit():
        try:
            service.reschedule(
                actor(), visit, form.planned_on.data, form.planned_time.data, form.place.data, form.seen_version()
            )
        except Refused as no:
            told(form, no)
        else:
            return done(_("已改期，机构会收到通知。"), _home(visit))
    return kit.shown(
        "supervision/plan.html", form, project=visit.project, seats=[], missing=None, edit=visit, home=_home(visit)
    )


@bp.route("/supervise/<ref>/cancel", methods=["GET", "POST"])
@access(VISITING)
def cancel(ref: str) -> Any:
    visit = policy.find(Visit, ref, viewer())
    policy.require(actor(), visit, Party.SUPERVISOR, Party.OFFICE)
    form = ReasonForm(version=str(visit.version))
    if form.validate_on_submit():
        try:
            service.cancel(actor(), visit, form.reason.data, form.seen_version())
        except Refused as no:
            told(form, no)
        else:
            return done(_("走访已取消，机构会收到通知。"), _home(visit))
    return kit.shown("supervision/cancel.html", form, visit=visit, home=_home(visit))


def _home(visit: Visit) -> str:
    """Back to where this person looks at visits."""
    if visit.supervisor_id == actor().id:
        return url_for("supervision.agenda")
    return url_for("supervision.staff_visit", ref=visit.ref)


@bp.get("/supervise/projects/<ref>")
@access(get=VISITING)
def project(ref: str) -> Any:
    found = policy.find(Project, ref, viewer())
    policy.require(actor(), found, *PLANNING)
    return render_template(
        "supervision/project.html",
        project=found,
        facts=measuring.facts(found),
        inside=queries.inside(found),
        lines=board.LINES,
        coached=coaching.of_project(viewer(), found),
    )
