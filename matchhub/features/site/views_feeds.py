"""Atom feeds of what is public: for whoever reads a feed reader, a portal or an aggregator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Response, current_app, render_template, request
from markupsafe import Markup

from matchhub.core import clock
from matchhub.core.access import PUBLIC, access
from matchhub.core.db import db
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.domain import lifecycle, paths, policy
from matchhub.domain.models import Need, Notice
from matchhub.features.site.views import bp

LONGEST = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One record in a feed; `updated` is naive UTC."""

    title: str
    url: str
    updated: datetime
    summary: str


def feed(title: str, shown_at: str, entries: Sequence[Entry], here: str = "") -> Response:
    """A feed with the newest entries first; `shown_at` is the address of the list that it follows, `here` its own."""
    # What XML must not hold as it is gets escaped by the mark-up of every value, not by the template's name.
    body = render_template(
        "components/feed.atom",
        title=Markup.escape(title),
        base=Markup.escape(current_app.config["PUBLIC_URL"]),
        here=Markup.escape(here or request.path),
        list=Markup.escape(shown_at),
        updated=max((entry.updated for entry in entries), default=clock.now()),
        entries=[_escaped(entry) for entry in entries],
    )
    return Response(body, content_type="application/atom+xml; charset=utf-8")


def _escaped(entry: Entry) -> Entry:
    return Entry(Markup.escape(entry.title), entry.url, entry.updated, Markup.escape(entry.summary))


@bp.get("/feeds/needs.atom")
@access(PUBLIC)
@kept
def needs_feed() -> Any:
    published = sa.select(Need).where(policy.visible(None, Need), Need.published_at.is_not(None))
    rows = db.session.scalars(published.order_by(Need.published_at.desc(), Need.id.desc()).limit(LONGEST))
    entries = [
        Entry(need.title, paths.path(need), need.ended_at or need.published_at or need.created_at,
              _("%(state)s：%(text)s", state=_(lifecycle.word(need)), text=need.summary))
        for need in rows
    ]  # fmt: skip
    return feed(_("曹杨益家：项目需求"), "/needs", entries)


@bp.get("/feeds/notices.atom")
@access(PUBLIC)
@kept
def notices_feed() -> Any:
    published = sa.select(Notice).where(policy.visible(None, Notice), Notice.published_at.is_not(None))
    rows = db.session.scalars(published.order_by(Notice.published_at.desc(), Notice.id.desc()).limit(LONGEST))
    entries = [
        Entry(notice.title, paths.path(notice), notice.published_at or notice.created_at,
              _("%(state)s：%(text)s", state=_(lifecycle.word(notice)), text=notice.body[:200]))
        for notice in rows
    ]  # fmt: skip
    return feed(_("曹杨益家：公示公告"), "/notices", entries)
