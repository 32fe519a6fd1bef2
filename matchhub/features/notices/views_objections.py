"""The street's pages of objections: who objects is seen here and nowhere else."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from matchhub.core import clock, ledger
from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged
from matchhub.domain import attachments, lifecycle, paths, policy, roles
from matchhub.domain.models import Objection, ObjectionState
from matchhub.domain.parties import Party
from matchhub.features import kit
from matchhub.features.notices import forms, hearings, lists, objections, queries, service
from matchhub.features.notices.views import bp

READERS = roles.STREET | roles.AUDITOR


@bp.get("/staff/objections", endpoint="objections")
@access(READERS)
def listed() -> Any:
    open_only = request.args.get("show") != "all"
    page = paged(lists.objections(actor(), open_only).query)
    return render_template("notices/objections.html", page=page, open_only=open_only)


@kit.offer_export(bp, "objections", "/staff/objections", READERS)
def _objections_list() -> Any:
    return lists.objections(actor(), request.args.get("show") != "all")


@bp.get("/staff/objections/<ref>")
@access(READERS)
def objection(ref: str) -> Any:
    found = policy.find(Objection, ref, actor())
    return render_template(
        "notices/objection.html",
        o=found,
        evidence=attachments.of(found, "evidence"),
        hearings=hearings.of_objection(found),
        papers=attachments.of_all(hearings.of_objection(found)),
        may_ask=found.state is ObjectionState.INVESTIGATING and bool(actor().role_codes & roles.STREET),
        offers=kit.offers(found, actor()),
        history=queries.history(Objection, ledger.history(f"objection:{found.ref}")),
    )


@bp.post("/staff/objections/<ref>/<any(accept):action>")
@access(roles.STREET)
def objection_move(ref: str, action: str) -> Any:
    found = _office_objection(ref)
    getattr(service, action)(actor(), found, kit.seen_version())
    return done(_("已受理，请在期限前核查并答复。"), paths.path(found, paths.STAFF))


@bp.route("/staff/objections/<ref>/answer", methods=["GET", "POST"])
@access(roles.STREET)
def answer(ref: str) -> Any:
    found = _office_objection(ref)
    action = "reject" if request.args.get("action") == "reject" else "answer"
    kind = forms.RejectForm if action == "reject" else forms.AnswerForm
    form, status = kind(data={"version": str(found.version)}), 0
    if form.validate_on_submit():
        try:
            _answer(found, form, action)
        except objections.Reveals as no:
            form.refuse(no.field, str(no))
        except Refused as no:
            form.form_errors.append(str(no))
            status = 409
        else:
            return done(_("已答复，提出人凭查询码可以看到。"), paths.path(found, paths.STAFF))
    why = lifecycle.refusal(found, action, actor(), clock.now()) if request.method == "GET" else None
    page, shown = kit.shown("notices/answer.html", form, o=found, action=action, why=str(why) if why else "")
    return page, status or shown


def _answer(found: Objection, form: Any, action: str) -> None:
    more = {} if action == "reject" else {"findings": form.findings.data, "upheld": form.upheld.data == "yes"}
    said = {"public_reason": form.public_reason.data}
    service.answer(actor(), found, form.seen_version(), form.answer.data, action=action, **said, **more)


def _office_objection(ref: str) -> Objection:
    found = policy.find(Objection, ref, actor())
    policy.require(actor(), found, Party.OFFICE, Party.APPROVER)
    return found
