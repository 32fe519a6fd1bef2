"""A need to take along (the notice as a page and as PDF, its dates for a calendar), and how soon needs find somebody."""

from __future__ import annotations

from typing import Any

from flask import render_template

from matchhub.core.access import PUBLIC, access
from matchhub.core.errors import Missing
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.core.web import actor, viewer
from matchhub.documents import calendar, qr
from matchhub.domain import paths, policy, roles, timeliness
from matchhub.domain.models import Need
from matchhub.features import kit
from matchhub.features.needs import papers, showing
from matchhub.features.needs.views import bp


def _published(ref: str) -> Need:
    need = policy.find(Need, ref, viewer())
    if need.published_at is None:
        raise Missing(ref)
    return need


@bp.get("/needs/<ref>/notice")
@access(PUBLIC)
@kept
def notice(ref: str) -> Any:
    need = _published(ref)
    address = kit.absolute(paths.path(need))
    paper = papers.notice(showing.details(need), address)
    code = qr.markup(address, _("需求页的二维码"))
    return render_template("needs/notice.html", need=need, paper=paper, code=code, address=address)


@bp.get("/needs/<ref>/notice.pdf")
@access(PUBLIC)
def notice_pdf(ref: str) -> Any:
    need = _published(ref)
    paper = papers.notice(showing.details(need), kit.absolute(paths.path(need)))
    return kit.sent(paper, "pdf", f"{need.ref} {need.title}")


@bp.get("/needs/<ref>/calendar.ics")
@access(PUBLIC)
def dates(ref: str) -> Any:
    need = _published(ref)
    events = papers.dates(need, kit.absolute(paths.path(need)))
    return kit.download(calendar.write(events, need.title), f"{need.ref}.ics", calendar.MIMETYPE)


@bp.get("/staff/needs/timeliness")
@access(roles.INSIDE)
def staff_timeliness() -> Any:
    rows = timeliness.calls(actor())
    return render_template(
        "needs/timeliness.html",
        rows=rows,
        median=timeliness.middle(rows),
        trend=timeliness.by_quarter(rows),
        groups=timeliness.by_invitation(rows),
        around=timeliness.around_invitation(rows),
    )
