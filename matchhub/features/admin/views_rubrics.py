"""Score sheets: every version can be read, an unused one corrected, and a new one made from any."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request, url_for

from matchhub.core.access import access
from matchhub.core.errors import Refused
from matchhub.core.forms import clean
from matchhub.core.i18n import _
from matchhub.core.web import actor, done
from matchhub.domain import blind, roles, sheet_items
from matchhub.domain.models import Rubric, RubricItem
from matchhub.features import kit
from matchhub.features.admin import rubrics as sheets
from matchhub.features.admin.forms import RubricForm
from matchhub.features.admin.views import bp

KEEPERS = roles.SYSADMIN | roles.APPROVER
ANCHORS = 4
LONGEST_ANCHOR = 200


@bp.get("/admin/rubrics")
@access(KEEPERS | roles.AUDITOR)
def rubrics() -> Any:
    rows = sheets.all_versions()
    totals = {row.id: sheets.total(row) for row in rows}
    return kit.shown("admin/rubrics.html", rows=rows, used=sheets.used(), totals=totals)


@bp.get("/admin/rubrics/<int:rubric_id>")
@access(KEEPERS | roles.AUDITOR)
def rubric(rubric_id: int) -> Any:
    row = sheets.find(rubric_id)
    return kit.shown(
        "admin/rubric.html", rubric=row, groups=sheets.groups(row), total=sheets.total(row), used=sheets.is_used(row), newest=sheets.is_newest(row),
        changed=sheets.changed_items(row), may_change=bool(actor().role_codes & KEEPERS), hidden=blind.words(row.hidden or ()),
    )  # fmt: skip


@bp.route("/admin/rubrics/<int:rubric_id>/version", methods=["GET", "POST"])
@access(KEEPERS)
def new_version(rubric_id: int) -> Any:
    return _edit(sheets.find(rubric_id), new=True)


@bp.route("/admin/rubrics/<int:rubric_id>/edit", methods=["GET", "POST"])
@access(KEEPERS)
def edit_rubric(rubric_id: int) -> Any:
    return _edit(sheets.find(rubric_id), new=False)


def _edit(rubric: Rubric, new: bool) -> Any:
    form = RubricForm(obj=rubric)
    typed, wrong = (_typed(rubric) if request.method == "POST" else _stored(rubric)), {}
    more = _typed_extras() if request.method == "POST" else _stored_extras(rubric)
    has_extras = rubric.kind in sheets.WITH_EXTRAS
    looked = None
    if form.validate_on_submit():
        edits, wrong = _edits(rubric, typed)
        try:
            if not wrong and "look" in request.form:
                looked = sheet_items.shown(sheets.looked_at(rubric, edits, _extras(more) if has_extras else None))
            elif not wrong:
                return _saved(rubric, edits, form.note.data, new, _extras(more) if has_extras else None)
        except Refused as no:
            form.form_errors.append(str(no))
        form.form_errors += list(wrong.values())
    return kit.shown("admin/rubric_edit.html", form, rubric=rubric, typed=typed, wrong=wrong, new=new, items=sheets.scored(rubric),
                     more=more, has_extras=has_extras, hideable=blind.HIDDEN if rubric.kind == "intake" else {}, sheet_items=looked)  # fmt: skip


def _typed_extras() -> dict[str, Any]:
    """What was typed about the items beside the 100, the cap and what is hidden."""
    posted = request.form
    rows = [
        {name: clean(posted.get(f"beside-{n}-{name}", "")) for name in ("kind", "zh", "en", "maximum")}
        for n in range(sheets.MOST_BESIDE)
    ]
    hidden = [code for code in posted.getlist("hidden") if code in blind.HIDDEN]
    return {"rows": rows, "cap": clean(posted.get("cap", "")), "hidden": hidden}


def _stored_extras(rubric: Rubric) -> dict[str, Any]:
    kept = sheets.extras_of(rubric)
    rows = [
        {"kind": one.kind, "zh": one.name_zh, "en": one.name_en, "maximum": f"{one.maximum.normalize():f}"}
        for one in kept.beside
    ]
    empty = {"kind": "bonus", "zh": "", "en": "", "maximum": ""}
    rows += [dict(empty) for _n in range(sheets.MOST_BESIDE - len(rows))]
    return {"rows": rows, "cap": f"{kept.cap.normalize():f}" if kept.cap else "", "hidden": list(kept.hidden)}


def _extras(more: dict[str, Any]) -> sheets.Extras:
    """The extras as typed. Raises Refused for what is no number; an empty row is none."""
    rows = []
    for row in more["rows"]:
        if not (row["zh"] or row["maximum"]):
            continue
        kind = row["kind"] if row["kind"] in sheets.LETTERS else "bonus"
        rows.append(sheets.Beside(kind, row["zh"], row["en"], _maximum(row["maximum"]) or Decimal(0)))
    cap = _maximum(more["cap"]) if more["cap"] else None
    if more["cap"] and cap is None:
        raise Refused(_("总分上限请填 1 到 100 之间的数字。"))
    return sheets.Extras(rows, cap, more["hidden"])


def _saved(rubric: Rubric, edits: dict[str, sheets.Edit], note: str, new: bool, extras: sheets.Extras | None) -> Any:
    if new:
        made = sheets.new_version(actor(), rubric, edits, note, extras)
        return done(_("新版本已建立，今后的评分用它。"), url_for("admin.rubric", rubric_id=made.id))
    sheets.change(actor(), rubric, edits, note, extras)
    return done(_("这个版本已保存。"), url_for("admin.rubric", rubric_id=rubric.id))


def _stored(rubric: Rubric) -> dict[str, dict[str, Any]]:
    return {
        item.code: {
            "maximum": f"{item.maximum.normalize():f}",
            "zh": _four(item.anchor_zh),
            "en": _four(item.anchor_en),
        }
        for item in sheets.scored(rubric)
    }


def _four(joined: str) -> list[str]:
    return (joined.split("|") + [""] * ANCHORS)[:ANCHORS]


def _typed(rubric: Rubric) -> dict[str, dict[str, Any]]:
    """What was typed for each item: fields `max-A1`, `zh-A1-0` … `en-A1-3`."""
    posted = request.form
    return {
        item.code: {
            "maximum": clean(posted.get(f"max-{item.code}", "")),
            "zh": [clean(posted.get(f"zh-{item.code}-{n}", "")) for n in range(ANCHORS)],
            "en": [clean(posted.get(f"en-{item.code}-{n}", "")) for n in range(ANCHORS)],
        }
        for item in sheets.scored(rubric)
    }


def _edits(rubric: Rubric, typed: dict[str, dict[str, Any]]) -> tuple[dict[str, sheets.Edit], dict[str, str]]:
    """The edits, and for each item that cannot be read the sentence that says how to repair it."""
    edits, wrong = {}, {}
    for item in sheets.scored(rubric):
        entry = typed[item.code]
        maximum = _maximum(entry["maximum"])
        sentence = _wrong(item, maximum, entry)
        if sentence:
            wrong[item.code] = sentence
        else:
            edits[item.code] = sheets.Edit(maximum or Decimal(0), _trimmed(entry["zh"]), _trimmed(entry["en"]))
    return edits, wrong


def _trimmed(anchors: list[str]) -> list[str]:
    """Items without anchors (computed ones) keep none."""
    return anchors if any(anchors) else []


def _maximum(text: str) -> Decimal | None:
    """A maximum in half points up to 100; None for anything else."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    sound = value.is_finite() and 0 < value <= 100 and value * 2 == (value * 2).to_integral_value()
    return value if sound else None


def _wrong(item: RubricItem, maximum: Decimal | None, entry: dict[str, Any]) -> str | None:
    what = {"code": item.code, "name": item.name_zh}
    if maximum is None:
        return _("%(code)s %(name)s：满分请填 0.5 到 100 之间、以 0.5 为步长的数字", **what)
    anchors = entry["zh"] + entry["en"]
    if any("|" in anchor for anchor in anchors):
        return _("%(code)s %(name)s：评分标准里不能有竖线“|”", **what)
    if any(len(anchor) > LONGEST_ANCHOR for anchor in anchors):
        return _("%(code)s %(name)s：每条评分标准最多 %(most)s 字", most=LONGEST_ANCHOR, **what)
    for side in (entry["zh"], entry["en"]):
        if any(side) and not all(side):
            return _("%(code)s %(name)s：四条评分标准要么都填，要么都不填", **what)
    return None
