"""Pages of an organisation for its applications; the section's pages are in views_staff."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, jsonify, make_response, redirect, render_template, request, url_for

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged, upload_limit_bytes, viewer
from matchhub.domain import application_form as form_spec
from matchhub.domain import (
    attachments,
    checklist,
    declarations,
    eligibility,
    excluding,
    lifecycle,
    paths,
    policy,
    roles,
)
from matchhub.domain.models import Application, ApplicationState, Need, NeedPhase
from matchhub.domain.parties import Party, parties
from matchhub.domain.scoring.canonical import canonical
from matchhub.features import kit
from matchhub.features.applications import forms, joining, lists, queries, service, submitting, tables

bp = Blueprint("applications", __name__)

PARTS = ",".join(part.code for part in form_spec.PARTS)
PLAIN = ",".join(m.action for m in lifecycle.APPLICATION.moves if m.label and not m.page and Party.OWNER_ADMIN in m.by)


def own(ref: str) -> Application:
    """The application, for people of its organisation; 404 for everybody else."""
    application = policy.find(Application, ref, viewer())
    policy.require(actor(), application, Party.OWNER)
    return application


@bp.get("/my/applications")
@access(roles.ORGANISATION)
def index() -> Any:
    page = paged(lists.own(actor()).query)
    return render_template(
        "applications/index.html", page=page, group_of=queries.group_of, joint=queries.count_joined(actor())
    )


@kit.offer_export(bp, "index", "/my/applications", roles.ORGANISATION)
def _own_list() -> Any:
    return lists.own(actor())


@bp.route("/my/applications/new", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def new() -> Any:
    ref = request.args.get("need", "")
    if not ref:
        return render_template("applications/choose.html", page=paged(queries.open_needs(actor())))
    need = policy.find(Need, ref, viewer())
    form = forms.StartForm()
    if form.validate_on_submit():
        try:
            started = service.start(actor(), need)
            return redirect(url_for("applications.show", ref=started.ref), 303)
        except Refused as no:
            form.form_errors.append(str(no))
    elif existing := service.of_organisation(need, actor().organisation):
        return redirect(url_for("applications.show", ref=existing.ref))
    return render_template(
        "applications/new.html",
        form=form,
        need=need,
        need_url=paths.path(need),
        why_not=service.why_not_start(actor().organisation, need),
    ), 409 if form.form_errors else 200


@bp.get("/my/applications/<ref>")
@access(roles.ORGANISATION)
def show(ref: str) -> Any:
    application = policy.find(Application, ref, viewer())
    if Party.OWNER not in parties(viewer(), application) and Party.PARTNER in parties(viewer(), application):
        return redirect(url_for("applications.partnership", ref=ref))
    policy.require(actor(), application, Party.OWNER)
    return render_template("applications/show.html", **frame(application))


def frame(application: Application) -> dict[str, Any]:
    """What every page of one application shows: its parts and where each stands."""
    closed = {code: service.why_closed(application, code) for code in (*form_spec.BY_CODE, service.FILES)}
    writable = any(why is None for why in closed.values())
    versions = queries.versions(application)
    return {
        "application": application,
        "need": application.need,
        "need_url": paths.path(application.need),
        "tasks": tasks(application, closed),
        "versions": versions,
        "writable": writable,
        "unsubmitted": bool(versions) and submitting.has_changed(application) and _is_in_hand(application),
        "offers": [(button, why) for button, why in kit.offers(application, viewer()) if not button.page_url],
        "move_url": lambda action: url_for("applications.move", ref=application.ref, action=action),
        "may_submit": Party.OWNER_ADMIN in parties(viewer(), application),
        "checks": checks(application),
        "is_open": application.need.phase is NeedPhase.OPEN,
        "shares": (shares := form_spec.shares(application, application.body.document)),
        "may_ask": any(one.stand in joining.WAITING for one in shares) and joining.why_not_ask(application) is None,
        "table_parts": tables.TABLES,
        # Only an application that was once excluded can have an objection.
        "exclusion": excluding.objection(application) if application.excluded_at else None,
        "may_object": application.excluded_at and excluding.why_not_object(application, clock.now()) is None,
    }


def _is_in_hand(application: Application) -> bool:
    return application.state in (ApplicationState.SUBMITTED, ApplicationState.CORRECTION)


def checks(application: Application) -> list[dict[str, Any]]:
    """The results of the eligibility check that the organisation may see, with what to do about each."""
    if not checklist.is_told(application):
        return []
    return [
        {"label": rule.label, "passed": row.passed, "evidence": row.evidence, "repair": row.repair,
         "links": checklist.links(row, paths.MY)}
        for row in application.checks
        if (rule := eligibility.rule_of(application, row.rule)) is not None
    ]  # fmt: skip


def tasks(application: Application, closed: dict[str, str | None]) -> list[dict[str, Any]]:
    """The task list: each part with its word, its address where it can be changed, and the last step."""
    body = application.body
    listed = []
    for part in form_spec.PARTS:
        word, tone = _stand(part.code in body.done_parts, form_spec.has_content(body.document, part.code))
        url = None if closed[part.code] else url_for("applications.part", ref=application.ref, part=part.code)
        listed.append({"code": part.code, "title": _(part.title), "url": url, "status": word, "tone": tone})
    files = len(service.present_files(application))
    url = None if closed[service.FILES] else url_for("applications.files", ref=application.ref)
    words = _("%(n)s 个文件", n=files) if files else _("未开始")
    listed.append(
        {"code": "files", "title": _("附件"), "url": url, "status": words, "tone": None if files else "muted"}
    )
    return listed


def _stand(finished: bool, begun: bool) -> tuple[str, str | None]:
    if finished:
        return _("已完成"), None
    return (_("填写中"), "info") if begun else (_("未开始"), "muted")


@bp.route("/my/applications/<ref>/files", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def files(ref: str) -> Any:
    application = own(ref)
    form = forms.FilesForm()
    if form.validate_on_submit():
        answer = _keep(application, form)
        if answer is not None:
            return answer
    if wants_json() and request.method == "POST":
        return _refused_upload(form)
    listed = service.present_files(application)
    status = 409 if form.form_errors else 422 if form.errors else 200
    closed = service.why_closed(application, service.FILES)
    uploaded = request.args.get("uploaded", "")
    context = frame(application) | {
        "purposes": eligibility.PURPOSES,
        "required": eligibility.REQUIRED_PURPOSES,
        "most_bytes": upload_limit_bytes(),
        "uploaded": int(uploaded) if uploaded.isdigit() and len(uploaded) < 4 else 0,
    }
    return render_template("applications/files.html", form=form, files=listed, closed=closed, **context), status


def wants_json() -> bool:
    """Whether a script sent this, one file at a time (static/upload.js)."""
    return request.headers.get("Accept") == "application/json"


def _refused_upload(form: Any) -> Any:
    """Why a file was not taken, in one sentence: of the file itself first, else of the form."""
    found = [*form["files"].errors, *form.form_errors, *(one for field in form for one in field.errors)]
    return jsonify(kind="refused", sentence=_("没有上传：%(why)s", why=found[0] if found else _("请重试"))), 422


def _keep(application: Application, form: Any) -> Any:
    """Store the chosen files; None when something must be repaired, with the sentence on the form."""
    if not list(kit.uploads(form["files"].data)):
        form.refuse("files", _("请选择要上传的文件"))
        return None
    stored = kit.keep_uploads(form, "files", secret=True)
    if stored is None:
        return None
    try:
        service.attach(actor(), application, form.purpose.data, stored)
    except Refused as no:
        form.form_errors.append(str(no))
        return None
    if wants_json():
        return jsonify(kind="saved")
    return done(_("已上传 %(n)s 个文件。", n=len(stored)), url_for("applications.files", ref=application.ref))


@bp.post("/my/applications/<ref>/files/<code>/remove")
@access(roles.ORGANISATION)
def remove_file(ref: str, code: str) -> Any:
    application = own(ref)
    service.detach(actor(), application, code)
    return done(_("附件已删除。"), url_for("applications.files", ref=application.ref))


@bp.route("/my/applications/<ref>/check", methods=["GET", "POST"])
@access(get=roles.ORGANISATION, post=roles.ORG_ADMIN)
def check(ref: str) -> Any:
    application = own(ref)
    form = forms.SubmitForm(data={"version": application.version, "body": application.body.version})
    # The same text handed in again would only be received later.
    unchanged = application.state is ApplicationState.SUBMITTED and not submitting.has_changed(application)
    if form.validate_on_submit():
        if unchanged:
            return redirect(url_for("applications.receipt", ref=application.ref), 303)
        try:
            submitting.submit(actor(), application, form.seen_version(), form.seen_body())
            return done(_("申报书已提交，回执如下。"), url_for("applications.receipt", ref=application.ref))
        except Refused as no:
            if submitting.is_handed_in(application, actor()):  # the second of two clicks
                return redirect(url_for("applications.receipt", ref=application.ref), 303)
            form.form_errors.append(str(no))
    document = submitting.draft_document(application)
    context = frame(application) | {
        "parts": form_spec.shown(document),
        "problems": form_spec.problems(document, application.need, applicant=application.organisation),
        "change": lambda code, name: (
            None
            if service.why_closed(application, code)
            else url_for("applications.part", ref=ref, part=code, _anchor=name)
        ),
        "problem_url": lambda problem: url_for(
            "applications.part", ref=ref, part=problem.part, check=1, _anchor=problem.field
        ),
        "files": service.present_files(application),
        "missing_files": [
            _(eligibility.PURPOSES[purpose])
            for purpose in eligibility.REQUIRED_PURPOSES
            if purpose not in {one["purpose"] for one in document["files"]}
        ],
        "action": submitting.SUBMITTING.get(application.state),
        "unchanged": unchanged,
        "undeclared": [
            _(sentence)
            for kind, sentence in declarations.KINDS.items()
            if kind not in declarations.in_force(application.organisation_id)
        ],
    }
    why = lifecycle.refusal(application, context["action"] or "submit", viewer(), clock.now())
    return render_template("applications/check.html", form=form, why=why, **context), 409 if form.form_errors else 200


@bp.get("/my/applications/<ref>/done")
@access(roles.ORGANISATION)
def receipt(ref: str) -> Any:
    application = own(ref)
    latest = form_spec.latest(application)
    if latest is None:
        abort(404)
    names = _("、").join(one.name for one in form_spec.shares(application, latest.own_text))
    return render_template("applications/receipt.html", version=latest, partners=names, **frame(application))


@bp.get("/my/applications/<ref>/versions/<int(max=9999):number>")
@access(roles.ORGANISATION)
def version(ref: str, number: int) -> Any:
    application = own(ref)
    found = queries.version(application, number) or abort(404)
    listed = eligibility.files_of(found.own_text, attachments.of(application))
    return render_template(
        "applications/version.html",
        version=found,
        parts=form_spec.shown(found.own_text),
        files=[row for _purpose, row in listed],
        **frame(application),
    )


@bp.get("/my/applications/<ref>/versions/<int(max=9999):number>.json")
@access(roles.ORGANISATION)
def version_json(ref: str, number: int) -> Any:
    """The canonical text of a version: its SHA-256 is the one on the receipt."""
    found = queries.version(own(ref), number) or abort(404)
    answer = make_response(canonical(found.own_text))
    answer.content_type = "application/json; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{ref}-{number}.json"'
    return answer


@bp.post(f"/my/applications/<ref>/<any({PLAIN}):action>")
@access(roles.ORG_ADMIN)
def move(ref: str, action: str) -> Any:
    application = own(ref)
    submitting.withdraw(actor(), application, kit.seen_version())
    return done(_("申报已撤回；截止前可以修改后重新提交。"), url_for("applications.show", ref=ref))


from matchhub.features.applications import (  # noqa: E402, F401 - they add their routes to bp
    views_copy,
    views_exclusion,
    views_joint,
    views_paper,
    views_parts,
    views_staff,
    views_tables,
    views_versions,
)
