"""What the pages of needs read. Every list is filtered by policy; no query here ever counts applications."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, defer, joinedload

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l, pick
from matchhub.core.listing import Filters, words
from matchhub.domain import attachments, coding, needing, phases, policy, reference
from matchhub.domain.lifecycle import LIVES
from matchhub.domain.models import (
    Attachment,
    Community,
    Need,
    NeedPhase,
    Notice,
    Project,
    Question,
    Rubric,
    RubricItem,
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
    found += [_says(word) for word in wanted.query.split()]
    return found


def _in_year(year: int) -> sa.ColumnElement[bool]:
    """Published, or while not published drafted, in this year of Shanghai."""
    at = sa.func.coalesce(Need.published_at, Need.created_at)
    first, after = (clock.utc(clock.today().replace(year=one, month=1, day=1)) for one in (year, year + 1))
    return sa.and_(at >= first, at < after)


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


@dataclass(slots=True)
class Details:
    """Everything that the page of a need shows besides its own columns."""

    need: Need
    codes: dict[str, list[str]]
    rubric: Rubric | None
    files: list[Attachment]
    questions: list[Question]
    notices: list[Notice]
    project: Project | None
    related: Need | None
    review_mode: str
    steps: list[dict[str, str]] = field(default_factory=list)


def details(need: Need) -> Details:
    """The public parts of one need; notices only those that everybody may read."""
    notices = db.session.scalars(
        sa.select(Notice)
        .where(Notice.need_id == need.id, policy.visible(None, Notice))
        .order_by(Notice.published_at.desc(), Notice.id.desc())
    )
    asked = sa.select(Question).where(Question.need_id == need.id).order_by(Question.id)
    made = Details(
        need=need,
        codes=coding.codes_of(need),
        rubric=rubric_of(need),
        files=attachments.of(need, "need"),
        questions=list(db.session.scalars(asked)),
        notices=list(notices),
        project=db.session.scalar(
            sa.select(Project).where(Project.need_id == need.id).options(joinedload(Project.organisation))
        ),
        related=related_of(need),
        review_mode=_(needing.REVIEW_MODES.get(need.review_mode, need.review_mode)),
    )
    made.steps = steps(made)
    return made


def rubric_of(need: Need) -> Rubric | None:
    if need.rubric_id is None:
        return None
    found = sa.select(Rubric).join(Rubric.items).where(Rubric.id == need.rubric_id).order_by(RubricItem.sort)
    return db.session.scalars(found.options(contains_eager(Rubric.items))).unique().one_or_none()


def related_of(need: Need) -> Need | None:
    """The earlier need that this one continues, where everybody may read it."""
    if need.related_need_id is None:
        return None
    return db.session.scalar(sa.select(Need).where(Need.id == need.related_need_id, policy.visible(None, Need)))


STEPS = (_l("发布"), _l("申报"), _l("评审"), _l("公示"), _l("实施"), _l("结项"))
# Where each phase stands among the steps; None: it has left the way.
AT: dict[NeedPhase, int | None] = {
    NeedPhase.DRAFT: 0, NeedPhase.INTERNAL_REVIEW: 0, NeedPhase.OPEN: 1, NeedPhase.CLOSED: 2, NeedPhase.REVIEWING: 2,
    NeedPhase.NOTICE: 3, NeedPhase.MATCHED: 4, NeedPhase.FAILED: None, NeedPhase.CANCELLED: None,
    NeedPhase.WITHDRAWN: None, NeedPhase.DECLINED: None,
}  # fmt: skip
CLOSING_STATES = {"closing", "assessed"}


def steps(shown: Details) -> list[dict[str, str]]:
    """The six steps from publication to closing, as `U.steps` prints them."""
    need, at = shown.need, AT[shown.need.phase]
    if shown.project is not None and at == 4:
        state = shown.project.state.value
        at = 6 if state == "closed" else 5 if state in CLOSING_STATES else 4
    if at is None:
        at, ended = _reached(need), True
    else:
        ended = False
    notes = _step_notes(shown)
    made = []
    for n, title in enumerate(STEPS):
        state = "done" if n < at else "current" if n == at and not ended else "todo"
        made.append({"title": _(title), "state": state, "note": notes.get(n, "") if n <= at else ""})
    return made


def _reached(need: Need) -> int:
    """How many steps an ended need had left behind it."""
    if need.published_at is None:
        return 0
    if need.ended_at is None or need.closes_at is None or need.ended_at < need.closes_at:
        return 1
    return 2


def _step_notes(shown: Details) -> dict[int, str]:
    need, project = shown.need, shown.project
    notes = {0: _day(need.published_at), 1: _("%(day)s 截止", day=_day(need.closes_at)) if need.closes_at else ""}
    if need.review_on:
        notes[2] = need.review_on.isoformat()
    running = next((notice for notice in shown.notices if notice.kind.value == "award"), None)
    if running is not None:
        notes[3] = _day(running.published_at)
    if project is not None:
        notes[4] = project.starts_on.isoformat() if project.starts_on else _("待签约")
        notes[5] = _day(project.ended_at)
    return notes


def _day(moment: datetime | None) -> str:
    return clock.local(moment).date().isoformat() if moment else ""


def is_late(question: Question, need: Need) -> bool:
    """Whether the answer came after the day on which answers were due."""
    due = need.answers_due_at
    return question.answered_at is not None and due is not None and question.answered_at > due


def communities_by_kind() -> list[tuple[str, list[tuple[str, str]]]]:
    """(kind, [(code, name), …]) of all communities, for the form."""
    rows = db.session.execute(sa.select(Community.code, Community.kind).order_by(Community.sort, Community.code))
    grouped: dict[str, list[tuple[str, str]]] = {kind: [] for kind in COMMUNITY_KINDS}
    for code, kind in rows:
        grouped.setdefault(kind, []).append((code, reference.word("community", code)))
    return [(_(COMMUNITY_KINDS.get(kind, kind)), found) for kind, found in grouped.items() if found]


def rubrics() -> list[tuple[str, str]]:
    """(id, words) of the rubrics for intake reviews, newest version first."""
    found = sa.select(Rubric.id, Rubric.name_zh, Rubric.name_en, Rubric.number).where(Rubric.kind == "intake")
    return [
        (str(row.id), _("%(name)s（第 %(n)s 版）", name=pick(row.name_zh, row.name_en), n=row.number))
        for row in db.session.execute(found.order_by(Rubric.code, Rubric.number.desc()))
    ]


def need_by_ref(ref: str) -> Need | None:
    return db.session.scalar(sa.select(Need).where(Need.ref == ref))


def public_refs() -> list[tuple[str, str]]:
    """(ref, title) of recent public needs, as suggestions for the earlier need."""
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
