"""Projects for the organisation that carries them out."""

from __future__ import annotations

from typing import Any

from flask import render_template, url_for

from matchhub.core.access import access
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.domain import agreeing, attachments, coaching, helping, measuring, policy, roles, supervising
from matchhub.domain.models import Project, ReportState
from matchhub.domain.parties import Party
from matchhub.features import kit
from matchhub.features.projects import queries, service
from matchhub.features.projects.forms import LINES
from matchhub.features.projects.views import bp

LATEST = 5


@bp.route("/my/projects")
@access(get=roles.ORGANISATION)
def mine() -> Any:
    rows = queries.own_projects(actor())
    return render_template(
        "projects/mine.html", projects=rows, lights=queries.lights(rows), joint=queries.joint_projects(actor())
    )


@bp.route("/my/projects/<ref>")
@access(get=roles.ORGANISATION)
def own(ref: str) -> Any:
    project = owned(ref)
    closing, assessment = queries.closing_of(project)
    reports = queries.reports_of(project)
    entries = queries.ledger(project)
    return render_template(
        "projects/own.html",
        project=project,
        offers=kit.offers(project, viewer()),
        address=lambda action: url_for("projects.own_move", ref=ref, action=action),
        facts=measuring.facts(project),
        reports=reports,
        waiting=[row for row in reports if row.state in (ReportState.AWAITED, ReportState.RETURNED)],
        entries=entries[:LATEST],
        complete=queries.completeness(entries),
        visits=queries.visits_of(project),
        daily=supervising.daily_scores(project),
        rectifications=queries.rectifications_of(project),
        closing=closing,
        assessment=assessment,
        line_words=LINES,
        agreement=agreeing.of(project),
        agreements=attachments.of(project, "agreement"),
        help_requests=helping.of_project(project),
        coached=coaching.of_project(viewer(), project),
        can_ask=helping.can_ask(project),
    )


@bp.route("/my/projects/<ref>/<any(close_up):action>", methods=["POST"])
@access(post=roles.ORG_ADMIN)
def own_move(ref: str, action: str) -> Any:
    project = owned(ref)
    service.MOVES[action](actor(), project, kit.seen_version())
    return done(_("项目已进入结项，请填写结项报告。"), url_for("projects.own", ref=ref))


def owned(ref: str) -> Project:
    """A project of the reader's organisation."""
    project = policy.find(Project, ref, viewer())
    policy.require(actor(), project, Party.OWNER)
    return project
