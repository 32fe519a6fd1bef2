"""The street's pages of notices: list, drafting, publishing, correcting, revoking, concluding."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from matchhub.core import clock, ledger, rows
from matchhub.core.access import access
from matchhub.core.errors import NotNow, Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, paged
from matchhub.domain import attachments, lifecycle, noticing, paths, policy, reference, roles
from matchhub.domain.models import Notice, NoticeKind, NoticePhase, NoticeState, Organisation, Project
from matchhub.domain.parties import Party
from matchhub.features import kit
from matchhub.features.notices import forms, lists, queries, service
from matchhub.features.notices.views import bp


@bp.get("/staff/notices")
@access(roles.INSIDE)
def staff_index() -> Any:
    wanted = queries.filters(request.path, request.args, NoticePhase)
    page = paged(lists.office(actor(), wanted).query)
    may_draft = bool(roles.STREET & actor().role_codes)
    return render_template("notices/staff_index.html", page=page, wanted=wanted, may_draft=may_draft)


@kit.offer_export(bp, "staff_index", "/staff/notices", roles.INSIDE)
def _staff_list() -> Any:
    return lists.office(actor(), queries.filters(request.path, request.args, NoticePhase))


@bp.get("/staff/notices/<ref>")
@access(roles.INSIDE)
def staff_show(ref: str) -> Any:
    notice = policy.find(Notice, ref, actor())
    return render_template(
        "notices/staff_show.html",
        d=queries.details(notice),
        offers=kit.offers(notice, actor()),
        may_discard=service.may_be_discarded(notice) and bool(roles.STREET & actor().role_codes),
        may_edit=notice.state is NoticeState.DRAFT and bool(roles.STREET & actor().role_codes),
        period=queries.period_if_published(notice) if notice.state is NoticeState.DRAFT else None,
        objections=queries.objections_to(notice) if actor().role_codes & (roles.STREET | roles.AUDITOR) else None,
        history=queries.history(Notice, ledger.history(f"notice:{notice.ref}")),
        follows=noticing.what_follows(notice),
    )


@bp.route("/staff/notices/new", methods=["GET", "POST"])
@access(roles.STREET)
def new() -> Any:
    form = forms.NoticeForm(data={"working_days": reference.setting("notice_days")})
    if _wants_rows(form) or not form.validate_on_submit():
        return _form_page(form)
    stored = kit.keep_uploads(form, "files")
    if stored is None:
        return _form_page(form)
    try:
        notice = service.draft(actor(), NoticeKind(form.kind.data), form.values(), stored)
    except Refused as no:
        return _refused(form, no)
    return done(_("公示草稿已保存，编号 %(ref)s。", ref=notice.ref), paths.path(notice, paths.STAFF))


@bp.route("/staff/notices/<ref>/edit", methods=["GET", "POST"])
@access(roles.STREET)
def edit(ref: str) -> Any:
    notice = _office_notice(ref)
    if notice.state is not NoticeState.DRAFT and request.method == "GET":
        raise NotNow(_("公示已经发布，内容不能再改；有误请发布更正公告。"))
    form = forms.NoticeForm(data=_filled(notice))
    found = _prepare(form, notice)
    if _wants_rows(form) or not form.validate_on_submit():
        return _form_page(form, notice, found)
    stored = kit.keep_uploads(form, "files")
    if stored is None:
        return _form_page(form, notice, found)
    try:
        service.save(actor(), notice, form.seen_version(), form.values(), stored, form.removed.data or ())
    except Refused as no:
        return _refused(form, no, notice, found)
    return done(_("公示草稿已保存。"), paths.path(notice, paths.STAFF))


def _filled(notice: Notice) -> dict[str, Any]:
    names = ("title", "basis", "body", "rows", "working_days")
    return {name: getattr(notice, name) for name in names} | {
        "version": str(notice.version),
        "kind": notice.kind.value,
        "organisation": queries.name_of(Organisation, notice.organisation_id, "name"),
        "project": queries.name_of(Project, notice.project_id, "ref"),
    }


def _prepare(form: forms.NoticeForm, notice: Notice) -> list[Any]:
    """Leave in the form what may be changed; returns the files that the draft has."""
    found = attachments.of(notice, "notice")
    form.removed.choices = [(row.code, row.name) for row in found]
    if service.written_by_hand(notice):
        del form.kind
    else:
        form.without_table()
    return found


def _wants_rows(form: Any) -> bool:
    return request.method == "POST" and rows.changed(form, request.form)


def _form_page(form: forms.NoticeForm, notice: Notice | None = None, found: Any = ()) -> Any:
    entries = len(form.rows.entries) if "rows" in form else 0
    return kit.shown(
        "notices/edit.html",
        form,
        notice=notice,
        found=found,
        columns=queries.columns_of(notice) if notice else [],
        organisations=queries.organisation_names(),
        projects=queries.project_refs(),
        blank=forms.RowForm(prefix=f"rows-{entries}-"),
    )


def _refused(form: forms.NoticeForm, no: Refused, notice: Notice | None = None, found: Any = ()) -> Any:
    form.form_errors.append(str(no))
    return _form_page(form, notice, found)[0], 409


@bp.route("/staff/notices/<ref>/publish", methods=["GET", "POST"])
@access(roles.STREET)
def publish(ref: str) -> Any:
    notice = _office_notice(ref)
    form = forms.ConfirmForm(data={"version": str(notice.version)})
    if form.validate_on_submit() and forms.confirmed(form, notice):
        with kit.refusals(form):
            service.publish(actor(), notice, form.seen_version())
            return done(_("公示已发布，内容和日期不再改变。"), paths.path(notice, paths.STAFF))
    return kit.shown(
        "notices/publish.html",
        form,
        d=queries.details(notice),
        period=queries.period_if_published(notice),
        follows=noticing.what_follows(notice),
        why=_why_not(notice, "publish"),
    )


@bp.post("/staff/notices/<ref>/discard")
@access(roles.STREET)
def discard(ref: str) -> Any:
    notice = _office_notice(ref)
    service.discard(actor(), notice, kit.seen_version())
    return done(_("公示草稿已丢弃。"), "/staff/notices")


@bp.route("/staff/notices/<ref>/amend", methods=["GET", "POST"])
@access(roles.STREET)
def amend(ref: str) -> Any:
    notice = _office_notice(ref)
    form = forms.AmendForm(data=_filled(notice))
    del form.removed
    del form.working_days  # a correction runs as long as the notice it corrects
    if service.written_by_hand(notice):
        for name in ("kind", "organisation", "project"):
            del form[name]
    else:
        form.without_table()
    if _wants_rows(form) or not (form.validate_on_submit() and forms.confirmed(form, notice)):
        return _amend_page(form, notice)
    stored = kit.keep_uploads(form, "files")
    if stored is None:
        return _amend_page(form, notice)
    try:
        made = service.amend(
            actor(), notice, form.seen_version(), form.values(), form.reason.data, stored,
            substantial=form.substantial.data == "yes",
        )  # fmt: skip
    except Refused as no:
        form.form_errors.append(str(no))
        return _amend_page(form, notice)[0], 409
    told = (
        _("更正公告 %(ref)s 已发布，重新计算公示期。", ref=made.ref)
        if made.substantial
        else _("更正公告 %(ref)s 已发布，公示期不变。", ref=made.ref)
    )
    return done(told, paths.path(made, paths.STAFF))


def _amend_page(form: forms.AmendForm, notice: Notice) -> Any:
    entries = len(form.rows.entries) if "rows" in form else 0
    return kit.shown(
        "notices/amend.html",
        form,
        notice=notice,
        columns=queries.columns_of(notice),
        period=queries.period_if_published(notice),
        kept=queries.period_of(notice),
        why=_why_not(notice, "amend"),
        blank=forms.RowForm(prefix=f"rows-{entries}-"),
    )


@bp.route("/staff/notices/<ref>/revoke", methods=["GET", "POST"])
@access(roles.APPROVER)
def revoke(ref: str) -> Any:
    notice = _office_notice(ref)
    form = forms.ReasonForm(data={"version": str(notice.version)})
    if form.validate_on_submit():
        with kit.refusals(form):
            service.revoke(actor(), notice, form.seen_version(), form.reason.data)
            return done(_("公示已撤销，理由已公开。"), paths.path(notice, paths.STAFF))
    moves = noticing.effect_of(notice) is not None
    return kit.shown("notices/revoke.html", form, notice=notice, moves=moves, why=_why_not(notice, "revoke"))


@bp.route("/staff/notices/<ref>/conclude", methods=["GET", "POST"])
@access(roles.STREET)
def conclude(ref: str) -> Any:
    notice = _office_notice(ref)
    counted = noticing.outcome_of(notice)
    form = forms.ConcludeForm(data={"version": str(notice.version), "outcome": _suggestion(counted)})
    if not counted.upheld:
        del form.upheld
    if form.validate_on_submit():
        upheld = "upheld" in form and form.upheld.data == "yes"
        with kit.refusals(form):
            service.conclude(actor(), notice, form.seen_version(), form.outcome.data, upheld)
            return done(_("公示已结束，结果已登记。"), paths.path(notice, paths.STAFF))
    return kit.shown(
        "notices/conclude.html",
        form,
        notice=notice,
        counted=counted,
        follows=noticing.what_follows(notice),
        why=_why_not(notice, "conclude"),
    )


def _suggestion(counted: noticing.Outcome) -> str:
    """The usual words of a result, to be changed where they do not fit."""
    if not counted.received:
        return _("公示期内没有收到异议。")
    return _(
        "公示期内收到异议 %(all)s 条：成立 %(yes)s 条，不成立 %(no)s 条，不予受理 %(out)s 条，均已答复。",
        all=counted.received,
        yes=counted.upheld,
        no=counted.not_upheld,
        out=counted.rejected,
    )


def _why_not(notice: Notice, action: str) -> str:
    """Why the page's deed is not possible now; a post is judged by the service."""
    if request.method != "GET":
        return ""
    why = lifecycle.refusal(notice, action, actor(), clock.now())
    return str(why or (service.whose_end(notice, actor()) if action == "conclude" else "") or "")


def _office_notice(ref: str) -> Notice:
    notice = policy.find(Notice, ref, actor())
    policy.require(actor(), notice, Party.OFFICE, Party.APPROVER)
    return notice
