"""Intake review of the story."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.demo.stage import Line, NotYet, Stage, deed, dice
from matchhub.domain import intake, panels
from matchhub.domain.models import Application, ReviewRound, SubjectKind, User
from matchhub.domain.sheets import Entry
from matchhub.features.reviews import judging, signing
from matchhub.features.reviews import service as reviews


def _round(stage: Stage, need_key: str) -> ReviewRound:
    found = sa.select(ReviewRound).where(ReviewRound.need_id == stage.needs[need_key])
    round_ = db.session.scalars(found).one_or_none()
    if round_ is None:
        raise NotYet(f"no review of {need_key}")
    return round_


@deed("set_up_review")
def set_up_review(stage: Stage, line: Line) -> None:
    actor = stage.user(line.actor)
    round_ = reviews.set_up(actor, stage.need(line.subject), clock.now() + timedelta(days=7))
    for key in line.details["panel"].split("|"):
        reviews.add_panelist(actor, round_, stage.user(key))


@deed("open_review")
def open_review(stage: Stage, line: Line) -> None:
    """Scoring begins; for a roadshow the residents' ballots are entered as well."""
    actor, round_ = stage.user(line.actor), _round(stage, line.subject)
    reviews.open_round(actor, round_)
    if SubjectKind.ROADSHOW in panels.stages(round_.need):
        for application in panels.applications(round_):
            chance = dice("ballots", line.subject, application.organisation.uscc)
            average = Decimal(chance.randint(70, 95)) / 10
            reviews.count_ballots(actor, round_, application, chance.randint(18, 46), average)


@deed("declare")
def declare(stage: Stage, line: Line) -> None:
    found = {}
    if "tie" in line.details:
        organisation, _, kind = line.details["tie"].partition(":")
        found = {stage.organisation(organisation).id: (kind, "亲属在该机构任职，主动回避。")}
    judging.declare(stage.user(line.actor), _round(stage, line.subject), found)


# What reviewers write for the organisation, and what only for the street.
COMMENTS = (
    "总体扎实，建议按评审意见细化分工和时间表。",
    "需求抓得准，楼组一级的数据很有说服力；预算里的物资单价请再核对。",
    "方法可行，优点是居民参与早；不足是成效怎样测量写得偏简单。",
    "团队经验匹配，建议把结束以后由谁接手写清楚。",
    "活动设计贴近居民，建议减少讲座、增加协商和入户。",
    "逻辑清楚，风险预案略少，请补充冲突处置和天气变化的安排。",
)
NOTES = ("预算第三类建议财务再看一遍。", "路演时请问清志愿者从哪里来。", "与另一份申报的调研数据相近，请科室核实来源。")


def written(stage: Stage, judge: User, application: Application, level: float, kind: SubjectKind, submit: bool) -> None:
    """One judge's sheet around `level`, with a comment, and as chance has it how sure the judge is and a note."""
    round_ = panels.of_need(application.need)
    if round_ is None:
        raise NotYet(f"no review of {application.need.title}")
    rubric = judging.rubric_of(round_, kind)
    chance = dice("sheet", application.need.title, application.organisation.uscc, judge.email, kind.value)
    entries = stage.entries(
        rubric, level, application.need.title, application.organisation.uscc, judge.email, kind.value
    )
    if chance.random() < 0.3 and any(item.code == "P1" for item in rubric.items):
        entries["P1"] = Entry(Decimal("1.5"), remark="已有居民区和企业的共建意向书，能核对。")
    judging.save_sheet(
        judge, application, entries, chance.choice(COMMENTS) if kind is SubjectKind.APPLICATION else "", kind,
        private_note=chance.choice(NOTES) if chance.random() < 0.2 else "",
        confidence=chance.choice(("high", "high", "medium", "medium", "low", "")),
        spent_seconds=chance.randint(11, 38) * 60,
    )  # fmt: skip
    if submit:
        judging.submit_sheet(judge, application, kind)


def _sheets(stage: Stage, line: Line, submit: bool) -> None:
    application = stage.application(line.subject)
    for kind in panels.stages(application.need):
        written(stage, stage.user(line.actor), application, float(line.details["level"]), kind, submit)


@deed("score")
def score(stage: Stage, line: Line) -> None:
    _sheets(stage, line, submit=True)


@deed("score_draft")
def score_draft(stage: Stage, line: Line) -> None:
    _sheets(stage, line, submit=False)


@deed("finish_review")
def finish_review(stage: Stage, line: Line) -> None:
    reviews.finish(stage.user(line.actor), _round(stage, line.subject))


@deed("propose")
def propose(stage: Stage, line: Line) -> None:
    round_ = _round(stage, line.subject)
    entries = panels.applications(round_)
    chosen = stage.application(f"{line.subject}/{line.details['winner']}")
    reasons = {entry.id: _reason(stage, line.subject, entry, entry.id == chosen.id) for entry in entries}
    amount = intake.amount_fen(chosen)
    assert amount
    note = "征集期满仅一家申报，已核实服务对象确有需要，方案可行，建议立项。" if len(entries) == 1 else ""
    reviews.propose(stage.user(line.actor), round_, chosen, reasons, amount, "评审组一致同意按得分顺序拟立项。", note)


def _reason(stage: Stage, need_key: str, entry: Application, won: bool) -> str:
    for (need, organisation), row in stage.application_rows.items():
        if need == need_key and stage.organisations[organisation]["uscc"] == entry.organisation.uscc and row["reason"]:
            return row["reason"]
    return "需求分析扎实，方案与本街道实际相符，团队和预算可信。" if won else "方案有可取之处，综合得分低于拟立项机构。"


@deed("approve_proposal")
def approve_proposal(stage: Stage, line: Line) -> None:
    notice = signing.approve(stage.user(line.actor), _round(stage, line.subject))
    stage.notices[f"award:{line.subject}"] = notice.id


@deed("send_back_proposal")
def send_back_proposal(stage: Stage, line: Line) -> None:
    signing.send_back(stage.user(line.actor), _round(stage, line.subject), line.details["reason"])
