"""The foundation's page: what it pays for, and how far each of it has come."""

from __future__ import annotations

from typing import Any

from flask import render_template

from matchhub.core.access import access
from matchhub.core.web import actor, paged
from matchhub.domain import coding, roles
from matchhub.domain.models import Need
from matchhub.features import kit
from matchhub.features.projects import lists, queries_fund
from matchhub.features.projects.views import bp


@bp.route("/fund")
@access(get=roles.FOUNDATION)
def fund() -> Any:
    page = paged(lists.funded(actor()).query)
    return render_template(
        "projects/fund.html",
        page=page,
        projects=queries_fund.projects_of(page.rows),
        codes=coding.codes_for(Need, [need.id for need in page.rows]),
        sums=queries_fund.sums(),
    )


@kit.offer_export(bp, "fund", "/fund", roles.FOUNDATION)
def _fund_list() -> Any:
    return lists.funded(actor())
