"""Pages of the section: the queue after the deadline, the whole application, and the eligibility check."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.errors import Missing, Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged, viewer
from matchhub.domain import application_form as form_spec
from matchhub.domain import (
    attachments,
    checklist,
    deadlines,
    eligibility,
    excluding,
    lifecycle,
    paths,
    policy,
    reference,
    roles,
)
from matchhub.domain.models import Application, ApplicationState
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.applications import checking, forms, lists, queries
from matchhub.features.applications.views import bp

PLAIN = ",".join(m.action for m in lifecycle.APPLICATION.moves if m.label and not m.page and Party.OFFICE in m.by)


def known(ref: str) -> Application:
    """The application once it is unsealed; 404 before, even for one who also belongs to the applicant."""
    application = policy.find(Application, ref, viewer())
    if policy.is_sealed(application):
        raise Missing(ref)
    return application


@bp.get("/staff/applications")
@access(roles.INSIDE)
def staff_index() -> Any:
    everything = request.args.get("show") == "all"
    page = paged(lists.office(actor(), everything).query, size=10)
    listed = queries.lines(actor(), page.rows)
    return render_template(
        "applications/staff_index.html", page=page, lines=listed, everything=everything, need_url=_need_url
    )


@kit.offer_export(bp, "staff_index", "/staff/applications", roles.INSIDE)
def _staff_list() -> Any:
    return lists.office(actor(), request.args.get("show") == "all")


def _need_url(need: Any) -> str:
    return paths.path(need, paths.STAFF)


@bp.get("/staff/applications/<ref>")
@access(roles.INSIDE)
def staff_show(ref: str) -> Any:
    return _staff_page(known(ref))


def _staff_page(application: Application, answered: Any = None, status: int = 200) -> Any:
    version = form_spec.latest(application)
    document = version.document if version else {}
    office = Party.OFFICE in parties(viewer(), application)
    deciding = office and application.state is ApplicationState.SUBMITTED and not policy.is_sealed(application)
    named = eligibility.files_of(document, attachments.of(application))
    page = render_template(
        "applications/staff_show.html",
        application=application, need=application.need, version=version, parts=form_spec.shown(document),
        figures=form_spec.figures(document), files=named, purposes=eligibility.PURPOSES,
        rules=_rules(application, document, deciding, answered), deciding=deciding, office=office,
        shares=form_spec.shares(application, document), compared=len(queries.readable_versions(application)) > 1,
        offers=kit.offers(application, viewer()), exclusion=excluding.objection(application),
        move_url=lambda action: url_for("applications.staff_move", ref=application.ref, action=action),
    )  # fmt: skip
    return page, status


def _rules(application: Application, document: dict[str, Any], deciding: bool, answered: Any) -> list[dict[str, Any]]:
    """Each rule of the check with what helps to decide it and, for the section, its form."""
    listed = []
    for row in application.checks:
        rule = eligibility.rule_of(application, row.rule)
        if rule is None:
            continue
        form = None
        if deciding and not row.computed:
            form = answered if answered is not None and answered.rule == row.rule else _rule_form(row.rule, row)
        listed.append({"row": row, "rule": rule, "form": form, "links": checklist.links(row, paths.STAFF),
                       "hint": rule.hint(application, document) if rule.hint and deciding else ""})  # fmt: skip
    # What waits for a person comes first, then what failed.
    return sorted(listed, key=lambda one: {None: 0, False: 1, True: 2}[one["row"].passed])


def _rule_form(rule: str, row: Any = None) -> forms.RuleForm:
    data = {"passed": {True: "yes", False: "no"}.get(row.passed, ""), "evidence": row.evidence} if row else {}
    more = {} if row is None else {"formdata": None}
    form = forms.RuleForm(prefix=f"{rule}-", data=data, **more)
    form.rule = rule
    return form


@bp.post("/staff/applications/<ref>/checklist")
@access(roles.STAFF)
def open_checklist(ref: str) -> Any:
    application = known(ref)
    checking.open_checklist(actor(), application, kit.seen_version())
    return done(_("核对清单已打开，系统能核对的已经核对。"), _checklist_url(ref))


@bp.post("/staff/applications/<ref>/recheck")
@access(roles.STAFF)
def recheck(ref: str) -> Any:
    application = known(ref)
    checking.recheck(actor(), application)
    return done(_("系统核对的各项已重新核对。"), _checklist_url(ref))


def _checklist_url(ref: str) -> str:
    return url_for("applications.staff_show", ref=ref, _anchor="checklist")


@bp.post("/staff/applications/<ref>/rules/<rule>")
@access(roles.STAFF)
def decide_rule(ref: str, rule: str) -> Any:
    application = known(ref)
    found = eligibility.rule_of(application, rule)
    if found is None:
        raise Missing(rule)
    form = _rule_form(rule)
    if form.validate_on_submit():
        try:
            checking.decide_rule(actor(), application, rule, form.passed.data == "yes", form.evidence.data)
            return done(_("“%(rule)s”已核对。", rule=_(found.label)), _checklist_url(ref))
        except Refused as no:
            form.form_errors.append(str(no))
    return _staff_page(application, answered=form, status=409 if form.form_errors else 422)


@bp.route("/staff/applications/<ref>/ask-correction", methods=["GET", "POST"])
@access(roles.STAFF)
def ask_correction(ref: str) -> Any:
    application = known(ref)
    policy.require(actor(), application, Party.OFFICE)
    # What the organisation will keep is in the source language, whoever asks.
    note = "\n".join(
        f"{n}. {rule.label}：{_sentence(row.evidence)}{row.repair}"
        for n, (rule, row) in enumerate(_failed(application), 1)
    )
    form = forms.CorrectionForm(obj=application, data={"note": note, "parts": checklist.failed_parts(application)})
    if form.validate_on_submit():
        try:
            checking.ask_correction(actor(), application, form.note.data, form.parts.data, form.seen_version())
            return done(_("已要求补正，机构会收到消息。"), url_for("applications.staff_show", ref=ref))
        except Refused as no:
            form.form_errors.append(str(no))
    due = deadlines.correction_due_at(clock.now(), reference.terms(), reference.calendar())
    return _decision("applications/ask_correction.html", application, "ask_correction", form, due=due)


@bp.route("/staff/applications/<ref>/disqualify", methods=["GET", "POST"])
@access(roles.STAFF)
def disqualify(ref: str) -> Any:
    application = known(ref)
    policy.require(actor(), application, Party.OFFICE)
    form = forms.DisqualifyForm(obj=application)
    if form.validate_on_submit():
        try:
            checking.disqualify(actor(), application, form.reason.data, form.seen_version())
            return done(_("已作资格不通过处理，机构会看到理由。"), url_for("applications.staff_show", ref=ref))
        except Refused as no:
            form.form_errors.append(str(no))
    return _decision("applications/disqualify.html", application, "disqualify", form)


def _failed(application: Application) -> list[tuple[Any, Any]]:
    """(rule, row) of what was not fulfilled."""
    rows = [(eligibility.rule_of(application, row.rule), row) for row in application.checks if row.passed is False]
    return [(rule, row) for rule, row in rows if rule is not None]


def _decision(template: str, application: Application, action: str, form: Any, **more: Any) -> Any:
    """A page that gathers what a move needs; `why` says that it is not possible now."""
    why = lifecycle.refusal(application, action, viewer(), clock.now())
    failed = _failed(application)
    page = render_template(
        template, application=application, need=application.need, form=form, why=why, failed=failed, **more
    )
    return page, 409 if form.form_errors else 422 if form.errors else 200


@bp.post(f"/staff/applications/<ref>/<any({PLAIN}):action>")
@access(roles.STAFF)
def staff_move(ref: str, action: str) -> Any:
    application = known(ref)
    checking.qualify(actor(), application, kit.seen_version())
    return done(_("资格通过，可以进入评审。"), url_for("applications.staff_show", ref=ref))


def _sentence(text: str) -> str:
    """What was typed, ended so that another sentence can follow."""
    text = text.strip()
    return text if not text or text[-1] in "。！？.!?" else f"{text}。"
