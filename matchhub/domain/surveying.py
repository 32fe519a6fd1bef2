"""The satisfaction questionnaire (满意度问卷) of a project: its questions, its link, when it is open, and what it says.

Nobody's name is asked for or kept. A percentage and means are told only from as many answers as the setting
`satisfaction_minimum_n` asks for; the number of answers always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from matchhub.core import links
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain import reference
from matchhub.domain.models import ClosingReport, ClosingState, Project, ProjectState, SurveyAnswer, SurveyChannel
from matchhub.domain.models.survey import MARKS
from matchhub.domain.scoring.numbers import percent, round_to

QUESTIONS: dict[str, str] = {
    "needed": _l("这项服务是您需要的吗？"),
    "convenient": _l("时间和地点方便吗？"),
    "manner": _l("工作人员的态度和专业怎么样？"),
    "helpful": _l("服务对您或小区有帮助吗？"),
    "again": _l("您愿意再参加，或推荐给邻居吗？"),
}
ANSWERS: dict[int, str] = {
    5: _l("非常好"), 4: _l("好"), 3: _l("一般"), 2: _l("不太好"), 1: _l("不好"),
}  # fmt: skip
CHANNELS: dict[SurveyChannel, str] = {
    SurveyChannel.PHONE: _l("手机填写"),
    SurveyChannel.PAPER: _l("纸质问卷录入"),
}
# Whoever gives 4 of 5 on average is satisfied.
SATISFIED_SUM = 4 * len(MARKS)
RUNNING = (ProjectState.ACTIVE, ProjectState.PAUSED, ProjectState.CLOSING)
HANDED_IN = (ClosingState.SUBMITTED, ClosingState.ACCEPTED)
_PURPOSE = "survey"


def token(project: Project) -> str:
    """What the QR code of a project's questionnaire holds: only who has been given it can answer."""
    return links.sign(_PURPOSE, project.ref)


def ref_of(text: str) -> str | None:
    """The project's reference in a token; None for one that is not ours."""
    return links.read(_PURPOSE, text)


def why_closed(project: Project) -> str | None:
    """Why nobody can answer now; None while the project runs and its closing report is not handed in."""
    if project.state not in RUNNING:
        return _("这个项目现在不收问卷。")
    found = sa.select(ClosingReport.state).where(ClosingReport.project_id == project.id)
    if db.session.scalar(found) in HANDED_IN:
        return _("结项报告已经提交，问卷已经结束。谢谢您的关心。")
    return None


@dataclass(frozen=True, slots=True)
class Tally:
    """What the answers that count say. `spread` holds for each question how many gave 5, 4, 3, 2 and 1."""

    valid: int
    satisfied: int
    by_channel: dict[SurveyChannel, int]
    spread: dict[str, tuple[int, ...]]
    least: int

    @property
    def is_enough(self) -> bool:
        return self.valid >= self.least

    @property
    def rate(self) -> Decimal | None:
        """The share of the satisfied in percent; None when too few answered."""
        return percent(self.satisfied, self.valid) if self.is_enough else None

    def mean(self, question: str) -> Decimal | None:
        """The mean mark of a question; None when too few answered."""
        if not self.is_enough:
            return None
        marks = zip(ANSWERS, self.spread[question], strict=True)
        return round_to(Decimal(sum(mark * count for mark, count in marks)) / self.valid)


def tally(project: Project) -> Tally:
    """One statement, whatever the number of answers."""
    columns = [getattr(SurveyAnswer, name) for name in MARKS]
    found = (
        sa.select(SurveyAnswer.channel, *columns, sa.func.count().label("answers"))
        .where(SurveyAnswer.project_id == project.id, SurveyAnswer.struck_at.is_(None))
        .group_by(SurveyAnswer.channel, *columns)
    )
    rows = db.session.execute(found).all()
    return Tally(
        valid=sum(row.answers for row in rows),
        satisfied=sum(row.answers for row in rows if sum(row[1:-1]) >= SATISFIED_SUM),
        by_channel={channel: sum(row.answers for row in rows if row.channel is channel) for channel in CHANNELS},
        spread={name: _spread(rows, name) for name in MARKS},
        least=max(1, int(reference.setting("satisfaction_minimum_n"))),
    )


def _spread(rows: Sequence[sa.Row[tuple[object, ...]]], name: str) -> tuple[int, ...]:
    return tuple(sum(row.answers for row in rows if getattr(row, name) == mark) for mark in ANSWERS)
