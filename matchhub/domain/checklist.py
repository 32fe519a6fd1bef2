"""The eligibility check of one application: its lines, computed and decided, and what they ask for. Inside commands."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from matchhub.core import clock
from matchhub.core.i18n import _l
from matchhub.domain import application_form as form
from matchhub.domain import eligibility, paths
from matchhub.domain.models import Application, ApplicationState, EligibilityCheck, User


def links(row: EligibilityCheck, side: str) -> list[tuple[str, str]]:
    """(word, address) of what was looked at, for the organisation (paths.MY) or the street (paths.STAFF)."""
    return [(one["word"], _address(one["kind"], one["ref"], side)) for one in row.sources or []]


def _address(kind: str, ref: str, side: str) -> str:
    if kind == eligibility.FILE:
        return f"/files/{ref}"
    if kind == "declarations":
        return "/my/org/declarations" if side == paths.MY else f"/staff/orgs/{ref}#declarations"
    if kind == "need":
        side = paths.PUBLIC
    return paths.PATHS[kind, side].format(SimpleNamespace(ref=ref))


def submitted_document(application: Application) -> dict[str, Any]:
    """The text last submitted, with its list of files. Raises LookupError when nothing was submitted."""
    version = form.latest(application)
    if version is None:
        raise LookupError(application.ref)
    return version.document


def open_checklist(application: Application) -> None:
    """Create the rows of the check inside the present command; computed ones are decided at once."""
    document, known = submitted_document(application), {check.rule for check in application.checks}
    for rule in eligibility.rules_for(application):
        if rule.code not in known:
            row = EligibilityCheck(rule=rule.code, computed=rule.find is not None)
            application.checks.append(row)
            _compute(row, rule, application, document)


def refresh(application: Application, again: bool = False) -> None:
    """Compute the computed rows anew; with `again` (after a correction) failed decisions of people are open again."""
    document = submitted_document(application)
    for row in application.checks:
        rule = eligibility.rule_of(application, row.rule)
        if rule is None:
            continue
        if rule.find is not None:
            _compute(row, rule, application, document)
        elif again and row.passed is False:
            row.passed, row.checked_at, row.checked_by_id = None, None, None


def _compute(row: EligibilityCheck, rule: eligibility.Rule, application: Application, document: dict[str, Any]) -> None:
    if rule.find is None:
        return
    found = rule.find(application, document)
    row.passed, row.evidence, row.checked_at = found.passed, found.evidence, clock.now()
    row.repair = "" if found.passed else rule.repair
    row.sources = [{"word": one.word, "kind": one.kind, "ref": one.ref} for one in found.sources]


def decide(row: EligibilityCheck, actor: User, passed: bool, evidence: str) -> None:
    """Write a person's decision on a rule that is not computed, inside the present command."""
    if row.computed:
        raise ValueError(f"{row.rule} is computed")
    row.passed, row.evidence, row.checked_at, row.checked_by_id = passed, evidence, clock.now(), actor.id
    rule = eligibility.rule_of(row.application, row.rule)
    row.repair = "" if passed or rule is None else rule.repair


def failed_parts(application: Application) -> list[str]:
    """Parts that a correction would have to change, from the rules that failed."""
    rules = [eligibility.rule_of(application, row.rule) for row in application.checks if row.passed is False]
    codes = {part for rule in rules if rule is not None for part in rule.parts}
    return [code for code in (*form.BY_CODE, "files") if code in codes]


def is_told(application: Application) -> bool:
    """Whether the organisation may see the results: once the section has acted on them, not while it is deciding."""
    first_round = application.state is ApplicationState.SUBMITTED and application.corrected_at is None
    return bool(application.checks) and not first_round


def overrule(application: Application, actor: User, answer: str) -> None:
    """An upheld objection: what had failed counts as fulfilled, and says by whose decision; inside the present command."""
    for row in application.checks:
        if row.passed is False:
            values = {"evidence": row.evidence, "name": actor.name, "answer": answer}
            row.evidence = _l("%(evidence)s（异议成立，由%(name)s改定：%(answer)s）") % values
            row.passed, row.repair, row.checked_at, row.checked_by_id = True, "", clock.now(), actor.id
