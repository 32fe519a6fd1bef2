"""The admission of an organisation after a public notice (入驻公示): its quiet end admits, an upheld objection returns.

All functions run inside the caller's command.
"""

from __future__ import annotations

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _, _l
from matchhub.domain import lifecycle, noticing
from matchhub.domain.models import Notice, NoticeKind, NoticeState, Organisation, OrganisationState, User

# A notice is kept in the source language: marked here, filled in below, never translated.
TITLE = _l("关于%(name)s入驻的公示")
BODY = _l(
    "%(name)s（统一社会信用代码 %(uscc)s）申请入驻平台，资料已经街道核验。现予公示，如有异议，请在公示期内实名提出。"
)
ROW_TITLE, ROW_RESULT = _l("入驻平台"), _l("拟同意入驻")


def draft_notice(organisation: Organisation, actor: User) -> Notice:
    """The draft of the notice of an organisation that waits for its admission. Raises NotNow when one is under way."""
    if organisation.state is not OrganisationState.PENDING:
        raise NotNow(_("只有等待核验的机构可以发布入驻公示。"))
    if open_notice(organisation) is not None:
        raise NotNow(_("这家机构的入驻公示已经起草或正在公示。"))
    values = {"name": organisation.name, "uscc": organisation.uscc}
    return noticing.draft(
        NoticeKind.ADMISSION,
        (TITLE % values)[:120],
        BODY % values,
        [{"organisation": organisation.name, "title": ROW_TITLE, "result": ROW_RESULT}],
        actor,
        organisation=organisation,
        proposal={"deed": "admit"},
    )


def open_notice(organisation: Organisation) -> Notice | None:
    """The admission notice of an organisation that is drafted or runs."""
    found = sa.select(Notice).where(
        Notice.organisation_id == organisation.id,
        Notice.kind == NoticeKind.ADMISSION,
        Notice.proposal.is_not(None),
        Notice.state.in_((NoticeState.DRAFT, NoticeState.PUBLISHED)),
    )
    return db.session.scalar(found.order_by(Notice.id.desc()).limit(1))


def on_publish(notice: Notice, actor: User) -> None:
    """An admission notice goes up for an organisation that still waits; the decision comes with its end."""
    if _organisation(notice).state is not OrganisationState.PENDING:
        raise NotNow(_("这家机构现在不在等待核验，不能发布入驻公示。"))


def on_conclude(notice: Notice, actor: User, upheld: bool) -> None:
    """Admit, or after an upheld objection return with the published outcome; nothing when it was decided meanwhile."""
    organisation = _organisation(notice)
    if organisation.state is not OrganisationState.PENDING:
        return
    organisation.decision_reason = notice.outcome
    if not upheld and organisation.admitted_at is None:
        organisation.admitted_at = clock.now()
    lifecycle.advance(organisation, "return" if upheld else "admit", actor, reason=notice.outcome)


def on_revoke(notice: Notice, actor: User) -> None:
    """Without its notice the application waits as it did before."""


def _organisation(notice: Notice) -> Organisation:
    found = db.session.get(Organisation, notice.organisation_id) if notice.organisation_id else None
    if found is None:
        raise ValueError(f"notice {notice.ref} admits nobody: it names no organisation")
    return found
