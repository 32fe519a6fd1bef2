"""What waits for reviewers, supervisors, inspectors and members of a closing panel; nothing of whom they are tied to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.i18n import _, _l
from matchhub.core.standing import standing
from matchhub.domain import panels, ties
from matchhub.domain.models import (
    Application,
    Assessment,
    AssessmentState,
    Discussion,
    DiscussionVoice,
    Need,
    NeedState,
    Panelist,
    PresentationJudge,
    Project,
    ProjectState,
    Rectification,
    RectificationState,
    ReviewRound,
    RoundState,
    ScaleReading,
    ScoreSheet,
    SheetState,
    SubjectKind,
    Supervision,
    User,
    Visit,
    VisitState,
)
from matchhub.domain.paths import JUDGE
from matchhub.domain.todo.base import ME, Area, Asking, Clause, Todo, joined, path

ORGANISATION = _l("承接机构")


def _submitted(judge_id: Any, kind: SubjectKind, subject_id: Any) -> Clause:
    return sa.exists().where(
        ScoreSheet.subject_kind == kind,
        ScoreSheet.subject_id == subject_id,
        ScoreSheet.judge_id == judge_id,
        ScoreSheet.state == SheetState.SUBMITTED,
    )


def _count(kind: SubjectKind, free: Clause, *states: SheetState) -> Any:
    """How many applications of the round this person scores; with `states` those with an own sheet in one of them."""
    found = sa.select(sa.func.count()).where(
        Application.need_id == ReviewRound.need_id, Application.state.in_(panels.REVIEWED), free
    )
    if states:
        found = found.where(
            sa.exists().where(
                ScoreSheet.subject_kind == kind,
                ScoreSheet.subject_id == Application.id,
                ScoreSheet.judge_id == ME,
                ScoreSheet.state.in_(states),
            )
        )
    return found.correlate(ReviewRound).scalar_subquery()


def reviews(user: User) -> Asking:
    """Ties to declare before anything is shown, and then sheets to fill in: not begun, drafts and done."""
    return [todo for row in (yield _rounds()) for todo in _review(row)]


@standing
def _rounds() -> Any:
    free = panels.free(ties.ASKED)
    counts = [
        _count(kind, free, state).label(f"{kind.value}_{state.value}")
        for kind in (SubjectKind.APPLICATION, SubjectKind.ROADSHOW)
        for state in (SheetState.DRAFT, SheetState.SUBMITTED)
    ]
    return (
        sa.select(
            ReviewRound.ref, ReviewRound.due_at, Need.title, Need.review_mode, Panelist.declared_at,
            Panelist.assigned_at, _count( SubjectKind.APPLICATION, free).label("all_of_them"), *counts,
        )
        .join(Panelist, Panelist.round_id == ReviewRound.id)
        .join(Need, ReviewRound.need_id == Need.id)
        .where(
            Panelist.user_id == ME,
            ReviewRound.state == RoundState.SCORING,
            Need.state == NeedState.REVIEWING,
        )
    )  # fmt: skip


def _review(row: Any) -> Iterator[Todo]:
    url = path("review_round", JUDGE, row.ref)
    if row.declared_at is None:
        yield Todo(
            _l("声明利益关系"), row.title, url, _l("去声明"), row.ref, Area.REVIEW, due_at=row.due_at,
            since=row.assigned_at,
        )  # fmt: skip
        return
    kinds = panels.STAGES.get(row.review_mode, panels.STAGES["written"])
    drafts, done = (sum(getattr(row, f"{kind.value}_{state}") for kind in kinds) for state in ("draft", "submitted"))
    new = row.all_of_them * len(kinds) - drafts - done
    if new + drafts:
        stand = _("未评 %(new)s，草稿 %(drafts)s，已评 %(done)s", new=new, drafts=drafts, done=done)
        yield Todo(_l("评审打分"), joined(row.title, stand), url, _l("去打分"), row.ref, Area.REVIEW, due_at=row.due_at)


def discussions(user: User) -> Asking:
    """Applications that this person said in a discussion to score anew."""
    return [
        Todo(_l("合议后重新评分"), row.title, path("application", JUDGE, row.ref) + "/revise", _l("去评分"), row.ref,
             Area.REVIEW, since=row.recorded_at)
        for row in (yield _discussed())
    ]  # fmt: skip


@standing
def _discussed() -> Any:
    return (
        sa.select(Application.ref, Need.title, Discussion.recorded_at, ReviewRound.ref.label("round"))
        .join(Discussion, Discussion.application_id == Application.id)
        .join(Discussion.voices)
        .join(ReviewRound, Discussion.round_id == ReviewRound.id)
        .join(Need, ReviewRound.need_id == Need.id)
        .where(
            DiscussionVoice.user_id == ME,
            DiscussionVoice.changes,
            DiscussionVoice.settled_at.is_(None),
            ReviewRound.state == RoundState.DECIDING,
            panels.free(ties.ASKED),
        )
    )


def scales(user: User) -> Asking:
    """Own scales of a finished round that this person has not looked at; only while the decision is open."""
    return [
        Todo(_l("看自己的评分尺度"), row.title, "/review/scales", _l("去看"), row.ref, Area.REVIEW)
        for row in (yield _unread())
    ]


@standing
def _unread() -> Any:
    read = sa.exists().where(ScaleReading.round_id == ReviewRound.id, ScaleReading.user_id == ME)
    kinds = (SubjectKind.APPLICATION, SubjectKind.ROADSHOW)
    scored = (
        sa.exists()
        .where(ScoreSheet.judge_id == ME, ScoreSheet.state == SheetState.SUBMITTED,
               ScoreSheet.subject_kind.in_(kinds), ScoreSheet.subject_id == Application.id,
               Application.need_id == ReviewRound.need_id)
        .correlate(ReviewRound)
    )  # fmt: skip
    return (
        sa.select(ReviewRound.ref, Need.title)
        .join(Panelist, Panelist.round_id == ReviewRound.id)
        .join(Need, ReviewRound.need_id == Need.id)
        .where(
            Panelist.user_id == ME,
            Panelist.declared_at.is_not(None),
            ReviewRound.state.in_((RoundState.DECIDING, RoundState.PROPOSED)),
            sa.not_(read),
            scored,
        )
    )


def visits(user: User) -> Asking:
    """Visits that are planned, records to finish, and records that wait for their confirmation."""
    return [todo for row in (yield _open_visits()) for todo in _visit(row)]


@standing
def _open_visits() -> Any:
    return (
        sa.select(
            Visit.ref, Visit.state, Visit.planned_on, Visit.planned_time, Visit.place, Visit.confirm_due_at,
            Project.title,
        )
        .join(Project, Visit.project_id == Project.id)
        .where(
            Visit.supervisor_id == ME,
            Visit.state.in_((VisitState.PLANNED, VisitState.SUBMITTED)),
            Project.state.in_((ProjectState.ACTIVE, ProjectState.PAUSED, ProjectState.CLOSING)),
            ties.free_projects(ties.ASKED),
        )
    )  # fmt: skip


def _visit(row: Any) -> Iterator[Todo]:
    url = path("visit", JUDGE, row.ref)
    if row.state is VisitState.SUBMITTED:
        if row.confirm_due_at and row.confirm_due_at > clock.now():
            yield Todo(
                _l("确认督导记录"), row.title, url, _l("去查看"), row.ref, Area.SUPERVISE, due_at=row.confirm_due_at,
                waits_for=ORGANISATION,
            )  # fmt: skip
        return
    kind, verb = (_l("督导走访"), _l("去走访"))
    if row.planned_on < clock.today():
        kind, verb = _l("补齐督导记录"), _l("去填写")
    title = joined(row.title, row.planned_time, row.place)
    yield Todo(kind, title, url, verb, row.ref, Area.SUPERVISE, due_on=row.planned_on)


def rectifications(user: User) -> Asking:
    """Answers to verify, and orders whose day has passed without one."""
    return [_rectification(row) for row in (yield _open_orders())]


@standing
def _open_orders() -> Any:
    mine = sa.select(Supervision.project_id).where(Supervision.user_id == ME)
    return (
        sa.select(
            Rectification.ref, Rectification.state, Rectification.due_on, Rectification.reported_at, Project.title
        )
        .join(Project, Rectification.project_id == Project.id)
        .where(
            Rectification.project_id.in_(mine),
            Rectification.state != RectificationState.CLOSED,
            ties.free_projects(ties.ASKED),
        )
    )


def _rectification(row: Any) -> Todo:
    url = path("rectification", JUDGE, row.ref)
    if row.state is RectificationState.REPORTED:
        return Todo(_l("核验整改"), row.title, url, _l("去核验"), row.ref, Area.SUPERVISE, since=row.reported_at)
    if row.state is not RectificationState.ESCALATED and row.due_on < clock.today():
        return Todo(_l("上报逾期整改"), row.title, url, _l("去处理"), row.ref, Area.SUPERVISE, due_on=row.due_on)
    return Todo(
        _l("回复整改"), row.title, url, _l("去查看"), row.ref, Area.SUPERVISE, due_on=row.due_on, waits_for=ORGANISATION
    )


def closings(user: User) -> Asking:
    """Ledgers to inspect (C1) and presentations to score (C2)."""
    return [todo for row in (yield _collecting()) for todo in _closing(row, user)]


@standing
def _collecting() -> Any:
    on_panel = sa.exists().where(PresentationJudge.assessment_id == Assessment.id, PresentationJudge.user_id == ME)
    return (
        sa.select(
            Assessment.ref, Assessment.inspector_id, Assessment.presentation_on, Project.title,
            on_panel.label("on_panel"), _submitted(ME, SubjectKind.LEDGER_INSPECTION, Assessment.id).label("inspected"),
            _submitted(ME, SubjectKind.PRESENTATION, Assessment.id).label("scored"),
        )
        .join(Project, Assessment.project_id == Project.id)
        .where(
            Assessment.state == AssessmentState.COLLECTING,
            sa.or_(Assessment.inspector_id == ME, on_panel),
            ties.free_projects(ties.ASKED),
        )
    )  # fmt: skip


def _closing(row: Any, user: User) -> Iterator[Todo]:
    url = path("assessment", JUDGE, row.ref)
    if row.inspector_id == user.id and not row.inspected:
        yield Todo(_l("台账督察"), row.title, url, _l("去督察"), row.ref, Area.ASSESS, due_on=row.presentation_on)
    if row.on_panel and not row.scored:
        yield Todo(_l("现场汇报打分"), row.title, url, _l("去打分"), row.ref, Area.ASSESS, due_on=row.presentation_on)
