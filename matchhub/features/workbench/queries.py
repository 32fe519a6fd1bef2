"""What the workbench shows beside the duties: what is running, and what this person did last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.core.ledger import LedgerEntry
from matchhub.domain import lifecycle, messages, paths
from matchhub.domain.models import (
    Application,
    Assessment,
    ClosingReport,
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
    Supervision,
    User,
    Visit,
)
from matchhub.domain.paths import JUDGE, MY, PUBLIC, STAFF
from matchhub.domain.todo.base import of_section

SHOWN = 10
INSIDE = {Role.STREET_STAFF, Role.STREET_APPROVER, Role.CENTRE_STAFF, Role.AUDITOR}
ORG = {Role.ORG_ADMIN, Role.ORG_MEMBER}


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
    else:
        found = active
    return Running(label, db.session.scalar(found) or 0, url)


@dataclass(frozen=True, slots=True)
class Done:
    """One deed of this person: when, what, on which record, and the address of the record where there is one."""

    at: datetime
    deed: str
    title: str
    url: str


def recent(user: User) -> list[Done]:
    """The last deeds of this person, from the ledger: two statements."""
    found = sa.select(LedgerEntry.at, LedgerEntry.deed, LedgerEntry.subject).where(LedgerEntry.actor_id == user.id)
    entries = db.session.execute(found.order_by(LedgerEntry.seq.desc()).limit(SHOWN)).all()
    titles = _titles(entry.subject for entry in entries)
    return [
        Done(entry.at, deed_words(entry.deed), titles.get(entry.subject, ""), _url(user, entry.subject))
        for entry in entries
    ]


DEEDS = {
    "ledger.verify": _l("核验操作记录"),
    "project.sign": _l("登记协议"),
    "project.assign_supervisor": _l("指派督导"),
    "project.record_activity": _l("记录活动"),
    "project.change_activity": _l("修改活动记录"),
    "project.strike_activity": _l("划去活动记录"),
    "project.pay": _l("登记拨款"),
    "application.start": _l("开始申报"),
    "application.save": _l("填写申报书"),
    "application.attach": _l("上传申报附件"),
    "application.decide_rule": _l("核对资格条件"),
    "application.open_checklist": _l("开始资格审查"),
    "organisation.save_profile": _l("修改机构资料"),
    "organisation.add_document": _l("上传机构文件"),
    "organisation.register": _l("注册机构"),
    "organisation.set_standing": _l("登记机构资信"),
    "visit.answer_suggestion": _l("答复改进建议"),
    "closing_report.begin": _l("开始写结项报告"),
    "closing_report.save": _l("填写结项报告"),
    "assessment.self_score": _l("提交自评"),
    "assessment.count": _l("复点活动"),
    "assessment.inspect": _l("台账督察打分"),
    "assessment.present": _l("现场汇报打分"),
    "review_round.add_panelist": _l("邀请评审人"),
    "review_round.declare": _l("申报利益关系"),
    "score_sheet.submit": _l("提交评分"),
    "notice.draft": _l("起草公示"),
    "need.question": _l("提问"),
    "need.answer": _l("答复提问"),
    "need.draft": _l("起草需求"),
    "need.raise": _l("上报需求"),
    "visit.plan": _l("安排走访"),
    "rectification.issue": _l("开出整改单"),
}


def deed_words(deed: str) -> str:
    """The word on the button that did it; else what its message says; else the record's kind."""
    kind, _dot, action = deed.partition(".")
    if deed in DEEDS:
        return _(DEEDS[deed])
    life = next((life for life in lifecycle.LIVES.values() if life.kind == kind), None)
    label = next((move.label for move in life.moves if move.action == action and move.label), "") if life else ""
    if label:
        return _(label)
    if deed in messages.EVENTS:
        return _(messages.EVENTS[deed])
    return _("更新%(what)s", what=_(life.title)) if life else _("更新记录")


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
        "assessment": of_project(Assessment),
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
    for side in (_side(user), PUBLIC):
        if kind != "objection" or side != PUBLIC:
            pattern = paths.PATHS.get((kind, side))
            if pattern:
                return pattern.format(SimpleNamespace(ref=ref))
    return ""


def _side(user: User) -> str:
    if user.roles & ORG:
        return MY
    return STAFF if user.roles & INSIDE else JUDGE
