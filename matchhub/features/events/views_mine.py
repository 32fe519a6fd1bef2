"""Pages of presenters (their slot and slides) and of reviewers (their sheets at a roadshow)."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from matchhub.core import clock
from matchhub.core.access import access
from matchhub.core.errors import Missing, Refused
from matchhub.core.files import DOCUMENTS
from matchhub.core.i18n import _, pick
from matchhub.core.web import actor, done
from matchhub.domain import attachments, eventing, panels, policy, roles, sheets
from matchhub.domain.models import (
    Application,
    Event,
    EventKind,
    Presentation,
    ReviewRound,
    RoundState,
    ScoreSheet,
    SheetState,
    Stage,
    SubjectKind,
)
from matchhub.domain.parties import Party
from matchhub.features import kit
from matchhub.features.events import agenda, queries
from matchhub.features.events.forms import SlidesForm
from matchhub.features.events.sheetform import pairs
from matchhub.features.events.views import bp


@bp.get("/my/events")
@access(get=roles.ORGANISATION)
def mine() -> Any:
    """What the own organisation presents, and what its people signed up for."""
    return render_template(
        "events/mine.html", items=queries.own_items(actor()), signups=queries.own_signups(actor()), now=clock.now()
    )


@bp.route("/my/presentations/<code>", methods=["GET", "POST"])
@access(roles.ORGANISATION)
def presentation(code: str) -> Any:
    """A presenter's own item: when and as which number, what to bring, and the slides."""
    item = queries.own_item(actor(), code)
    form = SlidesForm()
    if form.validate_on_submit() and (stored := kit.keep_uploads(form, "files", DOCUMENTS)) is not None:
        with kit.refusals(form):
            told = _presenter_deed(item, stored)
            return done(told, url_for("events.presentation", code=code))
    return kit.shown(
        "events/presentation.html", form, item=item, event=item.event, slides=attachments.of(item, "event_slides"),
        number=_number(item), of=len(eventing.agenda(item.event)), open=_open(item),
    )  # fmt: skip


def _presenter_deed(item: Presentation, stored: Any) -> str:
    deed = request.form.get("deed", "")
    if deed == "confirm":
        agenda.confirm(actor(), item)
        return _("已确认参加。")
    if deed == "remove":
        agenda.remove_slides(actor(), item, request.form.get("file", "")[:24])
        return _("文件已删除。")
    if not stored:
        raise Refused(_("请选择要上传的文件。"))
    agenda.keep_slides(actor(), item, stored)
    return _("材料已上传，主办方和评审人可以看到。")


def _number(item: Presentation) -> int | None:
    items = eventing.agenda(item.event)
    known = item.event.kind is not EventKind.ROADSHOW or item.event.drawn_at is not None
    return items.index(item) + 1 if known and item in items else None


def _open(item: Presentation) -> bool:
    return item.withdrawn_at is None and item.event.state in agenda.CHANGING and item.stage is not Stage.DONE


# --- reviewers (评委) --------------------------------------------------------------------------------------------------


def _seated(ref: str) -> tuple[Event, ReviewRound]:
    event = queries.find(ref, actor())
    round_ = queries.round_of(event)
    if round_ is None:
        raise Missing(ref)
    policy.require(actor(), round_, Party.REVIEWER)
    return event, round_


@bp.get("/review/live/<ref>")
@access(get=roles.REVIEWER)
def live(ref: str) -> Any:
    """A reviewer's sheets at a roadshow, in the order of the room."""
    event, round_ = _seated(ref)
    items = eventing.agenda(event)
    seat = panels.seat(round_, actor())
    declared = seat is not None and seat.declared_at is not None
    entries = panels.applications(round_)
    barred = panels.bars([actor()], entries)
    known = panels.sheets(round_, entries)
    return render_template(
        "events/live.html",
        event=event,
        round=round_,
        declared=declared,
        rows=[(n, item, _standing(item, barred, known)) for n, item in enumerate(items, 1)] if declared else [],
        named=eventing.namable(actor(), event, items),
        clock=eventing.countdown(event, clock.now()),
    )


def _standing(item: Presentation, barred: panels.Bars, known: dict[Any, ScoreSheet]) -> str:
    """`recused`, `submitted`, `draft` or `none`."""
    if item.application is not None and barred.of(actor().id, item.application):
        return "recused"
    sheet = known.get((SubjectKind.ROADSHOW, item.application_id or 0, actor().id))
    if sheet is None:
        return "none"
    return "submitted" if sheet.state is SheetState.SUBMITTED else "draft"


@bp.get("/review/live/<ref>/<code>")
@access(get=roles.REVIEWER)
def live_sheet(ref: str, code: str) -> Any:
    """One sheet, made for a phone in the room. It is sent to the review, which decides what is allowed."""
    event, round_ = _seated(ref)
    item = queries.item_of(event, code)
    if item.application is None or item.withdrawn_at is not None:
        raise Missing(code)
    application: Application = item.application
    if not eventing.namable(actor(), event, [item]):  # sealed, tied, or a name-blind review before the roadshow
        raise Missing(code)
    policy.require(actor(), application, Party.REVIEWER)
    sheet = sheets.find(SubjectKind.ROADSHOW, application.id, actor().id)
    rubric = sheet.rubric if sheet is not None else sheets.newest_rubric("A2")
    both = len(panels.stages(round_.need)) > 1
    return render_template(
        "events/live_sheet.html",
        event=event,
        item=item,
        number=eventing.agenda(event).index(item) + 1,
        sheet=sheet,
        rubric_name=pick(rubric.name_zh, rubric.name_en),
        items=pairs(rubric, sheet, round_, application),
        target=f"/review/applications/{application.ref}{'/roadshow' if both else ''}",
        open=round_.state is RoundState.SCORING and (sheet is None or sheet.state is SheetState.DRAFT),
        counted=str(application.id) in round_.ballots,
        clock=eventing.countdown(event, clock.now()),
        slides=attachments.of(item, "event_slides"),
    )
