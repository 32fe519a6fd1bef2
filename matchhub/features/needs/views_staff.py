"""The street's pages of needs: list, form, the need with its moves, questions, and the ends that need a reason."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from matchhub.core import clock, ledger, rows
from matchhub.core.access import access
from matchhub.core.errors import Refused, Stale
from matchhub.core.i18n import _, _l
from matchhub.core.web import actor, done, paged
from matchhub.domain import attachments, lifecycle, needing, paths, policy, reference, roles
from matchhub.domain.models import Need, NeedPhase, NeedState
from matchhub.domain.parties import Party, parties
from matchhub.features import kit
from matchhub.features.needs import corrections, forms, history, lists, queries, service, showing
from matchhub.features.needs.views import bp

# The deeds that need a reason: what the page says will happen.
ENDS: dict[str, tuple[str, str]] = {
    "send_back": (_l("退回修改"), _l("需求回到草稿，科室会看到理由并收到消息。理由只有街道内部可见。")),
    "decline": (
        _l("不予采纳"),
        _l("需求到此结束，不会公开；上报的居民区会看到理由并收到消息。以后仍可以复制成新的草稿。"),
    ),
    "withdraw": (
        _l("撤回需求"),
        _l("需求停止征集，页面保留并公开理由；提过问题和正在申报的机构会收到消息。撤回后不能恢复。"),
    ),
    "cancel": (_l("取消需求"), _l("需求不再进行，页面保留并公开理由；申报机构会收到消息。取消后不能恢复。")),
    "fail": (_l("按流标处理"), _l("需求以流标结束，页面保留并公开理由；申报机构会收到消息。之后可以复制成新的需求。")),
}


@bp.get("/staff/needs")
@access(roles.INSIDE)
def staff_index() -> Any:
    wanted = queries.filters(request.path, request.args, NeedPhase)
    page = paged(lists.office(actor(), wanted).query)
    return render_template(
        "needs/staff_index.html",
        page=page,
        wanted=wanted,
        waiting=queries.waiting_questions(page.rows),
        may_draft=bool(roles.STAFF & actor().role_codes),
    )


@kit.offer_export(bp, "staff_index", "/staff/needs", roles.INSIDE)
def _staff_list() -> Any:
    return lists.office(actor(), queries.filters(request.path, request.args, NeedPhase))


@bp.route("/staff/needs/new", methods=["GET", "POST"])
@access(roles.STAFF)
def new() -> Any:
    form = forms.NeedForm(data=forms.fresh(actor()))
    form.only_sections(actor())
    if _wants_rows(form) or not form.validate_on_submit():
        return _form_page(form)
    stored = kit.keep_uploads(form, "files")
    if stored is None:
        return _form_page(form)
    try:
        need = service.draft(actor(), form.values(), stored)
    except Refused as no:
        return _refused(form, no)
    return done(_("草稿已保存，编号 %(ref)s。", ref=need.ref), _next(need))


@bp.route("/staff/needs/<ref>/edit", methods=["GET", "POST"])
@access(roles.STAFF)
def edit(ref: str) -> Any:
    need = office_need(ref, Party.OFFICE)
    if request.method == "GET":
        service.require_draft(need)
    files = attachments.of(need, "need")
    form = forms.NeedForm(data=forms.filled(need))
    form.only_sections(actor())
    form.removed.choices = [(row.code, row.name) for row in files]
    if _wants_rows(form) or not form.validate_on_submit():
        return _form_page(form, need, files)
    stored = kit.keep_uploads(form, "files")
    if stored is None:
        return _form_page(form, need, files)
    try:
        service.save(actor(), need, form.seen_version(), form.values(), stored, form.removed.data or ())
    except Stale as no:
        return _overtaken(form, ref, no)
    except Refused as no:
        return _refused(form, no, need, files)
    return done(_("草稿已保存。"), _next(need))


def _wants_rows(form: forms.NeedForm) -> bool:
    return request.method == "POST" and rows.changed(form, request.form)


def _next(need: Need) -> str:
    """After saving: the need's page, or again the form for people who go on writing."""
    return url_for("needs.edit" if "stay" in request.form else "needs.staff_show", ref=need.ref)


def _form_page(form: forms.NeedForm, need: Need | None = None, files: Any = ()) -> Any:
    return kit.shown(
        "needs/edit.html",
        form,
        need=need,
        files=files,
        groups=queries.communities_by_kind(),
        earlier=queries.public_refs(),
        blanks={
            "outcomes": forms.OutcomeForm(prefix=f"outcomes-{len(form.outcomes.entries)}-"),
            "essential": forms.ConditionForm(prefix=f"essential-{len(form.essential.entries)}-"),
            "preferred": forms.ConditionForm(prefix=f"preferred-{len(form.preferred.entries)}-"),
        },
    )


def _refused(form: forms.NeedForm, no: Refused, need: Need | None = None, files: Any = ()) -> Any:
    form.form_errors.append(str(no))
    return _form_page(form, need, files)[0], 409


def _overtaken(form: forms.NeedForm, ref: str, no: Stale) -> Any:
    """Somebody saved in between: nothing typed is lost, the differences are named, saving again overwrites knowingly."""
    need = policy.find(Need, ref, actor())
    files = attachments.of(need, "need")
    form.form_errors.append(str(no))
    if names := history.differences(need, form.values()):
        words = "、".join(_(str(form[name].label.text)) for name in names)
        form.form_errors.append(_("您填的与已保存的不同：%(names)s。核对后再次保存，将以您填的为准。", names=words))
    form.version.data = str(need.version)
    form.version.raw_data = None
    return _form_page(form, need, files)[0], 409


@bp.get("/staff/needs/<ref>")
@access(roles.INSIDE)
def staff_show(ref: str) -> Any:
    need = policy.find(Need, ref, actor())
    to_come = need.state in (NeedState.DRAFT, NeedState.INTERNAL_REVIEW)
    dates = needing.dates_from(clock.today(), need) if to_come else None
    return render_template(
        "needs/staff_show.html",
        d=showing.details(need, actor()),
        offers=kit.offers(need, actor()),
        unpublished=need.published_at is None,
        to_come=to_come,
        dates=dates,
        uncovered=_guessed_years(need, dates),
        history=history.told(ledger.history(f"need:{need.ref}")),
        mine=parties(actor(), need),
        is_late=showing.is_late,
        may_draft=bool(roles.STAFF & actor().role_codes),
        may_correct=need.state in corrections.GOING_ON and bool(roles.APPROVER & actor().role_codes),
        raised_by=history.raiser(need),
    )


@bp.post("/staff/needs/<ref>/<any(submit,publish):action>")
@access(roles.STREET)
def move(ref: str, action: str) -> Any:
    need = office_need(ref, Party.OFFICE, Party.APPROVER)
    service.move(actor(), need, action, kit.seen_version())
    told = {"submit": _("已提交审核，审批人会收到消息。"), "publish": _("需求已发布。")}[action]
    if years := _guessed_years(need, None):
        words = "、".join(str(year) for year in years)
        told += _("请注意：%(years)s 年的放假安排还没有录入完整，期限是按星期几推算的。", years=words)
    return done(told, paths.path(need, paths.STAFF))


def _guessed_years(need: Need, dates: Any) -> list[int]:
    """The years in which deadlines lie of which the calendar knows only a part: of a published need, or if it were."""
    until = dates or (need if need.closes_at else None)
    if until is None:
        return []
    first = clock.today() if need.published_at is None else clock.local(need.published_at).date()
    moments = (until.questions_close_at, until.answers_due_at, until.closes_at)
    return reference.calendar().uncovered(first, *(clock.local(moment).date() for moment in moments))


@bp.post("/staff/needs/<ref>/copy")
@access(roles.STAFF)
def copy(ref: str) -> Any:
    earlier = policy.find(Need, ref, actor())
    need = service.copy(actor(), earlier)
    return done(_("已复制成新的草稿，请核对日期和预算。"), url_for("needs.edit", ref=need.ref))


def _end(ref: str, action: str, *wanted: Party) -> Any:
    need = office_need(ref, *wanted)
    form = forms.ReasonForm(data={"version": str(need.version)})
    if form.validate_on_submit():
        with kit.refusals(form):
            getattr(service, action)(actor(), need, form.seen_version(), form.reason.data)
            return done(_("已处理：%(deed)s。", deed=_(ENDS[action][0])), paths.path(need, paths.STAFF))
    why = lifecycle.refusal(need, action, actor(), clock.now()) if request.method == "GET" else None
    return kit.shown(
        "needs/end.html", form, need=need, word=ENDS[action][0], consequence=ENDS[action][1], why=why and str(why)
    )


@bp.route("/staff/needs/<ref>/send_back", methods=["GET", "POST"])
@access(roles.APPROVER)
def send_back(ref: str) -> Any:
    return _end(ref, "send_back", Party.APPROVER)


@bp.route("/staff/needs/<ref>/correct", methods=["GET", "POST"])
@access(roles.APPROVER)
def correct(ref: str) -> Any:
    need = office_need(ref, Party.APPROVER)
    form = forms.CorrectionForm(data={"version": str(need.version)})
    if form.validate_on_submit():
        days = {name: form[name].data for name in ("closes_on", "review_on", "roadshow_on")}
        with kit.refusals(form):
            service.correct(actor(), need, form.seen_version(), form.text.data, **days)
            told = _("更正已发布，提问、正在申报和关注的人都会收到消息。")
            return done(told, paths.path(need, paths.STAFF))
    why = corrections.why_not(need) if request.method == "GET" else None
    return kit.shown("needs/correct.html", form, need=need, why=why, may_extend=need.phase is NeedPhase.OPEN)


@bp.route("/staff/needs/<ref>/decline", methods=["GET", "POST"])
@access(roles.STAFF)
def decline(ref: str) -> Any:
    return _end(ref, "decline", Party.OFFICE)


@bp.route("/staff/needs/<ref>/withdraw", methods=["GET", "POST"])
@access(roles.STREET)
def withdraw(ref: str) -> Any:
    return _end(ref, "withdraw", Party.OFFICE, Party.APPROVER)


@bp.route("/staff/needs/<ref>/cancel", methods=["GET", "POST"])
@access(roles.APPROVER)
def cancel(ref: str) -> Any:
    return _end(ref, "cancel", Party.APPROVER)


@bp.route("/staff/needs/<ref>/fail", methods=["GET", "POST"])
@access(roles.APPROVER)
def fail(ref: str) -> Any:
    return _end(ref, "fail", Party.APPROVER)


def office_need(ref: str, *wanted: Party) -> Need:
    """A need that this person may see, when they are one of these parties to it."""
    need = policy.find(Need, ref, actor())
    policy.require(actor(), need, *wanted)
    return need
