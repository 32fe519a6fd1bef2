"""What an organisation does with its application.

Every deed is decided at the time of its own transaction: what is sent before the deadline and comes after it is late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours, Refused, Stale
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.domain import application_form as form
from matchhub.domain import attachments, eligibility, lifecycle, numbering
from matchhub.domain.lifecycle import application as guards
from matchhub.domain.models import (
    Application,
    ApplicationBody,
    ApplicationState,
    ApplicationVersion,
    Attachment,
    Need,
    Organisation,
    Project,
    User,
)
from matchhub.domain.parties import Party, parties
from matchhub.features.applications import joining

S = ApplicationState
BEFORE_DEADLINE = (S.DRAFT, S.SUBMITTED, S.WITHDRAWN)
FILES, STANDING = "files", "standing"
MOST_FILES = 20


class Changed(Stale):
    """Somebody else has saved the same part meanwhile; nothing of either text is lost."""


@command
def start(actor: User, need: Need) -> Application:
    """The one draft of this organisation for this need: an existing application is given back unchanged.

    Raises Refused when the call is over, or the organisation is not admitted or barred.
    """
    organisation = actor.organisation
    if organisation is None:
        raise NotYours(_("只有社会组织的账号可以申报。"))
    if found := of_organisation(need, organisation):
        return found
    if why := why_not_start(organisation, need):
        raise NotNow(why)
    row = Application(need=need, organisation=organisation, state=S.DRAFT)
    row.ref = numbering.sealed_ref(numbering.APPLICATION)
    row.body = ApplicationBody(document={"organisation": _prefilled(organisation)}, done_parts=[], saved_by_id=actor.id)
    db.session.add(row)
    lifecycle.record(actor, row, "start")
    return row


def why_not_start(organisation: Organisation, need: Need) -> str | None:
    """The sentence for an organisation that cannot begin an application for this need; None when it can."""
    row, now = Application(need=need, organisation=organisation, state=S.DRAFT), clock.now()
    found = (guard(row, now) for guard in (guards.organisation_admitted, guards.not_barred, guards.call_open))
    return next((sentence for sentence in found if sentence), None)


def of_organisation(need: Need, organisation: Organisation) -> Application | None:
    """The organisation's application for this need, whatever its state."""
    found = sa.select(Application).where(Application.need_id == need.id, Application.organisation_id == organisation.id)
    return db.session.scalar(found)


def _prefilled(organisation: Organisation) -> dict[str, Any]:
    """Contact from the profile; experience from the last application and from projects that it does not name."""
    values = {"contact_name": organisation.contact_name, "contact_phone": organisation.contact_phone,
              "experience": _experience(organisation)}  # fmt: skip
    return form.read_part("organisation", values)


def _experience(organisation: Organisation) -> str:
    earlier = (
        sa.select(ApplicationBody.document)
        .join(Application)
        .where(Application.organisation_id == organisation.id)
        .order_by(ApplicationBody.saved_at.desc(), ApplicationBody.application_id.desc())
        .limit(1)
    )
    text = str(((db.session.scalar(earlier) or {}).get("organisation") or {}).get("experience") or "")
    projects = (
        sa.select(Project.title, Project.ref, Project.starts_on, Project.ends_on)
        .where(Project.organisation_id == organisation.id, Project.starts_on.is_not(None))
        .order_by(Project.starts_on)
    )
    lines = [
        _("%(from)s 至 %(to)s 承担本街道“%(title)s”（%(ref)s）",
          **{"from": row.starts_on, "to": row.ends_on or "", "title": row.title, "ref": row.ref})
        for row in db.session.execute(projects)
        if row.ref not in text
    ]  # fmt: skip
    return "\n".join([text, *lines] if text else lines)


# --- saving ------------------------------------------------------------------------------------------------------


def why_closed(application: Application, part: str) -> str | None:
    """Why this part cannot be changed now; None when it can."""
    now = clock.now()
    if application.state in BEFORE_DEADLINE:
        return guards.call_open(application, now)
    if application.state is S.CORRECTION:
        if why := guards.within_correction(application, now):
            return why
        return None if part in application.correction_parts else _("补正只能修改街道指明的部分。")
    return _("申报书已经进入审查，不能再修改。")


def _may_write(actor: User, application: Application, part: str) -> None:
    if Party.OWNER not in parties(actor, application):
        raise NotYours(_("只有申报机构的人可以填写申报书。"))
    if why := why_closed(application, part):
        raise NotNow(why)


def fingerprint(document: Mapping[str, Any], part: str) -> str:
    """Tells which answers of a part are still as its editor saw them."""
    return form.fingerprint(document, part)


class Saved(list[form.Problem]):
    """What is wrong with the part that was saved; `taken` names the answers that a colleague had changed meanwhile."""

    taken: Sequence[str] = ()
    seen: str = ""


@command
def save_part(
    actor: User,
    application: Application,
    part: str,
    values: Mapping[str, Any],
    seen_version: int | None = None,
    done: bool = True,
    seen_part: str | None = None,
) -> Saved:
    """Save one part of the draft; `done` marks it as finished when nothing in it is wrong. The problems of the part.

    `seen_version` is the body's version that the editor saw; when somebody saved meanwhile, `seen_part` (its
    fingerprint) tells which answers each of them changed. Raises Changed when both changed the same one, and NotNow
    after the deadline; then nothing is saved.
    """
    _may_write(actor, application, part)
    body = application.body
    merged = _merged(body, part, form.read_part(part, values), seen_version, seen_part)
    body.document = {**body.document, part: merged.values}
    found = Saved(form.problems(body.document, application.need, part, application.organisation))
    found.taken = merged.taken
    _mark(body, part, done and not found)
    stamp(body, actor)
    if part == "organisation":
        joining.drop_absent(actor, application)
    lifecycle.record(actor, application, "save", {"part": part})
    return found


@command
def keep_part(
    actor: User, application: Application, part: str, values: Mapping[str, Any], seen_part: str | None = None
) -> Saved:
    """Save what is being typed, without being asked to. Refuses as `save_part` does, and leaves no row in the ledger.

    A part that was finished stays so while nothing in it is wrong; nothing becomes finished by itself.
    """
    _may_write(actor, application, part)
    body = application.body
    merged = _merged(body, part, form.read_part(part, values), None, seen_part)
    if merged.values != body.document.get(part):
        body.document = {**body.document, part: merged.values}
        stamp(body, actor)
    found = Saved(form.problems(body.document, application.need, part, application.organisation))
    found.taken = merged.taken
    found.seen = form.seen_after(part, merged, body.document, seen_part or "")
    if found and part in body.done_parts:
        _mark(body, part, False)
    return found


def _merged(
    body: ApplicationBody, part: str, mine: dict[str, Any], seen_version: int | None, seen_part: str | None
) -> form.Merged:
    """My answers together with those of a colleague who saved meanwhile. Raises Changed when both changed one."""
    if seen_part is None:
        if seen_version is not None and body.version != seen_version:
            raise Changed(_("您打开页面之后，同事改过这一部分。两份内容都在下面，请核对后保存。"))
        return form.Merged(mine)
    merged = form.merge(part, mine, body.document, seen_part)
    if merged.clashes:
        raise Changed(_("您打开页面之后，同事改过这一部分。两份内容都在下面，请核对后保存。"))
    return merged


def _mark(body: ApplicationBody, part: str, done: bool) -> None:
    body.done_parts = [code for code in body.done_parts if code != part] + ([part] if done else [])


def stamp(body: ApplicationBody, actor: User) -> None:
    """Note who changed the draft last, and when."""
    body.saved_at, body.saved_by_id = clock.now(), actor.id


@command
def attach(actor: User, application: Application, purpose: str, files: Sequence[Stored]) -> list[Attachment]:
    """Add files to the draft. `purpose` is a key of `eligibility.PURPOSES`. Raises NotNow when it cannot be changed.

    A file that is there already, sent by a second click or another tab, is not added again.
    """
    _may_write(actor, application, FILES)
    if purpose not in eligibility.PURPOSES:
        raise ValueError(purpose)
    present = {(row.purpose, row.name, row.sha256) for row in present_files(application)}
    files = [one for one in files if (purpose, one.name, one.sha256) not in present]
    if len(present) + len(files) > MOST_FILES:
        raise Refused(_("一份申报书最多 %(n)s 个附件，请先删除用不着的。", n=MOST_FILES))
    rows = [attachments.attach(application, purpose, stored, actor) for stored in files]
    stamp(application.body, actor)
    lifecycle.record(actor, application, "attach", {"files": len(rows)})
    return rows


@command
def detach(actor: User, application: Application, code: str) -> None:
    """Take a file out of the draft. One that a submitted text names is kept for that text's readers."""
    _may_write(actor, application, FILES)
    row = next((row for row in present_files(application) if row.code == code), None)
    if row is None:
        raise Refused(_("这个附件已经不在了，请刷新页面。"))
    if row.sha256 in _named_hashes(application):
        row.purpose = eligibility.DROPPED
    else:
        attachments.remove(row)
    stamp(application.body, actor)
    lifecycle.record(actor, application, "detach", {"files": 1})


def present_files(application: Application) -> list[Attachment]:
    """The files of what is being written now."""
    return attachments.of(application, *eligibility.PURPOSES)


def _named_hashes(application: Application) -> set[str]:
    versions = sa.select(ApplicationVersion).where(ApplicationVersion.application_id == application.id)
    return {one["sha256"] for version in db.session.scalars(versions) for one in version.own_text.get("files", [])}
