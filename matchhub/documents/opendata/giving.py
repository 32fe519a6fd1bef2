"""Grants under the names of the 360Giving standard: one for each project that was awarded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from matchhub.core import clock
from matchhub.documents.opendata.facts import CURRENCY, Process, Publisher, moment, organisation_id, word, yuan
from matchhub.domain import paths
from matchhub.domain.models import Project

VERSION = "1.4"
Json = dict[str, Any]


def head(by: Publisher, uri: str, changed: datetime) -> Json:
    publisher = {"name": by.name, "website": by.base} | ({"identifier": by.id} if by.uscc else {})
    licence = {"license": by.licence_url} if by.licence_url else {}
    return {"version": VERSION, "title": f"{by.name}：立项项目", "identifier": uri, "publisher": publisher,
            "issued": moment(changed), "modified": moment(changed), "downloadURL": uri, "accessURL": f"{by.base}/open"} | licence  # fmt: skip


def grant(process: Process, by: Publisher) -> Json | None:
    """The project of this need as a grant; None as long as nothing was awarded."""
    project, need = process.project, process.need
    if project is None:
        return None
    made: Json = {
        "id": f"{by.grant_prefix}-{project.ref}", "title": project.title,
        "description": project.summary or need.summary or project.title, "currency": CURRENCY,
        "amountAwarded": yuan(project.amount_fen), "awardDate": clock.local(project.created_at).date().isoformat(),
        "url": by.base + paths.path(project),
        "recipientOrganization": [{"id": organisation_id(project.organisation), "name": project.organisation.name,
                                   "url": by.base + paths.path(project.organisation)}],
        "fundingOrganization": [{"id": by.id, "name": by.name, "department": need.section.name_zh}],
        "grantProgramme": [{"code": need.ref, "title": need.title, "url": by.base + paths.path(need)}],
        "fromOpenCall": "No" if need.procurement == "direct" else "Yes",
        "dateModified": moment(process.marks[-1].at), "dataSource": f"{by.base}/open",
    }  # fmt: skip
    return made | _dates(project) | _classes(process)


def _dates(project: Project) -> Json:
    found: Json = {}
    if project.starts_on and project.ends_on:
        found["plannedDates"] = [{"startDate": project.starts_on.isoformat(), "endDate": project.ends_on.isoformat()}]
    if project.started_at:
        actual = {"startDate": clock.local(project.started_at).date().isoformat()}
        if project.ended_at:
            actual["endDate"] = clock.local(project.ended_at).date().isoformat()
        found["actualDates"] = [actual]
    return found


def _classes(process: Process) -> Json:
    found: Json = {}
    places = process.codes.get("community", [])
    if places:
        found["beneficiaryLocation"] = [
            {"id": code, "name": word("community", code), "countryCode": "CN"} for code in places
        ]
    if process.need.funding:
        code = process.need.funding
        found["fundingType"] = [{"vocabulary": "matchhub-funding", "code": code, "title": word("funding", code)}]
    classes = [
        {"vocabulary": f"matchhub-{kind.replace('_', '-')}", "code": code, "title": word(kind, code)}
        for kind in ("field", "target_group")
        for code in process.codes.get(kind, [])
    ]
    return found | ({"classifications": classes} if classes else {})
