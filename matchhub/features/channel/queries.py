"""What the pages of the green channel read."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters, words
from matchhub.domain import helping, policy, reference
from matchhub.domain.models import (
    CoachingNote,
    HelpEntry,
    HelpEntryKind,
    HelpRequest,
    HelpResource,
    HelpState,
    Need,
    Project,
    User,
)

TITLES: dict[HelpEntryKind, str] = {
    HelpEntryKind.ANSWER: _l("答复"),
    HelpEntryKind.REFERRAL: _l("对接资源"),
    HelpEntryKind.WORDS: _l("补充说明"),
    HelpEntryKind.CONCLUSION: _l("登记结果"),
    HelpEntryKind.REOPENING: _l("没有解决，继续求助"),
    HelpEntryKind.WITHDRAWAL: _l("撤回求助"),
}
# Groups of states by which the street looks through its requests.
SHOW: dict[str, tuple[HelpState, ...]] = {
    "open": (HelpState.RAISED, HelpState.ANSWERED, HelpState.REFERRED),
    "concluded": (HelpState.CONCLUDED,),
    "closed": (HelpState.CLOSED, HelpState.WITHDRAWN),
}
SHOW_WORDS: dict[str, str] = {"open": _l("在办"), "concluded": _l("待机构确认"), "closed": _l("已结束")}


def filters(path: str, args: Any) -> Filters:
    allowed = {
        "show": {code: _(word) for code, word in SHOW_WORDS.items()},
        "kind": words(reference.codes("help_kind").values()),
        "section": words(reference.codes("section").values()),
    }
    return Filters(path, args, allowed)


def listed(user: User, wanted: Filters) -> sa.Select[Any]:
    """For the street: what nobody has answered first, the most pressing on top; what is over comes last."""
    first = sa.case(
        (HelpRequest.state == HelpState.RAISED, 0), (HelpRequest.state.in_(SHOW["open"]), 1),
        (HelpRequest.state == HelpState.CONCLUDED, 2), else_=3,
    )  # fmt: skip
    waiting = sa.case((HelpRequest.state == HelpState.RAISED, HelpRequest.answer_due_at), else_=None)
    found = (
        sa.select(HelpRequest)
        .join(HelpRequest.project)
        .join(Project.need)
        .where(policy.visible(user, HelpRequest))
        .options(contains_eager(HelpRequest.project).joinedload(Project.organisation))
    )
    if states := [state for group in wanted["show"] for state in SHOW[group]]:
        found = found.where(HelpRequest.state.in_(states))
    if kinds := wanted["kind"]:
        found = found.where(HelpRequest.kind.in_(kinds))
    if sections := wanted["section"]:
        found = found.where(Need.section_code.in_(sections))
    for word in wanted.query.split():
        texts = (HelpRequest.title, HelpRequest.ref, Project.title, Project.ref)
        found = found.where(sa.or_(*(text.icontains(word, autoescape=True) for text in texts)))
    return found.order_by(first, waiting.nulls_last(), HelpRequest.id.desc())


def of_organisation(user: User) -> sa.Select[Any]:
    """The requests of this person's organisation, newest first."""
    found = sa.select(HelpRequest).join(HelpRequest.project)
    found = found.where(policy.visible(user, HelpRequest), Project.organisation_id == user.organisation_id)
    return found.options(contains_eager(HelpRequest.project)).order_by(HelpRequest.id.desc())


def projects_of(user: User) -> list[Project]:
    """The projects for which this person's organisation can ask."""
    found = sa.select(Project).where(Project.organisation_id == user.organisation_id, Project.state.in_(helping.ASKING))
    return list(db.session.scalars(found.order_by(Project.id.desc())))


def entries(request: HelpRequest) -> list[HelpEntry]:
    """What was said and done, in its order."""
    found = sa.select(HelpEntry).where(HelpEntry.request_id == request.id)
    found = found.options(joinedload(HelpEntry.written_by), joinedload(HelpEntry.resource))
    return list(db.session.scalars(found.order_by(HelpEntry.id)))


def directory(user: User, wanted: Filters) -> sa.Select[Any]:
    """Entries by kind; those out of use last."""
    found = sa.select(HelpResource).where(policy.visible(user, HelpResource))
    if kinds := wanted["kind"]:
        found = found.where(HelpResource.kind.in_(kinds))
    for word in wanted.query.split():
        texts = (HelpResource.name, HelpResource.body, HelpResource.abilities)
        found = found.where(sa.or_(*(text.icontains(word, autoescape=True) for text in texts)))
    return found.order_by(HelpResource.active.desc(), HelpResource.kind, HelpResource.id)


def directory_filters(path: str, args: Any) -> Filters:
    return Filters(path, args, {"kind": words(reference.codes("help_kind").values())})


def coaching_filters(path: str, args: Any) -> Filters:
    allowed = {
        "kind": words(reference.codes("coaching_kind").values()),
        "section": words(reference.codes("section").values()),
    }
    return Filters(path, args, allowed)


def coaching_notes(user: User, wanted: Filters) -> sa.Select[Any]:
    """The coaching log of all projects, newest first."""
    found = (
        sa.select(CoachingNote)
        .join(CoachingNote.project)
        .join(Project.need)
        .where(policy.visible(user, CoachingNote))
        .options(
            contains_eager(CoachingNote.project).joinedload(Project.organisation), joinedload(CoachingNote.written_by)
        )
    )
    if kinds := wanted["kind"]:
        found = found.where(CoachingNote.kind.in_(kinds))
    if sections := wanted["section"]:
        found = found.where(Need.section_code.in_(sections))
    for word in wanted.query.split():
        texts = (CoachingNote.topic, Project.title, Project.ref)
        found = found.where(sa.or_(*(text.icontains(word, autoescape=True) for text in texts)))
    return found.order_by(CoachingNote.given_on.desc(), CoachingNote.id.desc())


def times_called(rows: list[HelpResource]) -> dict[int, int]:
    """entry id -> how many requests were referred to it: one statement."""
    found = (
        sa.select(HelpEntry.resource_id, sa.func.count(sa.distinct(HelpEntry.request_id)))
        .where(HelpEntry.resource_id.in_([row.id for row in rows]))
        .group_by(HelpEntry.resource_id)
    )
    return {number: n for number, n in db.session.execute(found) if number is not None}


def left(request: HelpRequest) -> str:
    """How long the street still has, or how late it is, in office time; empty once it has answered."""
    if request.first_answered_at is not None or request.state is not HelpState.RAISED:
        return ""
    hours, now = helping.office_hours(), clock.now()
    if now <= request.answer_due_at:
        rest = helping.minutes_words(hours.minutes_between(now, request.answer_due_at))
        return _("还剩 %(time)s（办公时间）", time=rest)
    over = helping.minutes_words(hours.minutes_between(request.answer_due_at, now))
    return _("已超时 %(time)s（办公时间）", time=over)
