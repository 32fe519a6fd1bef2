"""Everything that the page of one need shows: its parts, its steps, the batches of its answers, its corrections."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l, pick
from matchhub.core.together import together
from matchhub.domain import attachments, coding, eventing, needing, policy
from matchhub.domain.models import (
    Attachment,
    Need,
    NeedCorrection,
    NeedPhase,
    Notice,
    Project,
    Question,
    Rubric,
    RubricItem,
    User,
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Answers that became public at the same moment; `number` is None for those of before there were batches."""

    number: int | None
    at: datetime
    questions: list[Question]


def batches(questions: Iterable[Question]) -> list[Batch]:
    """The published answers by batch, the newest batch first."""
    found: dict[tuple[datetime, int | None], list[Question]] = {}
    for one in questions:
        if one.answered_at is not None:
            found.setdefault((one.answered_at, one.batch), []).append(one)
    return [Batch(number, at, rows) for (at, number), rows in sorted(found.items(), key=lambda pair: pair[0][0])][::-1]


@dataclass(frozen=True, slots=True)
class Correction:
    """A correction as the page prints it; `moved` are sentences."""

    number: int
    at: datetime
    text: str
    moved: list[str]


@dataclass(frozen=True, slots=True)
class Scale:
    """A rubric as it is published: `groups` are names and weights, `total` leaves out bonus and deduction items."""

    word: str
    rubric: Rubric
    total: Decimal
    groups: list[tuple[str, Decimal]]


@dataclass(slots=True)
class Details:
    """Everything that the page of a need shows besides its own columns."""

    need: Need
    codes: dict[str, list[str]]
    scales: list[Scale]
    rules: dict[str, str]
    files: list[Attachment]
    questions: list[Question]
    batches: list[Batch]
    corrections: list[Correction]
    notices: list[Notice]
    project: Project | None
    # The earlier need that this one continues (ref and title), where everybody may read it.
    related: Any | None
    # The needs that continue this one: a failed call that was published anew, oldest first.
    continued: Sequence[Any]
    # Ref, kind, title, state, start and place of each event, in the order of time.
    events: Sequence[Any]
    review_mode: str
    steps: list[dict[str, str]] = field(default_factory=list)


def details(need: Need, user: User | None = None) -> Details:
    """The public parts of one need; notices only those that everybody may read, events those that this person may see."""
    notices = db.session.scalars(
        sa.select(Notice)
        .where(Notice.need_id == need.id, policy.visible(None, Notice))
        .order_by(Notice.published_at.desc(), Notice.id.desc())
    )
    asked = sa.select(Question).where(Question.need_id == need.id).order_by(Question.id)
    questions = list(db.session.scalars(asked))
    corrected, kin, events = together(_corrections_of(need), _kin_of(need), eventing.of_need(need, user))
    made = Details(
        need=need,
        codes=coding.codes_of(need),
        scales=scales(need),
        rules=needing.scoring_rules(need),
        files=attachments.of(need, "need"),
        questions=questions,
        batches=batches(questions),
        corrections=_corrections(corrected),
        notices=list(notices),
        project=db.session.scalar(
            sa.select(Project).where(Project.need_id == need.id).options(joinedload(Project.organisation))
        ),
        related=next((row for row in kin if row.id == need.related_need_id), None),
        continued=sorted((row for row in kin if row.id != need.related_need_id), key=lambda row: row.id),
        events=sorted(events, key=lambda row: (row.starts_at, row.ref)),
        review_mode=_(needing.REVIEW_MODES.get(need.review_mode, need.review_mode)),
    )
    made.steps = steps(made)
    return made


def _corrections_of(need: Need) -> sa.Select[Any]:
    columns = (NeedCorrection.number, NeedCorrection.at, NeedCorrection.text, NeedCorrection.moved)
    return sa.select(*columns).where(NeedCorrection.need_id == need.id)


def _corrections(rows: Iterable[Any]) -> list[Correction]:
    """The published corrections, newest first."""
    newest = sorted(rows, key=lambda row: row.number, reverse=True)
    return [Correction(row.number, row.at, row.text, _moved_words(row.moved)) for row in newest]


def _moved_words(moved: Mapping[str, Any]) -> list[str]:
    """Which dates a correction moved, from when to when."""
    words = {"closes_at": _("申报截止"), "review_on": _("评审日期"), "roadshow_on": _("路演日期")}
    return [
        _("%(what)s由 %(old)s 改为 %(new)s", what=words[name], old=_moment(old), new=_moment(new))
        if old
        else _("%(what)s定为 %(new)s", what=words[name], new=_moment(new))
        for name, (old, new) in moved.items()
    ]


def _moment(stored: str) -> str:
    """A stored moment or day as people read it."""
    if "T" not in stored:
        return stored
    return clock.local(datetime.fromisoformat(stored)).strftime("%Y-%m-%d %H:%M")


def scales(need: Need) -> list[Scale]:
    """The rubrics by which applications for this need are scored."""
    found = []
    if need.review_mode != "roadshow" and (rubric := rubric_by(need.rubric_id)):
        found.append(_scale(_("书面评审量表"), rubric))
    if need.review_mode != "written":
        found.append(_scale(_("路演量表"), needing.roadshow_rubric(need)))
    return found


def _scale(word: str, rubric: Rubric) -> Scale:
    groups: dict[str, tuple[str, Decimal]] = {}
    for item in rubric.items:
        if item.kind == "score":
            name, weight = groups.get(item.group_code, (pick(item.group_zh, item.group_en), Decimal(0)))
            groups[item.group_code] = (name, weight + item.maximum)
    total = sum((weight for _name, weight in groups.values()), Decimal(0))
    return Scale(word, rubric, total, list(groups.values()) if len(groups) > 1 else [])


def rubric_by(rubric_id: int | None) -> Rubric | None:
    if rubric_id is None:
        return None
    found = sa.select(Rubric).join(Rubric.items).where(Rubric.id == rubric_id).order_by(RubricItem.sort)
    return db.session.scalars(found.options(contains_eager(Rubric.items))).unique().one_or_none()


def _kin_of(need: Need) -> sa.Select[Any]:
    """The need that this one continues and those that continue it, where everybody may read them."""
    kin = sa.or_(Need.id == need.related_need_id, Need.related_need_id == need.id)
    return sa.select(Need.id, Need.ref, Need.title).where(kin, policy.visible(None, Need))


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
    """Whether the answer came after the moment by which answers were due."""
    due = need.answers_due_at
    return question.answered_at is not None and due is not None and question.answered_at > due
