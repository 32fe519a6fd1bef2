"""The lives of a public notice (公示) and of an objection (异议)."""

from __future__ import annotations

from datetime import datetime

from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain.lifecycle.engine import Life, Move
from matchhub.domain.models import (
    Notice,
    NoticeKind,
    NoticePhase,
    Objection,
    ObjectionState,
    Organisation,
    OrganisationState,
)
from matchhub.domain.models import NoticeState as S
from matchhub.domain.models import ObjectionState as O
from matchhub.domain.parties import Party as P


def text_complete(notice: Notice, _now: datetime) -> str | None:
    return None if notice.title and notice.body else _("公示的标题和正文都要填写。")


def still_waited_for(notice: Notice, _now: datetime) -> str | None:
    """The draft of an admission says nothing any more once the organisation has been decided without it."""
    if notice.kind is not NoticeKind.ADMISSION or not notice.proposal or notice.organisation_id is None:
        return None
    organisation = db.session.get_one(Organisation, notice.organisation_id)
    return (
        None if organisation.state is OrganisationState.PENDING else _("这家机构现在不在等待核验，不能发布入驻公示。")
    )


def period_over(notice: Notice, _now: datetime) -> str | None:
    return None if notice.phase is NoticePhase.ENDED else _("公示期还没有结束。")


def all_objections(notice: Notice) -> list[Objection]:
    """The objections to a notice and to those that it corrects, oldest first."""
    earlier = all_objections(notice.corrects) if notice.corrects else []
    return [*earlier, *notice.objections]


def objections_answered(notice: Notice, _now: datetime) -> str | None:
    open_ = sum(o.state in (ObjectionState.RECEIVED, ObjectionState.INVESTIGATING) for o in all_objections(notice))
    return _("还有 %(n)s 条异议没有答复。", n=open_) if open_ else None


NOTICE = Life(
    kind="notice",
    title=_l("公示"),
    states=S,
    start=S.DRAFT,
    final=frozenset({S.AMENDED, S.REVOKED, S.CONCLUDED}),
    words={
        S.DRAFT: _l("草稿"), S.PUBLISHED: _l("公示中"), S.AMENDED: _l("已更正"), S.REVOKED: _l("已撤销"),
        S.CONCLUDED: _l("公示结束"),
    },
    tones={S.DRAFT: "muted", S.PUBLISHED: "warn", S.AMENDED: "muted", S.REVOKED: "muted", S.CONCLUDED: "ok"},
    phases={
        NoticePhase.ANNOUNCED: (_l("已发布，待公示"), "info"),
        NoticePhase.ENDED: (_l("公示期满"), "info"),
    },
    moves=(
        Move("publish", (S.DRAFT,), S.PUBLISHED, (P.OFFICE, P.APPROVER), _l("发布公示"),
             (text_complete, still_waited_for), page="notices.publish", tells=(P.OFFICE, P.APPROVER)),
        Move("conclude", (S.PUBLISHED,), S.CONCLUDED, (P.OFFICE, P.APPROVER), _l("结束公示并登记结果"),
             (period_over, objections_answered), page="notices.conclude"),
        Move("amend", (S.PUBLISHED,), S.AMENDED, (P.OFFICE, P.APPROVER), _l("发布更正公告"), page="notices.amend"),
        Move("revoke", (S.PUBLISHED,), S.REVOKED, (P.APPROVER,), _l("撤销公示"), page="notices.revoke", danger=True),
    ),
)  # fmt: skip

OBJECTION = Life(
    kind="objection",
    title=_l("异议"),
    states=O,
    start=O.RECEIVED,
    final=frozenset({O.REJECTED, O.ANSWERED}),
    words={
        O.RECEIVED: _l("已收到"), O.INVESTIGATING: _l("核查中"), O.REJECTED: _l("不予受理"), O.ANSWERED: _l("已答复"),
    },
    tones={O.RECEIVED: "warn", O.INVESTIGATING: "info", O.REJECTED: "muted", O.ANSWERED: "ok"},
    moves=(
        Move("accept", (O.RECEIVED,), O.INVESTIGATING, (P.OFFICE, P.APPROVER), _l("受理")),
        Move("reject", (O.RECEIVED,), O.REJECTED, (P.OFFICE, P.APPROVER), _l("不予受理"), page="notices.answer",
             danger=True),
        Move("answer", (O.INVESTIGATING,), O.ANSWERED, (P.OFFICE, P.APPROVER), _l("答复"), page="notices.answer"),
    ),
)  # fmt: skip
