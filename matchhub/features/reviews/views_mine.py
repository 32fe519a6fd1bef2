"""Pages of a reviewer: assignments, the declaration, and the score sheet beside the application."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import redirect, render_template, request, url_for

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.errors import Missing, Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.domain import (
    application_form,
    attachments,
    blind,
    eventing,
    intake,
    panels,
    policy,
    reference,
    roles,
    sheet_items,
    sheets,
)
from matchhub.domain.models import (
    Application,
    Attachment,
    Panelist,
    ReviewRound,
    RoundState,
    Rubric,
    ScoreSheet,
    SheetState,
    SubjectKind,
)
from matchhub.domain.parties import Party
from matchhub.domain.scoring.words import CONFIDENCE
from matchhub.domain.sheets import Entry
from matchhub.features import kit
from matchhub.features.reviews import judging, mine, queries
from matchhub.features.reviews.forms import SheetForm, declaration_form, declared
from matchhub.features.reviews.views import bp


@bp.route("/review")
@access(get=roles.REVIEWER)
def assignments() -> Any:
    return render_template("reviews/mine.html", seats=mine.seats(actor()))


def _mine(ref: str) -> tuple[ReviewRound, Panelist]:
    round_ = policy.find(ReviewRound, ref, viewer())
    policy.require(actor(), round_, Party.REVIEWER)
    seat = panels.seat(round_, actor())
    if seat is None:  # pragma: no cover - the party REVIEWER has a seat
        raise Missing(ref)
    return round_, seat


@bp.route("/review/<ref>")
@access(get=roles.REVIEWER)
def assignment(ref: str) -> Any:
    """The applications of a round; before the declaration nothing but the way to it."""
    round_, seat = _mine(ref)
    if seat.declared_at is None and round_.state is RoundState.SCORING:
        return redirect(url_for("reviews.declare", ref=ref))
    rows = mine.work(round_, actor()) if seat.declared_at is not None else []
    codes = blind.hidden(round_)
    # Where names are hidden, the list would tell by what is missing which number belongs to a barred organisation.
    shown = [row for row in rows if row.status != "recused"] if blind.ORGANISATION in codes else rows
    return render_template(
        "reviews/assignment.html",
        round=round_,
        seat=seat,
        rows=shown,
        hidden_rows=len(rows) - len(shown),
        veiled=blind.words(codes),
        status_words=mine.STATUS,
        kinds=panels.stages(round_.need),
        events=eventing.listed(round_.need, actor()),
        may_declare=seat.declared_at is not None and round_.state in judging.DECLARING,
    )


@bp.route("/review/<ref>/declare", methods=["GET", "POST"])
@access(roles.REVIEWER)
def declare(ref: str) -> Any:
    """The declaration before anything is shown; later, the page on which a further tie is declared."""
    round_, seat = _mine(ref)
    if round_.state not in judging.DECLARING or (seat.declared_at is None and round_.state is not RoundState.SCORING):
        return redirect(url_for("reviews.assignment", ref=ref))
    # By name, so that the order says nothing about which application is whose.
    entries = sorted(panels.applications(round_), key=lambda entry: entry.organisation.name)
    barred, joint = panels.bars([actor()], entries), panels.partners(entries)
    known = {e.organisation_id: queries.tie_words(barred.of(actor().id, e)) for e in entries}
    asked = [entry for entry in entries if not known[entry.organisation_id]]
    form = declaration_form(asked)
    if form.validate_on_submit():
        try:
            judging.declare(actor(), round_, declared(form, asked))
            return done(_("声明已登记。"), url_for("reviews.assignment", ref=ref))
        except Refused as no:
            form.form_errors = [str(no)]
    return kit.shown(
        "reviews/declare.html", form, round=round_, entries=entries, known=known, first=seat.declared_at is None,
        partners={entry_id: [one.name for one in found] for entry_id, found in joint.items()},
    )  # fmt: skip


@bp.route("/review/applications/<ref>", methods=["GET", "POST"])
@access(roles.REVIEWER)
def score(ref: str) -> Any:
    application = policy.find(Application, ref, viewer())
    kinds = panels.stages(application.need)
    return _score(application, kinds[0])


@bp.route("/review/applications/<ref>/roadshow", methods=["GET", "POST"])
@access(roles.REVIEWER)
def score_roadshow(ref: str) -> Any:
    application = policy.find(Application, ref, viewer())
    if panels.stages(application.need) != panels.STAGES["both"]:
        raise Missing(ref)
    return _score(application, SubjectKind.ROADSHOW)


def _score(application: Application, kind: SubjectKind) -> Any:
    policy.require(actor(), application, Party.REVIEWER)
    round_ = panels.of_need(application.need)
    if round_ is None:
        raise Missing(application.ref)
    sheet = sheets.find(kind, application.id, actor().id)
    form = SheetForm(obj=sheet)
    rubric = sheet.rubric if sheet else judging.rubric_of(round_, kind)
    typed, errors, status = typed_lines(rubric), {}, 200
    if form.validate_on_submit():
        try:
            errors = sheets.problems(rubric, {code: entry for code, (_raw, entry) in typed.items()})
            answer = _keep(application, kind, form, typed, errors)
            if not isinstance(answer, dict):
                return answer
            errors, status = answer, 422
        except Refused as no:
            form.form_errors, status = [str(no)], 409
    return _sheet_page(application, round_, kind, form, sheet, rubric, typed, errors), status


def typed_lines(rubric: Rubric) -> dict[str, tuple[str, Entry]]:
    """By item code what was typed as points, and the entry it makes."""
    if request.method != "POST":
        return {}
    found = {}
    for item in rubric.items:
        if item.how == "computed":
            continue
        raw = request.form.get(f"line-{item.code}-value", "")[:20]
        remark = request.form.get(f"line-{item.code}-remark", "").replace("\x00", "")[:1000]
        found[item.code] = (raw, sheets.entry(raw, f"line-{item.code}-na" in request.form, remark))
    return found


def _keep(
    application: Application, kind: SubjectKind, form: Any, typed: dict[str, tuple[str, Entry]], wrong: dict[str, str]
) -> Any:
    """Save, and submit when that was asked. What still stands in the way, by item code, or the next page."""
    entries = {code: entry for code, (_raw, entry) in typed.items()}
    sheet = judging.save_sheet(
        actor(), application, entries, form.comment.data or "", kind, form.seen_version(),
        private_note=form.private_note.data or "" if "private_note" in request.form else None,
        confidence=form.confidence.data or "" if "confidence_asked" in request.form else None,
        spent_seconds=form.spent_seconds(clock.now().timestamp()),
    )  # fmt: skip
    form.version.data, form.opened.data = str(sheet.version), ""
    if wrong:
        return wrong
    here = url_for(request.endpoint or "reviews.score", ref=application.ref)
    if request.form.get("deed") != "submit":
        return done(_("草稿已保存，还没有提交。"), here)
    if gaps := gaps_of(sheet):
        return gaps
    if not kit.is_sure():
        form.form_errors = [kit.not_sure()]
        return {}
    judging.submit_sheet(actor(), application, kind, sheet.version)
    round_ = panels.of_need(application.need)
    return done(
        _("您的评分已提交成功。提交后的评分表不再改动。"),
        url_for("reviews.assignment", ref=round_.ref if round_ else ""),
    )


def gaps_of(sheet: ScoreSheet) -> dict[str, str]:
    """Gaps in what the reviewer fills in; computed items are the street's to enter."""
    computed = {item.code for item in sheet.rubric.items if item.how == "computed"}
    return {code: sentence for code, sentence in sheets.gaps(sheet).items() if code not in computed}


def _sheet_page(
    application: Application,
    round_: ReviewRound,
    kind: SubjectKind,
    form: Any,
    sheet: ScoreSheet | None,
    rubric: Rubric,
    typed: dict[str, tuple[str, Entry]],
    errors: dict[str, str],
) -> str:
    codes = hidden_on(round_, application, kind)
    items, evidence = lines_of(application, round_, sheet, rubric, typed, errors, blind.ORGANISATION not in codes)
    if not form.version.data:
        form.version.data = str(sheet.version) if sheet else ""
    form.opened.data = str(int(clock.now().timestamp()))
    return render_template(
        "reviews/score.html",
        application=application,
        round=round_,
        kind=kind.value,
        several=len(panels.stages(round_.need)) > 1,
        form=form,
        problems=summary_of(items),
        sheet=sheet,
        total=sheets.total(sheet) if sheet else None,
        cap=sheet_items.plain(sheets.cap_of(rubric)),
        items=items,
        evidence=evidence,
        open=round_.state is RoundState.SCORING and (sheet is None or sheet.state is SheetState.DRAFT),
        submitted=sheet is not None and sheet.state is SheetState.SUBMITTED,
        rubric=rubric,
        remark_low=reference.setting("remark_low"),
        remark_high=reference.setting("remark_high"),
        confidences=CONFIDENCE,
        **reading(application, codes),
    )


def reading(application: Application, codes: frozenset[str]) -> dict[str, Any]:
    """The application as a reviewer reads it, without what is hidden from reviewers."""
    text = blind.veiled(intake.documents([application])[application.id], application, codes)
    files = attachments.of(application)
    if blind.FILES in codes:
        files = [_plain_file(file) for file in files]
    return {
        "title": application_form.part_of(text, "project")["title"] or application.need.title,
        "label": blind.label(application, codes),
        "parts": application_form.shown(text),
        "files": files,
        "veiled": blind.words(codes),
    }


def _plain_file(file: Attachment) -> Any:
    shown = {name: getattr(file, name) for name in ("code", "purpose", "media_type", "size_bytes", "is_picture")}
    return SimpleNamespace(**shown, name=blind.plain_name(file), caption="", sha256=None, uploaded_at=file.uploaded_at)


def hidden_on(round_: ReviewRound, application: Application, kind: SubjectKind) -> frozenset[str]:
    """What is hidden on this sheet's page: at a roadshow one sees who speaks, so nothing once the paper is scored."""
    codes = blind.hidden(round_)
    if kind is SubjectKind.ROADSHOW and codes:
        paper = sheets.find(SubjectKind.APPLICATION, application.id, actor().id)
        if paper is not None and paper.state is SheetState.SUBMITTED:
            return frozenset()
    return codes


def summary_of(items: list[tuple[dict[str, Any], dict[str, Any]]]) -> SummaryOf:
    """The errors of the items, each with the way to it."""
    return SummaryOf(
        SimpleNamespace(
            id=f"line-{item['code']}",
            errors=[_("%(item)s：%(sentence)s", item=item["title"], sentence=sentence)],
            type="Score",
        )
        for item, line in items
        for sentence in line["errors"]
    )


class SummaryOf(list[Any]):
    """Errors of the items in the shape that F.error_summary reads."""

    form_errors: tuple[str, ...] = ()


def lines_of(
    application: Application,
    round_: ReviewRound,
    sheet: ScoreSheet | None,
    rubric: Rubric,
    typed: dict[str, tuple[str, Entry]],
    errors: dict[str, str],
    named: bool = True,
) -> tuple[list[tuple[dict[str, Any], dict[str, Any]]], dict[str, intake.Prefill]]:
    """The rubric's items with what is in them now, and the evidence behind those that were filled in beforehand."""
    kept = {line.item.code: line for line in sheet.lines} if sheet else {}
    items, evidence = [], {}
    for item in rubric.items:
        line = mine.line_of(kept.get(item.code))
        if (rubric.code, item.code) == intake.TRACK_ITEM:
            evidence[item.code] = made = intake.prefill_a12(application, item, named)
            if item.code not in kept:
                line |= {"value": sheet_items.plain(made.points), "remark": made.remark}
        elif (rubric.code, item.code) == intake.BALLOT_ITEM:
            counted = intake.prefill_ballots(round_, application, item)
            line |= {"value": sheet_items.plain(counted.points) if counted else None,
                     "explanation": counted.remark if counted else _("主办科室还没有登记居民票。")}  # fmt: skip
        if item.code in typed:
            raw, entry = typed[item.code]
            line = mine.typed_line(raw, entry)
        line["errors"] = [errors[item.code]] if item.code in errors else []
        items.append((sheet_items.for_judge(item), line))
    return items, evidence
