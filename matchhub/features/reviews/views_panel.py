"""Pages around the panel: draws by lot, for the street and for everybody, and ties that are taken back."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import abort, render_template, request, url_for

from matchhub.core.access import PUBLIC, access
from matchhub.core.db import db
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.core.web import actor, done, viewer
from matchhub.domain import drawing, panels, policy, reference, roles
from matchhub.domain.models import ReviewRound, User
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.reviews import lots, queries, tying
from matchhub.features.reviews.forms import DrawForm, UntieAnswerForm, UntieForm
from matchhub.features.reviews.views import READING, bp


@bp.route("/staff/rounds/<ref>/draw", methods=["GET", "POST"])
@access(get=roles.STREET | roles.AUDITOR, post=roles.STAFF)
def draw(ref: str) -> Any:
    """The draws so far with names, and the next one."""
    round_ = policy.find(ReviewRound, ref, viewer())
    form = DrawForm(obj=round_, wanted=_proposed(round_))
    if form.validate_on_submit() and form.wanted.data:
        try:
            row = lots.draw_panel(actor(), round_, form.wanted.data, form.seen_version())
            return done(_("已抽出 %(n)s 位评审人。", n=len(row.chosen)), url_for("reviews.draw", ref=ref))
        except Refused as no:
            form.form_errors = [str(no)]
    return kit.shown(
        "reviews/draw.html",
        form,
        round=round_,
        draws=[(one, lots.rows(one, round_), lots.redrawn(one, round_.need.ref)) for one in lots.draws(round_)],
        seats=drawing.seats(round_, lots.draws(round_)),
        candidates=queries.candidates(round_, panels.applications(round_)),
        why=lots.why_not(round_, actor()),
        decides=Party.OFFICE in parties(actor(), round_),
        reasons=lots.why,
        minimum=reference.setting("panel_minimum"),
        limit=reference.setting("panel_load_limit"),
    )


def _proposed(round_: ReviewRound) -> int:
    """As many as the setting asks for, less those who have a seat."""
    return max(1, min(lots.MOST, int(reference.setting("panel_size")) - len(round_.panel)))


@bp.get("/draws/<ref>")
@access(PUBLIC)
@kept
def published_draw(ref: str) -> Any:
    """The draws of a round for everybody: seed, pool and outcome by numbers, without names, to be drawn again."""
    round_ = db.session.scalar(sa.select(ReviewRound).where(ReviewRound.ref == ref))
    found = lots.draws(round_) if round_ is not None else []
    if round_ is None or not found or not policy.can_see(None, round_.need):
        abort(404)
    return render_template(
        "reviews/published_draw.html",
        round=round_,
        draws=[(one, lots.rows(one, round_), lots.redrawn(one, round_.need.ref)) for one in found],
        seats=drawing.seats(round_, found),
        minimum=reference.setting("panel_minimum"),
        limit=reference.setting("panel_load_limit"),
    )


@bp.route("/staff/rounds/<ref>/ties/<int:number>", methods=["GET", "POST"])
@access(get=READING, post=roles.STREET)
def untie(ref: str, number: int) -> Any:
    """A tie that was declared by mistake: one person asks to take it back, another one decides."""
    round_ = policy.find(ReviewRound, ref, viewer())
    row = tying.find(round_, number)
    asked = tying.waiting([row]).get(row.id)
    form = UntieAnswerForm() if asked else UntieForm()
    if form.validate_on_submit():
        try:
            if asked:
                granted = request.form.get("granted") == "yes"
                tying.decide(actor(), round_, row, granted, form.answer.data or "")
                return done(_("已核准撤销。") if granted else _("没有核准，登记仍然有效。"), _back(ref))
            tying.ask(actor(), round_, row, form.reason.data)
            return done(_("撤销申请已提交，等另一个人核准。"), _back(ref))
        except Refused as no:
            form.form_errors = [str(no)]
    entry = next(one for one in panels.applications(round_) if one.organisation_id == row.organisation_id)
    return kit.shown(
        "reviews/untie.html",
        form,
        round=round_,
        tie=row,
        kind=reference.word("tie_kind", row.kind),
        organisation=entry.organisation.name,
        judge=db.session.get_one(User, row.user_id).name,
        asked=asked,
        problem=tying.problem(row),
        may_ask=bool({Party.OFFICE, Party.APPROVER} & parties(actor(), round_)),
        may_decide=bool(asked) and Party.APPROVER in parties(actor(), round_) and asked.asked_by_id != actor().id,
    )


def _back(ref: str) -> str:
    return url_for("reviews.show", ref=ref) + "#ties"
