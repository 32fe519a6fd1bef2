"""Pages of those who inspect the ledger and hear the presentation."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import redirect, render_template, request, url_for

from matchhub.core.access import access
from matchhub.core.forms import Form, clean
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.domain import evidence, final_account, policy, reference, roles, sheets
from matchhub.domain.models import Assessment, ScoreSheet, SheetState, SubjectKind
from matchhub.domain.parties import Party, parties
from matchhub.domain.scoring.assessment_words import number
from matchhub.features import kit
from matchhub.features.closing import queries, service, sheetform
from matchhub.features.closing.service import Count
from matchhub.features.closing.views_base import attempt, bp

JUDGES = roles.SUPERVISOR | roles.REVIEWER | roles.STREET
LONGEST_NOTE = 500


@bp.route("/assess")
@access(JUDGES)
def tasks():
    rows = queries.tasks(actor())
    found = {(kind.value, subject_id): sheet for (kind, subject_id), sheet in queries.own_sheets(actor(), rows).items()}
    return render_template("closing/tasks.html", rows=rows, sheets=found, tasks_of=_tasks)


def _tasks(row: Assessment) -> list[tuple[str, str, str]]:
    """(kind of sheet, its name, its page) for each part that this person has in an assessment."""
    parts = []
    if row.inspector_id == actor().id:
        parts.append(("ledger_inspection", _("台账督察"), url_for("closing.inspection", ref=row.ref)))
    if any(seat.user_id == actor().id for seat in row.judges):
        parts.append(("presentation", _("现场汇报评分"), url_for("closing.present", ref=row.ref)))
    return parts


def _seat(ref: str, party: Party) -> Assessment:
    found = policy.find(Assessment, ref, viewer())
    policy.require(actor(), found, party)
    return found


@bp.route("/assess/<ref>", methods=["GET", "POST"])
@access(JUDGES)
def inspection(ref):
    found = policy.find(Assessment, ref, viewer())
    mine = parties(actor(), found)
    if Party.INSPECTOR not in mine and Party.JUDGE in mine and request.method == "GET":
        return redirect(url_for("closing.present", ref=ref))
    policy.require(actor(), found, Party.INSPECTOR)
    sheet = sheets.find(SubjectKind.LEDGER_INSPECTION, found.id, actor().id)
    form = Form()
    if not form.validate_on_submit():
        return _inspection_page(found, form, sheet, None, {})
    typed = sheetform.read(sheets.newest_rubric("C1"), request.form)
    deed = partial(service.inspect, actor(), found, typed.entries, typed.comment, typed.vetoes)
    return _answer(found, form, SubjectKind.LEDGER_INSPECTION, typed, deed, _inspection_page)


@bp.route("/assess/<ref>/presentation", methods=["GET", "POST"])
@access(JUDGES)
def present(ref):
    found = _seat(ref, Party.JUDGE)
    sheet = sheets.find(SubjectKind.PRESENTATION, found.id, actor().id)
    form = Form()
    if not form.validate_on_submit():
        return _presentation_page(found, form, sheet, None, {})
    typed = sheetform.read(sheets.newest_rubric("C2"), request.form)
    deed = partial(service.present, actor(), found, typed.entries, typed.comment)
    return _answer(found, form, SubjectKind.PRESENTATION, typed, deed, _presentation_page)


def _answer(found: Assessment, form: Form, kind: SubjectKind, typed: sheetform.Typed, submit: Any, page: Any) -> Any:
    """Keep the draft first, so that nothing is lost; then submit it, unless only saving was asked for."""
    save = partial(service.save_sheet, actor(), found, kind, typed.entries, typed.comment, typed.vetoes)
    kept, wrong = attempt(form, save), typed.wrong
    sheet = sheets.find(kind, found.id, actor().id)
    if kept and not wrong and "save" in request.form:
        return done(_("已保存，还没有提交。"), request.path)
    if kept and not wrong and sheet is not None:
        wrong = sheets.gaps(sheet)
    if kept and not wrong and request.form.get("no_tie") != "y":
        form.form_errors = [_("请先声明与该机构没有利益关系；有关系的请不要打分，并告诉主办科室。")]
    elif kept and not wrong and not kit.is_sure():
        form.form_errors = [kit.not_sure()]
    elif kept and not wrong and attempt(form, submit):
        return done(_("您的评分已提交成功。提交后的评分表不再改动。"), request.path)
    return page(found, form, sheet, typed, wrong)


def _inspection_page(
    found: Assessment, form: Form, sheet: ScoreSheet | None, typed: Any, wrong: Any, counts: Any = None
) -> Any:
    sample = evidence.sample(found)
    hint = _recount_hint(sample)
    context = _sheet_context(found, form, sheet, typed, wrong, "C1", {"L2": hint})
    own = {
        "sample": sample,
        "files": queries.sample_files(found.sample),
        "vetoes": reference.codes("veto"),
        "raised": typed.vetoes if typed else (sheet.vetoes if sheet else []),
        "uncounted": service.uncounted(found),
        "counts": counts or _stored(found),
        "also_judge": any(seat.user_id == actor().id for seat in found.judges),
    }
    page = render_template("closing/inspection.html", **own, **context)
    return page, 422 if wrong or form.errors else 200


def _recount_hint(sample: dict[str, Any]) -> str:
    if sample["error_rate"] is None:
        return _("复点之后，这里会显示误差率。")
    return _(
        "抽查 %(n)s 场：上报 %(claimed)s 人次，复点 %(counted)s 人次，误差率 %(rate)s%%。",
        n=sample["counted"], claimed=sample["claimed_people"], counted=sample["counted_people"],
        rate=number(sample["error_rate"]),
    )  # fmt: skip


def _presentation_page(found: Assessment, form: Form, sheet: ScoreSheet | None, typed: Any, wrong: Any) -> Any:
    context = _sheet_context(found, form, sheet, typed, wrong, "C2", _self_hints(found))
    page = render_template(
        "closing/presentation_sheet.html", seats=queries.panel(found, actor()), own=evidence.own_sheet(found), **context
    )
    return page, 422 if wrong or form.errors else 200


def _self_hints(found: Assessment) -> dict[str, str]:
    own = evidence.own_sheet(found)
    hints = {}
    for line in own.lines if own else ():
        points = _("不适用") if line.points is None else number(line.points)
        words = _("机构自评：%(points)s", points=points)
        hints[line.item.code] = f"{words}（{line.remark}）" if line.remark else words
    return hints


def _sheet_context(
    found: Assessment, form: Form, sheet: ScoreSheet | None, typed: Any, wrong: Any, code: str, hints: dict[str, str]
) -> dict[str, Any]:
    rubric = sheet.rubric if sheet else sheets.newest_rubric(code)
    pairs = sheetform.rows(rubric, sheet, hints, typed, wrong)
    return {
        "assessment": found,
        "project": found.project,
        "report": _report(found),
        "form": form,
        "sheet": sheet,
        "submitted": sheet is not None and sheet.state is SheetState.SUBMITTED,
        "rubric": rubric,
        "rows": pairs,
        "left": sheetform.unscored(pairs),
        "comment": typed.comment if typed else (sheet.comment if sheet else ""),
        "wrong": wrong,
    }


def _report(found: Assessment) -> Any:
    report = final_account.report_of(found.project)
    return report if report is not None and policy.can_see(viewer(), report) else None


@bp.route("/assess/<ref>/count", methods=["POST"])
@access(JUDGES)
def count(ref):
    found = _seat(ref, Party.INSPECTOR)
    form, typed = Form(), _typed(found)
    if not all(people == "" or _is_count(people) for people, _complete, _note in typed.values()):
        form.form_errors = [_("复点人次请只填整数，例如 35。")]
    elif form.validate_on_submit() and attempt(form, partial(service.count_sample, actor(), found, _counts(typed))):
        return done(_("复点结果已保存。"), url_for("closing.inspection", ref=ref) + "#sheet")
    sheet = sheets.find(SubjectKind.LEDGER_INSPECTION, found.id, actor().id)
    return _inspection_page(found, form, sheet, None, {}, typed)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7


Typed = dict[int, tuple[str, str, str]]


def _typed(found: Assessment) -> Typed:
    """What was typed for each sampled activity: people, `yes` or `no` for its evidence, note."""
    return {
        row.id: (
            clean(request.form.get(f"people-{row.id}", "")),
            request.form.get(f"complete-{row.id}", ""),
            clean(request.form.get(f"note-{row.id}", ""))[:LONGEST_NOTE],
        )
        for row in found.sample
    }


def _stored(found: Assessment) -> Typed:
    words = {True: "yes", False: "no", None: ""}
    return {
        row.id: ("" if row.counted_people is None else str(row.counted_people), words[row.evidence_complete], row.note)
        for row in found.sample
    }


def _counts(typed: Typed) -> dict[int, Count]:
    return {
        row_id: Count(int(people) if people else None, {"yes": True, "no": False}.get(complete), note)
        for row_id, (people, complete, note) in typed.items()
    }
