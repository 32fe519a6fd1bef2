"""Pages of the organisation: the closing report and the self-score. The other rooms stand beside this file."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import abort, redirect, render_template, request, url_for

from matchhub.core import files, money
from matchhub.core.access import access
from matchhub.core.db import db
from matchhub.core.forms import Form
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.domain import assessing, attachments, evidence, final_account, policy, roles, sheets, surveying
from matchhub.domain.models import Assessment, Attachment, ClosingReport, Project, SubjectKind
from matchhub.domain.parties import Party
from matchhub.features import kit
from matchhub.features.closing import queries, reporting, service, sheetform
from matchhub.features.closing import views_judge as views_judge
from matchhub.features.closing import views_paper as views_paper
from matchhub.features.closing import views_public as views_public
from matchhub.features.closing import views_staff as views_staff
from matchhub.features.closing.forms import report_form
from matchhub.features.closing.views_base import attempt, bp

PARTS = ("goals", "outcomes", "satisfaction", "account", "teams", "card", "end", "files")


@bp.route("/my/closings")
@access(roles.ORGANISATION)
def mine():
    return render_template("closing/mine.html", rows=queries.mine(actor()))


@bp.route("/my/closings/begin/<ref>", methods=["POST"])
@access(roles.ORGANISATION)
def begin(ref):
    project = policy.find(Project, ref, viewer())
    report = service.begin(actor(), project)
    return redirect(url_for("closing.report", ref=report.ref), 303)


def _own(ref: str) -> ClosingReport:
    found = policy.find(ClosingReport, ref, viewer())
    policy.require(actor(), found, Party.OWNER)
    return found


@bp.route("/my/closings/<ref>", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def report(ref):
    found = _own(ref)
    if found.state not in reporting.EDITABLE:
        if request.method == "POST":
            abort(409, _("结项报告已经提交，不能再改。"))
        return render_template("closing/report_read.html", **_context(found))
    form = report_form(found)
    if form.validate_on_submit() and _saved(found, form):
        if "submit" not in request.form:
            part = request.form.get("save", "")
            anchor = f"#part-{part}" if part in PARTS else ""
            return done(_("已保存，随时可以回来继续填。"), url_for("closing.report", ref=ref) + anchor)
        form.version.data = str(found.version)
        if _submitted(found, form):
            return done(_("结项报告已提交，主办科室会尽快审核。"), url_for("closing.report", ref=ref))
    return kit.shown("closing/report.html", form, **_context(found))


def _saved(found: ClosingReport, form: Any) -> bool:
    kept = kit.keep_uploads(form, "files")
    audit = kit.keep_uploads(form, "audit", files.DOCUMENTS)
    if kept is None or audit is None:
        return False
    save = partial(service.save_report, actor(), found, form.values(), form.seen_version(), kept, audit)
    return attempt(form, save)


def _submitted(found: ClosingReport, form: Any) -> bool:
    if not form.pledge.data:
        form.refuse("pledge", _("请先勾选承诺，再提交结项报告。"))
        return False
    return attempt(form, partial(service.submit_report, actor(), found))


def _context(found: ClosingReport) -> dict[str, Any]:
    assessment = assessing.assessment_of(found.project)
    return {
        "report": found,
        "project": found.project,
        "assessment": assessment,
        "own_score": evidence.own_sheet(assessment) if assessment else None,
        "goals": queries.goal_rows(found),
        "account": final_account.account_rows(found),
        "total": (total := final_account.account_total(found)),
        "spent": money.yuan(total.spent_fen),
        "rate": final_account.satisfaction_rate(found),
        "survey": surveying.tally(found.project),
        "communities": queries.communities(found),
        "files": attachments.of(found, reporting.EVIDENCE),
        "audit": attachments.of(found, reporting.AUDIT),
        "offers": kit.offers(found, viewer()),
    }


@bp.route("/my/closings/<ref>/refresh", methods=["POST"])
@access(roles.ORGANISATION)
def refresh(ref):
    service.refresh_facts(actor(), _own(ref), kit.seen_version())
    return done(_("系统数字已更新。"), url_for("closing.report", ref=ref) + "#facts")


@bp.route("/my/closings/<ref>/files/<code>/remove", methods=["POST"])
@access(roles.ORGANISATION)
def drop_file(ref, code):
    found = _own(ref)
    attachment = db.session.scalar(sa.select(Attachment).where(Attachment.code == code))
    if attachment is None or attachment not in attachments.of(found):
        abort(404)
    service.drop_file(actor(), found, attachment)
    return done(_("文件已移除。"), url_for("closing.report", ref=ref) + "#part-files")


@bp.route("/my/closings/<ref>/self-score", methods=["GET", "POST"])
@access(get=roles.ORGANISATION, post=roles.ORG_ADMIN)
def self_score(ref):
    found = _own(ref)
    assessment = assessing.assessment_of(found.project)
    if assessment is None:
        abort(404)
    sheet = evidence.own_sheet(assessment)
    if sheet is not None and request.method == "GET":
        return _score_page(found, assessment, Form(), sheet, None, {}, closed=True)
    sheet = sheets.find(SubjectKind.SELF, assessment.id, actor().id)
    form = Form()
    if not form.validate_on_submit():
        return _score_page(found, assessment, form, sheet, None, {})
    return _scored(found, assessment, form)


def _scored(found: ClosingReport, assessment: Assessment, form: Form) -> Any:
    rubric = sheets.newest_rubric("C2")
    typed = sheetform.read(rubric, request.form)
    kept = attempt(
        form, partial(service.save_sheet, actor(), assessment, SubjectKind.SELF, typed.entries, typed.comment)
    )
    sheet = sheets.find(SubjectKind.SELF, assessment.id, actor().id)
    wrong = typed.wrong
    if kept and not wrong and "save" in request.form:
        return done(_("已保存，还没有提交。"), url_for("closing.self_score", ref=found.ref))
    if kept and not wrong and sheet is not None:
        wrong = sheets.gaps(sheet)
    submit = partial(service.self_score, actor(), assessment, typed.entries, typed.comment)
    if kept and not wrong and not kit.is_sure():
        form.form_errors = [kit.not_sure()]
    elif kept and not wrong and attempt(form, submit):
        return done(_("自评分已提交。"), url_for("closing.report", ref=found.ref))
    return _score_page(found, assessment, form, sheet, typed, wrong)


def _score_page(
    found: ClosingReport, assessment: Assessment, form: Form, sheet: Any, typed: Any, wrong: Any, closed: bool = False
) -> Any:
    rubric = sheet.rubric if sheet else sheets.newest_rubric("C2")
    pairs = sheetform.rows(rubric, sheet, {}, typed, wrong)
    page = render_template(
        "closing/self_score.html",
        report=found, project=found.project, assessment=assessment, form=form, rubric=rubric, rows=pairs,
        left=sheetform.unscored(pairs), comment=typed.comment if typed else (sheet.comment if sheet else ""),
        sheet=sheet, closed=closed, wrong=wrong,
    )  # fmt: skip
    return page, 422 if wrong or form.errors else 200
