"""Writes packages piece by piece, so that a file of any length needs the memory of one record."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from matchhub.documents.opendata.columns import GIVING, OCDS, Column

BOM = "\ufeff"
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def package(head: Mapping[str, Any], key: str, items: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One JSON object: the members of `head`, then the list `key`; a line for each item."""
    yield _json(head)[:-1] + f',"{key}":['
    for number, item in enumerate(items):
        yield (",\n" if number else "\n") + _json(item)
    yield "\n]}\n"


def _json(item: Mapping[str, Any]) -> str:
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"))


def ocds_table(releases: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One line for each need, columns named by their paths in OCDS."""
    return _table(OCDS, releases)


def giving_table(grants: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One line for each grant, with the column titles of 360Giving."""
    return _table(GIVING, grants)


def _table(columns: tuple[Column, ...], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.title for column in columns])
    yield BOM + out.getvalue()
    for row in rows:
        out.seek(0)
        out.truncate()
        writer.writerow([guarded(look_up(row, column.path)) for column in columns])
        yield out.getvalue()


def look_up(row: Any, path: str) -> Any:
    """The value at a path like `awards/0/value/amount`; `*` joins what every member of a list has there."""
    first, _slash, rest = path.partition("/")
    if not first:
        return row
    if first == "*":
        return "; ".join(str(look_up(one, rest)) for one in row or ())
    if isinstance(row, list):
        return look_up(row[int(first)], rest) if int(first) < len(row) else ""
    if not isinstance(row, Mapping) or first not in row:
        return ""
    return look_up(row[first], rest)


def guarded(cell: Any) -> str:
    """A cell that no spreadsheet takes for a formula; a plain number stays one."""
    text = str(cell)
    if _NUMBER.fullmatch(text):
        return text
    return f"'{text}" if _FORMULA.match(text) else text
