"""The activity assessment (活跃度测评) of a project: gathered, computed, frozen, announced, and what follows from it.

All functions run inside the caller's command.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _, _l
from matchhub.core.workdays import months_later
from matchhub.domain import evidence, final_account, lifecycle, numbering, reference
from matchhub.domain.models import (
    Assessment,
    AssessmentState,
    ClosingReport,
    Notice,
    Organisation,
    Project,
    User,
)
from matchhub.domain.past import a12_points, last_grade, past_projects, record, track_record
from matchhub.domain.scoring.assessment import Grade, Result, Rules, assess
from matchhub.domain.scoring.canonical import canonical

__all__ = ["a12_points", "assessment_of", "begin", "compute", "last_grade", "on_conclude", "on_publish",
           "past_projects", "record", "rules",
           "track_record"]  # fmt: skip

# Items from this share of their maximum on are named as strengths, below the other as next steps: the anchors 优 and 良.
PRAISED_FROM_PERCENT, ASKED_BELOW_PERCENT, MOST_NAMED = 90, 75, 3


def rules() -> Rules:
    """The settings of the assessment. Raises NotNow when they contradict each other."""
    setting = reference.setting
    names = ("weight_c1", "weight_c2", "weight_c3", "extra_points_cap", "satisfaction_floor", "satisfaction_minimum_n",
             "grade_excellent", "grade_good", "grade_pass", "grade_improve")  # fmt: skip
    weights = {kind: setting(f"visit_weight_{kind}") for kind in ("on_site", "attend", "ledger", "remote")}
    try:
        return Rules(visit_weights=weights, **{name: setting(name) for name in names})
    except ValueError as error:
        raise NotNow(_("测评设置有误：三项权重合计须为 100，各等级的分数线须由高到低。请先改好设置。")) from error


def assessment_of(project: Project) -> Assessment | None:
    return db.session.scalar(sa.select(Assessment).where(Assessment.project_id == project.id))


def begin(project: Project, actor: User) -> tuple[ClosingReport, Assessment]:
    """The closing report and the assessment of a project that goes into closing; made once, found afterwards."""
    report, assessment = final_account.report_of(project), assessment_of(project)
    if report is None:
        report = final_account.new_report(project)
        lifecycle.record(actor, report, "begin", {"project": project.ref})
    if assessment is None:
        assessment = Assessment(ref=numbering.next_ref(numbering.ASSESSMENT), project=project)
        db.session.add(assessment)
        db.session.flush()
        lifecycle.record(actor, assessment, "begin", {"project": project.ref})
    return report, assessment


def compute(assessment: Assessment, actor: User) -> None:
    """Gather the inputs, compute, and freeze both. Raises Refused with what is still missing."""
    if why := lifecycle.refusal(assessment, "compute", actor, clock.now()):
        raise why
    gathered = evidence.gather(assessment)
    try:
        result = assess(gathered.inputs, rules())
    except ValueError as error:
        raise NotNow(_("算不出得分：计入的督导走访权重合计为 0，请核对设置。")) from error
    assessment.inputs = json.loads(result.canonical)
    assessment.digest = result.digest
    assessment.result = stored(result) | {"evidence": gathered.details}
    assessment.score, assessment.grade = result.score, result.grade.value
    assessment.computed_at = clock.now()
    assessment.strengths, assessment.next_steps = advice(gathered.details, gathered.inputs.vetoes)
    lifecycle.advance(
        assessment, "compute", actor, score=str(result.score), grade=result.grade.value, digest=result.digest
    )


def stored(result: Result) -> dict[str, Any]:
    """Every number of a result as JSON, each Decimal as text; the canonical text itself is kept in `inputs`."""
    plain = {
        name: getattr(result, name)
        for name in ("c1", "c2", "c3", "weighted", "extra_points", "score", "satisfaction_rate", "is_capped",
                     "vetoes", "grade_by_score", "grade", "steps", "digest")
    }  # fmt: skip
    return dict(json.loads(canonical(plain)))


def frozen_text(assessment: Assessment) -> str:
    """The text whose SHA-256 is the assessment's digest: its inputs and rules in their one spelling."""
    return canonical(assessment.inputs)


def empty(assessment: Assessment) -> None:
    """Take the numbers away, after the assessment went back to collecting."""
    assessment.inputs, assessment.result = {}, {}
    assessment.digest = assessment.grade = assessment.strengths = assessment.next_steps = ""
    assessment.score = assessment.computed_at = None
    db.session.flush()


PRAISE = _l("%(item)s（%(points)s / %(max)s）：%(anchor)s。")
ASK = _l("%(item)s（%(points)s / %(max)s）：下一步做到“%(anchor)s”。")
STOPPED = _l("%(veto)s：查清事实、落实整改；限制期满后可以重新申报。")


def advice(details: dict[str, Any], vetoes: Iterable[str] = ()) -> tuple[str, str]:
    """Strengths and next steps drawn from the best and the worst items, one a line, in the source language.

    They are a beginning: the street edits them before the review. The best item is named in any case, and the worst unless it is among the best.
    """
    lines = [
        (Decimal(line["points"]) * 100 / Decimal(line["maximum"]), Decimal(line["maximum"]), line, part["rubric"])
        for part in (details.get("c1"), details.get("c2"))
        if part
        for line in part["lines"]
        if line["points"] is not None
    ]
    best = sorted(lines, key=lambda found: (-found[0], -found[1]))[:MOST_NAMED]
    worst = sorted(lines, key=lambda found: (found[0], -found[1]))[:MOST_NAMED]
    best = [found for found in best if found[0] >= PRAISED_FROM_PERCENT] or best[:1]
    worst = [found for found in worst if found[0] < ASKED_BELOW_PERCENT] or [
        one for one in worst[:1] if one not in best
    ]
    asked = [STOPPED % {"veto": reference.codes("veto")[code].zh} for code in vetoes]
    asked += [_sentence(ASK, line, rubric) for _share, _max, line, rubric in worst]
    return "\n".join(_sentence(PRAISE, line, rubric) for _share, _max, line, rubric in best), "\n".join(asked)


def _sentence(pattern: str, line: dict[str, Any], rubric: str) -> str:
    item = evidence.item_of(rubric, line["code"])
    words = {"item": item.name_zh, "points": line["points"], "max": line["maximum"]}
    return pattern % (words | {"anchor": item.anchor_zh.split("|")[0]})


def _announced(notice: Notice) -> Assessment:
    found = db.session.scalar(sa.select(Assessment).where(Assessment.project_id == notice.project_id))
    if found is None:
        raise NotNow(_("这份公示没有对应的测评。"))
    return found


def on_publish(notice: Notice, actor: User) -> None:
    """A notice of the result goes out: it must show the newest numbers. A correction of a running one changes nothing."""
    assessment = _announced(notice)
    if assessment.state not in (AssessmentState.REVIEWED, AssessmentState.NOTICE):
        raise NotNow(_("测评结果还没有审核通过，不能公示。"))
    if not any(row.get("digest") == assessment.digest for row in notice.rows):
        raise NotNow(_("公示草稿里的得分不是最新的测评结果，请在测评页面重新生成公示草稿。"))
    if assessment.state is AssessmentState.REVIEWED:
        lifecycle.advance(assessment, "announce", actor, notice=notice.ref)


def on_conclude(notice: Notice, actor: User, upheld: bool) -> None:
    """The notice is over: the grade is final and has its consequences, or an upheld objection reopens the assessment."""
    assessment = _announced(notice)
    if upheld:
        lifecycle.advance(assessment, "reconsider", actor, notice=notice.ref)
        empty(assessment)
        return
    assessment.final_at = clock.now()
    lifecycle.advance(
        assessment, "finalise", actor, notice=notice.ref, score=str(assessment.score), grade=assessment.grade
    )
    lifecycle.advance(assessment.project, "assess", actor, score=str(assessment.score), grade=assessment.grade)
    consequences(assessment, actor)


def consequences(assessment: Assessment, actor: User) -> None:
    """After 不合格 the organisation may not apply for some months; a longer bar that already stands stays."""
    months = int(reference.setting("bar_months"))
    if assessment.grade != Grade.failed or not months:
        return
    organisation: Organisation = assessment.project.organisation
    until = months_later(clock.today(), months)
    if organisation.barred_until is None or organisation.barred_until < until:
        organisation.barred_until = until
        lifecycle.record(actor, organisation, "bar", {"until": until.isoformat(), "assessment": assessment.ref})
