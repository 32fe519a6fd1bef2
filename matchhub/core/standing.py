"""Questions that are asked again and again with other values: their select is built once in a process.

Building a long select costs more than answering it. A standing select therefore holds nothing of a person or of a
moment: what differs is a named parameter, given when it is asked, or is read from the clock at that time (NOW, TODAY).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, ParamSpec, cast
from weakref import WeakSet

import sqlalchemy as sa

from matchhub.core import clock

P = ParamSpec("P")

NOW = sa.bindparam("now", callable_=clock.now, type_=sa.DateTime)
TODAY = sa.bindparam("today", callable_=clock.today, type_=sa.Date)

_standing: WeakSet[Any] = WeakSet()


def standing(build: Callable[P, Any]) -> Callable[P, Any]:
    """Build a select once for each way of asking (few: arguments are flags, never data)."""

    @lru_cache(maxsize=16)
    def built(*ways: Any) -> Any:
        select = build(*ways)  # type: ignore[call-arg]
        _standing.add(select)
        return select

    return cast("Callable[P, Any]", built)


def stands(select: Any) -> bool:
    """Whether this select was built to be asked again."""
    return select in _standing
