"""Pages of an organisation for its applications; the section's pages are in views_staff."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for

from matchhub.core import clock, money, rows
from matchhub.core.access import access
from matchhub.core.db import db
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged, viewer
from matchhub.domain import application_form as form_spec
from matchhub.domain import attachments, eligibility, lifecycle, paths, policy, reference, roles
from matchhub.domain.models import Application, ApplicationState, Need, NeedPhase, User
from matchhub.domain.parties import Party, parties
from matchhub.domain.scoring.canonical import canonical
from matchhub.features import kit
from matchhub.features.applications import forms, queries, service

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
    page = paged(queries.own(actor()))
    return render_template("applications/index.html", page=page, group_of=queries.group_of)


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
    application = own(ref)
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
        "unsubmitted": bool(versions) and service.has_changed(application) and _is_in_hand(application),
        "offers": [(button, why) for button, why in kit.offers(application, viewer()) if not button.page_url],
        "move_url": lambda action: url_for("applications.move", ref=application.ref, action=action),
        "may_submit": Party.OWNER_ADMIN in parties(viewer(), application),
        "checks": checks(application),
        "is_open": application.need.phase is NeedPhase.OPEN,
    }


def _is_in_hand(application: Application) -> bool:
    return application.state in (ApplicationState.SUBMITTED, ApplicationState.CORRECTION)


def checks(application: Application) -> list[dict[str, Any]]:
    """The results of the eligibility check that the organisation may see, with what to do about each."""
    if not eligibility.is_told(application):
        return []
    return [
        {"label": eligibility.BY_CODE[row.rule].label, "passed": row.passed, "evidence": row.evidence,
         "repair": row.repair}
        for row in application.checks
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


@bp.route(f"/my/applications/<ref>/<any({PARTS}):part>", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def part(ref: str, part: str) -> Any:
    application = own(ref)
    spec = form_spec.BY_CODE[part]
    form = _bound(application, spec)
    if request.method == "GET":
        if request.args.get("check") == "1":
            forms.show_problems(form, form_spec.problems(application.body.document, application.need, part))
        return _part_page(application, spec, form, 200, closed=service.why_closed(application, part))
    if rows.changed(form, request.form):
        return _part_page(application, spec, form, 200)
    if not form.validate_on_submit():
        return _part_page(application, spec, form, 422)
    return _save(application, spec, form)


def _bound(application: Application, spec: form_spec.Part, fresh: bool = False) -> Any:
    """The part's form with what is stored, or with what was typed when the page is answered (unless `fresh`)."""
    body = application.body
    more = {"formdata": None} if fresh else {}
    data = forms.initial(spec, form_spec.part_of(body.document, spec.code))
    form = forms.part_form(spec.code)(data=data | {"done": spec.code in body.done_parts}, **more)
    if spec.code == "declaration":
        form.essential.choices = [(str(one), str(one)) for one in application.need.essential]
    return form


def _save(application: Application, spec: form_spec.Part, form: Any) -> Any:
    values, finished = forms.values(form, spec), bool(form.done.data)
    try:
        found = service.save_part(
            actor(), application, spec.code, values, form.seen_version(), finished, form.seen.data or None
        )
    except service.Changed as no:
        form.form_errors.append(str(no))
        theirs = form_spec.shown(application.body.document, only=spec.code)[0]
        return _part_page(application, spec, form, 409, theirs=theirs)
    except Refused as no:
        form.form_errors.append(str(no))
        return _part_page(application, spec, form, 409, closed=str(no))
    if finished and found:
        form = _bound(application, spec, fresh=True)
        form.done.data = True
        forms.show_problems(form, found)
        return _part_page(application, spec, form, 422, saved=True)
    return done(_("“%(part)s”已存下。", part=_(spec.title)), _next(application, spec.code))


def _next(application: Application, code: str) -> str:
    """After “save and continue” the next part that can be changed, after the last the task list."""
    codes = [part.code for part in form_spec.PARTS]
    if not request.form.get("later"):
        for following in codes[codes.index(code) + 1 :]:
            if service.why_closed(application, following) is None:
                return url_for("applications.part", ref=application.ref, part=following)
    return url_for("applications.show", ref=application.ref)


def _part_page(application: Application, spec: form_spec.Part, form: Any, status: int, **more: Any) -> Any:
    body = application.body
    budget = _budget(form) if spec.code == "budget" else {}
    page = render_template(
        "applications/part.html",
        form=form, spec=spec, body=body, number=form_spec.PARTS.index(spec) + 1, total=len(form_spec.PARTS) + 1,
        seen=service.fingerprint(body.document, spec.code), saver=_saver(application), **budget,
        **frame(application), **more,
    )  # fmt: skip
    return page, status


def _budget(form: Any) -> dict[str, Any]:
    """Sums of what was typed, for people without script, and the caps."""
    typed = {"amount_fen": form.amount_fen.data, "rows": [entry.form.data for entry in form.rows.entries]}
    document = {"budget": form_spec.read_part("budget", typed)}
    caps = {name: f"{reference.setting(f'cap_{name}'):f}" for name in ("management", "personnel")}
    sums = money.yuan(form_spec.from_source(document, "applied"))
    return {"sums": sums, "totals": form_spec.budget_totals(document), "caps": caps}


def _saver(application: Application) -> str:
    saver = db.session.get(User, application.body.saved_by_id) if application.body.saved_by_id else None
    return saver.name if saver else ""


@bp.route("/my/applications/<ref>/files", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def files(ref: str) -> Any:
    application = own(ref)
    form = forms.FilesForm()
    if form.validate_on_submit():
        answer = _keep(application, form)
        if answer is not None:
            return answer
    listed = service.present_files(application)
    status = 409 if form.form_errors else 422 if form.errors else 200
    closed = service.why_closed(application, service.FILES)
    context = frame(application) | {"purposes": eligibility.PURPOSES, "required": eligibility.REQUIRED_PURPOSES}
    return render_template("applications/files.html", form=form, files=listed, closed=closed, **context), status


def _keep(application: Application, form: Any) -> Any:
    """Store the chosen files; None when something must be repaired, with the sentence on the form."""
    if not list(kit.uploads(form["files"].data)):
        form.refuse("files", _("请选择要上传的文件"))
        return None
    stored = kit.keep_uploads(form, "files")
    if stored is None:
        return None
    try:
        service.attach(actor(), application, form.purpose.data, stored)
    except Refused as no:
        form.form_errors.append(str(no))
        return None
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
    if form.validate_on_submit():
        try:
            service.submit(actor(), application, form.seen_version(), form.seen_body())
            return done(_("申报书已提交，回执如下。"), url_for("applications.receipt", ref=application.ref))
        except Refused as no:
            form.form_errors.append(str(no))
    document = service.draft_document(application)
    context = frame(application) | {
        "parts": form_spec.shown(document),
        "problems": form_spec.problems(document, application.need),
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
        "action": service.SUBMITTING.get(application.state),
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
    return render_template("applications/receipt.html", version=latest, **frame(application))


@bp.get("/my/applications/<ref>/versions/<int(max=9999):number>")
@access(roles.ORGANISATION)
def version(ref: str, number: int) -> Any:
    application = own(ref)
    found = queries.version(application, number) or abort(404)
    listed = eligibility.files_of(found.document, attachments.of(application))
    return render_template(
        "applications/version.html",
        version=found,
        parts=form_spec.shown(found.document),
        files=[row for _purpose, row in listed],
        **frame(application),
    )


@bp.get("/my/applications/<ref>/versions/<int(max=9999):number>.json")
@access(roles.ORGANISATION)
def version_json(ref: str, number: int) -> Any:
    """The canonical text of a version: its SHA-256 is the one on the receipt."""
    found = queries.version(own(ref), number) or abort(404)
    answer = make_response(canonical(found.document))
    answer.content_type = "application/json; charset=utf-8"
    answer.headers["Content-Disposition"] = f'attachment; filename="{ref}-{number}.json"'
    return answer


@bp.post(f"/my/applications/<ref>/<any({PLAIN}):action>")
@access(roles.ORG_ADMIN)
def move(ref: str, action: str) -> Any:
    application = own(ref)
    service.withdraw(actor(), application, kit.seen_version())
    return done(_("申报已撤回；截止前可以修改后重新提交。"), url_for("applications.show", ref=ref))


from matchhub.features.applications import views_staff  # noqa: E402, F401 - adds the section's routes to bp
