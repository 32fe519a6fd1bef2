"""Deeds of the green channel: a project asks, the street answers, brings somebody in, and says what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.domain import helping, lifecycle, messages, numbering, roles
from matchhub.domain.lifecycle.channel import HELPING, TOLD
from matchhub.domain.models import (
    HelpEntry,
    HelpEntryKind,
    HelpOutcome,
    HelpRequest,
    HelpResource,
    HelpState,
    Project,
    Report,
    User,
)
from matchhub.domain.parties import Party, parties

ENDS = {"reopen": HelpEntryKind.REOPENING, "withdraw": HelpEntryKind.WITHDRAWAL}
KEEPERS = roles.CENTRE | roles.APPROVER | roles.SYSADMIN


@command
def raise_(actor: User, project: Project, values: Mapping[str, Any], report: Report | None = None) -> HelpRequest:
    """Ask for help for a project that goes on; the clock of the first answer starts now. Raises Refused."""
    if Party.OWNER not in parties(actor, project):
        raise NotYours(_("只有承接机构可以为项目求助。"))
    if not helping.can_ask(project):
        raise NotNow(_("项目已经结束，不能再求助；有困难请直接联系主办科室。"))
    if report is not None and helping.of_report(report) is not None:
        raise NotNow(_("这份月报的求助已经提出过了。"))
    at = clock.now()
    request = HelpRequest(
        ref=numbering.next_ref(numbering.HELP), project=project, report=report, raised_at=at, raised_by_id=actor.id,
        answer_due_at=helping.answer_due_at(values["urgency"], at), **values,
    )  # fmt: skip
    db.session.add(request)
    db.session.flush()
    lifecycle.record(
        actor, request, "raise", {"project": project.ref, "kind": request.kind, "urgency": request.urgency.value}
    )
    messages.tell(request, "raise", TOLD, actor)
    return request


@command
def answer(actor: User, request: HelpRequest, words: str, seen: int | None = None) -> None:
    """The first answer: it stops the clock."""
    lifecycle.same_version(request, seen)
    _stop_the_clock(request)
    lifecycle.advance(request, "answer", actor)
    _enter(request, HelpEntryKind.ANSWER, words, actor)


@command
def refer(actor: User, request: HelpRequest, resource: HelpResource, words: str, seen: int | None = None) -> None:
    """Bring somebody of the directory in; as the first thing that is done it stops the clock as well."""
    lifecycle.same_version(request, seen)
    if not resource.active:
        raise NotNow(_("这一位已经停用，请另选。"))
    _stop_the_clock(request)
    lifecycle.advance(request, "refer", actor, resource=resource.ref)
    _enter(request, HelpEntryKind.REFERRAL, words, actor, resource=resource)


def _stop_the_clock(request: HelpRequest) -> None:
    if request.state is HelpState.RAISED and request.first_answered_at is None:
        request.first_answered_at = clock.now()
        request.answer_minutes = helping.office_hours().minutes_between(request.raised_at, request.first_answered_at)


def _enter(request: HelpRequest, kind: HelpEntryKind, words: str, actor: User, **more: Any) -> None:
    db.session.add(HelpEntry(request=request, kind=kind, words=words, written_by_id=actor.id, **more))
    db.session.flush()


@command
def conclude(actor: User, request: HelpRequest, outcome: HelpOutcome, words: str, seen: int | None = None) -> None:
    """What came of it; the organisation confirms or asks on."""
    lifecycle.same_version(request, seen)
    request.outcome, request.outcome_words = outcome, words
    request.concluded_at, request.concluded_by_id = clock.now(), actor.id
    lifecycle.advance(request, "conclude", actor, outcome=outcome.value)
    _enter(request, HelpEntryKind.CONCLUSION, words, actor, outcome=outcome)


@command
def close(actor: User, request: HelpRequest, seen: int | None = None) -> None:
    """The organisation confirms the outcome: it never changes again."""
    lifecycle.same_version(request, seen)
    if request.state is HelpState.CONCLUDED:
        request.closed_at = clock.now()
    lifecycle.advance(request, "close", actor)


@command
def end(actor: User, request: HelpRequest, action: str, words: str, seen: int | None = None) -> None:
    """`reopen` what was not solved, or `withdraw` what is no longer needed; with the reason."""
    lifecycle.same_version(request, seen)
    lifecycle.advance(request, action, actor)
    _enter(request, ENDS[action], words, actor)


@command
def add_words(actor: User, request: HelpRequest, words: str, seen: int | None = None) -> None:
    """Something more from either side, while the request is open."""
    lifecycle.same_version(request, seen)
    mine = parties(actor, request)
    if not mine & {Party.OWNER, *HELPING}:
        raise NotYours(_("只有承接机构、街道和服务中心可以补充说明。"))
    if request.state not in helping.OPEN:
        raise NotNow(_("求助已经有结果，不能再补充；没有解决的请点“没有解决，继续求助”。"))
    _enter(request, HelpEntryKind.WORDS, words, actor)
    lifecycle.record(actor, request, "add_words")
    messages.tell(request, "add_words", TOLD if Party.OWNER in mine else (Party.OWNER,), actor)


@command
def keep_resource(
    actor: User, resource: HelpResource | None, values: Mapping[str, Any], seen: int | None = None
) -> HelpResource:
    """Add an entry to the directory, or change one. Contacts stay out of the ledger."""
    if not set(actor.role_codes) & KEEPERS:
        raise NotYours(_("资源名录由服务中心和管理员维护。"))
    if resource is None:
        resource = HelpResource(ref=numbering.next_ref(numbering.RESOURCE), **values)
        db.session.add(resource)
        db.session.flush()
        lifecycle.record(actor, resource, "add", {"kind": resource.kind})
        return resource
    lifecycle.same_version(resource, seen)
    changed = sorted(name for name, value in values.items() if getattr(resource, name) != value)
    for name in changed:
        setattr(resource, name, values[name])
    if changed:
        resource.changed_at = clock.now()
        db.session.flush()
        lifecycle.record(actor, resource, "change", {"fields": changed})
    return resource
