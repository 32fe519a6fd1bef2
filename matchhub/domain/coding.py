"""The codes that a need, an organisation or an account carries: fields, target groups, communities, expertise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from matchhub.core.db import db
from matchhub.domain.models import Need, Organisation, User, need_code, organisation_code, user_code

TABLES: dict[type, tuple[sa.Table, str]] = {
    Need: (need_code, "need_id"),
    Organisation: (organisation_code, "organisation_id"),
    User: (user_code, "account_id"),
}


Codes = dict[int, dict[str, list[str]]]


def codes_for(kind_of_row: type, ids: Iterable[int]) -> Codes:
    """For each id the codes by kind: one statement for a whole list."""
    wanted = list(ids)
    return grouped(wanted, db.session.execute(asked_for(kind_of_row, wanted)) if wanted else ())


def asked_for(kind_of_row: type, ids: Sequence[int]) -> sa.Select[int, str, str]:
    """The select behind `codes_for`, for pages that ask several things together."""
    table, key = TABLES[kind_of_row]
    return sa.select(table.c[key], table.c.kind, table.c.code).where(table.c[key].in_(ids))


def grouped(ids: Iterable[int], rows: Iterable[Any]) -> Codes:
    """The rows of `asked_for` as `codes_for` gives them."""
    found: Codes = {row_id: {} for row_id in ids}
    for row_id, kind, code in sorted(rows):
        found[row_id].setdefault(kind, []).append(code)
    return found


def codes_of(row: Need | Organisation | User) -> dict[str, list[str]]:
    """The codes of one row by kind: {"field": [...], "target_group": [...], "community": [...]}."""
    return codes_for(type(row), [row.id])[row.id]


def set_codes(row: Need | Organisation | User, kind: str, codes: Iterable[str]) -> None:
    """Replace the codes of one kind, inside the present command."""
    table, key = TABLES[type(row)]
    db.session.flush()
    db.session.execute(table.delete().where(table.c[key] == row.id, table.c.kind == kind))
    rows = [{key: row.id, "kind": kind, "code": code} for code in dict.fromkeys(codes)]
    if rows:
        db.session.execute(table.insert(), rows)


def has_code(kind_of_row: type, kind: str, code: str) -> sa.ColumnElement[bool]:
    """WHERE clause: the row carries this code."""
    table, key = TABLES[kind_of_row]
    return sa.exists().where(table.c[key] == kind_of_row.id, table.c.kind == kind, table.c.code == code)  # type: ignore[attr-defined]
