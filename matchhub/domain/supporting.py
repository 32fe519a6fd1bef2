"""What projects ask for and foundations bring: sums, limits, and the words of quantities.

All sums are in the unit of the kind: fen for money and goods, hours for expertise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from matchhub.core import clock, money
from matchhub.core.db import db, once
from matchhub.core.i18n import _, _l
from matchhub.domain.models import (
    EntryKind,
    Organisation,
    OrganisationState,
    Pledge,
    PledgeEntry,
    PledgeState,
    Project,
    ProjectState,
    Role,
    SupportKind,
    SupportLine,
    SupportState,
    User,
)
from matchhub.domain.models.support import AGREED, STANDING

KIND_WORDS: dict[SupportKind, str] = {
    SupportKind.MONEY: _l("资金"),
    SupportKind.GOODS: _l("物资"),
    SupportKind.EXPERTISE: _l("专业服务"),
}
ASKING = (ProjectState.PREPARING, ProjectState.ACTIVE, ProjectState.PAUSED)


FOUNDATION_TYPE = "foundation"


def foundation_of(user: User) -> Organisation | None:
    """The foundation that somebody gives for: their own organisation, or the admitted one that their employer names.

    Only an administrator changes what is known of a person's employer.
    """
    if user.organisation is not None:
        return user.organisation
    number = foundation_id(user)
    return db.session.get(Organisation, number) if number is not None else None


def foundation_id(user: User | None) -> int | None:
    """The number of `foundation_of`; None for who has no such role in force."""
    if user is None or not user.active or Role.FOUNDATION not in user.roles:
        return None
    if user.organisation_id is not None or not user.employer:
        return user.organisation_id
    found = sa.select(Organisation.id).where(
        Organisation.name == user.employer,
        Organisation.type == FOUNDATION_TYPE,
        Organisation.state == OrganisationState.ADMITTED,
    )
    return once(("foundation", user.employer), lambda: db.session.scalar(found))


def amount_words(kind: SupportKind, quantity: int) -> str:
    """A quantity as people say it: "20,000 元", "价值 3,000 元", "16 小时"."""
    if kind is SupportKind.EXPERTISE:
        return _("%(n)s 小时", n=quantity)
    amount = _("%(amount)s 元", amount=money.yuan(quantity))
    return _("价值 %(amount)s", amount=amount) if kind is SupportKind.GOODS else amount


@dataclass(frozen=True, slots=True)
class Sums:
    """What was pledged (and still stands), agreed on, received and used."""

    pledged: int = 0
    agreed: int = 0
    received: int = 0
    used: int = 0


def sums_of(lines: Iterable[SupportLine]) -> dict[int, Sums]:
    """line id -> its sums; two statements for any number of lines."""
    ids = [line.id for line in lines]
    if not ids:
        return {}
    found = (
        sa.select(
            Pledge.line_id,
            sa.func.coalesce(sa.func.sum(sa.case((Pledge.state.in_(STANDING), Pledge.quantity), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((Pledge.state.in_(AGREED), Pledge.quantity), else_=0)), 0),
        )
        .where(Pledge.line_id.in_(ids))
        .group_by(Pledge.line_id)
    )
    pledged = {line_id: (int(all_), int(agreed)) for line_id, all_, agreed in db.session.execute(found)}
    entries = (
        sa.select(Pledge.line_id, PledgeEntry.kind, sa.func.sum(PledgeEntry.quantity))
        .join(Pledge)
        .where(Pledge.line_id.in_(ids))
        .group_by(Pledge.line_id, PledgeEntry.kind)
    )
    moved = {(line_id, kind): int(total) for line_id, kind, total in db.session.execute(entries)}
    return {
        one: Sums(*pledged.get(one, (0, 0)), moved.get((one, EntryKind.RECEIPT), 0), moved.get((one, EntryKind.USE), 0))
        for one in ids
    }


def left(line: SupportLine) -> int:
    """How much of a line nobody has pledged yet: never below 0."""
    return max(0, line.quantity - sums_of([line])[line.id].pledged)


def is_asking(line: SupportLine) -> bool:
    """Whether pledges are taken now: confirmed, in its time, of a project that goes on."""
    return line.state is SupportState.OPEN and line.until >= clock.today() and line.project.state in ASKING


def asking() -> sa.ColumnElement[bool]:
    """`is_asking` as a WHERE clause over SupportLine joined with Project."""
    return sa.and_(
        SupportLine.state == SupportState.OPEN, SupportLine.until >= clock.today(), Project.state.in_(ASKING)
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """What foundations have brought in all: for everybody to read."""

    lines_open: int
    projects: int
    foundations: int
    money_fen: int
    goods_fen: int
    hours: int
    used_fen: int


def totals() -> Totals:
    """Sums over the whole site, in three statements."""
    lines = sa.select(sa.func.count()).select_from(SupportLine).join(Project).where(asking())
    helped = (
        sa.select(sa.func.count(sa.distinct(SupportLine.project_id)), sa.func.count(sa.distinct(Pledge.foundation_id)))
        .select_from(Pledge)
        .join(SupportLine)
        .where(Pledge.state.in_((PledgeState.RECEIVED, PledgeState.USED, PledgeState.REPORTED)))
    )
    moved = (
        sa.select(SupportLine.kind, PledgeEntry.kind, sa.func.sum(PledgeEntry.quantity))
        .select_from(PledgeEntry)
        .join(Pledge)
        .join(SupportLine)
        .group_by(SupportLine.kind, PledgeEntry.kind)
    )
    by_kind = {(kind, entry): int(total) for kind, entry, total in db.session.execute(moved)}
    projects, foundations = db.session.execute(helped).one()
    return Totals(
        lines_open=db.session.scalar(lines) or 0,
        projects=projects,
        foundations=foundations,
        money_fen=by_kind.get((SupportKind.MONEY, EntryKind.RECEIPT), 0),
        goods_fen=by_kind.get((SupportKind.GOODS, EntryKind.RECEIPT), 0),
        hours=by_kind.get((SupportKind.EXPERTISE, EntryKind.RECEIPT), 0),
        used_fen=by_kind.get((SupportKind.MONEY, EntryKind.USE), 0),
    )


def public_of(project: Project) -> list[tuple[SupportLine, Sums]]:
    """What a project asks or asked for and everybody may know, with its sums; one statement where there is nothing."""
    found = sa.select(SupportLine).where(SupportLine.project_id == project.id, SupportLine.opened_at.is_not(None))
    lines = list(db.session.scalars(found.order_by(SupportLine.id)))
    sums = sums_of(lines)
    return [(line, sums[line.id]) for line in lines]


def budget_words(project: Project, number: int | None) -> str:
    """The row of the project's budget with this number (from 1); empty for none."""
    if number is None or not 1 <= number <= len(project.budget):
        return ""
    return str(project.budget[number - 1].get("item") or "")


def budget_left(project: Project, number: int, but: SupportLine | None = None) -> int:
    """How much of a budget row is not asked for yet by lines of money that stand, in fen."""
    asked = sa.select(sa.func.coalesce(sa.func.sum(SupportLine.quantity), 0)).where(
        SupportLine.project_id == project.id,
        SupportLine.budget_row == number,
        SupportLine.kind == SupportKind.MONEY,
        SupportLine.state != SupportState.CLOSED,
        SupportLine.id != (but.id if but is not None else -1),
    )
    amount = int(project.budget[number - 1].get("amount_fen") or 0)
    return amount - int(db.session.scalar(asked) or 0)
