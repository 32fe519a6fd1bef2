"""What an organisation's own entry waits for: its profile, and papers that expire."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchhub.core.i18n import _, _l
from matchhub.core.standing import standing
from matchhub.domain.models import Attachment, Organisation, OrganisationState, User
from matchhub.domain.todo.base import EXPIRES_BY, MY_ORGANISATION, Area, Asking, Todo

STREET = _l("街道")


def profile(user: User) -> Asking:
    """A profile that has not been handed in yet, was sent back, or waits for the street."""
    words = {
        OrganisationState.DRAFT: (_l("提交入驻申请"), _l("去填写"), ""),
        OrganisationState.RETURNED: (_l("修改入驻资料"), _l("去修改"), ""),
        OrganisationState.PENDING: (_l("入驻核验"), _l("去查看"), STREET),
    }
    return [
        Todo(kind, row.name, "/my/org", verb, row.ref, Area.OWN, since=row.submitted_at, waits_for=waits_for)
        for row in (yield _not_admitted())
        for kind, verb, waits_for in [words[row.state]]
    ]


@standing
def _not_admitted() -> Any:
    return sa.select(Organisation.ref, Organisation.name, Organisation.state, Organisation.submitted_at).where(
        Organisation.id == MY_ORGANISATION,
        Organisation.state.in_((OrganisationState.DRAFT, OrganisationState.RETURNED, OrganisationState.PENDING)),
    )


def documents(user: User) -> Asking:
    """Papers that expire within the first reminder period; of each kind of paper the one that lasts longest counts."""
    return [
        Todo(_l("更新机构资料"), row.caption or _("登记证书等资料"), "/my/org/documents", _l("去更新"), row.purpose, Area.OWN,
             due_on=row.expires_on)
        for row in (yield _papers())
    ]  # fmt: skip


@standing
def _papers() -> Any:
    last = sa.func.max(Attachment.expires_on)
    return (
        sa.select(Attachment.purpose, last.label("expires_on"), sa.func.max(Attachment.caption).label("caption"))
        .where(Attachment.subject_kind == "organisation", Attachment.subject_id == MY_ORGANISATION)
        .group_by(Attachment.purpose)
        .having(last <= EXPIRES_BY)
    )
