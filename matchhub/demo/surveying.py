"""What residents of the story think of the projects."""

from __future__ import annotations

from random import Random

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.demo.stage import Line, NotYet, Stage, deed, dice
from matchhub.domain import surveying
from matchhub.domain.models import SurveyAnswer
from matchhub.features.surveys import service

WISHES = (
    "周末再多安排一场，上班的人也能来。", "三楼以上的老人下楼不方便，最好能到楼道里来。", "通知早两天贴出来。",
    "字印大一点。", "希望老师多留一会儿，问题没问完。", "下雨天换到室内。", "多请几位懂政策的人来讲。",
)  # fmt: skip


def _marks(chance: Random, level: float) -> dict[str, int]:
    """Five marks of one person, whose mood lies around `level` of 5."""
    mood = chance.gauss(level * 5, 0.7)
    return {name: max(1, min(5, round(chance.gauss(mood, 0.4)))) for name in surveying.QUESTIONS}


@deed("survey")
def survey(stage: Stage, line: Line) -> None:
    """`phone` residents answer by the code, and the actor types in `paper` sheets; `level` is how content they are."""
    project, level = stage.project(line.subject), float(line.details["level"])
    if surveying.why_closed(project):
        raise NotYet(f"no questionnaire of {line.subject}")
    for n in range(int(line.details.get("phone", 0))):
        chance = dice("survey", line.subject, line.today, n)
        wish = chance.choice(WISHES) if n % 4 == 0 else ""
        service.answer(project, _marks(chance, level), wish, f"10.1.{project.id}.{n}")
    for n in range(int(line.details.get("paper", 0))):
        chance = dice("paper", line.subject, line.today, n)
        service.enter_paper(stage.user(line.actor), project, _marks(chance, level), "")


@deed("strike_survey")
def strike_survey(stage: Stage, line: Line) -> None:
    """The section strikes out the newest answer."""
    project = stage.project(line.subject)
    newest = sa.select(SurveyAnswer).where(SurveyAnswer.project_id == project.id).order_by(SurveyAnswer.id.desc())
    service.strike(stage.user(line.actor), db.session.scalars(newest.limit(1)).one(), line.details["reason"])
