"""Pages after scoring: discussions, feedback, scales of the judges, name-blindness, and what each applicant reads."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, render_template, request, url_for

from matchhub.core.access import access
from matchhub.core.errors import Missing, Refused
from matchhub.core.i18n import _
from matchhub.core.web import actor, done, viewer
from matchhub.domain import blind, discussing, intake, panels, policy, roles, sheets
from matchhub.domain.models import Application, ReviewRound, RoundState, ScoreSheet, SheetState, SubjectKind
from matchhub.domain.parties import Party, parties
from matchhub.domain.scoring import words
from matchhub.features import kit
from matchhub.features.reviews import feedback, outcome, queries, scales, settling, traces, views_mine
from matchhub.features.reviews.forms import ReviseForm, ScaleForm, discussion_form, feedback_form, voices
from matchhub.features.reviews.views import READING, bp


def _entry(round_: ReviewRound, ref: str) -> Application:
    entry = next((one for one in panels.applications(round_) if one.ref == ref), None)
    if entry is None:
        raise Missing(ref)
    return entry


# --- discussions -----------------------------------------------------------------------------------------------------


@bp.route("/staff/rounds/<ref>/discuss/<entry_ref>", methods=["GET", "POST"])
@access(get=READING, post=roles.STAFF)
def discuss(ref: str, entry_ref: str) -> Any:
    round_ = policy.find(ReviewRound, ref, viewer())
    if round_.state in intake.UNDER_WAY:
        abort(404)
    entry = _entry(round_, entry_ref)
    speakers = settling.speakers(round_, entry)
    form = discussion_form(speakers, obj=round_)
    if form.validate_on_submit():
        try:
            given = voices(form, speakers)
            settling.record_discussion(
                actor(), round_, entry, form.held_on.data, form.minutes.data, given, form.seen_version()
            )
            return done(_("合议已登记。"), url_for("reviews.show", ref=ref) + f"#row-{entry.ref}")
        except Refused as no:
            form.form_errors = [str(no)]
    row = next((one for one in round_.result["applications"] if one["id"] == entry.id), None)
    if row is None:
        raise Missing(entry_ref)
    return kit.shown(
        "reviews/discuss.html",
        form,
        round=round_,
        entry=entry,
        row=row,
        words=words,
        speakers=speakers,
        records=discussing.of_round(round_).get(entry.id, []),
        changed=settling.history(round_, [entry])[entry.id],
        may_record=Party.OFFICE in parties(actor(), round_) and round_.state is RoundState.DECIDING,
        reads_sheets=bool(READING & actor().role_codes),
    )


@bp.route("/review/applications/<ref>/revise", methods=["GET", "POST"])
@access(roles.REVIEWER)
def revise(ref: str) -> Any:
    """A reviewer scores anew after a discussion; until then the old sheet stands."""
    application = policy.find(Application, ref, viewer())
    policy.require(actor(), application, Party.REVIEWER)
    kinds = panels.stages(application.need)
    kind = SubjectKind.ROADSHOW if request.args.get("stage") == "roadshow" else kinds[0]
    old = sheets.find(kind, application.id, actor().id)
    round_ = panels.of_need(application.need)
    if kind not in kinds or old is None or old.state is not SheetState.SUBMITTED or round_ is None:
        raise Missing(ref)
    if discussing.unsettled(actor(), application) is None or round_.state is not RoundState.DECIDING:
        raise Missing(ref)
    return _revise(application, round_, kind, old, len(kinds) > 1)


def _revise(application: Application, round_: ReviewRound, kind: SubjectKind, old: ScoreSheet, several: bool) -> Any:
    form = ReviseForm(obj=old)
    typed = views_mine.typed_lines(old.rubric)
    errors: dict[str, str] = {}
    status = 200
    if form.validate_on_submit():
        entries = {code: entry for code, (_raw, entry) in typed.items()}
        errors = sheets.problems(old.rubric, entries)
        try:
            if not errors and not kit.is_sure():
                form.form_errors = [kit.not_sure()]
            elif not errors:
                settling.revise_sheet(
                    actor(), application, entries, form.comment.data or "", form.reason.data, kind,
                    form.seen_version(), form.private_note.data or "", form.confidence.data or "",
                )  # fmt: skip
                return done(_("新的评分已提交，原评分表仍然保留。"), url_for("reviews.assignment", ref=round_.ref))
        except Refused as no:
            form.form_errors, status = [str(no)], 409
    if errors or form.errors:
        status = max(status, 422)
    items, _evidence = views_mine.lines_of(application, round_, old, old.rubric, typed, errors)
    return render_template(
        "reviews/revise.html", form=form, application=application, round=round_, kind=kind.value, items=items,
        problems=views_mine.summary_of(items), old=old, several=several, total=sheets.total(old),
        records=discussing.of_round(round_).get(application.id, []),
        label=blind.label(application, blind.hidden(round_)),
    ), status  # fmt: skip


@bp.post("/review/applications/<ref>/keep")
@access(roles.REVIEWER)
def keep_score(ref: str) -> Any:
    application = policy.find(Application, ref, viewer())
    round_ = panels.of_need(application.need)
    settling.keep_score(actor(), application)
    return done(_("已登记，评分保持现在这样。"), url_for("reviews.assignment", ref=round_.ref if round_ else ""))


# --- feedback --------------------------------------------------------------------------------------------------------


@bp.route("/staff/rounds/<ref>/feedback", methods=["GET", "POST"])
@access(get=READING, post=roles.STAFF)
def edit_feedback(ref: str) -> Any:
    round_ = policy.find(ReviewRound, ref, viewer())
    if round_.state in intake.UNDER_WAY:
        abort(404)
    entries = panels.applications(round_)
    found = feedback.comments(round_, entries)
    ids = [one.sheet.id for rows in found.values() for one in rows]
    form = feedback_form(ids, data={f"text_{one.sheet.id}": one.text for rows in found.values() for one in rows})
    if form.validate_on_submit():
        try:
            changed = feedback.edit(actor(), round_, {one: form[f"text_{one}"].data or "" for one in ids})
            sentence = _("已整理 %(n)s 条意见，批准后机构看得到。", n=changed) if changed else _("没有变化。")
            return done(sentence, url_for("reviews.edit_feedback", ref=ref))
        except Refused as no:
            form.form_errors = [str(no)]
    may_edit = Party.OFFICE in parties(actor(), round_) and round_.state in feedback.EDITING
    return kit.shown(
        "reviews/feedback.html", form, round=round_, entries=entries, comments=found, may_edit=may_edit,
        names=queries.judge_names(round_), confidences=words.CONFIDENCE,
    )  # fmt: skip


# --- scales ----------------------------------------------------------------------------------------------------------


@bp.get("/review/scales")
@access(roles.REVIEWER)
def my_scales() -> Any:
    """The own scale in each finished round."""
    return render_template("reviews/my_scales.html", rows=scales.own(actor()), form=ScaleForm())


@bp.post("/review/<ref>/scale")
@access(roles.REVIEWER)
def read_scale(ref: str) -> Any:
    round_ = policy.find(ReviewRound, ref, viewer())
    form = ScaleForm()
    if form.validate_on_submit():
        scales.read(actor(), round_, form.note.data or "")
        return done(_("已登记您看过评分尺度。"), url_for("reviews.my_scales"))
    return kit.shown("reviews/my_scales.html", form, rows=scales.own(actor()))


@bp.get("/staff/rounds/<ref>/scales")
@access(get=READING)
def panel_scales(ref: str) -> Any:
    """The scales of a panel, those that their judges have seen; and the applications by z-scores, for discussion only."""
    round_ = policy.find(ReviewRound, ref, viewer())
    if round_.state in intake.UNDER_WAY:
        abort(404)
    return render_template(
        "reviews/scales.html",
        round=round_,
        rows=scales.panel(round_),
        stages=[(kind.value, scales.by_z(round_, kind)) for kind in panels.stages(round_.need)],
        judges=panels.judges(round_),
        agreement=round_.result.get("agreement", {}),
        words=words,
    )


# --- name-blindness --------------------------------------------------------------------------------------------------


@bp.get("/staff/rounds/<ref>/blind")
@access(get=READING)
def blindness(ref: str) -> Any:
    """Where names that reviewers must not see would still show: in texts (replaced there) and in files (a warning)."""
    round_ = policy.find(ReviewRound, ref, viewer())
    codes = frozenset(round_.rubric.hidden or ())
    if not codes:
        abort(404)
    rows = traces.of(current_app.config["INSTANCE"], panels.applications(round_), codes)
    return render_template(
        "reviews/blind.html", round=round_, rows=rows, lifted=round_.state is RoundState.DECIDED,
        hidden=blind.words(codes),
    )  # fmt: skip


# --- the applicant ---------------------------------------------------------------------------------------------------


@bp.get("/my/applications/<ref>/outcome")
@access(roles.ORGANISATION)
def result(ref: str) -> Any:
    """The reasoned result, with the own group scores beside the panel's means where these tell nothing about one other."""
    application = policy.find(Application, ref, viewer())
    policy.require(actor(), application, Party.OWNER)
    found = outcome.of(application)
    if found is None:
        raise Missing(ref)
    return render_template("reviews/outcome.html", application=application, outcome=found, words=words)
