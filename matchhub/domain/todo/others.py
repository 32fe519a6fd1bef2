"""What waits for residents' committees, foundations, auditors and administrators."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock, outbox
from matchhub.core.i18n import _, _l
from matchhub.core.ledger import VERIFIED, LedgerEntry
from matchhub.core.standing import standing
from matchhub.domain import lifecycle, policy, reference
from matchhub.domain.models import (
    Need,
    NeedPhase,
    NeedState,
    Notice,
    Objection,
    Project,
    ProjectState,
    User,
    need_code,
)
from matchhub.domain.paths import PUBLIC, STAFF
from matchhub.domain.todo.base import Area, Asking, Clause, Todo, end_of_month, path, this_month
from matchhub.domain.todo.street_needs import OPEN_OBJECTIONS

STREET, ORGANISATIONS, PERIOD, ORGANISATION = _l("街道"), _l("社会组织"), _l("公示期满"), _l("承接机构")
# The arrangement of the next year's working days is announced around the beginning of November.
CALENDAR_MONTH = 11

WAITS_FOR = {
    NeedPhase.DRAFT: STREET,
    NeedPhase.INTERNAL_REVIEW: STREET,
    NeedPhase.OPEN: ORGANISATIONS,
    NeedPhase.CLOSED: STREET,
    NeedPhase.REVIEWING: STREET,
    NeedPhase.NOTICE: PERIOD,
}


def neighbourhood(user: User) -> Asking:
    """Where the needs stand that this residents' committee raised or that name its community."""
    here = sa.exists().where(
        need_code.c.need_id == Need.id, need_code.c.kind == "community", need_code.c.code.in_(user.communities())
    )
    return _standing(user, sa.or_(here, Need.drafted_by_id == user.id))


def foundation(user: User) -> Asking:
    """Where the needs stand that a foundation pays for."""
    return _standing(user, Need.funding == "community_foundation")


def _standing(user: User, wanted: Clause) -> Asking:
    found = (
        sa.select(
            Need.ref, Need.title, Need.state, Need.closes_at, Need.published_at, Project.ref.label("project_ref"),
            Project.title.label("project_title"), Project.state.label("project_state"), Project.ends_on,
        )
        .outerjoin(Project, Project.need_id == Need.id)
        .where(
            wanted,
            policy.visible(user, Need),
            Need.state.not_in((NeedState.FAILED, NeedState.CANCELLED, NeedState.WITHDRAWN, NeedState.DECLINED)),
            sa.or_(Project.id.is_(None), Project.state.not_in((ProjectState.CLOSED, ProjectState.TERMINATED))),
        )
    )  # fmt: skip
    return [_stand(row) for row in (yield found)]


def _stand(row: Any) -> Todo:
    if row.project_ref:
        word = lifecycle.LIVES[Project].words[row.project_state]
        return Todo(
            word, row.project_title, path("project", PUBLIC, row.project_ref), _l("去查看"), row.project_ref, Area.COMMUNITY,
            due_on=row.ends_on, waits_for=ORGANISATION,
        )  # fmt: skip
    is_open = row.state is NeedState.OPEN and row.closes_at is not None and row.closes_at > clock.now()
    phase = NeedPhase.CLOSED if row.state is NeedState.OPEN and not is_open else NeedPhase(row.state.value)
    life = lifecycle.LIVES[Need]
    word = life.phases[phase][0] if phase in life.phases else life.words[row.state]
    return Todo(
        word, row.title, path("need", PUBLIC, row.ref), _l("去查看"), row.ref, Area.COMMUNITY,
        due_at=row.closes_at if is_open else None, since=None if is_open else row.published_at,
        waits_for=WAITS_FOR.get(phase, STREET),
    )  # fmt: skip


def ledger(_user: User) -> Asking:
    """The record of all deeds is verified once a month."""
    verified_at = (yield _verified())[0].at
    if verified_at is not None and verified_at >= clock.utc(this_month()):
        return []
    return [
        Todo(_l("核验操作记录"), _("全部操作记录"), "/admin/ledger", _l("去核验"), "ledger", Area.LEDGER,
             due_on=end_of_month(), since=verified_at)
    ]  # fmt: skip


@standing
def _verified() -> Any:
    return sa.select(sa.func.max(LedgerEntry.at).label("at")).where(LedgerEntry.deed == VERIFIED)


def open_objections(_user: User) -> Asking:
    """For the auditor: objections that the street has not answered yet."""
    return [
        Todo(_l("答复异议"), row.title, path("objection", STAFF, row.ref), _l("去查看"), row.ref, Area.OBJECTIONS,
             due_on=row.answer_due_on, waits_for=STREET)
        for row in (yield _unanswered())
    ]  # fmt: skip


@standing
def _unanswered() -> Any:
    return (
        sa.select(Objection.ref, Objection.answer_due_on, Notice.title)
        .join(Notice, Objection.notice_id == Notice.id)
        .where(Objection.state.in_(OPEN_OBJECTIONS))
    )


def deliveries(_user: User) -> list[Todo]:
    """Messages and index changes that could not be delivered after all tries."""
    _waiting, given_up = outbox.waiting()
    if not given_up:
        return []
    title = _("%(n)s 条消息或索引没有送达", n=given_up)
    return [Todo(_l("处理发送失败"), title, "/admin/health", _l("去处理"), "outbox", Area.SITE)]


def calendar(_user: User) -> list[Todo]:
    """Years whose working days are not entered yet: the present one at once, the next one once it is announced."""
    today = clock.today()
    years = [today.year] + ([today.year + 1] if today.month >= CALENDAR_MONTH else [])
    return [
        Todo(_l("录入工作日历"), _("%(y)s 年放假和调休安排", y=year), "/admin/holidays", _l("去录入"), str(year),
             Area.SITE, due_on=date(year, 1, 1) if year == today.year else date(today.year, 12, 31))
        for year in years
        if not reference.calendar().covers(year)
    ]  # fmt: skip
