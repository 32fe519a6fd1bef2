"""A public notice to take away."""

from __future__ import annotations

from flask import Response

from matchhub.core.access import PUBLIC, access
from matchhub.core.errors import Missing
from matchhub.core.i18n import _
from matchhub.domain import paths, policy
from matchhub.domain.models import Notice, NoticePhase
from matchhub.features import kit
from matchhub.features.notices import paper, queries
from matchhub.features.notices.views import bp


@bp.get("/notices/<ref>.pdf")
@access(PUBLIC)
def print_out(ref: str) -> Response:
    notice = policy.find(Notice, ref, None)
    if notice.phase is NoticePhase.DRAFT:
        raise Missing(ref)
    page = kit.absolute(paths.path(notice))
    return kit.sent(paper.of(queries.details(notice), page), "pdf", _("公示 %(ref)s", ref=ref))
