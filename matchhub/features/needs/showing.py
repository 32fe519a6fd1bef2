"""Everything that the page of one need shows: its parts, its steps, the batches of its answers, its corrections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.i18n import _, _l, pick
from matchhub.core.together import together
from matchhub.domain import attachments, coding, eventing, needing, policy
from matchhub.domain.models import (
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
    questions: list[Any]


def batches(questions: Iterable[Any]) -> list[Batch]:
    """The published answers by batch, the newest batch first."""
    found: dict[tuple[datetime, int | None], list[Any]] = {}
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
    """A rubric as it is published: `groups` are names and weights, `total` leaves out bonus and deduction items.

    `lines` are the rows of `_criteria`, in their order; each names its rubric as well.
    """

    word: str
    lines: list[Any]
    total: Decimal
    groups: list[tuple[str, Decimal]]


@dataclass(slots=True)
class Details:
    """Everything that the page of a need shows besides its own columns."""

    need: Need
    codes: dict[str, list[str]]
    scales: list[Scale]
    rules: dict[str, str]
    # Columns of attachments and questions, in their order.
    files: list[Any]
    questions: list[Any]
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
    rules = needing.scoring_rules(need)
    corrected, kin, events, codes, files, asked, criteria = together(
        _corrections_of(need), _kin_of(need), eventing.of_need(need, user), coding.asked_for(Need, [need.id]),
        attachments.asked_for("need", [need.id], "need"), _asked(need), _criteria(need, rules),
    )  # fmt: skip
    questions = sorted(asked, key=lambda row: row.id)
    made = Details(
        need=need,
        codes=coding.grouped([need.id], codes)[need.id],
        scales=_scales(need, rules, sorted(criteria, key=lambda row: row.sort)),
        rules=rules,
        files=sorted(files, key=lambda row: row.id),
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


def _asked(need: Need) -> sa.Select[Any]:
    drafted = sa.and_(Question.answered_at.is_(None), Question.draft != "").label("is_drafted")
    return sa.select(*Question.__table__.c, drafted).where(Question.need_id == need.id)


def _criteria(need: Need, rules: Mapping[str, str]) -> sa.Select[Any]:
    """The items of the rubrics by which applications for this need are scored, each with the name of its rubric."""
    item = RubricItem
    return (
        sa.select(
            item.rubric_id, Rubric.name_zh.label("rubric_zh"), Rubric.name_en.label("rubric_en"), Rubric.number, item.code,
            item.group_code, item.group_zh, item.group_en, item.name_zh, item.name_en, item.maximum, item.kind, item.sort,
        )
        .join(Rubric, item.rubric_id == Rubric.id)
        .where(item.rubric_id.in_([rubric_id for _word, rubric_id in _rubrics(need, rules)]))
    )  # fmt: skip


def _rubrics(need: Need, rules: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    if need.review_mode != "roadshow" and need.rubric_id is not None:
        yield _("书面评审量表"), need.rubric_id
    if need.review_mode != "written":
        yield _("路演量表"), int(rules[needing.ROADSHOW_RUBRIC])


def _scales(need: Need, rules: Mapping[str, str], criteria: Sequence[Any]) -> list[Scale]:
    return [
        _scale(word, [line for line in criteria if line.rubric_id == rubric_id])
        for word, rubric_id in _rubrics(need, rules)
    ]


def _scale(word: str, lines: list[Any]) -> Scale:
    groups: dict[str, tuple[str, Decimal]] = {}
    for line in lines:
        if line.kind == "score":
            name, weight = groups.get(line.group_code, (pick(line.group_zh, line.group_en), Decimal(0)))
            groups[line.group_code] = (name, weight + line.maximum)
    total = sum((weight for _name, weight in groups.values()), Decimal(0))
    return Scale(word, lines, total, list(groups.values()) if len(groups) > 1 else [])


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


def is_late(question: Any, need: Need) -> bool:
    """Whether the answer came after the moment by which answers were due."""
    due = need.answers_due_at
    return question.answered_at is not None and due is not None and question.answered_at > due
