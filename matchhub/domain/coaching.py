"""The coaching log (辅导记录): who writes and reads it, and what everybody may know of it: how often and how long."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core.db import db
from matchhub.domain import policy
from matchhub.domain.models import CoachingNote, Project, ProjectState, User
from matchhub.domain.parties import Party, parties
from matchhub.domain.policy.viewers import is_inside

WRITERS = {Party.OFFICE, Party.APPROVER, Party.CENTRE, Party.SUPERVISOR}
OVER = (ProjectState.CLOSED, ProjectState.TERMINATED)


def may_write(user: User | None, project: Project) -> bool:
    """The street's section, the centre and the project's own supervisors, while the project goes on."""
    return project.state not in OVER and bool(parties(user, project) & WRITERS)


def may_read(user: User | None, project: Project) -> bool:
    """The organisation, its supervisors and the house."""
    return is_inside(user) or bool(parties(user, project) & {Party.OWNER, Party.SUPERVISOR})


def of_project(user: User | None, project: Project) -> list[CoachingNote]:
    """The notes of a project that this person may know of, newest first."""
    found = sa.select(CoachingNote).where(CoachingNote.project_id == project.id, policy.visible(user, CoachingNote))
    found = found.options(joinedload(CoachingNote.written_by))
    return list(db.session.scalars(found.order_by(CoachingNote.given_on.desc(), CoachingNote.id.desc())))


@dataclass(frozen=True, slots=True)
class Total:
    """How often projects were coached, and for how long."""

    times: int
    minutes: int
    projects: int

    @property
    def hours(self) -> str:
        """Hours to one place, as a plain number: "12.5", "3"."""
        return f"{self.minutes / 60:.1f}".removesuffix(".0")


def total(project: Project | None = None) -> Total:
    """Of one project, or of all of them: one statement; for everybody."""
    found = sa.select(
        sa.func.count(), sa.func.coalesce(sa.func.sum(CoachingNote.minutes), 0),
        sa.func.count(sa.distinct(CoachingNote.project_id)),
    )  # fmt: skip
    if project is not None:
        found = found.where(CoachingNote.project_id == project.id)
    times, minutes, projects = db.session.execute(found).one()
    return Total(times, int(minutes), projects)
