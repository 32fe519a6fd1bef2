"""Deeds around the questions about a need: the asker stays unknown to the street, answers are published in batches.

A section writes its answers as drafts and publishes them together: everybody reads them at the same moment, and whoever
is concerned gets one message for all of them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, cast

from matchhub.core import clock
from matchhub.core.db import command, db
from matchhub.core.errors import NotNow, NotYours, Stale
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

    Raises NotYours for anybody else, NotNow from the very second in which questions close.
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


def _require_office(actor: User, need: Need) -> None:
    if not parties(actor, need) & {Party.OFFICE, Party.APPROVER}:
        raise NotYours(_("只有主办科室可以答复。"))


def _require_open(question: Question) -> None:
    if question.answered_at is not None:
        raise NotNow(_("这个问题已经答复并公开，不能再改。"))


@command
def draft_answer(actor: User, question: Question, text: str, seen: int | None = None) -> None:
    """Keep the text of an answer inside the office. Nobody else sees it, not even that it exists.

    Raises NotYours outside the need's section, NotNow for a question that has its answer, Stale when somebody else has
    saved another text since `seen` (the question's draft_version).
    """
    need = question.need
    _require_office(actor, need)
    _require_open(question)
    if seen is not None and seen != question.draft_version:
        raise Stale(_("您打开页面之后，别人改过这条答复。现在保存的内容显示在上面，核对后再次保存，将以您填的为准。"))
    question.draft, question.draft_version = text, question.draft_version + 1
    lifecycle.record(actor, need, "draft_answer", {"question": question.id})


@command
def publish_answers(actor: User, need: Need, wanted: Collection[int] | None = None) -> int:
    """Publish the drafted answers (of the questions with these ids, else all of them) as one batch; its number.

    Whoever asked, works on an application or follows is told once. Late answers count and are marked.
    Raises NotYours outside the need's section, NotNow when nothing is drafted.
    """
    _require_office(actor, need)
    ready = [one for one in need.questions if one.is_drafted and (wanted is None or one.id in wanted)]
    if not ready:
        raise NotNow(_("没有可以公布的答复，请先起草。"))
    number = 1 + max((one.batch or 0 for one in need.questions), default=0)
    now = clock.now()
    for one in ready:
        one.answer, one.answered_at, one.answered_by_id, one.batch = one.draft, now, actor.id, number
        one.draft = ""
    lifecycle.record(actor, need, "answer", {"batch": number, "questions": [one.id for one in ready]})
    messages.send("need.answer", needing.concerned_people(need), need.title, paths.path(need))
    return number
