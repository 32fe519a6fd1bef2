"""A founded project and the people around it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.files import Stored, save
from matchhub.domain import founding
from matchhub.domain.models import Project, Report, Role, SupervisionLine, User
from matchhub.features.projects import service
from tests import factories as make

found = command(founding.found)
PERCENTS = (50, 40, 10)
SIGNED = {
    "agreement_no": "曹街购〔2026〕18 号", "signed_on": date(2026, 9, 15), "starts_on": date(2026, 9, 1),
    "ends_on": date(2027, 2, 28), "amount_fen": 90_000_00, "percents": PERCENTS,
}  # fmt: skip


@dataclass
class Scene:
    project: Project
    staff: User
    approver: User
    boss: User
    coach: User

    def sign(self, **over: Any) -> None:
        service.sign(self.staff, self.project, **SIGNED | over)

    def name_supervisors(self) -> None:
        service.assign_supervisor(self.staff, self.project, self.staff, SupervisionLine.GUIDANCE)
        service.assign_supervisor(self.staff, self.project, self.coach, SupervisionLine.COACHING)

    def begin(self) -> None:
        self.sign()
        self.name_supervisors()
        service.start(self.staff, self.project)

    def reports(self) -> list[Report]:
        found = sa.select(Report).where(Report.project_id == self.project.id).order_by(Report.month)
        return list(db.session.scalars(found))

    def values(self, held_on: date | None = None, **over: Any) -> dict[str, Any]:
        """What an activity needs, ten days ago unless told."""
        day = held_on or clock.today() - timedelta(days=10)
        return {
            "held_on": day,
            "plan_row_id": self.project.plan[0].id,
            "place": "源园居民活动室",
            "people": 20,
            "summary": "谈了费用分摊。",
        } | over


@pytest.fixture
def scene(app: Flask) -> Scene:
    """A project that was just founded."""
    application = make.awarded()
    boss = make.org_admin(application.organisation)
    staff, coach = make.staff(), make.user(Role.SUPERVISOR, variety="hub")
    return Scene(found(application, staff), staff, make.approver(), boss, coach)


@pytest.fixture
def running(scene: Scene) -> Scene:
    """The same, started today (15 September 2026); it runs from 1 September to 28 February."""
    scene.begin()
    return scene


@pytest.fixture
def picture(app: Flask) -> Callable[..., Stored]:
    def build(name: str = "现场.jpg", colour: int = 120) -> Stored:
        return save(app.config["INSTANCE"], jpeg(colour), name, 10_000_000)

    return build


def jpeg(colour: int = 120) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (colour, 150, 140)).save(out, "JPEG")
    out.seek(0)
    return out
