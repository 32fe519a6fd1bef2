"""Signing in and out, one's own password, and the two preferences that a visitor may set."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, make_response, redirect, request, session, url_for
from flask_login import current_user

from matchhub import demo_accounts
from matchhub.core import i18n, login
from matchhub.core.access import PUBLIC, SIGNED_IN, access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, safe_next, viewer
from matchhub.domain import throttle
from matchhub.domain.roles import WORDS, Role
from matchhub.features import kit
from matchhub.features.accounts import service
from matchhub.features.accounts.forms import ChangePasswordForm, LoginForm, NewPasswordForm

bp = Blueprint("accounts", __name__)

HOME = "/workbench"
YEAR_SECONDS = 365 * 24 * 3600
# What somebody with an initial password may still call.
OPEN_FIRST = {"accounts.password", "accounts.logout", "accounts.mode", "accounts.lang"}

from matchhub.features.accounts import views_my, views_notifications  # noqa: E402, F401 - they add their routes to bp


@bp.before_app_request
def own_password_first() -> Any:
    """Whoever came in with an initial password sets one of their own before anything else."""
    if request.endpoint is None or request.endpoint in OPEN_FIRST or request.blueprint == "assets":
        return None
    if not request.cookies.get(current_app.config["SESSION_COOKIE_NAME"]) or not current_user.is_authenticated:
        return None
    if not current_user.must_set_password:
        return None
    target = url_for("accounts.password", next=request.full_path.rstrip("?") if request.method == "GET" else None)
    if request.headers.get("HX-Request"):
        return "", 200, {"HX-Redirect": target}
    return redirect(target, 303)


@bp.route("/login", methods=["GET", "POST"])
@access(PUBLIC)
def sign_in() -> Any:
    form = LoginForm(next=request.args.get("next", ""))
    target = safe_next(form.next.data, HOME)
    if request.method == "GET" and viewer() is not None:
        return redirect(target, 303)
    status = None
    if form.validate_on_submit():
        try:
            agent = request.user_agent.string
            entered = service.sign_in(form.login.data, form.password.data, request.remote_addr or "", agent)
        except Refused as no:
            form.form_errors.append(str(no))
            status = 429 if isinstance(no, throttle.TooMany) else 422
        else:
            login.open_session(entered.user, entered.token)
            return redirect(target, 303)
    page, plain = kit.shown("accounts/sign_in.html", form, demo_rows=_demo_rows())
    return page, status or plain


def _demo_rows() -> list[tuple[str, str, str]]:
    """(role in words, login, password) for the sign-in page of a demonstration; nothing anywhere else."""
    rows = demo_accounts.accounts() if current_app.config["DEMO"] else []
    return [(_(WORDS[Role(role)]), name, password) for role, name, password in rows]


@bp.route("/logout", methods=["POST"])
@access(PUBLIC)
def logout() -> Any:
    account = viewer()
    account_id = account.id if account else None
    service.sign_out(account_id, login.close_session())
    answer = done(_("您已退出登录。"), "/")
    # What pages and drafts this browser keeps of the account is nobody else's.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.route("/password", methods=["GET", "POST"])
@access(SIGNED_IN)
def password() -> Any:
    user = actor()
    first = user.must_set_password
    form = NewPasswordForm() if first else ChangePasswordForm()
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
    status = None
    if form.validate_on_submit():
        try:
            return _choose(user, form, first)
        except throttle.TooMany as no:
            form.form_errors.append(str(no))
            status = 429
    page, plain = kit.shown("accounts/password.html", form, first=first)
    return page, status or plain


def _choose(user: Any, form: Any, first: bool) -> Any:
    """Check and set the new password; the page again, with the sentence at its field, when it is refused."""
    if form.new.data != form.again.data:
        form.refuse("again", _("两次填写的新密码不一样，请重新填写。"))
        return kit.shown("accounts/password.html", form, first=first)
    field = "current"
    try:
        if not first:
            service.confirm(user, form.current.data)
        field = "new"
        service.choose_password(user, form.new.data, str(session["_user_id"]))
    except throttle.TooMany:
        raise
    except Refused as no:
        form.refuse(field, str(no))
        return kit.shown("accounts/password.html", form, first=first)
    return done(
        _("密码已更新，其他设备上的登录已全部退出。"), safe_next(form.next.data, HOME if first else "/my/settings")
    )


def _keep(name: str, allowed: tuple[str, ...]) -> Any:
    """Remember a preference in a cookie of its own, so that visitors need no session."""
    answer = make_response(redirect(safe_next(request.args.get("next")), 303))
    wanted = request.args.get("to", "")
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    if wanted in allowed:
        answer.set_cookie(name, wanted, max_age=YEAR_SECONDS, secure=secure, httponly=True, samesite="Lax")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/prefs/mode")
@access(PUBLIC)
def mode() -> Any:
    return _keep("mode", ("normal", "care"))


@bp.get("/prefs/lang")
@access(PUBLIC)
def lang() -> Any:
    return _keep("lang", i18n.LANGUAGES)
