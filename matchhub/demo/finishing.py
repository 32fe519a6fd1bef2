"""Closing and assessment of the story."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.demo.stage import Line, NotYet, Stage, deed, dice
from matchhub.domain import sheets
from matchhub.domain.models import ClosingReport, Project, SubjectKind
from matchhub.domain.sheets import newest_rubric
from matchhub.features.closing import service as closing

CARD = {
    "card_practice": "card_practice",
    "card_conditions": "card_conditions",
    "card_steps": "card_steps",
    "card_pitfalls": "card_pitfalls",
    "card_copying": "card_replicable",
}


def _report(stage: Stage, key: str) -> ClosingReport:
    project = stage.project(key)
    report = db.session.scalars(sa.select(ClosingReport).where(ClosingReport.project_id == project.id)).one_or_none()
    if report is None:
        raise NotYet(f"no closing report of {key}")
    return report


@deed("closing_report")
def closing_report(stage: Stage, line: Line) -> None:
    """Fill the closing report in and submit it; `draft=1` leaves it half done."""
    actor, report = stage.user(line.actor), _report(stage, line.subject)
    text = stage.texts["closing_texts"][line.subject][0]
    if "draft" in line.details:
        closing.save_report(actor, report, {"outcomes": text["after"], "method": text["method"]})
        return
    chance = dice("closing", line.subject)
    valid = chance.randint(38, 90)
    values: dict[str, Any] = {
        "outcomes": f"实施前：{text['before']}。\n\n实施后：{text['after']}。",
        "method": text["method"],
        "satisfaction_valid": valid,
        "satisfaction_satisfied": round(valid * chance.uniform(0.9, 0.98)),
        "satisfaction_sampling": "按参加名单每隔五人抽一人，电话和上门各一半，由居委会志愿者询问。",
        "balance_handling": "无结余；最后一期按实际支出结算。",
        "teams": "留下一支由参加者组成的自治小队，由居委会联系。",
        "resources": "社区单位提供场地和部分物资。",
        "shortcomings": "雨天和节假日到场人数下降，今后把场次错开，并增加楼道里的小场。",
        "handover": "档案、联系名单和操作手册已交居委会。",
        "goals": [_goal(goal) for goal in report.goals],
        "account": _account(report.project, report.account),
    } | {name: text[column] for name, column in CARD.items()}
    closing.save_report(actor, report, values, audit=[stage.picture("certificate", report.id)])
    closing.submit_report(actor, report)


def _goal(goal: dict[str, Any]) -> dict[str, str]:
    return {"actual": str(goal.get("target", "")), "explanation": "按计划完成，原始记录见台账。"}


def _account(project: Project, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"spent_fen": row["spent_fen"] or row.get("budget_fen", 0), "explanation": "按凭证列支，差额为取整。"}
        for row in rows
    ]


@deed("accept_closing")
def accept_closing(stage: Stage, line: Line) -> None:
    closing.accept_report(stage.user(line.actor), _report(stage, line.subject), "资料齐全，转入台账督察和现场汇报。")


@deed("return_closing")
def return_closing(stage: Stage, line: Line) -> None:
    closing.return_report(stage.user(line.actor), _report(stage, line.subject), line.details["reason"])


@deed("self_score")
def self_score(stage: Stage, line: Line) -> None:
    entries = stage.entries(newest_rubric("C2"), float(line.details["level"]), line.subject, "self")
    closing.self_score(stage.user(line.actor), stage.assessment(line.subject), entries, "如实自评，欢迎核对。")


@deed("assign_inspector")
def assign_inspector(stage: Stage, line: Line) -> None:
    closing.assign_inspector(stage.user(line.actor), stage.assessment(line.subject), stage.user(line.details["user"]))


@deed("draw")
def draw(stage: Stage, line: Line) -> None:
    closing.draw_sample(stage.user(line.actor), stage.assessment(line.subject))


@deed("inspect")
def inspect(stage: Stage, line: Line) -> None:
    """Recount every drawn activity, most of them right, and score the ledger."""
    actor, assessment = stage.user(line.actor), stage.assessment(line.subject)
    level = float(line.details["level"])
    counted = {}
    for row in assessment.sample:
        off = 0 if dice(line.subject, row.position).random() < level else -1
        counted[row.id] = closing.Count(max(0, row.claimed_people + off), True, "核对签到表原件。")
    closing.count_sample(actor, assessment, counted)
    entries = stage.entries(newest_rubric("C1"), level, line.subject, "ledger")
    closing.inspect(actor, assessment, entries, "台账按活动归档，签到与人次基本一致。")


@deed("presentation")
def presentation(stage: Stage, line: Line) -> None:
    judges = [stage.user(key) for key in line.details["judges"].split("|")]
    on = line.today + timedelta(days=int(line.details["on"]))
    place = "街道社会组织服务中心三楼"
    closing.set_presentation(stage.user(line.actor), stage.assessment(line.subject), on, place, judges)


@deed("present")
def present(stage: Stage, line: Line) -> None:
    entries = stage.entries(newest_rubric("C2"), float(line.details["level"]), line.subject, line.actor)
    closing.present(stage.user(line.actor), stage.assessment(line.subject), entries, "汇报有数据、有案例，反思具体。")


@deed("compute")
def compute(stage: Stage, line: Line) -> None:
    actor, assessment = stage.user(line.actor), stage.assessment(line.subject)
    if "extra" in line.details:
        evidence = "自治小队结项后继续活动，居委会已出具说明。"
        extra = {"kind": line.details["extra"], "points": Decimal(2), "evidence": evidence}
        closing.set_extras(actor, assessment, [extra])
    closing.compute(actor, assessment)


@deed("rescore")
def rescore(stage: Stage, line: Line) -> None:
    """After an upheld objection: the sheet of the ledger inspection is set aside, to be scored anew."""
    assessment = stage.assessment(line.subject)
    sheet = sheets.submitted(SubjectKind.LEDGER_INSPECTION, assessment.id)[-1]
    closing.rescore(stage.user(line.actor), assessment, sheet, line.details["reason"])


@deed("review_assessment")
def review_assessment(stage: Stage, line: Line) -> None:
    closing.review(stage.user(line.actor), stage.assessment(line.subject))


@deed("reopen_assessment")
def reopen_assessment(stage: Stage, line: Line) -> None:
    closing.reopen(stage.user(line.actor), stage.assessment(line.subject), line.details["reason"])


@deed("announce")
def announce(stage: Stage, line: Line) -> None:
    notice = closing.draft_notice(stage.user(line.actor), stage.assessment(line.subject))
    stage.notices[f"assessment:{line.subject}"] = notice.id
