"""What waits around the green channel: requests to answer and to conclude, outcomes to confirm."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchhub.core.i18n import _l
from matchhub.core.standing import NOW, standing
from matchhub.domain import helping
from matchhub.domain.models import CoachingNote, HelpRequest, HelpState, Need, Project, Report, ReportState, Role, User
from matchhub.domain.paths import MY, STAFF
from matchhub.domain.todo.base import (
    MY_ORGANISATION,
    Area,
    Asking,
    Clause,
    Todo,
    has_section,
    in_sections,
    joined,
    month_words,
    path,
)

STREET, ORGANISATION, OFFICE = _l("街道"), _l("承接机构"), _l("主办科室和服务中心")
# What each state asks of the organisation: kind, verb, and for whom it waits instead.
ASKERS: dict[HelpState, tuple[str, str, str]] = {
    HelpState.RAISED: (_l("等街道答复求助"), _l("去查看"), STREET),
    HelpState.ANSWERED: (_l("街道正在办求助"), _l("去查看"), STREET),
    HelpState.REFERRED: (_l("等求助的结果"), _l("去查看"), STREET),
    HelpState.CONCLUDED: (_l("确认求助结果"), _l("去确认"), ""),
}
# The same for the street and the centre.
HELPERS: dict[HelpState, tuple[str, str, str]] = {
    HelpState.RAISED: (_l("答复求助"), _l("去答复"), ""),
    HelpState.ANSWERED: (_l("为求助对接资源或登记结果"), _l("去办理"), ""),
    HelpState.REFERRED: (_l("登记求助结果"), _l("去登记"), ""),
    HelpState.CONCLUDED: (_l("等机构确认求助结果"), _l("去查看"), ORGANISATION),
}
Tick = tuple[str, str, str]


def _requests(*wanted: Clause) -> Any:
    return (
        sa.select(
            HelpRequest.ref, HelpRequest.title, HelpRequest.state, HelpRequest.raised_at, HelpRequest.answer_due_at,
            HelpRequest.concluded_at,
        )
        .join(Project, HelpRequest.project_id == Project.id)
        .join(Need, Project.need_id == Need.id)
        .where(HelpRequest.state.in_(tuple(HELPERS)), *wanted)
    )  # fmt: skip


def _todo(row: Any, words: dict[HelpState, Tick], side: str, area: Area) -> Todo:
    kind, verb, waits_for = words[row.state]
    due_at = row.answer_due_at if row.state is HelpState.RAISED and not waits_for else None
    return Todo(kind, row.title, path("help_request", side, row.ref), verb, row.ref, area, due_at=due_at,
                since=row.concluded_at or row.raised_at, waits_for=waits_for)  # fmt: skip


def asked(user: User) -> Asking:
    """For an organisation: its requests, outcomes to confirm, and reports whose tick has led nowhere yet."""
    found = [_todo(row, ASKERS, MY, Area.MY_CHANNEL) for row in (yield _own_requests())]
    return found + [
        Todo(_l("写明求助的事情"), joined(row.title, month_words(row.month)),
             f"{path('project', MY, row.project_ref)}/channel/new?report={row.ref}", _l("去填写"), row.ref,
             Area.MY_CHANNEL, since=row.submitted_at)
        for row in (yield _ticked())
    ]  # fmt: skip


@standing
def _own_requests() -> Any:
    return _requests(Project.organisation_id == MY_ORGANISATION)


@standing
def _ticked() -> Any:
    return (
        sa.select(Report.ref, Report.month, Report.submitted_at, Project.ref.label("project_ref"), Project.title)
        .join(Project, Report.project_id == Project.id)
        .where(
            Project.organisation_id == MY_ORGANISATION, Report.asks_for_help,
            Report.state.in_((ReportState.SUBMITTED, ReportState.ACCEPTED)), Project.state.in_(helping.ASKING),
            Report.id.not_in(sa.select(HelpRequest.report_id).where(HelpRequest.report_id.is_not(None))),
        )
    )  # fmt: skip


def coached(user: User) -> Asking:
    """For an organisation: advice to which it is asked to say what it did."""
    return [
        Todo(_l("答复辅导记录"), row.topic, f"/coaching/notes/{row.ref}/reply", _l("去答复"), row.ref, Area.MY_PROJECTS,
             since=row.written_at)
        for row in (yield _unanswered_notes())
    ]  # fmt: skip


@standing
def _unanswered_notes() -> Any:
    return (
        sa.select(CoachingNote.ref, CoachingNote.topic, CoachingNote.written_at)
        .join(Project, CoachingNote.project_id == Project.id)
        .where(
            Project.organisation_id == MY_ORGANISATION, CoachingNote.wants_reply, CoachingNote.replied_at.is_(None),
            Project.state.in_(helping.ASKING),
        )
    )  # fmt: skip


def to_answer(user: User) -> Asking:
    """For the section of the project, and for the centre of all projects."""
    asked = _of_section(has_section(user) and Role.CENTRE_STAFF not in user.roles)
    return [_todo(row, HELPERS, STAFF, Area.CHANNEL) for row in (yield asked)]


@standing
def _of_section(own: bool) -> Any:
    return _requests(in_sections(own))


def overdue(user: User) -> Asking:
    """For an approver: requests that nobody has answered in time."""
    waits = "" if user.roles & {Role.STREET_STAFF, Role.CENTRE_STAFF} else OFFICE
    return [
        Todo(_l("答复求助"), row.title, path("help_request", STAFF, row.ref), _l("去答复"), row.ref, Area.CHANNEL,
             due_at=row.answer_due_at, since=row.raised_at, waits_for=waits)
        for row in (yield _late())
    ]  # fmt: skip


@standing
def _late() -> Any:
    return _requests(HelpRequest.state == HelpState.RAISED, HelpRequest.answer_due_at <= NOW)
