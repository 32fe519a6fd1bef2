"""Pages on which an organisation writes one part: saving, saving by itself, and two people on the same part."""

from __future__ import annotations

from typing import Any

from flask import jsonify, render_template, request, url_for

from matchhub.core import clock, money, rows
from matchhub.core.access import access
from matchhub.core.db import db
from matchhub.core.errors import NotNow, Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.domain import application_form as form_spec
from matchhub.domain import policy, reference, roles
from matchhub.domain.models import Application, User
from matchhub.domain.parties import Party
from matchhub.features.applications import forms, service
from matchhub.features.applications.views import PARTS, bp, frame, own

# Fields of the answered page that are no answers.
FRAME = ("csrf_token", "version", "seen", "resolve", "back")
MINE, THEIRS, BOTH = "mine", "theirs", "both"


@bp.route(f"/my/applications/<ref>/<any({PARTS}):part>", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def part(ref: str, part: str) -> Any:
    application = own(ref)
    spec = form_spec.BY_CODE[part]
    form = bound(application, spec)
    if request.method == "GET":
        if request.args.get("check") == "1":
            forms.show_problems(form, _problems(application, part))
        return part_page(application, spec, form, 200, closed=service.why_closed(application, part))
    if rows.changed(form, request.form) or request.form.get("back"):
        return part_page(application, spec, form, 200, seen=form.seen.data)
    if not form.validate_on_submit():
        return part_page(application, spec, form, 422, seen=form.seen.data)
    return _save(application, spec, form)


def _problems(application: Application, part: str) -> list[form_spec.Problem]:
    return form_spec.problems(application.body.document, application.need, part, application.organisation)


def bound(application: Application, spec: form_spec.Part, fresh: bool = False) -> Any:
    """The part's form with what is stored, or with what was typed when the page is answered (unless `fresh`)."""
    body = application.body
    more = {"formdata": None} if fresh else {}
    data = forms.initial(spec, form_spec.part_of(body.document, spec.code))
    form = forms.part_form(spec.code)(data=data | {"done": spec.code in body.done_parts}, **more)
    if spec.code == "declaration":
        form.essential.choices = [(str(one), str(one)) for one in application.need.essential]
    return form


def _save(application: Application, spec: form_spec.Part, form: Any) -> Any:
    values, finished, seen = forms.values(form, spec), bool(form.done.data), form.seen.data or None
    if request.form.get("resolve"):
        values = _chosen(application, spec, values)
    try:
        found = service.save_part(actor(), application, spec.code, values, form.seen_version(), finished, seen)
    except service.Changed:
        return conflict_page(application, spec, form, values)
    except Refused as no:
        form.form_errors.append(str(no))
        return part_page(application, spec, form, 409, closed=str(no), seen=seen)
    if finished and found:
        form = bound(application, spec, fresh=True)
        form.done.data = True
        forms.show_problems(form, found)
        return part_page(application, spec, form, 422, saved=True)
    return done(_told(spec, found), _next(application, spec.code))


def _told(spec: form_spec.Part, saved: service.Saved) -> str:
    if saved.taken:
        names = _("、").join(f"“{_(spec.field(name).label)}”" for name in saved.taken)
        return _("“%(part)s”已存下；同事刚才改过的%(names)s也保留了。", part=_(spec.title), names=names)
    return _("“%(part)s”已存下。", part=_(spec.title))


def _next(application: Application, code: str) -> str:
    """After “save and continue” the next part that can be changed, after the last the task list."""
    codes = [part.code for part in form_spec.PARTS]
    if request.form.get("resolve"):
        return url_for("applications.part", ref=application.ref, part=code)
    if not request.form.get("later"):
        for following in codes[codes.index(code) + 1 :]:
            if service.why_closed(application, following) is None:
                return url_for("applications.part", ref=application.ref, part=following)
    return url_for("applications.show", ref=application.ref)


def part_page(
    application: Application, spec: form_spec.Part, form: Any, status: int, seen: str | None = None, **more: Any
) -> Any:
    """The page of one part. `seen` is the fingerprint that an answered page began with, None for a fresh one."""
    body = application.body
    budget = _budget(form) if spec.code == "budget" else {}
    names = form_spec.admitted_names(application.organisation) if spec.code == "organisation" else []
    page = render_template(
        "applications/part.html",
        form=form, spec=spec, body=body, number=form_spec.PARTS.index(spec) + 1, total=len(form_spec.PARTS) + 1,
        seen=seen or service.fingerprint(body.document, spec.code), saver=saver(application), names=names,
        **budget, **frame(application), **more,
    )  # fmt: skip
    return page, status


def _budget(form: Any) -> dict[str, Any]:
    """Sums of what was typed, for people without script, and the caps."""
    typed = {"amount_fen": form.amount_fen.data, "rows": [entry.form.data for entry in form.rows.entries]}
    document = {"budget": form_spec.read_part("budget", typed)}
    caps = {name: f"{reference.setting(f'cap_{name}'):f}" for name in ("management", "personnel")}
    sums = money.yuan(form_spec.from_source(document, "applied"))
    return {"sums": sums, "totals": form_spec.budget_totals(document), "caps": caps}


def saver(application: Application) -> str:
    """Who saved last."""
    found = db.session.get(User, application.body.saved_by_id) if application.body.saved_by_id else None
    return found.name if found else ""


# --- two people on one part ------------------------------------------------------------------------------------------


def conflict_page(application: Application, spec: form_spec.Part, form: Any, values: dict[str, Any]) -> Any:
    """Both texts side by side, answer by answer; nothing is stored until somebody has chosen."""
    body = application.body
    mine = form_spec.read_part(spec.code, values)
    merged = form_spec.merge(spec.code, mine, body.document, form.seen.data or "")
    stored = form_spec.part_of(body.document, spec.code)
    clashes = []
    for name in merged.clashes:
        field = spec.field(name)
        for change in form_spec.change_of(field, stored[name], mine[name]):
            both = form_spec.joined(field, mine[name], stored[name]) is not None
            clashes.append({"field": field, "change": change, "both": both})
    typed = [(key, value) for key, value in request.form.items(multi=True)
             if key not in FRAME and not key.startswith("keep-")]  # fmt: skip
    page = render_template(
        "applications/conflict.html",
        spec=spec, clashes=clashes, typed=typed, body=body, saver=saver(application), me=viewer(),
        taken=[spec.field(name) for name in merged.taken], seen=_seen(spec.code, merged, body.document, form.seen.data),
        **frame(application),
    )  # fmt: skip
    return page, 409


def _seen(code: str, merged: form_spec.Merged, document: dict[str, Any], seen: str | None) -> str:
    return form_spec.seen_after(code, merged, document, seen or "")


def _chosen(application: Application, spec: form_spec.Part, values: dict[str, Any]) -> dict[str, Any]:
    """My answers with those of the colleague where somebody chose so, or with both."""
    mine = form_spec.read_part(spec.code, values)
    stored = form_spec.part_of(application.body.document, spec.code)
    for field in spec.fields:
        wanted = request.form.get(f"keep-{field.name}", MINE)
        if wanted == THEIRS:
            mine[field.name] = stored[field.name]
        elif wanted == BOTH:
            both = form_spec.joined(field, mine[field.name], stored[field.name])
            mine[field.name] = mine[field.name] if both is None else both
    return mine


# --- saved by itself -------------------------------------------------------------------------------------------------


@bp.post(f"/my/applications/<ref>/<any({PARTS}):part>/keep")
@access(roles.ORGANISATION)
def keep(ref: str, part: str) -> Any:
    """Save what is being typed; the answer says in one sentence what has been saved and what has not.

    200: saved (`sentence`, `seen`, `version`, `partly`). 409: a colleague changed the same answer, or the part is closed.
    """
    application = policy.find(Application, ref, viewer())
    policy.require(actor(), application, Party.OWNER)
    spec = form_spec.BY_CODE[part]
    form = bound(application, spec)
    form.validate_on_submit()
    values, left_out = forms.sound_values(form, spec, application.body.document)
    try:
        saved = service.keep_part(actor(), application, part, values, form.seen.data or "")
    except service.Changed:
        return _clash(application), 409
    except NotNow as no:
        return jsonify(kind="closed", sentence=_("没有暂存：%(why)s", why=str(no))), 409
    at = clock.local(clock.now()).strftime("%H:%M")
    return jsonify(
        kind="saved", version=application.body.version, seen=saved.seen, partly=bool(left_out),
        sentence=_sentence(spec, at, left_out, saved),
    )  # fmt: skip


def _clash(application: Application) -> Any:
    at = clock.local(application.body.saved_at).strftime("%H:%M")
    return jsonify(
        kind="clash",
        sentence=_(
            "没有暂存：%(who)s在 %(at)s 改过同一处。您写的还在，请对照两份内容后选择。",
            who=saver(application) or _("同事"), at=at,
        ),
        action=_("对照两份内容"),
    )  # fmt: skip


def _sentence(spec: form_spec.Part, at: str, left_out: list[str], saved: service.Saved) -> str:
    if left_out:
        return _("已暂存 %(at)s，有 %(n)s 处除外：%(first)s", at=at, n=len(left_out), first=left_out[0])
    if saved.taken:
        names = _("、").join(f"“{_(spec.field(name).label)}”" for name in saved.taken)
        return _("已暂存 %(at)s。同事改过%(names)s，保存后可以看到。", at=at, names=names)
    return _("已暂存 %(at)s", at=at)
