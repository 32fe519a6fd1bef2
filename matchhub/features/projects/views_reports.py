"""Monthly reports: the organisation writes them, the street answers."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.i18n import _, _l
from matchhub.core.web import actor, done, paged, viewer
from matchhub.documents.table import Listed
from matchhub.domain import attachments, helping, lifecycle, measuring, policy, reference, roles
from matchhub.domain.lifecycle.project import month_over, suggestions_of
from matchhub.domain.models import Report
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.projects import lists, queries, service
from matchhub.features.projects.forms import ReasonForm, ReplyForm, ReportForm, report_form
from matchhub.features.projects.service_reports import VOUCHER, WRITABLE
from matchhub.features.projects.views import attempt, bp

QUEUES = {"submitted": _l("待审阅"), "overdue": _l("逾期未报"), "returned": _l("退回修改中"), "accepted": _l("已通过")}


@bp.route("/staff/reports")
@access(get=roles.INSIDE)
def reports() -> Any:
    show, section = _queue()
    return render_template(
        "projects/reports.html",
        page=paged(_reports_list().query),
        sizes=queries.queue_sizes(actor(), [section] if section else []),
        show=show,
        words_of={code: _(word) for code, word in QUEUES.items()},
        section=section,
        sections=reference.codes("section").values(),
    )


def _queue() -> tuple[str, str]:
    """The queue and the section that the address asks for; somebody of one section sees that one first."""
    own, asked = sorted(actor().sections()), request.args.get("section")
    section = asked if asked in reference.codes("section") else "" if asked is not None or len(own) != 1 else own[0]
    show = request.args.get("show", "")
    return show if show in QUEUES else "submitted", section


@kit.offer_export(bp, "reports", "/staff/reports", roles.INSIDE)
def _reports_list() -> Listed:
    show, section = _queue()
    return lists.reports(actor(), show, _(QUEUES[show]), section)


@bp.route("/staff/reports/<ref>")
@access(get=roles.INSIDE | roles.SUPERVISOR)
def staff_report(ref: str) -> Any:
    report = policy.find(Report, ref, viewer())
    return render_template("projects/staff_report.html", offers=kit.offers(report, viewer()), **_contents(report))


def _contents(report: Report) -> dict[str, Any]:
    return {
        "report": report,
        "project": report.project,
        "figures": queries.figures_of(report),
        "activities": queries.month_of(report),
        "suggestions": suggestions_of(report),
        "vouchers": attachments.of(report, VOUCHER),
        "help_request": helping.of_report(report) if report.asks_for_help else None,
        "may_ask": helping.may_follow(report) and Party.OWNER in parties(viewer(), report),
    }


@bp.route("/staff/reports/<ref>/reply", methods=["GET", "POST"])
@access(roles.STAFF)
def reply(ref: str) -> Any:
    report = policy.find(Report, ref, viewer())
    policy.require(actor(), report, Party.OFFICE)
    action = "return" if request.args.get("action") == "return" else "accept"
    form = ReasonForm(obj=report) if action == "return" else ReplyForm(obj=report)
    deed = service.return_report if action == "return" else service.accept_report
    if form.validate_on_submit() and attempt(form, deed, actor(), report, form.reason.data, form.seen_version()):
        told = _("月报已退回，机构会收到您的意见。") if action == "return" else _("月报已通过。")
        return done(told, url_for("projects.reports"))
    why = lifecycle.refusal(report, action, actor(), clock.now())
    return kit.shown("projects/reply.html", form, action=action, why=why, **_contents(report))


@bp.route("/staff/reports/<ref>/exempt", methods=["GET", "POST"])
@access(roles.STAFF)
def exempt(ref: str) -> Any:
    report = policy.find(Report, ref, viewer())
    policy.require(actor(), report, Party.OFFICE)
    form = ReasonForm(obj=report)
    if form.validate_on_submit() and attempt(
        form, service.exempt_report, actor(), report, form.reason.data, form.seen_version()
    ):
        return done(_("本月已免报。"), url_for("projects.staff", ref=report.project.ref))
    return kit.shown("projects/exempt.html", form, report=report, project=report.project)


@bp.route("/my/reports/<ref>", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def report(ref: str) -> Any:
    row = policy.find(Report, ref, viewer())
    policy.require(actor(), row, Party.OWNER)
    if row.state not in WRITABLE:
        return kit.shown("projects/report.html", None, **_contents(row))
    form = report_form(_categories(row))()
    if not form.is_submitted():
        form.start_with(row)
    if form.validate_on_submit() and _written(row, form):
        return _after(row)
    why = month_over(row, clock.now())
    return kit.shown("projects/report.html", form, why=why, **_contents(row))


def _categories(row: Report) -> list[str]:
    """The categories that the project's budget has, in the order of the list."""
    budgeted = measuring.agreed_budget(row.project.budget, row.project.amount_fen)
    known = set(budgeted) | set(row.figures.get("other", {}))
    return [code for code in reference.codes("budget_category") if code in known]


def _written(row: Report, form: ReportForm) -> bool:
    vouchers = kit.keep_uploads(form, "vouchers")
    if vouchers is None:
        return False
    deed = service.submit_report if "submit" in request.form else service.save_report
    return attempt(form, deed, actor(), row, form.values(), vouchers, form.seen_version())


def _after(row: Report) -> Any:
    if "submit" in request.form and helping.may_follow(row):
        return done(_("月报已提交。请再写明求助的事情。"), url_for("channel.new", ref=row.project.ref, report=row.ref))
    if "submit" in request.form:
        return done(_("月报已提交，街道审阅后会有消息。"), url_for("projects.own", ref=row.project.ref))
    return done(_("月报已保存，还没有提交。"), url_for("projects.report", ref=row.ref))
