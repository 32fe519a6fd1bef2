"""The host's pages of the event itself: who came, what was said, what came of it."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, render_template, request, url_for

from matchhub.core import files as store
from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done
from matchhub.documents import qr
from matchhub.domain import attachments, eventing, paths, roles
from matchhub.domain.models import Event, Presentation, SignupKind
from matchhub.features import kit
from matchhub.features.events import forms, hosting, queries, recording, signing
from matchhub.features.events.views import bp

# --- people -----------------------------------------------------------------------------------------------------------


@bp.route("/staff/events/<ref>/people", methods=["GET", "POST"])
@access(get=roles.OFFICE, post=roles.OFFICE)
def people(ref: str) -> Any:
    """Who signed up and who came; staff tick off, and key in a paper list."""
    event = queries.hosted(ref, actor())
    form = forms.PaperForm(data={"kind": "resident"})
    if request.method == "POST" and (number := request.form.get("signup", "")):
        found = next((one for one in queries.people(event) if str(one.id) == number), None)
        if found is None:
            abort(404)
        signing.check_in_by_staff(actor(), found)
        return done(_("已代为签到。"), url_for("events.people", ref=ref))
    if form.validate_on_submit():
        with kit.refusals(form):
            count = signing.key_in(actor(), event, (form.names.data or "").splitlines(), SignupKind(form.kind.data))
            return done(_("已补录 %(n)s 人，标明由工作人员代填。", n=count), url_for("events.people", ref=ref))
    return kit.shown(
        "events/people.html", form, event=event, people=queries.people(event), turnout=queries.turnout(event),
        kinds=forms.KINDS_OF_PEOPLE, left=eventing.seats_left(event), erased_on=eventing.erase_at(event),
        may_enter=event.state in signing.AT_THE_DOOR,
    )  # fmt: skip


@bp.get("/staff/events/<ref>/sign-in-sheet")
@access(get=roles.OFFICE)
def sign_in_sheet(ref: str) -> Any:
    """The paper twin of the door: names of those who signed up and empty lines, to be printed."""
    event = queries.hosted(ref, actor())
    rows = queries.sheet_rows(event)
    return render_template(
        "events/sign_in_sheet.html", event=event, rows=rows, blank=range(len(rows) + 1, max(len(rows) + 11, 31)),
        where=hosting.when_and_where(event), kinds=forms.KINDS_OF_PEOPLE,
    )  # fmt: skip


@bp.get("/staff/events/<ref>/poster")
@access(get=roles.OFFICE)
def poster(ref: str) -> Any:
    """A sheet for the notice board with the QR of the event's page."""
    event = queries.hosted(ref, actor())
    address = f"{current_app.config['PUBLIC_URL']}{paths.path(event)}"
    code = qr.markup(address, _("活动页面的二维码"))
    return render_template("events/poster.html", event=event, address=address, code=code)


# --- the record -------------------------------------------------------------------------------------------------------


@bp.route("/staff/events/<ref>/minutes", methods=["GET", "POST"])
@access(roles.OFFICE)
def minutes(ref: str) -> Any:
    event = queries.hosted(ref, actor())
    form = forms.MinutesForm(data=_minutes(event))
    items = eventing.agenda(event)
    outcomes = {item.id: request.form.get(f"outcome-{item.id}", "")[:1000] for item in items}
    if form.validate_on_submit():
        with kit.refusals(form):
            return _keep_minutes(event, form, outcomes)
    return kit.shown(
        "events/minutes.html", form, event=event, items=items, named=eventing.namable(actor(), event, items),
        outcomes=outcomes if request.method == "POST" else {item.id: item.outcome for item in items},
        interests=recording.interests(event), photos=attachments.of(event, "event_photo"),
    )  # fmt: skip


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
    event = queries.hosted(ref, actor())
    form = forms.FilesForm(data={"purpose": "event_photo"})
    if request.method == "POST" and (code := request.form.get("remove", "")[:24]):
        recording.remove_file(actor(), event, code)
        return done(_("文件已删除。"), url_for("events.files", ref=ref))
    kinds = frozenset(store.PICTURES) if form.purpose.data == "event_photo" else store.ANY
    if form.validate_on_submit() and (stored := kit.keep_uploads(form, "files", kinds)) is not None:
        with kit.refusals(form):
            recording.keep_files(actor(), event, form.purpose.data, stored, bool(form.consent.data))
            return done(_("文件已上传。"), url_for("events.files", ref=ref))
    return kit.shown(
        "events/files.html", form, event=event, files=attachments.of(event, *recording.FILE_PURPOSES),
        file_kinds=forms.FILE_KINDS,
    )  # fmt: skip


@bp.route("/staff/events/<ref>/interests", methods=["GET", "POST"])
@access(roles.OFFICE)
def interests(ref: str) -> Any:
    """Who wants to support what was presented."""
    event = queries.hosted(ref, actor())
    items = eventing.agenda(event)
    form = forms.InterestForm()
    form.item.choices = [(item.code, _named_item(item)) for item in items]
    if form.validate_on_submit():
        with kit.refusals(form):
            return _note(event, form)
    return kit.shown(
        "events/interests.html", form, event=event, items=items, interests=recording.interests(event),
        organisations=queries.organisation_names(),
    )  # fmt: skip


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
    event = queries.hosted(ref, actor())
    known = recording.interests(event)
    interest = next((one for rows in known.values() for one in rows if one.id == number), None)
    if interest is None:
        abort(404)
    form = forms.FollowForm(data={"text": interest.follow_up, "settled": interest.settled})
    if form.validate_on_submit():
        with kit.refusals(form):
            recording.follow_up(actor(), interest, form.text.data, bool(form.settled.data))
            return done(_("跟进情况已保存。"), url_for("events.interests", ref=ref))
    return kit.shown("events/follow_up.html", form, event=event, interest=interest)
