"""Supervision visits and rectification of the story."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.demo.stage import Line, NotYet, Stage, deed, one
from matchhub.domain import reference, supervising, visit_scoring
from matchhub.domain.models import (
    Rectification,
    RectificationState,
    SupervisionLine,
    Visit,
    VisitKind,
    VisitStage,
)
from matchhub.domain.scoring.bands import Light
from matchhub.domain.sheets import Entry, newest_rubric
from matchhub.features.supervision import recording
from matchhub.features.supervision import service as supervision


def _visit(stage: Stage, key: str) -> Visit:
    if key not in stage.visits:
        raise NotYet(f"no visit {key}")
    return db.session.get_one(Visit, stage.visits[key])


def _need_key(key: str) -> str:
    return key.partition("#")[0]


@deed("plan_visit")
def plan_visit(stage: Stage, line: Line) -> None:
    key = _need_key(line.subject)
    actor = stage.user(line.actor)
    places = stage.need_rows[key]["communities"].split(";")
    visit = supervision.plan(
        actor, stage.project(key), actor, SupervisionLine(line.details["line"]), VisitStage(line.details["stage"]),
        VisitKind(line.details["kind"]), line.today + timedelta(days=int(line.details["on"])), "14:00",
        f"{reference.codes('community')[places[0]].zh}居民活动室",
    )  # fmt: skip
    stage.visits[line.subject] = visit.id


@deed("cancel_visit")
def cancel_visit(stage: Stage, line: Line) -> None:
    supervision.cancel(stage.user(line.actor), _visit(stage, line.subject), line.details["reason"])


@deed("visit")
def visit(stage: Stage, line: Line) -> None:
    row = _visit(stage, line.subject)
    key = _need_key(line.subject)
    number = int(line.subject.partition("#")[2])
    text = one(stage.texts["observations"].get(key), number)
    problem = {"kind": "ledger", "severity": text.get("severity") or "light", "text": text.get("problem", "")}
    record = {
        "visited_on": clock.today(),
        "minutes": 60 + number * 10,
        "place": row.place,
        "present": "机构负责人和两名专职人员",
        "materials": "方案、签到表、活动记录、月报",
        "observation": text["observation"],
        "interviewed": 3 + number,
        "interview_notes": "受访居民能说出活动内容，希望继续。",
        "highlights": text["highlight"],
        "problems": [problem] if problem["text"] else [],
        "no_tie_declared": True,
    }
    entries = stage.entries(newest_rubric("B"), float(line.details["level"]), line.subject)
    red = _is_red(row, entries)
    orders = _orders(stage, line, red)
    supervision.submit(stage.user(line.actor), row, record, entries, [text["suggestion"]], orders)
    if red and "orders" not in line.details:
        owner = f"org_{_owner(stage, key)}"
        stage.answer_later(1, owner, "acknowledge", line.subject)
        stage.answer_later(4, owner, "reply", line.subject)
        stage.answer_later(6, line.actor, "verify", line.subject, "do=close")


def _owner(stage: Stage, need_key: str) -> str:
    return next(
        org for (need, org), row in stage.application_rows.items() if need == need_key and row["outcome"] == "awarded"
    )


def _is_red(visit: Visit, entries: dict[str, Entry]) -> bool:
    """Computed items depend on the day of playing, so a weak project may turn red without the story saying so."""
    sheet = recording.preview(newest_rubric("B"), entries | visit_scoring.entries(visit))
    return sheet.total is not None and visit_scoring.light(sheet.total) is Light.red


def _orders(stage: Stage, line: Line, red: bool) -> list[dict[str, str]]:
    if "orders" not in line.details and not red:
        return []
    first = int(line.details.get("orders", "0"))
    return [
        {name: stage.rectifications[number][name] for name in ("issue", "basis", "requirement", "severity")}
        for number in (first, first + 1)
    ]


@deed("confirm_visit")
def confirm_visit(stage: Stage, line: Line) -> None:
    supervision.confirm(stage.user(line.actor), _visit(stage, line.subject))


@deed("contest_visit")
def contest_visit(stage: Stage, line: Line) -> None:
    supervision.contest(stage.user(line.actor), _visit(stage, line.subject), line.details["reason"])


@deed("settle_visit")
def settle_visit(stage: Stage, line: Line) -> None:
    """Correct the named item to half a point below its maximum."""
    row = _visit(stage, line.subject)
    sheet = supervising.sheet_of(row)
    assert sheet is not None
    item = next(item for item in sheet.rubric.items if item.code == line.details["correct"])
    points = Decimal(item.maximum) - Decimal("0.5")
    supervision.settle(stage.user(line.actor), row, line.details["answer"], {item.code: Entry(points)})


@deed("answer_suggestions")
def answer_suggestions(stage: Stage, line: Line) -> None:
    for suggestion in _visit(stage, line.subject).suggestions:
        supervision.answer_suggestion(
            stage.user(line.actor), suggestion, "已采纳，从下一场活动起照做，并写进当月月报。"
        )


# --- rectification ----------------------------------------------------------------------------------------------------


def _order(stage: Stage, key: str) -> Rectification:
    """The order of a visit (`need#n`), or the open one of a project (`need`)."""
    found = sa.select(Rectification)
    if "#" in key:
        found = found.where(Rectification.visit_id == stage.visits[key])
    else:
        project = stage.project(key)
        found = found.where(Rectification.project_id == project.id, Rectification.state != RectificationState.CLOSED)
    order = db.session.scalars(found.order_by(Rectification.id)).first()
    if order is None:
        raise NotYet(f"no rectification of {key}")
    return order


@deed("acknowledge")
def acknowledge(stage: Stage, line: Line) -> None:
    supervision.acknowledge(stage.user(line.actor), _order(stage, line.subject))


@deed("reply")
def reply(stage: Stage, line: Line) -> None:
    order = _order(stage, line.subject)
    replies = ["已按要求整改，补充了缺失资料并完善登记办法。" for _item in order.items]
    supervision.reply(stage.user(line.actor), order, replies, [stage.picture("sign_in", order.id)])


@deed("verify")
def verify(stage: Stage, line: Line) -> None:
    order, action = _order(stage, line.subject), line.details["do"]
    results = [("fixed", "已核对原件。") for _item in order.items]
    if action == "reissue":
        results[0] = ("partly", "仍有两次活动没有补齐，请继续。")
    supervision.verify(stage.user(line.actor), order, results, action)


@deed("escalate")
def escalate(stage: Stage, line: Line) -> None:
    supervision.escalate(stage.user(line.actor), _order(stage, line.subject))
