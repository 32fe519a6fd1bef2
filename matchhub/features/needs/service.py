"""Deeds around a need: drafting, publishing and ending it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import flag_modified

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.files import Stored
from matchhub.core.i18n import _, _l
from matchhub.domain import attachments, coding, lifecycle, messages, needing, opening, paths, sealing
from matchhub.domain.lifecycle import Move
from matchhub.domain.models import Application, ApplicationState, Need, NeedState, User
from matchhub.domain.parties import Party, parties, people
from matchhub.features.needs.corrections import correct
from matchhub.features.needs.questions import ask, draft_answer, publish_answers
from matchhub.matching import fitting

__all__ = ["ask", "cancel", "copy", "correct", "decline", "draft", "draft_answer", "fail", "move", "publish", "publish_answers",
           "raise_need", "save", "send_back", "withdraw"]  # fmt: skip

# What a form may set: columns as they are, and lists of codes by their kind.
COLUMNS = frozenset({
    "title", "summary", "background", "target_note", "target_count", "outcomes", "requirements", "essential",
    "preferred", "problem", "urgency", "starts_on", "ends_on", "budget_fen", "budget_public", "funding", "procurement",
    "joint_allowed", "review_mode", "rubric_id", "notice_days", "collect_days", "section_code", "contact_name",
    "contact_phone", "review_on", "roadshow_on", "source", "suggested", "internal_note", "related_need_id",
})  # fmt: skip
CODES = {"fields": "field", "communities": "community", "target_groups": "target_group"}
ONE_SECTION_ONLY = _l("您只能起草和修改本科室的需求。")


def require_draft(need: Need) -> None:
    """Raises NotNow, with what can be done instead, once the need has left the section's desk."""
    if need.state is NeedState.INTERNAL_REVIEW:
        raise NotNow(_("这条需求已经提交审核，不能再修改。需要修改时，请审批人先退回。"))
    if need.state is not NeedState.DRAFT:
        raise NotNow(_("需求发布以后不能再修改。内容有误时请撤回，再“复制成新草稿”重新发布。"))


@command
def draft(actor: User, values: Mapping[str, Any], stored: Sequence[Stored] = ()) -> Need:
    """A new draft of the actor's section from what was filled in; nothing but title and section is needed.

    Raises NotYours for another section.
    """
    return _new(actor, values, stored, "draft")


@command
def raise_need(actor: User, values: Mapping[str, Any]) -> Need:
    """A draft for a chosen section, raised by a residents' committee; the section is told."""
    need = _new(actor, {**values, "source": "neighbourhood"}, (), "raise")
    messages.send("need.raise", people(need, Party.OFFICE), need.title, paths.path(need, paths.STAFF))
    return need


@command
def copy(actor: User, earlier: Need) -> Need:
    """A new draft of the actor's section with the content of an earlier need. Raises NotYours for a copy elsewhere."""
    own = actor.sections()
    section = earlier.section_code if not own or earlier.section_code in own else min(own)
    need = needing.copy_of(earlier, actor, section)
    if Party.OFFICE not in parties(actor, need):
        raise NotYours(_(ONE_SECTION_ONLY))
    return need


def _new(actor: User, values: Mapping[str, Any], stored: Sequence[Stored], deed: str) -> Need:
    need = needing.blank(values["title"], values["section_code"], actor, values.get("rubric_id"))
    _fill(need, values)
    wanted = Party.NEIGHBOURHOOD if deed == "raise" else Party.OFFICE
    if wanted not in parties(actor, need):
        raise NotYours(_(ONE_SECTION_ONLY))
    _attach(need, stored, actor)
    lifecycle.record(actor, need, deed)
    return need


@command
def save(
    actor: User,
    need: Need,
    seen: int | None,
    values: Mapping[str, Any],
    stored: Sequence[Stored] = (),
    removed: Iterable[str] = (),
) -> list[str]:
    """Change a draft; `removed` are codes of files to take away. Returns the names of what changed.

    Raises Stale, NotNow once it has left the section's desk, NotYours for another section.
    """
    lifecycle.same_version(need, seen)
    if Party.OFFICE not in parties(actor, need):
        raise NotYours(_(ONE_SECTION_ONLY))
    require_draft(need)
    changed = _fill(need, values)
    if Party.OFFICE not in parties(actor, need):
        raise NotYours(_("不能把需求转给别的科室，请由对方科室起草。"))
    changed += _attach(need, stored, actor) + _remove(need, set(removed))
    if changed:
        flag_modified(need, "title")  # the version counts changes of codes and files as well
        lifecycle.record(actor, need, "save", {"changed": sorted(set(changed))})
    return changed


def _fill(need: Need, values: Mapping[str, Any]) -> list[str]:
    """Set what `values` names; returns the names of what is different now."""
    changed, is_new = [], need.id is None
    for name in sorted(COLUMNS & set(values)):
        value = values[name]
        if name == "rubric_id" and value is None:
            continue
        if getattr(need, name) != value:
            setattr(need, name, value)
            changed.append(name)
    db.session.flush()
    known = {} if is_new else coding.codes_of(need)
    for name, kind in CODES.items():
        if name in values and set(values[name]) != set(known.get(kind, [])):
            coding.set_codes(need, kind, values[name])
            changed.append(name)
    return changed


def _attach(need: Need, stored: Iterable[Stored], actor: User) -> list[str]:
    return ["files" for one in stored if attachments.attach(need, "need", one, actor)]


def _remove(need: Need, codes: set[str]) -> list[str]:
    gone = [row for row in attachments.of(need, "need") if row.code in codes]
    for row in gone:
        attachments.remove(row)
    return ["files"] * bool(gone)


@command
def move(actor: User, need: Need, action: str, seen: int | None = None) -> Move:
    """A move without a page: submit, publish. Raises Stale and Refused."""
    lifecycle.same_version(need, seen)
    return _publish(actor, need) if action == "publish" else lifecycle.advance(need, action, actor)


@command
def publish(actor: User, need: Need, seen: int | None = None) -> Move:
    """Publish: the dates are counted from today and stored; organisations of the same fields are told."""
    lifecycle.same_version(need, seen)
    return _publish(actor, need)


def _publish(actor: User, need: Need) -> Move:
    dates = needing.dates_from(clock.today(), need)
    if dates is not None:  # None: the guard of the move says why
        need.questions_close_at, need.answers_due_at = dates.questions_close_at, dates.answers_due_at
        need.closes_at, need.published_at = dates.closes_at, clock.now()
        need.scoring_rules = needing.scoring_rules(need)
    done = lifecycle.advance(need, "publish", actor)
    opening.make_key(need)
    fitting.publish(need)
    return done


@command
def send_back(actor: User, need: Need, seen: int | None, reason: str) -> Move:
    """Return a need to its section; the reason is added to the internal notes."""
    lifecycle.same_version(need, seen)
    note = _("%(day)s 退回：%(reason)s", day=clock.today().isoformat(), reason=reason)
    need.internal_note = f"{need.internal_note}\n{note}".strip()
    return lifecycle.advance(need, "send_back", actor, reason=reason)


@command
def decline(actor: User, need: Need, seen: int | None, reason: str) -> Move:
    """End a draft that the section does not take up. The reason is for whoever raised it; nothing becomes public."""
    lifecycle.same_version(need, seen)
    need.public_reason, need.ended_at = reason, clock.now()
    done = lifecycle.advance(need, "decline", actor, reason=reason)
    messages.send("need.decline", needing.raiser_of(need), need.title, paths.path(need), reason)
    return done


@command
def withdraw(actor: User, need: Need, seen: int | None, reason: str) -> Move:
    """Withdraw a need while it is open; the reason is public, and whoever works on it is told."""
    return _end(actor, need, "withdraw", seen, reason)


@command
def cancel(actor: User, need: Need, seen: int | None, reason: str) -> Move:
    """Cancel a need after its deadline with a public reason; its applications are told that they were not selected."""
    return _end(actor, need, "cancel", seen, reason)


@command
def fail(actor: User, need: Need, seen: int | None, reason: str) -> Move:
    """Close a need that found nobody (流标) with a public reason."""
    return _end(actor, need, "fail", seen, reason)


def _end(actor: User, need: Need, action: str, seen: int | None, reason: str) -> Move:
    lifecycle.same_version(need, seen)
    need.public_reason, need.ended_at = reason, clock.now()
    done = lifecycle.advance(need, action, actor, reason=reason)
    if need.opened_at is None:
        sealing.destroy_key(need)
    # The move itself has told some of them: nobody hears it twice.
    others = [user for user in needing.concerned_people(need) if not parties(user, need) & set(done.tells)]
    messages.send(f"need.{action}", others, need.title, paths.path(need), reason)
    if action != "withdraw":
        _let_go(actor, need, reason)
    return done


def _let_go(actor: User, need: Need, reason: str) -> None:
    """Nobody is left waiting for a result that will not come."""
    waiting = (ApplicationState.SUBMITTED, ApplicationState.CORRECTION, ApplicationState.QUALIFIED,
               ApplicationState.PROPOSED)  # fmt: skip
    found = sa.select(Application).where(Application.need_id == need.id, Application.state.in_(waiting))
    for application in db.session.scalars(found):
        if application.state is ApplicationState.PROPOSED:
            lifecycle.advance(application, "unpropose", actor)
        application.result_reason = reason
        lifecycle.advance(application, "reject", actor)
