"""Handing an application in, handing it in anew, and taking it back.

Every deed is decided at the time of its own transaction: what is sent before the deadline and comes after it is late.
"""

from __future__ import annotations

from typing import Any

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import Refused, Stale
from matchhub.core.i18n import _
from matchhub.domain import application_form as form
from matchhub.domain import checklist, declarations, lifecycle, sealing
from matchhub.domain.models import Application, ApplicationState, ApplicationVersion, User
from matchhub.domain.scoring.canonical import canonical, digest
from matchhub.features.applications import service

S = ApplicationState
SUBMITTING = {S.DRAFT: "submit", S.WITHDRAWN: "submit", S.SUBMITTED: "resubmit", S.CORRECTION: "correct"}


def draft_document(application: Application) -> dict[str, Any]:
    """What a submission now would contain: all parts, and the files with their hashes.

    A correction changes only the parts that the street named; the others stay as they were last submitted.
    """
    body = application.body.document
    document = {part.code: form.part_of(body, part.code) for part in form.PARTS} | {
        service.FILES: _listed(application), service.STANDING: declarations.listed(application.organisation_id),
    }  # fmt: skip
    last = form.latest(application) if application.state is S.CORRECTION else None
    if last is not None:
        kept = {
            code: part
            for code, part in last.own_text.items()
            if code not in (*application.correction_parts, service.STANDING)
        }
        document |= kept
    return document


def _listed(application: Application) -> list[dict[str, Any]]:
    return [
        {"purpose": row.purpose, "name": row.name, "sha256": row.sha256, "size_bytes": row.size_bytes}
        for row in service.present_files(application)
    ]


def has_changed(application: Application) -> bool:
    """Whether the draft differs from the text last submitted; standing declarations that ran out are nobody's change."""
    version = form.latest(application)
    return version is not None and _written(draft_document(application)) != _written(version.own_text)


def _written(document: dict[str, Any]) -> str:
    return canonical({code: part for code, part in document.items() if code != service.STANDING})


def is_handed_in(application: Application, actor: User) -> bool:
    """Whether this person has just handed in exactly what the draft says: pressing again changes nothing."""
    last = form.latest(application)
    own = last is not None and last.submitted_by_id == actor.id
    return application.state is S.SUBMITTED and own and not has_changed(application)


@command
def submit(
    actor: User, application: Application, seen_version: int | None = None, seen_body: int | None = None
) -> ApplicationVersion:
    """Hand in what has been written: a first submission, a new one before the deadline, or a correction.

    Stores the text as a new version with the SHA-256 of its canonical JSON. Raises Refused, and then nothing is stored.
    """
    lifecycle.same_version(application, seen_version)
    if seen_body is not None and application.body.version != seen_body:
        raise Stale(_("您打开页面之后，同事改过申报书。请重新核对后再提交。"))
    # Read once and before the guards: what they let through was handed in before the deadline.
    now = clock.now()
    action = SUBMITTING.get(application.state, "submit")
    if why := lifecycle.refusal(application, action, actor, now):
        raise why
    document = draft_document(application)
    if found := form.problems(document, application.need, applicant=application.organisation):
        raise Refused(_("申报书还有 %(n)s 处需要修改：%(first)s", n=len(found), first=found[0].sentence))
    version = _new_version(application, document, actor)
    version.submitted_at = now
    application.receipt_sha256, application.submitted_by = version.sha256, actor
    if action == "correct":
        application.corrected_at = now
    else:
        application.submitted_at = now
    hashes = {"sha256": version.sha256} | ({"sealed": version.sealed_sha256} if version.sealed_sha256 else {})
    lifecycle.advance(application, action, actor, version=version.number, **hashes)
    if action == "correct":
        checklist.refresh(application, again=True)
    return version


def _new_version(application: Application, document: dict[str, Any], actor: User) -> ApplicationVersion:
    last = form.latest(application)
    row = ApplicationVersion(
        application_id=application.id,
        number=last.number + 1 if last else 1,
        sha256=digest(canonical(document)),
        submitted_by_id=actor.id,
    )
    sealing.put(row, application, document)
    db.session.add(row)
    return row


@command
def withdraw(actor: User, application: Application, seen_version: int | None = None) -> None:
    """Take a submitted application back before the deadline; it can be submitted again."""
    lifecycle.same_version(application, seen_version)
    lifecycle.advance(application, "withdraw", actor)
