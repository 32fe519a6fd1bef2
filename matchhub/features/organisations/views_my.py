"""An organisation's own pages: profile, documents, handing in, leaving."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from matchhub.core import files
from matchhub.core.access import access
from matchhub.core.errors import Missing, Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done
from matchhub.domain import coding, policy, roles
from matchhub.domain.models import Organisation
from matchhub.domain.parties import Party
from matchhub.features import kit
from matchhub.features.organisations import documents as papers
from matchhub.features.organisations import queries, service
from matchhub.features.organisations.forms import DocumentForm, LeaveForm, ProfileForm, SubmitForm, split_lines
from matchhub.features.organisations.rules import EDITABLE, S
from matchhub.features.organisations.views import bp
from matchhub.features.organisations.words import PURPOSES

PAPERS = frozenset({"pdf", "docx", "jpg", "jpeg", "png"})


def own_organisation() -> Organisation:
    """The organisation of whoever is signed in. Raises Missing when there is none."""
    organisation = queries.own(actor())
    if organisation is None:
        raise Missing("no organisation")
    return organisation


def own_with_ref(ref: str) -> Organisation:
    """The same, on pages whose address carries its reference: somebody else's is not there."""
    organisation = own_organisation()
    if organisation.ref != ref:
        raise Missing(ref)
    return organisation


@bp.get("/my/org")
@access(roles.ORGANISATION)
def mine() -> Any:
    org = own_organisation()
    return kit.shown(
        "organisations/mine.html", org=org, codes=coding.codes_of(org), papers=queries.documents(org), titles=PURPOSES,
        offers=kit.offers(org, actor()), checks=queries.checks(org), runs_out=queries.runs_out,
        may_edit=_may_edit(org),
    )  # fmt: skip


def _may_edit(organisation: Organisation) -> bool:
    return organisation.state in EDITABLE and bool(roles.ORG_ADMIN & actor().role_codes)


@bp.route("/my/org/edit", methods=["GET", "POST"])
@access(roles.ORG_ADMIN)
def edit() -> Any:
    org = own_organisation()
    form = _profile_form(org)
    if form.validate_on_submit():
        try:
            service.save_profile(
                actor(), org, _values(form), fields=form.fields.data, groups=form.groups.data,
                communities=form.communities.data, seen=form.seen_version(),
            )  # fmt: skip
            return done(_("机构资料已保存。"), url_for("organisations.mine"))
        except service.Taken as no:
            form.refuse(no.field, str(no))
        except Refused as no:
            form.form_errors.append(str(no))
    return kit.shown("organisations/edit.html", form, org=org, identity=org.state in (S.DRAFT, S.RETURNED))


def _profile_form(org: Organisation) -> ProfileForm:
    codes = coding.codes_of(org)
    stored = {name: getattr(org, name) for name in (*service.PROFILE, *service.IDENTITY, "version")}
    stored |= {"abilities": "\n".join(org.abilities), "board": "\n".join(org.board)}
    stored |= {
        "fields": codes.get("field", []),
        "groups": codes.get("target_group", []),
        "communities": codes.get("community", []),
    }
    form = ProfileForm(data=stored)
    if form.is_submitted() and org.state not in (S.DRAFT, S.RETURNED):  # verified: never taken from the form
        form.name.data, form.uscc.data, form.type.data = org.name, org.uscc, org.type
    return form


def _values(form: ProfileForm) -> dict[str, Any]:
    """The profile as it is stored: empty numbers are none, lists are lists."""
    names = (*service.PROFILE, *service.IDENTITY)
    values = {name: form[name].data for name in names if name in form}
    for name in ("staff_full", "staff_part", "social_workers"):
        values[name] = values[name] or 0
    for name in ("org_class", "origin", "grade"):
        values[name] = values[name] or ("none" if name == "grade" else "")
    return values | {name: split_lines(form[name].data) for name in ("abilities", "board")}


@bp.route("/my/org/documents", methods=["GET", "POST"])
@access(get=roles.ORGANISATION, post=roles.ORG_ADMIN)
def documents() -> Any:
    org, form = own_organisation(), DocumentForm()
    if form.validate_on_submit():
        kept = kit.keep_uploads(form, "files", PAPERS & files.ANY)
        if kept:
            try:
                for stored in kept:
                    papers.add_document(actor(), org, form.purpose.data, stored, form.expires_on.data)
                return done(_("文件已上传。"), url_for("organisations.documents"))
            except Refused as no:
                form.form_errors.append(str(no))
    return kit.shown(
        "organisations/documents.html", form, org=org, papers=queries.documents(org), titles=PURPOSES,
        may_edit=_may_edit(org), runs_out=queries.runs_out,
    )  # fmt: skip


@bp.post("/my/org/documents/<code>/remove")
@access(roles.ORG_ADMIN)
def remove_document(code: str) -> Any:
    papers.remove_document(actor(), own_organisation(), code)
    return done(_("文件已删除。"), url_for("organisations.documents"))


@bp.route("/my/org/<ref>/submit", methods=["GET", "POST"])
@access(roles.ORG_ADMIN)
def submit(ref: str) -> Any:
    org, form = own_with_ref(ref), SubmitForm()
    if form.validate_on_submit():
        try:
            service.submit(actor(), org, form.seen_version())
            return done(_("入驻申请已提交。街道核验后会发消息告诉您。"), url_for("organisations.mine"))
        except Refused as no:
            form.form_errors.append(str(no))
    if request.method == "GET":
        form.version.data = org.version
    return kit.shown(
        "organisations/submit.html", form, org=org, codes=coding.codes_of(org), papers=queries.documents(org),
        titles=PURPOSES, checks=queries.checks(org), open_now=queries.offers_here(org, actor(), ["submit"]),
    )  # fmt: skip


@bp.route("/my/org/<ref>/leave", methods=["GET", "POST"])
@access(roles.ORG_ADMIN)
def leave(ref: str) -> Any:
    org, form = own_with_ref(ref), LeaveForm()
    policy.require(actor(), org, Party.OWNER_ADMIN)
    if form.validate_on_submit():
        try:
            service.leave(actor(), org, form.reason.data, form.seen_version())
            return done(_("贵机构已退出平台。"), url_for("organisations.mine"))
        except Refused as no:
            form.form_errors.append(str(no))
    if request.method == "GET":
        form.version.data = org.version
    return kit.shown("organisations/leave.html", form, org=org)
