"""A project with its two lines, its organisation and its street, and a sheet that is filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import sheets, visit_scoring
from matchhub.domain.models import Project, Role, SupervisionLine, User, Visit, VisitKind, VisitStage
from matchhub.features.supervision import service
from tests import factories as make

D = Decimal
RECORD: dict[str, Any] = {
    "minutes": 90, "present": "方静，项目负责人", "materials": "9 月签到表", "observation": "旁听楼组会，主持人没有打断住户。",
    "interviewed": 4, "interview_notes": "四人都知道分摊的算法。", "highlights": "联络人能讲出每户的顾虑。",
    "problems": [{"kind": "ledger", "severity": "medium", "text": "纪要缺日期。"}], "no_tie_declared": True,
}  # fmt: skip
SUGGESTIONS = ["补写时注明补记，不要倒填。", "会前准备空白纪要纸。"]
ORDERS = [{"issue": "坡道被占", "basis": "安全条款", "requirement": "当日恢复通道", "severity": "severe"}]


@dataclass
class Scene:
    project: Project
    admin: User
    member: User
    staff: User
    approver: User
    hub: User
    backbone: User


def scene(**over: Any) -> Scene:
    """The hub and the resident coach, the section guides."""
    project = make.project(**over)
    found = Scene(
        project=project,
        admin=make.org_admin(project.organisation),
        member=make.user(Role.ORG_MEMBER, organisation=project.organisation),
        staff=make.staff(),
        approver=make.approver(),
        hub=make.user(Role.SUPERVISOR, variety="hub"),
        backbone=make.user(Role.SUPERVISOR, variety="backbone"),
    )
    make.supervision(project, found.hub)
    make.supervision(project, found.backbone)
    make.supervision(project, found.staff, SupervisionLine.GUIDANCE)
    return found


def record(**over: Any) -> dict[str, Any]:
    return {"visited_on": clock.today()} | RECORD | over


def entries(level: int = 3, **over: Any) -> dict[str, sheets.Entry]:
    """Every judged item on the same level (0 worst, 4 best), with a remark; `B6="8"` sets one."""
    found = {}
    for item in sheets.newest_rubric("B").items:
        if item.how == "observed":
            found[item.code] = sheets.Entry(visit_scoring.levels(item.maximum)[level][0], remark="现场看到的情况。")
        elif item.how == "choice":
            found[item.code] = sheets.Entry(Decimal(5))
    for code, points in over.items():
        found[code] = sheets.Entry(Decimal(points), remark="现场看到的情况。")
    return found


def planned(at: Scene, who: User | None = None, **over: Any) -> Visit:
    who = who or at.hub
    line = SupervisionLine.GUIDANCE if who is at.staff else SupervisionLine.COACHING
    wanted = {"stage": VisitStage.START, "kind": VisitKind.ON_SITE, "planned_on": clock.today(), "planned_time": "14:30",
              "place": "源园居民活动室"} | over  # fmt: skip
    return service.plan(at.staff, at.project, who, line, **wanted)


def submitted(at: Scene, who: User | None = None, level: int = 4, orders: Any = (), **over: Any) -> Visit:
    """A submitted visit; with level 4 and nothing done in the project its light is yellow or green."""
    visit = planned(at, who, **over)
    service.submit(visit.supervisor, visit, record(), entries(level), SUGGESTIONS, orders)
    return visit


def busy(at: Scene) -> None:
    """Activities that meet the plan, recorded the day after, with spending that fits."""
    for n in range(6):
        day = clock.today() - timedelta(days=8 * n + 5)
        row = at.project.plan[0 if n < 4 else 1]
        make.activity(at.project, plan_row=row, held_on=day, people=60, recorded_at=clock.utc(day + timedelta(days=1)),
                      expense_fen=4_166_66, expense_category="activity")  # fmt: skip


def posted(visit: Visit, level: int = 4, **over: Any) -> dict[str, Any]:
    """The score page as a browser sends it, complete; `over` replaces or (with None) leaves out fields."""
    data: dict[str, Any] = {
        "version": str(visit.version), "visited_on": clock.today().isoformat(), "minutes": "90", "place": "源园居民活动室",
        "present": "方静", "observation": "旁听楼组会。", "materials": "签到表", "interviewed": "4", "interview_notes": "都满意",
        "highlights": "准备充分", "problems-0-kind": "ledger", "problems-0-severity": "medium",
        "problems-0-text": "纪要缺日期", "suggestions-0-text": "补写时注明补记。", "orders-0-issue": "",
        "orders-0-severity": "light", "no_tie_declared": "y", "sure": "y",
    }  # fmt: skip
    for code, made in entries(level).items():
        data[f"line-{code}-value"] = f"{made.points:f}".removesuffix(".0")
        data[f"line-{code}-remark"] = made.remark
    return {name: value for name, value in (data | over).items() if value is not None}


def fresh(visit):
    db.session.expire_all()
    return db.session.get(Visit, visit.id)


def contested(at, **over):
    visit = submitted(at, **over)
    service.contest(at.admin, visit, "B8 只问了两个人，代表性不够。")
    return visit
