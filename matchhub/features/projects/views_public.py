"""Projects for everybody: the list, one project from need to result, and its short address."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import segno
from flask import current_app, redirect, render_template, request, url_for
from markupsafe import Markup

from matchhub.core.access import PUBLIC, access
from matchhub.core.errors import Missing
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.core.listing import Filters, words
from matchhub.core.web import paged, viewer
from matchhub.domain import coaching, lifecycle, reference, supporting
from matchhub.domain.models import Project, ProjectState
from matchhub.domain.scoring.assessment_words import grade_word
from matchhub.features import kit
from matchhub.features.projects import lists, queries_public, story
from matchhub.features.projects.views import bp

SHORT_FROM = "XM-"


@bp.route("/projects")
@access(PUBLIC)
@kept
def index() -> Any:
    filters = _filters()
    chosen = {name: filters[name] for name in filters.allowed}
    page = paged(lists.public(viewer(), filters).query)
    needs = [project.need_id for project in page.rows]
    counts, codes = queries_public.counts_and_codes(viewer(), chosen, filters.query, needs)
    return render_template(
        "projects/index.html", page=page, filters=filters, facets=_facets(filters, counts), codes=codes
    )


@kit.offer_export(bp, "index", "/projects", PUBLIC)
def _index_list() -> Any:
    return lists.public(viewer(), _filters())


def _filters() -> Filters:
    life = lifecycle.LIVES[Project]
    organisations, years = queries_public.organisations_and_years()
    allowed = {
        "state": {state.value: _(life.words[state]) for state in ProjectState},
        "field": words(reference.codes("field").values()),
        "community": words(reference.codes("community").values()),
        "org": organisations,
        "funding": words(reference.codes("funding").values()),
        "agreed": {"yes": _("已签约并定下开始日期")},
        "year": {str(year): str(year) for year in years},
    }
    return Filters(request.path, request.args, allowed)


def _facets(filters: Filters, counts: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """What each filter offers: options that would show something, and those that are chosen."""
    titles = {
        "state": _("状态"),
        "field": _("领域"),
        "year": _("立项年份"),
        "agreed": _("签约"),
        "community": _("居民区"),
        "funding": _("资金来源"),
        "org": _("承接组织"),
    }
    blanks = {"community": _("全部居民区"), "funding": _("全部来源"), "org": _("全部组织")}
    facets = []
    for name, title in titles.items():
        options = [_counted(option, counts.get(name)) for option in filters.facet(name)]
        shown = [option for option in options if option["count"] != 0 or option["checked"]]
        facets.append(
            {"name": name, "title": title, "options": shown, "blank": blanks.get(name), "open": name == "state"}
        )
    return facets


def _counted(option: dict[str, Any], counts: dict[str, int] | None) -> dict[str, Any]:
    return option | {"count": None if counts is None else counts.get(option["value"], 0)}


@bp.route("/projects/<ref>")
@access(PUBLIC)
@kept
def show(ref: str) -> Any:
    shown = queries_public.shown(viewer(), ref)
    short = f"{current_app.config['PUBLIC_URL']}{url_for('projects.short', number=ref.removeprefix(SHORT_FROM))}"
    return render_template(
        "projects/show.html",
        shown=shown,
        project=shown.project,
        steps=story.steps(shown),
        timeline=story.timeline(shown),
        short=short,
        qr=_qr(short),
        grade_word=grade_word,
        support=supporting.public_of(shown.project),
        quantity=supporting.amount_words,
        coached=coaching.total(shown.project),
    )


@lru_cache(maxsize=256)
def _qr(address: str) -> Markup:
    """The address as a picture; own output without anything that was typed. It depends on nothing else."""
    svg = segno.make(address, error="m", micro=False).svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None)
    return Markup(svg)  # noqa: S704 - segno's own drawing


@bp.route("/p/<number>")
@access(PUBLIC)
def short(number: str) -> Any:
    """`/p/2026-017` for print and QR codes: the number is what follows XM- in the reference."""
    ref = f"{SHORT_FROM}{number}"
    if not queries_public.exists(ref):
        raise Missing(ref)
    return redirect(url_for("projects.show", ref=ref), 302)
