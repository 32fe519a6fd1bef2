"""From an awarded application to a project: what was promised is carried over, line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain import application_form, lifecycle, numbering, reference
from matchhub.domain.models import (
    Application,
    ApplicationVersion,
    Decision,
    Instalment,
    PlanRow,
    Project,
    ProjectPartner,
    User,
)

CONDITIONS = ("signing", "middle", "closing")


def found(application: Application, actor: User) -> Project:
    """Create the project of an awarded application, inside the present command, and write it into the ledger.

    Raises LookupError for an application that was never submitted.
    """
    document = submitted(application)
    project = Project(
        ref=numbering.next_ref(numbering.PROJECT),
        need=application.need,
        application=application,
        organisation=application.organisation,
        amount_fen=awarded_fen(application),
        **_contents(document["project"], document["budget"], document["plan"]),
    )
    project.plan = [_plan_row(n, row) for n, row in enumerate(document["plan"]["rows"], 1)]
    project.partners = _partners(application, document)
    project.instalments = instalments(project.amount_fen, default_percents())
    db.session.add(project)
    db.session.flush()
    facts = {"application": application.ref, "need": application.need.ref, "amount_fen": project.amount_fen}
    lifecycle.record(actor, project, "found", facts)
    return project


def submitted(application: Application) -> dict[str, Any]:
    """The document of the newest submitted version. Raises LookupError when there is none."""
    newest = (
        sa.select(ApplicationVersion.document)
        .where(ApplicationVersion.application_id == application.id)
        .order_by(ApplicationVersion.number.desc())
    )
    document = db.session.scalars(newest.limit(1)).first()
    if document is None:
        raise LookupError(f"{application.ref} has no submitted version")
    return document


def awarded_fen(application: Application) -> int:
    """What was awarded, in fen: the amount of the decision, else the amount applied for."""
    decision = db.session.get(Decision, application.id)
    if decision is not None and decision.amount_fen is not None:
        return decision.amount_fen
    return int(submitted(application)["budget"]["amount_fen"])


def default_percents() -> tuple[int, int, int]:
    """The shares of the three instalments by the settings; the last takes what is missing to 100."""
    first, middle = int(reference.setting("pay_first")), int(reference.setting("pay_middle"))
    return first, middle, 100 - first - middle


def instalments(amount_fen: int, percents: Sequence[int]) -> list[Instalment]:
    """The instalments on signing, at mid-term and at closing that add up to `amount_fen` exactly.

    Each is rounded down to the fen and the last takes the remainder; a share of 0 % gives no instalment.
    Raises ValueError unless the shares add up to 100.
    """
    if sum(percents) != 100 or min(percents) < 0:
        raise ValueError("the shares add up to 100")
    shares = [(word, percent) for word, percent in zip(CONDITIONS, percents, strict=True) if percent]
    amounts = [amount_fen * percent // 100 for _word, percent in shares]
    amounts[-1] += amount_fen - sum(amounts)
    return [
        Instalment(seq=seq, condition=word, percent=percent, amount_fen=amount)
        for seq, ((word, percent), amount) in enumerate(zip(shares, amounts, strict=True), 1)
    ]


def schedule(plan: Mapping[str, Any], starts_on: date, ends_on: date) -> list[tuple[date, date]]:
    """First and last month of every row of an applied plan when the project runs from `starts_on` to `ends_on`.

    When the agreement begins some months later (or earlier) than the application said, the rows move by as many
    months; what would lie outside the period is cut at its first and last month.
    """
    planned = _month(plan["starts_on"]) if plan.get("starts_on") else starts_on
    shift = (starts_on.year - planned.year) * 12 + starts_on.month - planned.month
    low, high = starts_on.replace(day=1), ends_on.replace(day=1)

    def moved(text: str) -> date:
        index = (month := _month(text)).year * 12 + month.month - 1 + shift
        return min(max(date(index // 12, index % 12 + 1, 1), low), high)

    return [(moved(row["from_month"]), moved(row["to_month"])) for row in plan["rows"]]


def _contents(about: Mapping[str, Any], budget: Mapping[str, Any], plan: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": about["title"][:80],
        "summary": about.get("summary", ""),
        "goals": [dict(goal) for goal in about.get("goals", [])],
        "budget": [_budget_row(row) for row in budget["rows"]],
        # What was planned; the agreement sets the days that count.
        "starts_on": date.fromisoformat(plan["starts_on"]) if plan.get("starts_on") else None,
        "ends_on": date.fromisoformat(plan["ends_on"]) if plan.get("ends_on") else None,
    }


def _budget_row(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: row.get(key) for key in ("category", "item", "unit_price_fen", "quantity", "source")}
    return kept | {"amount_fen": int(row["unit_price_fen"]) * int(row["quantity"]), "note": row.get("note", "")}


def _partners(application: Application, document: dict[str, Any]) -> list[ProjectPartner]:
    """The partners that take part: those that confirmed, and those from outside, whose consent came on paper."""
    taking_part = [
        one for one in application_form.shares(application, document) if one.organisation is None or one.agreed
    ]
    return [
        ProjectPartner(
            seq=seq, organisation=one.organisation, name=one.name, work=one.work, share=one.share,
            amount_fen=one.amount_fen,
        )
        for seq, one in enumerate(taking_part, 1)
    ]  # fmt: skip


def _plan_row(seq: int, row: Mapping[str, Any]) -> PlanRow:
    return PlanRow(
        seq=seq,
        name=row["name"],
        form=row["form"],
        times=int(row["times"]),
        people_each=int(row["people_each"]),
        from_month=_month(row["from_month"]),
        to_month=_month(row["to_month"]),
        lead=row.get("lead") or "",
        expected=row.get("expected") or "",
    )


def _month(text: str) -> date:
    """The first day of "2026-10"."""
    return date.fromisoformat(f"{text[:7]}-01")
