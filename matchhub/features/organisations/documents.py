"""Documents of a profile: the registration certificate, the charter, annual reports."""

from __future__ import annotations

from datetime import date

from matchhub.core.db import command
from matchhub.core.errors import NotNow
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.domain import attachments, lifecycle
from matchhub.domain.models import Attachment, Organisation, User
from matchhub.features.organisations.rules import S, require_admin, require_editable
from matchhub.features.organisations.words import PURPOSES


@command
def add_document(
    actor: User, organisation: Organisation, purpose: str, stored: Stored, expires_on: date | None = None
) -> Attachment:
    """Add a document to the profile; `purpose` is a key of PURPOSES. Raises NotNow, NotYours."""
    require_admin(actor, organisation)
    require_editable(organisation)
    if purpose not in PURPOSES:
        raise ValueError(f"no such document: {purpose}")
    row = attachments.attach(organisation, purpose, stored, actor, expires_on=expires_on)
    lifecycle.record(actor, organisation, "add_document", {"purpose": purpose, "sha256": stored.sha256})
    return row


@command
def remove_document(actor: User, organisation: Organisation, code: str) -> None:
    """Take a document away. The last certificate of an admitted organisation stays until a new one is there."""
    require_admin(actor, organisation)
    require_editable(organisation)
    files = attachments.of(organisation, *PURPOSES)
    row = next((file for file in files if file.code == code), None)
    if row is None:
        raise NotNow(_("这个文件已经删除了，请刷新页面。"))
    last = sum(file.purpose == "certificate" for file in files) == 1
    if row.purpose == "certificate" and last and organisation.state in (S.ADMITTED, S.SUSPENDED):
        raise NotNow(_("登记证书至少要留一份。请先上传新的，再删除旧的。"))
    data = {"purpose": row.purpose, "sha256": row.sha256}
    attachments.remove(row)
    lifecycle.record(actor, organisation, "remove_document", data)
