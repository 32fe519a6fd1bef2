"""The page of an organisation's standing declarations."""

from __future__ import annotations

from typing import Any

from flask import url_for

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done
from matchhub.domain import declarations, reference, roles
from matchhub.features import kit
from matchhub.features.organisations import declaring
from matchhub.features.organisations.forms import DeclarationsForm
from matchhub.features.organisations.views import bp
from matchhub.features.organisations.views_my import own_organisation


@bp.route("/my/org/declarations", methods=["GET", "POST"])
@access(get=roles.ORGANISATION, post=roles.ORG_ADMIN)
def own_declarations() -> Any:
    org = own_organisation()
    newest = declarations.newest(org.id)
    left = [kind for kind in declarations.KINDS if kind not in declarations.in_force(org.id)]
    form = DeclarationsForm(data={"kinds": left})
    if form.validate_on_submit():
        try:
            count = declaring.sign(actor(), org, form.kinds.data, form.signed_name.data)
            return done(_("已签署 %(n)s 项声明。", n=count), url_for("organisations.own_declarations"))
        except Refused as no:
            form.form_errors.append(str(no))
    return kit.shown(
        "organisations/declarations.html", form, org=org, kinds=declarations.KINDS, newest=newest, now=clock.today(),
        months=reference.setting("declaration_months"),
        may_sign=bool(roles.ORG_ADMIN & actor().role_codes),
    )  # fmt: skip
