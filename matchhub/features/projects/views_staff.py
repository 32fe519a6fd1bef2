"""Projects for the street: the list with its lights, one project, and each deed that needs a page."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from matchhub.core import kept, ledger
from matchhub.core.access import access
from matchhub.core.db import db
from matchhub.core.errors import Missing
from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters, words
from matchhub.core.web import actor, done, paged, viewer
from matchhub.domain import (
    agreeing,
    attachments,
    coaching,
    coding,
    ending,
    helping,
    lifecycle,
    measuring,
    noticing,
    policy,
    reference,
    roles,
    supervising,
)
from matchhub.domain.models import Project, ProjectState, SupervisionLine, User
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.projects import lists, queries, rules, service
from matchhub.features.projects.forms import LINES, PaymentForm, ReasonForm, SupervisorForm
from matchhub.features.projects.history import EVERYDAY, deed_words
from matchhub.features.projects.views import attempt, bp, put_beside


@bp.route("/staff/projects")
@access(get=roles.INSIDE)
def staff_index() -> Any:
    filters = _staff_filters()
    page = paged(lists.office(actor(), filters).query)
    shown = tuple(project.id for project in page.rows)
    return render_template(
        "projects/staff_index.html", page=page, filters=filters,
        lights=kept.remember(("lights", shown), lambda: queries.lights(page.rows)),
        titles={"state": _("状态"), "section": _("主办科室"), "org": _("承接组织")},
    )  # fmt: skip


def _staff_filters() -> Filters:
    life = lifecycle.LIVES[Project]
    allowed = {
        "state": {state.value: _(life.words[state]) for state in ProjectState},
        "section": words(reference.codes("section").values()),
        "org": kept.remember("organisations with projects", queries.organisations_with_projects),
    }
    return Filters(request.path, request.args, allowed)


@kit.offer_export(bp, "staff_index", "/staff/projects", roles.INSIDE)
def _staff_list() -> Any:
    return lists.office(actor(), _staff_filters())


@bp.route("/staff/projects/<ref>")
@access(get=roles.INSIDE)
def staff(ref: str) -> Any:
    project = policy.find(Project, ref, viewer())
    closing, assessment = queries.closing_of(project)
    return render_template(
        "projects/staff.html",
        project=project,
        offers=kit.offers(project, viewer()),
        address=lambda action: url_for("projects.move", ref=ref, action=action),
        facts=measuring.facts(project),
        light=queries.lights([project])[project.id],
        reports=queries.reports_of(project),
        rectifications=queries.rectifications_of(project),
        visits=queries.visits_of(project),
        daily=supervising.daily_scores(project),
        closing=closing,
        assessment=assessment,
        agreements=attachments.of(project, "agreement"),
        agreement=agreeing.of(project),
        reads_agreement=bool(actor().role_codes & (roles.STREET | roles.AUDITOR)),
        is_office=Party.OFFICE in parties(viewer(), project),
        notices=noticing.about(project=project),
        may_notice=project.state in ending.GOING_ON
        and bool(parties(viewer(), project) & {Party.OFFICE, Party.APPROVER}),
        held_back={row.seq: rules.not_yet_payable(project, row) for row in project.instalments if not row.paid_on},
        history=[
            (entry, deed_words(entry)) for entry in ledger.history(f"project:{ref}") if entry.deed not in EVERYDAY
        ],
        line_words=LINES,
        help_requests=helping.of_project(project),
        coached=coaching.of_project(viewer(), project),
        may_coach=coaching.may_write(viewer(), project),
    )


MOVED = {
    "start": _l("项目已启动，机构可以开始记录活动。"),
    "resume": _l("项目已恢复。"),
    "close_up": _l("项目已进入结项，请机构提交结项报告。"),
    "finish": _l("项目已归档。"),
}


@bp.route("/staff/projects/<ref>/<any(start,resume,close_up,finish):action>", methods=["POST"])
@access(post=roles.STREET)
def move(ref: str, action: str) -> Any:
    project = policy.find(Project, ref, viewer())
    service.MOVES[action](actor(), project, kit.seen_version())
    return done(_(MOVED[action]), url_for("projects.staff", ref=ref))


@bp.route("/staff/projects/<ref>/payments/<int:seq>", methods=["GET", "POST"])
@access(roles.STAFF)
def payment(ref: str, seq: int) -> Any:
    project = of_office(ref)
    instalment = next((row for row in project.instalments if row.seq == seq), None)
    if instalment is None:
        raise Missing(ref)
    form = PaymentForm()
    if (
        form.validate_on_submit()
        and not put_beside(form, rules.payment(project, instalment, form.paid_on.data))
        and attempt(form, service.pay, actor(), project, seq, form.paid_on.data)
    ):
        return done(_("拨款已登记。"), url_for("projects.staff", ref=ref))
    why = rules.not_yet_payable(project, instalment)
    return kit.shown("projects/payment.html", form, project=project, instalment=instalment, why=why)


@bp.route("/staff/projects/<ref>/supervisors", methods=["GET", "POST"])
@access(roles.STAFF)
def supervisors(ref: str) -> Any:
    project = of_office(ref)
    form = SupervisorForm()
    people = queries.candidates(project, coding.codes_of(project.need).get("community", []))
    form.offer(_groups(people))
    if form.validate_on_submit():
        user = db.session.get(User, int(form.user.data))
        line = SupervisionLine(form.line.data)
        if attempt(form, service.assign_supervisor, actor(), project, user, line):
            return done(_("已指派，对方会收到消息。"), url_for("projects.supervisors", ref=ref))
    return kit.shown("projects/supervisors.html", form, project=project, line_words=LINES, people=people)


def _groups(people: dict[str, list[tuple[User, bool]]]) -> list[tuple[str, list[tuple[User, str]]]]:
    """The choices, with a remark at those who belong to a community of the need: supervisors avoid their own."""
    lines = {"guidance": _("街道经办"), "coaching": _("督导")}
    return [
        (word, [(user, _("%(name)s（%(kind)s，本居民区）", name=user.name, kind=word) if near
                 else _("%(name)s（%(kind)s）", name=user.name, kind=word)) for user, near in people[line]])
        for line, word in lines.items()
    ]  # fmt: skip


@bp.route("/staff/projects/<ref>/supervisors/<int:user_id>/release", methods=["POST"])
@access(post=roles.STAFF)
def release(ref: str, user_id: int) -> Any:
    project = of_office(ref)
    seat = next((seat for seat in project.supervisors if seat.user_id == user_id), None)
    if seat is None:
        raise Missing(ref)
    service.release_supervisor(actor(), project, seat.user)
    return done(_("已取消指派。"), url_for("projects.supervisors", ref=ref))


@bp.route("/staff/projects/<ref>/pause", methods=["GET", "POST"])
@access(roles.STREET)
def pause(ref: str) -> Any:
    return _with_reason(ref, "pause", service.pause, _("项目已暂停。"))


@bp.route("/staff/projects/<ref>/terminate", methods=["GET", "POST"])
@access(roles.APPROVER)
def terminate(ref: str) -> Any:
    return _with_reason(ref, "terminate", service.terminate, _("项目已终止。"))


def _with_reason(ref: str, action: str, deed: Any, told: str) -> Any:
    project = policy.find(Project, ref, viewer())
    policy.require(actor(), project, Party.OFFICE, Party.APPROVER)
    form = ReasonForm(obj=project)
    if form.validate_on_submit() and attempt(form, deed, actor(), project, form.reason.data, form.seen_version()):
        return done(told, url_for("projects.staff", ref=ref))
    return kit.shown("projects/reason.html", form, project=project, action=action)


def of_office(ref: str) -> Project:
    """A project of the reader's section."""
    project = policy.find(Project, ref, viewer())
    policy.require(actor(), project, Party.OFFICE)
    return project
