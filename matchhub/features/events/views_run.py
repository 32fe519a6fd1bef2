"""The room: the control desk, the big screen, and what the screens ask for."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from flask import current_app, render_template, request, url_for

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.i18n import _
from matchhub.core.web import actor, done
from matchhub.documents import qr
from matchhub.domain import eventing, roadshow, roles
from matchhub.domain.models import Event, EventState, Presentation, Stage
from matchhub.features import kit
from matchhub.features.events import queries, running
from matchhub.features.events.forms import BallotsForm
from matchhub.features.events.views import bp, plain_json

# How many codes the screen gets in advance: with 30 seconds each it shows the QR for five minutes without a network.
AHEAD = 10


@bp.get("/staff/events/<ref>/run")
@access(get=roles.OFFICE)
def desk(ref: str) -> Any:
    """The control desk: one row for each presentation, its clock, its ballots, and how far the sheets are."""
    event = queries.hosted(ref, actor())
    return _desk_page(event, None, BallotsForm()), 200


def _desk_page(event: Event, keyed: Presentation | None, form: BallotsForm) -> str:
    items = eventing.agenda(event)
    round_ = queries.round_of(event)
    return render_template(
        "events/desk.html",
        event=event,
        items=items,
        current=eventing.current(items),
        clock=eventing.countdown(event, clock.now()),
        ballots=running.ballots_so_far(event) if event.ballots else {},
        board=roadshow.board(round_, items) if round_ is not None else {},
        turnout=queries.turnout(event),
        form=form,
        keyed=keyed,
        offers=kit.offers(event, actor()),
        next=next((item for item in items if item.stage is Stage.WAITING), None),
    )


@bp.post(f"/staff/events/<ref>/run/<code>/<any({','.join(running.DEEDS)}):deed>")
@access(roles.OFFICE)
def run(ref: str, code: str, deed: str) -> Any:
    event = queries.hosted(ref, actor())
    running.run(actor(), queries.item_of(event, code), deed)
    told = {
        "talk": _("陈述开始计时。"), "answer": _("答辩开始计时。"), "pause": _("计时已暂停。"), "resume": _("计时继续。"),
        "finish": _("这一家已结束。"),
    }  # fmt: skip
    return done(told[deed], url_for("events.desk", ref=ref))


@bp.route("/staff/events/<ref>/run/<code>/ballots", methods=["GET", "POST"])
@access(roles.OFFICE)
def ballots_of(ref: str, code: str) -> Any:
    """Key in paper ballots of one presentation, and close its ballots."""
    event = queries.hosted(ref, actor())
    item, form = queries.item_of(event, code), BallotsForm()
    if request.method == "GET":
        form.count.data, form.total.data = item.paper_count, int(item.paper_total)
    if form.validate_on_submit():
        with kit.refusals(form):
            running.key_in_ballots(actor(), item, form.count.data or 0, Decimal(form.total.data or 0))
            return done(_("纸质票已补录，还没有截止。"), url_for("events.ballots_of", ref=ref, code=code))
    return kit.shown(
        "events/ballots_of.html", form, event=event, item=item, phones=running.ballots_so_far(event).get(item.id, 0),
        number=eventing.agenda(event).index(item) + 1 if item.withdrawn_at is None else None,
        may_close=item.stage is Stage.DONE and item.ballots_closed_at is None and event.state is EventState.RUNNING,
    )  # fmt: skip


@bp.post("/staff/events/<ref>/run/<code>/close-ballots")
@access(roles.OFFICE)
def close_ballots(ref: str, code: str) -> Any:
    event = queries.hosted(ref, actor())
    running.close_ballots(actor(), queries.item_of(event, code))
    return done(_("投票已截止并计票。"), url_for("events.desk", ref=ref))


# --- the big screen ---------------------------------------------------------------------------------------------------


@bp.get("/staff/events/<ref>/screen")
@access(get=roles.OFFICE)
def screen(ref: str) -> Any:
    """The view for a projector: who presents, the countdown, and the QR of the door."""
    event = queries.hosted(ref, actor())
    return render_template(
        "events/screen.html", event=event, data=_screen(event), items=eventing.agenda(event),
        seconds=eventing.step_seconds(),
    )  # fmt: skip


@bp.get("/staff/events/<ref>/screen/data")
@access(get=roles.OFFICE)
def screen_data(ref: str) -> Any:
    return plain_json(_screen(queries.hosted(ref, actor())))


def _screen(event: Event) -> dict[str, Any]:
    now = clock.now()
    items = eventing.agenda(event)
    on = eventing.current(items)
    waiting = next((item for item in items if item.stage is Stage.WAITING), None)
    return eventing.countdown(event, now) | {
        "title": _title(on),
        "next_title": _title(waiting),
        "came": queries.turnout(event).checked_in,
        "codes": [_code(event, now, ahead) for ahead in range(AHEAD)] if event.state is EventState.RUNNING else [],
    }


def _title(item: Presentation | None) -> str:
    if item is None:
        return ""
    return item.organisation.name if item.organisation is not None else item.title


def _code(event: Event, now: datetime, ahead: int) -> dict[str, Any]:
    """One code with the moment from which it is shown (milliseconds since 1970) and its picture."""
    token = eventing.door_code(event, now, ahead)
    address = f"{current_app.config['PUBLIC_URL']}/check-in/{event.ref}?t={token}"
    return {"from": eventing.step_begins(now, ahead) * 1000, "picture": _picture(address)}


def _picture(address: str) -> str:
    """The QR as an address of its own, which the content policy lets a page show as a picture."""
    return f"data:image/svg+xml,{quote(qr.svg(address))}"
