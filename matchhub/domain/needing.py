"""What publishing a need sets in motion: its dates, who hears of it, and who hears when it ends."""

from __future__ import annotations

from datetime import date
from typing import Any

import sqlalchemy as sa

from matchhub.core import ids
from matchhub.core.db import db
from matchhub.core.i18n import _l
from matchhub.domain import coding, deadlines, lifecycle, numbering, reference, sheets
from matchhub.domain.deadlines import NeedDeadlines
from matchhub.domain.models import (
    Application,
    ApplicationState,
    Need,
    NeedFollow,
    Organisation,
    OrganisationState,
    Question,
    Role,
    Rubric,
    User,
    organisation_code,
)

MARK_LENGTH = 6
ORGANISATION_ROLES = {Role.ORG_ADMIN, Role.ORG_MEMBER}

# Words of `Need.review_mode`.
REVIEW_MODES: dict[str, str] = {
    "written": _l("书面评审"),
    "roadshow": _l("路演评审"),
    "both": _l("书面评审和路演"),
}


# What a need says, as it is copied: its own days and notes, and what became of it, stay behind.
COPIED = (
    "title", "summary", "background", "target_note", "target_count", "outcomes", "requirements", "essential", "preferred",
    "problem", "urgency", "budget_fen", "budget_public", "funding", "procurement", "joint_allowed", "review_mode",
    "notice_days", "collect_days", "contact_name", "contact_phone", "source", "suggested",
)  # fmt: skip
COPIED_CODES = ("field", "community", "target_group")


def blank(title: str, section_code: str, actor: User, rubric_id: int | None = None) -> Need:
    """A new draft with its number, a rubric (else the newest) and the usual periods, inside the present command."""
    need = Need(
        ref=numbering.next_ref(numbering.NEED), title=title, section_code=section_code, drafted_by_id=actor.id,
        rubric_id=rubric_id or sheets.newest_rubric_id("A"), notice_days=reference.setting("notice_days"),
        collect_days=reference.setting("call_days"),
    )  # fmt: skip
    db.session.add(need)
    return need


def copy_of(earlier: Need, actor: User, section_code: str | None = None) -> Need:
    """A new draft with the content of an earlier need, linked to it, inside the present command; it is on record.

    Without its days, files, questions and internal notes: they belong to the earlier call. The rubric is the newest one.
    """
    need = blank(earlier.title, section_code or earlier.section_code, actor)
    for name in COPIED:
        setattr(need, name, getattr(earlier, name))
    need.related_need_id = earlier.id
    db.session.flush()
    for kind, codes in coding.codes_of(earlier).items():
        if kind in COPIED_CODES:
            coding.set_codes(need, kind, codes)
    lifecycle.record(actor, need, "copy", {"from": earlier.ref})
    return need


def dates_from(day: date, need: Need) -> NeedDeadlines | None:
    """The three deadlines of `need` if it were published on `day`; None when its call is shorter than allowed."""
    try:
        return deadlines.need_deadlines(day, reference.terms(), reference.calendar(), need.collect_days)
    except ValueError:
        return None


# What decides about an application besides the rubric: published with the need, and for this need unchanged ever after.
SCORING_SETTINGS = ("weight_written", "weight_roadshow", "pass_line", "single_bid_pass_line", "group_floor", "trim_from",
                    "panel_minimum", "disagreement_limit")  # fmt: skip
ROADSHOW_RUBRIC = "roadshow_rubric_id"


def scoring_settings() -> dict[str, Any]:
    """The settings of scoring as they are now."""
    return {name: reference.setting(name) for name in SCORING_SETTINGS}


def scoring_rules(need: Need) -> dict[str, str]:
    """The settings of scoring as text: of a published need those it was published with, else those of now."""
    now = {name: str(value) for name, value in scoring_settings().items()}
    published = need.scoring_rules or {}
    if ROADSHOW_RUBRIC not in published:
        published = {ROADSHOW_RUBRIC: str(sheets.newest_rubric_id("A2"))} | published
    return now | published


def roadshow_rubric(need: Need) -> Rubric:
    """The rubric of the need's roadshow: the version that was published with it."""
    found = db.session.get(Rubric, int(scoring_rules(need)[ROADSHOW_RUBRIC]))
    assert found is not None
    return found


def people_of(organisations: sa.Select[Any]) -> list[User]:
    """The active accounts that work for these organisations."""
    found = sa.select(User).where(User.active, User.organisation_id.in_(organisations)).order_by(User.id)
    return [user for user in db.session.scalars(found) if user.roles & ORGANISATION_ROLES]


def matching_people(need: Need) -> list[User]:
    """The accounts of admitted organisations that work in one of the need's fields."""
    fields = coding.codes_of(need).get("field", [])
    ours = sa.and_(organisation_code.c.kind == "field", organisation_code.c.code.in_(fields))
    return people_of(
        sa.select(Organisation.id).where(
            Organisation.state == OrganisationState.ADMITTED,
            Organisation.id.in_(sa.select(organisation_code.c.organisation_id).where(ours)),
        )
    )


def raiser_of(need: Need) -> list[User]:
    """The account of a residents' committee that raised the need; nobody for one that the street drafted itself."""
    drafter = db.session.get(User, need.drafted_by_id) if need.drafted_by_id else None
    return [drafter] if drafter is not None and drafter.has(Role.NEIGHBOURHOOD) else []


def concerned_people(need: Need) -> list[User]:
    """Whoever asked a question, works on an application or follows with an account, each once.

    Whoever calls this must not show the list or its length: before the deadline applications are sealed.
    """
    asked = sa.select(Question.organisation_id).where(Question.need_id == need.id)
    applied = sa.select(Application.organisation_id).where(
        Application.need_id == need.id, Application.state != ApplicationState.WITHDRAWN
    )
    followed = sa.select(NeedFollow.user_id).where(NeedFollow.need_id == need.id, NeedFollow.user_id.is_not(None))
    followers = db.session.scalars(sa.select(User).where(User.active, User.id.in_(followed)).order_by(User.id))
    working = people_of(
        sa.select(Organisation.id).where(sa.or_(Organisation.id.in_(asked), Organisation.id.in_(applied)))
    )
    return list({user.id: user for user in (*working, *followers)}.values())


def asker_mark(need: Need, organisation: Organisation) -> str:
    """The mark by which the street recognises an asker on one need, and nothing else.

    It is drawn at random on the first question: whatever is computed from an organisation's public data could be
    computed again for each of fifty organisations and compared.
    """
    known = sa.select(Question.asker_mark).where(
        Question.need_id == need.id, Question.organisation_id == organisation.id
    )
    return db.session.scalar(known.limit(1)) or ids.public_code(8)[:MARK_LENGTH]
