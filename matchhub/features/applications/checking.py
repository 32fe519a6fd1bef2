"""What the section does: the eligibility check, the one correction round, and its decision."""

from __future__ import annotations

from collections.abc import Sequence

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours, Refused
from matchhub.core.i18n import _
from matchhub.domain import application_form as form
from matchhub.domain import checklist, deadlines, excluding, lifecycle, policy, reference
from matchhub.domain.lifecycle.application import call_closed
from matchhub.domain.models import Application, ApplicationState, EligibilityCheck, User
from matchhub.domain.parties import Party, parties


def _may_check(actor: User, application: Application) -> None:
    """Raises NotYours for others than the section, NotNow while the application is sealed or no longer in the check."""
    if Party.OFFICE not in parties(actor, application):
        raise NotYours(_("只有主办科室可以做资格审查。"))
    if why := call_closed(application, clock.now()):
        raise NotNow(why)
    if application.state is not ApplicationState.SUBMITTED or policy.is_sealed(application):
        raise NotNow(_("这份申报现在不在资格审查中。"))


@command
def open_checklist(actor: User, application: Application, seen: int | None = None) -> None:
    """Start the check: one row for each rule, the computed ones decided with their evidence."""
    lifecycle.same_version(application, seen)
    _may_check(actor, application)
    if application.checks:
        raise NotNow(_("资格审查已经开始。"))
    checklist.open_checklist(application)
    lifecycle.record(actor, application, "open_checklist", {"rules": len(application.checks)})


@command
def recheck(actor: User, application: Application) -> None:
    """Compute the computed rules anew, after the organisation has put something right elsewhere."""
    _may_check(actor, application)
    checklist.refresh(application)
    lifecycle.record(actor, application, "recheck", _counts(application))


@command
def decide_rule(actor: User, application: Application, rule: str, passed: bool, evidence: str) -> EligibilityCheck:
    """Decide one rule that a person decides. `evidence` says what it rests on. Raises Refused when it is empty."""
    _may_check(actor, application)
    row = _row(application, rule)
    if row.computed:
        raise Refused(_("这一条由系统核对，不能手工修改；请让机构补正后重新核对。"))
    if not evidence.strip():
        raise Refused(_("请写明依据，例如“登记证书业务范围第 2 项”。"))
    checklist.decide(row, actor, passed, evidence.strip())
    lifecycle.record(actor, application, "decide_rule", {"rule": rule, "passed": passed})
    return row


def _row(application: Application, rule: str) -> EligibilityCheck:
    for row in application.checks:
        if row.rule == rule:
            return row
    raise NotNow(_("还没有开始资格审查，请先打开核对清单。"))


def _counts(application: Application) -> dict[str, int]:
    return {"failed": sum(row.passed is False for row in application.checks), "rules": len(application.checks)}


@command
def ask_correction(
    actor: User, application: Application, note: str, parts: Sequence[str], seen: int | None = None
) -> None:
    """Give the organisation its one correction round, due by the clock of `correction_days` working days.

    `parts` are the codes of the parts that it may change (`files` for attachments).
    """
    lifecycle.same_version(application, seen)
    if unknown := set(parts) - {*form.BY_CODE, "files"}:
        raise ValueError(f"no such part: {unknown}")
    if not note.strip() or not parts:
        raise Refused(_("请写明要补正什么，并至少选择一个可以修改的部分。"))
    # The guard `one_correction` looks at the due moment, so it is set after the move.
    lifecycle.advance(application, "ask_correction", actor, **_counts(application), parts=list(parts))
    application.correction_note, application.correction_parts = note.strip(), list(parts)
    application.correction_due_at = deadlines.correction_due_at(clock.now(), reference.terms(), reference.calendar())
    body = application.body
    body.done_parts = [code for code in body.done_parts if code not in parts]
    db.session.flush()


@command
def qualify(actor: User, application: Application, seen: int | None = None) -> None:
    """Pass the check. The computed rules are looked at once more: what failed meanwhile stops it."""
    lifecycle.same_version(application, seen)
    if application.checks:
        checklist.refresh(application)
    lifecycle.advance(application, "qualify", actor, **_counts(application))


@command
def disqualify(actor: User, application: Application, reason: str, seen: int | None = None) -> None:
    """End the application with a reason that the organisation reads."""
    lifecycle.same_version(application, seen)
    if not reason.strip():
        raise Refused(_("请写明理由，机构会看到。"))
    application.result_reason = reason.strip()
    excluding.exclude(application, actor)
    lifecycle.advance(application, "disqualify", actor, **_counts(application))
