"""Deeds around the questions about a need: the asker stays unknown to the street, the answer is public at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours
from matchhub.core.i18n import _, _l
from matchhub.domain import lifecycle, messages, needing, paths
from matchhub.domain.models import Need, NeedPhase, Question, User
from matchhub.domain.parties import Party, parties


@dataclass(frozen=True)
class _Unknown:
    """Stands for the asker in the ledger, which the street reads: no account, no name."""

    id: None = None
    name: str = _l("提问机构")


UNKNOWN = cast(Any, _Unknown())


@command
def ask(actor: User, need: Need, text: str) -> Question:
    """A question of an admitted organisation while questions are taken; the section is told, not by whom.

    Raises NotYours for anybody else, NotNow after the closing of questions.
    """
    if Party.MEMBER not in parties(actor, need) or actor.organisation is None:
        raise NotYours(_("只有已入驻的社会组织可以提问。"))
    closes_at = need.questions_close_at
    if need.phase is not NeedPhase.OPEN or closes_at is None or clock.now() >= closes_at:
        raise NotNow(_("提问已经截止。如有急事，请拨打需求页上的联系电话。"))
    mark = needing.asker_mark(need, actor.organisation)
    question = Question(need=need, organisation=actor.organisation, asker_mark=mark, text=text)
    db.session.add(question)
    lifecycle.record(UNKNOWN, need, "question", {"asker": mark})
    messages.tell(need, "question", (Party.OFFICE,), UNKNOWN)
    return question


@command
def answer(actor: User, question: Question, text: str) -> None:
    """Answer once; it is public at once, and whoever asked or applies is told. Late answers count and are marked.

    Raises NotYours outside the need's section, NotNow for a question that has its answer.
    """
    need = question.need
    if not parties(actor, need) & {Party.OFFICE, Party.APPROVER}:
        raise NotYours(_("只有主办科室可以答复。"))
    if question.answered_at is not None:
        raise NotNow(_("这个问题已经答复并公开，不能再改。"))
    question.answer, question.answered_at, question.answered_by_id = text, clock.now(), actor.id
    lifecycle.record(actor, need, "answer", {"question": question.id})
    messages.send("need.answer", needing.concerned_people(need), need.title, paths.path(need))
