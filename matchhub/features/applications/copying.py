"""Beginning from an earlier application of the same organisation: parts are taken whole, and what no longer fits is named."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import application_form as form
from matchhub.domain import lifecycle
from matchhub.domain.models import Application, Need, User
from matchhub.domain.parties import Party, parties
from matchhub.features.applications import service

# What may be taken over: all parts but the declaration, which is made anew for each need.
COPIED = tuple(part.code for part in form.PARTS if part.code != "declaration")
MOST_SOURCES = 30


def sources(user: User, but: Application) -> list[Application]:
    """The organisation's other applications, newest first."""
    found = (
        sa.select(Application)
        .where(Application.organisation_id == user.organisation_id, Application.id != but.id)
        .options(joinedload(Application.need), joinedload(Application.body))
        .order_by(Application.id.desc())
        .limit(MOST_SOURCES)
    )
    return [row for row in db.session.scalars(found) if any(form.has_content(text(row), code) for code in COPIED)]


def text(source: Application) -> dict[str, Any]:
    """What is copied: the text that was handed in, or what was written where nothing was."""
    last = form.latest(source)
    return last.own_text if last is not None else source.body.document


def misfits(document: form.Document, need: Need, part: str, applicant: Any) -> list[form.Problem]:
    """What of a part does not fit this need: dates outside its period, amounts above its ceiling, partners, limits."""
    return form.problems(document, need, part, applicant)


@command
def copy(actor: User, application: Application, source: Application, parts: Collection[str]) -> list[form.Problem]:
    """Put parts of `source` in the place of what `application` has; what of them does not fit, to be repaired by hand.

    Nothing is left out or adjusted. No part counts as finished afterwards. Raises NotYours and NotNow.
    """
    if not all(Party.OWNER in parties(actor, one) for one in (application, source)):
        raise NotYours(_("只能照搬本机构自己的申报书。"))
    wanted = [code for code in COPIED if code in parts]
    for code in wanted:
        if why := service.why_closed(application, code):
            raise NotNow(why)
    given, body = text(source), application.body
    body.document = {**body.document} | {code: form.read_part(code, form.part_of(given, code)) for code in wanted}
    body.done_parts = [code for code in body.done_parts if code not in wanted]
    service.stamp(body, actor)
    lifecycle.record(actor, application, "copy", {"from": source.ref, "parts": wanted})
    return [one for code in wanted for one in misfits(body.document, application.need, code, application.organisation)]
