"""Files of records: keeping their rows, listing them, and who may fetch one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchhub.core import ids
from matchhub.core.db import db
from matchhub.core.files import Stored
from matchhub.domain import blind, eventing, policy
from matchhub.domain.models import (
    Activity,
    Application,
    Assessment,
    Attachment,
    ClosingReport,
    Event,
    EventState,
    Hearing,
    Need,
    Notice,
    NoticeState,
    Objection,
    Organisation,
    PledgeEntry,
    Presentation,
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
    for model in (Activity, Application, Assessment, ClosingReport, Event, Hearing, Need, Notice, Objection,
                  Organisation, Presentation, PledgeEntry, Project, Rectification, Report, Visit)
}  # fmt: skip

# What stands for the name of an encrypted file in the database.
HIDDEN = "sealed"

# Purposes that everybody may fetch once the record itself is public.
PUBLIC_PURPOSES = {"need", "notice"}


def attach(
    subject: Any, purpose: str, stored: Stored, actor: User, caption: str = "", expires_on: date | None = None
) -> Attachment:
    """Add one stored file to a record, inside the present command.

    A file of an application must have been stored secret (`files.save(…, secret=True)`); ValueError otherwise.
    """
    if isinstance(subject, Application) and not stored.key:
        raise ValueError("files of an application are kept encrypted: files.save(…, secret=True)")
    db.session.flush()
    hidden = {"name": stored.name, "sha256": stored.sha256, "key": stored.key} if stored.key else None
    row = Attachment(
        code=ids.public_code(),
        subject_kind=kind_of(subject),
        subject_id=subject.id,
        purpose=purpose,
        caption=caption,
        name=HIDDEN if hidden else stored.name,
        media_type=stored.media_type,
        size_bytes=stored.size_bytes,
        sha256=stored.place if hidden else stored.sha256,
        secret=hidden,
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
    found = sa.select(Attachment).where(_of(kind_of(rows[0]), [row.id for row in rows], purposes))
    grouped: dict[int, list[Attachment]] = {}
    for attachment in db.session.scalars(found.order_by(Attachment.id)):
        grouped.setdefault(attachment.subject_id, []).append(attachment)
    return grouped


def _of(kind: str, ids: Sequence[int], purposes: Sequence[str]) -> sa.ColumnElement[bool]:
    found = sa.and_(Attachment.subject_kind == kind, Attachment.subject_id.in_(ids))
    return sa.and_(found, Attachment.purpose.in_(purposes)) if purposes else found


def asked_for(kind: str, ids: Sequence[int], *purposes: str) -> Any:
    """What a list of files shows, as columns: for pages that ask several things together; never of sealed records."""
    row = Attachment
    name, sha256 = row.plain_name.label("name"), row.place.label("sha256")
    shown = sa.select(row.id, row.code, row.subject_id, row.caption, name, row.size_bytes, sha256, row.uploaded_at)
    return shown.where(_of(kind, ids, purposes), row.secret.is_(None))


def remove(attachment: Attachment) -> None:
    """Take the row away; the content stays in the store, where other rows may name it."""
    db.session.delete(attachment)


def url(attachment: Any) -> str:
    return url_of(attachment.code)


def url_of(code: str) -> str:
    return f"/files/{code}"


def can_fetch(user: User | None, attachment: Attachment) -> bool:
    """Whether `user` may fetch this file: decided by the record that it belongs to."""
    model = SUBJECTS[attachment.subject_kind]
    subject: Any = db.session.get(model, attachment.subject_id)
    if subject is None:
        return False
    if isinstance(subject, Activity):
        return _inside_project(user, subject.project)
    if isinstance(subject, PledgeEntry):
        return user is not None and policy.can_see(user, subject.pledge)
    if isinstance(subject, Project):
        return _inside_project(user, subject)
    if isinstance(subject, Event):
        return _event_file(user, subject, attachment.purpose)
    if isinstance(subject, Presentation):
        return _slides(user, subject)
    if not policy.can_see(user, subject):
        return False
    if attachment.purpose in PUBLIC_PURPOSES:
        return not isinstance(subject, Notice) or subject.state is not NoticeState.DRAFT or user is not None
    if isinstance(subject, Organisation):
        return _registration_file(user, subject)
    return user is not None


def for_everybody() -> sa.ColumnElement[bool]:
    """`can_fetch(None, …)` as a WHERE clause over Attachment; changed together with it."""
    kind, subject = Attachment.subject_kind, Attachment.subject_id
    visible = {model: sa.select(model.id).where(policy.visible(None, model)) for model in (Need, Notice, Event)}
    held = visible[Event].where(Event.state == EventState.PUBLISHED)
    shown = (
        sa.select(Presentation.id)
        .join(Event)
        .outerjoin(Need, Need.id == Event.need_id)
        .where(Presentation.application_id.is_(None), Event.state == EventState.PUBLISHED, eventing.names_told())
    )
    return sa.or_(
        sa.and_(kind == "need", Attachment.purpose.in_(PUBLIC_PURPOSES), subject.in_(visible[Need])),
        sa.and_(kind == "notice", Attachment.purpose.in_(PUBLIC_PURPOSES), subject.in_(visible[Notice])),
        sa.and_(kind == "event", Attachment.purpose == "event_public", subject.in_(visible[Event])),
        sa.and_(kind == "event", Attachment.purpose == "event_photo", subject.in_(held)),
        sa.and_(kind == "presentation", subject.in_(shown)),
    )


def name_for(user: User | None, attachment: Attachment) -> str:
    """The name under which this person may know the file: a name-blind review shows reviewers a plain one."""
    return blind.file_name(user, attachment, db.session.get(SUBJECTS[attachment.subject_kind], attachment.subject_id))


def _inside_project(user: User | None, project: Project) -> bool:
    """Evidence shows faces and names: the organisation, the street's people and those who judge this project."""
    wanted = {Party.OWNER, Party.OFFICE, Party.APPROVER, Party.CENTRE, Party.AUDITOR, Party.SUPERVISOR,
              Party.INSPECTOR, Party.JUDGE}  # fmt: skip
    return bool(parties(user, project) & wanted)


HOSTS = {Party.OFFICE, Party.APPROVER, Party.CENTRE, Party.AUDITOR}


def _event_file(user: User | None, event: Event, purpose: str) -> bool:
    """Photos are public with the minutes, public materials with the event, everything else stays with the host."""
    if parties(user, event) & HOSTS:
        return True
    if not policy.can_see(user, event):
        return False
    return purpose == "event_public" or (purpose == "event_photo" and event.state is EventState.PUBLISHED)


def _slides(user: User | None, item: Presentation) -> bool:
    """What a presenter showed: its own people, the host, the panel; of projects everybody once the minutes are out."""
    if parties(user, item.event) & HOSTS:
        return True
    if item.organisation is not None and Party.OWNER in parties(user, item.organisation):
        return True
    if item.application is not None:
        return Party.REVIEWER in parties(user, item.application)
    return item.event.state is EventState.PUBLISHED and eventing.names_public(item.event)


def _registration_file(user: User | None, organisation: Organisation) -> bool:
    wanted = {Party.OWNER, Party.OFFICE, Party.APPROVER, Party.CENTRE, Party.AUDITOR}
    return bool(parties(user, organisation) & wanted)
