"""Pages of the coaching log (辅导记录): of one project, of all of them, writing and answering."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.errors import Missing, Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged
from matchhub.domain import coaching, paths, policy, roles
from matchhub.domain.models import CoachingNote, Project
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.channel import lists, queries, service_coaching
from matchhub.features.channel.forms import CoachingForm, ReplyForm
from matchhub.features.channel.views import AROUND, bp

WRITERS = roles.OFFICE | roles.SUPERVISOR


@bp.get("/coaching/<ref>")
@access(AROUND)
def of_project(ref: str) -> Any:
    project = _readable(ref)
    mine = parties(actor(), project)
    return render_template(
        "channel/coaching.html", project=project, notes=coaching.of_project(actor(), project),
        total=coaching.total(project), may_write=coaching.may_write(actor(), project), own=Party.OWNER in mine,
        side=paths.MY if Party.OWNER in mine else paths.STAFF if actor().role_codes & roles.INSIDE else paths.JUDGE,
    )  # fmt: skip


def _readable(ref: str) -> Project:
    project = policy.find(Project, ref, actor())
    if not coaching.may_read(actor(), project):
        raise Missing(ref)
    return project


@bp.route("/coaching/<ref>/new", methods=["GET", "POST"])
@access(WRITERS)
def new_note(ref: str) -> Any:
    project = _readable(ref)
    policy.require(actor(), project, *coaching.WRITERS)
    form, status = CoachingForm(data={"given_on": clock.today(), "kind": "on_site"}), 0
    if form.validate_on_submit():
        try:
            made = service_coaching.give(actor(), project, form.values())
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
        else:
            return done(_("辅导记录已保存，机构会收到消息。"), paths.path(made, paths.STAFF))
    page, shown = kit.shown("channel/coach.html", form, project=project, may_write=coaching.may_write(actor(), project))
    return page, status or shown


@bp.route("/coaching/notes/<ref>/reply", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def reply_to_note(ref: str) -> Any:
    note = policy.find(CoachingNote, ref, actor())
    policy.require(actor(), note, Party.OWNER)
    form, status = ReplyForm(data={"version": str(note.version)}), 0
    if form.validate_on_submit():
        try:
            service_coaching.reply(actor(), note, form.words.data, form.seen_version())
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
        else:
            return done(_("已答复，写记录的人会收到消息。"), paths.path(note, paths.MY))
    page, shown = kit.shown("channel/coaching_reply.html", form, note=note)
    return page, status or shown


@bp.get("/staff/coaching")
@access(roles.INSIDE)
def coaching_index() -> Any:
    wanted = queries.coaching_filters(request.path, request.args)
    page = paged(lists.coaching(actor(), wanted).query)
    return render_template(
        "channel/coaching_index.html", page=page, wanted=wanted, total=coaching.total(),
        titles={"kind": _("方式"), "section": _("主办科室")},
    )  # fmt: skip


@kit.offer_export(bp, "coaching_index", "/staff/coaching", roles.INSIDE)
def _coaching_list() -> Any:
    return lists.coaching(actor(), queries.coaching_filters(request.path, request.args))
