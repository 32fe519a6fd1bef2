"""What an organisation's closed projects say of it: the record for item A12 and for its public page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import measuring, reference
from matchhub.domain.models import Assessment, AssessmentState, Organisation, Project, Rectification, Report
from matchhub.domain.scoring import track_record as arithmetic
from matchhub.domain.scoring.assessment import Grade
from matchhub.domain.scoring.track_record import PastProject, TrackRecord, TrackRules

T = TypeVar("T", Report, Rectification)


def rules() -> TrackRules:
    """The settings of the track record."""
    setting = reference.setting
    return TrackRules(
        years=int(setting("track_years")),
        weight_closing=setting("track_weight_closing"),
        weight_reports=setting("track_weight_reports"),
        weight_rectify=setting("track_weight_rectify"),
        shrink_below=int(setting("track_shrink_below")),
        yearly_decay=setting("track_yearly_decay"),
        neutral=setting("track_neutral"),
    )


def _finals(organisation: Organisation | None) -> list[Assessment]:
    """Final assessments, newest first: of one organisation, or of all."""
    found = (
        sa.select(Assessment)
        .join(Project)
        .where(Assessment.state == AssessmentState.FINAL, Assessment.final_at.is_not(None))
        .options(joinedload(Assessment.project).joinedload(Project.need))
        .order_by(Assessment.final_at.desc(), Assessment.id.desc())
    )
    if organisation is not None:
        found = found.where(Project.organisation_id == organisation.id)
    return list(db.session.scalars(found))


def _by_project(model: type[T], projects: Iterable[int]) -> dict[int, list[T]]:
    rows: dict[int, list[T]] = {}
    for row in db.session.scalars(sa.select(model).where(model.project_id.in_(list(projects)))):
        rows.setdefault(row.project_id, []).append(row)
    return rows


def past_projects(finals: Iterable[Assessment]) -> dict[int, PastProject]:
    """The part of each assessment in a record, by the assessment's id: three statements, however many there are."""
    listed = [row for row in finals if row.score is not None and row.final_at is not None]
    ids = [row.project_id for row in listed]
    if not ids:
        return {}
    reports, orders = _by_project(Report, ids), _by_project(Rectification, ids)
    return {row.id: _past(row, reports.get(row.project_id, []), orders.get(row.project_id, [])) for row in listed}


def _past(row: Assessment, reports: list[Report], orders: list[Rectification]) -> PastProject:
    assert row.final_at is not None and row.score is not None  # past_projects has just looked
    due, on_time = measuring.punctuality(reports, clock.today())
    known = [order.was_on_time for order in orders if order.was_on_time is not None]
    return PastProject(
        reference=row.project.ref,
        closed_on=clock.local(row.final_at).date(),
        closing_score=Decimal(row.score),
        reports_due=due,
        reports_on_time=on_time,
        rectifications_due=len(known),
        rectifications_on_time=sum(known),
    )


def track_record(organisation: Organisation) -> TrackRecord:
    """The organisation's record of 0 to 100 with its evidence, newest first; without projects `score` is None.

    The street mean, to which a short record is drawn, is taken over the organisations that have one.
    """
    grouped, mean = _grouped()
    return arithmetic.track_record(grouped.get(organisation.id, []), mean, clock.today(), rules())


def track_records() -> dict[int, TrackRecord]:
    """The record of every organisation that has one, by its id: four statements, however many there are."""
    grouped, mean = _grouped()
    today, known = clock.today(), rules()
    return {key: arithmetic.track_record(projects, mean, today, known) for key, projects in grouped.items()}


def _grouped() -> tuple[dict[int, list[PastProject]], Decimal | None]:
    """The closed projects by organisation, and the street's mean."""
    finals = _finals(None)
    parts = past_projects(finals)
    grouped: dict[int, list[PastProject]] = {}
    for row in finals:
        if row.id in parts:
            grouped.setdefault(row.project.organisation_id, []).append(parts[row.id])
    today, known = clock.today(), rules()
    own = [arithmetic.track_record(projects, None, today, known) for projects in grouped.values()]
    return grouped, arithmetic.street_mean(own)


def last_grade(organisation: Organisation) -> str:
    """The grade of the newest final assessment; empty for a newcomer."""
    finals = _finals(organisation)
    return finals[0].grade if finals else ""


def a12_points(organisation: Organisation, maximum: Decimal) -> Decimal:
    """What item A12 is prefilled with: full marks after 优秀, the neutral share for a newcomer, else by the record.

    A grade older than the years of the record gives no full marks.
    """
    found = track_record(organisation)
    full = bool(found.evidence) and last_grade(organisation) == Grade.excellent
    return arithmetic.a12_points(found, maximum, rules(), full_marks=full)


@dataclass(frozen=True, slots=True)
class Finished:
    """A closed project on the organisation's public page: the assessment, and what of reports and orders was on time."""

    assessment: Assessment
    past: PastProject


def record(organisation: Organisation) -> list[Finished]:
    """The final grades of an organisation, newest first: for its page (templates/closing/_record.html)."""
    finals = _finals(organisation)
    parts = past_projects(finals)
    return [Finished(row, parts[row.id]) for row in finals if row.id in parts]
