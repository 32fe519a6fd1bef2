"""The record of a visit with its score sheet on paper, for everybody who may read the record."""

from __future__ import annotations

from flask import Response

from matchhub.core.access import access
from matchhub.core.errors import Missing
from matchhub.core.i18n import _
from matchhub.core.web import viewer
from matchhub.documents import score_sheet
from matchhub.domain import policy, reference, roles, visit_scoring
from matchhub.domain.models import ScoreLine, Visit, VisitState
from matchhub.features import kit
from matchhub.features.supervision import board, queries
from matchhub.features.supervision.views import VISITING, bp


@bp.get("/visits/<ref>/sheet.pdf")
@access(VISITING | roles.INSIDE | roles.ORGANISATION)
def sheet_paper(ref: str) -> Response:
    visit = policy.find(Visit, ref, viewer())
    record = queries.record(visit)
    if record.sheet is None or visit.state in (VisitState.PLANNED, VisitState.CANCELLED):
        raise Missing(ref)
    before = record.replaced[0] if record.replaced else None
    declared = score_sheet.declared(visit.supervisor, visit.project.organisation, supervising=True)
    paper = score_sheet.of(record.sheet, _("督导记录和评分表"), _facts(visit), declared, words=_words, before=before)
    return kit.sent(paper, "pdf", _("督导记录 %(ref)s", ref=ref))


def _words(line: ScoreLine) -> str:
    return visit_scoring.words(line.item.code, line.explanation)


def _facts(visit: Visit) -> list[tuple[str, str]]:
    """What the page of the record says of the visit, in its order; what was left empty is left out."""
    held = (visit.visited_on or visit.planned_on).isoformat()
    line = _("%(name)s（%(line)s线）", name=visit.supervisor.name, line=_(board.LINES[visit.line.value]))
    facts = [
        (_("督导记录"), visit.ref),
        (_("项目"), f"{visit.project.title}（{visit.project.ref}）"),
        (_("承接机构"), visit.project.organisation.name),
        (_("督导人"), line),
        (_("方式"), reference.word("visit_kind", visit.kind.value)),
        (_("阶段"), reference.word("visit_phase", visit.stage.value)),
        (_("日期"), held),
        (_("地点"), visit.place),
        (_("用时"), _("%(n)s 分钟", n=visit.minutes) if visit.minutes else ""),
        (_("机构在场人"), visit.present),
        (_("查阅的材料"), visit.materials),
        (_("观察记录"), visit.observation),
        (
            _("现场访谈"),
            "\n".join(part for part in (_("%(n)s 人", n=visit.interviewed), visit.interview_notes) if part),
        ),
        (_("亮点"), visit.highlights),
        (_("发现的问题"), "\n".join(str(row.get("text", "")) for row in visit.problems)),
        (_("改进建议"), "\n".join(row.text for row in visit.suggestions)),
    ]
    return [(name, value) for name, value in facts if value]
