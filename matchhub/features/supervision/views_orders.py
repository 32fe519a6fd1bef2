"""Pages of rectifications: issued by the street and supervisors, answered by the organisation, verified."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import render_template, request, url_for

from matchhub.core import ledger
from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _, _l
from matchhub.core.rows import changed
from matchhub.core.web import actor, done, viewer
from matchhub.domain import attachments, lifecycle, policy, roles
from matchhub.domain.models import Project, Rectification
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.supervision import rectifying, service, showing
from matchhub.features.supervision.forms import IssueForm, ReplyForm, VerifyForm
from matchhub.features.supervision.views import PLANNING, VISITING, bp, told

PLAIN = ",".join(move.action for move in lifecycle.LIVES[Rectification].moves if move.label and not move.page)


def _offers(order: Rectification) -> list[tuple[kit.Button, str | None]]:
    """The viewer's moves. What the guards of replying and verifying want is typed on the pages that they lead to."""
    found = []
    for button, why in kit.offers(order, viewer()):
        if button.action == "report":
            found.append((button, None))
        elif button.action == "close":  # one page verifies, whatever comes of it
            found.append((replace(button, label=_l("核验整改")), None))
        elif button.action != "reissue":
            found.append((button, why))
    return found


def _page(order: Rectification, side: str) -> str:
    return render_template(
        "supervision/order.html", order=order, side=side, offers=_offers(order),
        files=attachments.of(order, rectifying.EVIDENCE), results=rectifying.RESULTS, tones=rectifying.RESULT_TONES,
        events=showing.timeline(ledger.history(f"rectification:{order.ref}")),
        address=lambda action: url_for("supervision.move_order", ref=order.ref, action=action),
    )  # fmt: skip


@bp.get("/rectifications/<ref>")
@access(get=roles.INSIDE | roles.SUPERVISOR)
def order(ref: str) -> Any:
    found = policy.find(Rectification, ref, viewer())
    return _page(found, "judge" if Party.SUPERVISOR in parties(actor(), found) else "staff")


@bp.get("/my/rectifications/<ref>")
@access(get=roles.ORGANISATION)
def my_order(ref: str) -> Any:
    found = policy.find(Rectification, ref, viewer())
    policy.require(actor(), found, Party.OWNER)
    return _page(found, "my")


@bp.post("/rectifications/<ref>/<any(" + PLAIN + "):action>")
@access(post=roles.ORGANISATION | VISITING)
def move_order(ref: str, action: str) -> Any:
    found = policy.find(Rectification, ref, viewer())
    if action == "acknowledge":
        service.acknowledge(actor(), found, kit.seen_version())
        return done(_("已签收，请在期限前逐项整改并回复。"), url_for("supervision.my_order", ref=ref))
    service.escalate(actor(), found, kit.seen_version())
    return done(_("已上报街道。"), url_for("supervision.order", ref=ref))


@bp.route("/rectifications/new", methods=["GET", "POST"])
@access(VISITING)
def issue() -> Any:
    project = policy.find(Project, request.args.get("project", ""), viewer())
    policy.require(actor(), project, *PLANNING)
    form = IssueForm()
    if request.method == "POST" and not changed(form, request.form) and form.validate() and form.complete():
        try:
            made = service.issue(actor(), project, form.order_items())
        except Refused as no:
            told(form, no)
        else:
            return done(_("整改单已开出，机构会收到通知。"), url_for("supervision.order", ref=made.ref))
    return kit.shown("supervision/issue.html", form, project=project)


@bp.route("/my/rectifications/<ref>/reply", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def reply(ref: str) -> Any:
    found = policy.find(Rectification, ref, viewer())
    policy.require(actor(), found, Party.OWNER)
    open_items = [item for item in found.items if item.result != "fixed"]
    form = ReplyForm(version=str(found.version), replies=[{"reply": item.reply} for item in open_items])
    _fit(form.replies, len(open_items))
    if form.validate_on_submit() and form.complete():
        stored = kit.keep_uploads(form, "evidence")
        texts = {item.id: row["reply"] for item, row in zip(open_items, form.replies.data, strict=True)}
        try:
            if stored is not None:
                replies = [texts.get(item.id, item.reply) for item in found.items]
                service.reply(actor(), found, replies, stored, form.seen_version())
                return done(_("整改回复已提交，等待核验。"), url_for("supervision.my_order", ref=ref))
        except Refused as no:
            told(form, no)
    return kit.shown(
        "supervision/reply.html", form, order=found, pairs=list(zip(open_items, form.replies.entries, strict=True)),
        results=rectifying.RESULTS, tones=rectifying.RESULT_TONES,
    )  # fmt: skip


@bp.route("/rectifications/<ref>/verify", methods=["GET", "POST"])
@access(VISITING)
def verify(ref: str) -> Any:
    found = policy.find(Rectification, ref, viewer())
    policy.require(actor(), found, Party.SUPERVISOR, Party.OFFICE)
    form = VerifyForm(version=str(found.version), results=[{} for _item in found.items])
    _fit(form.results, len(found.items))
    if form.validate_on_submit():
        action = "close" if request.form.get("action", request.args.get("action")) == "close" else "reissue"
        try:
            service.verify(actor(), found, form.judged(), action, form.note.data, form.seen_version())
        except Refused as no:
            told(form, no)
        else:
            said = _("核验通过，整改单已完成。") if action == "close" else _("已要求继续整改，新的期限已通知机构。")
            return done(said, url_for("supervision.order", ref=ref))
    return kit.shown(
        "supervision/verify.html", form, order=found, pairs=list(zip(found.items, form.results.entries, strict=True)),
        files=attachments.of(found, rectifying.EVIDENCE), results=rectifying.RESULTS, tones=rectifying.RESULT_TONES,
    )  # fmt: skip


def _fit(rows: Any, number: int) -> None:
    """Exactly one row for each item, whatever was posted."""
    while len(rows.entries) > number:
        rows.pop_entry()
    while len(rows.entries) < number:
        rows.append_entry()
