"""How far a process had come after a deed: tender, awards and contract under the names of OCDS code lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from matchhub.documents.opendata.facts import Mark, Process

# What each deed publishes: the tag of its release and the sections that it carries (tender, awards, contracts).
STAGES: dict[str, tuple[str, str]] = {
    "need.publish": ("tender", "t"),
    "need.correct": ("tenderUpdate", "t"),
    "need.fail": ("tenderUpdate", "t"),
    "need.withdraw": ("tenderCancellation", "t"),
    "need.cancel": ("tenderCancellation", "t"),
    "notice.publish": ("award", "ta"),
    "need.reconsider": ("awardCancellation", "ta"),
    "need.match": ("awardUpdate", "ta"),
    "project.sign": ("contract", "ac"),
    "project.start": ("contractUpdate", "ac"),
    "project.assess": ("implementation", "ac"),
    "project.finish": ("contractTermination", "ac"),
    "project.terminate": ("contractTermination", "ac"),
}
TENDER = {"need.publish": "active", "need.fail": "unsuccessful", "need.withdraw": "withdrawn",
          "need.cancel": "cancelled", "need.match": "complete"}  # fmt: skip
AWARD = {"need.match": "active", "need.reconsider": "cancelled", "need.cancel": "cancelled"}


@dataclass(slots=True)
class Status:
    """`awards` by the reference of the first notice of each decision; `shown` the notice that stands for it now."""

    tender: str = "active"
    awards: dict[str, str] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    contract: str = ""
    is_assessed: bool = False


def after(process: Process, marks: Iterable[Mark]) -> Status:
    """What is true when these deeds of the process have been done."""
    status, roots = Status(), award_ids(process)
    for mark in marks:
        status.tender = TENDER.get(mark.deed, status.tender)
        if mark.deed == "notice.publish":
            status.awards[roots[mark.ref]] = "pending"
            status.shown[roots[mark.ref]] = mark.ref
        elif mark.deed in AWARD and status.awards:
            status.awards[list(status.awards)[-1]] = AWARD[mark.deed]
        status.contract = _contract(status.contract, mark.deed)
        status.is_assessed = status.is_assessed or mark.deed == "project.assess"
    return status


def _contract(before: str, deed: str) -> str:
    if deed == "project.sign":
        return before or "pending"
    if deed == "project.start":
        return "active"
    if deed in ("project.finish", "project.terminate") and before:
        return "terminated" if before == "active" else "cancelled"
    return before


def award_ids(process: Process) -> dict[str, str]:
    """The identifier of the award that each notice is about: a correction speaks of the award of what it corrects."""
    by_id = {notice.id: notice for notice in process.notices}
    found = {}
    for notice in process.notices:
        root = notice
        while root.corrects_id in by_id:
            root = by_id[root.corrects_id]
        found[notice.ref] = root.ref
    return found


def tag(process: Process, mark: Mark) -> str:
    if mark.deed == "notice.publish" and award_ids(process)[mark.ref] != mark.ref:
        return "awardUpdate"
    return STAGES[mark.deed][0]
