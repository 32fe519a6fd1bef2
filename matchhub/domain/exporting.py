"""What happens when somebody takes a list away: how much and how often, and what the ledger keeps of it.

The ledger holds the list, the chosen codes and the number of rows. What somebody typed may name a person: of it the
ledger only says that words were typed. A visitor's export names nobody: where it came from is counted by the throttle
for five minutes and then forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matchhub.core import ledger
from matchhub.core.db import command
from matchhub.core.errors import NotNow
from matchhub.core.i18n import _
from matchhub.core.listing import Condition
from matchhub.domain import throttle
from matchhub.domain.models import User

# More rows than this nobody reads as one list, and none is left out silently: the reader is asked to narrow it.
MOST_ROWS = 20_000
# Within five minutes.
PER_VISITOR, PER_ACCOUNT = 5, 30


def too_many() -> NotNow:
    """Why a list cannot be taken away as it is."""
    return NotNow(_("符合条件的超过 %(n)s 行，一个文件放不下。请先加一些筛选条件，再分几次导出。", n=MOST_ROWS))


@command
def begin(user: User | None, address: str) -> None:
    """Count one export before it is made. Raises throttle.TooMany."""
    key = throttle.address_key(address, "export") if user is None else f"export:{user.id}"
    throttle.reserve({key: PER_VISITOR if user is None else PER_ACCOUNT})


@command
def note(user: User | None, code: str, conditions: Sequence[Condition], rows: int) -> None:
    """Put on record that the list `code` was taken away."""
    chosen: dict[str, Any] = {}
    for one in conditions:
        if one.code:
            chosen.setdefault(one.name, []).append(one.code)
        else:
            chosen[one.name] = True
    ledger.record(user or ledger.VISITOR, "list.export", f"list:{code}", {"filter": chosen, "rows": rows})
