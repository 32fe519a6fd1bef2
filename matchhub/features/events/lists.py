"""The lists of events as they are taken away: what their pages show, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matchhub.core.i18n import _l
from matchhub.core.listing import Filters
from matchhub.documents.table import REF, STATE, Column, Kind, Listed, Table, state
from matchhub.domain import reference
from matchhub.domain.models import Event, User
from matchhub.features.events import queries

TITLE, KIND = Column(_l("活动"), Kind.LONG), Column(_l("类型"))
STARTS, ENDS = Column(_l("开始时间"), Kind.MOMENT), Column(_l("结束时间"), Kind.MOMENT)
EVENTS = Table("events", _l("路演活动"), (REF, TITLE, KIND, STATE, STARTS, ENDS, Column(_l("地点"), Kind.LONG)))
OFFICE = Table("office-events", _l("街道的活动和路演"), (
    REF, TITLE, KIND, STATE, STARTS, ENDS, Column(_l("地点"), Kind.LONG), Column(_l("报名人数"), Kind.NUMBER),
    Column(_l("名额"), Kind.NUMBER), Column(_l("签到人数"), Kind.NUMBER),
))  # fmt: skip


def _common(event: Event) -> tuple[Any, ...]:
    kind = reference.word("event_kind", event.kind)
    return event.ref, event.title, kind, state(event), event.starts_at, event.ends_at, event.place


def public(wanted: Filters) -> Listed:
    return Listed(EVENTS, queries.listed(None, wanted), lambda events: map(_common, events), wanted.conditions())


def office(user: User, wanted: Filters) -> Listed:
    def rows(events: Sequence[Event]) -> Iterator[Sequence[Any]]:
        numbers = queries.turnouts(events)
        for event in events:
            turnout = numbers[event.id]
            yield *_common(event), turnout.registered, event.capacity, turnout.checked_in

    return Listed(OFFICE, queries.listed(user, wanted), rows, wanted.conditions())
