"""The page of one visit for its supervisor: record and score sheet in one form, made for a phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, render_template, request, url_for

from matchhub.core import clock, files
from matchhub.core.access import access
from matchhub.core.errors import Refused, Stale
from matchhub.core.files import Stored
from matchhub.core.forms import clean
from matchhub.core.i18n import _
from matchhub.core.rows import changed
from matchhub.core.web import actor, done, upload_limit_bytes, viewer
from matchhub.domain import policy, reference, sheet_items, sheets, visit_scoring
from matchhub.domain.models import Rubric, Visit, VisitState
from matchhub.domain.parties import Party, parties
from matchhub.domain.scoring.bands import Light
from matchhub.features import kit
from matchhub.features.supervision import board, queries, recording, service, showing
from matchhub.features.supervision.forms import PROBLEM_KINDS, RecordForm
from matchhub.features.supervision.views import VISITING, bp, told

LONGEST_REMARK = 1000


@bp.route("/supervise/<ref>", methods=["GET", "POST"])
@access(VISITING)
def score(ref: str) -> Any:
    visit = policy.find(Visit, ref, viewer())
    mine = Party.SUPERVISOR in parties(actor(), visit)
    if request.method == "GET" and not (mine and visit.state is VisitState.PLANNED):
        return record_page(visit, "judge")
    policy.require(actor(), visit, Party.SUPERVISOR)
    sheet = queries.draft_sheet(visit)
    rubric = sheet.rubric if sheet else sheets.newest_rubric("B")
    form = RecordForm(obj=visit, orders=visit.orders_draft)
    if request.method == "GET":
        if form.visited_on.data is None:
            form.visited_on.data = min(visit.planned_on, clock.today())
        return _form_page(visit, form, rubric, showing.entries_of(sheet), {})
    return _posted(visit, form, rubric)


def _posted(visit: Visit, form: RecordForm, rubric: Rubric) -> Any:
    """One form, several buttons. Photos are kept at once, whatever becomes of the rest."""
    entries, errors = entries_typed(rubric), _keep_photos(visit, form, rubric)
    if code := request.form.get("drop-file"):
        service.detach(actor(), visit, code)
        return _form_page(visit, form, rubric, entries, errors)
    if changed(form, request.form):
        return _form_page(visit, form, rubric, entries, errors)
    is_whole = form.validate_on_submit() and not errors and not form.photos.errors
    submitting = "submit" in request.form
    if submitting:
        is_whole = _ready(visit, form, rubric, entries, errors) and is_whole
    elif is_whole:
        errors |= sheets.problems(rubric, entries)
    if is_whole and not errors and submitting and not kit.is_sure():
        form.form_errors = [kit.not_sure()]
        is_whole = False
    if not is_whole or errors:
        return _form_page(visit, form, rubric, entries, errors), 422
    return _do(visit, form, rubric, entries, submitting)


def _do(visit: Visit, form: RecordForm, rubric: Rubric, entries: dict[str, sheets.Entry], submitting: bool) -> Any:
    deed = service.submit if submitting else service.save_draft
    try:
        deed(
            actor(), visit, form.record(), entries, form.suggested(), form.order_items(), seen=form.seen_version()
        )  # fmt: skip
    except Stale:
        told_stale(form, visit)
        return _form_page(visit, form, rubric, entries, {}), 409
    except Refused as no:
        told(form, no)
        return _form_page(visit, form, rubric, entries, {}), 422
    here = url_for("supervision.score", ref=visit.ref)
    if not submitting:
        return done(_("草稿已存好，随时可以回来接着填。"), here)
    due = clock.local(visit.confirm_due_at).strftime("%Y-%m-%d %H:%M")
    return done(_("督导记录和评分已提交。机构在 %(due)s 前确认或提出异议，过期视为确认。", due=due), here)


def told_stale(form: RecordForm, visit: Visit) -> None:
    """Only the supervisor writes here, so a second window is the reason; the next press may overwrite it."""
    form.version.data = str(visit.version)
    form.form_errors = [
        *form.form_errors,
        _("这份记录在另一个窗口存过。下面是您在这个窗口填的内容；再存一次，就以这里的内容为准。"),
    ]


def entries_typed(rubric: Rubric) -> dict[str, sheets.Entry]:
    """What was chosen and written for each item that is judged."""
    typed = request.form
    return {
        item.code: sheets.entry(
            typed.get(f"line-{item.code}-value"),
            f"line-{item.code}-na" in typed and not item.veto,
            clean(typed.get(f"line-{item.code}-remark"))[:LONGEST_REMARK],
        )
        for item in rubric.items
        if item.how != "computed"
    }


def _keep_photos(visit: Visit, form: RecordForm, rubric: Rubric) -> dict[str, str]:
    """Store and attach every photo that came along; gives the sentences of refused ones by item code."""
    stored: list[tuple[str, Stored]] = []
    errors: dict[str, str] = {}
    for item in rubric.items:
        for upload in kit.uploads(request.files.getlist(f"line-{item.code}-photo")):
            try:
                kept = files.save(
                    current_app.config["INSTANCE"], upload.stream, upload.filename or "", upload_limit_bytes(),
                    frozenset(files.PICTURES),
                )  # fmt: skip
                stored.append((recording.item_photo(item.code), kept))
            except files.BadFile as error:
                errors[item.code] = str(error)
    stored += [(recording.PHOTO, kept) for kept in kit.keep_uploads(form, "photos") or []]
    if stored:
        service.attach(actor(), visit, stored)
    return errors


def _ready(
    visit: Visit, form: RecordForm, rubric: Rubric, entries: dict[str, sheets.Entry], errors: dict[str, str]
) -> bool:
    """Put a sentence beside everything that a submission still lacks; True when nothing does."""
    complete = form.complete(clock.today())
    errors |= sheets.problems(rubric, entries)
    sheet = recording.preview(rubric, entries | visit_scoring.entries(visit, form.visited_on.data))
    errors |= {code: sentence for code, sentence in recording.gaps(sheet).items() if code not in errors}
    if sheet.total is not None and visit_scoring.light(sheet.total) is Light.red and not form.order_items():
        form.orders.entries[0].form.issue.errors = [recording.order_needed(sheet)]
        return False
    return complete and not errors


def _form_page(
    visit: Visit, form: RecordForm, rubric: Rubric, entries: Mapping[str, sheets.Entry], errors: dict[str, str]
) -> str:
    on = form.visited_on.data if form.visited_on.data and form.visited_on.data <= clock.today() else None
    whole = dict(entries) | visit_scoring.entries(visit, on)
    photos = queries.photos(visit)
    left = sum(1 for code, made in whole.items() if made.points is None and not made.not_applicable)
    left += sum(1 for item in rubric.items if item.code not in whole)
    total = sheets.total(recording.preview(rubric, whole))
    return render_template(
        "supervision/score.html", visit=visit, form=form, groups=showing.sheet_groups(rubric, whole, errors, photos),
        sheet_errors=showing.SheetErrors(errors, rubric), photos=photos.get(recording.PHOTO, []), left=left,
        points=sheet_items.plain(total.points), most=sheet_items.plain(total.maximum), lights=_lights(), lines=board.LINES,
        yellow=sheet_items.plain(reference.setting("light_yellow")),
    )  # fmt: skip


def _lights() -> tuple[str, str, str, str, str]:
    words = [_(visit_scoring.LIGHT_WORDS[light]) for light in (Light.green, Light.yellow, Light.red)]
    green, yellow = (sheet_items.plain(reference.setting(f"light_{name}")) for name in ("green", "yellow"))
    return green, yellow, words[0], words[1], words[2]


def record_page(visit: Visit, side: str, **more: Any) -> str:
    """A visit as it is read: by its supervisors ("judge"), the organisation ("my") or the street ("staff")."""
    record = queries.record(visit)
    before = record.replaced[0] if record.replaced else None
    sheet = record.sheet
    light = visit_scoring.light(sheet.total) if sheet else None
    offers = [offer for offer in kit.offers(visit, viewer()) if offer[0].action != "submit"]
    return render_template(
        "supervision/record.html", visit=visit, record=record, side=side, light=light, before=before,
        rows=showing.score_rows(sheet, before, record.photos) if sheet else [],
        light_word=_(visit_scoring.LIGHT_WORDS[light]) if light else "", light_tone=visit_scoring.LIGHT_TONES.get(light, ""),
        photos=record.photos.get(recording.PHOTO, []), papers=record.photos.get("contest", []),
        events=showing.timeline(record.deeds), offers=offers, lines=board.LINES, problem_words=PROBLEM_KINDS,
        may_move=side == "staff" and Party.OFFICE in parties(actor(), visit),
        address=lambda action: url_for("supervision.move", ref=visit.ref, action=action), **more,
    )  # fmt: skip
