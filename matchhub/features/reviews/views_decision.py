"""The pages on which a review is decided: the section proposes, the approver decides."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, render_template, request, url_for

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.documents import pdf
from matchhub.domain import awarding, discussing, lifecycle, panels, paths, policy, roles
from matchhub.domain.models import Application, Decision, ReviewRound, RoundState
from matchhub.domain.parties import Party, parties
from matchhub.domain.scoring import words
from matchhub.features import kit
from matchhub.features.reviews import feedback, lots, memo_paper, queries, service, signing
from matchhub.features.reviews.forms import SignForm, opinion_form
from matchhub.features.reviews.views import READING, bp


@bp.route("/staff/rounds/<ref>/propose", methods=["GET", "POST"])
@access(get=roles.STREET, post=roles.STAFF)
def propose(ref: str) -> Any:
    round_ = policy.find(ReviewRound, ref, viewer())
    policy.require(actor(), round_, Party.OFFICE)
    if round_.state is not RoundState.DECIDING:
        abort(404)
    entries, taken = panels.applications(round_), awarding.decisions(round_)
    form = opinion_form(entries, data=_kept(round_, entries, taken))
    if form.validate_on_submit():
        try:
            if "later" in request.form:
                service.keep_opinion(actor(), round_, _opinion(form, entries), form.seen_version())
                return done(_("已暂存，还没有提交审批。"), url_for("reviews.propose", ref=ref))
            if _complete(form, entries):
                _propose(round_, form, entries)
                return done(_("拟立项意见已提交，等待审批。"), url_for("reviews.show", ref=ref))
        except Refused as no:
            form.form_errors = [str(no)]
    return kit.shown(
        "reviews/propose.html",
        form,
        round=round_,
        entries={entry.id: entry for entry in entries},
        result=round_.result,
        words=words,
        groups=queries.group_names(round_),
        single=len(entries) == 1,
        outdated=lifecycle.refusal(round_, "propose", actor(), clock.now()),
    )


def _kept(round_: ReviewRound, entries: list[Application], taken: dict[int, Decision]) -> dict[str, Any]:
    """What was put aside earlier, as data of the form."""
    chosen = next((decision for decision in taken.values() if decision.proposed), None)
    data: dict[str, Any] = {
        "version": str(round_.version),
        "chosen": str(chosen.application_id) if chosen else None,
        "amount": chosen.amount_fen if chosen else None,
        "memo": round_.memo,
        "necessity_note": round_.necessity_note,
    }
    for entry in entries:
        decision = taken.get(entry.id)
        data[f"reason_{entry.id}"] = decision.reason if decision else ""
        data[f"feedback_{entry.id}"] = decision.feedback if decision else ""
    return data


def _texts(form: Any, entries: list[Application], name: str) -> dict[int, str]:
    return {entry.id: form[f"{name}_{entry.id}"].data or "" for entry in entries}


def _chosen(form: Any, entries: list[Application]) -> Application | None:
    return next((entry for entry in entries if str(entry.id) == form.chosen.data), None)


def _opinion(form: Any, entries: list[Application]) -> service.Opinion:
    return service.Opinion(
        _chosen(form, entries),
        _texts(form, entries, "reason"),
        form.amount.data,
        form.memo.data or "",
        form.necessity_note.data or "",
        _texts(form, entries, "feedback"),
    )


def _complete(form: Any, entries: list[Application]) -> bool:
    """Put a sentence beside each field that a proposal still needs."""
    chosen = _chosen(form, entries)
    if chosen is None:
        form.refuse("chosen", _("请选定一家拟立项机构；都不合适时请按流标处理。"))
    elif sentence := service.amount_problem(chosen, form.amount.data):
        form.refuse("amount", sentence)
    for entry in entries:
        if not form[f"reason_{entry.id}"].data:
            form.refuse(f"reason_{entry.id}", _("请写明“%(name)s”的理由。", name=entry.organisation.name))
    if len(entries) == 1 and not form.necessity_note.data:
        form.refuse("necessity_note", _("只有一份申报，请写明立项的必要性和可行性。"))
    return not any(field.errors for field in form)


def _propose(round_: ReviewRound, form: Any, entries: list[Application]) -> None:
    chosen = _chosen(form, entries)
    assert chosen is not None  # _complete has seen it
    service.propose(
        actor(),
        round_,
        chosen,
        _texts(form, entries, "reason"),
        form.amount.data,
        form.memo.data or "",
        form.necessity_note.data or "",
        _texts(form, entries, "feedback"),
        form.seen_version(),
    )


@bp.route("/staff/rounds/<ref>/approve", methods=["GET", "POST"])
@access(get=READING, post=roles.APPROVER)
def approve(ref: str) -> Any:
    """The decision memo with the approvers' signatures; each of them agrees or disagrees here."""
    round_ = policy.find(ReviewRound, ref, viewer())
    if round_.state is not RoundState.PROPOSED:
        abort(404)
    form = SignForm(obj=round_)
    if form.validate_on_submit():
        try:
            return _signed(round_, form)
        except Refused as no:
            form.form_errors = [str(no)]
    return kit.shown("reviews/approve.html", form, **_memo(round_))


def _signed(round_: ReviewRound, form: SignForm) -> Any:
    ref, reason = round_.ref, form.reason.data or ""
    if request.form.get("action") == "approve":
        notice = signing.approve(actor(), round_, form.seen_version(), reason)
        if notice is None:
            return done(_("您已签“同意”，还要等其他审批人会签。"), url_for("reviews.approve", ref=ref))
        return done(_("已批准拟立项，公示草稿已生成，请核对后发布。"), paths.path(notice, paths.STAFF))
    if not reason:
        form.refuse("reason", _("请写明不同意、退回的理由。"))
        return kit.shown("reviews/approve.html", form, **_memo(round_))
    if signing.send_back(actor(), round_, reason, form.seen_version()):
        return done(_("已退回主办科室重新研究。"), url_for("reviews.show", ref=ref))
    return done(_("您已签“不同意”，还要等其他审批人会签。"), url_for("reviews.approve", ref=ref))


def _memo(round_: ReviewRound) -> dict[str, Any]:
    """Everything the memo shows: what is asked for, the scores, the reviewers' views, and who has signed what."""
    entries = panels.applications(round_)
    return {
        "round": round_,
        "entries": {entry.id: entry for entry in entries},
        "result": round_.result,
        "decisions": awarding.decisions(round_),
        "words": words,
        "groups": queries.group_names(round_),
        "judges": queries.judge_names(round_),
        "proposer": queries.name_of(round_.proposed_by_id),
        "decides": Party.APPROVER in parties(actor(), round_),
        "problem": signing.approval_problem(actor(), round_),
        "why": lifecycle.refusal(round_, "approve", actor(), clock.now()),
        "signatures": signing.signatures(round_),
        "needed": signing.needed(),
        "comments": feedback.comments(round_, entries),
        "discussions": discussing.of_round(round_),
        "how_made": lots.how_made(round_),
    }


@bp.get("/staff/rounds/<ref>/memo")
@access(READING)
def memo(ref: str) -> Any:
    """The decision memo on one page, to print: also after the decision."""
    round_ = policy.find(ReviewRound, ref, viewer())
    if round_.state not in (RoundState.PROPOSED, RoundState.DECIDED):
        abort(404)
    return render_template("reviews/memo.html", **_memo(round_))


@bp.get("/staff/rounds/<ref>/memo.pdf")
@access(READING)
def memo_pdf(ref: str) -> Any:
    round_ = policy.find(ReviewRound, ref, viewer())
    if round_.state not in (RoundState.PROPOSED, RoundState.DECIDED):
        abort(404)
    answer = Response(pdf.write(memo_paper.of(_memo(round_))), mimetype=pdf.MIMETYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{round_.ref}-memo.pdf"'
    return answer
