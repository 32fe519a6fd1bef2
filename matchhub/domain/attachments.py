"""Files of records: keeping their rows, listing them, and who may fetch one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchhub.core import ids
from matchhub.core.db import db
from matchhub.core.files import Stored
from matchhub.domain import policy
from matchhub.domain.models import (
    Activity,
    Application,
    Assessment,
    Attachment,
    ClosingReport,
    Need,
    Notice,
    NoticeState,
    Objection,
    Organisation,
    Project,
    Rectification,
    Report,
    User,
    Visit,
)
from matchhub.domain.parties import Party, parties
from matchhub.domain.paths import kind_of

SUBJECTS: dict[str, type] = {
    model.__tablename__: model
    for model in (Activity, Application, Assessment, ClosingReport, Need, Notice, Objection, Organisation, Project,
                  Rectification, Report, Visit)
}  # fmt: skip

# Purposes that everybody may fetch once the record itself is public.
PUBLIC_PURPOSES = {"need", "notice"}


def attach(
    subject: Any, purpose: str, stored: Stored, actor: User, caption: str = "", expires_on: date | None = None
) -> Attachment:
    """Add one stored file to a record, inside the present command."""
    db.session.flush()
    row = Attachment(
        code=ids.public_code(),
        subject_kind=kind_of(subject),
        subject_id=subject.id,
        purpose=purpose,
        caption=caption,
        name=stored.name,
        media_type=stored.media_type,
        size_bytes=stored.size_bytes,
        sha256=stored.sha256,
        expires_on=expires_on,
        uploaded_by_id=actor.id,
    )
    db.session.add(row)
    db.session.flush()
    return row


def of(subject: Any, *purposes: str) -> list[Attachment]:
    """The files of one record, oldest first; of some purposes only, when any are named."""
    return of_all([subject], *purposes).get(subject.id, [])


def of_all(subjects: Iterable[Any], *purposes: str) -> dict[int, list[Attachment]]:
    """The files of several records of one kind, by the record's id: one statement."""
    rows = list(subjects)
    if not rows:
        return {}
    found = sa.select(Attachment).where(
        Attachment.subject_kind == kind_of(rows[0]), Attachment.subject_id.in_([row.id for row in rows])
    )
    if purposes:
        found = found.where(Attachment.purpose.in_(purposes))
    grouped: dict[int, list[Attachment]] = {}
    for attachment in db.session.scalars(found.order_by(Attachment.id)):
        grouped.setdefault(attachment.subject_id, []).append(attachment)
    return grouped


def remove(attachment: Attachment) -> None:
    """Take the row away; the content stays in the store, where other rows may name it."""
    db.session.delete(attachment)


def url(attachment: Attachment) -> str:
    return f"/files/{attachment.code}"


def can_fetch(user: User | None, attachment: Attachment) -> bool:
    """Whether `user` may fetch this file: decided by the record that it belongs to."""
    model = SUBJECTS[attachment.subject_kind]
    subject: Any = db.session.get(model, attachment.subject_id)
    if subject is None:
        return False
    if isinstance(subject, Activity):
        return _inside_project(user, subject.project)
    if isinstance(subject, Project):
        return _inside_project(user, subject)
    if not policy.can_see(user, subject):
        return False
    if attachment.purpose in PUBLIC_PURPOSES:
        return not isinstance(subject, Notice) or subject.state is not NoticeState.DRAFT or user is not None
    if isinstance(subject, Organisation):
        return _registration_file(user, subject)
    return user is not None


def _inside_project(user: User | None, project: Project) -> bool:
    """Evidence shows faces and names: the organisation, the street's people and those who judge this project."""
    wanted = {Party.OWNER, Party.OFFICE, Party.APPROVER, Party.CENTRE, Party.AUDITOR, Party.SUPERVISOR,
              Party.INSPECTOR, Party.JUDGE}  # fmt: skip
    return bool(parties(user, project) & wanted)


def _registration_file(user: User | None, organisation: Organisation) -> bool:
    wanted = {Party.OWNER, Party.OFFICE, Party.APPROVER, Party.CENTRE, Party.AUDITOR}
    return bool(parties(user, organisation) & wanted)
