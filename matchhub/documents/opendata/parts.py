"""The parts of a release that awards and contracts share: parties, values, documents, milestones."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from datetime import date
from typing import Any

from matchhub.core import money
from matchhub.documents.opendata.facts import (
    CURRENCY,
    SCHEME,
    Process,
    Publisher,
    first_second,
    last_second,
    moment,
    organisation_id,
    yuan,
)
from matchhub.documents.opendata.status import Status
from matchhub.domain import paths
from matchhub.domain.models import Notice, Organisation, PlanRow

Json = dict[str, Any]


def value(amount_fen: int) -> Json:
    return {"amount": yuan(amount_fen), "currency": CURRENCY}


def document(ref: str, kind: str, title: str, url: str) -> Json:
    return {"id": ref, "documentType": kind, "title": title, "url": url, "format": "text/html", "language": "zh"}


class Parties:
    """Hands out references to organisations and remembers whom it named and as what."""

    def __init__(self, process: Process, by: Publisher) -> None:
        self._process, self._by = process, by
        self._found: dict[str, Json] = {}

    def listed(self) -> list[Json]:
        return list(self._found.values())

    def street(self) -> Json:
        return self._add(self._by.id, self._by.name, "buyer", self._by.uscc)

    def section(self) -> Json:
        section = self._process.need.section
        return self._add(f"section-{section.code}", section.name_zh, "procuringEntity")

    def organisation(self, organisation: Organisation, role: str) -> Json:
        return self._add(organisation_id(organisation), organisation.name, role, organisation.uscc)

    def by_name(self, name: str, role: str) -> Json:
        """An organisation as a notice names it; one that the site does not list (any more) has no registered number."""
        known = self._process.organisations.get(name)
        if known is not None:
            return self.organisation(known, role)
        return self._add(f"name-{hashlib.sha256(name.encode()).hexdigest()[:12]}", name, role)

    def _add(self, id_: str, name: str, role: str, uscc: str = "") -> Json:
        party = self._found.setdefault(id_, {"id": id_, "name": name, "roles": []})
        if uscc:
            party["identifier"] = {"scheme": SCHEME, "id": uscc, "legalName": name}
        if role not in party["roles"]:
            party["roles"].append(role)
        return {"id": id_, "name": name}


def newest(process: Process, status: Status) -> Notice | None:
    """The notice that stands for the newest award and was not called off."""
    if not status.awards:
        return None
    award = list(status.awards)[-1]
    if status.awards[award] == "cancelled":
        return None
    return next(notice for notice in process.notices if notice.ref == status.shown[award])


def awards(process: Process, status: Status, named: Parties, by: Publisher) -> list[Json]:
    """The newest award first; one that was called off names nobody any more."""
    return [_award(process, id_, status, named, by) for id_ in reversed(status.awards)]


def _award(process: Process, id_: str, status: Status, named: Parties, by: Publisher) -> Json:
    notice = next(one for one in process.notices if one.ref == status.shown[id_])
    award: Json = {"id": id_, "title": notice.title, "status": status.awards[id_]}
    if notice.published_at:
        award["date"] = moment(notice.published_at)
    award["documents"] = [_notice(notice, by)]
    if status.awards[id_] == "cancelled":
        return award
    project = process.project if status.awards[id_] == "active" else None
    if project is not None:
        return award | {"date": moment(project.created_at), "value": value(project.amount_fen),
                        "suppliers": [named.organisation(project.organisation, "supplier")]}  # fmt: skip
    chosen = [row for row in notice.rows if row.get("amount") and row.get("organisation")]
    if chosen:
        award["suppliers"] = [named.by_name(row["organisation"], "supplier") for row in chosen]
        amounts = [_amount_fen(row["amount"]) for row in chosen]
        if None not in amounts:
            award["value"] = value(sum(filter(None, amounts)))
    return award


def _amount_fen(written: str) -> int | None:
    """The amount as the notice prints it; None where somebody wrote words instead."""
    try:
        return money.parse_yuan(written)
    except money.MoneyError:
        return None


def _notice(notice: Notice, by: Publisher) -> Json:
    made = document(notice.ref, "awardNotice", notice.title, by.base + paths.path(notice))
    return made | ({"datePublished": moment(notice.published_at)} if notice.published_at else {})


def contract(process: Process, status: Status, today: date, by: Publisher) -> Json:
    """The agreement of the project that the award led to, with its activity plan as milestones."""
    project = process.project
    assert project is not None
    active = [id_ for id_, state in status.awards.items() if state == "active"]
    made: Json = {
        "id": project.ref, "awardID": (active or list(status.awards))[-1], "title": project.title,
        "description": project.summary or process.need.summary or project.title, "status": status.contract,
        "value": value(project.amount_fen), "documents": [
            document(project.ref, "contractSummary", project.title, by.base + paths.path(project))],
    }  # fmt: skip
    if project.signed_on:
        made["dateSigned"] = first_second(project.signed_on)
    if project.starts_on and project.ends_on:
        made["period"] = {"startDate": first_second(project.starts_on), "endDate": last_second(project.ends_on)}
    if project.plan:
        over = status.contract in ("terminated", "cancelled")
        made["milestones"] = [milestone(row, process.held.get(row.id, []), today, over) for row in project.plan]
    if status.is_assessed and process.assessment is not None:
        made["implementation"] = {"documents": [_audit(process, by)]}
    return made


def _audit(process: Process, by: Publisher) -> Json:
    found = process.assessment
    assert found is not None
    made = document(found.ref, "finalAudit", f"活跃度测评：{process.need.title}", by.base + paths.path(found))
    return made | ({"datePublished": moment(found.final_at)} if found.final_at else {})


def milestone(row: PlanRow, held: list[date], today: date, is_over: bool) -> Json:
    """A row of the plan: met once it was held as often as agreed; judged as unmet only when its last month is over."""
    last = row.to_month.replace(day=monthrange(row.to_month.year, row.to_month.month)[1])
    done = [day for day in sorted(held) if day <= today]
    made: Json = {"id": str(row.seq), "title": row.name, "type": "delivery", "dueDate": last_second(last)}
    if len(done) >= row.times:
        return made | {"status": "met", "dateMet": first_second(done[max(row.times, 1) - 1])}
    if today <= last and not is_over:
        return made | {"status": "scheduled"}
    return made | {"status": "partiallyMet" if done else "notMet"}
