"""The public notice of a reviewed assessment: its draft in the street's words."""

from __future__ import annotations

from typing import Any

from matchhub.core.db import command
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _, _l
from matchhub.domain import evidence, lifecycle, noticing
from matchhub.domain.models import Assessment, AssessmentState, Notice, NoticeKind, NoticeState, User
from matchhub.domain.parties import Party, parties
from matchhub.domain.scoring import assessment_words

TITLE = _l("%(organisation)s《%(project)s》活跃度测评结果公示")
BODY = _l(
    "《%(project)s》由%(organisation)s承接，已完成结项测评。台账督察 C1、现场汇报 C2、日常督导 C3 按权重合计，"
    "活跃度得分 %(score)s 分，等级为%(grade)s。现将结果公示。\n\n"
    "做得好的：\n%(strengths)s\n\n下一步：\n%(next_steps)s\n\n"
    "测评输入的校验码（SHA-256）：%(digest)s。公示结束后，得分的每一步计算都可以在测评页面核对。"
)
NONE_NAMED = _l("（本次未列）")


@command
def draft_notice(actor: User, assessment: Assessment, seen: int | None = None) -> Notice:
    """The draft of the public notice of a reviewed result; a draft that is already there is brought up to date."""
    lifecycle.same_version(assessment, seen)
    if not parties(actor, assessment) & {Party.OFFICE, Party.APPROVER}:
        raise NotYours(_("只有主办科室和审批人能起草公示。"))
    if assessment.state not in (AssessmentState.REVIEWED, AssessmentState.NOTICE):
        raise NotNow(_("测评结果审核通过后才能起草公示。"))
    latest = evidence.notice_of(assessment)
    if latest is not None and latest.state is NoticeState.PUBLISHED:
        raise NotNow(_("这个结果正在公示；需要改动时请发布更正公告。"))
    title, body, rows = _notice_text(assessment)
    if latest is not None and latest.state is NoticeState.DRAFT:
        latest.title, latest.body, latest.rows = title, body, rows
        notice = latest
    else:
        project = assessment.project
        notice = noticing.draft(
            NoticeKind.ASSESSMENT, title, body, rows, actor, need=project.need, organisation=project.organisation,
            project=project,
        )  # fmt: skip
    lifecycle.record(actor, assessment, "draft_notice", {"notice": notice.ref, "digest": assessment.digest})
    return notice


def _notice_text(assessment: Assessment) -> tuple[str, str, list[dict[str, Any]]]:
    """Title, body and rows in the source language: a notice is an official text."""
    project = assessment.project
    word, meaning, _tone = assessment_words.GRADES[assessment.grade]
    score = assessment_words.number(assessment.score)
    names = {"organisation": project.organisation.name, "project": project.title}
    body = BODY % (
        names
        | {"score": score, "grade": f"{word}（{meaning}）", "digest": assessment.digest}
        | {"strengths": assessment.strengths or NONE_NAMED, "next_steps": assessment.next_steps or NONE_NAMED}
    )
    row = {"organisation": project.organisation.name, "title": project.title, "score": score,
           "result": word, "digest": assessment.digest}  # fmt: skip
    return (TITLE % names)[:120], body, [row]
