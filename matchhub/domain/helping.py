"""The green channel (绿色通道): its clock in office hours, who can be brought in, and how soon the street answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.core.workhours import OfficeHours
from matchhub.domain import reference
from matchhub.domain.models import (
    HelpOutcome,
    HelpRequest,
    HelpResource,
    HelpState,
    Project,
    ProjectState,
    Report,
    ReportState,
    Urgency,
)

# Who can ask: projects on whose behalf something can still be arranged.
ASKING = (ProjectState.PREPARING, ProjectState.ACTIVE, ProjectState.PAUSED, ProjectState.CLOSING)
OPEN = (HelpState.RAISED, HelpState.ANSWERED, HelpState.REFERRED)
# Figures for everybody rest on at least so many requests, of so many organisations: fewer would point at one of them.
LEAST_REQUESTS, LEAST_ORGANISATIONS = 5, 3
MONTHS = 12

URGENCY_WORDS: dict[Urgency, str] = {Urgency.NORMAL: _l("一般"), Urgency.URGENT: _l("紧急")}
OUTCOME_WORDS: dict[HelpOutcome, str] = {
    HelpOutcome.SOLVED: _l("解决了"),
    HelpOutcome.PARTLY: _l("解决了一部分"),
    HelpOutcome.UNSOLVED: _l("没有解决"),
}


def office_hours() -> OfficeHours:
    return OfficeHours(reference.setting("office_opens"), reference.setting("office_closes"), reference.calendar())


def answer_hours(urgency: Urgency) -> int:
    """Within how many office hours a request is to be answered."""
    return int(reference.setting("help_hours_urgent" if urgency is Urgency.URGENT else "help_hours"))


def answer_due_at(urgency: Urgency, raised_at: datetime) -> datetime:
    return office_hours().after(raised_at, answer_hours(urgency) * 60)


def minutes_words(minutes: int) -> str:
    """Office time as people say it: "3 小时 20 分钟"."""
    hours, rest = divmod(minutes, 60)
    if hours and rest:
        return _("%(hours)s 小时 %(rest)s 分钟", hours=hours, rest=rest)
    return _("%(n)s 小时", n=hours) if hours else _("%(n)s 分钟", n=rest)


def can_ask(project: Project) -> bool:
    return project.state in ASKING


def of_project(project: Project) -> list[HelpRequest]:
    """The requests of a project, newest first."""
    found = sa.select(HelpRequest).where(HelpRequest.project_id == project.id)
    return list(db.session.scalars(found.order_by(HelpRequest.id.desc())))


def of_report(report: Report) -> HelpRequest | None:
    """The request to which the tick of a monthly report led; the newest of several."""
    found = sa.select(HelpRequest).where(HelpRequest.report_id == report.id).order_by(HelpRequest.id.desc())
    return db.session.scalars(found).first()


def may_follow(report: Report) -> bool:
    """Whether a report's tick asks for a request that nobody has made yet."""
    handed_in = report.state in (ReportState.SUBMITTED, ReportState.ACCEPTED)
    return report.asks_for_help and handed_in and can_ask(report.project) and of_report(report) is None


def resources(kind: str = "") -> list[HelpResource]:
    """Entries of the directory in use, those of `kind` first."""
    first = sa.case((HelpResource.kind == kind, 0), else_=1)
    found = sa.select(HelpResource).where(HelpResource.active).order_by(first, HelpResource.kind, HelpResource.id)
    return list(db.session.scalars(found))


def resources_by_kind() -> dict[str, int]:
    """kind -> how many entries in use."""
    found = (
        sa.select(HelpResource.kind, sa.func.count().label("n")).where(HelpResource.active).group_by(HelpResource.kind)
    )
    return {row.kind: row.n for row in db.session.execute(found)}


@dataclass(frozen=True, slots=True)
class Answers:
    """How soon requests were answered. `counted` are those answered, or unanswered past their moment."""

    answered: int
    counted: int
    in_time: int
    median_minutes: int | None
    organisations: int
    outcomes: dict[HelpOutcome, int]

    @property
    def may_be_shown(self) -> bool:
        """Whether there are enough of them that the figures betray nobody."""
        return self.answered >= LEAST_REQUESTS and self.organisations >= LEAST_ORGANISATIONS

    @property
    def outcomes_may_be_shown(self) -> bool:
        return self.may_be_shown and sum(self.outcomes.values()) >= LEAST_REQUESTS


def answers(since: datetime, until: datetime) -> Answers:
    """Of the requests raised from `since` to before `until`: one statement."""
    found = (
        sa.select(
            HelpRequest.state, HelpRequest.first_answered_at, HelpRequest.answer_due_at, HelpRequest.answer_minutes,
            HelpRequest.outcome, Project.organisation_id,
        )
        .join(Project, HelpRequest.project_id == Project.id)
        .where(HelpRequest.raised_at >= since, HelpRequest.raised_at < until)
    )  # fmt: skip
    rows = list(db.session.execute(found))
    answered = [row for row in rows if row.first_answered_at is not None]
    left = [row for row in rows if row.state is HelpState.RAISED and row.answer_due_at < clock.now()]
    over = [row.outcome for row in answered if row.state in (HelpState.CONCLUDED, HelpState.CLOSED)]
    return Answers(
        answered=len(answered),
        counted=len(answered) + len(left),
        in_time=sum(row.first_answered_at <= row.answer_due_at for row in answered),
        median_minutes=_median(row.answer_minutes for row in answered),
        organisations=len({row.organisation_id for row in answered}),
        outcomes={outcome: over.count(outcome) for outcome in HelpOutcome},
    )


def _median(minutes: Iterable[int]) -> int | None:
    found = list(minutes)
    return int(median(found)) if found else None


def lately() -> Answers:
    """The last twelve months up to now: for the street."""
    return answers(_months_before(clock.today(), MONTHS), clock.now())


def published() -> Answers:
    """Twelve whole months, the present one left out, so that the figures do not move with each single answer."""
    first = clock.today().replace(day=1)
    return answers(_months_before(first, MONTHS), clock.utc(first))


def _months_before(day: date, months: int) -> datetime:
    first = day.replace(day=1)
    for _each in range(months):
        first = (first - timedelta(days=1)).replace(day=1)
    return clock.utc(first)
