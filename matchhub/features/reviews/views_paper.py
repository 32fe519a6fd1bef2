"""Papers of a review: an application as its reviewer reads it, and submitted score sheets with the declaration on ties."""

from __future__ import annotations

from typing import Any

from matchhub.core.access import access
from matchhub.core.errors import Missing
from matchhub.core.i18n import _
from matchhub.core.web import actor, viewer
from matchhub.documents import application as forms
from matchhub.documents import score_sheet
from matchhub.domain import application_form, blind, panels, policy, roles, sheets
from matchhub.domain.models import (
    Application,
    ReviewRound,
    ScoreSheet,
    SheetState,
    SubjectKind,
)
from matchhub.domain.parties import Party
from matchhub.domain.scoring import words
from matchhub.features import kit
from matchhub.features.reviews.views import READING, bp, read_sheet
from matchhub.features.reviews.views_mine import hidden_on, reading


def _assigned(ref: str) -> tuple[Application, ReviewRound]:
    """An application of this reviewer, as the page of its sheet finds it."""
    application = policy.find(Application, ref, viewer())
    policy.require(actor(), application, Party.REVIEWER)
    round_ = panels.of_need(application.need)
    if round_ is None:
        raise Missing(ref)
    return application, round_


@bp.get("/review/applications/<ref>/form.pdf")
@access(roles.REVIEWER)
def form_paper(ref: str) -> Any:
    """The application with what the page of its sheet shows, and without what is hidden there."""
    application, round_ = _assigned(ref)
    shown = reading(application, hidden_on(round_, application, panels.stages(round_.need)[0]))
    paper = forms.of(application, shown["parts"], label=shown["label"], version=application_form.latest(application))
    return kit.sent(paper, "pdf", _("项目申报书 %(ref)s", ref=ref))


@bp.get("/review/applications/<ref>/<any(application,roadshow):kind>/sheet.pdf")
@access(roles.REVIEWER)
def own_sheet_paper(ref: str, kind: str) -> Any:
    """The reviewer's own sheet, once it is submitted."""
    application, round_ = _assigned(ref)
    sheet = sheets.find(SubjectKind(kind), application.id, actor().id)
    if sheet is None or sheet.state is not SheetState.SUBMITTED:
        raise Missing(ref)
    label = blind.label(application, hidden_on(round_, application, SubjectKind(kind)))
    return _sent(sheet, application, round_, label)


@bp.get("/staff/rounds/<ref>/sheets/<int:number>.pdf")
@access(get=READING)
def sheet_paper(ref: str, number: int) -> Any:
    """A submitted sheet, once scoring is over: what its page shows, without the private note."""
    round_, sheet, application = read_sheet(ref, number)
    return _sent(sheet, application, round_, application.organisation.name)


def _sent(sheet: ScoreSheet, application: Application, round_: ReviewRound, label: str) -> Any:
    seat = panels.seat(round_, sheet.judge)
    facts = [
        (_("需求"), f"{round_.need.title}（{round_.need.ref}）"),
        (_("申报"), label if application.ref in label else f"{label}（{application.ref}）"),
        (_("评审"), f"{round_.ref} {_(words.STAGES[sheet.subject_kind.value])}"),
    ]
    declared = score_sheet.declared(sheet.judge, application.organisation, at=seat.declared_at if seat else None)
    paper = score_sheet.of(sheet, _("评审评分表"), facts, declared)
    return kit.sent(paper, "pdf", _("评分表 %(ref)s %(n)s", ref=application.ref, n=sheet.id))
