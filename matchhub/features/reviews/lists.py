"""The list of review rounds as it is taken away: what its page shows, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matchhub.core.i18n import _, _l
from matchhub.core.listing import Condition
from matchhub.documents.table import REF, STATE, Column, Kind, Listed, Table, state
from matchhub.domain import lifecycle
from matchhub.domain.models import ReviewRound, RoundState, User
from matchhub.features.reviews import queries

ROUNDS = Table("rounds", _l("评审"), (
    REF, Column(_l("需求"), Kind.LONG), STATE, Column(_l("评审人数"), Kind.NUMBER), Column(_l("申报数"), Kind.NUMBER),
    Column(_l("已提交评分"), Kind.NUMBER), Column(_l("评分截止"), Kind.MOMENT),
))  # fmt: skip


def rounds(user: User, wanted: str) -> Listed:
    def rows(found: Sequence[ReviewRound]) -> Iterator[Sequence[Any]]:
        for row in queries.with_counts(found):
            one = row.round
            yield one.ref, one.need.title, state(one), row.reviewers, row.applications, row.submitted, one.due_at

    known = wanted in set(RoundState)
    words = lifecycle.LIVES[ReviewRound].words
    shown = [Condition("state", wanted, _(words[RoundState(wanted)]))] if known else []
    return Listed(ROUNDS, queries.listed(user, wanted), rows, shown)
