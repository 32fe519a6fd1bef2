"""What the pages of a closing show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matchhub.core.db import db
from matchhub.core.i18n import _
from matchhub.domain import (
    attachments,
    coding,
    evidence,
    final_account,
    lifecycle,
    past,
    policy,
    sheets,
    supervising,
    ties,
)
from matchhub.domain.models import (
    Assessment,
    AssessmentState,
    Attachment,
    ClosingReport,
    ClosingState,
    Grant,
    Organisation,
    PresentationJudge,
    Project,
    ProjectState,
    Role,
    SampledActivity,
    ScoreSheet,
    SheetState,
    SubjectKind,
    User,
)
from matchhub.domain.models import AssessmentState as S
from matchhub.domain.past import Finished


def record(organisation: Organisation) -> list[Finished]:
    """The final grades of an organisation for templates/closing/_record.html, newest first."""
    return past.record(organisation)


def listed(viewer: User, states: Sequence[str] = ()) -> sa.Select[Any]:
    """The assessments that the viewer may see, newest first."""
    found = (
        sa.select(Assessment)
        .where(policy.visible(viewer, Assessment))
        .options(
            joinedload(Assessment.project).joinedload(Project.organisation),
            joinedload(Assessment.inspector),
            selectinload(Assessment.judges),
        )
        .order_by(Assessment.id.desc())
    )
    return found.where(Assessment.state.in_(states)) if states else found


def reports_of(rows: Iterable[Assessment]) -> dict[int, ClosingReport]:
    """The closing reports of several assessments, by the project's id: one statement."""
    ids = [row.project_id for row in rows]
    return {
        r.project_id: r for r in db.session.scalars(sa.select(ClosingReport).where(ClosingReport.project_id.in_(ids)))
    }


@dataclass(frozen=True, slots=True)
class Mine:
    """A project of the organisation in or after its closing."""

    project: Project
    report: ClosingReport | None
    assessment: Assessment | None


def mine(user: User) -> list[Mine]:
    """The projects of the viewer's organisation in closing and after it, newest first."""
    states = (ProjectState.CLOSING, ProjectState.ASSESSED, ProjectState.CLOSED)
    found = (
        sa.select(Project, ClosingReport, Assessment)
        .outerjoin(ClosingReport, ClosingReport.project_id == Project.id)
        .outerjoin(Assessment, Assessment.project_id == Project.id)
        .where(Project.organisation_id == user.organisation_id, Project.state.in_(states))
        .order_by(Project.id.desc())
    )
    return [Mine(*row) for row in db.session.execute(found)]


def tasks(user: User) -> list[Assessment]:
    """The assessments in which this person inspects or judges, those that still wait first."""
    seats = sa.select(PresentationJudge.assessment_id).where(PresentationJudge.user_id == user.id)
    found = (
        sa.select(Assessment)
        .where(sa.or_(Assessment.inspector_id == user.id, Assessment.id.in_(seats)))
        .where(policy.visible(user, Assessment))
        .options(joinedload(Assessment.project).joinedload(Project.organisation), selectinload(Assessment.judges))
        .order_by(sa.case((Assessment.state == S.COLLECTING, 0), else_=1), Assessment.id.desc())
    )
    return list(db.session.scalars(found))


def own_sheets(user: User, rows: Iterable[Assessment]) -> dict[tuple[SubjectKind, int], ScoreSheet]:
    """This person's sheets on several assessments, by kind and assessment: one statement."""
    found = sa.select(ScoreSheet).where(
        ScoreSheet.subject_kind.in_((SubjectKind.LEDGER_INSPECTION, SubjectKind.PRESENTATION)),
        ScoreSheet.subject_id.in_([row.id for row in rows]),
        ScoreSheet.judge_id == user.id,
        ScoreSheet.state != SheetState.SUPERSEDED,
    )
    return {(sheet.subject_kind, sheet.subject_id): sheet for sheet in db.session.scalars(found)}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who could be named; `tied` says that recusal (回避) forbids it."""

    user: User
    tied: bool


def candidates(assessment: Assessment, roles: Collection[Role]) -> list[Candidate]:
    """Active people with one of the roles, by name, those with a tie marked: four statements."""
    carrying = assessment.project.organisations
    with_role = sa.select(Grant.user_id).where(Grant.role.in_(roles))
    people = list(db.session.scalars(sa.select(User).where(User.active, User.id.in_(with_role)).order_by(User.name)))
    people = [person for person in people if person.roles & set(roles)]
    barred = {judge_id for judge_id, _organisation in ties.between(people, carrying)}
    barred |= {row.user_id for row in ties.standing(people, carrying) if row.kind != ties.SUPERVISION}
    return [Candidate(person, person.id in barred) for person in people]


@dataclass(frozen=True, slots=True)
class Seat:
    """A member of the panel as this viewer may see it; `sheet` is None while it is hidden or not there."""

    user: User
    has_submitted: bool
    sheet: ScoreSheet | None


def panel(assessment: Assessment, viewer: User) -> list[Seat]:
    """The panel. Sheets show to a judge once the own one is in, to the street once all are in."""
    found = {sheet.judge_id: sheet for sheet in evidence.panel_sheets(assessment)}
    seated = [seat.user for seat in assessment.judges]
    is_judge = any(person.id == viewer.id for person in seated)
    shown = viewer.id in found if is_judge else bool(seated) and len(found) == len(seated)
    return [Seat(person, person.id in found, found.get(person.id) if shown else None) for person in seated]


def sample_files(rows: Iterable[SampledActivity]) -> dict[int, list[Attachment]]:
    """The evidence of the sampled activities, by activity."""
    return attachments.of_all([row.activity for row in rows])


def raised_vetoes(assessment: Assessment) -> list[tuple[str, str, str]]:
    """(code, where it was raised, the judge's reason) of vetoes that sheets raise and the street must decide on."""
    found = [
        (code, _("台账督察"), sheet.comment)
        for sheet in sheets.submitted(SubjectKind.LEDGER_INSPECTION, assessment.id)
        for code in sheet.vetoes
    ]
    for visit, sheet in evidence.scored_visits(assessment):
        found += [(code, _("督导记录 %(ref)s", ref=visit.ref), visit.observation) for code in sheet.vetoes]
    return found


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the assessment on the street's page: its name, where it stands, and the address of its next step."""

    title: str
    status: str
    tone: str
    note: str = ""
    url: str = ""


def parts(assessment: Assessment, report: ClosingReport | None, address: Any) -> list[Part]:
    """What the score waits for, in the order of the work. `address(endpoint)` gives the page of a step."""
    return [
        _report_part(assessment, report),
        _inspection_part(assessment, address),
        _self_part(assessment),
        _panel_part(assessment, address),
        _visits_part(assessment),
    ]


def _report_part(assessment: Assessment, report: ClosingReport | None) -> Part:
    title = _("结项报告")
    if assessment.absent_reason and (report is None or report.state is not ClosingState.ACCEPTED):
        return Part(title, _("不再等待"), "warn", assessment.absent_reason)
    if report is None:
        return Part(title, _("没有开始"), "muted")
    word, tone = lifecycle.look(report)
    seen = report.state is not ClosingState.DRAFT
    return Part(title, _(word), tone, url=f"/staff/closings/{report.ref}" if seen else "")


def _inspection_part(assessment: Assessment, address: Any) -> Part:
    title, sheet = _("台账督察 C1"), evidence.inspection(assessment)
    if sheet is not None:
        return Part(title, _("已打分"), "ok")
    if assessment.inspector is None:
        return Part(title, _("待指派督察人"), "warn", url=address("closing.inspector"))
    name = _("督察人：%(name)s", name=assessment.inspector.name)
    if assessment.sampled_at is None:
        return Part(title, _("待抽样"), "warn", name)
    return Part(title, _("督察中"), "info", name)


def _self_part(assessment: Assessment) -> Part:
    done = evidence.own_sheet(assessment) is not None
    if not done and assessment.absent_reason:
        return Part(_("机构自评"), _("不再等待"), "warn")
    return Part(_("机构自评"), _("已提交") if done else _("等机构提交"), "ok" if done else "muted")


def _panel_part(assessment: Assessment, address: Any) -> Part:
    title, seated = _("现场汇报 C2"), len(assessment.judges)
    if not seated or assessment.presentation_on is None:
        return Part(title, _("待安排"), "warn", url=address("closing.presentation"))
    done = len(evidence.panel_sheets(assessment))
    note = _("%(on)s，%(place)s", on=assessment.presentation_on.isoformat(), place=assessment.presentation_place)
    word = _("%(done)s / %(all)s 人已打分", done=done, all=seated)
    return Part(title, word, "ok" if done == seated else "info", note, address("closing.presentation"))


def _visits_part(assessment: Assessment) -> Part:
    missing = supervising.shortfall(assessment.project)
    count = len(supervising.counting(assessment.project))
    status = _("%(n)s 次计入", n=count)
    return Part(_("日常督导 C3"), status, "warn" if missing else "ok", missing or "")


def daily(assessment: Assessment) -> list[tuple[Any, Decimal, Decimal]]:
    """(visit, total, weight) of the visits that enter C3 now."""
    return [
        (visit, Decimal(sheet.total or 0), supervising.weight(visit.kind))
        for visit, sheet in evidence.scored_visits(assessment)
    ]


def communities(report: ClosingReport) -> list[str]:
    """The codes of the communities that the project served, as the report keeps them."""
    return list(report.facts.get("communities", []) or coding.codes_of(report.project.need).get("community", []))


def goal_rows(report: ClosingReport) -> list[dict[str, Any]]:
    """The target/actual table with the rate of each goal."""
    return [goal | {"rate": final_account.goal_rate(goal)} for goal in report.goals]


def is_told(assessment: Assessment) -> bool:
    """Whether the result may be read outside the street."""
    return assessment.state in (AssessmentState.NOTICE, AssessmentState.FINAL)


def public_card(assessment: Assessment) -> ClosingReport | None:
    """The accepted report, whose experience card is public with the grade."""
    report = final_account.report_of(assessment.project)
    return report if report is not None and report.state is ClosingState.ACCEPTED else None
