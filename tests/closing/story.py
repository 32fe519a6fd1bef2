"""A project in closing with its people, as far along as a test wants it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.files import Stored
from matchhub.domain import assessing, attachments, sheets
from matchhub.domain.models import (
    Assessment,
    ClosingReport,
    ProjectState,
    Role,
    ScoreSheet,
    SheetState,
    SubjectKind,
    SupervisionLine,
    User,
    VisitKind,
    VisitStage,
    VisitState,
)
from matchhub.features.closing import service
from tests import factories as make

AUDIT = Stored("a" * 64, "审计报告.pdf", "application/pdf", 1000)
REPORT = {
    "goals": [{"actual": "9", "explanation": "多做了一个楼组"}],
    "outcomes": "七个楼组签了分摊协议。", "method": "居委会征询记录。", "satisfaction_valid": 20,
    "satisfaction_satisfied": 19, "satisfaction_sampling": "随机电话回访。",
    "account": [{"spent_fen": 95_000_00, "explanation": "结余退回"}], "balance_handling": "结余 5000 元退回。",
    "card_practice": "先听一楼。", "card_conditions": "有联络人。", "card_steps": "入户；画清单；协商。",
    "card_pitfalls": "先开大会。", "card_copying": "六层楼。", "shortcomings": "起步慢了一个月。",
}  # fmt: skip


def points(rubric: str, share: str = "0.9", **special: str) -> dict[str, sheets.Entry]:
    """Entries of a sheet: this share of each maximum, to the half point, except what is named."""
    found = {}
    for item in sheets.newest_rubric(rubric).items:
        given = special.get(item.code)
        value = Decimal(given) if given is not None else (Decimal(item.maximum) * Decimal(share) * 2 // 1) / 2
        found[item.code] = sheets.Entry(value, remark="现场核对过。")
    return found


@dataclass
class Case:
    """Everybody and everything around one closing."""

    project: Any
    admin: User
    staff: User
    approver: User
    inspector: User
    judges: list[User]
    visits: list[Any] = field(default_factory=list)

    @property
    def report(self) -> ClosingReport:
        return db.session.query(ClosingReport).filter_by(project_id=self.project.id).one()

    @property
    def assessment(self) -> Assessment:
        return db.session.query(Assessment).filter_by(project_id=self.project.id).one()


@command
def _attach(report: ClosingReport, actor: User) -> None:
    attachments.attach(report, "audit", AUDIT, actor)


@command
def _begin(project: Any, actor: User) -> None:
    assessing.begin(project, actor)


def visit(project: Any, supervisor: User, line: SupervisionLine, stage: VisitStage, total: str, **over: Any) -> Any:
    """A confirmed visit with its sheet."""
    row = make.visit(
        VisitState.CONFIRMED, project=project, supervisor=supervisor, line=line, stage=stage,
        visited_on=over.pop("visited_on", clock.today() - timedelta(days=5)), **over,
    )  # fmt: skip
    make.add(
        ScoreSheet(
            state=SheetState.SUBMITTED, rubric=sheets.newest_rubric("B"), subject_kind=SubjectKind.VISIT,
            subject_id=row.id, judge=supervisor, total=Decimal(total), submitted_at=clock.now(), digest="b" * 64,
        )
    )  # fmt: skip
    return row


def closing(activities: int = 10, visits: bool = True) -> Case:
    """A project that has just gone into closing, with ten activities of 20 people and three confirmed visits."""
    project = make.project(ProjectState.CLOSING)
    admin = make.org_admin(project.organisation)
    case = Case(
        project, admin, make.staff(), make.approver(), make.user(Role.SUPERVISOR, variety="hub"),
        [make.user(Role.REVIEWER), make.user(Role.REVIEWER), make.user(Role.SUPERVISOR)],
    )  # fmt: skip
    for n in range(activities):
        make.activity(project, name=f"第 {n + 1} 次协商会", held_on=clock.today() - timedelta(days=30 - n), people=20)
    if visits:
        three_visits(case)
    _begin(project, admin)
    return case


def three_visits(case: Case) -> None:
    hub, backbone = make.user(Role.SUPERVISOR, variety="hub"), make.user(Role.SUPERVISOR, variety="backbone")
    guidance, coaching = SupervisionLine.GUIDANCE, SupervisionLine.COACHING
    case.visits = [
        visit(case.project, hub, guidance, VisitStage.START, "80", kind=VisitKind.ON_SITE),
        visit(case.project, backbone, coaching, VisitStage.MIDDLE, "90", kind=VisitKind.ON_SITE),
        visit(case.project, hub, coaching, VisitStage.END, "85", kind=VisitKind.ATTEND),
    ]


def reported(case: Case) -> Case:
    """The report is written and accepted."""
    service.save_report(case.admin, case.report, REPORT)
    _attach(case.report, case.admin)
    service.submit_report(case.admin, case.report)
    service.accept_report(case.staff, case.report, "写得实在。")
    return case


def sampled(case: Case) -> Case:
    service.assign_inspector(case.staff, case.assessment, case.inspector)
    service.draw_sample(case.staff, case.assessment)
    return case


def inspected(case: Case, counted: int = 19, share: str = "0.9", **more: Any) -> Case:
    rows = {row.id: service.Count(counted, True) for row in case.assessment.sample}
    service.count_sample(case.inspector, case.assessment, rows)
    service.inspect(case.inspector, case.assessment, points("C1", share), "台账清楚。", **more)
    return case


def presented(case: Case, shares: tuple[str, ...] = ("0.8", "0.9", "1")) -> Case:
    service.self_score(case.admin, case.assessment, points("C2", "0.9"))
    service.set_presentation(case.staff, case.assessment, clock.today(), "中心二楼 14:00", case.judges)
    for judge, share in zip(case.judges, shares, strict=True):
        service.present(judge, case.assessment, points("C2", share), "讲得清楚。")
    return case


def ready(**over: Any) -> Case:
    """Everything is in: only the computing is left."""
    return presented(inspected(sampled(reported(closing(**over)))))


def day(text: str) -> date:
    return date.fromisoformat(text)
