"""Two people on one part: which answers only one of them changed, and which both did."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matchhub.domain.application_form.reading import Document, has_content, part_of, read_part
from matchhub.domain.application_form.spec import BY_CODE, Field, Kind
from matchhub.domain.scoring.canonical import canonical, digest

MARK = re.compile(r"([a-z_]{1,40}):([0-9a-f]{12})")


def fingerprint(document: Document, code: str) -> str:
    """What a page remembers of the part that its reader saw: one short hash for each answer."""
    values = _typed(code, part_of(document, code))
    return ";".join(f"{name}:{_mark(value)}" for name, value in values.items())


def _typed(code: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The answers in today's shape: rows that were stored before a column was added have it, empty."""
    return read_part(code, values)


def _mark(value: Any) -> str:
    return digest(canonical({"value": value}))[:12]


@dataclass(slots=True)
class Merged:
    """`values` is what to store: mine wherever I changed something, theirs wherever only they did (`taken`).

    `clashes` names the answers that both changed; there `values` holds mine, and somebody has to choose.
    """

    values: dict[str, Any]
    taken: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)


def merge(code: str, mine: Mapping[str, Any], stored: Document, seen: str) -> Merged:
    """Lay my answers over the stored part. `seen` is the `fingerprint` of the part that I saw when I began.

    An answer that the fingerprint does not know counts as changed by both.
    """
    before = dict(MARK.findall(seen))
    theirs = _typed(code, part_of(stored, code))
    merged = Merged(dict(mine))
    for one in BY_CODE[code].fields:
        name, known = one.name, before.get(one.name)
        my_mark, their_mark = _mark(mine[name]), _mark(theirs[name])
        if my_mark == their_mark or their_mark == known:
            continue
        if my_mark == known:
            merged.values[name] = theirs[name]
            merged.taken.append(name)
        else:
            merged.clashes.append(name)
    return merged


def seen_after(code: str, merged: Merged, stored: Document, seen: str) -> str:
    """The fingerprint that a page which stays open goes on with: it still shows the old text of what was `taken`."""
    before = dict(MARK.findall(seen))
    now = dict(MARK.findall(fingerprint(stored, code)))
    return ";".join(f"{name}:{before.get(name, mark) if name in merged.taken else mark}" for name, mark in now.items())


def joined(one: Field, mine: Any, theirs: Any) -> Any:
    """Both answers in one, mine first; None where two answers cannot stand together."""
    if one.kind is Kind.LONG:
        return f"{mine}\n\n{theirs}".strip()
    if one.kind is Kind.ROWS:
        return [*mine, *(row for row in theirs if row not in mine)]
    return None


def is_empty(document: Document, code: str) -> bool:
    return not has_content(document, code)
