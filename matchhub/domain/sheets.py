"""Score sheets in the database: filling one in, what is missing, and submitting it for good.

All functions run inside the caller's command.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from matchhub.core import clock
from matchhub.core.db import db
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _
from matchhub.domain import lifecycle, reference
from matchhub.domain.models import Rubric, RubricItem, ScoreLine, ScoreSheet, SheetState, SubjectKind, User
from matchhub.domain.scoring import sheet as arithmetic
from matchhub.domain.scoring.canonical import canonical, digest
from matchhub.domain.scoring.numbers import HALF_POINT, HUNDRED


@dataclass(frozen=True, slots=True)
class Entry:
    """What was entered for one item. `points` is Decimal("NaN") for something that is no number."""

    points: Decimal | None = None
    not_applicable: bool = False
    remark: str = ""
    explanation: Mapping[str, Any] = field(default_factory=dict)


def entry(typed: str | None, not_applicable: bool = False, remark: str = "") -> Entry:
    """An entry from what a person typed."""
    text = (typed or "").strip()
    if not text or not_applicable:
        return Entry(None, not_applicable, remark.strip())
    try:
        points = Decimal(text) if re.fullmatch(r"\d{1,3}([.]\d{1,2})?", text) else Decimal("NaN")
    except InvalidOperation:  # pragma: no cover - the pattern leaves nothing that Decimal refuses
        points = Decimal("NaN")
    return Entry(points, False, remark.strip())


def newest_rubric(code: str) -> Rubric:
    """The newest version of the rubric with this code (A, A2, B, C1, C2)."""
    found = sa.select(Rubric).where(Rubric.code == code).order_by(Rubric.number.desc()).limit(1)
    return db.session.scalars(found).one()


def newest_rubric_id(code: str) -> int:
    """The id of that version, for records that only point to it."""
    found = sa.select(Rubric.id).where(Rubric.code == code).order_by(Rubric.number.desc()).limit(1)
    return db.session.scalars(found).one()


def find(kind: SubjectKind, subject_id: int, judge_id: int) -> ScoreSheet | None:
    """The sheet of this judge on this subject that has not been replaced."""
    return db.session.scalar(
        sa.select(ScoreSheet).where(
            ScoreSheet.subject_kind == kind,
            ScoreSheet.subject_id == subject_id,
            ScoreSheet.judge_id == judge_id,
            ScoreSheet.state != SheetState.SUPERSEDED,
        )
    )


def submitted(kind: SubjectKind, subject_id: int) -> list[ScoreSheet]:
    """All sheets on a subject that count, in the order of their submission."""
    found = (
        sa.select(ScoreSheet)
        .where(
            ScoreSheet.subject_kind == kind,
            ScoreSheet.subject_id == subject_id,
            ScoreSheet.state == SheetState.SUBMITTED,
        )
        .order_by(ScoreSheet.submitted_at, ScoreSheet.id)
    )
    return list(db.session.scalars(found))


def open_sheet(kind: SubjectKind, subject_id: int, judge: User, rubric: Rubric) -> ScoreSheet:
    """This judge's sheet, made empty when there is none yet."""
    sheet = find(kind, subject_id, judge.id)
    if sheet is None:
        sheet = ScoreSheet(subject_kind=kind, subject_id=subject_id, judge_id=judge.id, rubric=rubric, judge=judge)
        db.session.add(sheet)
        db.session.flush()
    return sheet


def items_of(rubric: Rubric) -> list[arithmetic.Item]:
    """The rubric's items as the arithmetic wants them."""
    return [
        arithmetic.Item(
            item.code,
            item.group_code,
            Decimal(item.maximum),
            item.veto,
            None if item.how == "computed" else HALF_POINT,
            arithmetic.Kind(item.kind or "score"),
        )
        for item in rubric.items
    ]


def fill(sheet: ScoreSheet, entries: Mapping[str, Entry]) -> None:
    """Keep what was entered so far in a draft; entries that are no allowed number are left out."""
    if sheet.state is not SheetState.DRAFT:
        raise NotNow(_("评分表已经提交，不能再改。"))
    wrong = set(problems(sheet.rubric, entries))
    known = {line.item.code: line for line in sheet.lines}
    for item in sheet.rubric.items:
        made = entries.get(item.code)
        if made is None or item.code in wrong:
            continue
        line = known.get(item.code)
        if line is None:
            line = ScoreLine(item=item)
            sheet.lines.append(line)  # from the sheet's side: only so does the session take it in
        line.points, line.not_applicable = made.points, made.not_applicable
        line.remark, line.explanation = made.remark, dict(made.explanation)
    db.session.flush()


def problems(rubric: Rubric, entries: Mapping[str, Entry]) -> dict[str, str]:
    """What is wrong with what was typed, by item code: sentences that say how to repair."""
    lines = [arithmetic.Line(code, made.points, made.not_applicable) for code, made in entries.items()]
    maxima = {item.code: item.maximum for item in rubric.items}
    return {
        code: _("请填 0 到 %(max)s 之间的分数，每 0.5 分一档。", max=_plain(maxima.get(code, Decimal(0))))
        for code, _problem in arithmetic.line_problems(items_of(rubric), lines)
    }


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def gaps(sheet: ScoreSheet) -> dict[str, str]:
    """What still keeps a sheet from being submitted, by item code: unscored items and missing remarks."""
    found: dict[str, str] = {}
    lines = {line.item.code: line for line in sheet.lines}
    low, high = Decimal(reference.setting("remark_low")), Decimal(reference.setting("remark_high"))
    for item in sheet.rubric.items:
        line = lines.get(item.code)
        if item.kind != arithmetic.Kind.score:
            if line is not None and line.points and not line.remark:
                found[item.code] = _("加分和扣分都要写明事实和依据。")
        elif line is None or (line.points is None and not line.not_applicable):
            found[item.code] = _("请给这一项打分，或选“不适用”。")
        elif _needs_remark(item, line, low, high):
            found[item.code] = _(
                "低于满分的 %(low)s%% 或高于 %(high)s%% 时，请写明理由。", low=_plain(low), high=_plain(high)
            )
    return found


def _needs_remark(item: RubricItem, line: ScoreLine, low: Decimal, high: Decimal) -> bool:
    if item.how != "observed" or line.points is None or line.remark:
        return False
    percent = Decimal(line.points) * 100 / Decimal(item.maximum)
    return percent < low or percent > high


def total(sheet: ScoreSheet) -> arithmetic.SheetTotal:
    """The arithmetic of a sheet as it stands."""
    lines = [arithmetic.Line(line.item.code, line.points, line.not_applicable) for line in sheet.lines]
    return arithmetic.total(items_of(sheet.rubric), lines, cap_of(sheet.rubric))


def cap_of(rubric: Rubric) -> Decimal:
    """What a total of this rubric is cut to."""
    return HUNDRED if rubric.cap is None else Decimal(rubric.cap)


def submit(sheet: ScoreSheet, actor: User, action: str = "submit", **data: Any) -> Decimal:
    """Fix a sheet for good; its total. Raises NotNow when something is missing.

    `action` is "correct" for the sheet that replaces another by an approver's decision; `data` goes into the ledger.
    """
    if missing := gaps(sheet):
        raise NotNow(_("还有 %(n)s 项没有完成，请补齐后提交。", n=len(missing)))
    result = total(sheet)
    if result.total is None:
        raise NotNow(_("所有指标都不适用，算不出总分。"))
    sheet.total = result.total
    sheet.submitted_at = clock.now()
    sheet.digest = digest(canonical(content(sheet)))
    lifecycle.advance(
        sheet,
        action,
        actor,
        sheet_of=f"{sheet.subject_kind.value}:{sheet.subject_id}",
        total=str(sheet.total),
        digest=sheet.digest,
        **data,
    )
    return result.total


def content(sheet: ScoreSheet) -> dict[str, Any]:
    """What a sheet's digest is made from."""
    more = {"confidence": sheet.confidence} if sheet.confidence else {}
    return more | {
        "rubric": f"{sheet.rubric.code}/{sheet.rubric.number}",
        "subject": f"{sheet.subject_kind.value}:{sheet.subject_id}",
        "judge": sheet.judge_id,
        "comment": sheet.comment,
        "vetoes": list(sheet.vetoes),
        "lines": [
            {
                "item": line.item.code,
                "points": None if line.points is None else Decimal(line.points),
                "not_applicable": line.not_applicable,
                "remark": line.remark,
            }
            for line in sorted(sheet.lines, key=lambda line: line.item.sort)
        ],
    }
