"""Agreement, activities and monthly reports of the story."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.demo.stage import Line, NotYet, Stage, deed, dice, one
from matchhub.domain import reference
from matchhub.domain.agreeing import Terms
from matchhub.domain.models import PlanRow, Project, ProjectState, Report, ReportState, SupervisionLine
from matchhub.features.projects import service as projects


@deed("sign")
def sign(stage: Stage, line: Line) -> None:
    project = stage.project(line.subject)
    first = line.today + timedelta(days=int(line.details["starts"]))
    last = first + timedelta(days=int(line.details["months"]) * 30)
    percents = [int(reference.setting(key)) for key in ("pay_first", "pay_middle", "pay_last")]
    number = f"曹街购〔{first.year}〕{project.id:02d} 号"
    staff, terms = stage.user(line.actor), Terms(number, first, last, project.amount_fen, percents)
    projects.prepare(staff, project, terms)
    projects.sign(staff, project, number, clock.today(), first, last, project.amount_fen, percents)


@deed("assign")
def assign(stage: Stage, line: Line) -> None:
    supervisor = stage.user(line.details["user"])
    projects.assign_supervisor(
        stage.user(line.actor), stage.project(line.subject), supervisor, SupervisionLine(line.details["line"])
    )


@deed("start_project")
def start_project(stage: Stage, line: Line) -> None:
    projects.start(stage.user(line.actor), stage.project(line.subject))


@deed("pay")
def pay(stage: Stage, line: Line) -> None:
    projects.pay(stage.user(line.actor), stage.project(line.subject), int(line.details["seq"]), clock.today())


@deed("pause")
def pause(stage: Stage, line: Line) -> None:
    projects.pause(stage.user(line.actor), stage.project(line.subject), line.details["reason"])


@deed("resume")
def resume(stage: Stage, line: Line) -> None:
    projects.resume(stage.user(line.actor), stage.project(line.subject))


@deed("terminate")
def terminate(stage: Stage, line: Line) -> None:
    projects.terminate(stage.user(line.actor), stage.project(line.subject), line.details["reason"])


@deed("close_up")
def close_up(stage: Stage, line: Line) -> None:
    projects.close_up(stage.user(line.actor), stage.project(line.subject))


@deed("finish_project")
def finish_project(stage: Stage, line: Line) -> None:
    projects.finish(stage.user(line.actor), stage.project(line.subject))


# --- activities -------------------------------------------------------------------------------------------------------


@deed("record")
def record(stage: Stage, line: Line) -> None:
    project = stage.project(line.subject)
    if project.state is ProjectState.PAUSED:
        raise NotYet
    row = next(row for row in project.plan if row.seq == int(line.details["row"]))
    number = int(line.details["text"])
    held_on = line.today + timedelta(days=int(line.details["held"]))
    if _reported(project, held_on):
        return  # by the calendar of this playing its month has been reported already
    values = _activity(stage, line.subject, project, row, number, held_on, float(line.details["people"]))
    photos = [stage.picture("scene", project.id + number)]
    projects.record_activity(stage.user(line.actor), project, values, photos, stage.picture("sign_in", number))


def _reported(project: Project, held_on: date) -> bool:
    state = db.session.scalar(
        sa.select(Report.state).where(Report.project_id == project.id, Report.month == held_on.replace(day=1))
    )
    return state not in (None, ReportState.AWAITED, ReportState.RETURNED)


def _activity(
    stage: Stage, key: str, project: Project, row: PlanRow, number: int, held_on: date, share: float
) -> dict[str, Any]:
    same = [text for text in stage.texts["activity_texts"].get(key, []) if text["form"] == row.form]
    chance = dice(key, row.seq, number)
    people = max(1, round(row.people_each * share))
    places = [reference.codes("community")[code].zh for code in stage.need_rows[key]["communities"].split(";")]
    sessions = sum(one_row.times for one_row in project.plan)
    spending = _running_cost(project) // max(1, sessions)
    return {
        "plan_row_id": row.id,
        "held_on": held_on,
        "name": row.name,
        "form": row.form,
        "place": f"{places[number % len(places)]}居民活动室",
        "people": people,
        "new_people": min(people, chance.randint(0, max(1, people // 4))),
        "volunteers": chance.randint(1, 5),
        "volunteer_hours": chance.randint(2, 10),
        "summary": one(same or stage.texts["activity_texts"].get(key), number).get("summary", row.expected),
        "feedback": chance.choice(["居民希望时间固定下来。", "有人问下次能不能早点通知。", "大家说讲得明白。", ""]),
        "expense_fen": spending - spending % 100,
        "expense_category": "activity" if _budget(project, "activity") else "materials",
    }


def _budget(project: Project, *categories: str) -> int:
    return sum(
        line["amount_fen"] for line in project.budget if line["category"] in categories and line["source"] == "applied"
    )


FIXED = ("personnel", "management", "tax", "expert", "evaluation", "publicity", "transport")


def _running_cost(project: Project) -> int:
    """What activities themselves cost: everything that is not entered with the monthly report."""
    return _budget(project, "activity", "materials")


# --- monthly reports --------------------------------------------------------------------------------------------------


def _reports(stage: Stage, key: str, *states: ReportState) -> list[Report]:
    """The reports of months that are over, oldest first; none before the project was founded.

    The story's calendar lines are written once for any day of playing, so some of them come before their project.
    """
    project = stage.founded(key)
    if project is None:
        return []
    this_month = clock.today().replace(day=1)
    found = sa.select(Report).where(Report.project_id == project.id, Report.state.in_(states)).order_by(Report.month)
    ended = project.ends_on is not None and project.ends_on <= clock.today()
    return [row for row in db.session.scalars(found) if row.month < this_month or (ended and row.month == this_month)]


def _submit(stage: Stage, line: Line, report: Report) -> None:
    project = report.project
    text = one(stage.texts["report_texts"].get(line.subject), report.month.month)
    months = max(1, (project.ends_on - project.starts_on).days // 30) if project.ends_on and project.starts_on else 1
    held = [a for a in project.activities if a.held_on.replace(day=1) == report.month]
    values = {
        "summary": f"本月按计划开展{len(held)}场活动，服务居民，进展平稳。"
        if held
        else "本月以入户沟通和资料整理为主。",
        "no_activity_reason": "" if held else "本月处于准备阶段，集中入户沟通，没有组织集中活动。",
        "problems": text.get("problem", "暂无突出困难。"),
        "next_month": text.get("next_step", "按计划继续推进。"),
        "feedback": "居民反映服务及时。",
        "suggestions_done": "上次建议已逐条落实。",
        "other": {name: _budget(project, name) // months for name in FIXED if _budget(project, name)},
    }
    projects.submit_report(stage.user(line.actor), report, values)


@deed("report")
def report(stage: Stage, line: Line) -> None:
    for found in _reports(stage, line.subject, ReportState.AWAITED, ReportState.RETURNED):
        _submit(stage, line, found)


@deed("accept_report")
def accept_report(stage: Stage, line: Line) -> None:
    for found in _reports(stage, line.subject, ReportState.SUBMITTED):
        projects.accept_report(stage.user(line.actor), found, "进度符合计划，请继续保持。")


@deed("return_report")
def return_report(stage: Stage, line: Line) -> None:
    for found in _reports(stage, line.subject, ReportState.SUBMITTED):
        projects.return_report(stage.user(line.actor), found, line.details["reason"])


@deed("exempt_report")
def exempt_report(stage: Stage, line: Line) -> None:
    for found in _reports(stage, line.subject, ReportState.AWAITED):
        projects.exempt_report(stage.user(line.actor), found, line.details["reason"])
