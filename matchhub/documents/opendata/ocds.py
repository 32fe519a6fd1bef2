"""Releases and records after the Open Contracting Data Standard 1.1.

A release says what one deed on record made public, with the states as they were then; a record holds the releases of a
need in the order of the ledger and compiles them into what is true now. Names of people are in none of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from matchhub.core import clock, ledger
from matchhub.documents.opendata import parts
from matchhub.documents.opendata.facts import Mark, Process, Publisher, first_second, last_second, moment, word
from matchhub.documents.opendata.parts import Json
from matchhub.documents.opendata.status import STAGES, Status, after, tag
from matchhub.domain import paths

VERSION = "1.1"
LANGUAGE = "zh"
# So many signs of its hash tell one content of a release from another.
MARK = 10


def ocid(process: Process, by: Publisher) -> str:
    return f"{by.ocid_prefix}-{process.need.ref}"


def release(process: Process, mark: Mark, by: Publisher) -> Json:
    """What this deed made public.

    The identifier ends in a hash of the content: where facts behind an old deed were put right (an organisation's name, a
    row of the plan), the release gets another one. The same identifier always means the same content.
    """
    done = [one for one in process.marks if one.seq <= mark.seq]
    body = _body(process, after(process, done), STAGES[mark.deed][1], mark.at, by)
    return _identified(process, by, str(mark.seq), {"date": moment(mark.at), "tag": [tag(process, mark)]} | body)


def compiled(process: Process, by: Publisher) -> Json:
    """What is true now. `process.marks` is never empty."""
    last = moment(process.marks[-1].at)
    body = _body(process, after(process, process.marks), "tac", clock.now(), by)
    return _identified(process, by, last, {"date": last, "tag": ["compiled"]} | body)


def _identified(process: Process, by: Publisher, name: str, content: Json) -> Json:
    marked = hashlib.sha256(ledger.canonical(content).encode()).hexdigest()[:MARK]
    return {"ocid": ocid(process, by), "id": f"{ocid(process, by)}-{name}-{marked}"} | content


def record(process: Process, by: Publisher) -> Json:
    releases = [release(process, mark, by) for mark in process.marks]
    return {"ocid": ocid(process, by), "releases": releases, "compiledRelease": compiled(process, by)}


def head(by: Publisher, uri: str, changed: datetime, **more: Any) -> Json:
    """The head of a package; `changed` is when its content last changed."""
    publisher = {"name": by.name, "uri": by.base} | ({"scheme": "CN-USCI", "uid": by.uscc} if by.uscc else {})
    return {"uri": uri, "version": VERSION, "publishedDate": moment(changed), "publisher": publisher,
            "publicationPolicy": f"{by.base}/open"} | _licence(by) | more  # fmt: skip


def _licence(by: Publisher) -> Json:
    return {"license": by.licence_url} if by.licence_url else {}


def _body(process: Process, status: Status, sections: str, at: datetime, by: Publisher) -> Json:
    named, everywhere = parts.Parties(process, by), parts.Parties(process, by)
    body = _sections(process, status, sections, at, named, by)
    # Whoever merges releases takes the newest roles of a party for all of them: each release says them all.
    _sections(process, status, "tac", at, everywhere, by)
    roles = {one["id"]: one["roles"] for one in everywhere.listed()}
    return body | {"parties": [one | {"roles": roles[one["id"]]} for one in named.listed()]}


def _sections(
    process: Process, status: Status, sections: str, at: datetime, named: parts.Parties, by: Publisher
) -> Json:
    body: Json = {"initiationType": "tender", "language": LANGUAGE, "buyer": named.street()}
    if "t" in sections:
        body |= {"planning": _planning(process), "tender": _tender(process, status, at, named, by)}
    if "a" in sections and status.awards:
        body["awards"] = parts.awards(process, status, named, by)
    if "c" in sections and status.contract and process.project is not None and status.awards:
        body["contracts"] = [parts.contract(process, status, clock.local(at).date(), by)]
    return body


def _planning(process: Process) -> Json:
    need = process.need
    planning: Json = {"rationale": need.background} if need.background else {}
    budget: Json = {"description": word("funding", need.funding)} if need.funding else {}
    if need.budget_public and need.budget_fen:
        budget["amount"] = parts.value(need.budget_fen)
    return planning | ({"budget": budget} if budget else {})


def _tender(process: Process, status: Status, at: datetime, named: parts.Parties, by: Publisher) -> Json:
    need = process.need
    known = [one for one in process.corrections if one.at <= at]
    tender: Json = {
        "id": need.ref, "title": need.title, "description": need.summary or need.title, "status": status.tender,
        "procurementMethod": "direct" if need.procurement == "direct" else "open",
        "mainProcurementCategory": "services", "awardCriteria": "ratedCriteria",
        "submissionMethod": ["electronicSubmission"], "procuringEntity": named.section(),
        "items": [_item(process)], "documents": [_call(process, by)],
    }  # fmt: skip
    if need.procurement:
        tender["procurementMethodDetails"] = word("procurement", need.procurement)
    if need.budget_public and need.budget_fen:
        tender["value"] = parts.value(need.budget_fen)
    if need.essential:
        tender["eligibilityCriteria"] = "；".join(str(line) for line in need.essential)
    tender |= _periods(process, at)
    if known:
        tender["amendments"] = [
            {"id": str(one.number), "date": moment(one.at), "description": one.text} for one in known
        ]
    return tender | _tenderers(process, status, named)


def _periods(process: Process, at: datetime) -> Json:
    need, found = process.need, {}
    closes_at = _closed_then(process, at)
    if need.published_at and closes_at:
        found["tenderPeriod"] = {"startDate": moment(need.published_at), "endDate": moment(closes_at)}
    if need.published_at and need.questions_close_at:
        found["enquiryPeriod"] = {"startDate": moment(need.published_at), "endDate": moment(need.questions_close_at)}
    if need.starts_on and need.ends_on:
        found["contractPeriod"] = {"startDate": first_second(need.starts_on), "endDate": last_second(need.ends_on)}
    return found


def _closed_then(process: Process, at: datetime) -> datetime | None:
    """The end of the call as it was announced at that moment: a later correction had not moved it yet."""
    for one in process.corrections:
        before = (one.moved or {}).get("closes_at", [""])[0]
        if one.at > at and before:
            return datetime.fromisoformat(before)
    return process.need.closes_at


def _tenderers(process: Process, status: Status, named: parts.Parties) -> Json:
    """Only what the newest public notice names; before it nobody knows that anybody applied."""
    shown = parts.newest(process, status)
    if shown is None:
        return {}
    found: Json = {}
    if shown.starts_at and shown.ends_at:
        found["standstillPeriod"] = {"startDate": moment(shown.starts_at), "endDate": moment(shown.ends_at)}
    names: Sequence[str] = list(dict.fromkeys(row["organisation"] for row in shown.rows if row.get("organisation")))
    if names:
        found |= {"numberOfTenderers": len(names), "tenderers": [named.by_name(name, "tenderer") for name in names]}
    return found


def _item(process: Process) -> Json:
    kinds = (("field", "x_matchhub-field"), ("target_group", "x_matchhub-target-group"),
             ("community", "x_matchhub-community"))  # fmt: skip
    classes = [
        {"scheme": scheme, "id": code, "description": word(kind, code)}
        for kind, scheme in kinds
        for code in process.codes.get(kind, [])
    ]
    item: Json = {"id": "1", "description": process.need.title}
    return item | ({"additionalClassifications": classes} if classes else {})


def _call(process: Process, by: Publisher) -> Json:
    need = process.need
    published: datetime | date | None = need.published_at
    document = parts.document(need.ref, "tenderNotice", need.title, by.base + paths.path(need))
    return document | ({"datePublished": moment(need.published_at)} if published and need.published_at else {})
