"""Pages of openings: one's passphrase, a need's opening with rehearsal and ceremony, and the public certificate."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, jsonify, render_template, url_for

from matchhub.core import clock
from matchhub.core.access import PUBLIC, access
from matchhub.core.errors import Missing, Refused
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.core.web import actor, done, viewer
from matchhub.domain import opening, policy, roles
from matchhub.domain.models import Need, NeedKey, NeedPhase, NeedState, OpeningMode
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.openings import forms, queries, service

bp = Blueprint("openings", __name__)

HOLDERS = roles.APPROVER | roles.CENTRE | roles.AUDITOR


# --- one's own passphrase ----------------------------------------------------------------------------------------


@bp.route("/my/opening-key", methods=["GET", "POST"])
@access(HOLDERS)
def passphrase() -> Any:
    has_key = opening.current_key(actor()) is not None
    form = forms.ChangePassphraseForm() if has_key else forms.NewPassphraseForm()
    if form.validate_on_submit():
        if form.new.data != form.again.data:
            form.refuse("again", _("两次填写的口令不一样，请再填一次。"))
        elif _saved(form, has_key):
            return done(_("开启口令已保存。请记牢，平台无法找回。"), url_for("openings.passphrase"))
    return kit.shown("openings/passphrase.html", form, has_key=has_key, held=queries.held(actor()))


def _saved(form: Any, has_key: bool) -> bool:
    try:
        if has_key:
            service.change_passphrase(actor(), form.current.data, form.new.data)
        else:
            service.set_passphrase(actor(), form.new.data)
    except Refused as no:
        form.refuse("new", str(no))
        return False
    return True


@bp.post("/my/opening-key/lost")
@access(HOLDERS)
def lost() -> Any:
    count = service.declare_lost(actor())
    told = _("已登记遗失，%(n)s 条需求的审批人会收到消息。请重新设置开启口令。", n=count)
    return done(told, url_for("openings.passphrase"))


# --- a need's opening ----------------------------------------------------------------------------------------------


def known(ref: str) -> Need:
    """A need that was published; 404 for others."""
    need = policy.find(Need, ref, viewer())
    if need.state in (NeedState.DRAFT, NeedState.INTERNAL_REVIEW) or need.closes_at is None:
        raise Missing(ref)
    return need


@bp.route("/staff/needs/<ref>/opening", methods=["GET", "POST"])
@access(roles.INSIDE)
def show(ref: str) -> Any:
    """Before the deadline a rehearsal, after it the opening; once open, the certificate."""
    need = known(ref)
    form = forms.GiveForm()
    if form.validate_on_submit():
        try:
            return _given(need, form.passphrase.data)
        except Refused as no:
            form.form_errors.append(str(no))
    return _page(need, form)


def _given(need: Need, words: str) -> Any:
    url = url_for("openings.show", ref=need.ref)
    if need.phase is NeedPhase.OPEN:
        service.rehearse(actor(), need, words)
        return done(_("演练成功：您的口令能打开您的那一份钥匙。申报没有开启。"), url)
    if service.give_share(actor(), need, words):
        return done(_("申报已开启，证明书如下。"), url)
    return done(_("您的那一份已交，还差一位开启人。"), url)


def _page(need: Need, form: Any) -> Any:
    key, mine = queries.key(need), parties(viewer(), need)
    share = next((one for one in key.shares if one.holder_id == actor().id), None) if key else None
    status = 409 if form.form_errors else 422 if form.errors else 200
    page = render_template(
        "openings/show.html", need=need, key=key, form=form, share=share, is_open=need.phase is NeedPhase.OPEN,
        two=key is not None and key.mode is OpeningMode.TWO_OF_THREE, words=opening.WORDS,
        why=opening.why_not(need, clock.now()), may_open=bool(set(service.MAY_OPEN) & mine),
        may_renew=Party.APPROVER in mine and need.phase is NeedPhase.OPEN, proof=_proof(need, key),
    )  # fmt: skip
    return page, status


def _proof(need: Need, key: NeedKey | None) -> dict[str, Any] | None:
    if key is None or key.certificate is None:
        return None
    found = dict(key.certificate)
    found["versions"] = [
        {**line, "received": datetime.fromisoformat(line["received_at"])} for line in found["versions"]
    ]
    return {"still_true": opening.still_true(key), "row": opening.proof(need), **found}


@bp.post("/staff/needs/<ref>/opening/open")
@access(roles.STREET)
def open_now(ref: str) -> Any:
    need = known(ref)
    service.open_with_one_key(actor(), need)
    return done(_("申报已开启，证明书如下。"), url_for("openings.show", ref=ref))


@bp.route("/staff/needs/<ref>/opening/holders", methods=["GET", "POST"])
@access(roles.APPROVER)
def holders(ref: str) -> Any:
    need = known(ref)
    people = opening.candidates()
    key = queries.key(need)
    form = forms.RenewForm(obj=need, data={"holders": [str(one.holder_id) for one in key.shares] if key else []})
    form.holders.choices = [
        (str(user.id), f"{user.name} · {'、'.join(_(w) for w in user.role_words)}") for user in people
    ]
    if form.validate_on_submit():
        chosen = [user for user in people if str(user.id) in form.holders.data]
        try:
            count = service.renew(actor(), need, chosen, form.reason.data, form.seen_version())
            return done(_("已换成新的三位开启人，%(n)s 个版本已重新封存。", n=count), url_for("openings.show", ref=ref))
        except Refused as no:
            form.form_errors.append(str(no))
    page = render_template("openings/holders.html", form=form, need=need, enough=len(people) >= 3)
    return page, 409 if form.form_errors else 422 if form.errors else 200


# --- for everybody -------------------------------------------------------------------------------------------------


@bp.get("/needs/<ref>/opening")
@access(PUBLIC)
@kept
def public(ref: str) -> Any:
    """How a need's applications are sealed and, after the opening, the hash of every one of them."""
    need = known(ref)
    key = queries.key(need)
    return render_template("openings/public.html", need=need, key=key, proof=_proof(need, key), words=opening.WORDS)


@bp.get("/needs/<ref>/opening.json")
@access(PUBLIC)
def certificate(ref: str) -> Any:
    """The certificate as it was written: its canonical JSON has the hash that the ledger names."""
    key = queries.key(known(ref))
    if key is None or key.certificate is None:
        raise Missing(ref)
    return jsonify({"certificate": key.certificate, "sha256": key.certificate_sha256})
