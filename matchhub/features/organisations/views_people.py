"""The people of an organisation."""

from __future__ import annotations

from typing import Any

from flask import url_for

from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done
from matchhub.domain import accounts, roles
from matchhub.features import kit
from matchhub.features.organisations import service
from matchhub.features.organisations.forms import MemberForm
from matchhub.features.organisations.views import bp
from matchhub.features.organisations.views_my import own_organisation


@bp.route("/my/org/members", methods=["GET", "POST"])
@access(get=roles.ORGANISATION, post=roles.ORG_ADMIN)
def members() -> Any:
    org, form = own_organisation(), MemberForm(role="member")
    if form.validate_on_submit():
        try:
            made = service.add_member(
                actor(), org, form.name.data, form.email.data, form.phone.data, admin=form.role.data == "admin"
            )
            return _handed_over(made)
        except accounts.Taken as no:
            form.refuse(no.field, str(no))
        except Refused as no:
            form.form_errors.append(str(no))
    may_act = bool(roles.ORG_ADMIN & actor().role_codes)
    return kit.shown("organisations/members.html", form, org=org, me=actor(), may_act=may_act)


def _handed_over(made: service.NewMember) -> Any:
    """The one page that shows an initial password: it is kept nowhere, so there is nothing to redirect to."""
    return kit.shown("organisations/initial_password.html", user=made.user, initial=made.initial_password)


@bp.post("/my/org/members/<int:account_id>/<any(deactivate,reactivate):deed>")
@access(roles.ORG_ADMIN)
def set_member_active(account_id: int, deed: str) -> Any:
    service.set_member_active(actor(), own_organisation(), account_id, deed == "reactivate")
    told = _("账号已恢复使用。") if deed == "reactivate" else _("账号已停用，所有登录已退出。")
    return done(told, url_for("organisations.members"))


@bp.post("/my/org/members/<int:account_id>/password")
@access(roles.ORG_ADMIN)
def reset_member_password(account_id: int) -> Any:
    return _handed_over(service.reset_member_password(actor(), own_organisation(), account_id))
