"""The host's pages before the event: its plan and its agenda."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for

from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged
from matchhub.domain import attachments, eventing, paths, roles
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.lifecycle.event import HOSTS
from matchhub.domain.models import Event, EventKind, Need
from matchhub.domain.parties import parties
from matchhub.features import kit
from matchhub.features.events import agenda, forms, lists, queries, recording, service
from matchhub.features.events.views import bp

PLAIN = ",".join(move.action for move in LIVES[Event].moves if move.label and not move.page)


@bp.get("/staff/events")
@access(get=roles.INSIDE)
def staff_index() -> Any:
    wanted = queries.filters(request.path, request.args, staff=True)
    page = paged(lists.office(actor(), wanted).query)
    return render_template(
        "events/staff_index.html", page=page, wanted=wanted, turnouts=queries.turnouts(page.rows), may_plan=_may_plan()
    )


@kit.offer_export(bp, "staff_index", "/staff/events", roles.INSIDE)
def _staff_list() -> Any:
    return lists.office(actor(), queries.filters(request.path, request.args, staff=True))


def _may_plan() -> bool:
    return bool(actor().role_codes & roles.OFFICE)


@bp.route("/staff/events/new", methods=["GET", "POST"])
@access(roles.OFFICE)
def new() -> Any:
    form = forms.EventForm(data=forms.fresh(actor()))
    _choices(form, None)
    if form.validate_on_submit():
        try:
            event = service.plan(actor(), form.plan(_need(form)))
        except Refused as no:
            form.form_errors.append(str(no))
        else:
            return done(_("活动已建立，还没有公布。"), paths.path(event, paths.STAFF))
    return _form_page(form, None)


@bp.route("/staff/events/<ref>/edit", methods=["GET", "POST"])
@access(roles.OFFICE)
def edit(ref: str) -> Any:
    event = queries.hosted(ref, actor())
    form = forms.EventForm(data=forms.filled(event))
    _choices(form, event)
    if form.validate_on_submit():
        try:
            service.edit(actor(), event, form.plan(_need(form)), form.seen_version())
        except Refused as no:
            form.form_errors.append(str(no))
        else:
            return done(_("活动安排已保存。"), paths.path(event, paths.STAFF))
    return _form_page(form, event)


def _choices(form: Any, event: Event | None) -> None:
    form.need_ref.choices = [("", _("没有对应的需求")), *queries.needs_for_roadshow(actor(), event)]


def _need(form: Any) -> Need | None:
    return queries.need_by_ref(form.need_ref.data or "") if form.kind.data == EventKind.ROADSHOW.value else None


def _form_page(form: Any, event: Event | None) -> Any:
    page, status = kit.shown("events/edit.html", form, event=event)
    return page, 409 if form.form_errors else status


def hosts(event: Event) -> bool:
    return bool(parties(actor(), event) & set(HOSTS))


@bp.get("/staff/events/<ref>")
@access(get=roles.INSIDE)
def staff_show(ref: str) -> Any:
    event = queries.find(ref, actor())
    items, named = queries.shown_items(actor(), event)
    return render_template(
        "events/staff_show.html",
        event=event,
        items=items,
        named=named,
        withdrawn=[p for p in event.presentations if p.withdrawn_at is not None],
        hosts=hosts(event),
        offers=kit.offers(event, actor()),
        turnout=queries.turnout(event),
        files=attachments.of(event, *recording.FILE_PURPOSES),
        file_kinds=forms.FILE_KINDS,
        slides=attachments.of_all(items, "event_slides"),
        interests=recording.interests(event),
        waiting=agenda.reviewed(event) if event.drawn_at is None else [],
        form=forms.ItemForm(),
        organisations=queries.organisation_names() if hosts(event) else [],
        projects=queries.project_choices() if hosts(event) else [],
        history=queries.history(event),
        audience=_(forms.AUDIENCES[event.audience]),
        changing=event.state in agenda.CHANGING,
        editable=event.state in service.EDITABLE,
        ordered=event.kind is not EventKind.ROADSHOW and event.drawn_at is None,
        erased_on=eventing.erase_at(event),
    )


@bp.post(f"/staff/events/<ref>/<any({PLAIN}):action>")
@access(roles.OFFICE)
def move(ref: str, action: str) -> Any:
    event = queries.hosted(ref, actor())
    service.move(actor(), event, action, kit.seen_version())
    told = {
        "announce": _("活动已公布，参加陈述的机构已收到消息。"),
        "start": _("活动开始，可以扫码签到了。"),
        "end": _("活动已结束，请写纪要。"),
    }
    to = url_for("events.desk", ref=ref) if action == "start" else paths.path(event, paths.STAFF)
    return done(told[action], to)


@bp.route("/staff/events/<ref>/cancel", methods=["GET", "POST"])
@access(roles.OFFICE)
def cancel(ref: str) -> Any:
    event = queries.hosted(ref, actor())
    form = forms.ReasonForm(obj=event)
    if form.validate_on_submit():
        with kit.refusals(form):
            service.cancel(actor(), event, form.reason.data, form.seen_version())
            return done(_("活动已取消，已经报名的人会收到通知。"), paths.path(event, paths.STAFF))
    return kit.shown("events/cancel.html", form, event=event, turnout=queries.turnout(event))


# --- the agenda -------------------------------------------------------------------------------------------------------


@bp.post("/staff/events/<ref>/items")
@access(roles.OFFICE)
def add_item(ref: str) -> Any:
    """Add one item, or at a roadshow every application that is not there yet."""
    event = queries.hosted(ref, actor())
    if request.form.get("deed") == "take_up":
        agenda.take_up_applications(actor(), event, kit.seen_version())
        return done(_("合格申报已列入议程。"), _agenda_of(event))
    form = forms.ItemForm()
    if not form.validate():
        abort(422)
    project = queries.project_by_ref((form.project.data or "").upper())
    if form.project.data and project is None:
        raise Refused(_("没有编号为 %(ref)s 的项目，请核对编号。", ref=form.project.data))
    organisation = queries.organisation_named(form.organisation.data or "")
    if form.organisation.data and organisation is None:
        raise Refused(_("没有叫“%(name)s”的机构，请从列表里选。", name=form.organisation.data))
    agenda.add(actor(), event, form.title.data or "", organisation, project, kit.seen_version())
    return done(_("已加入议程。"), _agenda_of(event))


def _agenda_of(event: Event) -> str:
    return f"{paths.path(event, paths.STAFF)}#agenda"


@bp.post("/staff/events/<ref>/items/<code>/<any(up,down):way>")
@access(roles.OFFICE)
def shift_item(ref: str, code: str, way: str) -> Any:
    event = queries.hosted(ref, actor())
    agenda.shift(actor(), queries.item_of(event, code), way == "up", kit.seen_version())
    return done(_("顺序已调整。"), _agenda_of(event))


@bp.route("/staff/events/<ref>/items/<code>/withdraw", methods=["GET", "POST"])
@access(roles.OFFICE)
def withdraw_item(ref: str, code: str) -> Any:
    event = queries.hosted(ref, actor())
    item, form = queries.item_of(event, code), forms.ReasonForm(obj=event)
    if form.validate_on_submit():
        with kit.refusals(form):
            agenda.withdraw(actor(), item, form.reason.data, form.seen_version())
            return done(_("已从议程撤下。"), _agenda_of(event))
    return kit.shown("events/withdraw.html", form, event=event, item=item)


@bp.post("/staff/events/<ref>/draw")
@access(roles.OFFICE)
def draw(ref: str) -> Any:
    event = queries.hosted(ref, actor())
    agenda.draw(actor(), event, kit.seen_version())
    return done(_("顺序已抽签，各机构已收到消息。"), url_for("events.draw_shown", ref=ref))
