"""Adding and taking away rows of a form without script: the buttons of `F.rows` are answered by the server."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wtforms import FieldList

REMOVE = re.compile(r"remove-row-(\d{1,4})")


def changed(form: Any, posted: Mapping[str, str]) -> bool:
    """Whether a row button was pressed; the row is then added or gone, and the form is shown again unsaved."""
    added = _list(form, posted.get("add-row"))
    if added is not None:
        if not added.max_entries or len(added.entries) < added.max_entries:
            added.append_entry()
        return True
    for name, prefix in posted.items():
        pressed = REMOVE.fullmatch(name)
        rows = _list(form, prefix) if pressed else None
        if pressed and rows is not None:
            _remove(rows, int(pressed[1]))
            return True
    return False


def _list(form: Any, name: str | None) -> FieldList | None:
    field = form._fields.get(name) if name else None
    return field if isinstance(field, FieldList) else None


def _remove(rows: FieldList, position: int) -> None:
    if position < len(rows.entries):
        del rows.entries[position]
        rows._compact_indices()
    if not rows.entries:
        rows.append_entry()
