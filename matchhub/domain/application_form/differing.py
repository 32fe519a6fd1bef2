"""What changed between two texts: field by field, rows added, removed or changed, and the words marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from matchhub.core.i18n import _
from matchhub.domain.application_form.reading import Document, part_of
from matchhub.domain.application_form.showing import cell_text, field_text
from matchhub.domain.application_form.spec import PARTS, Field, Kind, Part

SENTENCES = re.compile(r"[^。！？；\n]*[。！？；\n]|[^。！？；\n]+")
TOKENS = re.compile(r"[A-Za-z0-9.,%]+|\s+|.", re.DOTALL)
# Rows that share less than this are two rows, not one that was changed.
SAME_ROW = 0.5
# Beyond this product of lengths two sentences are not compared word by word: it would take too long to be worth it.
MOST_TOKENS = 1_000_000


@dataclass(frozen=True, slots=True)
class Bit:
    """A piece of text: `mark` is empty, "added" or "removed"."""

    text: str
    mark: str = ""


@dataclass(slots=True)
class Change:
    """One answer that changed. `bits` tell it in one line; `before` and `after` are its two sides."""

    name: str
    label: str
    bits: list[Bit] = field(default_factory=list)
    rows: list[RowChange] = field(default_factory=list)

    @property
    def before(self) -> list[Bit]:
        return [bit for bit in self.bits if bit.mark != "added"]

    @property
    def after(self) -> list[Bit]:
        return [bit for bit in self.bits if bit.mark != "removed"]


@dataclass(slots=True)
class RowChange:
    """One row: `kind` is "added", "removed" or "changed", `number` its place (of a removed row: where it was)."""

    kind: str
    number: int
    cells: list[Change]


@dataclass(slots=True)
class PartChange:
    code: str
    title: str
    changes: list[Change]


def differences(old: Document, new: Document) -> list[PartChange]:
    """Every part in which the two documents differ, in the order of the form; the files come last."""
    found = [PartChange(part.code, _(part.title), list(part_changes(part, old, new))) for part in PARTS]
    found.append(PartChange("files", _("附件"), list(_files(old, new))))
    return [part for part in found if part.changes]


def part_changes(part: Part, old: Document, new: Document) -> Iterator[Change]:
    """The answers of one part that differ."""
    before, after = part_of(old, part.code), part_of(new, part.code)
    for one in part.fields:
        yield from change_of(one, before[one.name], after[one.name])


def change_of(one: Field, before: Any, after: Any) -> Iterator[Change]:
    """The difference of one answer; nothing when it reads the same."""
    label = _(one.label)
    if one.kind is Kind.ROWS:
        rows = list(row_changes(one, before, after))
        if rows:
            yield Change(one.name, label, rows=rows)
    elif one.kind is Kind.TEXTS:
        rows = _listed(label, before, after)
        if rows:
            yield Change(one.name, label, rows=rows)
    else:
        old, new = field_text(one, before), field_text(one, after)
        if old != new:
            yield Change(one.name, label, bits=words(old, new))


def _listed(label: str, before: Sequence[str], after: Sequence[str]) -> list[RowChange]:
    gone = [RowChange("removed", n, [Change("", label, [Bit(text, "removed")])])
            for n, text in enumerate(before, 1) if text not in after]  # fmt: skip
    new = [RowChange("added", n, [Change("", label, [Bit(text, "added")])])
           for n, text in enumerate(after, 1) if text not in before]  # fmt: skip
    return gone + new


def _files(old: Document, new: Document) -> Iterator[Change]:
    """Files are known by their content: one of the same name with other content was replaced."""
    before = {one["sha256"]: one["name"] for one in old.get("files") or []}
    after = {one["sha256"]: one["name"] for one in new.get("files") or []}
    gone = [name for key, name in before.items() if key not in after]
    come = [name for key, name in after.items() if key not in before]
    rows = [RowChange("removed", n, [Change("", _("附件"), [Bit(name, "removed")])]) for n, name in enumerate(gone, 1)]
    rows += [RowChange("added", n, [Change("", _("附件"), [Bit(name, "added")])]) for n, name in enumerate(come, 1)]
    if rows:
        yield Change("files", _("附件"), rows=rows)


# --- rows --------------------------------------------------------------------------------------------------------

Row = dict[str, Any]


def row_changes(one: Field, before: Sequence[Row], after: Sequence[Row]) -> Iterator[RowChange]:
    """Rows removed, changed and added, in the order of the newer table."""
    old, new = [_texts(one, row) for row in before], [_texts(one, row) for row in after]
    pairs = _paired(old, new)
    for number, row in enumerate(old, 1):
        if number - 1 not in pairs.values():
            yield RowChange("removed", number, _cells(one, row, [""] * len(row)))
    for number, row in enumerate(new, 1):
        partner = pairs.get(number - 1)
        if partner is None:
            yield RowChange("added", number, _cells(one, [""] * len(row), row))
        elif old[partner] != row:
            yield RowChange("changed", number, _cells(one, old[partner], row, name_first=True))


def _texts(one: Field, row: Row) -> list[str]:
    return [cell_text(column, row.get(column.name)) for column in one.columns]


def _cells(one: Field, old: list[str], new: list[str], name_first: bool = False) -> list[Change]:
    """The cells that differ; of a changed row also the cell by which people know it."""
    known = next((n for n, column in enumerate(one.columns) if column.kind is Kind.TEXT), 0)
    return [
        Change(column.name, _(column.label), words(old[n], new[n]))
        for n, column in enumerate(one.columns)
        if old[n] != new[n] or (name_first and n == known)
    ]


def _paired(old: list[list[str]], new: list[list[str]]) -> dict[int, int]:
    """Which newer row (key) stands for which older one: the same row, else the most similar one."""
    pairs: dict[int, int] = {}
    free = set(range(len(old)))
    for n, row in enumerate(new):
        same = next((o for o in sorted(free, key=lambda o: (abs(o - n), o)) if old[o] == row), None)
        if same is not None:
            pairs[n] = same
            free.discard(same)
    ranked = sorted(
        ((_alike(old[o], new[n]), -abs(o - n), n, o) for n in range(len(new)) if n not in pairs for o in free),
        reverse=True,
    )
    for likeness, _near, n, o in ranked:
        if likeness >= SAME_ROW and n not in pairs and o in free:
            pairs[n] = o
            free.discard(o)
    return pairs


def _alike(old: list[str], new: list[str]) -> float:
    """How much of two rows is the same, from 0 to 1: equal cells count whole, others by their characters."""
    scores = [
        1.0 if a == b else SequenceMatcher(None, a[:80], b[:80], autojunk=False).quick_ratio()
        for a, b in zip(old, new, strict=True)
        if a or b
    ]
    return sum(scores) / len(scores) if scores else 1.0


# --- words -------------------------------------------------------------------------------------------------------


def words(old: str, new: str) -> list[Bit]:
    """Two texts in one, what was taken out and what was put in marked: first by sentences, then by words."""
    bits: list[Bit] = []
    a, b = SENTENCES.findall(old), SENTENCES.findall(new)
    for kind, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        left, right = "".join(a[i:j]), "".join(b[k:m])
        bits += [Bit(left)] if kind == "equal" else _within(left, right)
    return _joined(bits)


def _within(old: str, new: str) -> list[Bit]:
    a, b = TOKENS.findall(old), TOKENS.findall(new)
    if not a or not b or len(a) * len(b) > MOST_TOKENS:
        return [Bit(old, "removed"), Bit(new, "added")]
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    if matcher.ratio() < 0.3:
        return [Bit(old, "removed"), Bit(new, "added")]
    bits: list[Bit] = []
    for kind, i, j, k, m in matcher.get_opcodes():
        left, right = "".join(a[i:j]), "".join(b[k:m])
        bits += [Bit(left)] if kind == "equal" else [Bit(left, "removed"), Bit(right, "added")]
    return bits


def _joined(bits: list[Bit]) -> list[Bit]:
    """Without empty pieces; neighbours of the same mark become one."""
    joined: list[Bit] = []
    for bit in bits:
        if not bit.text:
            continue
        if joined and joined[-1].mark == bit.mark:
            joined[-1] = Bit(joined[-1].text + bit.text, bit.mark)
        else:
            joined.append(bit)
    return joined
