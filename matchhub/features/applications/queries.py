"""What the pages list. Every list is cut to what its reader may know of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _l
from matchhub.domain import application_form as form
from matchhub.domain import policy
from matchhub.domain.models import (
    Application,
    ApplicationPartner,
    ApplicationState,
    ApplicationVersion,
    Need,
    NeedPhase,
    NeedState,
    Organisation,
    PartnerAnswer,
    User,
)

S = ApplicationState

# Groups of an organisation's own list, in their order.
GROUPS: tuple[tuple[str, tuple[ApplicationState, ...]], ...] = (
    (_l("需要您处理"), (S.CORRECTION, S.DRAFT, S.WITHDRAWN)),
    (_l("等待街道处理"), (S.SUBMITTED, S.QUALIFIED, S.PROPOSED)),
    (_l("已有结果"), (S.AWARDED, S.NOT_SELECTED, S.UNQUALIFIED)),
)


def own(user: User) -> sa.Select[Any]:
    """The organisation's applications, those that wait for it first, then the newest."""
    order = {state: n for n, state in enumerate(state for _word, states in GROUPS for state in states)}
    return (
        sa.select(Application)
        .join(Need, Application.need_id == Need.id)
        .where(Application.organisation_id == user.organisation_id)
        .options(joinedload(Application.need), joinedload(Application.body))
        .order_by(sa.case(order, value=Application.state), Need.closes_at.desc(), Application.id.desc())
    )


def count_joined(user: User) -> int:
    """How many joint applications of others this organisation takes part in or is asked to."""
    found = sa.select(sa.func.count()).where(
        ApplicationPartner.organisation_id == user.organisation_id,
        ApplicationPartner.answer != PartnerAnswer.DECLINED,
    )
    return db.session.scalar(found) or 0


def group_of(application: Application) -> str:
    """The heading under which an application stands; a draft after the deadline waits for nobody."""
    if application.state in (S.DRAFT, S.WITHDRAWN) and application.need.phase is not NeedPhase.OPEN:
        return _l("已有结果")
    return next(word for word, states in GROUPS if application.state in states)


def open_needs(user: User) -> sa.Select[Any]:
    """Needs that can be applied for now, the earliest deadline first."""
    return (
        sa.select(Need)
        .where(policy.visible(user, Need), Need.state == NeedState.OPEN, Need.closes_at > clock.now())
        .order_by(Need.closes_at, Need.id)
    )


def versions(application: Application) -> Sequence[ApplicationVersion]:
    found = (
        sa.select(ApplicationVersion)
        .where(ApplicationVersion.application_id == application.id)
        .order_by(ApplicationVersion.number.desc())
    )
    return db.session.scalars(found).all()


def readable_versions(application: Application) -> list[ApplicationVersion]:
    """The versions that the street may read, newest first: the one that was opened, and corrections of it."""
    return [row for row in versions(application) if row.opened_text is not None]


def version(application: Application, number: int) -> ApplicationVersion | None:
    found = sa.select(ApplicationVersion).where(
        ApplicationVersion.application_id == application.id, ApplicationVersion.number == number
    )
    return db.session.scalar(found)


# --- the section's queue -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One application in the queue, with what was submitted."""

    application: Application
    title: str
    amount_fen: int
    decided: int
    failed: int
    rules: int


CLOSED = (NeedState.REVIEWING, NeedState.NOTICE, NeedState.MATCHED, NeedState.FAILED, NeedState.CANCELLED)


def closed_needs(user: User, everything: bool = False) -> sa.Select[Any]:
    """Needs whose deadline is over: those still in the eligibility check, or all. Never one that is still open."""
    over = sa.and_(Need.state == NeedState.OPEN, Need.closes_at <= clock.now())
    wanted = sa.or_(over, Need.state.in_(CLOSED)) if everything else over
    return sa.select(Need).where(policy.visible(user, Need), wanted).order_by(Need.closes_at.desc(), Need.id.desc())


def lines(user: User, needs: Sequence[Need]) -> dict[int, list[Line]]:
    """The applications of these needs that the reader may see, by need: three statements, however many there are."""
    found = (
        sa.select(Application)
        .join(Organisation)
        .where(policy.visible(user, Application), Application.need_id.in_([need.id for need in needs]))
        .options(joinedload(Application.need), joinedload(Application.organisation), selectinload(Application.checks))
        .order_by(Application.submitted_at, Application.id)
    )
    rows = list(db.session.scalars(found).unique())
    documents = _newest_documents([row.id for row in rows])
    grouped: dict[int, list[Line]] = {}
    for row in rows:
        grouped.setdefault(row.need_id, []).append(_line(row, documents.get(row.id, {})))
    return grouped


def _newest_documents(ids: list[int]) -> dict[int, dict[str, Any]]:
    """The text last submitted of each."""
    newest = (
        sa.select(ApplicationVersion.application_id, sa.func.max(ApplicationVersion.number).label("number"))
        .where(ApplicationVersion.application_id.in_(ids))
        .group_by(ApplicationVersion.application_id)
        .subquery()
    )
    found = sa.select(ApplicationVersion.application_id, ApplicationVersion.document).join(
        newest,
        sa.and_(
            ApplicationVersion.application_id == newest.c.application_id,
            ApplicationVersion.number == newest.c.number,
        ),
    )
    return {row.application_id: row.document for row in db.session.execute(found)}


def _line(row: Application, document: dict[str, Any]) -> Line:
    return Line(
        row,
        form.part_of(document, "project")["title"] or row.need.title,
        form.amount_fen(document),
        sum(check.passed is not None for check in row.checks),
        sum(check.passed is False for check in row.checks),
        len(row.checks),
    )
