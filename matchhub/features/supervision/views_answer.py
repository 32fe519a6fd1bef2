"""Pages that follow a submitted record: the organisation's, and the street's that settle a contest."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from matchhub.core.access import access
from matchhub.core.errors import Missing, Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged, viewer
from matchhub.domain import lifecycle, policy, roles, sheets, supervising, visit_scoring
from matchhub.domain.models import Suggestion, Visit
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.supervision import lists, queries, service, showing
from matchhub.features.supervision.forms import CORRECT, KEEP, AnswerForm, ContestForm, SettleForm, settle_choices
from matchhub.features.supervision.views import bp, told
from matchhub.features.supervision.views_score import record_page

PLAIN = ",".join(move.action for move in lifecycle.LIVES[Visit].moves if move.label and not move.page)


@bp.get("/my/visits")
@access(get=roles.ORGANISATION)
def my_visits() -> Any:
    return render_template(
        "supervision/my_visits.html", page=paged(lists.own(actor()).query), orders=queries.my_orders(actor())
    )


@kit.offer_export(bp, "my_visits", "/my/visits", roles.ORGANISATION)
def _my_visits_list() -> Any:
    return lists.own(actor())


def _own(ref: str) -> Visit:
    visit = policy.find(Visit, ref, viewer())
    policy.require(actor(), visit, Party.OWNER)
    return visit


@bp.get("/my/visits/<ref>")
@access(get=roles.ORGANISATION)
def my_visit(ref: str) -> Any:
    return record_page(_own(ref), "my", form=AnswerForm(), answering=None)


@bp.post("/visits/<ref>/<any(" + PLAIN + "):action>")
@access(post=roles.ORG_ADMIN)
def move(ref: str, action: str) -> Any:
    visit = _own(ref)
    service.confirm(actor(), visit, kit.seen_version())
    return done(_("已确认。这次走访的得分计入日常督导分。"), url_for("supervision.my_visit", ref=ref))


@bp.post("/my/visits/<ref>/suggestions/<int:number>")
@access(post=roles.ORGANISATION)
def answer(ref: str, number: int) -> Any:
    visit, form = _own(ref), AnswerForm()
    suggestion = _numbered(visit, number)
    if form.validate_on_submit():
        try:
            service.answer_suggestion(actor(), suggestion, form.answer.data)
        except Refused as no:
            told(form, no)
        else:
            return done(_("答复已送达督导。"), url_for("supervision.my_visit", ref=ref))
    return record_page(visit, "my", form=form, answering=number), 422


def _numbered(visit: Visit, number: int) -> Suggestion:
    if not 1 <= number <= len(visit.suggestions):
        raise Missing(str(number))
    return visit.suggestions[number - 1]


@bp.route("/my/visits/<ref>/contest", methods=["GET", "POST"])
@access(get=roles.ORGANISATION, post=roles.ORG_ADMIN)
def contest(ref: str) -> Any:
    visit = _own(ref)
    form = ContestForm(version=str(visit.version))
    if form.validate_on_submit():
        stored = kit.keep_uploads(form, "papers")
        try:
            if stored is not None:
                service.contest(actor(), visit, form.reason.data, stored, form.seen_version())
                return done(_("异议已提交，街道处理后会通知您。"), url_for("supervision.my_visit", ref=ref))
        except Refused as no:
            told(form, no)
    return kit.shown("supervision/contest.html", form, visit=visit)


@bp.get("/staff/visits/<ref>")
@access(get=roles.INSIDE)
def staff_visit(ref: str) -> Any:
    return record_page(policy.find(Visit, ref, viewer()), "staff")


@bp.route("/staff/visits/<ref>/settle", methods=["GET", "POST"])
@access(roles.STREET)
def settle(ref: str) -> Any:
    visit = policy.find(Visit, ref, viewer())
    policy.require(actor(), visit, Party.OFFICE, Party.APPROVER)
    sheet = supervising.sheet_of(visit)
    if sheet is None:
        raise Missing(ref)
    may_correct = Party.APPROVER in parties(actor(), visit)
    form = SettleForm(version=str(visit.version))
    if not may_correct:
        form.decision.choices = settle_choices()[:1]
    if request.method == "GET" and not may_correct:
        form.decision.data = KEEP
    if form.validate_on_submit():
        corrections = _corrections() if form.decision.data == CORRECT else None
        try:
            if form.decision.data == CORRECT and not corrections:
                form.refuse("decision", _("请在下面填写要更正的分数，或选“维持原分”"))
            else:
                service.settle(actor(), visit, form.answer.data, corrections, form.seen_version())
                return done(_("异议已处理，机构和督导会收到通知。"), url_for("supervision.staff_visit", ref=ref))
        except Refused as no:
            told(form, no)
    return kit.shown(
        "supervision/settle.html", form, visit=visit, sheet=sheet, rows=showing.score_rows(sheet),
        may_correct=may_correct, typed=request.form, papers=queries.photos(visit).get("contest", []),
    )  # fmt: skip


def _corrections() -> dict[str, sheets.Entry]:
    """The items to correct, by code: typed points, or a tick where the computation is to be done anew."""
    found: dict[str, sheets.Entry] = {}
    for name, value in request.form.items():
        what, dash, code = name.partition("-")
        if not dash or not code[:8].isalnum():
            continue
        if what == "fix" and value.strip() and code not in visit_scoring.COMPUTED:
            found[code] = sheets.entry(value)
        elif what == "anew" and code in visit_scoring.COMPUTED:
            found[code] = sheets.Entry()
    return found
