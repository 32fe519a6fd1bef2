"""Public notices (公示): drafting one, its window, and what its publication and its end set in motion.

A notice of an award or of an assessment moves the record that it is about, and so does one of the other kinds that was
made from a record (`proposal`); `EFFECTS` names the module that knows how. What is written freely only informs.
All functions run inside the caller's command.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol, cast

import sqlalchemy as sa

from matchhub.core import clock, ledger
from matchhub.core.db import db
from matchhub.core.i18n import _l
from matchhub.domain import deadlines, lifecycle, messages, numbering, paths, reference
from matchhub.domain.deadlines import NoticeWindow
from matchhub.domain.lifecycle.notice import all_objections
from matchhub.domain.models import (
    LedgerEntry,
    Need,
    Notice,
    NoticeKind,
    NoticeState,
    Objection,
    ObjectionState,
    Organisation,
    Project,
    User,
)

ONE_DAY = timedelta(days=1)
WELFARE = "welfare_lottery"

# The module of each kind that moves more than the notice itself; imported on first use, for they stand on this one.
EFFECTS: dict[NoticeKind, str] = {
    NoticeKind.AWARD: "matchhub.domain.awarding",
    NoticeKind.ASSESSMENT: "matchhub.domain.assessing",
    NoticeKind.ADMISSION: "matchhub.domain.admitting",
    NoticeKind.CHANGE: "matchhub.domain.changing",
    NoticeKind.TERMINATION: "matchhub.domain.ending",
}
ALWAYS_MOVES = (NoticeKind.AWARD, NoticeKind.ASSESSMENT)


class Effect(Protocol):
    """What a module named in EFFECTS offers."""

    def on_publish(self, notice: Notice, actor: User) -> None: ...

    def on_conclude(self, notice: Notice, actor: User, upheld: bool) -> None: ...


def effect_of(notice: Notice) -> Effect | None:
    """What publishing and concluding this notice moves; None where it only informs."""
    if notice.kind not in ALWAYS_MOVES and not notice.proposal:
        return None
    return cast(Effect, importlib.import_module(EFFECTS[notice.kind]))


# What happens after the period: without an upheld objection, and with one that changes the result.
THEN: dict[NoticeKind, tuple[str, str]] = {
    NoticeKind.AWARD: (
        _l("期满没有成立的异议，正式立项，由拟承接的机构签订协议。"),
        _l("异议成立并影响结果的，退回重新研究，结果另行公示。"),
    ),
    NoticeKind.ASSESSMENT: (
        _l("期满没有成立的异议，测评等级生效，计入机构的履历。"),
        _l("异议成立并影响结果的，退回重新测评，结果另行公示。"),
    ),
    NoticeKind.ADMISSION: (
        _l("期满没有成立的异议，机构正式入驻。"),
        _l("异议成立并影响结果的，申请退回机构修改，不办理入驻。"),
    ),
    NoticeKind.CHANGE: (
        _l("期满没有成立的异议，变更生效。"),
        _l("异议成立并影响结果的，不作变更，项目按原来的约定实施。"),
    ),
    NoticeKind.TERMINATION: (
        _l("公示期间项目暂停；期满没有成立的异议，项目终止。"),
        _l("异议成立并影响结果的，项目恢复实施。"),
    ),
}


def what_follows(notice: Notice) -> list[str]:
    """Sentences (to be translated) of what the end of this notice brings; none where it only informs."""
    return list(THEN[notice.kind]) if effect_of(notice) is not None else []


def project_of(notice: Notice) -> Project:
    """The project that a notice is about. Raises ValueError where there is none."""
    project = db.session.get(Project, notice.project_id) if notice.project_id else None
    if project is None:
        raise ValueError(f"notice {notice.ref} names no project")
    return project


def draft(
    kind: NoticeKind,
    title: str,
    body: str,
    rows: Sequence[Mapping[str, Any]],
    actor: User,
    *,
    basis: str = "",
    need: Need | None = None,
    organisation: Organisation | None = None,
    project: Project | None = None,
    working_days: int | None = None,
    proposal: Mapping[str, Any] | None = None,
) -> Notice:
    """A notice that waits for its publication. Without `working_days` those of the need, or of the settings, count.

    `proposal` says what its quiet end brings about, for kinds that do not always move something.
    """
    usual = need.notice_days if need is not None else int(reference.setting("notice_days"))
    notice = Notice(
        ref=numbering.next_ref(numbering.NOTICE), kind=kind, title=title, body=body, basis=basis,
        rows=[dict(row) for row in rows], working_days=working_days or usual, issuer=issuer(), contact=contact(),
        need_id=need.id if need else None, organisation_id=organisation.id if organisation else None,
        project_id=project.id if project else None, drafted_by_id=actor.id,
        proposal=dict(proposal) if proposal else None,
    )  # fmt: skip
    db.session.add(notice)
    lifecycle.record(actor, notice, "draft", {"kind": kind.value})
    return notice


def about(*, project: Project | None = None, organisation: Organisation | None = None) -> list[Notice]:
    """The notices that name a project (or an organisation and no project), drafts too, newest first: for the street."""
    found = sa.select(Notice)
    if project is not None:
        found = found.where(Notice.project_id == project.id)
    if organisation is not None:
        found = found.where(Notice.organisation_id == organisation.id, Notice.kind == NoticeKind.ADMISSION)
    return list(db.session.scalars(found.order_by(Notice.id.desc()).limit(20)))


def issuer() -> str:
    return str(reference.setting("site_owner"))


def contact() -> str:
    """Where an objection can be handed in on paper, as the settings say."""
    parts = (reference.setting(name) for name in ("site_contact", "site_phone", "site_address"))
    return "，".join(str(part) for part in parts if part)


def window(notice: Notice, published_on: date) -> NoticeWindow:
    """The period of a notice that goes up on `published_on`: it begins on the next day.

    A notice about a need that is paid from lottery funds runs for the calendar days of the settings instead.
    """
    calendar, start = reference.calendar(), published_on + ONE_DAY
    need = db.session.get(Need, notice.need_id) if notice.need_id else None
    if need is not None and need.funding == WELFARE:
        return deadlines.welfare_notice_window(start, int(reference.setting("notice_days_welfare")), calendar)
    return deadlines.notice_window(start, notice.working_days, calendar)


def publish(notice: Notice, actor: User) -> None:
    """Publish a draft: its window is computed and fixed, what it is about moves, the organisation is told."""
    put_up(notice, actor)
    if (effect := effect_of(notice)) is not None:
        effect.on_publish(notice, actor)


def put_up(notice: Notice, actor: User, like: Notice | None = None) -> None:
    """The publication alone, for a correction: what it is about has moved with the notice that it corrects.

    `like` is the notice whose period a correction of mere words keeps; otherwise the period begins anew.
    """
    if like is None:
        period = window(notice, clock.today())
        notice.starts_at, notice.ends_at = period.starts_at, period.ends_at
        notice.working_days = reference.calendar().between(period.first_day - ONE_DAY, period.last_day)
    else:
        notice.starts_at, notice.ends_at, notice.working_days = like.starts_at, like.ends_at, like.working_days
    notice.published_at = clock.now()
    lifecycle.advance(notice, "publish", actor, days=notice.working_days)
    _tell_organisation(notice, "notice.publish")


def conclude(notice: Notice, actor: User, outcome: str, upheld: bool) -> None:
    """End a notice after its period. `upheld`: objections change the result, so it is decided anew."""
    notice.outcome = outcome
    lifecycle.advance(notice, "conclude", actor, objections=len(all_objections(notice)), upheld=upheld)
    if (effect := effect_of(notice)) is not None:
        effect.on_conclude(notice, actor, upheld)


def revoke(notice: Notice, actor: User, reason: str) -> None:
    """Take a published notice back with a public reason; what it moved goes back too."""
    notice.outcome = reason
    lifecycle.advance(notice, "revoke", actor, reason=reason)
    if (effect := effect_of(notice)) is None:
        return
    if back := getattr(effect, "on_revoke", None):
        back(notice, actor)
    else:
        effect.on_conclude(notice, actor, True)


def _tell_organisation(notice: Notice, event: str) -> None:
    organisation = db.session.get(Organisation, notice.organisation_id) if notice.organisation_id else None
    if organisation is not None:
        messages.send(event, [user for user in organisation.people if user.active], notice.title, paths.path(notice))


def is_running(notice: Notice) -> bool:
    """Whether objections are taken now."""
    if notice.state is not NoticeState.PUBLISHED or notice.starts_at is None or notice.ends_at is None:
        return False
    return notice.starts_at <= clock.now() < notice.ends_at


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is told of the objections once the period is over: numbers, never words or names."""

    received: int
    rejected: int
    upheld: int
    not_upheld: int
    waiting: int


def outcome_of(notice: Notice) -> Outcome:
    """How the objections to a notice, and to those that it corrects, were answered."""
    return count_outcomes(all_objections(notice))


def count_outcomes(objections: Iterable[Objection]) -> Outcome:
    found = list(objections)
    answered = [one for one in found if one.state is ObjectionState.ANSWERED]
    rejected = sum(one.state is ObjectionState.REJECTED for one in found)
    upheld = sum(bool(one.upheld) for one in answered)
    waiting = len(found) - rejected - len(answered)
    return Outcome(len(found), rejected, upheld, len(answered) - upheld, waiting)


def digest(notice: Notice) -> str:
    """SHA-256 over what a published notice says and never changes: whoever holds a copy can compare it with the page."""
    said = {
        name: str(getattr(notice, name))
        for name in ("ref", "title", "basis", "body", "starts_at", "ends_at", "published_at")
    }
    return hashlib.sha256(ledger.canonical(said | {"rows": notice.rows}).encode()).hexdigest()


def ledger_head_on(day: date) -> tuple[int, str] | None:
    """Number and hash of the last ledger row of a day (in Shanghai), so that anybody can hold the record against it."""
    before = clock.utc(day + ONE_DAY)
    found = sa.select(LedgerEntry.seq, LedgerEntry.hash).where(LedgerEntry.at < before)
    row = db.session.execute(found.order_by(LedgerEntry.seq.desc()).limit(1)).one_or_none()
    return (row.seq, row.hash) if row else None
