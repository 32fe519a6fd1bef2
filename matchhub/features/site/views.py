"""The home page, and what machines ask a site for: health, robots, the map of its addresses."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, jsonify, render_template

from matchhub.core.access import PUBLIC, access
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.domain import paths, reference
from matchhub.domain.scoring.assessment_words import GRADES
from matchhub.features.site import health, queries

bp = Blueprint("site", __name__)

# The fields that residents ask for most; their words come from the list of codes.
QUICK = ("lift", "elderly", "property_governance", "waste")
PRIVATE = (
    "/workbench",
    "/my/",
    "/staff/",
    "/review",
    "/supervise",
    "/assess/",
    "/admin/",
    "/prefs/",
    "/signups/",
    "/ballots/",
    "/check-in/",
    "/login",
    "/search",
    "/*/export",
)
PAGES = ("/", "/needs", "/projects", "/orgs", "/notices", "/events", "/library", "/outcomes", "/outcomes/results",
         "/outcomes/visits", "/outcomes/activities", "/open", "/help", "/accessibility",
         "/privacy", "/terms", "/sitemap")  # fmt: skip


@bp.get("/")
@access(PUBLIC)
@kept
def home() -> str:
    """Seven statements, in care mode two: there only four doors, the notices and the telephone are left."""
    counts = queries.counters()
    if g.mode == "care":
        return render_template("site/home_care.html", counts=counts, notices=queries.notices(5))
    return render_template(
        "site/home.html",
        counts=counts,
        needs=queries.open_needs(3),
        notices=queries.notices(5),
        events=queries.coming_events(3),
        fields=_bars(queries.projects_by_field()[:8]),
        results=queries.results(3),
        grades=GRADES,
        quick=[code for code in QUICK if code in reference.codes("field")],
        steps=steps(),
    )


def _bars(counted: list[tuple[str, int]]) -> list[tuple[str, int, str]]:
    return [(reference.word("field", code), n, f"/projects?field={code}") for code, n in counted]


def steps() -> list[tuple[str, str]]:
    """How a project runs, in six steps: for the home page and the help."""
    return [
        (_("发布需求"), _("街道或居民区提出，街道审核后公开")),
        (_("申报"), _("社会组织在网上填写申报书")),
        (_("评审"), _("先查资格，再由评审人打分")),
        (_("公示"), _("结果公开，至少 %(n)s 个工作日，可以提异议", n=reference.setting("notice_days"))),
        (_("实施与督导"), _("每月报告，督导员到场查看打分")),
        (_("结项与测评"), _("成效公开，评定活跃度等级")),
    ]


@bp.get("/healthz")
@access(PUBLIC)
def healthz() -> Any:
    """JSON for whoever watches the installation; 503 while it is not ready."""
    found = health.look(current_app.extensions["migrate"].directory)
    answer = jsonify(found.as_json())
    answer.status_code = 200 if found.is_ready else 503
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/robots.txt")
@access(PUBLIC)
def robots() -> Response:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE)]
    lines += ["", f"Sitemap: {current_app.config['PUBLIC_URL']}/sitemap.xml", ""]
    return Response("\n".join(lines), mimetype="text/plain")


@bp.get("/sitemap.xml")
@access(PUBLIC)
def sitemap_xml() -> Response:
    records = [(paths.PATHS[kind, paths.PUBLIC].replace("{0.ref}", ref), day) for kind, ref, day in queries.addresses()]
    listed = [(path, None) for path in PAGES] + records
    body = render_template("site/sitemap.xml", base=current_app.config["PUBLIC_URL"], listed=listed)
    return Response(body, mimetype="application/xml")


from matchhub.features.site import (  # noqa: E402, F401 - they add their routes to `bp`
    views_behind,
    views_feeds,
    views_outcomes,
    views_saved,
    views_search,
    views_styleguide,
    views_texts,
)
