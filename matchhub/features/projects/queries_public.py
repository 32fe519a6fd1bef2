"""The public pages of projects: nothing provisional, nothing personal, and few statements for one project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import Missing
from matchhub.core.together import together
from matchhub.domain import coding, measuring, policy
from matchhub.domain.models import (
    Activity,
    Assessment,
    AssessmentState,
    Attachment,
    ClosingReport,
    Need,
    Notice,
    NoticeKind,
    Organisation,
    PlanRow,
    Project,
    ProjectPartner,
    ProjectState,
    Report,
    ReportState,
    ReviewRound,
    User,
    need_code,
)
from matchhub.features.projects.queries import having_projects

Filters = Mapping[str, Sequence[str]]


def listed(user: User | None, filters: Filters, query: str) -> Any:
    """The projects that a list shows, newest first."""
    return (
        sa.select(Project)
        .join(Need, Need.id == Project.need_id)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(policy.visible(user, Project), *clauses(filters, query).values())
        .options(contains_eager(Project.need), contains_eager(Project.organisation))
        .order_by(Project.created_at.desc(), Project.id.desc())
    )


def clauses(filters: Filters, query: str = "") -> dict[str, Any]:
    """One WHERE clause for each filter that is set."""
    found: dict[str, Any] = {}
    if states := filters.get("state"):
        found["state"] = Project.state.in_([ProjectState(code) for code in states])
    for kind in ("field", "community"):
        if codes := filters.get(kind):
            found[kind] = _has_code(kind, codes)
    if organisations := filters.get("org"):
        found["org"] = Organisation.ref.in_(organisations)
    if years := filters.get("year"):
        found["year"] = sa.or_(*(began_in(int(year)) for year in years))
    if sources := filters.get("funding"):
        found["funding"] = Project.need_id.in_(sa.select(Need.id).where(Need.funding.in_(sources)))
    if filters.get("agreed"):
        found["agreed"] = measuring.AGREED
    if query:
        found["q"] = sa.or_(Project.title.icontains(query, autoescape=True), Project.ref == query.upper())
    return found


def _has_code(kind: str, codes: Sequence[str]) -> Any:
    return Project.need_id.in_(
        sa.select(need_code.c.need_id).where(need_code.c.kind == kind, need_code.c.code.in_(codes))
    )


def began_in(year: int) -> Any:
    """The year of a project is that of its reference, in which it was awarded."""
    return Project.created_at.between(clock.utc(date(year, 1, 1)), clock.utc(date(year + 1, 1, 1)))


def counts(user: User | None, filters: Filters, query: str) -> dict[str, dict[str, int]]:
    """For states, fields and communities how many projects each option would show beside the other filters."""
    return counts_and_codes(user, filters, query, ())[0]


def counts_and_codes(
    user: User | None, filters: Filters, query: str, need_ids: Sequence[int]
) -> tuple[dict[str, dict[str, int]], coding.Codes]:
    """The counts, and the codes of the needs that a page of the list names: one statement."""
    columns = {"state": Project.state, "field": need_code.c.code, "community": need_code.c.code}
    *counted, codes = together(
        *(_count_by(user, filters, query, name, column) for name, column in columns.items()),
        coding.asked_for(Need, need_ids),
    )
    found = {name: {str(row[0]): row[1] for row in rows} for name, rows in zip(columns, counted, strict=True)}
    return found, coding.grouped(need_ids, codes)


def _count_by(user: User | None, filters: Filters, query: str, name: str, column: Any) -> sa.Select[Any]:
    others = [clause for key, clause in clauses(filters, query).items() if key != name]
    found = (
        sa.select(column, sa.func.count(sa.distinct(Project.id)).label("n"))
        .select_from(Project)
        .join(Organisation, Organisation.id == Project.organisation_id)
        .where(policy.visible(user, Project), *others)
        .group_by(column)
    )
    if name != "state":
        found = found.join(need_code, sa.and_(need_code.c.need_id == Project.need_id, need_code.c.kind == name))
    return found


def organisations_and_years() -> tuple[dict[str, str], list[int]]:
    """Who carries projects (reference and name, by name), and the years in which they began, newest first."""
    organisations, first = together(having_projects(), sa.select(sa.func.min(Project.created_at).label("first")))
    began = first[0].first
    years = range(clock.today().year, clock.local(began).year - 1, -1) if began else ()
    return {row.ref: row.name for row in sorted(organisations, key=lambda row: row.name)}, list(years)


# ---- one project ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """Plan against fact in the numbers that everybody may read."""

    rows: tuple[tuple[str, int, int], ...]  # name, planned sessions, held
    sessions: int
    people: int

    @property
    def planned(self) -> int:
        return sum(row[1] for row in self.rows)

    @property
    def done(self) -> int:
        return sum(row[2] for row in self.rows)


@dataclass(frozen=True, slots=True)
class Public:
    """All that the public page of a project shows."""

    project: Project
    assessment: Assessment | None
    closing: ClosingReport | None
    reviewed_at: Any
    codes: dict[str, list[str]]
    progress: Progress
    partners: list[Any]  # name, work, share and the reference of the organisation, of each partner
    reports: list[Any]  # month, figures and replied_at of each accepted report
    notices: list[Notice]
    files: list[Attachment]

    @property
    def award_notice(self) -> Notice | None:
        return next((notice for notice in self.notices if notice.kind is NoticeKind.AWARD), None)


def shown(user: User | None, ref: str) -> Public:
    """One project for everybody. Raises Missing when there is none with this reference."""
    counting = sa.and_(Activity.project_id == Project.id, Activity.struck_at.is_(None))
    found = (
        sa.select(
            Project,
            Assessment,
            ClosingReport,
            ReviewRound.decided_at,
            sa.select(sa.func.count()).select_from(Activity).where(counting).scalar_subquery(),
            sa.select(sa.func.coalesce(sa.func.sum(Activity.people), 0)).where(counting).scalar_subquery(),
        )
        .outerjoin(Assessment, sa.and_(Assessment.project_id == Project.id, Assessment.state == AssessmentState.FINAL))
        .outerjoin(ClosingReport, ClosingReport.project_id == Project.id)
        .outerjoin(ReviewRound, ReviewRound.need_id == Project.need_id)
        .where(Project.ref == ref, policy.visible(user, Project))
        .options(joinedload(Project.need), joinedload(Project.organisation))
    )
    row = db.session.execute(found).unique().first()
    if row is None:
        raise Missing(ref)
    project, assessment, closing, reviewed_at, sessions, people = row
    plan, partners, reports, codes = together(
        _plan(project), _partners(project), _accepted(project), coding.asked_for(Need, [project.need_id])
    )
    progress = tuple((row.name, row.times, row.held) for row in sorted(plan, key=lambda row: row.seq))
    return Public(
        project=project,
        assessment=assessment,
        # The report itself is not public; its experience card is, once the grade stands.
        closing=closing if assessment is not None else None,
        reviewed_at=reviewed_at,
        codes=coding.grouped([project.need_id], codes)[project.need_id],
        progress=Progress(progress, sessions, people),
        partners=sorted(partners, key=lambda row: row.seq),
        reports=sorted(reports, key=lambda row: row.month),
        notices=_notices(project),
        files=_files(project),
    )


def _plan(project: Project) -> sa.Select[Any]:
    counting = sa.and_(Activity.plan_row_id == PlanRow.id, Activity.struck_at.is_(None))
    return (
        sa.select(PlanRow.seq, PlanRow.name, PlanRow.times, sa.func.count(Activity.id).label("held"))
        .outerjoin(Activity, counting)
        .where(PlanRow.project_id == project.id)
        .group_by(PlanRow.id, PlanRow.name, PlanRow.times, PlanRow.seq)
    )


def _partners(project: Project) -> sa.Select[Any]:
    """The partners of a joint application; what each gets of the money is for the project's own pages."""
    columns = (ProjectPartner.seq, ProjectPartner.name, ProjectPartner.work, ProjectPartner.share, Organisation.ref)
    joined = sa.select(*columns).outerjoin(Organisation, Organisation.id == ProjectPartner.organisation_id)
    return joined.where(ProjectPartner.project_id == project.id)


def _accepted(project: Project) -> sa.Select[Any]:
    found = sa.select(Report.month, Report.figures, Report.replied_at)
    return found.where(Report.project_id == project.id, Report.state == ReportState.ACCEPTED)


def _about(project: Project) -> Any:
    """The notices about a project or its need that everybody may read."""
    about = sa.or_(Notice.project_id == project.id, Notice.need_id == project.need_id)
    return sa.and_(about, policy.visible(None, Notice))


def _notices(project: Project) -> list[Notice]:
    return list(db.session.scalars(sa.select(Notice).where(_about(project)).order_by(Notice.published_at)))


def _files(project: Project) -> list[Attachment]:
    """The files of the need and of the notices; files of the project itself show people and are not public."""
    of_need = sa.and_(
        Attachment.subject_kind == Need.__tablename__,
        Attachment.subject_id == project.need_id,
        Attachment.purpose == "need",
    )
    of_notice = sa.and_(
        Attachment.subject_kind == Notice.__tablename__,
        Attachment.subject_id.in_(sa.select(Notice.id).where(_about(project))),
        Attachment.purpose == "notice",
    )
    found = sa.select(Attachment).where(sa.or_(of_need, of_notice))
    return list(db.session.scalars(found.order_by(Attachment.id)))


def month_sentence_numbers(report: Any) -> tuple[date, int, int]:
    """Month, sessions and people (人次) of an accepted report, as they were frozen."""
    return report.month, int(report.figures.get("sessions", 0)), int(report.figures.get("people", 0))


def exists(ref: str) -> bool:
    return db.session.scalar(sa.select(Project.id).where(Project.ref == ref)) is not None
