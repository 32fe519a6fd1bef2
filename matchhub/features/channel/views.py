"""Pages of the green channel: asking, one request, and the lists of organisations and the street."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for

from matchhub.core.access import access
from matchhub.core.db import db
from matchhub.core.errors import Missing, Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged, viewer
from matchhub.domain import helping, lifecycle, paths, policy, roles
from matchhub.domain.lifecycle.channel import HELPING
from matchhub.domain.models import HelpRequest, HelpResource, HelpState, Project, Report
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.channel import lists, queries, service
from matchhub.features.channel.forms import ConcludeForm, HelpForm, ReasonForm, ReferForm, WordsForm

bp = Blueprint("channel", __name__)
AROUND = roles.ORGANISATION | roles.INSIDE | roles.SUPERVISOR


@bp.route("/my/projects/<ref>/channel/new", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def new(ref: str) -> Any:
    project = policy.find(Project, ref, actor())
    policy.require(actor(), project, Party.OWNER)
    report = _report(project, request.args.get("report", ""))
    form, status = HelpForm(data=_start(report)), 0
    if form.validate_on_submit():
        try:
            made = service.raise_(actor(), project, form.values(), report)
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
        else:
            return done(_("求助已提出，主办科室和服务中心马上会收到消息。"), paths.path(made, paths.MY))
    page, shown = kit.shown(
        "channel/new.html", form, project=project, report=report, can_ask=helping.can_ask(project),
        known=helping.resources_by_kind(), hours=_hours(),
    )  # fmt: skip
    return page, status or shown


def _report(project: Project, ref: str) -> Report | None:
    """The monthly report whose tick led here."""
    if not ref:
        return None
    report = policy.find(Report, ref, actor())
    if report.project_id != project.id:
        raise Missing(ref)
    return report


def _start(report: Report | None) -> dict[str, Any]:
    user, problems = actor(), report.problems if report else ""
    return {"urgency": "normal", "details": problems, "contact_name": user.name, "contact_phone": user.phone or ""}


def _hours() -> dict[str, int]:
    return {urgency.value: helping.answer_hours(urgency) for urgency in helping.URGENCY_WORDS}


@bp.get("/channel/<ref>")
@access(AROUND)
def show(ref: str) -> Any:
    one, user = policy.find(HelpRequest, ref, actor()), viewer()
    mine = parties(user, one)
    return render_template(
        "channel/show.html", one=one, entries=queries.entries(one), titles=queries.TITLES, left=queries.left(one),
        offers=kit.offers(one, user), outcomes=helping.OUTCOME_WORDS, urgencies=helping.URGENCY_WORDS,
        spent=helping.minutes_words(one.answer_minutes) if one.answer_minutes is not None else "",
        may_add=one.state in helping.OPEN and bool(mine & {Party.OWNER, *HELPING}), form=WordsForm(),
        own=Party.OWNER in mine, inside=bool(actor().role_codes & roles.INSIDE),
    )  # fmt: skip


@bp.post("/channel/<ref>/words")
@access(roles.ORGANISATION | roles.OFFICE)
def words(ref: str) -> Any:
    one, form = _mine(ref, Party.OWNER, *HELPING), WordsForm()
    if not form.validate_on_submit():
        page, status = kit.shown("channel/deed.html", form, one=one, move=None, heading=_("补充说明"))
        return page, status
    service.add_words(actor(), one, form.words.data, form.seen_version())
    return done(_("已补充，对方会收到消息。"), paths.path(one, paths.MY))


def _mine(ref: str, *wanted: Party) -> HelpRequest:
    one = policy.find(HelpRequest, ref, actor())
    policy.require(actor(), one, *wanted)
    return one


@bp.post("/channel/<ref>/<any(close):action>")
@access(roles.ORGANISATION)
def move(ref: str, action: str) -> Any:
    one = _mine(ref, Party.OWNER)
    service.close(actor(), one, kit.seen_version())
    return done(_("已确认，这一件办结了。谢谢！"), paths.path(one, paths.MY))


@bp.route("/channel/<ref>/answer", methods=["GET", "POST"])
@access(roles.OFFICE)
def answer(ref: str) -> Any:
    one = _mine(ref, *HELPING)
    form = WordsForm(data={"version": str(one.version)})
    return _deed(one, "answer", form, lambda: service.answer(actor(), one, form.words.data, form.seen_version()))


@bp.route("/channel/<ref>/refer", methods=["GET", "POST"])
@access(roles.OFFICE)
def refer(ref: str) -> Any:
    one = _mine(ref, *HELPING)
    form, found = ReferForm(data={"version": str(one.version)}), helping.resources(one.kind)
    form.offer(found)

    def deed() -> None:
        chosen = db.session.get_one(HelpResource, int(form.resource.data))
        service.refer(actor(), one, chosen, form.words.data, form.seen_version())

    return _deed(one, "refer", form, deed, resources=found)


@bp.route("/channel/<ref>/conclude", methods=["GET", "POST"])
@access(roles.OFFICE)
def conclude(ref: str) -> Any:
    one = _mine(ref, *HELPING)
    form = ConcludeForm(data={"version": str(one.version)})
    return _deed(
        one, "conclude", form, lambda: service.conclude(actor(), one, form.chosen, form.words.data, form.seen_version())
    )


@bp.route("/channel/<ref>/reason", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def reason(ref: str) -> Any:
    one, action = _mine(ref, Party.OWNER), request.args.get("action", "")
    if action not in service.ENDS:
        raise Missing(ref)
    form = ReasonForm(data={"version": str(one.version)})
    return _deed(one, action, form, lambda: service.end(actor(), one, action, form.words.data, form.seen_version()))


def _deed(one: HelpRequest, action: str, form: Any, deed: Any, **more: Any) -> Any:
    """The page of one move: its form, and the move when the form holds."""
    found = lifecycle.engine.find(one, action)
    if found is None and not form.is_submitted():
        raise Missing(one.ref)
    status = 0
    if form.validate_on_submit():
        try:
            deed()
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
        else:
            return done(_("已办理，对方会收到消息。"), paths.path(one, paths.MY))
    label = next(move.label for move in lifecycle.LIVES[HelpRequest].moves if move.action == action)
    page, shown = kit.shown(
        "channel/deed.html", form, one=one, move=found, heading=_(label), entries=queries.entries(one),
        titles=queries.TITLES, **more,
    )  # fmt: skip
    return page, status or shown


@bp.get("/my/channel")
@access(roles.ORGANISATION)
def mine() -> Any:
    page = paged(lists.own(actor()).query)
    return render_template(
        "channel/mine.html", page=page, projects=queries.projects_of(actor()), urgencies=helping.URGENCY_WORDS,
        outcomes=helping.OUTCOME_WORDS, hours=_hours(),
    )  # fmt: skip


@kit.offer_export(bp, "mine", "/my/channel", roles.ORGANISATION)
def _own_list() -> Any:
    return lists.own(actor())


@bp.get("/staff/channel")
@access(roles.INSIDE)
def staff_index() -> Any:
    wanted = queries.filters(request.path, request.args)
    page = paged(lists.requests(actor(), wanted).query)
    return render_template(
        "channel/index.html", page=page, wanted=wanted, answers=helping.lately(), minutes=helping.minutes_words,
        left={one.id: queries.left(one) for one in page.rows if one.state is HelpState.RAISED}, months=helping.MONTHS,
        urgencies=helping.URGENCY_WORDS, outcomes=helping.OUTCOME_WORDS, hours=_hours(),
        titles={"show": _("办到哪一步"), "kind": _("需要谁帮忙"), "section": _("主办科室")},
        here=url_for("channel.staff_index"),
    )  # fmt: skip


@kit.offer_export(bp, "staff_index", "/staff/channel", roles.INSIDE)
def _staff_list() -> Any:
    return lists.requests(actor(), queries.filters(request.path, request.args))


from matchhub.features.channel import views_coaching, views_resources  # noqa: E402, F401 - they add their routes
