"""What the street keeps itself: settings, lists of words, and the calendar."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, request, url_for

from matchhub.core import clock, ledger
from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done
from matchhub.domain import reference, roles
from matchhub.features import kit
from matchhub.features.admin import codes as lists
from matchhub.features.admin import holidays as calendar
from matchhub.features.admin import settings as rules
from matchhub.features.admin import synonyms as alike
from matchhub.features.admin.forms import (
    CodeForm,
    CommunityForm,
    HolidaysForm,
    NewCodeForm,
    NewCommunityForm,
    SynonymForm,
    setting_form,
)
from matchhub.features.admin.views import bp

KEEPERS = roles.SYSADMIN | roles.APPROVER


@bp.get("/admin/settings")
@access(KEEPERS)
def settings() -> Any:
    return kit.shown("admin/settings.html", sections=rules.shown(), units=rules.UNITS)


@bp.route("/admin/settings/<key>", methods=["GET", "POST"])
@access(KEEPERS)
def setting(key: str) -> Any:
    rows = rules.together(key)
    form = setting_form(rows, {row.key: row.value for row in rows} | {"seen": rules.fingerprint(rows)})
    if form.validate_on_submit():
        values = _read(form, rows)
        if values is not None:
            try:
                changed = rules.change(actor(), key, values, form.seen.data or "")
                told = _("设置已保存，从现在起按新值计算。") if changed else _("没有改动。")
                return done(told, url_for("admin.settings"))
            except Refused as no:
                form.form_errors.append(str(no))
    bounds = {row.key: rules.limits(row) for row in rows}
    past = [entry for row in rows for entry in ledger.history(f"setting:{row.key}", 20)]
    return kit.shown("admin/setting.html", form, rows=rows, bounds=bounds, units=rules.UNITS, past=past)


def _read(form: Any, rows: list[Any]) -> dict[str, str] | None:
    """The typed values as they are stored; None when one is refused: its sentence is on the form."""
    values = {}
    for row in rows:
        try:
            values[row.key] = rules.read(row, form[row.key].data or "")
        except ValueError as error:
            form.refuse(row.key, str(error))
    if len(values) < len(rows):
        return None
    if sentence := rules.check(rows, values):
        form.form_errors.append(sentence)
        return None
    return values


@bp.get("/admin/codes")
@access(KEEPERS)
def codes() -> Any:
    return kit.shown("admin/codes.html", kinds=lists.KINDS.values(), counts=lists.counts())


@bp.get("/admin/codes/<kind>")
@access(KEEPERS)
def code_list(kind: str) -> Any:
    known = lists.kind_named(kind)
    return kit.shown("admin/code_list.html", kind=known, rows=lists.rows(known))


@bp.route("/admin/codes/<kind>/new", methods=["GET", "POST"])
@access(KEEPERS)
def new_code(kind: str) -> Any:
    known = lists.kind_named(kind)
    form = NewCommunityForm() if kind == "community" else NewCodeForm()
    if form.validate_on_submit():
        try:
            lists.add(actor(), known, form.code.data, _words(form))
            return done(_("已增加“%(name)s”。", name=form.name_zh.data), url_for("admin.code_list", kind=kind))
        except Refused as no:
            form.refuse("code", str(no))
    return kit.shown("admin/code.html", form, kind=known, row=None, used=None)


@bp.route("/admin/codes/<kind>/<code>", methods=["GET", "POST"])
@access(KEEPERS)
def code(kind: str, code: str) -> Any:
    known = lists.kind_named(kind)
    row = lists.row(known, code)
    form = CommunityForm(obj=row, community_kind=row.kind) if kind == "community" else CodeForm(obj=row)
    if form.validate_on_submit():
        lists.change(actor(), known, code, _words(form))
        return done(_("名称已保存，所有页面同时更新。"), url_for("admin.code_list", kind=kind))
    return kit.shown("admin/code.html", form, kind=known, row=row, used=lists.uses(known, code))


def _words(form: Any) -> lists.Words:
    more = {name: form[name].data or blank for name, blank in (("community_kind", ""), ("households", 0), ("note", ""))
            if name in form}  # fmt: skip
    return lists.Words(form.name_zh.data, form.name_en.data, form.sort.data or 0, **more)


@bp.post("/admin/codes/<kind>/<code>/delete")
@access(KEEPERS)
def delete_code(kind: str, code: str) -> Any:
    lists.delete(actor(), lists.kind_named(kind), code)
    return done(_("已删除。"), url_for("admin.code_list", kind=kind))


@bp.route("/admin/holidays", methods=["GET", "POST"])
@access(KEEPERS)
def holidays() -> Any:
    form = HolidaysForm()
    if form.validate_on_submit():
        days, problems = calendar.parse(form.lines.data)
        if not problems:
            changed = calendar.save(actor(), days)
            return done(_("已更新 %(n)s 天。", n=changed), url_for("admin.holidays", year=days[0].day.year))
        for sentence in problems:
            form.refuse("lines", sentence)
    year = request.args.get("year", type=int) or clock.today().year
    if year not in calendar.years():
        abort(404)
    return kit.shown(
        "admin/holidays.html", form, year=year, years=calendar.years(), rows=calendar.of_year(year),
        uncovered=calendar.uncovered(), is_complete=reference.calendar().covers(year),
    )  # fmt: skip


@bp.post("/admin/holidays/<int:year>/<any(complete,reopen):deed>")
@access(KEEPERS)
def mark_year(year: int, deed: str) -> Any:
    if year not in calendar.years():
        abort(404)
    mark, told = {
        "complete": (calendar.complete, _("%(year)s 年的安排已标记为录入完整。", year=year)),
        "reopen": (calendar.reopen, _("%(year)s 年的安排已改回“未录完”。", year=year)),
    }[deed]
    mark(actor(), year)
    return done(told, url_for("admin.holidays", year=year))


@bp.post("/admin/holidays/<day>/delete")
@access(KEEPERS)
def delete_holiday(day: str) -> Any:
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        abort(404)
    calendar.delete(actor(), wanted)
    return done(_("已删除，这一天按星期几计算。"), url_for("admin.holidays", year=wanted.year))


@bp.route("/admin/synonyms", methods=["GET", "POST"])
@access(KEEPERS)
def synonyms() -> Any:
    known = alike.written(reference.synonyms())
    form = SynonymForm(groups=known, seen=known)
    if form.validate_on_submit():
        try:
            alike.change(actor(), alike.read(form.groups.data or ""), form.seen.data or "")
            return done(_("同义词已保存，马上生效。"), url_for("admin.synonyms"))
        except Refused as no:
            form.refuse("groups", str(no))
    return kit.shown("admin/synonyms.html", form)
