"""Pages of the library: for everybody what is published, for the office the writing of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from matchhub.core import files, ledger, markdown
from matchhub.core.access import PUBLIC, access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.kept import kept
from matchhub.core.web import actor, done, paged, upload_limit_bytes, viewer
from matchhub.domain import deeds, paths, policy, roles
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.lifecycle.library import EDITORS
from matchhub.domain.models import LibraryEntry
from matchhub.domain.parties import parties
from matchhub.features import kit
from matchhub.features.library import forms, importing, lists, queries, reading, service

bp = Blueprint("library", __name__)

PLAIN = ",".join(move.action for move in LIVES[LibraryEntry].moves if not move.page)


# --- for everybody -------------------------------------------------------------------------------------------------


@bp.get("/library")
@access(PUBLIC)
@kept
def index() -> Any:
    wanted = queries.filters(request.path, request.args)
    return render_template("library/index.html", page=paged(lists.public(wanted).query), wanted=wanted)


@kit.offer_export(bp, "index", "/library", PUBLIC)
def _index_list() -> Any:
    return lists.public(queries.filters(request.path, request.args))


@bp.get("/library/<ref>")
@access(PUBLIC)
@kept
def show(ref: str) -> Any:
    """The newest version; who works inside is led to the desk while there is none to be seen."""
    entry = policy.find(LibraryEntry, ref, viewer())
    if not policy.can_see(None, entry):
        return redirect(paths.path(entry, paths.STAFF))
    return render_template("library/show.html", entry=entry, body=markdown.render(entry.text))


@bp.get("/library/<ref>/versions/<int:edition>")
@access(PUBLIC)
@kept
def version(ref: str, edition: int) -> Any:
    entry = policy.find(LibraryEntry, ref, viewer())
    row = queries.version(entry, edition)
    return render_template("library/version.html", entry=entry, version=row, body=markdown.render(row.text))


# --- for the office ------------------------------------------------------------------------------------------------


@bp.get("/staff/library")
@access(get=roles.INSIDE)
def staff_index() -> Any:
    wanted = queries.filters(request.path, request.args, staff=True)
    page = paged(lists.office(actor(), wanted).query)
    return render_template(
        "library/staff_index.html", page=page, wanted=wanted, waiting=queries.waiting(),
        may_write=bool(actor().role_codes & roles.OFFICE),
    )  # fmt: skip


@kit.offer_export(bp, "staff_index", "/staff/library", roles.INSIDE)
def _staff_list() -> Any:
    return lists.office(actor(), queries.filters(request.path, request.args, staff=True))


@bp.get("/staff/library/<ref>")
@access(get=roles.INSIDE)
def staff_show(ref: str) -> Any:
    entry = policy.find(LibraryEntry, ref, actor())
    working = entry.working or {"title": entry.title, "kind": entry.kind, "text": entry.text}
    return render_template(
        "library/staff_show.html", entry=entry, working=working, body=markdown.render(working["text"]),
        offers=kit.offers(entry, actor()), history=deeds.timeline(ledger.history(f"library:{entry.ref}", 100)),
        may_write=bool(parties(actor(), entry) & set(EDITORS)),
    )  # fmt: skip


@bp.route("/staff/library/new", methods=["GET", "POST"])
@access(roles.OFFICE)
def new() -> Any:
    form = forms.EntryForm(data={"kind": service.FIRST_KIND})
    if form.validate_on_submit() and not _previewed():
        try:
            entry = service.draft(actor(), _draft(form))
            return done(_("条目已保存，还没有发布。"), paths.path(entry, paths.STAFF))
        except Refused as no:
            form.form_errors.append(str(no))
    return _form_page(form, None)


@bp.route("/staff/library/<ref>/edit", methods=["GET", "POST"])
@access(roles.OFFICE)
def edit(ref: str) -> Any:
    entry = _edited(ref)
    form = forms.EntryForm(data={**(entry.working or {"title": entry.title, "kind": entry.kind, "text": entry.text}),
                                 "number": entry.number, "version": entry.version})  # fmt: skip
    if form.validate_on_submit() and not _previewed():
        try:
            changed = service.edit(actor(), entry, _draft(form), form.seen_version())
            told = _("修改已保存，发布后公开。") if changed else _("内容没有变化。")
            return done(told, paths.path(entry, paths.STAFF))
        except Refused as no:
            form.form_errors.append(str(no))
    return _form_page(form, entry)


def _previewed() -> bool:
    return "preview" in request.form


def _draft(form: Any) -> reading.Draft:
    return reading.Draft(form.number.data or "", form.title.data, form.text.data, form.kind.data)


def _form_page(form: Any, entry: LibraryEntry | None) -> Any:
    preview = markdown.render(form.text.data) if _previewed() and form.text.data else None
    page, status = kit.shown("library/edit.html", form, entry=entry, preview=preview)
    return page, 409 if form.form_errors else status


def _edited(ref: str) -> LibraryEntry:
    """An entry that this person may write. Raises Missing."""
    entry = policy.find(LibraryEntry, ref, actor())
    policy.require(actor(), entry, *EDITORS)
    return entry


@bp.post(f"/staff/library/<ref>/<any({PLAIN}):action>")
@access(post=roles.OFFICE)
def move(ref: str, action: str) -> Any:
    entry = policy.find(LibraryEntry, ref, actor())
    service.move(actor(), entry, action, kit.seen_version())
    return done(_("条目已发布，任何人都能看到。"), paths.path(entry, paths.STAFF))


@bp.route("/staff/library/<ref>/withdraw", methods=["GET", "POST"])
@access(roles.OFFICE)
def withdraw(ref: str) -> Any:
    entry = _edited(ref)
    form = forms.WithdrawForm(obj=entry)
    if form.validate_on_submit():
        try:
            service.withdraw(actor(), entry, form.reason.data, form.seen_version())
            return done(_("条目已撤下，公开页面看不到了。"), paths.path(entry, paths.STAFF))
        except Refused as no:
            form.form_errors.append(str(no))
    page, status = kit.shown("library/withdraw.html", form, entry=entry)
    return page, 409 if form.form_errors else status


@bp.route("/staff/library/import", methods=["GET", "POST"])
@access(roles.OFFICE)
def take_in() -> Any:
    """Each file for itself: a broken one is named, and the others are taken in."""
    form = forms.ImportForm(data={"kind": service.FIRST_KIND})
    reports: list[tuple[str, service.Report]] = []
    if form.validate_on_submit():
        uploads = list(kit.uploads(form.files.data))
        if not uploads:
            form.refuse("files", _("请选择要导入的文件"))
        reports = [_taken(upload, form) for upload in uploads]
        if reports and not any(report.problems for _name, report in reports):
            return done(summed([report for _name, report in reports]), url_for("library.staff_index"))
    page, status = kit.shown("library/import.html", form, reports=reports)
    return page, 422 if reports and not any(report.taken for _name, report in reports) else status


def _taken(upload: Any, form: Any) -> tuple[str, service.Report]:
    name, limit = files.clean_name(upload.filename or ""), upload_limit_bytes()
    content = upload.stream.read(limit + 1)
    return name, importing.take(actor(), content, name, limit, bool(form.publish.data), form.kind.data)


def summed(reports: list[service.Report]) -> str:
    """What several files did, in one sentence."""
    total = {name: sum(getattr(one, name) for one in reports) for name in ("made", "changed", "same", "published")}
    return _("导入完成：新增 %(made)s 条，更新 %(changed)s 条，没有变化 %(same)s 条，发布 %(published)s 条。", **total)
