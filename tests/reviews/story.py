"""A review to test with: a closed need, applications that passed eligibility, a panel, and sheets filled in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from matchhub.core import clock
from matchhub.domain import sheets
from matchhub.domain.models import (
    Application,
    ApplicationState,
    ApplicationVersion,
    Need,
    NeedState,
    Organisation,
    ReviewRound,
    Role,
    User,
)
from matchhub.domain.sheets import Entry
from matchhub.features.reviews import judging, service, signing
from tests import factories as make

SECRET = "七号楼试点加梯"  # stands in every application and must not be seen too early


@dataclass
class Case:
    need: Need
    staff: User
    approver: User
    judges: list[User]
    entries: list[Application]
    round: ReviewRound | None = None

    @property
    def organisations(self) -> list[Organisation]:
        return [entry.organisation for entry in self.entries]


def document(amount_fen: int = 80_000_00, title: str = SECRET) -> dict[str, Any]:
    return {
        "project": {"title": title, "summary": f"{title}，陪居民走完全程。", "goals": []},
        "plan": {"starts_on": "2026-10-08", "ends_on": "2027-05-31", "rows": [
            {"name": "楼组协商会", "form": "community_event", "times": 8, "people_each": 20, "from_month": "2026-10",
             "to_month": "2027-03", "lead": "方静", "expected": "形成方案"}]},
        "budget": {"amount_fen": amount_fen, "rows": [
            {"category": "activity", "item": "协商会", "unit_price_fen": amount_fen, "quantity": 1, "source": "applied",
             "note": ""}]},
    }  # fmt: skip


def entry(need: Need, amount_fen: int = 80_000_00, hours_ago: int = 48, **over: Any) -> Application:
    """A qualified application of a new organisation. Its first text was replaced before the deadline: sealed for ever."""
    row = make.application(
        ApplicationState.QUALIFIED, need=need, submitted_at=clock.now() - timedelta(hours=hours_ago), **over
    )
    who = make.org_admin(row.organisation)
    make.add(
        ApplicationVersion(
            application_id=row.id, number=1, sealed=b"replaced", own_copy=document(), sha256="1" * 64,
            submitted_at=row.submitted_at - timedelta(hours=1), submitted_by_id=who.id,
        )
    )  # fmt: skip
    make.add(
        ApplicationVersion(
            application_id=row.id, number=2, document=document(amount_fen), sha256="0" * 64,
            submitted_at=row.submitted_at, submitted_by_id=who.id,
        )
    )  # fmt: skip
    return row


def closed_need(**over: Any) -> Need:
    """A need whose call ended yesterday and whose eligibility check is done."""
    return make.need(NeedState.OPEN, closes_at=clock.now() - timedelta(days=1), **over)


def case(
    applicants: int = 2, judges: int = 3, amounts: tuple[int, ...] = (), people: Sequence[User] = (), **need: Any
) -> Case:
    """People and applications, before the round is set up; `people` instead of new reviewers."""
    row = closed_need(**need)
    entries = [entry(row, amounts[i] if amounts else 80_000_00) for i in range(applicants)]
    return Case(
        row, make.staff(), make.approver(), list(people) or [make.user(Role.REVIEWER) for _ in range(judges)], entries
    )


def prepared(**over: Any) -> Case:
    """The round is set up and its panel chosen."""
    made = case(**over)
    made.round = service.set_up(made.staff, made.need, clock.now() + timedelta(days=7))
    for judge in made.judges:
        service.add_panelist(made.staff, made.round, judge)
    return made


def scoring(**over: Any) -> Case:
    """Scoring has begun and everybody has declared to have no ties."""
    made = prepared(**over)
    service.open_round(made.staff, made.round)
    for judge in made.judges:
        judging.declare(judge, made.round, {})
    return made


def entries_of(share: float, code: str = "A", **over: Entry) -> dict[str, Entry]:
    """The same share of the maximum for every item, to the nearest half point, with remarks everywhere."""
    made = {}
    for item in sheets.newest_rubric(code).items:
        if item.how == "computed":
            continue
        points = (Decimal(item.maximum) * Decimal(str(share)) * 2).quantize(Decimal(1)) / 2
        made[item.code] = over.get(item.code) or Entry(points, remark="见申报书。")
    return made


def score(judge: User, application: Application, share: float = 0.8, **over: Entry) -> Any:
    """Fill in and submit a sheet; its total."""
    judging.save_sheet(judge, application, entries_of(share, **over), "总体可行。")
    return judging.submit_sheet(judge, application)


def scored(shares: dict[int, float] | None = None, **over: Any) -> Case:
    """Everybody has scored everything: application number -> share of the maximum."""
    made = scoring(**over)
    for number, application in enumerate(made.entries):
        for judge in made.judges:
            score(judge, application, (shares or {}).get(number, 0.8))
    return made


def finished(shares: dict[int, float] | None = None, **over: Any) -> Case:
    made = scored(shares, **over)
    service.finish(made.staff, made.round)
    return made


def reasons(made: Case) -> dict[int, str]:
    return {application.id: f"理由：{application.organisation.name}" for application in made.entries}


def proposed(**over: Any) -> Case:
    made = finished(**({"shares": {0: 0.9, 1: 0.75}} | over))
    service.propose(made.staff, made.round, made.entries[0], reasons(made), 76_000_00, "一致同意。", "确有必要。")
    return made


def decided(**over: Any) -> Case:
    made = proposed(**over)
    signing.approve(made.approver, made.round)
    return made
