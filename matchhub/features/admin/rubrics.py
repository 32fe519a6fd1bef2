"""Score sheets as the street keeps them: a rubric that somebody has used never changes, a new version takes over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import sqlalchemy as sa

from matchhub.core import ledger
from matchhub.core.db import command, db
from matchhub.core.errors import Missing, NotNow, Refused
from matchhub.core.i18n import _
from matchhub.core.ledger import Actor
from matchhub.domain.models import Need, ReviewRound, Rubric, RubricItem, ScoreSheet

WHOLE = Decimal(100)
KEPT = ("code", "group_code", "group_zh", "group_en", "name_zh", "name_en", "how", "veto", "kind", "sort")


@dataclass(frozen=True, slots=True)
class Edit:
    """What may differ in a version: an item's maximum and its four anchors, best first."""

    maximum: Decimal
    anchors_zh: Sequence[str]
    anchors_en: Sequence[str]


@dataclass(frozen=True, slots=True)
class Beside:
    """An item beside the 100: `kind` is bonus or deduction, `maximum` how much it may add or take."""

    kind: str
    name_zh: str
    name_en: str
    maximum: Decimal


@dataclass(frozen=True, slots=True)
class Extras:
    """What a version has besides its 100 points: items beside them, the cap of a total, and what reviewers do not see."""

    beside: Sequence[Beside] = ()
    cap: Decimal | None = None
    hidden: Sequence[str] = ()


# Kinds of rubrics that may have items beside the 100 and hide names: those of the intake review.
WITH_EXTRAS = ("intake", "roadshow")
MOST_BESIDE = 6
LETTERS = {"bonus": "P", "deduction": "M"}
WORDS: dict[str, tuple[str, str]] = {"bonus": ("加分项", "Bonus"), "deduction": ("扣分项", "Deductions")}


def scored(rubric: Rubric) -> list[RubricItem]:
    """The items that make up the 100."""
    return [item for item in rubric.items if item.kind == "score"]


def beside(rubric: Rubric) -> list[RubricItem]:
    """The items that add to a total or take from it."""
    return [item for item in rubric.items if item.kind != "score"]


def extras_problem(extras: Extras) -> str | None:
    """Why these extras cannot make a version, or None."""
    if extras.cap is not None and not 0 < extras.cap <= WHOLE:
        return _("总分上限请填 1 到 100 之间的数字。")
    if len(extras.beside) > MOST_BESIDE:
        return _("加分项和扣分项最多 %(n)s 项。", n=MOST_BESIDE)
    for one in extras.beside:
        if not one.name_zh:
            return _("加分项和扣分项都要写名称。")
        if not 0 < one.maximum <= 20 or one.maximum * 2 % 1:
            return _("“%(name)s”的分数请填 0.5 到 20 之间、以 0.5 为步长的数字。", name=one.name_zh)
    return None


def all_versions() -> list[Rubric]:
    """Every rubric in every version, the newest of each first."""
    return list(db.session.scalars(sa.select(Rubric).order_by(Rubric.code, Rubric.number.desc())))


def find(rubric_id: int) -> Rubric:
    row = db.session.get(Rubric, rubric_id)
    if row is None:
        raise Missing(str(rubric_id))
    return row


def used() -> set[int]:
    """Ids of the rubrics that a need, a review or a score sheet names."""
    found = sa.union(
        sa.select(Need.rubric_id).where(Need.rubric_id.is_not(None)),
        sa.select(ReviewRound.rubric_id),
        sa.select(ScoreSheet.rubric_id),
    )
    return set(db.session.scalars(found))


def is_used(rubric: Rubric) -> bool:
    return rubric.id in used()


def next_number(rubric: Rubric) -> int:
    """The number of the next version of this rubric."""
    newest = db.session.scalar(sa.select(sa.func.max(Rubric.number)).where(Rubric.code == rubric.code))
    return (newest or 0) + 1


def is_newest(rubric: Rubric) -> bool:
    return rubric.number + 1 == next_number(rubric)


def total(rubric: Rubric) -> Decimal:
    """The sum of all maxima: 100 in a rubric that can be used."""
    return sum((item.maximum for item in scored(rubric)), Decimal(0))


def groups(rubric: Rubric) -> list[list[RubricItem]]:
    """The items by group, groups and items in the order of the sheet."""
    found: dict[str, list[RubricItem]] = {}
    for item in rubric.items:
        found.setdefault(item.group_code, []).append(item)
    return list(found.values())


def changed_items(rubric: Rubric) -> dict[str, tuple[Decimal, Decimal]]:
    """Against the version before: item -> (maximum then, maximum now) where they differ."""
    before = db.session.scalar(sa.select(Rubric).where(Rubric.code == rubric.code, Rubric.number == rubric.number - 1))
    old = {item.code: item.maximum for item in before.items} if before else {}
    return {
        item.code: (old[item.code], item.maximum)
        for item in rubric.items
        if item.code in old and old[item.code] != item.maximum
    }


def problem(rubric: Rubric, edits: Mapping[str, Edit]) -> str | None:
    """Why these maxima and anchors cannot make a version, or None."""
    have = sum((edits[item.code].maximum for item in scored(rubric)), Decimal(0))
    if have != WHOLE:
        return _("各项满分合计应为 100 分，现在是 %(have)s 分。", have=f"{have.normalize():f}")
    fixed = [
        item.code for item in scored(rubric) if item.how != "observed" and edits[item.code].maximum != item.maximum
    ]
    if fixed:
        return _("%(items)s 由系统测算或按固定档次给分，满分不能改。", items="、".join(fixed))
    return None


def looked_at(rubric: Rubric, edits: Mapping[str, Edit], extras: Extras | None = None) -> Rubric:
    """The version that these edits would make, only to be looked at: it is never kept. Raises Refused."""
    wanted = extras_of(rubric) if extras is None else extras
    if sentence := problem(rubric, edits) or extras_problem(wanted):
        raise Refused(sentence)
    made = _next(rubric, "")
    _fill(made, edits)
    _put(made, wanted)
    return made


def _next(rubric: Rubric, note: str) -> Rubric:
    """A version after `rubric` with its scored items, not yet kept."""
    made = Rubric(
        code=rubric.code, number=rubric.number + 1, name_zh=rubric.name_zh, name_en=rubric.name_en, kind=rubric.kind,
        note=note,
    )  # fmt: skip
    made.items = [RubricItem(**{name: getattr(item, name) for name in KEPT}) for item in scored(rubric)]
    return made


@command
def new_version(
    actor: Actor, rubric: Rubric, edits: Mapping[str, Edit], note: str, extras: Extras | None = None
) -> Rubric:
    """Make the next version from this one. Needs that name an older version keep it. Raises Refused.

    Without `extras` the new version has those of the old one.
    """
    wanted = extras_of(rubric) if extras is None else extras
    if sentence := problem(rubric, edits) or extras_problem(wanted):
        raise Refused(sentence)
    made = _next(rubric, note)
    made.number = next_number(rubric)
    _fill(made, edits)
    db.session.add(made)
    _put(made, wanted)
    db.session.flush()
    record(actor, "new_version", made, rubric)
    return made


@command
def change(actor: Actor, rubric: Rubric, edits: Mapping[str, Edit], note: str, extras: Extras | None = None) -> None:
    """Correct a version that nobody has used yet. Raises NotNow when somebody has, Refused for wrong sums."""
    if is_used(rubric):
        raise NotNow(_("这个版本已经有人使用，不能再改。请另建新版本。"))
    wanted = extras_of(rubric) if extras is None else extras
    if sentence := problem(rubric, edits) or extras_problem(wanted):
        raise Refused(sentence)
    rubric.note = note
    _fill(rubric, edits)
    for item in beside(rubric):
        rubric.items.remove(item)
        db.session.delete(item)
    db.session.flush()
    _put(rubric, wanted)
    record(actor, "change", rubric, rubric)


def _fill(rubric: Rubric, edits: Mapping[str, Edit]) -> None:
    for item in scored(rubric):
        edit = edits[item.code]
        item.maximum = edit.maximum
        item.anchor_zh, item.anchor_en = "|".join(edit.anchors_zh), "|".join(edit.anchors_en)


def extras_of(rubric: Rubric) -> Extras:
    """What a version has besides its 100 points."""
    rows = [Beside(item.kind, item.name_zh, item.name_en, item.maximum) for item in beside(rubric)]
    return Extras(rows, rubric.cap, list(rubric.hidden or ()))


def _put(rubric: Rubric, extras: Extras) -> None:
    rubric.cap, rubric.hidden = extras.cap, list(extras.hidden) or None
    last = max((item.sort for item in scored(rubric)), default=0)
    counted = dict.fromkeys(LETTERS, 0)
    for place, one in enumerate(sorted(extras.beside, key=lambda row: row.kind), 1):
        counted[one.kind] += 1
        zh, en = WORDS[one.kind]
        rubric.items.append(
            RubricItem(
                code=f"{LETTERS[one.kind]}{counted[one.kind]}", group_code=one.kind, group_zh=zh, group_en=en,
                name_zh=one.name_zh, name_en=one.name_en, maximum=one.maximum, kind=one.kind, sort=last + place,
                anchor_zh="", anchor_en="", how="observed", veto=False,
            )
        )  # fmt: skip


def record(actor: Actor, deed: str, rubric: Rubric, source: Rubric) -> None:
    """Write into the ledger from which version one was made, and its maxima."""
    maxima = {item.code: f"{item.maximum:f}" for item in rubric.items}
    data = {
        "from": f"{source.code}.{source.number}", "maxima": maxima, "cap": f"{rubric.cap:f}" if rubric.cap else "100",
        "hidden": sorted(rubric.hidden or ()),
    }  # fmt: skip
    ledger.record(actor, f"rubric.{deed}", f"rubric:{rubric.code}.{rubric.number}", data)
