"""Recusal (回避): what ties a judge to an organisation, declared or found, and so bars the judge from it.

Six kinds of tie (codes of the list `tie_kind`): employment, board, family, co_project, same_team and supervision. Family
is known by declaration alone. Employment, board, joint projects and supervision are found in the records each time they
are asked for. A common team, and a tie to a partner of a joint application, stand in the texts of applications: they are
found when a panel is put together (domain/panels.py) and bar from then on by the register (`Recusal`). What ended
before the window (setting `tie_window_months`, 36 months) no longer counts.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.workdays import months_later
from matchhub.domain import reference
from matchhub.domain.models import JointProject, Organisation, Project, ProjectPartner, Recusal, Supervision, User

# Supervising an organisation bars a person from reviewing its applications, and of course not from supervising it.
SUPERVISION = "supervision"

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Tie:
    """Why a judge is barred: `kind` is a code of the list `tie_kind`, `evidence` what was found (Chinese)."""

    kind: str
    evidence: str


def window_start() -> date:
    """The first day of the window: what ended before it is no tie."""
    return months_later(clock.today(), -int(reference.setting("tie_window_months")))


def between(judges: Collection[User], organisations: Collection[Organisation]) -> dict[Pair, list[Tie]]:
    """By (judge id, organisation id) the ties that the records show: own employer, seat on the board, joint project."""
    found: dict[Pair, list[Tie]] = {}
    for judge in judges:
        for organisation in organisations:
            if personal := _personal(judge, organisation):
                found[judge.id, organisation.id] = personal
    joint = sa.select(JointProject).where(
        JointProject.user_id.in_([judge.id for judge in judges]),
        JointProject.organisation_id.in_([organisation.id for organisation in organisations]),
        JointProject.until >= window_start(),
    )
    for row in db.session.scalars(joint.order_by(JointProject.id)):
        found.setdefault((row.user_id, row.organisation_id), []).append(Tie("co_project", row.title))
    return found


def _personal(judge: User, organisation: Organisation) -> list[Tie]:
    found = []
    if judge.organisation_id == organisation.id or (judge.employer and judge.employer == organisation.name):
        found.append(Tie("employment", organisation.name))
    if judge.name == organisation.legal_representative or judge.name in organisation.board:
        found.append(Tie("board", organisation.name))
    return found


def supervising(judges: Collection[User], organisations: Collection[Organisation]) -> dict[Pair, list[Tie]]:
    """For intake review: supervising a project of the applicant within the window is a tie as well."""
    seats = (
        sa.select(Supervision.user_id, Project.organisation_id, Project.title)
        .join(Project, Supervision.project_id == Project.id)
        .where(
            Supervision.user_id.in_([judge.id for judge in judges]),
            Project.organisation_id.in_([organisation.id for organisation in organisations]),
            sa.or_(Project.ended_at.is_(None), Project.ended_at >= clock.utc(window_start())),
        )
        .order_by(Supervision.id)
    )
    found: dict[Pair, list[Tie]] = {}
    for row in db.session.execute(seats):
        found.setdefault((row.user_id, row.organisation_id), []).append(Tie(SUPERVISION, row.title))
    return found


def for_review(judges: Collection[User], organisations: Collection[Organisation]) -> dict[Pair, list[Tie]]:
    """All that the records show against reviewing: `between` and `supervising` together."""
    found = between(judges, organisations)
    for pair, more in supervising(judges, organisations).items():
        found.setdefault(pair, []).extend(more)
    return found


def detected(judge: User, organisation: Organisation) -> list[Tie]:
    """The ties that the records show: own employer, seat on the board, joint project in the window."""
    return between([judge], [organisation]).get((judge.id, organisation.id), [])


def supervises(judge: User, organisation: Organisation) -> list[Tie]:
    """The projects of the organisation that this person supervises or did within the window."""
    return supervising([judge], [organisation]).get((judge.id, organisation.id), [])


def standing(judges: Collection[User], organisations: Collection[Organisation]) -> list[Recusal]:
    """The ties in the register that have not ended, declared ones and detected ones."""
    found = sa.select(Recusal).where(
        Recusal.user_id.in_([judge.id for judge in judges]),
        Recusal.organisation_id.in_([organisation.id for organisation in organisations]),
        Recusal.ended_at.is_(None),
    )
    return list(db.session.scalars(found.order_by(Recusal.id)))


def known(judges: Collection[User], organisations: Collection[Organisation]) -> dict[Pair, list[Tie]]:
    """All that bars from reviewing so far as register and records know: `standing` and `for_review` together."""
    found: dict[Pair, list[Tie]] = {}
    for row in standing(judges, organisations):
        found.setdefault((row.user_id, row.organisation_id), []).append(Tie(row.kind, row.note))
    for pair, more in for_review(judges, organisations).items():
        found.setdefault(pair, []).extend(more)
    return found


def declared(judge_id: int, organisation_id: int, *, supervising: bool = False) -> bool:
    """Whether a tie stands in the register. `supervising`: asked about supervision, where supervising is no tie."""
    found = sa.select(Recusal.id).where(
        Recusal.user_id == judge_id, Recusal.organisation_id == organisation_id, Recusal.ended_at.is_(None)
    )
    if supervising:
        found = found.where(Recusal.kind != SUPERVISION)
    return db.session.scalar(found.limit(1)) is not None


def bars(judge: User, organisation: Organisation, *, supervising: bool = False) -> bool:
    """Whether this person may neither read nor score anything of this organisation.

    `supervising`: asked about supervision or closing, where supervising the organisation is no tie.
    """
    if declared(judge.id, organisation.id, supervising=supervising) or detected(judge, organisation):
        return True
    return not supervising and bool(supervises(judge, organisation))


def bars_from_project(judge: User, project: Project) -> bool:
    """`bars` about supervising or closing a project: a tie to a partner (联合) bars as one to the organisation does."""
    return any(bars(judge, one, supervising=True) for one in project.organisations)


@dataclass(frozen=True, slots=True)
class Judge:
    """What the records are asked about a person: values, or the named parameters of a standing select (ASKED)."""

    judge_id: Any
    judge_name: Any
    judge_employer: Any
    judge_organisation: Any
    # The board is a JSON list: a name in it stands between quotation marks, with or without escapes.
    judge_written: Any
    judge_escaped: Any


_NUMBERS = {"judge_id", "judge_organisation"}
ASKED = Judge(
    *(sa.bindparam(part.name, type_=sa.Integer if part.name in _NUMBERS else sa.Text) for part in fields(Judge))
)
WINDOW_START = sa.bindparam("window_start", callable_=window_start, type_=sa.Date)
WINDOW_STARTED_AT = sa.bindparam("window_started_at", callable_=lambda: clock.utc(window_start()), type_=sa.DateTime)


def asked_of(user: User) -> dict[str, Any]:
    """The values of ASKED."""
    return asdict(_judge(user))


def _judge(user: User | Judge) -> Judge:
    if isinstance(user, Judge):
        return user
    written = (json.dumps(user.name, ensure_ascii=False), json.dumps(user.name))
    return Judge(user.id, user.name, user.employer, user.organisation_id or 0, *(map(_inside, written)))


def _inside(text: str) -> str:
    """The pattern of LIKE for a text that contains `text`."""
    return f"%{text.replace('/', '//').replace('%', '/%').replace('_', '/_')}%"


def free_projects(judge: User | Judge) -> sa.ColumnElement[bool]:
    """`not bars_from_project` as a WHERE clause over Project."""
    joint = sa.select(ProjectPartner.project_id).where(
        ProjectPartner.organisation_id.is_not(None),
        sa.not_(free(judge, ProjectPartner.organisation_id, supervising=True)),
    )
    return sa.and_(free(judge, Project.organisation_id, supervising=True), Project.id.not_in(joint))


def free(judge: User | Judge, organisation_id: Any, *, supervising: bool = False) -> sa.ColumnElement[bool]:
    """`not bars` as a WHERE clause over a column of organisation ids; it sends no statement of its own."""
    who = _judge(judge)
    barred = sa.select(Recusal.organisation_id).where(Recusal.user_id == who.judge_id, Recusal.ended_at.is_(None))
    if supervising:
        barred = barred.where(Recusal.kind != SUPERVISION)
    joint = sa.select(JointProject.organisation_id).where(
        JointProject.user_id == who.judge_id, JointProject.until >= WINDOW_START
    )
    found = [barred, joint]
    if not supervising:
        found.append(
            sa.select(Project.organisation_id)
            .join(Supervision, Supervision.project_id == Project.id)
            .where(
                Supervision.user_id == who.judge_id,
                sa.or_(Project.ended_at.is_(None), Project.ended_at >= WINDOW_STARTED_AT),
            )
        )
    board = sa.cast(Organisation.board, sa.Text)
    personal = sa.select(Organisation.id).where(
        sa.or_(
            Organisation.id == who.judge_organisation,
            sa.and_(Organisation.name == who.judge_employer, Organisation.name != ""),
            Organisation.legal_representative == who.judge_name,
            board.like(who.judge_written, escape="/"),
            board.like(who.judge_escaped, escape="/"),
        )
    )
    return sa.and_(*(organisation_id.not_in(one) for one in (*found, personal)))


def register(
    judges: Collection[User], organisations: Collection[Organisation], more: Mapping[Pair, list[Tie]] | None = None
) -> int:
    """Bring the register in line with the records, inside the present command; how many detected ties are new.

    `more` are ties that only the texts of applications show. A detected tie that is found no longer (its window has
    passed) ends; a declared one stays.
    """
    facts, new = for_review(judges, organisations), 0
    for pair, found_too in (more or {}).items():
        facts.setdefault(pair, []).extend(found_too)
    found = sa.select(Recusal).where(
        Recusal.user_id.in_([judge.id for judge in judges]),
        Recusal.organisation_id.in_([organisation.id for organisation in organisations]),
    )
    known = {(row.user_id, row.organisation_id, row.kind): row for row in db.session.scalars(found)}
    wanted = {(*pair, tie.kind): tie for pair, ties in facts.items() for tie in reversed(ties)}
    for key, tie in wanted.items():
        row = known.get(key)
        if row is None:
            db.session.add(
                Recusal(user_id=key[0], organisation_id=key[1], kind=key[2], detected=True, note=tie.evidence)
            )
            new += 1
        elif row.ended_at is not None:
            row.ended_at, row.detected, row.note, row.at = None, True, tie.evidence, clock.now()
            new += 1
    for key, row in known.items():
        if row.detected and row.ended_at is None and key not in wanted:
            row.ended_at = clock.now()
    db.session.flush()
    return new
