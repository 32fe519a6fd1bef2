"""Pages of the street: the reply to a closing report, and the assessment from its parts to its notice."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, redirect, render_template, request, url_for

from matchhub.core import web
from matchhub.core.access import access
from matchhub.core.db import db
from matchhub.core.i18n import _
from matchhub.core.listing import Filters
from matchhub.core.rows import changed
from matchhub.core.web import actor, done, viewer
from matchhub.domain import (
    assessing,
    attachments,
    evidence,
    final_account,
    lifecycle,
    policy,
    reference,
    roles,
)
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.models import Assessment, ClosingReport, ScoreSheet, SheetState, SubjectKind, User
from matchhub.domain.parties import Party, parties
from matchhub.domain.scoring import sampling
from matchhub.domain.scoring.assessment_words import EXTRAS, number
from matchhub.features import kit
from matchhub.features.closing import lists, queries, reporting, service
from matchhub.features.closing.forms import (
    AdjustForm,
    AdviceForm,
    InspectorForm,
    PresentationForm,
    ReasonForm,
    ReplyForm,
    confirmed_vetoes,
)
from matchhub.features.closing.views_base import attempt, bp
from matchhub.features.closing.views_judge import JUDGES

LIFE = LIVES[Assessment]
plain = ",".join(move.action for move in LIFE.moves if move.label and not move.page)


@bp.route("/staff/assessments")
@access(roles.INSIDE)
def assessments():
    filters = _filters()
    page = web.paged(lists.assessments(viewer(), filters).query)
    return render_template(
        "closing/assessments.html", page=page, filters=filters, reports=queries.reports_of(page.rows)
    )


def _filters() -> Filters:
    states = {state.value: _(word) for state, word in LIFE.words.items()}
    return Filters(request.path, request.args, {"state": states})


@kit.offer_export(bp, "assessments", "/staff/assessments", roles.INSIDE)
def _assessments_list():
    return lists.assessments(viewer(), _filters())


@bp.route("/staff/closings/<ref>", methods=["GET", "POST"])
@access(get=roles.INSIDE | JUDGES, post=roles.STAFF)
def reply(ref):
    """Read a closing report; the office answers it with ?action=return or ?action=accept."""
    found = policy.find(ClosingReport, ref, viewer())
    form = ReplyForm(obj=found if request.method == "GET" else None)
    if form.validate_on_submit() and _replied(found, form):
        words = {"return": _("结项报告已退回。"), "accept": _("结项报告已通过，可以开始台账督察。")}
        return done(words[request.form["action"]], url_for("closing.reply", ref=ref))
    assessment = assessing.assessment_of(found.project)
    offers = [offer.move.action for offer in lifecycle.moves_for(found, viewer()) if offer.move.page == "closing.reply"]
    context = {
        "report": found, "project": found.project, "goals": queries.goal_rows(found),
        "account": final_account.account_rows(found), "total": final_account.account_total(found),
        "rate": final_account.satisfaction_rate(found), "communities": queries.communities(found),
        "files": attachments.of(found, reporting.EVIDENCE), "audit": attachments.of(found, reporting.AUDIT),
        "assessment": assessment if assessment and policy.can_see(viewer(), assessment) else None, "actions": offers,
        "is_staff": bool(viewer().role_codes & roles.INSIDE),
    }  # fmt: skip
    return kit.shown("closing/reply.html", form, **context)


def _replied(found: ClosingReport, form: ReplyForm) -> bool:
    deeds = {"return": service.return_report, "accept": service.accept_report}
    deed = deeds.get(request.form.get("action", ""))
    if deed is None:
        abort(400)
    return attempt(form, partial(deed, actor(), found, form.reply.data or "", form.seen_version()))


def _find(ref: str) -> Assessment:
    return policy.find(Assessment, ref, viewer())


def _office(ref: str, *more: Party) -> Assessment:
    found = _find(ref)
    policy.require(actor(), found, Party.OFFICE, *more)
    return found


def _page(found: Assessment) -> str:
    return url_for("closing.assessment", ref=found.ref)


@bp.route("/staff/assessments/<ref>")
@access(roles.INSIDE)
def assessment(ref):
    found = _find(ref)
    report = final_account.report_of(found.project)
    mine = parties(actor(), found)
    return render_template(
        "closing/assessment.html",
        assessment=found, project=found.project, report=report, mine={party.value for party in mine},
        parts=queries.parts(found, report, lambda endpoint: url_for(endpoint, ref=ref) if Party.OFFICE in mine else ""),
        sample=evidence.sample(found), tickets=_tickets(found), seats=queries.panel(found, actor()),
        own=evidence.own_sheet(found), inspection=shown_inspection(found),
        raised=queries.raised_vetoes(found), notice=evidence.notice_of(found), offers=kit.offers(found, viewer()),
        report_stands=service.report_stands(found), extra_words=EXTRAS,
        address=lambda action: url_for("closing.move", ref=ref, action=action), daily_rows=_daily_rows(found),
    )  # fmt: skip


def _daily_rows(found: Assessment) -> list[tuple[Any, ...]]:
    """The visits of C3 as a table: reference with its page, day, kind, weight, score."""
    return [
        ((visit.ref, f"/staff/visits/{visit.ref}"), (visit.visited_on or visit.planned_on).isoformat(),
         reference.word("visit_kind", visit.kind), number(weight), number(total))
        for visit, total, weight in queries.daily(found)
    ]  # fmt: skip


def shown_inspection(found: Assessment) -> ScoreSheet | None:
    """The sheet of C1, hidden from somebody who still has to judge C2."""
    seats = queries.panel(found, actor())
    still_judging = any(seat.user.id == actor().id and not seat.has_submitted for seat in seats)
    return None if still_judging else evidence.inspection(found)


def _tickets(found: Assessment) -> dict[int, str]:
    return {row.id: sampling.ticket(str(row.activity_id), found.sample_seed) for row in found.sample}


@bp.route("/staff/assessments/<ref>/inspector", methods=["GET", "POST"])
@access(get=roles.STREET, post=roles.STAFF)
def inspector(ref):
    found = _office(ref)
    people = queries.candidates(found, service.INSPECTOR_ROLES)
    form = InspectorForm(data={"inspector": str(found.inspector_id or ""), "version": str(found.version)})
    form.offer({str(one.user.id): one.user.name for one in people if not one.tied})
    if form.validate_on_submit():
        person = db.session.get(User, int(form.inspector.data))
        if attempt(form, partial(service.assign_inspector, actor(), found, person, form.seen_version())):
            return done(_("督察人已指派并收到通知。"), _page(found))
    tied = [one.user for one in people if one.tied]
    return kit.shown("closing/inspector.html", form, assessment=found, project=found.project, tied=tied)


@bp.route("/staff/assessments/<ref>/sample", methods=["POST"])
@access(roles.STAFF)
def sample(ref):
    found = _office(ref)
    service.draw_sample(actor(), found, kit.seen_version())
    return done(_("样本已抽取，种子已保存，不能重抽。"), _page(found) + "#sample")


@bp.route("/staff/assessments/<ref>/presentation", methods=["GET", "POST"])
@access(get=roles.STREET, post=roles.STAFF)
def presentation(ref):
    found = _office(ref)
    people = queries.candidates(found, service.JUDGE_ROLES)
    seated = [str(seat.user_id) for seat in found.judges]
    form = PresentationForm(
        data={"on": found.presentation_on, "place": found.presentation_place, "judges": seated,
              "version": str(found.version)}
    )  # fmt: skip
    form.judges.choices = [(str(one.user.id), _named(one.user)) for one in people if not one.tied]
    if form.validate_on_submit():
        judges = [one.user for one in people if str(one.user.id) in form.judges.data]
        data = form.on.data, form.place.data or "", judges, form.seen_version()
        if attempt(form, partial(service.set_presentation, actor(), found, *data)):
            return done(_("现场汇报已安排，评分人已收到通知。"), _page(found))
    tied = [one.user for one in people if one.tied]
    least = int(reference.setting("panel_minimum"))
    return kit.shown("closing/presentation.html", form, assessment=found, project=found.project, tied=tied, least=least)


def _named(user: User) -> str:
    words = "、".join(_(word) for word in user.role_words)
    return _("%(name)s（%(roles)s）", name=user.name, roles=words)


@bp.route("/staff/assessments/<ref>/adjust", methods=["GET", "POST"])
@access(roles.STREET)
def adjust(ref):
    found = _office(ref, Party.APPROVER)
    form = AdjustForm(data={"extras": found.extras, "version": str(found.version)})
    confirmed = {row["code"]: row["reason"] for row in found.vetoes}
    if request.method == "POST":
        confirmed = {row["code"]: row["reason"] for row in confirmed_vetoes(request.form)}
        if changed(form, request.form):
            return _adjust_page(found, form, confirmed)
        if form.validate_on_submit():
            deed = partial(
                service.set_extras, actor(), found, form.given(), confirmed_vetoes(request.form), form.seen_version()
            )
            if attempt(form, deed):
                return done(_("附加分和一票否决情形已保存。"), _page(found))
    return _adjust_page(found, form, confirmed)


def _adjust_page(found: Assessment, form: AdjustForm, confirmed: dict[str, str]) -> Any:
    return kit.shown(
        "closing/adjust.html", form, assessment=found, project=found.project, confirmed=confirmed,
        vetoes=reference.codes("veto"), raised=queries.raised_vetoes(found), cap=reference.setting("extra_points_cap"),
    )  # fmt: skip


@bp.route("/staff/assessments/<ref>/advice", methods=["GET", "POST"])
@access(roles.STREET)
def advice(ref):
    found = _office(ref, Party.APPROVER)
    form = AdviceForm(obj=found)
    if form.validate_on_submit():
        data = form.strengths.data or "", form.next_steps.data or "", form.seen_version()
        if attempt(form, partial(service.advise, actor(), found, *data)):
            return done(_("评语已保存。"), _page(found))
    return kit.shown("closing/advice.html", form, assessment=found, project=found.project)


@bp.route("/staff/assessments/<ref>/proceed", methods=["GET", "POST"])
@access(get=roles.STREET, post=roles.STAFF)
def proceed(ref):
    found = _office(ref)
    form = ReasonForm(data={"reason": found.absent_reason, "version": str(found.version)})
    if form.validate_on_submit():
        deed = partial(service.proceed_without, actor(), found, form.reason.data or "", form.seen_version())
        if attempt(form, deed):
            return done(_("已记录：不再等待机构提交，测评继续。"), _page(found))
    return kit.shown("closing/proceed.html", form, assessment=found, project=found.project)


@bp.route("/staff/assessments/<ref>/review", methods=["GET", "POST"])
@access(get=roles.STREET, post=roles.APPROVER)
def review(ref):
    """The approver's page: ?action=review confirms the result, ?action=reopen sends it back."""
    found = _office(ref, Party.APPROVER)
    form = ReasonForm(data={"version": str(found.version)})
    action = request.values.get("action", "review")
    if form.validate_on_submit():
        deeds = {"review": service.review, "reopen": service.reopen}
        if action not in deeds:
            abort(400)
        if attempt(form, partial(deeds[action], actor(), found, form.reason.data or "", form.seen_version())):
            words = {"review": _("已审核通过，可以起草公示。"), "reopen": _("已退回，可以更正后重新计算。")}
            return done(words[action], _page(found))
    offers = [offer for offer in lifecycle.moves_for(found, viewer()) if offer.move.page == "closing.review"]
    return kit.shown(
        "closing/review.html", form, assessment=found, project=found.project, action=action,
        actions={offer.move.action for offer in offers},
    )  # fmt: skip


@bp.route("/staff/assessments/<ref>/rescore/<int:sheet_id>", methods=["GET", "POST"])
@access(roles.APPROVER)
def rescore(ref, sheet_id):
    found = _office(ref, Party.APPROVER)
    sheet = db.session.get(ScoreSheet, sheet_id)
    kinds = (SubjectKind.LEDGER_INSPECTION, SubjectKind.PRESENTATION)
    if sheet is None or sheet.subject_id != found.id or sheet.subject_kind not in kinds:
        abort(404)
    if sheet.state is not SheetState.SUBMITTED:
        abort(404)
    form = ReasonForm(data={"version": str(found.version)})
    if form.validate_on_submit():
        deed = partial(service.rescore, actor(), found, sheet, form.reason.data or "", form.seen_version())
        if attempt(form, deed):
            return done(_("原评分已留档，评分人会收到通知重新打分。"), _page(found))
    return kit.shown("closing/rescore.html", form, assessment=found, project=found.project, sheet=sheet)


@bp.route("/staff/assessments/<ref>/notice", methods=["POST"])
@access(roles.STREET)
def notice(ref):
    found = _office(ref, Party.APPROVER)
    drafted = service.draft_notice(actor(), found, kit.seen_version())
    return redirect(f"/staff/notices/{drafted.ref}", 303)


@bp.route(f"/staff/assessments/<ref>/<any({plain}):action>", methods=["POST"])
@access(roles.STAFF)
def move(ref, action):
    found = _find(ref)
    service.move(actor(), found, action, kit.seen_version())
    return done(_("已计算并冻结，等待审批人审核。"), _page(found))
