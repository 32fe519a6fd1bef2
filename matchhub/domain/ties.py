"""Recusal (回避): what ties a judge to an organisation, declared or found, and so bars the judge from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.domain import reference
from matchhub.domain.models import JointProject, Organisation, Project, Recusal, Supervision, User


@dataclass(frozen=True, slots=True)
class Tie:
    """Why a judge is barred: `kind` is a code of the list `tie_kind`, `evidence` what was found (Chinese)."""

    kind: str
    evidence: str


def _window_start() -> date:
    return clock.today() - timedelta(days=round(int(reference.setting("tie_window_months")) * 30.44))


def detected(judge: User, organisation: Organisation) -> list[Tie]:
    """The ties that the records show: own employer, seat on the board, joint project or supervision in the window."""
    found = []
    if judge.organisation_id == organisation.id or (judge.employer and judge.employer == organisation.name):
        found.append(Tie("employment", organisation.name))
    if judge.name == organisation.legal_representative or judge.name in organisation.board:
        found.append(Tie("board", organisation.name))
    joint = sa.select(JointProject.title).where(
        JointProject.user_id == judge.id,
        JointProject.organisation_id == organisation.id,
        JointProject.until >= _window_start(),
    )
    found += [Tie("co_project", title) for title in db.session.scalars(joint)]
    return found


def declared(judge_id: int, organisation_id: int) -> bool:
    """Whether a tie stands in the register and has not ended."""
    found = sa.select(Recusal.id).where(
        Recusal.user_id == judge_id, Recusal.organisation_id == organisation_id, Recusal.ended_at.is_(None)
    )
    return db.session.scalar(found.limit(1)) is not None


def bars(judge: User, organisation: Organisation) -> bool:
    """Whether this person may neither read nor score anything of this organisation."""
    return declared(judge.id, organisation.id) or bool(detected(judge, organisation))


def supervises(judge: User, organisation: Organisation) -> list[Tie]:
    """For intake review: supervising a project of the applicant within the window is a tie as well."""
    found = (
        sa.select(Project.title)
        .join(Supervision, Supervision.project_id == Project.id)
        .where(Supervision.user_id == judge.id, Project.organisation_id == organisation.id)
        .where(sa.or_(Project.ended_at.is_(None), Project.ended_at >= clock.utc(_window_start())))
    )
    return [Tie("supervision", title) for title in db.session.scalars(found)]
