"""Atom feeds of what is public: for whoever reads a feed reader, a portal or an aggregator."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from matchhub.core.access import PUBLIC, access
from matchhub.core.db import db
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.domain import lifecycle, paths, policy
from matchhub.domain.models import Need, NeedCorrection, Notice
from matchhub.features import kit
from matchhub.features.site.views import bp

LONGEST = 50


@bp.get("/feeds/needs.atom")
@access(PUBLIC)
@kept
def needs_feed() -> Any:
    published = sa.select(Need).where(policy.visible(None, Need), Need.published_at.is_not(None))
    rows = db.session.scalars(published.order_by(Need.published_at.desc(), Need.id.desc()).limit(LONGEST)).all()
    corrected = _last_corrections([need.id for need in rows])
    entries = [
        kit.FeedEntry(need.title, paths.path(need), max(at for at in (need.ended_at, need.published_at, corrected.get(need.id)) if at),
              _("%(state)s：%(text)s", state=_(lifecycle.word(need)), text=need.summary))
        for need in rows
    ]  # fmt: skip
    return kit.feed(_("曹杨益家：项目需求"), "/needs", entries)


@bp.get("/feeds/notices.atom")
@access(PUBLIC)
@kept
def notices_feed() -> Any:
    published = sa.select(Notice).where(policy.visible(None, Notice), Notice.published_at.is_not(None))
    rows = db.session.scalars(published.order_by(Notice.published_at.desc(), Notice.id.desc()).limit(LONGEST))
    entries = [
        kit.FeedEntry(notice.title, paths.path(notice), notice.published_at or notice.created_at,
              _("%(state)s：%(text)s", state=_(lifecycle.word(notice)), text=notice.body[:200]))
        for notice in rows
    ]  # fmt: skip
    return kit.feed(_("曹杨益家：公示公告"), "/notices", entries)


def _last_corrections(need_ids: Sequence[int]) -> dict[int, datetime]:
    """When each of these needs was last corrected, for those that were."""
    found = sa.select(NeedCorrection.need_id, sa.func.max(NeedCorrection.at).label("at"))
    rows = db.session.execute(found.where(NeedCorrection.need_id.in_(need_ids)).group_by(NeedCorrection.need_id))
    return {row.need_id: row.at for row in rows}
