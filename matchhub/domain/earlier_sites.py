"""Bringing a site of the first release, which kept everything readable, under the seal. Done by `flask prepare`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from matchhub.core import clock, files
from matchhub.core.db import command, db
from matchhub.core.files import Stored
from matchhub.core.vault import AtRest
from matchhub.domain import sealing
from matchhub.domain.attachments import HIDDEN
from matchhub.domain.models import (
    Application,
    ApplicationBody,
    ApplicationVersion,
    Attachment,
    Need,
    NeedKey,
    NeedState,
)


@command
def take_in(folder: Path) -> int:
    """How many rows changed; doing it twice changes nothing. `folder` is the installation's, for its uploads.

    Calls that had ended count as opened at their deadline; in those that still run, what was submitted is sealed. Drafts
    and files of applications are encrypted.
    """
    return _ended() + _submitted() + _drafts() + _files(folder)


def _ended() -> int:
    keyed = sa.select(NeedKey.need_id)
    found = sa.select(Need).where(
        Need.closes_at <= clock.now(),
        Need.opened_at.is_(None),
        Need.state != NeedState.WITHDRAWN,
        Need.id.not_in(keyed),
    )
    rows = list(db.session.scalars(found))
    for need in rows:
        need.opened_at = need.closes_at
    db.session.flush()
    return len(rows)


def _submitted() -> int:
    found = (
        sa.select(Application, ApplicationVersion)
        .join(ApplicationVersion, ApplicationVersion.application_id == Application.id)
        .join(Need, Application.need_id == Need.id)
        .where(Need.opened_at.is_(None), ApplicationVersion.opened_text.is_not(None))
    )
    rows = db.session.execute(found).all()
    for application, version in rows:
        text, version.opened_text = version.document, None
        sealing.put(version, application, text)
    return len(rows)


def _drafts() -> int:
    """Texts that lie readable in the database: asked without the type that decrypts."""
    raw: Any = sa.type_coerce(ApplicationBody.document, sa.JSON())
    plain = [
        application_id
        for application_id, document in db.session.execute(sa.select(ApplicationBody.application_id, raw))
        if not (isinstance(document, dict) and set(document) == {AtRest.MARK})
    ]
    for application_id in plain:
        flag_modified(db.session.get_one(ApplicationBody, application_id), "document")
    db.session.flush()
    return len(plain)


def _files(folder: Path) -> int:
    found = sa.select(Attachment).where(Attachment.subject_kind == "application", Attachment.secret.is_(None))
    rows = [row for row in db.session.scalars(found) if files.path_of(folder, row.place).is_file()]
    for row in rows:
        plain = Stored(row.place, row.plain_name, row.media_type, row.size_bytes)
        hidden = files.make_secret(folder, plain)
        row.secret = {"name": plain.name, "sha256": plain.sha256, "key": hidden.key}
        row.plain_name, row.place = HIDDEN, hidden.place
        db.session.flush()
        if db.session.scalar(sa.select(Attachment.id).where(Attachment.place == plain.sha256).limit(1)) is None:
            files.path_of(folder, plain.sha256).unlink()
    return len(rows)
