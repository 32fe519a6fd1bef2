"""The score sheets of a closing on paper: one's own, and for the street those that its page shows."""

from __future__ import annotations

from flask import Response

from matchhub.core.access import access
from matchhub.core.errors import Missing
from matchhub.core.i18n import _
from matchhub.core.web import actor, viewer
from matchhub.documents import score_sheet
from matchhub.domain import policy, roles, sheets
from matchhub.domain.models import Assessment, ScoreSheet, SheetState, SubjectKind
from matchhub.domain.parties import Party
from matchhub.features import kit
from matchhub.features.closing import queries
from matchhub.features.closing.views_base import bp
from matchhub.features.closing.views_judge import JUDGES
from matchhub.features.closing.views_staff import shown_inspection

SEATS = {SubjectKind.LEDGER_INSPECTION: Party.INSPECTOR, SubjectKind.PRESENTATION: Party.JUDGE}


@bp.get("/assess/<ref>/<any(ledger_inspection,presentation):kind>.pdf")
@access(JUDGES)
def own_paper(ref: str, kind: str) -> Response:
    """The judge's own sheet, once it is submitted."""
    found, part = policy.find(Assessment, ref, viewer()), SubjectKind(kind)
    policy.require(actor(), found, SEATS[part])
    sheet = sheets.find(part, found.id, actor().id)
    if sheet is None or sheet.state is not SheetState.SUBMITTED:
        raise Missing(ref)
    return _sent(found, sheet)


@bp.get("/staff/assessments/<ref>/sheets/<int:number>.pdf")
@access(roles.INSIDE)
def staff_paper(ref: str, number: int) -> Response:
    """A sheet that the street's page of the assessment shows to this reader, and no other."""
    found = policy.find(Assessment, ref, viewer())
    shown = [seat.sheet for seat in queries.panel(found, actor())] + [shown_inspection(found)]
    sheet = next((one for one in shown if one is not None and one.id == number), None)
    if sheet is None:
        raise Missing(ref)
    return _sent(found, sheet)


def _sent(assessment: Assessment, sheet: ScoreSheet) -> Response:
    project = assessment.project
    title = {
        SubjectKind.LEDGER_INSPECTION: _("台账督察评分表（C1）"), SubjectKind.PRESENTATION: _("现场汇报评分表（C2）"),
    }[sheet.subject_kind]  # fmt: skip
    facts = [
        (_("测评编号"), assessment.ref),
        (_("项目"), f"{project.title}（{project.ref}）"),
        (_("承接机构"), project.organisation.name),
    ]
    declared = score_sheet.declared(sheet.judge, project.organisation, at=sheet.submitted_at, supervising=True)
    paper = score_sheet.of(sheet, title, facts, declared)
    return kit.sent(paper, "pdf", f"{title} {assessment.ref}")
