"""Pages of residents' committees: raising a need, and what became of it."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from matchhub.core.access import access
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged
from matchhub.domain import roles
from matchhub.features import kit
from matchhub.features.needs import lists, queries, service
from matchhub.features.needs.forms import RaiseForm
from matchhub.features.needs.views import bp


@bp.route("/needs/raise", methods=["GET", "POST"])
@access(roles.NEIGHBOURHOOD)
def raise_need() -> Any:
    start = {"communities": sorted(actor().communities()), "contact_name": actor().name, "contact_phone": actor().phone}
    form = RaiseForm(data=start)
    if form.validate_on_submit():
        with kit.refusals(form):
            need = service.raise_need(actor(), form.values())
            return done(_("需求已上报，编号 %(ref)s。科室会收到消息。", ref=need.ref), url_for("needs.mine"))
    return kit.shown("needs/raise.html", form, groups=queries.communities_by_kind())


@bp.get("/my/needs")
@access(roles.NEIGHBOURHOOD)
def mine() -> Any:
    page = paged(lists.raised(actor()).query)
    return render_template("needs/mine.html", page=page, projects=queries.projects_of(page.rows))


@kit.offer_export(bp, "mine", "/my/needs", roles.NEIGHBOURHOOD)
def _raised_list() -> Any:
    return lists.raised(actor())
