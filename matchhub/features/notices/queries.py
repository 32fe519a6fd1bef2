"""What the pages of notices and objections read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters
from matchhub.domain import attachments, deeds, noticing, phases, policy, reference
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.lifecycle.notice import all_objections
from matchhub.domain.models import (
    Attachment,
    LedgerEntry,
    Need,
    Notice,
    NoticeKind,
    NoticePhase,
    Objection,
    ObjectionState,
    Organisation,
    OrganisationState,
    Project,
    User,
)

PUBLIC_PHASES = (NoticePhase.ANNOUNCED, NoticePhase.PUBLISHED, NoticePhase.ENDED, NoticePhase.CONCLUDED,
                 NoticePhase.AMENDED, NoticePhase.REVOKED)  # fmt: skip
# The columns of a notice's table, shown when any row fills them.
COLUMNS: dict[str, str] = {
    "rank": _l("名次"), "organisation": _l("社会组织"), "title": _l("项目或事项"), "score": _l("得分"), "amount": _l("金额"),
    "before": _l("原来"), "after": _l("变更后"), "result": _l("结果"),
}  # fmt: skip
NUMBERS = ("rank", "score", "amount")


def phase_words(shown: Iterable[NoticePhase]) -> dict[str, str]:
    life = LIVES[Notice]
    return {
        phase.value: _(life.phases[phase][0] if phase in life.phases else life.words[life.states(phase.value)])
        for phase in shown
    }


def filters(path: str, args: Any, shown: Iterable[NoticePhase] = PUBLIC_PHASES) -> Filters:
    kinds = {kind.value: reference.word("notice_kind", kind.value) for kind in NoticeKind}
    return Filters(path, args, {"phase": phase_words(shown), "kind": kinds})


def listed(user: User | None, wanted: Filters) -> sa.Select[Any]:
    """Notices that meet the filters: drafts first (for the street), then the running ones, then newest first."""
    rows = sa.select(Notice).where(policy.visible(user, Notice))
    if chosen := wanted["phase"]:
        rows = rows.where(phases.notice_in([NoticePhase(value) for value in chosen]))
    if chosen := wanted["kind"]:
        rows = rows.where(Notice.kind.in_([NoticeKind(value) for value in chosen]))
    for word in wanted.query.split():
        rows = rows.where(sa.or_(*(p.icontains(word, autoescape=True) for p in (Notice.title, Notice.ref))))
    live_first = sa.case(
        (phases.notice_in([NoticePhase.DRAFT]), 0),
        (phases.notice_in([NoticePhase.ANNOUNCED, NoticePhase.PUBLISHED]), 1),
        else_=2,
    )
    return rows.order_by(live_first, Notice.published_at.desc(), Notice.id.desc())


@dataclass(slots=True)
class Details:
    """Everything that the page of a notice shows besides its own columns."""

    notice: Notice
    files: list[Attachment]
    corrected_by: Notice | None
    columns: list[tuple[str, str]]
    digests: list[tuple[str, str]]
    draws: list[str]
    need: Need | None
    organisation: Organisation | None
    project: Project | None
    period: Period | None = None
    # Only after the period: while it runs, nobody is told how many objections there are.
    objections: noticing.Outcome | None = None
    # What was decided on each, in the words for everybody: neither who objected nor when.
    decided: list[Decided] = field(default_factory=list)
    head: tuple[int, str] | None = None
    digest: str = ""
    head_is_final: bool = False


def details(notice: Notice) -> Details:
    """The public parts of one notice."""
    made = Details(
        notice=notice,
        files=attachments.of(notice, "notice"),
        corrected_by=db.session.scalar(sa.select(Notice).where(Notice.corrects_id == notice.id)),
        columns=columns_of(notice),
        digests=[(row.get("organisation", ""), row["digest"]) for row in notice.rows if row.get("digest")],
        # The basis is plain text that never changes; the records of draws that it names are given as links beside it.
        draws=re.findall(r"/draws/([A-Z]{2}-\d{4}-\d{3,})", notice.basis or ""),
        need=_public(Need, notice.need_id),
        organisation=_public(Organisation, notice.organisation_id),
        project=_public(Project, notice.project_id),
    )
    made.period = period_of(notice)
    if notice.phase in (NoticePhase.ENDED, NoticePhase.CONCLUDED, NoticePhase.REVOKED):
        found = all_objections(notice)
        made.objections, made.decided = noticing.count_outcomes(found), decided(found)
    if notice.published_at is not None:
        day = clock.local(notice.published_at).date()
        made.digest = noticing.digest(notice)
        made.head, made.head_is_final = noticing.ledger_head_on(day), day < clock.today()
    return made


def period_of(notice: Notice) -> Period | None:
    """The period of a published notice, None for a draft."""
    if notice.starts_at is None or notice.ends_at is None:
        return None
    first, last = (clock.local(at).date() for at in (notice.starts_at, notice.ends_at - timedelta(seconds=1)))
    return Period(first, last, notice.working_days, True)


@dataclass(frozen=True, slots=True)
class Decided:
    """The outcome of one objection for everybody: the verdict to be translated, and its reason."""

    verdict: str
    reason: str


def decided(objections: Iterable[Objection]) -> list[Decided]:
    """Sorted by their own words, so that their order tells nothing about who came first."""
    rows = [
        Decided(_verdict(one), one.public_reason)
        for one in objections
        if one.state in (ObjectionState.ANSWERED, ObjectionState.REJECTED) and one.public_reason
    ]
    return sorted(rows, key=lambda row: (row.verdict, row.reason))


def _verdict(objection: Objection) -> str:
    if objection.state is ObjectionState.REJECTED:
        return _l("不予受理")
    return _l("异议成立") if objection.upheld else _l("异议不成立")


def columns_of(notice: Notice) -> list[tuple[str, str]]:
    return [(name, _(word)) for name, word in COLUMNS.items() if any(row.get(name) for row in notice.rows)]


def _public(model: Any, row_id: int | None) -> Any:
    """The linked record, where everybody may read it."""
    if row_id is None:
        return None
    return db.session.scalar(sa.select(model).where(model.id == row_id, policy.visible(None, model)))


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day and the number of working days; `covered`: the calendar of that year is announced."""

    first_day: date
    last_day: date
    days: int
    covered: bool


def period_if_published(notice: Notice) -> Period:
    """The period that a draft would get if it were published now."""
    window, calendar = noticing.window(notice, clock.today()), reference.calendar()
    days = calendar.between(window.first_day - noticing.ONE_DAY, window.last_day)
    return Period(window.first_day, window.last_day, days, calendar.covers(window.last_day.year))


def objections_listed(user: User, open_only: bool) -> sa.Select[Any]:
    """Objections for the street: what waits first, in the order in which answers are due."""
    waiting = Objection.state.in_((ObjectionState.RECEIVED, ObjectionState.INVESTIGATING))
    rows = sa.select(Objection).where(policy.visible(user, Objection)).options(joinedload(Objection.notice))
    if open_only:
        rows = rows.where(waiting)
    return rows.order_by(sa.case((waiting, 0), else_=1), Objection.answer_due_on, Objection.id)


def objections_to(notice: Notice) -> list[Objection]:
    """All objections to a notice and to those that it corrects."""
    return all_objections(notice)


def followed(code: str) -> Objection | None:
    """The objection with this follow code, for its author."""
    found = sa.select(Objection).where(Objection.follow_code == code).options(joinedload(Objection.notice))
    return db.session.scalar(found)


def organisation_names() -> list[str]:
    found = (
        sa.select(Organisation.name).where(Organisation.state != OrganisationState.DRAFT).order_by(Organisation.name)
    )
    return list(db.session.scalars(found.limit(300)))


def organisation_named(name: str) -> Organisation | None:
    return db.session.scalar(sa.select(Organisation).where(Organisation.name == name))


def project_refs() -> list[tuple[str, str]]:
    found = sa.select(Project.ref, Project.title).order_by(Project.id.desc()).limit(200)
    return [(ref, title) for ref, title in db.session.execute(found)]


def project_with(ref: str) -> Project | None:
    return db.session.scalar(sa.select(Project).where(Project.ref == ref))


def name_of(model: Any, row_id: int | None, column: str) -> str:
    """One column of a linked record; empty for none."""
    if row_id is None:
        return ""
    return db.session.scalar(sa.select(getattr(model, column)).where(model.id == row_id)) or ""


# Deeds that are no moves, in the words of the history.
DEEDS: dict[str, str] = {"draft": _l("起草"), "save": _l("修改草稿"), "receive": _l("收到异议"), "ask": _l("请机构说明情况"),
                         "reply": _l("机构已说明情况")}  # fmt: skip


def history(model: type, rows: Iterable[LedgerEntry]) -> list[dict[str, str]]:
    """The ledger of one notice or objection as `U.timeline` prints it, newest first."""
    words = {move.action: move.label for move in LIVES[model].moves if move.label} | DEEDS

    def named(deed: str) -> str:
        action = deed.partition(".")[2]
        return _(words.get(action, action))

    return deeds.timeline(rows, named)
