"""Pages of the street for reviews; the reviewers' own are in views_mine.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.db import db
from matchhub.core.errors import Missing, Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged, viewer
from matchhub.domain import (
    awarding,
    blind,
    discussing,
    eventing,
    intake,
    lifecycle,
    panels,
    paths,
    policy,
    reference,
    roles,
    sheet_items,
    sheets,
)
from matchhub.domain.lifecycle.review import result_current
from matchhub.domain.models import Application, Need, ReviewRound, RoundState, Rubric, ScoreSheet, SubjectKind, User
from matchhub.domain.parties import Party, parties
from matchhub.domain.scoring import words
from matchhub.features import kit
from matchhub.features.reviews import lists, lots, queries, service, signing, tying
from matchhub.features.reviews.forms import BallotForm, SetUpForm

bp = Blueprint("reviews", __name__)
PLAIN = ",".join(move.action for move in lifecycle.LIVES[ReviewRound].moves if move.label and not move.page)
READING = roles.STREET | roles.AUDITOR


@bp.route("/staff/rounds")
@access(get=roles.INSIDE)
def rounds() -> Any:
    state = request.args.get("state", "")
    states = lifecycle.LIVES[ReviewRound].words
    page = paged(lists.rounds(actor(), state).query)
    return render_template(
        "reviews/rounds.html",
        page=page,
        rows=queries.with_counts(page.rows),
        state=state,
        states=states,
        life=lifecycle,
    )


@kit.offer_export(bp, "rounds", "/staff/rounds", roles.INSIDE)
def _rounds_list() -> Any:
    return lists.rounds(actor(), request.args.get("state", ""))


@bp.route("/staff/needs/<ref>/review", methods=["GET", "POST"])
@access(get=roles.STREET, post=roles.STAFF)
def set_up(ref: str) -> Any:
    need = policy.find(Need, ref, viewer())
    if (found := panels.of_need(need)) is not None:
        return redirect(url_for("reviews.show", ref=found.ref))
    policy.require(actor(), need, Party.OFFICE)
    form = SetUpForm(obj=need, due_on=need.review_on or reference.calendar().add(clock.today(), 5))
    if form.validate_on_submit() and form.due_on.data:
        try:
            due_at = clock.utc(form.due_on.data, reference.terms().close_time)
            round_ = service.set_up(actor(), need, due_at, form.seen_version())
            return done(_("评审已建立，请选评审人。"), url_for("reviews.show", ref=round_.ref))
        except Refused as no:
            form.form_errors = [str(no)]
    rubric = db.session.get(Rubric, need.rubric_id)
    why = lifecycle.refusal(need, "start_review", actor(), clock.now())
    return kit.shown("reviews/set_up.html", form, need=need, rubric=rubric, why=why)


# --- one round -------------------------------------------------------------------------------------------------------


@bp.route("/staff/rounds/<ref>")
@access(get=roles.INSIDE)
def show(ref: str) -> Any:
    return _page(policy.find(ReviewRound, ref, viewer()))


def _page(round_: ReviewRound, ballot: BallotForm | None = None, status: int = 200) -> Any:
    entries, mine_ = panels.applications(round_), parties(actor(), round_)
    may_add = Party.OFFICE in mine_ and round_.state in service.ADDING
    over = round_.state not in intake.UNDER_WAY
    return render_template(
        "reviews/round.html",
        round=round_,
        entries=entries,
        rows=queries.progress(round_, entries),
        progress_words=queries.PROGRESS,
        ties=tying.lines(round_, entries),
        may_untie=bool(roles.STREET & actor().role_codes) and round_.state is not RoundState.DECIDED,
        tie_word=lambda kind: reference.word("tie_kind", kind),
        drawn=lots.draws(round_),
        discussions=discussing.of_round(round_) if over else {},
        may_discuss=Party.OFFICE in mine_ and round_.state is RoundState.DECIDING,
        hidden=blind.words(round_.rubric.hidden or ()),
        signatures=signing.signatures(round_) if over else [],
        needed=signing.needed(),
        candidates=queries.candidates(round_, entries) if may_add else [],
        may_add=may_add,
        may_remove=may_add and round_.state is RoundState.PREPARING,
        offers=[
            (button, why) for button, why in kit.offers(round_, viewer()) if button.action != "recompute" or not why
        ],
        outdated=over and round_.state is not RoundState.DECIDED and bool(result_current(round_, clock.now())),
        address=lambda action: url_for("reviews.move", ref=round_.ref, action=action),
        result=round_.result if over else None,
        computed_at=datetime.fromisoformat(round_.result["computed_at"]) if over else None,
        proposer=queries.name_of(round_.proposed_by_id),
        decider=queries.name_of(round_.decided_by_id),
        decisions=awarding.decisions(round_) if over else {},
        reads_sheets=bool(READING & actor().role_codes),
        notice=awarding.notice_of(round_.need) if over else None,
        events=eventing.listed(round_.need, actor()),
        ballots=_ballots(round_, mine_),
        ballot=ballot,
        **_result_words(round_),
    ), status


def _result_words(round_: ReviewRound) -> dict[str, Any]:
    return {
        "words": words,
        "groups": queries.group_names(round_),
        "judges": queries.judge_names(round_),
        "kinds": panels.stages(round_.need),
        "paths": paths,
    }


def _ballots(round_: ReviewRound, mine_: frozenset[Party]) -> bool:
    scoring = round_.state is RoundState.SCORING
    return scoring and Party.OFFICE in mine_ and SubjectKind.ROADSHOW in panels.stages(round_.need)


def _reviewer() -> User:
    typed = request.form.get("user", "")
    found = db.session.get(User, int(typed)) if typed.isdigit() and len(typed) < 10 else None
    if found is None:
        raise Missing(typed)
    return found


@bp.route("/staff/rounds/<ref>/panel", methods=["POST"])
@access(roles.STAFF)
def add(ref: str) -> Any:
    round_ = policy.find(ReviewRound, ref, viewer())
    reviewer = _reviewer()
    service.add_panelist(actor(), round_, reviewer)
    return done(_("%(name)s 已加入评审。", name=reviewer.name), url_for("reviews.show", ref=ref) + "#panel")


@bp.route("/staff/rounds/<ref>/panel/remove", methods=["POST"])
@access(roles.STAFF)
def remove(ref: str) -> Any:
    round_ = policy.find(ReviewRound, ref, viewer())
    reviewer = _reviewer()
    service.remove_panelist(actor(), round_, reviewer)
    return done(_("%(name)s 已移出评审。", name=reviewer.name), url_for("reviews.show", ref=ref) + "#panel")


@bp.route("/staff/rounds/<ref>/ballots", methods=["POST"])
@access(roles.STAFF)
def ballots(ref: str) -> Any:
    round_ = policy.find(ReviewRound, ref, viewer())
    policy.require(actor(), round_, Party.OFFICE)
    form = BallotForm()
    entry = next((one for one in panels.applications(round_) if one.ref == form.ref.data), None)
    if entry is None:
        raise Missing(str(form.ref.data))
    if form.validate_on_submit() and form.count.data:
        try:
            service.count_ballots(actor(), round_, entry, form.count.data, form.average_points())
            return done(_("居民票已登记。"), url_for("reviews.show", ref=ref) + "#ballots")
        except Refused as no:
            form.form_errors = [str(no)]
    return _page(round_, form, 422)


@bp.route(f"/staff/rounds/<ref>/<any({PLAIN}):action>", methods=["POST"])
@access(roles.STAFF)
def move(ref: str, action: str) -> Any:
    round_ = policy.find(ReviewRound, ref, viewer())
    service.MOVES[action](actor(), round_, kit.seen_version())
    sentences = {
        "open": _("已开始打分，评审人会收到消息。"),
        "finish": _("打分已结束，汇总结果已保存。"),
        "recompute": _("已重新汇总。"),
    }
    return done(sentences[action], url_for("reviews.show", ref=ref))


def read_sheet(ref: str, number: int) -> tuple[ReviewRound, ScoreSheet, Application]:
    """A submitted sheet with its round and its application; 404 while scoring goes on."""
    round_ = policy.find(ReviewRound, ref, viewer())
    found = queries.sheet_of(round_, number)
    if found is None or round_.state in intake.UNDER_WAY:
        abort(404)
    return round_, *found


@bp.route("/staff/rounds/<ref>/sheets/<int:number>")
@access(get=READING)
def sheet(ref: str, number: int) -> Any:
    """A submitted sheet, once scoring is over."""
    round_, row, entry = read_sheet(ref, number)
    lines = {line.item.code: line for line in row.lines}
    items = [(sheet_items.for_judge(item), lines.get(item.code)) for item in row.rubric.items]
    counted = row.digest in round_.result.get("digests", [])
    barred = panels.bars([row.judge], [entry]).of(row.judge_id, entry)
    seat = panels.seat(round_, row.judge)
    return render_template(
        "reviews/sheet_read.html", round=round_, sheet=row, entry=entry, items=items, counted=counted, words=words,
        total=sheets.total(row), ties=queries.tie_words(barred), declared_at=seat.declared_at if seat else None,
        replaced=db.session.get(ScoreSheet, row.replaces_id) if row.replaces_id else None,
    )  # fmt: skip


from matchhub.features.reviews import (  # noqa: E402, F401 - they add their routes to bp
    views_after,
    views_decision,
    views_mine,
    views_panel,
    views_paper,
)
