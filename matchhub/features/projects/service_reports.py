"""Monthly reports (月报): the organisation saves and submits, the street returns, accepts or exempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow
from matchhub.core.files import Stored
from matchhub.core.i18n import _
from matchhub.domain import attachments, lifecycle, measuring
from matchhub.domain.models import Report, ReportState, User
from matchhub.domain.parties import Party
from matchhub.features.projects import rules

VOUCHER = "voucher"
FIELDS = ("summary", "no_activity_reason", "feedback", "problems", "asks_for_help", "team_changes", "suggestions_done",
          "next_month")  # fmt: skip
WRITABLE = (ReportState.AWAITED, ReportState.RETURNED)


@command
def save_report(
    actor: User,
    report: Report,
    values: Mapping[str, Any],
    vouchers: Sequence[Stored] = (),
    seen: int | None = None,
) -> None:
    """Keep a draft. `values`: the fields of FIELDS, and `other`, a dictionary of category to fen.

    `other` is what was spent in the month beside activities: wages, management, taxes.
    """
    lifecycle.same_version(report, seen)
    rules.must_be(actor, report, Party.OWNER)
    if report.state not in WRITABLE:
        raise NotNow(_("月报已经提交，不能再改；需要修改请联系街道退回。"))
    _fill(report, values, vouchers, actor)


@command
def submit_report(
    actor: User,
    report: Report,
    values: Mapping[str, Any] | None = None,
    vouchers: Sequence[Stored] = (),
    seen: int | None = None,
) -> None:
    """Save and hand in: from here on the figures of the month are frozen."""
    lifecycle.same_version(report, seen)
    if values is not None and report.state in WRITABLE:
        _fill(report, values, vouchers, actor)
    if report.state in WRITABLE:
        _freeze(report)
        report.submitted_at, report.submitted_by_id = clock.now(), actor.id
        report.first_submitted_at = report.first_submitted_at or report.submitted_at
    figures = {key: report.figures.get(key) for key in ("sessions", "people", "spent_fen")}
    lifecycle.advance(report, "submit", actor, **figures)


def _fill(report: Report, values: Mapping[str, Any], vouchers: Sequence[Stored], actor: User) -> None:
    for key in FIELDS:
        if key in values:
            setattr(report, key, values[key])
    if "other" in values:
        report.figures = {"other": {category: fen for category, fen in values["other"].items() if fen}}
    for stored in vouchers:
        attachments.attach(report, VOUCHER, stored, actor)


def _freeze(report: Report) -> None:
    found = sa.select(Report).where(Report.project_id == report.project_id).order_by(Report.month)
    others = list(db.session.scalars(found))
    report.figures = measuring.month_figures(report.project, report, report.figures.get("other", {}), others)


@command
def return_report(staff: User, report: Report, reason: str, seen: int | None = None) -> None:
    """Send a report back with what to repair."""
    lifecycle.same_version(report, seen)
    if not reason:
        raise NotNow(_("请写明需要修改的地方。"))
    _answer(report, "return", reason, staff)


@command
def accept_report(staff: User, report: Report, note: str = "", seen: int | None = None) -> None:
    """Accept a report: it never changes again."""
    lifecycle.same_version(report, seen)
    _answer(report, "accept", note, staff)


@command
def exempt_report(staff: User, report: Report, reason: str, seen: int | None = None) -> None:
    """Let a month go without a report, for a reason."""
    lifecycle.same_version(report, seen)
    if not reason:
        raise NotNow(_("请写明免报的理由。"))
    _answer(report, "exempt", reason, staff)


def _answer(report: Report, action: str, text: str, staff: User) -> None:
    # Asked first: an accepted report refuses every change, even one that would be undone.
    if why := lifecycle.refusal(report, action, staff, clock.now()):
        raise why
    report.reply, report.replied_at, report.replied_by_id = text, clock.now(), staff.id
    lifecycle.advance(report, action, staff, reason=text)
