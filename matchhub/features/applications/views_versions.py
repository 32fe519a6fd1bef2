"""What changed from version to version, and whether a file is the text that was handed in."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from typing import Any

from flask import abort, render_template, url_for

from matchhub.core.access import access
from matchhub.core.i18n import _
from matchhub.domain import application_form as form_spec
from matchhub.domain import roles
from matchhub.domain.scoring.canonical import canonical
from matchhub.features import kit
from matchhub.features.applications import forms, queries, submitting
from matchhub.features.applications.views import bp, frame, own
from matchhub.features.applications.views_staff import known

# The text of one version is far below this; a longer file is none.
MOST_BYTES = 2 * 1024 * 1024


@bp.get("/my/applications/<ref>/versions/<int(max=9999):number>/changes")
@access(roles.ORGANISATION)
def changes(ref: str, number: int) -> Any:
    """What a version changed in the one before it."""
    application = own(ref)
    new = queries.version(application, number) or abort(404)
    old = queries.version(application, number - 1) or abort(404)
    return render_template(
        "applications/changes.html",
        parts=form_spec.differences(old.own_text, new.own_text),
        title=_("第 %(new)s 版改了什么", new=number),
        lead=_("与第 %(old)s 版相比。", old=number - 1),
        at=new.submitted_at,
        **frame(application),
    )


@bp.get("/my/applications/<ref>/changes")
@access(roles.ORGANISATION)
def draft_changes(ref: str) -> Any:
    """What has been written since the last submission."""
    application = own(ref)
    last = form_spec.latest(application) or abort(404)
    return render_template(
        "applications/changes.html",
        parts=form_spec.differences(last.own_text, submitting.draft_document(application)),
        title=_("提交之后改了什么"),
        lead=_("现在填写的内容与第 %(n)s 版相比。这些修改还没有提交。", n=last.number),
        at=None,
        **frame(application),
    )


@bp.get("/staff/applications/<ref>/versions/<int(max=9999):number>/changes")
@access(roles.INSIDE)
def staff_changes(ref: str, number: int) -> Any:
    """The same for the street: what a correction changed in the text that was opened.

    What the organisation replaced before the deadline stays sealed for ever (domain/opening.py), so it is compared with
    nothing.
    """
    application = known(ref)
    readable = queries.readable_versions(application)
    new = next((one for one in readable if one.number == number), None) or abort(404)
    old = next((one for one in readable if one.number < number), None) or abort(404)
    return render_template(
        "applications/staff_changes.html",
        application=application, need=application.need, number=number, before=old.number, at=new.submitted_at,
        parts=form_spec.differences(old.document, new.document),
    )  # fmt: skip


# --- the receipt's proof -----------------------------------------------------------------------------------------------


@bp.route("/my/applications/<ref>/verify", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def verify(ref: str) -> Any:
    """Compare a saved file with what was handed in, by SHA-256; the file is not kept."""
    application = own(ref)
    if not queries.versions(application):
        abort(404)
    form, told = forms.VerifyForm(), None
    if form.validate_on_submit():
        chosen = list(kit.uploads(form["file"].data))
        if chosen:
            told = _compared(application, chosen[0].stream.read(MOST_BYTES + 1))
        else:
            form.refuse("file", _("请选择要核对的文件"))
    page = render_template("applications/verify.html", form=form, told=told, **frame(application))
    return page, 422 if form.errors else 200


def _compared(application: Any, content: bytes) -> dict[str, Any]:
    """The file's own hash, and the version that it is, if any."""
    hashes = {hashlib.sha256(content).hexdigest()}
    # Saved again by an editor, the same text may have other line ends or a mark at its head.
    with suppress(ValueError, TypeError, RecursionError):
        hashes.add(hashlib.sha256(canonical(json.loads(content.decode("utf-8-sig"))).encode()).hexdigest())
    found = next((one for one in queries.versions(application) if one.sha256 in hashes), None)
    return {"version": found, "sha256": hashlib.sha256(content).hexdigest(), "url": _receipt(application)}


def _receipt(application: Any) -> str:
    return url_for("applications.receipt", ref=application.ref)
