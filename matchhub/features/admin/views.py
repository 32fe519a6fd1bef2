"""Accounts: who may sign in and as what."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request, url_for

from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters
from matchhub.core.web import actor, done, paged
from matchhub.domain import accounts, coding, roles
from matchhub.features import kit
from matchhub.features.admin import lists, queries, service
from matchhub.features.admin.forms import VARIETY_WORDS, AccountForm, GrantForm, PersonForm

bp = Blueprint("admin", __name__)

from matchhub.features.admin import (  # noqa: E402, F401 - they add their routes to bp
    views_agreements,
    views_reference,
    views_rubric_files,
    views_rubrics,
    views_watch,
)

STATES = {"active": _l("使用中"), "closed": _l("已停用")}


def role_words() -> dict[str, str]:
    return {role.value: _(word) for role, word in roles.WORDS.items()}


@bp.get("/admin/users")
@access(roles.SYSADMIN)
def users() -> Any:
    filters = _filters()
    page = paged(lists.accounts(filters).query)
    return kit.shown("admin/users.html", filters=filters, page=page)


def _filters() -> Filters:
    allowed = {"role": role_words(), "state": {code: _(word) for code, word in STATES.items()}}
    return Filters(request.path, request.args, allowed)


@kit.offer_export(bp, "users", "/admin/users", roles.SYSADMIN)
def _users_list() -> Any:
    return lists.accounts(_filters())


@bp.route("/admin/users/new", methods=["GET", "POST"])
@access(roles.SYSADMIN)
def new_user() -> Any:
    form = AccountForm()
    if form.validate_on_submit():
        try:
            made = service.create_account(
                actor(), form.name.data, form.email.data, form.phone.data, form.wanted(), form.employer.data,
                expertise=form.expertise.data,
            )  # fmt: skip
            return _handed_over(made.user, made.initial_password)
        except accounts.Taken as no:
            form.refuse(no.field, str(no))
        except Refused as no:
            form.form_errors.append(str(no))
    return kit.shown("admin/new_user.html", form)


def _handed_over(user: Any, initial: str) -> Any:
    """The one page that shows an initial password: it is kept nowhere, so there is nothing to redirect to."""
    return kit.shown("admin/initial_password.html", user=user, initial=initial)


@bp.get("/admin/users/<int:account_id>")
@access(roles.SYSADMIN)
def user(account_id: int) -> Any:
    return _user_page(queries.account(account_id), GrantForm())


def _user_page(row: Any, form: GrantForm) -> Any:
    shown, page = service.ended, "admin/user.html"
    now = [one for one in row.grants if not shown(one)]
    past = [one for one in row.grants if shown(one)]
    fields = coding.codes_of(row).get("field", [])
    words = {code: _(word) for code, word in VARIETY_WORDS.items()}
    return kit.shown(
        page, form, user=row, grants=now, past=past, fields=fields, role_words=role_words(), varieties=words,
        own=row.id == actor().id,
    )  # fmt: skip


@bp.route("/admin/users/<int:account_id>/edit", methods=["GET", "POST"])
@access(roles.SYSADMIN)
def edit_user(account_id: int) -> Any:
    row = queries.account(account_id)
    form = PersonForm(obj=row, expertise=coding.codes_of(row).get("field", []))
    if form.validate_on_submit():
        try:
            service.change_account(
                actor(), row, form.name.data, form.email.data, form.phone.data, form.employer.data, form.expertise.data
            )
            return done(_("资料已保存。"), url_for("admin.user", account_id=account_id))
        except accounts.Taken as no:
            form.refuse(no.field, str(no))
        except Refused as no:
            form.form_errors.append(str(no))
    return kit.shown("admin/edit_user.html", form, user=row)


@bp.post("/admin/users/<int:account_id>/roles")
@access(roles.SYSADMIN)
def grant(account_id: int) -> Any:
    row, form = queries.account(account_id), GrantForm()
    if form.validate_on_submit():
        try:
            for wanted in form.wanted():
                service.grant_role(actor(), row, wanted)
            return done(_("角色已授予，该账号需重新登录。"), url_for("admin.user", account_id=account_id))
        except Refused as no:
            form.form_errors.append(str(no))
    return _user_page(row, form)


@bp.post("/admin/users/<int:account_id>/roles/<int:grant_id>/end")
@access(roles.SYSADMIN)
def end_role(account_id: int, grant_id: int) -> Any:
    service.end_role(actor(), queries.account(account_id), grant_id)
    return done(_("角色已结束，该账号需重新登录。"), url_for("admin.user", account_id=account_id))


@bp.post("/admin/users/<int:account_id>/<any(deactivate,reactivate):deed>")
@access(roles.SYSADMIN)
def set_active(account_id: int, deed: str) -> Any:
    service.set_active(actor(), queries.account(account_id), deed == "reactivate")
    told = _("账号已恢复使用。") if deed == "reactivate" else _("账号已停用，所有登录已退出。")
    return done(told, url_for("admin.user", account_id=account_id))


@bp.post("/admin/users/<int:account_id>/password")
@access(roles.SYSADMIN)
def reset_password(account_id: int) -> Any:
    row = queries.account(account_id)
    return _handed_over(row, service.reset_password(actor(), row))
