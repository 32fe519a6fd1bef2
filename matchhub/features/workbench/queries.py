"""What the workbench shows beside the duties: what is running, and what this person did last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _l
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import deeds, paths
from matchhub.domain.models import (
    Application,
    Assessment,
    ClosingReport,
    CoachingNote,
    HelpRequest,
    Need,
    Notice,
    Objection,
    Organisation,
    Panelist,
    Project,
    ProjectState,
    Rectification,
    Report,
    ReviewRound,
    Role,
    RoundState,
    ScoreSheet,
    SubjectKind,
    Supervision,
    User,
    Visit,
    need_code,
)
from matchhub.domain.paths import JUDGE, MY, PUBLIC, STAFF
from matchhub.domain.todo.base import of_section

SHOWN, READ = 10, 80
INSIDE = {Role.STREET_STAFF, Role.STREET_APPROVER, Role.CENTRE_STAFF, Role.AUDITOR}
ORG = {Role.ORG_ADMIN, Role.ORG_MEMBER}
INTAKE = (SubjectKind.APPLICATION, SubjectKind.ROADSHOW)


@dataclass(frozen=True, slots=True)
class Running:
    """The fourth number on top: what is going on in this person's field, and where it is listed."""

    label: str
    count: int
    url: str


def running(user: User) -> Running:
    """Projects that are carried out (reviewers: reviews that are scored) around this person; one statement."""
    roles = user.roles
    active = sa.select(sa.func.count(sa.distinct(Project.id))).where(Project.state == ProjectState.ACTIVE)
    label, url = _l("实施中的项目"), "/projects?state=active"
    if roles & ORG:
        found, url = active.where(Project.organisation_id == user.organisation_id), "/my/projects"
    elif roles & INSIDE:
        found, url = active.join(Need).where(of_section(user)), "/staff/projects?state=active"
    elif Role.SUPERVISOR in roles:
        found, url = active.join(Supervision).where(Supervision.user_id == user.id), "/supervise"
    elif Role.REVIEWER in roles:
        label, url = _l("进行中的评审"), "/review"
        found = sa.select(sa.func.count(sa.distinct(ReviewRound.id))).join(Panelist)
        found = found.where(Panelist.user_id == user.id, ReviewRound.state == RoundState.SCORING)
    elif Role.FOUNDATION in roles:
        found, url = active.join(Need).where(Need.funding == "community_foundation"), "/fund"
    elif Role.NEIGHBOURHOOD in roles and (here := sorted(user.communities())):
        found = active.where(Project.need_id.in_(_named_for(here)))
        url = "/projects?" + urlencode([("state", "active"), *(("community", code) for code in here)])
    else:
        found = active
    return Running(label, db.session.scalar(found) or 0, url)


def _named_for(communities: list[str]) -> Any:
    """The needs that name one of these communities."""
    return sa.select(need_code.c.need_id).where(need_code.c.kind == "community", need_code.c.code.in_(communities))


@dataclass(frozen=True, slots=True)
class Done:
    """A deed of this person: when, what, on which record, its address where there is one, and how often in a row."""

    at: datetime
    deed: str
    title: str
    url: str
    times: int = 1


def recent(user: User) -> list[Done]:
    """The last deeds of this person, from the ledger, repetitions in one line: two statements."""
    found = sa.select(LedgerEntry.at, LedgerEntry.deed, LedgerEntry.subject).where(LedgerEntry.actor_id == user.id)
    entries = db.session.execute(found.order_by(LedgerEntry.seq.desc()).limit(READ)).all()
    titles = _titles(entry.subject for entry in entries)
    rows = [
        Done(entry.at, deeds.words(entry.deed), titles.get(entry.subject, ""), _url(user, entry.subject))
        for entry in entries
        # The sheet of a visit or of an assessment comes with a deed of its own.
        if entry.subject in titles or not entry.deed.startswith("score_sheet.")
    ]
    return _without_repetitions(rows)[:SHOWN]


def _without_repetitions(rows: Iterable[Done]) -> list[Done]:
    """The same deed on the same record, done again and again within a day, is told once."""
    told: dict[tuple[str, str, date], Done] = {}
    for row in rows:
        key = (row.deed, row.title, clock.local(row.at).date())
        told[key] = replace(told[key], times=told[key].times + 1) if key in told else row
    return list(told.values())


def _named() -> dict[str, Any]:
    """By kind of record: a statement of reference and the name by which people know it."""

    def of_project(model: Any) -> Any:
        return sa.select(model.ref, Project.title).join(Project, model.project_id == Project.id)

    return {
        "organisation": sa.select(Organisation.ref, Organisation.name),
        "need": sa.select(Need.ref, Need.title),
        "notice": sa.select(Notice.ref, Notice.title),
        "project": sa.select(Project.ref, Project.title),
        "application": sa.select(Application.ref, Need.title).join(Need, Application.need_id == Need.id),
        "review_round": sa.select(ReviewRound.ref, Need.title).join(Need, ReviewRound.need_id == Need.id),
        "objection": sa.select(Objection.ref, Notice.title).join(Notice, Objection.notice_id == Notice.id),
        "report": of_project(Report),
        "visit": of_project(Visit),
        "rectification": of_project(Rectification),
        "closing_report": of_project(ClosingReport),
        "help_request": of_project(HelpRequest),
        "coaching_note": of_project(CoachingNote),
        "assessment": of_project(Assessment),
        "score_sheet": sa.select(sa.cast(ScoreSheet.id, sa.String), Need.title)
        .join(Application, sa.and_(Application.id == ScoreSheet.subject_id, ScoreSheet.subject_kind.in_(INTAKE)))
        .join(Need, Application.need_id == Need.id),
        "account": sa.select(sa.cast(User.id, sa.String), User.name),
    }


def _titles(subjects: Iterable[str]) -> dict[str, str]:
    """The names of ledger subjects like "need:XQ-2026-007", whatever their kinds: one statement."""
    wanted: dict[str, list[str]] = {}
    for subject in subjects:
        kind, _colon, ref = subject.partition(":")
        wanted.setdefault(kind, []).append(ref)
    named = _named()
    parts = [
        sa.select(sa.literal(kind).label("kind"), found.c[0].label("ref"), found.c[1].label("title"))
        for kind, refs in sorted(wanted.items())
        if kind in named
        for found in [_only(named[kind], refs)]
    ]
    if not parts:
        return {}
    return {f"{row.kind}:{row.ref}": row.title for row in db.session.execute(sa.union_all(*parts))}


def _only(found: Any, refs: list[str]) -> Any:
    return found.where(next(iter(found.selected_columns)).in_(refs)).subquery()


def _url(user: User, subject: str) -> str:
    kind, _colon, ref = subject.partition(":")
    if kind == "account":
        return f"/admin/users/{ref}" if Role.SYSADMIN in user.roles else ""
    for side in (_side(user), PUBLIC):
        if url := paths.of_ref(kind, ref, side):
            return url
    return ""


def _side(user: User) -> str:
    if user.roles & ORG:
        return MY
    return STAFF if user.roles & INSIDE else JUDGE
