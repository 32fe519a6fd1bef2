"""The standard text of agreements as the street keeps it: a version never changes, whoever edits makes the next one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core import ledger
from matchhub.core.db import command, db
from matchhub.core.errors import Missing, Refused, Stale
from matchhub.core.i18n import _
from matchhub.domain import agreeing
from matchhub.domain.models import Agreement, AgreementTemplate, Project, User

PREVIEWS = 30


def all_versions() -> list[tuple[AgreementTemplate, int]]:
    """Every version, the newest first, with how many agreements were made from it."""
    used = sa.select(Agreement.template_id, sa.func.count().label("n")).group_by(Agreement.template_id).subquery()
    found = (
        sa.select(AgreementTemplate, sa.func.coalesce(used.c.n, 0))
        .outerjoin(used, used.c.template_id == AgreementTemplate.id)
        .order_by(AgreementTemplate.number.desc())
    )
    return [(row, int(n)) for row, n in db.session.execute(found)]


def find(number: int) -> AgreementTemplate:
    row = db.session.scalar(sa.select(AgreementTemplate).where(AgreementTemplate.number == number))
    if row is None:
        raise Missing(str(number))
    return row


def examples() -> list[Project]:
    """The newest projects, with which a text can be tried."""
    found = sa.select(Project).options(joinedload(Project.organisation)).order_by(Project.id.desc()).limit(PREVIEWS)
    return list(db.session.scalars(found))


def preview(title: str, body: str, project: Project) -> list[dict[str, Any]]:
    """The blocks of a text, kept or only typed, filled in with a real project."""
    return agreeing.fill(AgreementTemplate(title=title, body=body), project, agreeing.suggested_terms(project))


@command
def new_version(actor: User, title: str, body: str, note: str, seen_number: int | None = None) -> AgreementTemplate:
    """Make the next version; agreements drawn up from now on use it. Raises Refused, or Stale after somebody else's."""
    if sentences := agreeing.problems(body):
        raise Refused("".join(sentences))
    newest = agreeing.newest()
    if seen_number is not None and seen_number != newest.number:
        raise Stale(_("您打开页面之后，别人又建了新版本。请核对最新版本后再改。"))
    if (title, body) == (newest.title, newest.body):
        raise Refused(_("内容和现在的版本一样，没有另建新版本。"))
    made = AgreementTemplate(number=newest.number + 1, title=title, body=body, note=note, created_by=actor.name)
    db.session.add(made)
    db.session.flush()
    digest = agreeing.digest([title, body])
    ledger.record(actor, "agreement_template.new_version", f"agreement_template:{made.number}", {"digest": digest})
    return made
