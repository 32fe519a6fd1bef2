"""Deeds of the coaching log: a note is written, and the organisation answers it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import coaching, lifecycle, messages, numbering
from matchhub.domain.models import CoachingNote, Project, User
from matchhub.domain.parties import Party, parties


@command
def give(actor: User, project: Project, values: Mapping[str, Any]) -> CoachingNote:
    """Write what was advised: given_on, kind, minutes, topic, advice, wants_reply. Raises Refused."""
    if not parties(actor, project) & coaching.WRITERS:
        raise NotYours(_("只有主办科室、服务中心和本项目的督导可以写辅导记录。"))
    if not coaching.may_write(actor, project):
        raise NotNow(_("项目已经结束，不能再写辅导记录。"))
    if values["given_on"] > clock.today():
        raise NotNow(_("辅导日期不能晚于今天；还没有发生的，请等发生以后再写。"))
    if values["given_on"] < clock.local(project.created_at).date():
        raise NotNow(_("辅导日期不能早于立项日期 %(day)s。", day=clock.local(project.created_at).date()))
    note = CoachingNote(ref=numbering.next_ref(numbering.COACHING), project=project, written_by_id=actor.id, **values)
    db.session.add(note)
    db.session.flush()
    facts = {"kind": note.kind, "minutes": note.minutes, "given_on": note.given_on.isoformat()}
    lifecycle.record(actor, note, "give", {"project": project.ref} | facts)
    lifecycle.record(actor, project, "coach", facts)
    messages.tell(note, "give", (Party.OWNER,), actor)
    return note


@command
def reply(actor: User, note: CoachingNote, words: str, seen: int | None = None) -> None:
    """The organisation says what it made of the advice: once."""
    lifecycle.same_version(note, seen)
    if Party.OWNER not in parties(actor, note):
        raise NotYours(_("只有承接机构可以答复辅导记录。"))
    if note.replied_at is not None:
        raise NotNow(_("这条辅导记录已经答复过了。"))
    note.reply, note.replied_at, note.replied_by_id = words, clock.now(), actor.id
    db.session.flush()
    lifecycle.record(actor, note, "reply")
    if note.written_by.active:
        messages.send("coaching_note.reply", [note.written_by], note.topic, f"/coaching/{note.project.ref}#{note.ref}")
