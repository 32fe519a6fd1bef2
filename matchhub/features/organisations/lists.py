"""The lists of organisations as they are taken away: what their pages show, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.core.listing import Filters
from matchhub.documents.table import FIELDS, ORGANISATION, PLACES, REF, STATE, Column, Kind, Listed, Table, state, words
from matchhub.domain import reference
from matchhub.domain.models import Organisation, User
from matchhub.features.organisations import queries

HUB, GRADE = Column(_l("枢纽型")), Column(_l("评估等级"))
ORGANISATIONS = Table("organisations", _l("社会组织"), (
    REF, ORGANISATION, STATE, FIELDS, PLACES, HUB, GRADE, Column(_l("简介"), Kind.LONG),
))  # fmt: skip
OFFICE = Table("office-organisations", _l("街道的社会组织"), (
    REF, ORGANISATION, STATE, FIELDS, GRADE, Column(_l("信用")), Column(_l("登记证书到期"), Kind.DAY),
))  # fmt: skip


def public(user: User | None, wanted: Filters) -> Listed:
    def rows(found: Sequence[Organisation]) -> Iterator[Sequence[Any]]:
        codes = queries.codes_of(found)
        for one in found:
            known = codes[one.id]
            yield (
                one.ref, one.name, state(one), words("field", known.get("field")),
                words("community", known.get("community")), _("是") if one.is_hub else None,
                reference.word("grade", one.grade), one.intro,
            )  # fmt: skip

    return Listed(ORGANISATIONS, queries.listed(user, wanted), rows, wanted.conditions())


def office(user: User, wanted: Filters) -> Listed:
    def rows(found: Sequence[Organisation]) -> Iterator[Sequence[Any]]:
        codes, expiries = queries.codes_of(found), queries.expiries(found)
        for one in found:
            standing = _("信用异常") if one.in_bad_standing else None
            fields, grade = words("field", codes[one.id].get("field")), reference.word("grade", one.grade)
            yield one.ref, one.name, state(one), fields, grade, standing, expiries.get(one.id)

    return Listed(OFFICE, queries.listed(user, wanted), rows, wanted.conditions())
