"""The host's pages: planning, agenda, people, record."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, render_template, request, url_for

from matchhub.core import files as store
from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged, viewer
from matchhub.documents import qr
from matchhub.domain import attachments, eventing, paths, policy, roles
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.lifecycle.event import HOSTS
from matchhub.domain.models import Event, EventKind, Need, Presentation, SignupKind
from matchhub.domain.parties import parties
from matchhub.features import kit
from matchhub.features.events import agenda, forms, hosting, queries, recording, service, signing
from matchhub.features.events.views import bp

PLAIN = ",".join(move.action for move in LIVES[Event].moves if move.label and not move.page)


@bp.get("/staff/events")
@access(get=roles.INSIDE)
def staff_index() -> Any:
    wanted = queries.filters(request.path, request.args, staff=True)
    page = paged(queries.listed(viewer(), wanted))
    return render_template(
        "events/staff_index.html", page=page, wanted=wanted, turnouts=queries.turnouts(page.rows), may_plan=_may_plan()
    )


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
    event = _hosted(ref)
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


def _hosted(ref: str) -> Event:
    """An event that this person may host. Raises Missing."""
    event = queries.find(ref, actor())
    policy.require(actor(), event, *HOSTS)
    return event


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
    event = _hosted(ref)
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
    event = _hosted(ref)
    form, status = forms.ReasonForm(obj=event), 0
    if form.validate_on_submit():
        try:
            service.cancel(actor(), event, form.reason.data, form.seen_version())
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
        else:
            return done(_("活动已取消，已经报名的人会收到通知。"), paths.path(event, paths.STAFF))
    page, shown = kit.shown("events/cancel.html", form, event=event, turnout=queries.turnout(event))
    return page, status or shown


# --- the agenda -------------------------------------------------------------------------------------------------------


@bp.post("/staff/events/<ref>/items")
@access(roles.OFFICE)
def add_item(ref: str) -> Any:
    """Add one item, or at a roadshow every application that is not there yet."""
    event = _hosted(ref)
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
    event = _hosted(ref)
    agenda.shift(actor(), queries.item_of(event, code), way == "up", kit.seen_version())
    return done(_("顺序已调整。"), _agenda_of(event))


@bp.route("/staff/events/<ref>/items/<code>/withdraw", methods=["GET", "POST"])
@access(roles.OFFICE)
def withdraw_item(ref: str, code: str) -> Any:
    event = _hosted(ref)
    item, form, status = queries.item_of(event, code), forms.ReasonForm(obj=event), 0
    if form.validate_on_submit():
        try:
            agenda.withdraw(actor(), item, form.reason.data, form.seen_version())
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
        else:
            return done(_("已从议程撤下。"), _agenda_of(event))
    page, shown = kit.shown("events/withdraw.html", form, event=event, item=item)
    return page, status or shown


@bp.post("/staff/events/<ref>/draw")
@access(roles.OFFICE)
def draw(ref: str) -> Any:
    event = _hosted(ref)
    agenda.draw(actor(), event, kit.seen_version())
    return done(_("顺序已抽签，各机构已收到消息。"), url_for("events.draw_shown", ref=ref))


# --- people -----------------------------------------------------------------------------------------------------------


@bp.route("/staff/events/<ref>/people", methods=["GET", "POST"])
@access(get=roles.OFFICE, post=roles.OFFICE)
def people(ref: str) -> Any:
    """Who signed up and who came; staff tick off, and key in a paper list."""
    event = _hosted(ref)
    form, status = forms.PaperForm(data={"kind": "resident"}), 0
    if request.method == "POST" and (number := request.form.get("signup", "")):
        found = next((one for one in queries.people(event) if str(one.id) == number), None)
        if found is None:
            abort(404)
        signing.check_in_by_staff(actor(), found)
        return done(_("已代为签到。"), url_for("events.people", ref=ref))
    if form.validate_on_submit():
        try:
            count = signing.key_in(actor(), event, (form.names.data or "").splitlines(), SignupKind(form.kind.data))
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
        else:
            return done(_("已补录 %(n)s 人，标明由工作人员代填。", n=count), url_for("events.people", ref=ref))
    page, shown = kit.shown(
        "events/people.html", form, event=event, people=queries.people(event), turnout=queries.turnout(event),
        kinds=forms.KINDS_OF_PEOPLE, left=eventing.seats_left(event), erased_on=eventing.erase_at(event),
        may_enter=event.state in signing.AT_THE_DOOR,
    )  # fmt: skip
    return page, status or shown


@bp.get("/staff/events/<ref>/sign-in-sheet")
@access(get=roles.OFFICE)
def sign_in_sheet(ref: str) -> Any:
    """The paper twin of the door: names of those who signed up and empty lines, to be printed."""
    event = _hosted(ref)
    rows = queries.sheet_rows(event)
    return render_template(
        "events/sign_in_sheet.html", event=event, rows=rows, blank=range(len(rows) + 1, max(len(rows) + 11, 31)),
        where=hosting.when_and_where(event), kinds=forms.KINDS_OF_PEOPLE,
    )  # fmt: skip


@bp.get("/staff/events/<ref>/poster")
@access(get=roles.OFFICE)
def poster(ref: str) -> Any:
    """A sheet for the notice board with the QR of the event's page."""
    event = _hosted(ref)
    address = f"{current_app.config['PUBLIC_URL']}{paths.path(event)}"
    code = qr.markup(address, _("活动页面的二维码"))
    return render_template("events/poster.html", event=event, address=address, code=code)


# --- the record -------------------------------------------------------------------------------------------------------


@bp.route("/staff/events/<ref>/minutes", methods=["GET", "POST"])
@access(roles.OFFICE)
def minutes(ref: str) -> Any:
    event = _hosted(ref)
    form, status = forms.MinutesForm(data=_minutes(event)), 0
    items = eventing.agenda(event)
    outcomes = {item.id: request.form.get(f"outcome-{item.id}", "")[:1000] for item in items}
    if form.validate_on_submit():
        try:
            return _keep_minutes(event, form, outcomes)
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
    page, shown = kit.shown(
        "events/minutes.html", form, event=event, items=items, named=eventing.namable(actor(), event, items),
        outcomes=outcomes if request.method == "POST" else {item.id: item.outcome for item in items},
        interests=recording.interests(event), photos=attachments.of(event, "event_photo"),
    )  # fmt: skip
    return page, status or shown


def _minutes(event: Event) -> dict[str, Any]:
    return {"version": str(event.version), "minutes": event.minutes or recording.draft_of_minutes(event)}


def _keep_minutes(event: Event, form: Any, outcomes: dict[int, str]) -> Any:
    text, seen = form.minutes.data or "", form.seen_version()
    if request.form.get("deed") == "publish":
        recording.publish_minutes(actor(), event, text, outcomes, seen)
        return done(_("纪要已发布。"), paths.path(event))
    recording.save_minutes(actor(), event, text, outcomes, seen)
    return done(_("纪要已暂存，还没有发布。"), url_for("events.minutes", ref=event.ref))


@bp.route("/staff/events/<ref>/files", methods=["GET", "POST"])
@access(roles.OFFICE)
def files(ref: str) -> Any:
    event = _hosted(ref)
    form, status = forms.FilesForm(data={"purpose": "event_photo"}), 0
    if request.method == "POST" and (code := request.form.get("remove", "")[:24]):
        recording.remove_file(actor(), event, code)
        return done(_("文件已删除。"), url_for("events.files", ref=ref))
    kinds = frozenset(store.PICTURES) if form.purpose.data == "event_photo" else store.ANY
    if form.validate_on_submit() and (stored := kit.keep_uploads(form, "files", kinds)) is not None:
        try:
            recording.keep_files(actor(), event, form.purpose.data, stored, bool(form.consent.data))
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
        else:
            return done(_("文件已上传。"), url_for("events.files", ref=ref))
    page, shown = kit.shown(
        "events/files.html", form, event=event, files=attachments.of(event, *recording.FILE_PURPOSES),
        file_kinds=forms.FILE_KINDS,
    )  # fmt: skip
    return page, status or shown


@bp.route("/staff/events/<ref>/interests", methods=["GET", "POST"])
@access(roles.OFFICE)
def interests(ref: str) -> Any:
    """Who wants to support what was presented."""
    event = _hosted(ref)
    items = eventing.agenda(event)
    form, status = forms.InterestForm(), 0
    form.item.choices = [(item.code, _named_item(item)) for item in items]
    if form.validate_on_submit():
        try:
            return _note(event, form)
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
    page, shown = kit.shown(
        "events/interests.html", form, event=event, items=items, interests=recording.interests(event),
        organisations=queries.organisation_names(),
    )  # fmt: skip
    return page, status or shown


def _named_item(item: Presentation) -> str:
    return f"{item.title} · {item.organisation.name}" if item.organisation else item.title


def _note(event: Event, form: Any) -> Any:
    organisation = queries.organisation_named(form.organisation.data or "")
    if form.organisation.data and organisation is None:
        raise Refused(_("没有叫“%(name)s”的机构，请从列表里选。", name=form.organisation.data))
    item = queries.item_of(event, form.item.data)
    recording.note_interest(actor(), item, form.who.data or "", form.kind.data, form.note.data or "", organisation)
    return done(_("意向已登记。"), url_for("events.interests", ref=event.ref))


@bp.route("/staff/events/<ref>/interests/<int:number>", methods=["GET", "POST"])
@access(roles.OFFICE)
def follow_up(ref: str, number: int) -> Any:
    event = _hosted(ref)
    known = recording.interests(event)
    interest = next((one for rows in known.values() for one in rows if one.id == number), None)
    if interest is None:
        abort(404)
    form, status = forms.FollowForm(data={"text": interest.follow_up, "settled": interest.settled}), 0
    if form.validate_on_submit():
        try:
            recording.follow_up(actor(), interest, form.text.data, bool(form.settled.data))
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
        else:
            return done(_("跟进情况已保存。"), url_for("events.interests", ref=ref))
    page, shown = kit.shown("events/follow_up.html", form, event=event, interest=interest)
    return page, status or shown
