"""Pages of events that everybody reads: the calendar, one event, its draw, its clock, and the feeds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, redirect, render_template, request

from matchhub.core import clock
from matchhub.core.access import PUBLIC, access
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.core.web import paged, viewer
from matchhub.documents import calendar
from matchhub.domain import attachments, eventing, paths, policy, roadshow
from matchhub.domain.models import Event, EventState, Presentation
from matchhub.features import kit
from matchhub.features.events import lists, queries, recording, signing

bp = Blueprint("events", __name__)

JSON = "application/json"


@bp.get("/events")
@access(PUBLIC)
@kept
def index() -> Any:
    """The list, or with ?month=2026-09 a month of the calendar."""
    wanted = queries.filters(request.path, request.args)
    if "month" in request.args:
        shown = queries.month(None, queries.month_of(request.args["month"]), wanted["kind"])
        return render_template("events/month.html", month=shown, wanted=wanted)
    page = paged(lists.public(wanted).query)
    return render_template("events/index.html", page=page, wanted=wanted, this_month=clock.today().strftime("%Y-%m"))


@kit.offer_export(bp, "index", "/events", PUBLIC)
def _index_list() -> Any:
    return lists.public(queries.filters(request.path, request.args))


@bp.get("/events/<ref>")
@access(PUBLIC)
@kept
def show(ref: str) -> Any:
    event = queries.find(ref, viewer())
    if event.state is EventState.PLANNED or not policy.can_see(None, event):
        return redirect(paths.path(event, paths.STAFF))
    items, named = queries.shown_items(viewer(), event)
    files = attachments.of(event, "event_photo", "event_public")
    held = event.state is EventState.PUBLISHED
    return render_template(
        "events/show.html",
        event=event,
        items=items,
        named=named,
        told=eventing.names_public(event),
        left=eventing.seats_left(event),
        why=signing.signup_problem(event, viewer()),
        photos=[file for file in files if file.purpose == "event_photo" and held],
        materials=[file for file in files if file.purpose == "event_public"],
        slides=_slides(event, items) if held and event.need is None else {},
        came=recording.attendance(event)[0] if held else None,
        interests=recording.interests(event) if held else {},
        means=_means(event),
    )


def _slides(event: Event, items: list[Presentation]) -> dict[int, list[Any]]:
    return attachments.of_all(items, "event_slides")


def _means(event: Event) -> dict[int, Decimal]:
    """By application the panel's result of a roadshow, once the need's result has been published."""
    if event.need is None or not eventing.names_public(event):
        return {}
    round_ = queries.round_of(event)
    return roadshow.told(round_) if round_ is not None else {}


@bp.get("/events/<ref>/draw")
@access(PUBLIC)
def draw_shown(ref: str) -> Any:
    """The draw with everything that is needed to redo it: seed, codes, lots and the few lines that compute them."""
    event = queries.find(ref, viewer())
    drawn = eventing.seed(event.draw_head, event.ref) if event.drawn_at else ""
    placed = [p for p in event.presentations if event.drawn_at and p.added_at <= event.drawn_at]
    placed.sort(key=lambda p: p.position or 0)
    return render_template(
        "events/draw.html",
        event=event,
        seed=drawn,
        placed=placed,
        lots={p.code: eventing.lot(drawn, p.code) for p in placed},
        named=eventing.namable(viewer(), event, placed),
        agrees=eventing.agrees(event),
    )


@bp.get("/events/<ref>/countdown")
@access(PUBLIC)
def countdown(ref: str) -> Any:
    """The clock on a phone of a presenter or a member of the panel."""
    event = queries.find(ref, viewer())
    return render_template("events/countdown.html", event=event, clock=eventing.countdown(event, clock.now()))


@bp.get("/events/<ref>/clock")
@access(PUBLIC)
def clock_data(ref: str) -> Any:
    """The clock as numbers, without a name: for screens that count on by themselves."""
    event = queries.find(ref, viewer())
    return plain_json(eventing.countdown(event, clock.now()))


def plain_json(data: dict[str, Any]) -> Response:
    answer = jsonify(data)
    answer.headers["Cache-Control"] = "no-store"
    return answer


# --- calendar files and feeds ----------------------------------------------------------------------------------------


def _dated(event: Event) -> calendar.Event:
    url = f"{current_app.config['PUBLIC_URL']}{paths.path(event)}"
    return calendar.Event(
        uid=calendar.uid("event", event.ref, "held"), title=event.title, starts_at=event.starts_at,
        ends_at=event.ends_at, place=event.place, text=event.summary, url=url, remind=(24,),
        cancelled=event.state is EventState.CANCELLED, sequence=event.version,
    )  # fmt: skip


def _calendar(events: list[Event], name: str, file: str) -> Response:
    body = calendar.write([_dated(event) for event in events], name)
    answer = Response(body, content_type=f"{calendar.MIMETYPE}; charset=utf-8")
    answer.headers["Content-Disposition"] = f'inline; filename="{file}.ics"'
    return answer


@bp.get("/events/<ref>/calendar.ics")
@access(PUBLIC)
def calendar_file(ref: str) -> Any:
    event = queries.find(ref, None)
    return _calendar([event], event.title, event.ref)


@bp.get("/feeds/events.ics")
@access(PUBLIC)
def calendar_feed() -> Any:
    return _calendar(queries.public_ones(), _("曹杨益家活动"), "events")


@bp.get("/feeds/events.atom")
@access(PUBLIC)
def atom() -> Any:
    entries = [
        kit.FeedEntry(event.title, paths.path(event), event.published_at or event.announced_at or event.created_at,
                      _("%(at)s，%(place)s", at=f"{clock.local(event.starts_at):%Y-%m-%d %H:%M}", place=event.place))
        for event in queries.public_ones(50)
    ]  # fmt: skip
    return kit.feed(_("曹杨益家活动"), "/events", entries)


from matchhub.features.events import views_mine, views_record, views_run, views_sign, views_staff  # noqa: E402, F401 - they add routes
