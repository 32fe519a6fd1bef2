"""From the decision on a review to the award: what the publication and the end of its notice (公示) bring about.

All functions run inside the caller's command. At most one application of a need is ever awarded: `award` looks for
another one while it holds the writers' turn, and a partial unique index stands behind it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from matchhub.core import money
from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _, _l
from matchhub.domain import application_form, drawing, founding, lifecycle, noticing, panels
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Decision,
    Need,
    Notice,
    NoticeKind,
    PanelDraw,
    Project,
    ReviewRound,
    RoundState,
    User,
)


def decisions(round_: ReviewRound) -> dict[int, Decision]:
    """What was decided, by the application's id."""
    found = sa.select(Decision).where(Decision.round_id == round_.id)
    return {decision.application_id: decision for decision in db.session.scalars(found)}


def tell_applicants(round_: ReviewRound, actor: User) -> None:
    """After approval: each application gets its reason and its state, and its organisation a message."""
    taken = decisions(round_)
    for application in panels.applications(round_):
        decision = taken[application.id]
        application.result_reason = "\n\n".join(part for part in (decision.reason, decision.feedback) if part)
        lifecycle.advance(application, "propose" if decision.proposed else "reject", actor)


# A notice is kept in the source language, whoever approves it: marked here, filled in below, never translated.
TITLE = _l("《%(need)s》拟立项公示")
BODY = _l(
    "《%(need)s》（%(ref)s）经公开征集、资格审查和专家评审，拟由%(name)s承接。现予公示，如有异议，请在公示期内实名提出。"
)
JOINTLY = _l("%(name)s（与%(partners)s联合申报）")
BASIS = _l("评审编号 %(ref)s，%(rubric)s第 %(n)s 版")
DRAWN = _l("；评审人 %(panel)s 位，其中抽签产生 %(drawn)s 位，种子 %(seed)s，抽签记录 /draws/%(ref)s")
AMOUNT, PROPOSED, NOT_SELECTED = _l("%(amount)s 元"), _l("拟立项"), _l("未入选")


def draft_notice(round_: ReviewRound, actor: User) -> Notice:
    """The draft of the award notice: the proposed one with title and amount, the others with place and score only."""
    need, taken = round_.need, decisions(round_)
    entry = next(decision for decision in taken.values() if decision.proposed).application
    chosen = entry.organisation
    return noticing.draft(
        NoticeKind.AWARD,
        (TITLE % {"need": need.title})[:120],
        BODY % {"need": need.title, "ref": need.ref, "name": _applicants(entry)},
        [_notice_row(row, taken[row["id"]]) for row in round_.result["applications"]],
        actor,
        basis=_basis(round_),
        need=need,
        organisation=chosen,
        working_days=need.notice_days,
    )


def _applicants(entry: Application) -> str:
    """Who is to do the work: the applicant, and those with whom it applied."""
    partners = [share.name for share in application_form.shares(entry, founding.submitted(entry))]
    return (
        JOINTLY % {"name": entry.organisation.name, "partners": "、".join(partners)}
        if partners
        else entry.organisation.name
    )


def _basis(round_: ReviewRound) -> str:
    """What the decision stands on; where reviewers were drawn, the first seed and the place of all draws."""
    basis = BASIS % {"ref": round_.ref, "rubric": round_.rubric.name_zh, "n": round_.rubric.number}
    draws = db.session.scalars(
        sa.select(PanelDraw).where(PanelDraw.round_id == round_.id).order_by(PanelDraw.number)
    ).all()
    if not draws:
        return basis
    seats = drawing.seats(round_, draws)
    return basis + DRAWN % {"panel": seats.panel, "drawn": seats.drawn, "seed": draws[0].seed, "ref": round_.ref}


def _notice_row(row: dict[str, Any], decision: Decision) -> dict[str, str]:
    """One line of the table. What an organisation applied for stays its own unless it is proposed."""
    shown = decision.proposed
    return {
        "rank": str(row["place"]),
        "organisation": row["organisation"],
        "title": row["title"] if shown else "",
        "score": row["total"],
        "amount": AMOUNT % {"amount": money.yuan(decision.amount_fen)} if shown and decision.amount_fen else "",
        "result": PROPOSED if shown else NOT_SELECTED,
    }


def notice_of(need: Need) -> Notice | None:
    """The newest award notice of a need, draft or published."""
    found = sa.select(Notice).where(Notice.need_id == need.id, Notice.kind == NoticeKind.AWARD)
    return db.session.scalar(found.order_by(Notice.id.desc()).limit(1))


def on_publish(notice: Notice, actor: User) -> None:
    """The award notice went up: its need is in public notice now; the application stays proposed."""
    lifecycle.advance(_need_of(notice), "announce", actor)


def on_conclude(notice: Notice, actor: User, upheld: bool) -> None:
    """The notice has ended: the award, or after an upheld objection everything back to the decision."""
    need = _need_of(notice)
    if upheld:
        reconsider(need, actor)
    else:
        award(need, actor)


def award(need: Need, actor: User) -> Project:
    """Award the proposed application of a need and found its project.

    Raises NotNow when none is proposed or another one has been awarded.
    """
    if _of_state(need, ApplicationState.AWARDED):
        raise NotNow(_("这个需求已经有一份申报立项，不能再立项第二份。"))
    proposed = _of_state(need, ApplicationState.PROPOSED)
    if len(proposed) != 1:
        raise NotNow(_("这个需求没有唯一的拟立项申报，不能立项。"))
    lifecycle.advance(proposed[0], "award", actor)
    project = founding.found(proposed[0], actor)
    lifecycle.advance(need, "match", actor)
    return project


def reconsider(need: Need, actor: User) -> None:
    """An objection was upheld (复议): the need is under review again, and every application back in the field."""
    lifecycle.advance(need, "reconsider", actor)
    for application in _of_state(need, ApplicationState.PROPOSED):
        lifecycle.advance(application, "unpropose", actor)
    for application in _of_state(need, ApplicationState.NOT_SELECTED):
        lifecycle.advance(application, "reconsider", actor)
    round_ = panels.of_need(need)
    if round_ is not None and round_.state is RoundState.DECIDED:
        lifecycle.advance(round_, "reopen", actor)
        # It is decided anew: the next proposal may come from whoever approved the last one.
        round_.decided_by_id = round_.decided_at = None


def _need_of(notice: Notice) -> Need:
    need = db.session.get(Need, notice.need_id) if notice.need_id else None
    if need is None:
        raise ValueError(f"notice {notice.ref} awards nothing: it has no need")
    return need


def _of_state(need: Need, state: ApplicationState) -> list[Application]:
    found = sa.select(Application).where(Application.need_id == need.id, Application.state == state)
    return list(db.session.scalars(found.order_by(Application.id)))
