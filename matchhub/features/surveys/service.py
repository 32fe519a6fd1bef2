"""Answering the questionnaire, typing paper in, and striking out what does not count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _
from matchhub.core.ledger import VISITOR
from matchhub.domain import lifecycle, surveying, throttle
from matchhub.domain.models import Project, SurveyAnswer, SurveyChannel, User
from matchhub.domain.parties import Party, parties

# People at one activity share one address, so the limit is generous; within throttle.WINDOW.
ANSWERS_PER_ADDRESS = 40
# Who may type in what residents wrote on paper; who did is kept with each answer.
TYPISTS = frozenset({Party.OWNER, Party.OFFICE, Party.CENTRE, Party.SUPERVISOR})


@command
def answer(project: Project, marks: Mapping[str, int], wish: str, address: str) -> SurveyAnswer:
    """One questionnaire by the link of the QR code. Raises NotNow when it is closed, TooMany for a crowd of tries."""
    throttle.reserve({throttle.address_key(address, "survey"): ANSWERS_PER_ADDRESS})
    return _keep(project, SurveyChannel.PHONE, marks, wish, None)


@command
def enter_paper(actor: User, project: Project, marks: Mapping[str, int], wish: str) -> SurveyAnswer:
    """One questionnaire from paper. Raises NotYours, and NotNow when the questionnaire is closed."""
    if not parties(actor, project) & TYPISTS:
        raise NotYours(_("纸质问卷由本机构、主办科室、服务中心或本项目督导录入。"))
    return _keep(project, SurveyChannel.PAPER, marks, wish, actor)


def _keep(
    project: Project, channel: SurveyChannel, marks: Mapping[str, int], wish: str, by: User | None
) -> SurveyAnswer:
    if why := surveying.why_closed(project):
        raise NotNow(why)
    row = SurveyAnswer(
        project_id=project.id, channel=channel, answered_on=clock.today(), wish=wish,
        entered_by_id=by.id if by else None, **marks,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _into_the_ledger(by or VISITOR, project, "answer_survey", row, channel=channel.value)
    return row


@command
def strike(actor: User, row: SurveyAnswer, reason: str) -> None:
    """Take an answer out of the count with a reason. The section alone, and only while the questionnaire is open."""
    if Party.OFFICE not in parties(actor, row.project):
        raise NotYours(_("只有主办科室能划去问卷。"))
    if row.struck_at is not None:
        raise NotNow(_("这份问卷已经划去。"))
    if why := surveying.why_closed(row.project):
        raise NotNow(why)
    row.struck_at, row.struck_reason = clock.now(), reason
    _into_the_ledger(actor, row.project, "strike_survey", row, reason=reason)


def _into_the_ledger(actor: Any, project: Project, deed: str, row: SurveyAnswer, **more: str) -> None:
    """The marks stand in the chain of hashes, so that none can be changed; what was wished does not."""
    lifecycle.record(actor, project, deed, {"answer": row.id, "marks": "".join(map(str, row.marks))} | more)
