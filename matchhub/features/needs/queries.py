"""What the pages of needs read. Every list is filtered by policy; no query here ever counts applications."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import defer

from matchhub.core import clock, kept, months
from matchhub.core.db import db
from matchhub.core.i18n import _, _l, language, pick
from matchhub.core.listing import Filters, words
from matchhub.domain import coding, phases, policy, reference
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.models import (
    Community,
    Need,
    NeedPhase,
    Project,
    Question,
    Rubric,
    User,
)

PUBLIC_PHASES = (NeedPhase.OPEN, NeedPhase.CLOSED, NeedPhase.REVIEWING, NeedPhase.NOTICE, NeedPhase.MATCHED,
                 NeedPhase.FAILED, NeedPhase.CANCELLED, NeedPhase.WITHDRAWN)  # fmt: skip
YEARS_SHOWN = 5
SORTS: dict[str, str] = {"newest": _l("最新发布"), "deadline": _l("即将截止")}
COMMUNITY_KINDS: dict[str, str] = {"old": _l("老公房"), "commercial": _l("商品房"), "mixed": _l("混合小区")}


def phase_words(shown: Iterable[NeedPhase]) -> dict[str, str]:
    life = LIVES[Need]
    return {
        phase.value: _(life.phases[phase][0] if phase in life.phases else life.words[life.states(phase.value)])
        for phase in shown
    }


# What no list shows: long texts and lists that would be parsed for nothing. Reading one of them there is an error.
UNLISTED = [
    defer(column, raiseload=True)
    for column in (Need.background, Need.target_note, Need.outcomes, Need.requirements, Need.essential, Need.preferred,
                   Need.suggested, Need.internal_note, Need.public_reason)
]  # fmt: skip


def filters(path: str, args: Any, shown: Iterable[NeedPhase] = PUBLIC_PHASES) -> Filters:
    """The filters of a list of needs, as its address states them."""
    this_year = clock.today().year
    years = {str(year): _("%(year)s 年", year=year) for year in range(this_year, this_year - YEARS_SHOWN, -1)}
    return Filters(
        path,
        args,
        {
            "phase": phase_words(shown),
            "field": words(reference.codes("field").values()),
            "community": words(reference.codes("community").values()),
            "section": words(reference.codes("section").values()),
            "year": years,
            "month": months.words(),
        },
    )


def sort_of(args: Any) -> str:
    return args.get("sort", "") if args.get("sort") in SORTS else "newest"


def listed(wanted: Filters, sort: str) -> sa.Select[Any]:
    """Public needs that meet the filters: newest first, or those that close next first."""
    rows = sa.select(Need).where(policy.visible(None, Need), *_conditions(wanted)).options(*UNLISTED)
    if sort == "deadline":
        is_open = sa.case((phases.need_in([NeedPhase.OPEN]), 0), else_=1)
        next_first = sa.case((phases.need_in([NeedPhase.OPEN]), Need.closes_at))
        return rows.order_by(is_open, next_first, Need.published_at.desc(), Need.id.desc())
    return rows.order_by(Need.published_at.desc(), Need.id.desc())


def staff_listed(user: User, wanted: Filters) -> sa.Select[Any]:
    """All needs for the street's people: those of their own sections first, newest drafts first."""
    own = sa.case((Need.section_code.in_(user.sections()), 0), else_=1)
    rows = sa.select(Need).where(policy.visible(user, Need), *_conditions(wanted)).options(*UNLISTED)
    return rows.order_by(own, Need.created_at.desc(), Need.id.desc())


def _conditions(wanted: Filters) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if chosen := wanted["phase"]:
        found.append(phases.need_in([NeedPhase(value) for value in chosen]))
    for kind in ("field", "community"):
        if chosen := wanted[kind]:
            found.append(sa.or_(*(coding.has_code(Need, kind, code) for code in chosen)))
    if chosen := wanted["section"]:
        found.append(Need.section_code.in_(chosen))
    if chosen := wanted["year"]:
        found.append(sa.or_(*(_in_year(int(year)) for year in chosen)))
    if chosen := wanted["month"]:
        known = months.known()
        found.append(sa.or_(*(_published_in(known[code]) for code in chosen)))
    found += [_says(word) for word in wanted.query.split()]
    return found


def _in_year(year: int) -> sa.ColumnElement[bool]:
    """Published, or while not published drafted, in this year of Shanghai."""
    at = sa.func.coalesce(Need.published_at, Need.created_at)
    first, after = (clock.utc(clock.today().replace(year=one, month=1, day=1)) for one in (year, year + 1))
    return sa.and_(at >= first, at < after)


def _published_in(month: date) -> sa.ColumnElement[bool]:
    """Published in this month of Shanghai."""
    return sa.and_(Need.published_at >= clock.utc(month), Need.published_at < clock.utc(months.after(month)))


def _says(word: str) -> sa.ColumnElement[bool]:
    places = (Need.title, Need.summary, Need.ref)
    return sa.or_(*(place.icontains(word, autoescape=True) for place in places))


def codes_of(rows: Iterable[Need]) -> dict[int, dict[str, list[str]]]:
    """Fields, communities and target groups of the rows of one page: one statement."""
    return coding.codes_for(Need, [need.id for need in rows])


def waiting_questions(rows: Iterable[Need]) -> dict[int, int]:
    """How many questions of each need wait for an answer: one statement."""
    found = (
        sa.select(Question.need_id, sa.func.count())
        .where(Question.need_id.in_([need.id for need in rows]), Question.answered_at.is_(None))
        .group_by(Question.need_id)
    )
    return {row[0]: row[1] for row in db.session.execute(found)}


def communities_by_kind() -> list[tuple[str, list[tuple[str, str]]]]:
    """(kind, [(code, name), …]) of all communities, for the form; not to be changed."""
    return kept.remember(("needs.communities", language()), _communities_by_kind)


def _communities_by_kind() -> list[tuple[str, list[tuple[str, str]]]]:
    rows = db.session.execute(sa.select(Community.code, Community.kind).order_by(Community.sort, Community.code))
    grouped: dict[str, list[tuple[str, str]]] = {kind: [] for kind in COMMUNITY_KINDS}
    for code, kind in rows:
        grouped.setdefault(kind, []).append((code, reference.word("community", code)))
    return [(_(COMMUNITY_KINDS.get(kind, kind)), found) for kind, found in grouped.items() if found]


# Asked again with every post of the form; plain columns, built once.
_RUBRIC: Any = Rubric.__table__
_INTAKE_RUBRICS = (
    sa.select(_RUBRIC.c.id, _RUBRIC.c.name_zh, _RUBRIC.c.name_en, _RUBRIC.c.number)
    .where(_RUBRIC.c.kind == "intake")
    .order_by(_RUBRIC.c.code, _RUBRIC.c.number.desc())
)


def rubrics() -> list[tuple[str, str]]:
    """(id, words) of the rubrics for intake reviews, newest version first; not to be changed."""
    return kept.remember(("needs.rubrics", language()), _rubrics)


def _rubrics() -> list[tuple[str, str]]:
    return [
        (str(row.id), _("%(name)s（第 %(n)s 版）", name=pick(row.name_zh, row.name_en), n=row.number))
        for row in db.session.connection().execute(_INTAKE_RUBRICS)
    ]


def need_by_ref(ref: str) -> Need | None:
    return db.session.scalar(sa.select(Need).where(Need.ref == ref))


def public_refs() -> list[tuple[str, str]]:
    """(ref, title) of recent public needs, as suggestions for the earlier need; not to be changed."""
    return kept.remember("needs.public_refs", _public_refs)


def _public_refs() -> list[tuple[str, str]]:
    found = sa.select(Need.ref, Need.title).where(policy.visible(None, Need)).order_by(Need.id.desc()).limit(100)
    return [(ref, title) for ref, title in db.session.execute(found)]


def raised_by(user: User) -> sa.Select[Any]:
    """What an account of a residents' committee has raised, newest first."""
    return sa.select(Need).where(Need.drafted_by_id == user.id).order_by(Need.id.desc())


def projects_of(rows: Iterable[Need]) -> dict[int, Project]:
    """The project that grew from each need, by the need's id: one statement."""
    found = sa.select(Project).where(Project.need_id.in_([need.id for need in rows]))
    return {project.need_id: project for project in db.session.scalars(found)}


def need_ref(need_id: int | None) -> str:
    """The reference of a need by its id; empty for none."""
    return (db.session.scalar(sa.select(Need.ref).where(Need.id == need_id)) or "") if need_id else ""
