"""Sign-up, check-in and ballots: pages for people without an account, on phones, in a room with a bad network."""

from __future__ import annotations

import secrets
from typing import Any

from flask import current_app, make_response, redirect, render_template, request, url_for

from matchhub.core import clock
from matchhub.core.access import PUBLIC, access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import done, viewer
from matchhub.domain import eventing
from matchhub.domain.models import EventState, Signup, SignupStatus
from matchhub.features import kit
from matchhub.features.events import hosting, queries, signing
from matchhub.features.events.forms import KINDS_OF_PEOPLE, CheckInForm, PersonForm
from matchhub.features.events.views import bp

DEVICE = "check_in_device"


def _private(page: Any, status: int = 200) -> Any:
    """The address is the key: no copy of the page is kept, and no search engine lists it."""
    answer = make_response(page, status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@bp.route("/events/<ref>/sign-up", methods=["GET", "POST"])
@access(PUBLIC)
def sign_up(ref: str) -> Any:
    event = queries.find(ref, None)
    user, status = viewer(), 0
    works = user is not None and user.organisation_id is not None
    started = {"people": 1, "kind": "resident"}
    if works:
        started |= {"name": user.name, "phone": user.phone or "", "email": user.email or ""}
    form = PersonForm(data=started)
    why = signing.signup_problem(event, user)
    if why is None and form.validate_on_submit():
        try:
            signup = signing.sign_up(event, form.person(user), request.remote_addr or "")
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
        else:
            word = _("报名成功。") if signup.status is SignupStatus.REGISTERED else _("座位已满，您已进入候补。")
            return done(word, url_for("events.signup", code=signup.code))
    page, shown = kit.shown(
        "events/sign_up.html", form, event=event, why=why, works=works, left=eventing.seats_left(event),
        erased_on=eventing.erase_at(event),
    )  # fmt: skip
    return page, 409 if why and request.method == "POST" else status or shown


@bp.route("/signups/<code>", methods=["GET", "POST"])
@access(PUBLIC)
def signup(code: str) -> Any:
    """One sign-up for whoever holds its address: where it stands, and the way to cancel it."""
    found = signing.by_code(code)
    if request.method == "POST":
        signing.cancel_sign_up(found)
        return done(_("报名已取消，留下的姓名和联系方式已经删除。"), url_for("events.signup", code=code))
    return _private(
        render_template(
            "events/signup.html",
            signup=found,
            event=found.event,
            masked=queries.masked(found.name),
            kind=_(KINDS_OF_PEOPLE[found.kind]),
            where=hosting.when_and_where(found.event),
            erased_on=eventing.erase_at(found.event),
            may_cancel=_may_cancel(found),
        )
    )


def _may_cancel(found: Signup) -> bool:
    return (
        found.status is not SignupStatus.CANCELLED
        and found.checked_in_at is None
        and found.event.state is EventState.OPEN
    )


@bp.route("/check-in/<ref>", methods=["GET", "POST"])
@access(PUBLIC)
def check_in(ref: str) -> Any:
    """What the venue's QR opens. A scan in time gets a ticket; with it the form may be sent later, too."""
    event = queries.find(ref, None)
    device = request.cookies.get(DEVICE, "")[:80]
    if request.method == "POST":
        return _check_in(event, device)
    if device and (known := signing.by_device(event, device)) is not None:
        return redirect(url_for("events.signup", code=known.code))
    if not eventing.door_open(event, request.args.get("t", ""), clock.now()):
        return _private(render_template("events/door_closed.html", event=event), 200)
    form = CheckInForm(data={"ticket": eventing.ticket(event, clock.now()), "kind": "resident"})
    answer = _private(render_template("events/check_in.html", event=event, form=form))
    if not device:
        answer.set_cookie(
            DEVICE, secrets.token_urlsafe(18), max_age=2 * 24 * 3600, path="/check-in", httponly=True, samesite="Lax",
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        )  # fmt: skip
    return answer


def _check_in(event: Any, device: str) -> Any:
    form, status = CheckInForm(), 422
    if form.validate_on_submit():
        try:
            found = signing.check_in(
                event, form.ticket.data or "", device or form.ticket.data or "", form.person(viewer()),
                signup_code=_code_in(form.known.data), address=request.remote_addr or "",
            )  # fmt: skip
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
        else:
            return done(_("签到成功。"), url_for("events.signup", code=found.code))
    return _private(render_template("events/check_in.html", event=event, form=form), status)


def _code_in(typed: str | None) -> str:
    """The key of a sign-up, when somebody typed or pasted it instead of the phone number."""
    last = (typed or "").strip().rstrip("/").rpartition("/")[2]
    return last if len(last) == 16 and last.isascii() and last.isalnum() and not last.isdigit() else ""


@bp.route("/ballots/<code>", methods=["GET", "POST"])
@access(PUBLIC)
def ballots(code: str) -> Any:
    """The ballots of one checked-in resident: one for each presentation, from the beginning of its talk."""
    holder = signing.by_ballot_code(code)
    event = queries.find(holder.event.ref, None)
    items = [item for item in eventing.agenda(event) if item.began_at is not None]
    wrong, status = {}, 200
    if request.method == "POST":
        item = queries.item_of(event, request.form.get("item", "")[:24])
        try:
            typed = request.form.get("points", "")
            signing.vote(holder, item, int(typed) if typed.isdigit() and len(typed) < 3 else 0)
        except Refused as no:
            wrong, status = {item.id: str(no)}, 409
        else:
            return done(_("投票已收到。"), url_for("events.ballots", code=code))
    return _private(
        render_template(
            "events/ballots.html", event=event, items=items, cast=signing.cast_by(holder), wrong=wrong,
            open=[item.id for item in items if signing.votable(item)], number=_numbers(event), code=code,
        ),
        status,
    )  # fmt: skip


def _numbers(event: Any) -> dict[int, int]:
    return {item.id: n for n, item in enumerate(eventing.agenda(event), 1)}
