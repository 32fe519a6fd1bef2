"""Following a need: the page to begin on, the page that its code opens, and the links of the mails."""

from __future__ import annotations

import re
from typing import Any

from flask import redirect, render_template, request, url_for

from matchhub.core import contact, mail
from matchhub.core.access import PUBLIC, SIGNED_IN, access
from matchhub.core.errors import Missing, Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.domain import following, paths, policy
from matchhub.domain.models import Need
from matchhub.domain.throttle import TooMany
from matchhub.features import kit
from matchhub.features.needs import follow as service
from matchhub.features.needs import forms
from matchhub.features.needs.views import bp


def _plain(code: str) -> str:
    """A code as it is stored, however it was typed from paper."""
    return re.sub(r"[\s\-]", "", code).lower()


def _public_need(ref: str) -> Need:
    need = policy.find(Need, ref, viewer())
    if need.state not in policy.NEED_PUBLIC:
        raise Missing(ref)
    return need


@bp.route("/needs/<ref>/follow", methods=["GET", "POST"])
@access(PUBLIC)
def follow(ref: str) -> Any:
    need = _public_need(ref)
    by_mail = request.form.get("way") == "mail"
    code_form = forms.FollowCodeForm(formdata=None if by_mail else request.form)
    mail_form = kit.AddressForm(formdata=request.form if by_mail else None)
    if request.method == "POST":
        form = mail_form if by_mail else code_form
        if form.validate():
            try:
                return _with_mail(need, mail_form) if by_mail else _with_code(need, code_form)
            except Refused as no:
                form.form_errors.append(str(no))
                return _follow_page(need, code_form, mail_form), 429 if isinstance(no, TooMany) else 409
    refused = bool(code_form.errors or mail_form.errors)
    return _follow_page(need, code_form, mail_form), 422 if refused else 200


def _follow_page(need: Need, code_form: forms.FollowCodeForm, mail_form: kit.AddressForm) -> str:
    return render_template(
        "needs/follow.html",
        need=need,
        code_form=code_form,
        mail_form=mail_form,
        has_mail=mail.is_on(),
        follows=following.of_account(viewer(), need),
    )


def _with_code(need: Need, form: forms.FollowCodeForm) -> Any:
    code = service.with_code(need, request.remote_addr or "", _plain(form.code.data or ""))
    return redirect(url_for("needs.followed", code=code, new=None if form.code.data else 1), 303)


def _with_mail(need: Need, form: kit.AddressForm) -> Any:
    """The same answer whatever became of it: nobody learns here who follows what."""
    service.ask_by_mail(need, contact.plain_email(form.email.data) or "", request.remote_addr or "")
    told = _("如果邮箱没有填错，几分钟内会收到一封确认邮件。打开里面的链接确认以后才开始关注。")
    return done(told, paths.path(need))


@bp.post("/needs/<ref>/follow/account")
@access(SIGNED_IN)
def follow_here(ref: str) -> Any:
    need = _public_need(ref)
    if "leave" in request.form:
        service.leave_account(actor(), need)
        return done(_("已取消关注。"), paths.path(need))
    service.with_account(actor(), need)
    return done(_("已关注，有新的进展会发消息给您。"), paths.path(need))


@bp.route("/follow", methods=["GET", "POST"])
@access(PUBLIC)
def look_up_follow() -> Any:
    form = forms.FollowLookUpForm()
    if form.validate_on_submit():
        code = _plain(form.code.data)
        if following.by_code(code):
            return redirect(url_for("needs.followed", code=code), 303)
        form.refuse("code", _("没有找到这个关注码。请核对记下的 10 位字母和数字；取消了全部关注的码不能再用。"))
    return kit.shown("needs/follow_look_up.html", form)


@bp.get("/follow/<code>")
@access(PUBLIC)
def followed(code: str) -> Any:
    """What is new in the needs that the holder of this code follows."""
    follows = following.by_code(_plain(code))
    if not follows:
        raise Missing(code)
    news = following.news_of([one.need for one in follows])
    fresh = {one.need_id: {made.key for made in news.get(one.need_id, [])} - set(one.known) for one in follows}
    return kit.letter(
        "needs/followed.html",
        code=_plain(code),
        follows=follows,
        news=news,
        fresh=fresh,
        is_new="new" in request.args,
        address=mail.address(url_for("needs.followed", code=_plain(code))),
    )


@bp.post("/follow/<code>/seen")
@access(PUBLIC)
def seen_follow(code: str) -> Any:
    service.have_seen(_plain(code))
    return redirect(url_for("needs.followed", code=code), 303)


@bp.post("/follow/<code>/leave/<ref>")
@access(PUBLIC)
def leave_follow(code: str, ref: str) -> Any:
    need = _public_need(ref)
    service.leave_code(_plain(code), need)
    left = following.by_code(_plain(code))
    to = url_for("needs.followed", code=code) if left else paths.path(need)
    return done(_("已取消关注。"), to)


@bp.route("/follow/confirm/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def confirm_follow(token: str) -> Any:
    """Looking changes nothing (programs that check mails look at every link): a button confirms."""
    found = service.BY_MAIL.of_token(service.BY_MAIL.confirm, token)
    if request.method == "POST":
        service.confirm(token)
        return done(
            _("已确认。有新的进展会发邮件给您，每封邮件里都可以一键退订。"),
            paths.path(found.need) if found else "/needs",
        )
    return kit.letter(
        "follow/confirm.html", what=found.need.title if found else "", room=_room(),
        promise=_("确认以后，这条需求有新的进展就发邮件给您；每封邮件都能一键退订。"),
        look=(_("先看需求"), paths.path(found.need) if found else "/needs"),
        too_late=_("确认要在三天内完成。请回到需求页重新填写邮箱。"),
    )  # fmt: skip


@bp.route("/follow/leave/<token>", methods=["GET", "POST"])
@access(PUBLIC)
def leave_mail(token: str) -> Any:
    """One POST leaves, from this page or straight from a mail program (RFC 8058), which knows no form's token."""
    if request.method == "POST":
        service.leave(token)
    found = service.BY_MAIL.of_token(service.BY_MAIL.leave, token)
    if found is None:
        text = _("不会再收到这条需求的邮件，您的邮箱已从本站删除。")
        return kit.letter("follow/left.html", text=text, room=_room(), look=(_("看看其他需求"), "/needs"))
    text = _("退订后不再收到这条需求的邮件，您的邮箱从本站删除。")
    return kit.letter("follow/leave.html", what=found.need.title, text=text, room=_room())


def _room() -> tuple[str, str]:
    return _("找需求"), "/needs"


kit.let_mail_programs_leave(bp, leave_mail)
