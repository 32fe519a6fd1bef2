"""A rubric as whoever scores with it meets it, and as an Excel file that can be changed and sent back."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from matchhub.core.access import access
from matchhub.core.errors import Missing, Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done
from matchhub.documents.table import MIMETYPE
from matchhub.documents.table_read import MOST_BYTES, BadTable
from matchhub.domain import roles, sheet_items
from matchhub.domain.models import Rubric
from matchhub.features import kit
from matchhub.features.admin import rubric_draft, rubric_sheet
from matchhub.features.admin import rubrics as sheets
from matchhub.features.admin.forms import RubricFileForm, RubricForm
from matchhub.features.admin.views import bp
from matchhub.features.admin.views_rubrics import KEEPERS


@bp.get("/admin/rubrics/<int:rubric_id>/preview")
@access(KEEPERS | roles.AUDITOR)
def preview_rubric(rubric_id: int) -> Any:
    row = sheets.find(rubric_id)
    return render_template(
        "admin/rubric_preview.html", rubric=row, sheet_items=sheet_items.shown(row), total=sheets.total(row)
    )


@bp.get("/admin/rubrics/<int:rubric_id>/table.xlsx")
@access(KEEPERS | roles.AUDITOR)
def rubric_file(rubric_id: int) -> Any:
    row = sheets.find(rubric_id)
    return kit.download(rubric_sheet.write(row), f"{row.code}.{row.number}-{row.name_zh}.xlsx", MIMETYPE)


@bp.route("/admin/rubrics/<int:rubric_id>/import", methods=["GET", "POST"])
@access(KEEPERS)
def import_rubric(rubric_id: int) -> Any:
    """Choose a file; its answer names each cell that is wrong, or shows the sheet as it would be. Nothing is written."""
    row, form = sheets.find(rubric_id), RubricFileForm()
    if form.validate_on_submit():
        try:
            return _read(row, form)
        except BadTable as no:
            form.refuse("file", str(no))
    return kit.shown("admin/rubric_import.html", form, rubric=row)


def _read(rubric: Rubric, form: RubricFileForm) -> Any:
    chosen = list(kit.uploads(form["file"].data))
    if len(chosen) != 1:
        raise BadTable(_("请选择要上传的表格"))
    found = rubric_sheet.read(chosen[0].stream.read(MOST_BYTES + 1), rubric)
    wrong = found.wrong or rubric_draft.problems(rubric, found.items)
    changes = [] if wrong else rubric_draft.differences(rubric, found.items)
    page = _draft_page(rubric, found.items, RubricForm(formdata=None, data={"note": rubric.note}), wrong, changes)
    return page, 422 if wrong else 200


def _draft_page(rubric: Rubric, items: Any, form: RubricForm, wrong: Any, changes: Any) -> str:
    shown = [] if wrong else sheet_items.shown(rubric_draft.preview(rubric, items))
    return render_template(
        "admin/rubric_import_preview.html", rubric=rubric, form=form, wrong=wrong, changes=changes, sheet_items=shown,
        packed="" if wrong or not changes else rubric_draft.packed(rubric, items), total=sum(
            (item.maximum for item in items if item.kind == "score"), start=0
        ),
    )  # fmt: skip


@bp.post("/admin/rubrics/<int:rubric_id>/import/take")
@access(KEEPERS)
def take_rubric(rubric_id: int) -> Any:
    """Make the version that was previewed."""
    row, form = sheets.find(rubric_id), RubricForm()
    items = rubric_draft.unpacked(row, request.form.get("draft", ""))
    if items is None:
        raise Missing(str(rubric_id))
    if form.validate_on_submit():
        try:
            made = rubric_draft.adopt(actor(), row, items, form.note.data)
        except Refused as no:
            form.form_errors.append(str(no))
        else:
            return done(_("新版本已建立，今后的评分用它。"), url_for("admin.rubric", rubric_id=made.id))
    return _draft_page(row, items, form, [], rubric_draft.differences(row, items)), 422
