"""The lists behind the numbers of the page of results, where no other room has them."""

from __future__ import annotations

from flask import render_template, request

from matchhub.core import clock
from matchhub.core.access import PUBLIC, access
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.core.listing import Filters
from matchhub.core.web import paged
from matchhub.documents.table import Kind, Listed
from matchhub.features import kit
from matchhub.features.site import behind
from matchhub.features.site.views import bp


@bp.get("/outcomes/results")
@access(PUBLIC)
@kept
def results() -> str:
    wanted = behind.result_filters(request.path, request.args)
    return _page(behind.results(wanted), wanted, _("活跃度测评公示期满、已经定级的项目，新的在前。"))


@bp.get("/outcomes/visits")
@access(PUBLIC)
@kept
def visits() -> str:
    wanted = behind.visit_filters(request.path, request.args)
    return _page(
        behind.visits(wanted), wanted, _("督导员已经走访并提交记录的每一次，新的在前。得分在测评结果里一并公布。")
    )


@bp.get("/outcomes/activities")
@access(PUBLIC)
@kept
def activities() -> str:
    wanted = behind.activity_filters(request.path, request.args)
    what = behind.activities(wanted)
    sum_words = _("共 %(people)s 人次。", people=behind.people(what))
    return _page(what, wanted, _("各项目登记的活动，划去的不算。同一个人参加两场算两人次。"), sum_words)


def _page(what: Listed, wanted: Filters, lead: str, sum_words: str = "") -> str:
    page = paged(what.query)
    return render_template(
        "site/behind.html", what=what, page=page, rows=list(what.rows(page.rows)), wanted=wanted, lead=lead,
        kinds=Kind, at=clock.now(), sum_words=sum_words,
    )  # fmt: skip


@kit.offer_export(bp, "results", "/outcomes/results", PUBLIC)
def _results_list() -> Listed:
    return behind.results(behind.result_filters(request.path, request.args))


@kit.offer_export(bp, "visits", "/outcomes/visits", PUBLIC)
def _visits_list() -> Listed:
    return behind.visits(behind.visit_filters(request.path, request.args))


@kit.offer_export(bp, "activities", "/outcomes/activities", PUBLIC)
def _activities_list() -> Listed:
    return behind.activities(behind.activity_filters(request.path, request.args))
