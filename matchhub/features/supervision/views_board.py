"""The street's pages of supervision: visits, running projects and rectifications of all projects."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from matchhub.core.access import access
from matchhub.core.listing import Filters
from matchhub.core.web import actor, paged
from matchhub.domain import roles, supervising, visit_scoring
from matchhub.features import kit
from matchhub.features.supervision import board as street
from matchhub.features.supervision import lists
from matchhub.features.supervision.views import bp

LOOKS = {
    light.value: (word, visit_scoring.LIGHT_TONES[light]) for light, word in visit_scoring.LIGHT_WORDS.items()
}  # fmt: skip


@bp.get("/staff/supervision")
@access(get=roles.INSIDE)
def board() -> Any:
    wanted = Filters(request.path, request.args, street.visit_filters())
    page = paged(lists.visits(actor(), wanted).query)
    sheets = supervising.sheets_of(page.rows)
    lights = {visit_id: visit_scoring.light(sheet.total).value for visit_id, sheet in sheets.items()}
    return render_template(
        "supervision/board.html", page=page, wanted=wanted, counts=street.counts(), sheets=sheets, lights=lights,
        looks=LOOKS, lines=street.LINES, may_plan=bool(roles.STREET & actor().role_codes),
    )  # fmt: skip


@bp.get("/staff/supervision/projects")
@access(get=roles.INSIDE)
def board_projects() -> Any:
    page = paged(lists.running().query)
    plannable = {project.id for project in page.rows if street.may_plan(actor(), project)}
    return render_template(
        "supervision/board_projects.html", page=page, rows=street.watched(page.rows), lines=street.LINES,
        plannable=plannable, may_plan=bool(roles.STREET & actor().role_codes),
    )  # fmt: skip


@bp.get("/staff/supervision/rectifications")
@access(get=roles.INSIDE)
def board_orders() -> Any:
    wanted = Filters(request.path, request.args, street.order_filters())
    page = paged(lists.orders(actor(), wanted).query)
    return render_template("supervision/board_orders.html", page=page, wanted=wanted)


@kit.offer_export(bp, "board", "/staff/supervision", roles.INSIDE)
def _visits_list() -> Any:
    return lists.visits(actor(), Filters(request.path, request.args, street.visit_filters()))


@kit.offer_export(bp, "board_projects", "/staff/supervision/projects", roles.INSIDE)
def _projects_list() -> Any:
    return lists.running()


@kit.offer_export(bp, "board_orders", "/staff/supervision/rectifications", roles.INSIDE)
def _orders_list() -> Any:
    return lists.orders(actor(), Filters(request.path, request.args, street.order_filters()))
