"""Pages of the directory of those who can help (资源名录)."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from matchhub.core.access import access
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged
from matchhub.domain import policy, roles
from matchhub.domain.models import HelpResource
from matchhub.features import kit
from matchhub.features.channel import lists, queries, service
from matchhub.features.channel.forms import ResourceForm
from matchhub.features.channel.views import bp

READERS = roles.INSIDE | roles.SYSADMIN


@bp.get("/staff/resources")
@access(READERS)
def resources() -> Any:
    wanted = queries.directory_filters(request.path, request.args)
    page = paged(lists.resources(actor(), wanted).query)
    return render_template(
        "channel/resources.html", page=page, wanted=wanted, called=queries.times_called(page.rows),
        may_keep=bool(set(actor().role_codes) & service.KEEPERS),
    )  # fmt: skip


@kit.offer_export(bp, "resources", "/staff/resources", READERS)
def _resources_list() -> Any:
    return lists.resources(actor(), queries.directory_filters(request.path, request.args))


@bp.route("/staff/resources/new", methods=["GET", "POST"])
@access(service.KEEPERS)
def new_resource() -> Any:
    return _edit(None)


@bp.route("/staff/resources/<ref>", methods=["GET", "POST"])
@access(service.KEEPERS)
def resource(ref: str) -> Any:
    return _edit(policy.find(HelpResource, ref, actor()))


def _edit(entry: HelpResource | None) -> Any:
    form = ResourceForm(obj=entry)
    if form.validate_on_submit():
        service.keep_resource(actor(), entry, form.values(), form.seen_version())
        return done(_("资源名录已保存。"), url_for("channel.resources"))
    return kit.shown("channel/resource.html", form, entry=entry)
