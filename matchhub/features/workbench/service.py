"""The one deed of the desk itself: verifying the ledger, on record."""

from __future__ import annotations

from matchhub.core import ledger
from matchhub.core.db import command
from matchhub.core.ledger import Verdict
from matchhub.domain.models import User


@command
def verify_ledger(actor: User) -> Verdict:
    """Recompute the whole chain, and record who did so and what was found."""
    verdict = ledger.verify()
    ledger.record(
        actor,
        "ledger.verify",
        "ledger:chain",
        {"rows": verdict.rows, "head": verdict.head, "broken_at": verdict.broken_at},
    )
    return verdict
