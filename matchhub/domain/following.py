"""What happens to a published need, as everybody may know it: for those who follow it.

The news of a need are read from its records, never stored: so they are complete for needs of any age, a call that closes
by the clock alone is news like any other, and nobody can forget to write one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l
from matchhub.domain import paths, policy
from matchhub.domain.models import (
    Need,
    NeedCorrection,
    NeedFollow,
    NeedState,
    Notice,
    Project,
    ProjectState,
    Question,
    User,
)

WORDS: dict[str, str] = {
    "published": _l("需求已发布"),
    "answers": _l("公布了一批答复"),
    "correction": _l("发布了更正"),
    "closed": _l("征集已经截止"),
    "notice": _l("发布了公示"),
    "matched": _l("已对接社会组织"),
    "started": _l("项目已启动"),
    "finished": _l("项目已结项"),
    "terminated": _l("项目已终止"),
    "failed": _l("需求流标"),
    "cancelled": _l("需求已取消"),
    "withdrawn": _l("需求已撤回"),
}
# After one of these nothing follows any more.
LAST = frozenset({"finished", "terminated", "failed", "cancelled", "withdrawn"})
ENDED = {NeedState.FAILED: "failed", NeedState.CANCELLED: "cancelled", NeedState.WITHDRAWN: "withdrawn"}


@dataclass(frozen=True, slots=True)
class News:
    """One thing that became public at a moment. `key` is its lasting name within its need; `kind` a key of WORDS."""

    key: str
    kind: str
    at: datetime
    text: str
    path: str

    @property
    def word(self) -> str:
        """What happened, in the language in use."""
        return _(WORDS[self.kind])


def news_of(needs: Collection[Need]) -> dict[int, list[News]]:
    """By the need's id its news, newest first; the same number of statements whatever the number of needs."""
    ids = [need.id for need in needs]
    found: dict[int, list[News]] = {need.id: _own(need) for need in needs if need.published_at is not None}
    for need_id, made in (*_answers(ids), *_corrections(ids), *_notices(ids), *_projects(ids)):
        if need_id in found:
            found[need_id].append(made)
    by_id = {need.id: need for need in needs}
    return {
        need_id: sorted(
            (_placed(made, by_id[need_id]) for made in rows), key=lambda one: (one.at, one.key), reverse=True
        )
        for need_id, rows in found.items()
    }


def _placed(made: News, need: Need) -> News:
    return made if made.path else News(made.key, made.kind, made.at, made.text, paths.path(need))


def _own(need: Need) -> list[News]:
    """What the need's own row tells."""
    assert need.published_at is not None
    made = [News("published", "published", need.published_at, need.summary, "")]
    ended = need.ended_at if need.state in ENDED else None
    if need.closes_at is not None and need.closes_at <= clock.now() and (ended is None or ended >= need.closes_at):
        made.append(News("closed", "closed", need.closes_at, "", ""))
    if ended is not None:
        made.append(News(ENDED[need.state], ENDED[need.state], ended, need.public_reason, ""))
    return made


def _answers(ids: Collection[int]) -> list[tuple[int, News]]:
    count = sa.func.count(Question.id)
    found = (
        sa.select(Question.need_id, Question.batch, Question.answered_at, count.label("n"))
        .where(Question.need_id.in_(ids), Question.answered_at.is_not(None))
        .group_by(Question.need_id, Question.batch, Question.answered_at)
    )
    made = []
    for row in db.session.execute(found):
        key = f"answers:{row.batch}" if row.batch else f"answers:{row.answered_at:%Y%m%d%H%M%S}"
        made.append((row.need_id, News(key, "answers", row.answered_at, _("%(n)s 条问题有了答复。", n=row.n), "")))
    return made


def _corrections(ids: Collection[int]) -> list[tuple[int, News]]:
    found = sa.select(NeedCorrection).where(NeedCorrection.need_id.in_(ids))
    return [
        (row.need_id, News(f"correction:{row.number}", "correction", row.at, row.text, ""))
        for row in db.session.scalars(found)
    ]


def _notices(ids: Collection[int]) -> list[tuple[int, News]]:
    found = sa.select(Notice.need_id, Notice.ref, Notice.title, Notice.published_at).where(
        Notice.need_id.in_(ids), policy.visible(None, Notice), Notice.published_at.is_not(None)
    )
    return [
        (row.need_id, News(f"notice:{row.ref}", "notice", row.published_at, row.title, f"/notices/{row.ref}"))
        for row in db.session.execute(found)
        if row.need_id is not None
    ]


def _projects(ids: Collection[int]) -> list[tuple[int, News]]:
    found = sa.select(
        Project.need_id, Project.ref, Project.title, Project.state, Project.created_at, Project.started_at,
        Project.ended_at,
    ).where(Project.need_id.in_(ids))  # fmt: skip
    made = []
    for row in db.session.execute(found):
        steps: list[tuple[str, datetime | None]] = [("matched", row.created_at), ("started", row.started_at)]
        if row.state in (ProjectState.CLOSED, ProjectState.TERMINATED):
            steps.append(("finished" if row.state is ProjectState.CLOSED else "terminated", row.ended_at))
        made += [
            (row.need_id, News(kind, kind, at, row.title, f"/projects/{row.ref}"))
            for kind, at in steps
            if at is not None
        ]
    return made


def code_sha256(code: str) -> str:
    """How a follower's code is stored and found."""
    return hashlib.sha256(f"need follow {code}".encode()).hexdigest()


def of_account(user: User | None, need: Need) -> bool:
    """Whether this account follows the need."""
    if user is None:
        return False
    found = sa.select(NeedFollow.id).where(NeedFollow.need_id == need.id, NeedFollow.user_id == user.id)
    return db.session.scalar(found) is not None


def by_code(code: str) -> list[NeedFollow]:
    """What the holder of a code follows, the needs that close next first; empty for a code that does not exist."""
    found = (
        sa.select(NeedFollow)
        .join(Need)
        .where(NeedFollow.code_sha256 == code_sha256(code))
        .options(contains_eager(NeedFollow.need))
        .order_by(Need.closes_at.desc(), Need.id)
    )
    return list(db.session.scalars(found))


def by_accounts() -> list[NeedFollow]:
    """What accounts follow, with the needs."""
    found = sa.select(NeedFollow).join(Need).where(NeedFollow.user_id.is_not(None)).order_by(NeedFollow.id)
    return list(db.session.scalars(found.options(contains_eager(NeedFollow.need))))


def mailing() -> Sequence[NeedFollow]:
    """The confirmed addresses with their needs."""
    found = (
        sa.select(NeedFollow)
        .join(Need)
        .where(NeedFollow.email.is_not(None), NeedFollow.confirmed_at.is_not(None))
        .options(contains_eager(NeedFollow.need))
        .order_by(NeedFollow.id)
    )
    return db.session.scalars(found).all()
