"""What OCDS 1.1 and 360Giving ask of a file, in rules of our own: required members, types, formats, code lists.

Each rule list names paths like `tender/value/amount`; lists are walked through. A problem is a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlparse

CODES = {
    "tag": {"planning", "planningUpdate", "tender", "tenderAmendment", "tenderUpdate", "tenderCancellation", "award",
            "awardUpdate", "awardCancellation", "contract", "contractUpdate", "contractAmendment", "implementation",
            "implementationUpdate", "contractTermination", "compiled"},
    "initiationType": {"tender"},
    "tender/status": {"planning", "planned", "active", "cancelled", "unsuccessful", "complete", "withdrawn"},
    "tender/procurementMethod": {"open", "selective", "limited", "direct"},
    "tender/mainProcurementCategory": {"goods", "works", "services"},
    "tender/awardCriteria": {"priceOnly", "costOnly", "qualityOnly", "ratedCriteria"},
    "tender/submissionMethod": {"electronicSubmission", "electronicAuction", "written", "inPerson"},
    "awards/status": {"pending", "active", "cancelled", "unsuccessful"},
    "contracts/status": {"pending", "active", "cancelled", "terminated"},
    "contracts/milestones/status": {"scheduled", "met", "notMet", "partiallyMet"},
    "contracts/milestones/type": {"preProcurement", "approval", "engagement", "assessment", "delivery", "reporting", "financing"},
    "parties/roles": {"buyer", "procuringEntity", "supplier", "tenderer", "funder", "enquirer", "payer", "payee", "reviewBody",
                      "interestedParty"},
}  # fmt: skip
DOCUMENTS = {"tenderNotice", "awardNotice", "contractSummary", "finalAudit"}
NEEDED = {
    "": ("ocid", "id", "date", "tag", "initiationType"),
    "tender": ("id",), "tender/items": ("id",), "tender/documents": ("id",), "tender/amendments": ("id",),
    "awards": ("id",), "awards/documents": ("id",), "contracts": ("id", "awardID"), "contracts/documents": ("id",),
    "contracts/milestones": ("id",), "contracts/implementation/documents": ("id",), "parties": ("id", "name"),
    "parties/identifier": ("scheme", "id"), "buyer": ("id", "name"),
}  # fmt: skip
LISTS = {"tag", "parties", "parties/roles", "awards", "contracts", "tender/items", "tender/documents", "tender/tenderers",
         "tender/amendments", "tender/submissionMethod", "tender/items/additionalClassifications", "awards/documents",
         "awards/suppliers", "contracts/documents", "contracts/milestones", "contracts/implementation/documents"}  # fmt: skip
MOMENTS = re.compile(r"(^|/)(date|dateMet|dueDate|dateSigned|datePublished|startDate|endDate|publishedDate)$")
GRANT_NEEDED = ("id", "title", "description", "currency", "amountAwarded", "awardDate", "recipientOrganization",
                "fundingOrganization")  # fmt: skip
GRANT_LISTS = {"recipientOrganization", "fundingOrganization", "plannedDates", "actualDates", "beneficiaryLocation",
               "grantProgramme", "fundingType", "classifications"}  # fmt: skip
USCC_ID = re.compile(r"CN-USCI-[0-9A-HJ-NPQRTUWXY]{18}")


def leaves(found: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value that is no container, with its path; an empty container is a value."""
    if isinstance(found, dict) and found:
        for name, value in found.items():
            yield from leaves(value, f"{path}/{name}".lstrip("/"))
    elif isinstance(found, list) and found:
        for value in found:
            yield from leaves(value, path)
    else:
        yield path, found


def nodes(found: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every object and list with its path."""
    if isinstance(found, dict):
        yield path, found
        for name, value in found.items():
            yield from nodes(value, f"{path}/{name}".lstrip("/"))
    elif isinstance(found, list):
        yield path, found
        for value in found:
            yield from (node for node in nodes(value, path) if node[1] is not found)


def is_moment(text: Any) -> bool:
    """A date and time in ISO 8601 that names its zone."""
    return isinstance(text, str) and "T" in text and datetime.fromisoformat(text).tzinfo is not None


def is_day(text: Any) -> bool:
    return isinstance(text, str) and re.fullmatch(r"\d{4}-(0[1-9]|1[012])-(0[1-9]|[12]\d|3[01])", text) is not None


def is_address(text: Any) -> bool:
    return isinstance(text, str) and urlparse(text).scheme in ("http", "https") and bool(urlparse(text).netloc)


def is_amount(number: Any) -> bool:
    return type(number) in (int, float) and round(number * 100) == number * 100 and number >= 0


def release_problems(release: dict[str, Any]) -> list[str]:
    found = list(_shape(release, NEEDED, LISTS, CODES, MOMENTS, is_moment))
    found += [f"{p}: {v}" for p, v in leaves(release) if p.endswith("documentType") and v not in DOCUMENTS]
    found += [f"id with #: {release['id']}"] if "#" in release["id"] else []
    for name in ("awards", "contracts", "tender/items", "parties"):
        rows = [value for path, value in nodes(release) if path == name and isinstance(value, list)]
        found += [f"{name}: one id twice" for row in rows if len({one["id"] for one in row}) != len(row)]
    return found + list(_references(release)) + list(_periods(release))


def _references(release: dict[str, Any]) -> Iterator[str]:
    """Whoever is referred to is among the parties in that role, and a contract names an award of the release."""
    parties = {one["id"]: one for one in release.get("parties", [])}
    tender = release.get("tender", {})
    named = [("buyer", release["buyer"])] + [("tenderer", one) for one in tender.get("tenderers", [])]
    named += [("procuringEntity", tender["procuringEntity"])] if tender else []
    named += [("supplier", one) for award in release.get("awards", []) for one in award.get("suppliers", [])]
    for role, one in named:
        if one["id"] not in parties or role not in parties[one["id"]]["roles"]:
            yield f"{one} is no party as {role}"
    if set(parties) != {one["id"] for _role, one in named}:
        yield "a party that nobody refers to"
    if tender.get("numberOfTenderers", 0) != len(tender.get("tenderers", [])):
        yield "numberOfTenderers does not count the tenderers"
    awards = {award["id"] for award in release.get("awards", [])}
    for one in release.get("contracts", []):
        if one["awardID"] not in awards:
            yield f"{one['awardID']} is no award"


def _periods(release: dict[str, Any]) -> Iterator[str]:
    for path, value in nodes(release):
        if isinstance(value, dict) and {"startDate", "endDate"} <= set(value) and value["startDate"] > value["endDate"]:
            yield f"{path} ends before it begins"


def _shape(
    found: dict[str, Any], needed: dict[str, tuple[str, ...]], lists: set[str], codes: dict[str, set[str]],
    moments: re.Pattern[str], is_time: Callable[[Any], bool],
) -> Iterator[str]:  # fmt: skip
    for path, value in nodes(found):
        if isinstance(value, list) != (path in lists) and not (isinstance(value, dict) and path in lists):
            yield f"{path}: {'a list' if isinstance(value, list) else 'no list'}"
        if isinstance(value, dict):
            yield from (f"{path}: no {name}" for name in needed.get(path, ()) if value.get(name) in (None, "", []))
    for path, value in leaves(found):
        if value is None or value in ("", [], {}):
            yield f"{path}: empty"
        if path in codes and value not in codes[path]:
            yield f"{path}: {value}"
        if moments.search(path) and not is_time(value):
            yield f"{path}: {value} is no time"
        last = path.rpartition("/")[2]
        if (last.startswith("amount") or path.endswith("numberOfTenderers")) and not is_amount(value):
            yield f"{path}: {value!r} is no amount"
        elif not last.startswith(("amount", "number")) and not isinstance(value, str):
            yield f"{path}: {value!r} is no text"
        if last == "currency" and value != "CNY":
            yield f"{path}: {value}"
        if last in ("url", "uri") and not is_address(value):
            yield f"{path}: {value} is no address"


def package_problems(package: dict[str, Any], key: str) -> list[str]:
    found = [f"no {name}" for name in ("uri", "publisher", "publishedDate", "version", key) if not package.get(name)]
    found += [] if package["publisher"].get("name") else ["the publisher has no name"]
    found += [] if re.fullmatch(r"\d+\.\d+", package["version"]) else ["version"]
    found += [] if is_moment(package["publishedDate"]) else ["publishedDate"]
    return found + [name for name in ("uri", "license", "publicationPolicy") if not is_address(package[name])]


def record_problems(record: dict[str, Any]) -> list[str]:
    releases, whole = record["releases"], record["compiledRelease"]
    found = [problem for one in [*releases, whole] for problem in release_problems(one)]
    found += ["no release"] if not releases else []
    found += ["another ocid"] if {one["ocid"] for one in [*releases, whole]} != {record["ocid"]} else []
    found += (
        ["releases not in order of time"]
        if [r["date"] for r in releases] != sorted(r["date"] for r in releases)
        else []
    )
    found += ["one id twice"] if len({one["id"] for one in releases}) != len(releases) else []
    found += ["compiled is not tagged so"] if whole["tag"] != ["compiled"] else []
    found += ["compiled has another date"] if whole["date"] != releases[-1]["date"] else []
    prefix = re.fullmatch(r"ocds-[a-z0-9]{6}-.+", record["ocid"])
    return found + ([] if prefix else ["the ocid has no prefix"])


def grant_problems(grant: dict[str, Any]) -> list[str]:
    needed = {"": GRANT_NEEDED, "recipientOrganization": ("id", "name"), "fundingOrganization": ("id", "name")}
    codes = {"fromOpenCall": {"Yes", "No"}, "beneficiaryLocation/countryCode": {"CN"}}
    days = re.compile(r"(^|/)(awardDate|startDate|endDate)$")
    found = list(_shape(grant, needed, GRANT_LISTS, codes, days, is_day)) + list(_periods(grant))
    found += [] if is_moment(grant["dateModified"]) else ["dateModified"]
    found += [] if is_address(grant["dataSource"]) else ["dataSource"]
    one = grant["recipientOrganization"][0]["id"]
    return found + ([] if USCC_ID.fullmatch(one) else [f"{one} is no CN-USCI"])
