"""The closing report: begun, filled in part by part, handed in, returned or accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matchhub.core import clock
from matchhub.core.db import command
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.domain import assessing, attachments, final_account, lifecycle
from matchhub.domain.models import Attachment, ClosingReport, ClosingState, Project, ProjectState, User
from matchhub.domain.parties import Party, parties

EVIDENCE, AUDIT = "closing", "audit"
EDITABLE = (ClosingState.DRAFT, ClosingState.RETURNED)
TEXTS = (
    "outcomes", "method", "satisfaction_sampling", "balance_handling", "teams", "resources", "card_practice",
    "card_conditions", "card_steps", "card_pitfalls", "card_copying", "shortcomings", "handover",
)  # fmt: skip
NUMBERS = ("satisfaction_valid", "satisfaction_satisfied")


@command
def begin(actor: User, project: Project) -> ClosingReport:
    """The closing report of a project in closing, made with its assessment where it is still missing."""
    if project.state is not ProjectState.CLOSING:
        raise NotNow(_("项目还没有进入结项。"))
    if not parties(actor, project) & {Party.OWNER, Party.OFFICE}:
        raise NotYours(_("只有本机构和主办科室能开始填写结项报告。"))
    return assessing.begin(project, actor)[0]


def _editable(actor: User, report: ClosingReport) -> None:
    if Party.OWNER not in parties(actor, report):
        raise NotYours(_("只有本机构的人能填写结项报告。"))
    if report.state not in EDITABLE:
        raise NotNow(_("结项报告已经提交，不能再改；需要修改时请联系主办科室退回。"))


@command
def save_report(
    actor: User,
    report: ClosingReport,
    values: Mapping[str, Any],
    seen: int | None = None,
    files: Sequence[Stored] = (),
    audit: Sequence[Stored] = (),
) -> None:
    """Keep what was filled in so far; nothing is required yet, and keys that are missing stay as they are.

    `values`: the texts and numbers by the names of their columns; `goals` and `account` as lists in the order of the
    report's rows, with {"actual", "explanation"} and {"spent_fen", "explanation"} each.
    """
    lifecycle.same_version(report, seen)
    _editable(actor, report)
    for name in TEXTS:
        if name in values:
            setattr(report, name, values[name] or "")
    for name in NUMBERS:
        if name in values:
            setattr(report, name, int(values[name] or 0))
    final_account.count_answers(report)
    if report.satisfaction_satisfied > report.satisfaction_valid:
        raise NotNow(_("满意份数不能多于有效份数，请核对后再存。"))
    report.goals = _merged(report.goals, values.get("goals", ()), ("actual", "explanation"))
    report.account = _merged(report.account, values.get("account", ()), ("spent_fen", "explanation"))
    for purpose, stored in ((EVIDENCE, files), (AUDIT, audit)):
        for one in stored:
            attachments.attach(report, purpose, one, actor)
    lifecycle.record(actor, report, "save", {"files": len(files) + len(audit)})


def _merged(rows: Sequence[Any], typed: Iterable[Mapping[str, Any]], names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The stored rows with what was typed into them; rows cannot be added or taken away."""
    found = list(typed)
    merged = []
    for n, row in enumerate(rows):
        new = {name: found[n][name] for name in names if n < len(found) and found[n].get(name) is not None}
        merged.append(dict(row) | new)
    return merged


@command
def drop_file(actor: User, report: ClosingReport, attachment: Attachment) -> None:
    """Take a file off a report that can still be edited."""
    _editable(actor, report)
    lifecycle.record(actor, report, "drop_file", {"sha256": attachment.sha256})
    attachments.remove(attachment)


@command
def refresh_facts(actor: User, report: ClosingReport, seen: int | None = None) -> None:
    """Read the system's figures anew, after activities were added or struck; spending already typed stays."""
    lifecycle.same_version(report, seen)
    _editable(actor, report)
    report.facts = final_account.facts(report.project)
    final_account.count_answers(report)
    lifecycle.record(actor, report, "refresh", {"sessions": report.facts["sessions"]})


@command
def submit_report(actor: User, report: ClosingReport, seen: int | None = None) -> None:
    """Hand the report in, with the pledge that it is true. The system's figures are read for the last time."""
    lifecycle.same_version(report, seen)
    if why := lifecycle.refusal(report, "submit", actor, clock.now()):
        raise why
    report.facts = final_account.facts(report.project)
    final_account.count_answers(report)
    report.submitted_at, report.submitted_by_id = clock.now(), actor.id
    report.reply = ""
    lifecycle.advance(report, "submit", actor, pledged=True)


@command
def accept_report(actor: User, report: ClosingReport, reply: str = "", seen: int | None = None) -> None:
    """Accept the report: it never changes again, and the inspection of the ledger may begin."""
    lifecycle.same_version(report, seen)
    report.reply = reply
    lifecycle.advance(report, "accept", actor)


@command
def return_report(actor: User, report: ClosingReport, reason: str, seen: int | None = None) -> None:
    """Give the report back with the reason that the organisation reads."""
    lifecycle.same_version(report, seen)
    if not reason.strip():
        raise NotNow(_("退回时请写明要改什么。"))
    report.reply = reason
    lifecycle.advance(report, "return", actor)
