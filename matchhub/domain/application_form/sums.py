"""What a document adds up to: sessions, people, money by category and source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain.application_form.reading import Document, part_of
from matchhub.domain.models import Application, ApplicationVersion


@dataclass(frozen=True, slots=True)
class Figures:
    """`people` counts attendances (人次), `beneficiaries` persons; money in fen, by category only what is applied for."""

    sessions: int
    people: int
    beneficiaries: int
    amount_fen: int
    applied_fen: int
    matched_fen: int
    own_fen: int
    by_category: dict[str, int]
    team_size: int


def row_fen(row: dict[str, Any]) -> int:
    """The amount of one budget row."""
    return (row.get("unit_price_fen") or 0) * (row.get("quantity") or 0)


def amount_fen(document: Document) -> int:
    """The amount applied for; 0 while it is not filled in."""
    return part_of(document, "budget")["amount_fen"] or 0


def from_source(document: Document, source: str) -> int:
    """The sum of the budget rows paid from `source` (applied, matched, own)."""
    return sum(row_fen(row) for row in part_of(document, "budget")["rows"] if row.get("source") == source)


def by_category(document: Document) -> dict[str, int]:
    """What is applied for, by budget category."""
    sums: dict[str, int] = {}
    for row in part_of(document, "budget")["rows"]:
        if row.get("source") == "applied" and row.get("category"):
            sums[row["category"]] = sums.get(row["category"], 0) + row_fen(row)
    return sums


def figures(document: Document) -> Figures:
    plan = part_of(document, "plan")["rows"]
    return Figures(
        sessions=sum(row.get("times") or 0 for row in plan),
        people=sum((row.get("times") or 0) * (row.get("people_each") or 0) for row in plan),
        beneficiaries=part_of(document, "project")["beneficiary_count"] or 0,
        amount_fen=amount_fen(document),
        applied_fen=from_source(document, "applied"),
        matched_fen=from_source(document, "matched"),
        own_fen=from_source(document, "own"),
        by_category=by_category(document),
        team_size=len(part_of(document, "team")["rows"]),
    )


def latest(application: Application) -> ApplicationVersion | None:
    """The text last submitted: the only one that the street and reviewers read."""
    found = (
        sa.select(ApplicationVersion)
        .where(ApplicationVersion.application_id == application.id)
        .order_by(ApplicationVersion.number.desc())
        .limit(1)
    )
    return db.session.scalar(found)
