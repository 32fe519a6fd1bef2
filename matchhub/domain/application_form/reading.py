"""Reading and writing the parts of a document in their types: what is stored always has the keys of the spec."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from matchhub.domain.application_form.spec import BY_CODE, Field, Kind

Document = Mapping[str, Any]
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def empty(field: Field) -> Any:
    """What stands for no answer."""
    match field.kind:
        case Kind.ROWS | Kind.TEXTS:
            return []
        case Kind.TICK:
            return False
        case Kind.WHOLE | Kind.MONEY:
            return None
    return ""


def _value(field: Field, given: Any) -> Any:
    """One answer in its stored type. Raises ValueError for what cannot be one."""
    if given is None or given == "":
        return empty(field)
    match field.kind:
        case Kind.ROWS:
            return [row for row in (_row(field, one) for one in given) if not is_blank(row)]
        case Kind.TEXTS:
            return [str(one) for one in given]
        case Kind.TICK:
            return bool(given)
        case Kind.WHOLE | Kind.MONEY:
            return int(given)
        case Kind.DAY:
            return (given if isinstance(given, date) else date.fromisoformat(given)).isoformat()
        case Kind.MONTH:
            text = f"{given:%Y-%m}" if isinstance(given, date) else str(given)
            if not MONTH.fullmatch(text):
                raise ValueError(f"{field.name}: not a month: {text}")
            return text
    return str(given).strip()


def _row(field: Field, given: Mapping[str, Any]) -> dict[str, Any]:
    _known(field.name, given, field.columns)
    return {column.name: _value(column, given.get(column.name)) for column in field.columns}


def _known(where: str, given: Mapping[str, Any], fields: tuple[Field, ...]) -> None:
    if unknown := set(given) - {field.name for field in fields}:
        raise ValueError(f"{where} has no field {', '.join(sorted(unknown))}")


def is_blank(value: Any) -> bool:
    """Whether an answer, a row or a whole part says nothing."""
    if isinstance(value, Mapping):
        return all(is_blank(one) for one in value.values())
    return value is None or value is False or value in ("", [])


def read_part(code: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The part as it is stored: every field of the spec in its type, rows without the blank ones.

    Days and months may be dates or text. Raises ValueError for an unknown field or a value of the wrong type.
    """
    part = BY_CODE[code]
    _known(code, given, part.fields)
    return {field.name: _value(field, given.get(field.name)) for field in part.fields}


def part_of(document: Document, code: str) -> dict[str, Any]:
    """The stored part, with the empty answer for whatever is missing."""
    kept = document.get(code) or {}
    return {field.name: kept.get(field.name, empty(field)) for field in BY_CODE[code].fields}


def has_content(document: Document, code: str) -> bool:
    return not is_blank(part_of(document, code))


def day_of(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
